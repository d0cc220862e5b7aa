"""Runs every command and query of the documentation, against the simulator and a running service.

Commands that are not run are listed in NOT_HERE with the reason; all others must succeed.
"""
import functools
import importlib.util
import os
import re
import signal
import sqlite3
import subprocess
import sys
import unittest

import pages
import wire

READMES = ("README.md", "README.es.md")
PAGES = (*READMES, *(f"docs/{name}.md" for name in
                     ("operations", "service", "export", "simulator", "configuration", "alerts")))

# Commands that are not run here, by reason.
NOT_HERE = {
    "builds from the source, as scripts/test does, which runs this test": (
        "git clone <this repository> cinta && cd cinta", "scripts/demo", "scripts/test", "scripts/bench --quick",
        "scripts/check-debian 13", "scripts/package", "git pull && scripts/package"),
    "changes the machine: tests/package installs, upgrades, removes and purges": (
        "apt install ./build/release/cinta_*.deb", "apt install ./cinta_<new>_amd64.deb",
        "apt install --allow-downgrades ./cinta_0.1.0_amd64.deb", "apt remove cinta", "apt purge cinta"),
    "changes the machine: test_service_files.py creates user and folder in another root": (
        "systemd-sysusers && systemd-tmpfiles --create cinta.conf && systemctl daemon-reload",
        "useradd --system --home-dir /var/lib/cinta --shell /usr/sbin/nologin cinta",
        "usermod -aG cinta alice", "apt install systemd-timesyncd"),
    "needs systemd as PID 1: test_service_files.py checks the units": (
        "systemctl status", "systemctl status cinta", "systemctl is-active cinta", "systemctl reset-failed cinta",
        "systemctl edit cinta", "systemctl kill --signal=USR1 cinta", "systemctl enable --now cinta-export.timer",
        "systemctl enable --now cinta-veta", "systemctl enable systemd-time-wait-sync.service", "timedatectl status",
        "journalctl -u cinta", "journalctl -u cinta -f", "journalctl -u cinta -n 50",
        "journalctl -u cinta -p warning --since today",
        "systemd-creds encrypt --name=cinta-password /etc/cinta/password /etc/cinta/password.cred"),
    "needs a second user": (
        "su -s /bin/bash - cinta", "chown -R cinta: /var/lib/cinta", "chown cinta /etc/cinta/password",
        "install -d -m 750 -o cinta -g cinta /var/lib/cinta"),
    "interactive, or done by wire.configure": (
        "editor /etc/cinta/cinta.conf", "editor /etc/cinta/password", "install -d -m 755 /etc/cinta",
        "install -m 600 /dev/null /etc/cinta/password && editor /etc/cinta/password",
        "install -m 600 -o cinta /dev/null /etc/cinta/password && editor /etc/cinta/password",
        "install -m 640 -g cinta etc/cinta.conf /etc/cinta/cinta.conf",
        "install -D -m 640 -g cinta /usr/local/share/doc/cinta/cinta.conf /etc/cinta/cinta.conf"),
    "needs a second machine": (
        "rsync -a old:/etc/cinta/ /etc/cinta/", "rsync -a old:/var/lib/cinta/ /var/lib/cinta/"),
    "needs two recorders: test_merge.py": ("cinta merge /srv/a.db /srv/b.db --out /srv/all.db",),
    "run by test_a_second_unit": (
        "sed 's|/etc/cinta/|/etc/cinta/veta/|' /lib/systemd/system/cinta.service"
        " >/etc/systemd/system/cinta-veta.service",),
}
SERVICE = {  # systemctl commands, and the method of Page that does the same
    "systemctl stop cinta": "stop", "systemctl start cinta": "start", "systemctl restart cinta": "restart",
    "systemctl enable --now cinta": "start", "systemctl enable --now cinta.service": "start",
    "systemctl reload cinta": "reload",
}
ENDLESS = re.compile(r"cinta (run|sim|quotes --watch)\b")
FAILS = {"cinta status -c /etc/cinta/veta/cinta.conf": 1}  # configured, but not started
FOLDERS = (("jq ", "export"),)  # prefix of commands that run in the export folder
NEEDED = 'broker { url = "https://api.example.test/" user = "u" password_file = "p" } instruments { symbols = {"A"} }'
MAY_BE_SILENT = re.compile(r"cinta export|rm |install |cinta backup")
MACHINE = re.compile(r"(cinta|scripts/\w+|sqlite3|apt|systemctl|journalctl|kill|sudo|runuser|setpriv|usermod|lslocks"
                     r"|chown) (?!-9)")


def is_not_here(command):
    return any(command in listed for listed in NOT_HERE.values())


@functools.cache
def help_of(command):
    return subprocess.run([wire.CINTA, "help", command], capture_output=True, text=True, timeout=60, check=False)


class Page(wire.WireTest):
    """A simulator and a running service; the paths of the pages are mapped to the folder of the test."""

    def setUp(self):
        super().setUp()
        bin_dir = self.path("bin")
        os.mkdir(bin_dir)
        os.symlink(os.path.abspath(wire.CINTA), os.path.join(bin_dir, "cinta"))
        self.env = {**os.environ, "CINTA_CONF": self.conf_path, "HOME": self.dir,
                    "PATH": os.pathsep.join((bin_dir, os.environ["PATH"]))}

    def record(self):
        self.start_sim("--instruments", "100", "--rate", "300")
        self.configure(stream="enable = true")
        with open(self.conf_path, "a", encoding="utf-8") as file:
            file.write(f'export {{ out = "{self.path("export")}" }}\n')
        self.start()
        self.until_rows("select count(*) from snapshots", at_least=300)
        quoted = (symbol for symbol, in self.sql("select symbol from quotes where bid_price > 0"))
        self.near, self.far = pages.by_maturity(quoted)[:2]
        self.until_rows("select count(*) from bars_1m where symbol = ?", self.near)

    # -- systemctl commands

    def start(self):
        if not hasattr(self, "service") or self.service.child.poll() is not None:
            self.start_run().wait_line("event=started")

    def stop(self):
        self.stop_run()

    def restart(self):
        self.stop()
        self.start()

    def reload(self):
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=config_reloaded")

    # -- commands, with the paths of the test

    def here(self, text):
        text = pages.as_of_today(text, self.near, self.far)
        text = re.sub(r"\b(sudo -u cinta|runuser -u cinta --|setpriv \S+ cinta .*?--clear-groups) ", "", text)
        text = re.sub(r"-o cinta -g cinta ", "", text)
        text = re.sub(r"/usr/(local/)?bin/cinta\b", "cinta", text)
        text = re.sub(r"^cinta init\b", self.answered, text)
        return re.sub(r"/(etc|var/lib)/cinta\b", self.dir, text)

    def answered(self, found):
        """Options for the questions that a terminal would ask; test_init.py tests those."""
        folder = "" if "/etc/cinta/" in found.string else self.path("init")
        return f"{found[0]} --url {self.url} --user alice --password-file {self.path('password')} {folder}"

    def shell(self, text, cwd="."):
        return subprocess.run(["sh", "-e", "-c", text], cwd=self.path(cwd), env=self.env, capture_output=True,
                              text=True, timeout=60, check=False)

    def run_command(self, command):
        if is_not_here(command):
            return
        if command in SERVICE:
            getattr(self, SERVICE[command])()
            return
        if ENDLESS.match(command):
            self.run_for_a_while(self.here(command))
            return
        text = self.here(command)
        cwd = next((folder for begin, folder in FOLDERS if command.startswith(begin)), ".")
        done = self.shell(text, cwd)
        self.assertEqual(done.returncode, FAILS.get(command, 0), f"{command}: {done.stdout}{done.stderr}")
        if not MAY_BE_SILENT.match(text) and ">" not in command:
            self.assertTrue(done.stdout, f"{command}: no output")

    def run_for_a_while(self, command):
        """Until its first line of output, then Ctrl-C."""
        process = wire.Process(["sh", "-c", "exec " + command], env=self.env, cwd=self.dir)
        self.addCleanup(process.end)
        output = process.child.stdout.readline()
        process.kill(signal.SIGINT)
        self.assertEqual((process.wait_exit(), bool(output)), (0, True), process.log())

    # -- the other languages

    def run_query(self, mark, text):
        if mark == "duckdb" and not importlib.util.find_spec("duckdb"):
            return
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        self.addCleanup(connection.close)
        rows = connection.execute(pages.as_of_today(text, self.near, self.far)).fetchall()
        self.assertTrue(rows or mark == "none", "no rows")

    def run_program(self, _, text):
        if "pandas" in text and not importlib.util.find_spec("pandas"):
            return
        done = subprocess.run([sys.executable, "-c", self.here(text)], cwd=self.dir, env=self.env, capture_output=True,
                              text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def check_configuration(self, _, text):
        if "broker {" not in text:
            text += NEEDED
        text = re.sub(r'password_file = "[^"]*"', f'password_file = "{self.path("password")}"', text)
        text = text.replace('command = "/usr/local/bin/tell"', 'command = "/bin/true"')  # it must exist
        done = self.cinta("check", "-c", self.write("piece.conf", text))
        self.assertEqual(done.returncode, 0, done.stderr)

    def run_commands(self, mark, text):
        if mark != "script":  # test_the_start_script runs the script
            for command in pages.commands(text):
                self.run_command(command)

    def run_cron(self, _, text):
        for line in pages.without_comments(text).strip().splitlines():
            command = re.fullmatch(r"(?:\S+\s+){5}(?:(?:root|cinta) (?=/))?(.*)", line)[1]
            self.run_command(re.sub(r"^/usr/(local/)?bin/", "", command))

    def run_page(self, name, skip=()):
        does = {"sh": self.run_commands, "cron": self.run_cron, "sql": self.run_query, "python": self.run_program,
                "conf": self.check_configuration}
        for language, mark, text, _ in pages.fences(pages.text_of(name)):
            if language in does and language not in skip:
                with self.subTest(text):
                    does[language](mark, text)


class Commands(Page):
    def test_readme(self):
        self.record()
        self.run_page("README.md")

    def test_operations(self):
        self.record()
        self.run_page("docs/operations.md")

    def test_service(self):
        self.record()
        self.run_page("docs/service.md")

    def test_export(self):
        self.record()
        self.run_page("docs/export.md")

    def test_simulator(self):
        """The first command of the page starts the simulator, the others send requests to it."""
        self.near, self.far = pages.NEAR, pages.FAR
        text = "".join(text for _, text, _ in pages.blocks(pages.text_of("docs/simulator.md"), "sh"))
        sim, *requests = pages.commands(text)
        ready = self.path("ready")
        process = wire.Process(["sh", "-c", f"exec {sim} --ready-file {ready}".replace(":8080", ":0")], env=self.env)
        self.addCleanup(process.end)
        self.until(lambda: os.path.exists(ready), "the simulator listens")
        with open(ready, encoding="utf-8") as file:
            url = file.read().strip().rstrip("/")
        done = self.shell("\n".join(requests).replace("http://127.0.0.1:8080", url))
        self.assertEqual(done.stdout.count('"status":"OK"'), 2, done.stdout + done.stderr)  # a quote, and /sim/stream
        process.kill(signal.SIGTERM)
        self.assertEqual(process.wait_exit(), 0)

    def test_the_fault_file(self):
        (_, faults, _), = pages.blocks(pages.text_of("docs/simulator.md"), "faults")
        self.start_sim(faults=faults)

    def test_a_second_unit(self):
        command = next(c for _, text, _ in pages.blocks(pages.text_of("docs/operations.md"), "sh")
                       for c in pages.commands(text) if c.startswith("sed "))
        etc = os.path.join(pages.SOURCE, "etc")
        done = self.shell(command.replace("/lib/systemd/system", etc).replace("/etc/systemd/system", self.dir))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("cinta-veta.service"), encoding="utf-8") as file:
            unit = file.read()
        self.assertIn("-c /etc/cinta/veta/cinta.conf\n", unit)
        self.assertIn("LoadCredential=cinta-password:/etc/cinta/veta/password\n", unit)


class WithoutSystemd(Page):
    """docs/service.md: the start script, and the table of commands."""

    def table(self):
        page = pages.text_of("docs/service.md")
        return dict(re.findall(r"^\| ([a-z][^|]*?) \| (.*) \|$", page[page.index("## Without systemd"):], re.M))

    def command_of(self, row):
        return self.here(re.findall(r"`([^`]+)`", self.table()[row])[-1])

    def start_script(self):
        script, = (text for mark, text, _ in pages.blocks(pages.text_of("docs/service.md"), "sh") if mark == "script")
        path = self.write("cinta-start", re.sub(r"^PATH=.*\n", "", self.here(script), flags=re.M), 0o700)
        return subprocess.run([path], env=self.env, timeout=60, check=False).returncode

    def text_of(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def pid(self):
        return int(self.text_of("cinta.pid"))

    def end_the_service(self):
        if os.path.exists(self.path("cinta.pid")) and not os.path.exists(self.path("cinta.exit")):
            os.kill(self.pid(), signal.SIGKILL)

    def test_the_start_script(self):
        self.near, self.far = pages.NEAR, pages.FAR
        self.start_sim()
        self.configure()
        self.addCleanup(self.end_the_service)
        self.assertEqual(self.start_script(), 0)
        self.until_rows("select count(*) from quotes", at_least=12)
        first = self.pid()
        self.assertEqual(self.start_script(), 0)  # already running: does nothing
        done = self.shell(self.command_of("state"))
        self.assertIn("polling", done.stdout)
        self.assertEqual(self.pid(), first)
        self.assertEqual(self.shell(self.command_of("reload")).returncode, 0)
        self.until(lambda: "event=config_reloaded" in self.text_of("cinta.log"), "the configuration is reloaded")
        self.assertEqual(self.shell(self.command_of("stop")).returncode, 0)
        self.until(lambda: os.path.exists(self.path("cinta.exit")), "the service has exited")
        self.until(lambda: self.text_of("cinta.exit") == "0\n", "with status 0")

    def test_the_start_script_does_nothing_after_exit_77(self):
        self.near, self.far = pages.NEAR, pages.FAR
        self.write("cinta.exit", "77\n")
        self.assertEqual(self.start_script(), 1)

    def test_the_export_of_the_table(self):
        self.record()
        self.run_cron("", self.table()["exports"].split("`")[3])


class Words(unittest.TestCase):
    """Checks of the text of the pages, without running a service."""

    def test_every_fence_has_a_language(self):
        for name in PAGES:
            page = pages.text_of(name)
            self.assertEqual(page.count("\n```") % 2, 0, name)
            for language, _, text, _ in pages.fences(page):
                self.assertIn(language, pages.LANGUAGES, f"{name}: {text}")

    def test_every_command_that_is_not_run_is_in_a_page(self):
        found = {span for name in PAGES for span in pages.spans(pages.text_of(name))}
        found |= {command for name in PAGES for _, text, _ in pages.blocks(pages.text_of(name), "sh")
                  for command in pages.commands(text)}
        for command in (*FAILS, *SERVICE, *(command for listed in NOT_HERE.values() for command in listed)):
            self.assertIn(command, found)

    def test_commands_in_the_text_exist(self):
        for name in PAGES:
            for span in filter(MACHINE.match, pages.spans(pages.text_of(name))):
                with self.subTest(f"{name}: {span}"):
                    self.check_span(span)

    def check_span(self, span):
        words = re.sub(r"^(sudo -u cinta|setpriv .*--clear-groups) ", "", span).split()
        if words[0] == "cinta":
            done = help_of(words[1])
            self.assertEqual(done.returncode, 0, done.stderr)
            for option in (word.split("=")[0] for word in words[2:] if word.startswith("-") and len(word) > 1):
                self.assertRegex(done.stdout, rf"(?<!\S){option}(?=[,\s])")
        elif words[0].startswith("scripts/"):
            self.assertTrue(os.access(os.path.join(pages.SOURCE, words[0]), os.X_OK))
        elif words[0] == "kill":
            self.assertIn("cinta.pid", span)  # run by WithoutSystemd
        elif words[0] == "runuser":
            self.assertEqual(span, "runuser -u cinta --")
        else:
            known = is_not_here(" ".join(words)) or span in SERVICE or words[0] == "sqlite3"
            self.assertTrue(known, "not in NOT_HERE")

    def test_both_readmes_have_the_same_structure(self):
        english, spanish = (pages.text_of(name) for name in READMES)
        bare = [[(language, mark, pages.without_comments(text)) for language, mark, text, _ in pages.fences(page)]
                for page in (english, spanish)]
        self.assertEqual(*bare)
        self.assertGreaterEqual(len(bare[0]), 9)
        for pattern in (r"\]\((docs/[^)]*)\)", r"^(#+) ", r"^\|", r"^\* ", r"`(cinta \w+|--\w+|[a-z_]+\.[a-z_]+)`"):
            found = [re.findall(pattern, page, re.M) for page in (english, spanish)]
            self.assertEqual(*found, pattern)

    def test_links_have_a_target(self):
        for name in (*PAGES, "CHANGELOG.md", "docs/database.md", "docs/architecture.md"):
            page = pages.text_of(name)
            for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", page):
                path = os.path.join(os.path.dirname(name), target) if target else name
                self.assertTrue(os.path.exists(os.path.join(pages.SOURCE, path)), f"{name}: {target}")
                anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
                           for title in re.findall(r"^#+ (.*)$", pages.text_of(path), re.M)} if anchor else ()
                self.assertTrue(not anchor or anchor in anchors, f"{name}: {target}#{anchor}")

    def test_quoted_messages_are_in_the_program(self):
        texts = list(self.literals())
        kinds = set(re.findall(r'"(\w+)"', pages.text_of("src/market/event_kind.c")))
        page = pages.text_of("docs/operations.md")
        page = page[page.index("## Troubleshooting"):]
        quoted = [span for span in pages.spans(page) if re.match(r"[a-z.]\S* ", span) and not MACHINE.match(span)
                and not re.match(r"\w+(\.\w+)* = |mode ", span)]
        self.assertGreater(len(quoted), 25)
        for span in quoted:
            for piece in filter(None, (piece.strip(" :;'") for piece in span.split("..."))):
                self.assertTrue(any(piece in text for text in texts), f"no message has '{piece}': {span}")
        events = re.findall(r"^(?:\| )?`([a-z_]+)`[:,.]", page, re.M)
        self.assertGreater(len(events), 5)
        self.assertEqual(set(events) - kinds, set())

    def test_status_lines_are_in_the_program(self):
        texts = list(self.literals())
        table = re.search(r"^\| status \| meaning \|\n\|[-|]+\|\n((?:\|.*\n)+)", pages.text_of("docs/service.md"), re.M)[1]
        lines = [span for row in table.splitlines() for span in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
        self.assertGreater(len(lines), 8)
        for line in lines:
            for piece in filter(None, (piece.strip(" :;,") for piece in re.split(r"\.\.\.|\b[KMN]\b", line))):
                self.assertTrue(any(piece in text for text in texts), f"no status line has '{piece}': {line}")

    def literals(self):
        """The string literals of the sources; adjacent ones are joined."""
        for folder, _, files in os.walk(os.path.join(pages.SOURCE, "src")):
            for name in (name for name in files if name.endswith(".c")):
                text = re.sub(r'"\s*\n\s*"', "", pages.text_of(os.path.join(folder, name)))
                yield from re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)


if __name__ == "__main__":
    wire.main()
