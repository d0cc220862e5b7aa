"""Event kinds, keys, paths and cron lines in the documentation exist in the program, its units and its package."""
import glob
import os
import re
import unittest

import doc_facts
import pages
import wire

PAGES = ("README.md", "README.es.md", "CHANGELOG.md",
         *(f"docs/{os.path.basename(path)}" for path in sorted(glob.glob(os.path.join(pages.SOURCE, "docs/*.md")))))
MAN_PAGES = ("docs/man/cinta.1", "docs/man/cinta.conf.5")
SAMPLE = "etc/cinta.conf"
MADE = {  # path: the command that creates it, on the same page
    "/etc/cinta/password.cred": "systemd-creds encrypt --name=cinta-password /etc/cinta/password",
    "/etc/cinta/veta": "cinta init --db /var/lib/cinta/veta/cinta.db --state-dir /var/lib/cinta/veta /etc/cinta/veta",
    "/etc/systemd/system/cinta-veta.service": ">/etc/systemd/system/cinta-veta.service",
    "/usr/local/sbin/cinta-start": "# /usr/local/sbin/cinta-start: ",
    "/var/lib/cinta/backup.db": "cinta backup --force /var/lib/cinta/backup.db",
    "/var/lib/cinta/before-upgrade.db": "cinta backup --force /var/lib/cinta/before-upgrade.db",
    "/var/lib/cinta/cinta.pid": "echo $! >cinta.pid",
    "/var/lib/cinta/veta": "--state-dir /var/lib/cinta/veta",
}
MADE |= {f"/etc/cinta/{name}": f"/etc/cinta/{name}, mode 0640, group cinta" for name in ("telegram", "ntfy", "mail")}
MADE["/etc/cinta/veta/cinta.conf"] = MADE["/etc/cinta/veta"]
MADE["/var/lib/cinta/veta/cinta.db"] = MADE["/etc/cinta/veta"]


class Facts(wire.WireTest):
    def assert_right(self, check, *known, names=PAGES):
        for name in names:
            with self.subTest(name):
                self.assertEqual(check(pages.text_of(name), *known), [])

    def check(self):
        """The output of `cinta check` for a configuration with all defaults."""
        self.write("password", "x\n")
        text = (f'broker {{ url = "https://api.example.test/" user = "u" password_file = "{self.path("password")}" }}\n'
                'instruments { symbols = {"A"} }\n')
        done = self.cinta("check", "-c", self.write("some.conf", text))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def checked(self):
        """{key: value} printed by `cinta check`."""
        return dict(re.findall(r"^(\S+) *= (.*?) +# ", self.check(), re.M))

    def names_of_the_database(self):
        """(kinds of events; names of tables, views, indexes, columns and pragmas) of a database created by the program."""
        self.start_sim()
        self.configure()
        self.start_run().wait_line("event=started")
        first = lambda *query: [row[0] for row in self.sql(*query)]
        names = first("select name from sqlite_master")
        columns = [column for table in names for column in first("select name from pragma_table_xinfo(?)", table)]
        pragmas = first("select name from pragma_pragma_list")
        return set(first("select kind from event_kind")), {*names, *columns, *pragmas}

    def test_kinds_of_events(self):
        kinds, names = self.names_of_the_database()
        self.assertGreater(len(set(doc_facts.kinds_named("".join(map(pages.text_of, PAGES))))), 30)
        self.assert_right(doc_facts.wrong_kinds, kinds, names=(*PAGES, *MAN_PAGES, SAMPLE))
        names |= {key.split(".")[-1] for key in self.checked()} | words_of_the_sources()
        self.assert_right(doc_facts.wrong_words, kinds | names)

    def test_keys(self):
        keys = set(self.checked())
        self.assert_right(doc_facts.wrong_keys, keys)
        for read, name in ((doc_facts.keys_of_manual, "docs/configuration.md"),
                           (doc_facts.keys_of_man_page, "docs/man/cinta.conf.5")):
            named = set(read(pages.text_of(name)))
            self.assertEqual(named - keys, set(), name)
            later = set(re.findall(r"^(\S+) .*no effect yet", self.check(), re.M))  # keys without effect yet are only listed
            self.assertEqual(keys - later - named, set(), name)

    def known_paths(self):
        values = self.checked()
        unit = pages.text_of("etc/cinta.service")
        help_text = self.cinta("help", "run").stdout
        known = {values[key].strip('"') for key in ("store.path", "export.out", "state_dir")}
        known |= {f"{values['store.path']}-{ending}".replace('"', "") for ending in ("wal", "shm")}
        known |= {"/etc/cinta", re.search(r"/etc/cinta/cinta\.conf", help_text)[0],
                  re.search(r"LoadCredential=cinta-password:(\S+)", unit)[1],
                  "/var/lib/" + re.search(r"^StateDirectory=(.*)$", unit, re.M)[1],
                  "/run/" + re.search(r"^RuntimeDirectory=(.*)$", unit, re.M)[1]}
        for path in glob.glob(os.path.join(pages.SOURCE, "etc/*.*")):
            name = os.path.basename(path)
            folder = "lib/systemd/system" if name.endswith((".service", ".timer")) else "usr/local/share/doc/cinta"
            known.add(f"/{folder}/{name}")
        return known | {f"/usr/{local}bin/cinta" for local in ("", "local/")}

    def test_paths(self):
        known = self.known_paths()
        for name in (*PAGES, *MAN_PAGES, SAMPLE, *glob.glob(os.path.join(pages.SOURCE, "etc/*.*r"))):
            page = pages.text_of(name).replace("\\-", "-")
            here = {path for path, command in MADE.items() if command in page}
            here |= {f"/etc/cron.d/{file}" for file in re.findall(r"`/etc/cron\.d/(\S+)`", page)}
            with self.subTest(name):
                self.assertEqual(doc_facts.wrong_paths(page, known | here), [])
        self.assert_right(doc_facts.wrong_source_paths)

    def test_cron(self):
        self.assertGreaterEqual(sum(len(list(doc_facts.cron_lines(pages.text_of(name)))) for name in PAGES), 4)
        self.assert_right(doc_facts.wrong_cron)

    def test_the_password_is_alone_in_its_file(self):
        self.checked()
        self.write("password", "x\na second line\n")
        done = self.cinta("check", "-c", self.path("some.conf"))
        self.assertEqual(done.returncode, 78)
        for name in ("docs/configuration.md", "docs/service.md", *MAN_PAGES[1:], SAMPLE):
            page = " ".join(pages.text_of(name).split())
            self.assertTrue("on one line" in page and "first line" not in page, name)


def words_of_the_sources():
    """The words in string literals of the program: JSON members, fault options, SQL names."""
    texts = (pages.text_of(path) for kind in ("src/**/*.c", "include/**/*.h")
             for path in glob.glob(os.path.join(pages.SOURCE, kind), recursive=True))
    return {word for text in texts for string in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)
            for word in re.findall(r"[a-z][a-z0-9_]+", string)}


class Mistakes(unittest.TestCase):
    """Each check of doc_facts finds the errors that it is for."""

    def test_kinds(self):
        for page in ("| what | `feed_log` kind |\n|---|---|\n| a | `started`, `stop` |\n",
                     "| reason | it means |\n|---|---|\n| `stop` | b |\n", "Event `stop`.",
                     "events `started` and `stop`", "evento `stop`", "select 1 from feed_log where kind = 'stop'",
                     "WHERE ts > 1 AND kind IN ('started',\n 'stop')"):
            self.assertEqual(doc_facts.wrong_kinds(page, {"started"}), ["no such kind of event: stop"], page)
        self.assertEqual(len(doc_facts.wrong_words("`login_denied`", {"login_refused"})), 1)

    def test_keys(self):
        keys = {"poll.rate", "store.path", "state_dir"}
        for page in ("`poll.speed`", "`polling.rate`", "`poll.speed = 2`", "section `polling`", "sección `polling`"):
            self.assertEqual(len(doc_facts.wrong_keys(page, keys)), 1, page)
        self.assertEqual(doc_facts.wrong_keys("`poll.rate` `poll.rate = 2` `cinta.conf` `store.md` section `store`", keys), [])
        self.assertEqual(list(doc_facts.keys_of_manual("## poll\n\n| `rate` | `1` | a |\n\n## the rest\n"
                                                       "| `state_dir` | b |\n")), ["poll.rate", "state_dir"])
        self.assertEqual(list(doc_facts.keys_of_man_page(".SS poll\n.TP\n.B rate\na\n.SS b\n")), ["poll.rate"])

    def test_paths(self):
        known = {"/etc/cinta", "/usr/bin/cinta"}
        self.assertEqual(doc_facts.wrong_paths("in /etc/cinta/ or `/usr/bin/cinta run`", known), [])
        for page in ("/etc/cinta.conf", "`/usr/sbin/cinta run`", "/var/lib/cinta2/"):
            self.assertEqual(len(doc_facts.wrong_paths(page, known)), 1, page)
        self.assertEqual(doc_facts.wrong_source_paths("`src/<room>/x.c` `net/http` `scripts/test`"), [])
        self.assertEqual(len(doc_facts.wrong_source_paths("`net/https` `scripts/tests` `docs/none.md`")), 3)

    def test_options(self):
        told = (".SS sync\n.TP\n.BR \\-c \", \" \\-\\-config \" \" \\fIFILE\\fR\na\n.TP\n"
                ".BR \\-\\-how \" \" \\fIHOW\\fR \", \" \\-\\-dry\\-run\nb\n.SH FILES\n.TP\n.B \\-\\-none\n")
        text = ("usage: cinta sync [-c FILE]\n\n  -c, --config FILE      a\n      --how fast|slow\n"
                "                         b\n      --dry-run          c\n\n  cinta sync --now\n")
        self.assertEqual(doc_facts.wrong_options("sync", text, told), [])
        for right, wrong in (("-c, ", "-d, "), ("-c, ", "    "), ("--config FILE", "--config DIR "), ("--how fast|slow", "--how"),
                             ("--dry-run", "--dry-runs"), ("--dry-run  ", "--dry-run N"),
                             ("  -c, --config FILE      a\n", "")):
            self.assertTrue(doc_facts.wrong_options("sync", text.replace(right, wrong, 1), told), (right, wrong))
        self.assertTrue(doc_facts.wrong_options("sync", text + "      --now          d\n", told))
        self.assertEqual(len(doc_facts.wrong_options("other", text, told)), 3)

    def test_cron(self):
        told = "In `/etc/cron.d/cinta` (cron uses the machine's time zone: 20:30 UTC is 17:30 in Argentina):\n\n"
        line = "30 20 * * 1-5 cinta /usr/bin/cinta export"
        page = f"{told}```cron\n{line}\n```\n"
        self.assertEqual(doc_facts.wrong_cron(page), [])
        for right, wrong in (("`/etc/cron.d/cinta`", "crontab"), ("cron.d/cinta", "cron.d/cinta.cron"),
                             (" cinta /usr", " /usr"), (" cinta /usr", " alice /usr"), ("/usr/bin/", ""),
                             ("/usr/bin/", "/usr/local/bin/"), ("30 20", "30 24"), ("30 20", "61 20"), ("1-5", "1-9"),
                             ("30 20", "30 17"), ("17:30", "16:30"), ("the machine's time zone", "its zone"),
                             ("cinta export", "cinta export --out %d"), ("* * 1-5", "* 1-5")):
            self.assertTrue(doc_facts.wrong_cron(page.replace(right, wrong)), (right, wrong))
        inline = f"## Without systemd\n\n{told.strip()} `{line}`"
        self.assertEqual(len(doc_facts.wrong_cron(inline)), 1)
        self.assertEqual(doc_facts.wrong_cron(inline.replace("/usr/bin", "/usr/local/bin")), [])


if __name__ == "__main__":
    wire.main()
