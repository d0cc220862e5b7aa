"""cinta init: with options and at a terminal; the files it writes and keeps, and that it shows no password."""
import os
import pty
import re
import select
import signal
import socket
import subprocess
import termios
import time
import unittest

import futures
import wire

PASSWORD = "s3cret-pass"
DEFAULT_RECORD = ("DLR/*", "MERV - XMEV - AL30 - 24hs")


class Terminal:
    """The real binary at a pseudo-terminal: its output, its input, the terminal modes."""

    def __init__(self, argv, env=None):
        self.master, self.slave = pty.openpty()
        self.modes = termios.tcgetattr(self.slave)
        self.shown = ""
        self.child = subprocess.Popen(argv, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                      env={**os.environ, **(env or {})}, preexec_fn=self._take, close_fds=True)

    def _take(self):
        os.setsid()
        os.close(os.open(os.ttyname(0), os.O_RDWR))  # makes it the controlling terminal, so that Ctrl-C sends a signal

    def read_some(self, timeout):
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        self.shown += os.read(self.master, 65536).decode("utf-8", "replace")
        return True

    def wait_text(self, text):
        """Waits until `text` is shown after the previous one; returns the output up to it."""
        deadline = time.monotonic() + wire.PATIENCE_S
        while text not in self.shown:
            if not self.read_some(max(0, deadline - time.monotonic())):
                raise AssertionError(f"never shown: {text!r}; but: {self.shown!r}")
        before, _, self.shown = self.shown.partition(text)
        return before + text

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def wait_exit(self):
        """The exit status, after all output was read."""
        deadline = time.monotonic() + wire.PATIENCE_S
        while self.child.poll() is None:
            self.read_some(0.01)
            if time.monotonic() > deadline:
                raise AssertionError(f"does not end: {self.shown!r}")
        while self.read_some(0):
            pass
        return self.child.returncode

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        os.close(self.master)
        os.close(self.slave)


class InitTest(wire.WireTest):
    def setUp(self):
        super().setUp()
        self.home = self.path("made")
        self.conf_path = os.path.join(self.home, "cinta.conf")
        self.db_path = os.path.join(self.home, "cinta.db")

    def init(self, *options, password=PASSWORD, directory=None, env=None):
        argv = [wire.CINTA, "init", *options, directory or self.home]
        if password is not None:
            argv[2:2] = ["--password-stdin"]
        return subprocess.run(argv, input=(password or "") + "\n", capture_output=True, text=True, timeout=60,
                              env={**os.environ, **(env or {})}, check=False)

    def text_of(self, name):
        with open(os.path.join(self.home, name), encoding="utf-8") as file:
            return file.read()

    def checked(self):
        """{key: value} as `cinta check` prints them for the written configuration."""
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(re.findall(r"^(\S+) *= (.*?) +# ", done.stdout, re.M))

    def expect_nothing_written(self):
        self.assertFalse(os.path.exists(self.home), os.listdir(self.dir))


class Flags(InitTest):
    def test_from_nothing_to_recorded_quotes_with_one_login(self):
        self.start_sim()
        done = self.init("--url", self.url, "--user", "alice", "--match", "*")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("lists 12 instruments; 12 of them will be recorded", done.stdout)
        self.assertIn(f"cinta run -c {self.conf_path}", done.stdout)
        self.assertEqual(os.stat(self.conf_path).st_mode & 0o777, 0o644)
        for name in ("password", "token"):
            self.assertEqual(os.stat(os.path.join(self.home, name)).st_mode & 0o777, 0o600, name)
        self.checked()
        self.start_run().wait_line("instruments selected")
        self.until_rows("select count(*) from quotes", at_least=12)
        self.stop_run()
        stats = self.stats()
        self.assertEqual((stats["logins"], stats["login_refused"]), (1, 0))
        self.assertEqual(stats["instruments"], 1)  # init and run together request the list once
        for text in (done.stdout, done.stderr, self.text_of("cinta.conf"), self.service.log()):
            self.assertNotIn(PASSWORD, text)

    def test_the_configuration_is_the_sample_with_the_answers(self):
        done = self.init("--no-test", "-b", "reMarkets", "-u", "alice", "-s", "DLR/DIC26, DLR/ENE27", "-s", "GGAL",
                         "--db", self.path("data/ticks.db"), "--state-dir", self.path("state"))
        self.assertEqual(done.returncode, 0, done.stderr)
        values = self.checked()
        expected = {"broker.url": "https://api.remarkets.primary.com.ar/", "broker.user": "alice",
                    "broker.password_file": os.path.join(self.home, "password"),
                    "store.path": self.path("data/ticks.db"), "state_dir": self.path("state")}
        for key, value in expected.items():
            self.assertEqual(values[key], f'"{value}"', key)
        self.assertEqual(values["session.always"], "true")  # the sandbox never closes
        self.assertEqual(values["instruments.symbols"], '{"DLR/DIC26", "DLR/ENE27", "GGAL"}')
        self.assertEqual(values["instruments.match"], "{}")
        with open(os.path.join(os.environ["CINTA_SOURCE"], "etc/cinta.conf"), encoding="utf-8") as file:
            sample = file.read().splitlines()
        written = self.text_of("cinta.conf").splitlines()
        changed = [new for old, new in zip(sample, written) if old != new]
        self.assertEqual(len(written), len(sample))
        self.assertEqual([re.match(r" *(\w+)", line)[1] for line in changed],
                         ["password_file", "always", "symbols", "path", "out", "state_dir"])  # the other lines are those of the sample
        for name in ("data", "state"):
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o700 if os.geteuid() else 0o750, name)

    def test_files_that_are_replaced_keep_mode_and_owner(self):
        self.start_sim()
        owner = (65533, 65532) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        os.mkdir(self.home)
        for name, mode in (("cinta.conf", 0o640), ("password", 0o400)):
            os.chown(self.write(f"made/{name}", "mine\n", mode=mode), *owner)
        done = self.init("--url", self.url, "-u", "alice", "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name, mode in (("cinta.conf", 0o640), ("password", 0o400)):
            state = os.stat(os.path.join(self.home, name))
            self.assertEqual((state.st_mode & 0o7777, state.st_uid, state.st_gid), (mode, *owner), name)
            self.assertIn(f"made/{name} ({mode:04o})", done.stdout)

    def test_defaults(self):
        self.assertEqual(self.init("--no-test", "-b", "cocos", "-u", "alice").returncode, 0)
        values = self.checked()
        self.assertEqual((values["instruments.match"], values["instruments.symbols"]),
                         tuple('{"%s"}' % item for item in DEFAULT_RECORD))
        self.assertEqual(values["session.always"], "false")
        self.assertEqual(values["store.path"], f'"{self.db_path}"')
        self.assertEqual(values["state_dir"], f'"{self.home}"')
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")

    def test_special_characters_are_read_back(self):
        special = "it's \"${HOME}\" \\ #1 // /* ñ"
        folder = self.path("a 'b' \"${c}\"")
        done = self.init("--no-test", "--url", "https://api.broker.example", "-u", special, "-s", special, directory=folder,
                         password=" \\\"'${HOME} ")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.home, self.conf_path = folder, os.path.join(folder, "cinta.conf")
        command = re.search(r"cinta (check.*?)    show", done.stdout)[1]
        check = subprocess.run(f'"{wire.CINTA}" {command}', shell=True, capture_output=True, text=True, check=False)
        self.assertEqual(check.returncode, 0, check.stderr)  # the printed command is quoted for a shell
        written = "'" + special.replace("\\", "\\\\").replace("'", "\\'") + "'"
        self.assertEqual(self.checked()["broker.user"], written)
        self.assertEqual(self.checked()["instruments.symbols"], "{" + written + "}")
        self.assertEqual(self.text_of("password"), " \\\"'${HOME} \n")

    def test_wrong_usage_is_2_and_names_the_missing_options(self):
        rows = (((), ("--broker", "--user", "missing, and cannot be asked for")), (("-b", "cocos"), ("--user",)),
                (("-b", "coccos"), ("did you mean 'cocos'",)), (("--url", "http://api.broker.example/"), ("https://",)),
                (("--url", "https://alice:x@api.broker.example/"), ("contains a user name",)),
                (("-u", ""), ("must not be empty",)), (("-u", "a\tb"), ("control character",)),
                (("-s", "A,,B"), ("cannot be a symbol",)), (("-m", "a\nb"), ("control character",)),
                (("--password-file", "x"), ("exclude each other",)), (("x",), ("one DIR",)), (("--dance",), ("unknown option",)))
        for options, words in rows:
            with self.subTest(options):
                done = self.init(*options)
                self.assertEqual(done.returncode, 2, done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)
                self.assertNotIn(PASSWORD, done.stderr)
        done = self.init("-b", "cocos", "-u", "alice", password=None)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--password-file", done.stderr)
        self.expect_nothing_written()

    def test_a_bad_password_is_refused_without_showing_it(self):
        for password in ("", "two\nlines", "bell\a", "x" * 1025):
            with self.subTest(password[:10]):
                done = self.init("--no-test", "-b", "cocos", "-u", "alice", password=password)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("standard input", done.stderr)
                self.assertNotIn("lines", done.stderr)
        self.expect_nothing_written()

    def test_the_password_from_a_file(self):
        self.start_sim()
        source = self.write("source", PASSWORD + "\n", mode=0o644)
        done = self.init("--url", self.url, "-u", "alice", "--password-file", source, password=None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")
        missing = self.init("--url", self.url, "-u", "alice", "-f", "--password-file", self.path("none"), password=None)
        self.assertEqual(missing.returncode, 1)
        self.assertIn(self.path("none"), missing.stderr)

    def test_a_wrong_password_is_77_and_nothing_is_written(self):
        self.start_sim()
        done = self.init("--url", self.url, "-u", "alice", password="wrong-pass")
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("refused user or password", done.stderr)
        self.assertIn("--no-test", done.stderr)
        self.assertNotIn("wrong-pass", done.stdout + done.stderr)
        self.assertEqual((self.stats()["logins"], self.stats()["login_refused"]), (0, 1))
        self.expect_nothing_written()

    def test_the_exit_status_of_each_refusal(self):
        for kind, status, words in (('"no_token"', 69, "without a token"), ('"html"', 69, "a login page"),
                                    ('"page" status = 403', 69, "user and password were not checked"),
                                    ('"redirect"', 69, "/login"), ('"refuse"', 77, "refused user or password"), ('"status" status = 503', 69, "503")):
            with self.subTest(kind):
                self.start_sim(faults=f'fault {{ path = "auth/getToken" kind = {kind} }}')
                done = self.init("--url", self.url, "-u", "alice")
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)
                self.assertLessEqual(self.stats()["requests"], 2)  # one login, and this request for the counts
                self.expect_nothing_written()
                self.sim.end()

    def test_an_unreachable_broker_is_69(self):
        with socket.create_server(("127.0.0.1", 0)) as server:  # nothing listens on its port once it is closed
            port = server.getsockname()[1]
        done = self.init("--url", f"http://127.0.0.1:{port}/", "-u", "alice")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("no connection", done.stderr)
        self.expect_nothing_written()

    def test_without_the_list_the_configuration_is_still_written(self):
        self.start_sim(faults='fault { path = "rest/instruments/all" kind = "status" status = 500 }')
        done = self.init("--url", self.url, "-u", "alice")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("list of instruments", done.stderr)
        self.checked()

    def test_symbols_that_the_broker_does_not_list(self):
        self.start_sim()
        done = self.init("--url", self.url, "-u", "alice", "-s", f"{futures.SECOND},NONE/SUCH", "-m", "dlr/*,X*")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"(?m)^  {futures.SECOND} +listed$")
        self.assertRegex(done.stdout, r"(?m)^  NONE/SUCH +NOT listed")
        self.assertRegex(done.stdout, r"(?m)^  dlr/\* +[1-9]\d*$")
        self.assertRegex(done.stdout, r"(?m)^  X\* +0$")

    def test_existing_files_are_kept_without_force(self):
        self.start_sim()
        os.mkdir(self.home)
        for name in ("cinta.conf", "password"):
            with self.subTest(name):
                self.write(f"made/{name}", "mine\n", mode=0o640)
                done = self.init("--url", self.url, "-u", "alice")
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(f"{name} exists already: --force", done.stderr)
                self.assertEqual(os.listdir(self.home), [name])
                self.assertEqual(self.text_of(name), "mine\n")
                os.unlink(os.path.join(self.home, name))
        self.assertEqual(self.stats()["logins"], 0)
        for name in ("cinta.conf", "password"):
            self.write(f"made/{name}", "mine\n", mode=0o644)
        done = self.init("--url", self.url, "-u", "alice", "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.checked()
        self.assertEqual(os.stat(os.path.join(self.home, "password")).st_mode & 0o777, 0o600)
        self.assertEqual({name for name in os.listdir(self.home) if not name.startswith("instruments-")},
                         {"cinta.conf", "password", "token", "cinta.lock"})

    def test_no_login_when_the_files_cannot_be_written(self):
        self.start_sim()
        self.write("file", "")
        done = self.init("--url", self.url, "-u", "alice", directory=self.path("file/made"))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(self.path("file"), done.stderr)
        self.assertEqual(self.stats()["logins"], 0)

    def test_beside_a_running_service(self):
        self.start_sim()
        self.assertEqual(self.init("--url", self.url, "-u", "alice", "-m", "*").returncode, 0)
        self.start_run().wait_line("instruments selected")
        self.until_rows("select count(*) from quotes")
        done = self.init("--url", self.url, "-u", "alice", "-m", "DLR/*", "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("SIGHUP", done.stdout)
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("config_reloaded")
        self.stop_run()

    def test_tls_is_verified(self):
        import test_tls  # for its TLS proxy
        self.start_sim()
        ca_file = self.authority("ours")
        self.certificate("ours", "IP:127.0.0.1")
        front = test_tls.TlsFront(self.path("broker.pem"), self.path("broker.key"),
                                  int(self.url.rstrip("/").rsplit(":", 1)[1]))
        self.addCleanup(front.end)
        url = f"https://127.0.0.1:{front.port}/"
        done = self.init("--url", url, "-u", "alice")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("TLS", done.stderr)
        self.assertEqual((self.stats()["logins"], self.stats()["login_refused"]), (0, 0))
        self.expect_nothing_written()
        done = self.init("--url", url, "-u", "alice", "--ca-file", ca_file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.checked()["broker.ca_file"], f'"{ca_file}"')

    @unittest.skipUnless(os.geteuid() == 0, "needs root to change the user")
    def test_the_defaults_of_a_user_who_is_not_root(self):
        home = self.path("home")
        os.mkdir(home)
        os.chown(home, 65534, 65534)
        os.chmod(self.dir, 0o755)
        env = {"HOME": home, "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}
        try:
            subprocess.run([wire.CINTA, "--version"], user=65534, group=65534, capture_output=True, check=True)
        except (PermissionError, subprocess.CalledProcessError):  # it is below /root
            self.skipTest("another user cannot run the binary here")
        done = subprocess.run([wire.CINTA, "init", "--no-test", "-b", "cocos", "-u", "alice", "--password-stdin"],
                              input=PASSWORD, capture_output=True, text=True, timeout=60, user=65534, group=65534,
                              extra_groups=[], env={**os.environ, **env}, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.home, self.conf_path = f"{home}/.config/cinta", f"{home}/.config/cinta/cinta.conf"
        self.assertIn(f"-c {self.conf_path}", done.stdout)
        self.assertIn(f'"{home}/.local/share/cinta/cinta.db"', self.text_of("cinta.conf"))


class AtATerminal(InitTest):
    def start(self, *options):
        terminal = Terminal([wire.CINTA, "init", *options, self.home])
        self.addCleanup(terminal.end)
        return terminal

    def until_hidden(self, terminal):
        shown = terminal.wait_text("Password (not shown): ")
        self.until(lambda: not terminal.echoes(), "the echo is off")
        return shown

    def expect_modes(self, terminal):
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.modes)

    def test_questions_and_answers(self):
        self.start_sim()
        terminal = self.start()
        shown = terminal.wait_text("Broker: number, name or address [1]: ")
        names = re.findall(r"(?m)^ *\d+  (\w+) +https://", shown)
        self.assertEqual(names[0], "remarkets")
        notes = self.cinta("help", "init").stdout
        for name in names:
            self.assertRegex(notes, rf"(?s)Brokers: .*\b{name}\b")
        terminal.type("coccos\n")
        terminal.wait_text("did you mean 'cocos'?")
        terminal.wait_text("Broker: ")
        terminal.type(f" {self.url} \n")
        terminal.wait_text("User: ")
        terminal.type("\n")
        terminal.wait_text("must not be empty")
        terminal.wait_text("User: ")
        terminal.type("alice\n")
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        shown = terminal.wait_text("]: ")
        self.assertIn("Symbols and globs", shown)
        self.expect_modes(terminal)
        terminal.type("DLR/*, I.RFX20\n")
        shown += terminal.wait_text(f"Folder of the database [{self.home}]: ")
        terminal.type("\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        self.assertIn("logged in at", terminal.shown)
        self.assertNotIn(PASSWORD, shown + terminal.shown)
        self.expect_modes(terminal)
        values = self.checked()
        self.assertEqual((values["instruments.match"], values["instruments.symbols"]), ('{"DLR/*"}', '{"I.RFX20"}'))
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")
        self.assertEqual(self.stats()["logins"], 1)

    def test_enter_takes_the_defaults(self):
        terminal = self.start("--no-test", "-u", "alice")
        terminal.wait_text("Broker: ")
        terminal.type("\n")
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        terminal.wait_text("]: ")
        terminal.type("\n")
        terminal.wait_text("Folder of the database")
        terminal.type(self.path("data") + "\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        values = self.checked()
        self.assertEqual(values["broker.url"], '"https://api.remarkets.primary.com.ar/"')
        self.assertEqual(values["instruments.match"], '{"DLR/*"}')
        self.assertEqual(values["store.path"], f'"{self.path("data/cinta.db")}"')
        self.assertEqual(values["state_dir"], f'"{self.path("data")}"')

    def test_a_number_of_the_list(self):
        terminal = self.start("--no-test", "-u", "alice", "-s", "A", "--db", self.path("x.db"))
        shown = terminal.wait_text("Broker: number, name or address [1]: ")
        number, url = re.search(r"(\d+)  cocos +(\S+)", shown).groups()
        for wrong in ("0", "99", "1.5"):
            terminal.type(wrong + "\n")
            terminal.wait_text("Broker: ")
        terminal.type(number + "\n")
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        self.assertEqual(self.checked()["broker.url"], f'"{url}"')

    def end_by(self, *options, how, expect):
        terminal = self.start(*options)
        self.until_hidden(terminal)
        terminal.type("half-a-pass")
        how(terminal)
        self.assertEqual(terminal.wait_exit(), expect, terminal.shown)
        self.expect_modes(terminal)
        self.assertNotIn("half-a-pass", terminal.shown)
        self.expect_nothing_written()

    def test_every_end_restores_the_terminal_modes(self):
        options = ("-b", "cocos", "-u", "alice")
        for name, how, expect in (
                ("Ctrl-C", lambda t: t.type("\x03"), -signal.SIGINT),
                ("Ctrl-backslash", lambda t: t.type("\x1c"), -signal.SIGQUIT),
                ("TERM", lambda t: t.child.terminate(), -signal.SIGTERM),
                ("HUP", lambda t: t.child.send_signal(signal.SIGHUP), -signal.SIGHUP),
                ("Ctrl-U and Ctrl-D", lambda t: t.type("\x15\x04"), 1)):
            with self.subTest(name):
                self.end_by(*options, how=how, expect=expect)

    def test_ctrl_c_at_another_question(self):
        terminal = self.start()
        terminal.wait_text("Broker: number")
        terminal.type("\x03")
        self.assertEqual(terminal.wait_exit(), -signal.SIGINT, terminal.shown)
        self.expect_modes(terminal)
        self.expect_nothing_written()

    def test_ctrl_c_during_the_login(self):
        self.start_sim(faults='fault { path = "auth/getToken" kind = "slow" delay = 60 }')
        terminal = self.start("--url", self.url, "-u", "alice", "-s", "A", "--db", self.path("x.db"))
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        self.until(lambda: self.stats()["requests"] > 1, "the login is under way")
        terminal.type("\x03")
        self.assertEqual(terminal.wait_exit(), -signal.SIGINT, terminal.shown)
        self.expect_modes(terminal)
        self.expect_nothing_written()

    def test_a_refused_login_is_written_only_on_request(self):
        self.start_sim()
        for answer, status in (("\n", 77), ("no\n", 77), ("\x04", 77), ("perhaps\ny\n", 0)):
            with self.subTest(answer):
                terminal = self.start("--url", self.url, "-u", "alice", "-s", "A", "--db", self.path("x.db"))
                self.until_hidden(terminal)
                terminal.type("wrong-pass\n")
                shown = terminal.wait_text("User [alice] (Ctrl-D: do not try again): ")
                terminal.type("\x04")
                shown += terminal.wait_text("anyway? [y/N] ")
                self.assertIn("refused user or password", shown)
                for line in answer.splitlines(keepends=True):
                    terminal.type(line)
                    if line == "perhaps\n":
                        terminal.wait_text("[y/N] ")
                self.assertEqual(terminal.wait_exit(), status, terminal.shown)
                self.assertNotIn("wrong-pass", shown + terminal.shown)
                if status:
                    self.expect_nothing_written()
        self.assertEqual(self.text_of("password"), "wrong-pass\n")
        self.assertFalse(os.path.exists(os.path.join(self.home, "token")))

    def test_a_refused_login_is_asked_for_again_and_the_other_answers_stay(self):
        self.start_sim()
        terminal = self.start("--url", self.url)
        terminal.wait_text("User: ")
        terminal.type("alicia\n")
        self.until_hidden(terminal)
        terminal.type("wrong-pass\n")
        terminal.wait_text("]: ")
        terminal.type("DLR/*\n")
        terminal.wait_text("Folder of the database")
        terminal.type("\n")
        shown = terminal.wait_text("User [alicia] (Ctrl-D: do not try again): ")
        self.assertIn("refused user or password", shown)
        terminal.type(" alice \n")
        self.until_hidden(terminal)
        terminal.type("wrong-again\n")
        terminal.wait_text("User [alice] (Ctrl-D: do not try again): ")
        terminal.type("\n")
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        self.assertIn("logged in at", terminal.shown)
        self.expect_modes(terminal)
        values = self.checked()
        self.assertEqual((values["broker.user"], values["instruments.match"]), ('"alice"', '{"DLR/*"}'))
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")

    def test_at_most_three_refused_logins(self):
        self.start_sim()
        terminal = self.start("--url", self.url, "-u", "alice", "-s", "A", "--db", self.path("x.db"))
        self.until_hidden(terminal)
        terminal.type("wrong-1-pass\n")
        for wrong in ("wrong-2-pass\n", "wrong-3-pass\n"):
            terminal.wait_text("User [alice] (Ctrl-D: do not try again): ")
            terminal.type("\n")
            self.until_hidden(terminal)
            terminal.type(wrong)
        terminal.wait_text("anyway? [y/N] ")
        terminal.type("n\n")
        self.assertEqual(terminal.wait_exit(), 77, terminal.shown)
        self.expect_nothing_written()

    def test_no_echo_when_standard_input_is_a_terminal(self):
        terminal = self.start("--no-test", "--yes", "-b", "cocos", "-u", "alice", "--password-stdin")
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        self.assertNotIn(PASSWORD, terminal.shown)
        self.expect_modes(terminal)
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")

    def test_an_invalid_password_is_asked_for_again(self):
        terminal = self.start("--no-test", "-b", "cocos", "-u", "alice", "-s", "A", "--db", self.path("x.db"))
        for wrong, words in (("", "is empty"), ("bell\x16\x07", "control character"), ("x" * 1100, "longer than")):
            self.until_hidden(terminal)
            terminal.type(wrong + "\n")
            self.assertNotIn("x" * 10, terminal.wait_text(words))
        self.until_hidden(terminal)
        terminal.type(PASSWORD + "\n")
        self.assertEqual(terminal.wait_exit(), 0, terminal.shown)
        self.expect_modes(terminal)
        self.assertEqual(self.text_of("password"), PASSWORD + "\n")

    def test_yes_asks_nothing(self):
        terminal = self.start("--yes", "-b", "cocos")
        self.assertEqual(terminal.wait_exit(), 2, terminal.shown)
        self.assertIn("--user", terminal.shown)


if __name__ == "__main__":
    wire.main()
