"""The runner of fault scripts itself: what must fail fails, at the right line, and the commands are documented.

    test_runner.py SCENARIO
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

RUNNER = sys.argv.pop(1)
FOLDER = pathlib.Path(__file__).parent

START = "# A comment.\nstart\n"
QUIET = "# A comment.\nconfig: stream { enable = false }\nallow login\nstart\n"

# What the script is after its beginning, the line that must be named, and the words.
FAILING = {
    "no comment": ("start\n", 1, "a script begins with a comment"),
    "no start": ("# A comment.\npass 1 s\n", 2, "without having started the service"),
    "misspelt command": (QUIET + "pas 1 s\n", 5, "'pas' is not a command"),
    "misspelt word": (QUIET + "data answrs 200\n", 5, "ENDPOINT answers STATUS"),
    "misspelt unit": (QUIET + "pass 1 sec\n", 5, "pass DURATION"),
    "word too many": (QUIET + "pass 1 s or so\n", 5, "pass DURATION"),
    "word missing": (QUIET + "stream closes\n", 5, "stream closes NUMBER"),
    "text missing": (QUIET + "data answers 200 page\n", 5, "ENDPOINT answers STATUS page: TEXT"),
    "text too much": (QUIET + "mark: here\n", 5, "allowed:\n    mark"),
    "nothing before the colon": (QUIET + ": text\n", 5, "no command before the colon"),
    "unknown instrument": (QUIET + "stream silent SIM/20\n", 5, "stream silent SYMBOL"),
    "unknown event": (QUIET + "journal stream_openned\n", 5, "journal KIND"),
    "unknown allowed event": (QUIET + "allow logins\n", 5, "'logins' is not a kind of event"),
    "unknown counter": (QUIET + "expect connects 1\n", 5, "'connects' is not counted"),
    "unknown value of status": (QUIET + "pass 1 s\nexpect status feed.mode: polling\n", 6, "has no feed.mode"),
    "unknown failure": (QUIET + "data fails badly\n", 5, "'badly' is not a failure"),
    "unknown moment": (QUIET + "pass 1 s\nmoment a\nstop\nexpect covered SIM/00 1 s between a b\n", 8,
                       "there is no moment 'b'"),
    "status out of range": (QUIET + "data answers 20 page: x\n", 5, "ENDPOINT answers"),
    "too late for it": (QUIET + "instruments 3\n", 5, "only before the service is started"),
    "started twice": (QUIET + "start\n", 5, "runs already"),
    "not started": ("# A comment.\nstop\n", 2, "start it first"),
    "coverage while it runs": (QUIET + "pass 1 s\nexpect gap SIM/00 1 s\n", 6, "stop it first"),
    "wrong configuration": ("# A comment.\nconfig: poll { rate = x }\nstart\n", 3, "rate"),
    # expectations
    "wrong number": (QUIET + "pass 10 s\nexpect logins 2\n", 6, "expect logins 2: found 1"),
    "number too high": (QUIET + "pass 10 s\nexpect requests <= 3\n", 6, "expect requests <= 3: found"),
    "number too low": (QUIET + "pass 10 s\nexpect requests >= 1000\n", 6, "expect requests >= 1000: found"),
    "number out of its range": (QUIET + "pass 10 s\nexpect logins 2 to 3\n", 6, "found 1"),
    "mark begins a count": (QUIET + "pass 10 s\nmark\nexpect logins 1\n", 7, "found 0"),
    "wrong mode": (QUIET + "pass 10 s\nexpect mode: streaming\n", 6, "it is polling"),
    "wrong not mode": (QUIET + "pass 10 s\nexpect mode not: polling\n", 6, "it is"),
    "wrong text of status": (QUIET + "pass 10 s\nexpect status polling.outage: pages\n", 6, "it is null"),
    "wrong number of status": (QUIET + "pass 10 s\nexpect status polling.dropped 1\n", 6, "it is 0"),
    "lag": (QUIET + "pass 10 s\ndata fails timeout\npass 1 min\ndata answers normally\npass 2 min\nexpect lag <= 2 s\n",
            10, "expect lag <= 2 s: found"),
    "rate": (QUIET + "pass 10 s\nexpect rate <= 3\n", 6, "expect rate <= 3: found"),
    "wrong source": (QUIET + "pass 10 s\nexpect source SIM/00 stream\n", 6, "it is rest"),
    "wrong price": (QUIET + "market rests\npass 10 s\nexpect recorded SIM/00 7\n", 7, "the recorded price is 10"),
    "gap": (QUIET + "pass 1 min\nstop\nexpect gap SIM/00 1 min\n", 7, "found"),
    "covered": (QUIET + "pass 1 min\nmoment a\npass 1 min\nmoment b\nstop\nexpect covered SIM/00 0 s between a b\n",
                10, "found 5"),
    "reason of an end": (QUIET + "pass 1 min\nstop\nexpect ended SIM/00 overdue 1\n", 7, "found 0"),
    "not listed": (QUIET + "pass 1 s\nexpect listed store_delayed: full\n", 6, "not listed"),
    "end that did not happen": (QUIET + "pass 1 s\nexpect end refused: x\n", 6, "the service runs"),
    # the journal
    "missing event": (QUIET + "pass 10 s\njournal broker_down\n", 6, "no event broker_down"),
    "missing text": (QUIET + "pass 10 s\njournal login: as nobody\n", 6, "no event login: as nobody"),
    "event before its time": (QUIET + "pass 10 s\njournal login after >= 5 s\n", 6, "0.040 s after the mark"),
    "event after its time": (QUIET + "pass 10 s\njournal login after <= 30 ms\n", 6, "0.040 s after the mark"),
    "events in another order": (START + "pass 10 s\njournal login\njournal streaming\njournal stream_open\n", 5,
                                "unexpected event before the one that is expected: stream_open"),
    "same event twice": (QUIET + "pass 10 s\njournal login\njournal login\n", 7, "no event login"),
    "unexpected event": (START + "pass 10 s\n", 3, "unexpected event that the script does not mention: login"),
    "unexpected event before": (START + "pass 10 s\njournal stream_open\n", 4,
                                "unexpected event before the one that is expected: login"),
    "event count": (QUIET + "pass 10 s\nexpect events login 2\n", 6, "found 1"),
    "last event": (QUIET + "pass 10 s\nexpect last login: as nobody\n", 6, "it is: logged in as u"),
    # what every run checks
    "price not recorded": (QUIET + "allow no_data\npass 10 s\n"
                           "data SIM/03 answers 200 error: No hay Market Data para SIM/03\nprice SIM/03 1\n",
                           8, "the price of SIM/03 is 1"),
    "price not recorded, others excepted": (
        QUIET + "allow no_data\npass 10 s\ndata SIM/03 answers 200 error: No hay Market Data para SIM/03\n"
        "price SIM/03 1\nsettle except SIM/04 SIM/05\n", 9, "the price of SIM/03 is 1"),
    "ended by itself": (QUIET.replace("start", "login answers 401\nstart") + "allow login_refused\npass 1 s\n", 7,
                        "the service ended by itself"),
    "not running any more": (QUIET + "pass 1 s\nstop\nreload\n", 7, "does not run any more"),
    # blocks and cases
    "block not closed": ("# A comment.\nrepeat 2\nstart\n", 3, "end is missing"),
    "end of nothing": ("# A comment.\nend\n", 2, "there is no block here"),
    "or of repeat": ("# A comment.\nrepeat 2\nor\nend\n", 3, "this block is no either"),
    "repeat without number": (QUIET + "repeat\nend\n", 5, "repeat takes a number"),
    "line in repeat": (QUIET + "repeat 3\npass 1 s\nexpect logins 0 in all\nend\n", 7, "found 1"),
    "value missing": ("# A comment.\ncase one | a\nstart $2\n", 3, "$2: the case has 1 values"),
    "second case": ("# A comment.\ncase one | 1\ncase two | 2\nconfig: stream { enable = false }\nallow login\nstart\n"
                    "pass 9 s\nexpect logins $1\n", 8, "case two: expect logins 2: found 1"),
}

HOLDING = {
    "blocks": QUIET + "pass 1 s\nmark\nrepeat 3\n  pass 1 min\n  repeat 2\n    reload\n    pass 1 s\n  end\nend\n"
              "allow config_reloaded\nexpect events config_reloaded 6\n",
    "either": QUIET + "mark\nrepeat 30\n  either\n    data answers normally\n  or\n    either\n      pass 1 s\n"
              "    or\n      pass 1 s\n    end\n  end\nend\nexpect requests 100 to 500\n",
    "cases": "# A comment.\ncase one | config: stream { enable = false } | 10 s\n"
             "case two | config: stream { enable = false } | 20 s\n$1\nstart\npass $2\njournal login\n",
    "exception": QUIET + "allow no_data\npass 10 s\n"
                 "data SIM/03 answers 200 error: No hay Market Data para SIM/03\nprice SIM/03 1\nsettle except SIM/03\n",
    "an end by itself": QUIET.replace("start", "login answers 401\nstart") +
                        "pass 1 s\nexpect end refused: refused user or password\nallow login_refused\n",
}


def run(*args):
    return subprocess.run([RUNNER, *args], capture_output=True, text=True)


def run_text(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "script.txt")
        path.write_text(text, encoding="utf-8")
        return run(path)


class Runner(unittest.TestCase):
    def test_what_must_fail_fails(self):
        for name, (text, line, words) in FAILING.items():
            with self.subTest(name):
                done = run_text(text)
                self.assertEqual(done.returncode, 1, done.stderr)
                message = done.stderr.split("the last events")[0]
                self.assertRegex(message, rf"script\.txt:{line}: ")
                self.assertIn(words, message)

    def test_what_holds_passes(self):
        for name, text in HOLDING.items():
            with self.subTest(name):
                done = run_text(text)
                self.assertEqual((done.returncode, "script.txt" in done.stderr), (0, False), done.stderr)

    def test_all_files_are_run(self):
        good = QUIET + "pass 10 s\n"
        with tempfile.TemporaryDirectory() as folder:
            paths = [pathlib.Path(folder, f"{i}.txt") for i in range(3)]
            for path in paths:
                path.write_text(good, encoding="utf-8")
            self.assertEqual(run(*paths).returncode, 0)
            paths[1].write_text(good + "expect logins 3\n", encoding="utf-8")
            self.assertEqual(run(*paths).returncode, 1)
            paths[1].unlink()
            self.assertIn("1.txt:0: No such file", run(*paths).stderr)
        self.assertEqual(run().returncode, 1)

    def test_the_journal_is_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "script.txt")
            path.write_text(QUIET + "pass 10 s\n", encoding="utf-8")
            self.assertIn("logged in as u", run("--journal", path).stdout)

    def test_every_command_is_documented(self):
        forms = run("--commands").stdout.splitlines()
        text = (FOLDER / "README.md").read_text(encoding="utf-8")
        documented = set(re.findall(r"`([^`]+)`", re.sub(r"(?s)```.*?```", "", text)))
        self.assertGreater(len(forms), 60)
        self.assertEqual([form for form in forms if form not in documented], [])

    def test_every_script_has_a_number_of_its_own(self):
        names = sorted(path.name for path in FOLDER.glob("faults/*"))
        for name in names:
            self.assertRegex(name, r"^[0-9]{2,3}-[a-z0-9-]+\.txt$")
        numbers = [name.split("-")[0] for name in names]
        self.assertEqual([number for number in numbers if numbers.count(number) > 1], [])

    def test_every_command_is_used(self):
        lines = [line.strip() for path in FOLDER.glob("faults/*.txt")
                 for line in re.sub(r"\| *", "\n", path.read_text(encoding="utf-8")).splitlines()]
        for form in run("--commands").stdout.splitlines():
            form = form.removeprefix("ENDPOINT answers ")  # a case may begin after it
            pattern = re.compile(re.sub(r"\b[A-Z]{4,}\b", r".+", re.escape(form).replace("\\ ", " ")) + "$")
            self.assertTrue(any(map(pattern.search, lines)), f"no script uses: {form}")


if __name__ == "__main__":
    unittest.main()
