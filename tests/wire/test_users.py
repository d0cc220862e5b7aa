"""Several users: the service's, a member of its group, another one, and root, which must leave no files of root.

The ids belong to no named user on a normal machine. tests/package does the same with named users.
"""
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import tempfile
import unittest

import wire

SERVICE, MEMBER, STRANGER = (65533, 65532), (60001, 65532), (60002, 60002)
READ = "select count(*) from quotes"


def as_user(ids, function):
    """Calls the function in a process of that user; returns its value (via JSON) or raises PermissionError."""
    out, back = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(ids[1])
            os.setuid(ids[0])
            answer = {"value": function()}
        except Exception as error:  # pylint: disable=broad-except
            answer = {"error": f"{type(error).__name__}: {error}"}
        os.write(back, json.dumps(answer).encode())
        os._exit(0)
    os.close(back)
    with os.fdopen(out, "rb") as file:
        answer = json.loads(file.read())
    os.waitpid(child, 0)
    if "error" in answer:
        raise PermissionError(answer["error"])
    return answer["value"]


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@unittest.skipUnless(os.geteuid() == 0, "needs root to switch users")
class UsersTest(wire.WireTest):
    def setUp(self):
        super().setUp()
        os.chown(self.dir, *SERVICE)
        os.chmod(self.dir, 0o750)
        programs = tempfile.mkdtemp(prefix="cinta-program-")  # the other users may have no access to the build folder
        self.addCleanup(shutil.rmtree, programs)
        os.chmod(programs, 0o755)
        self.program = shutil.copy(wire.CINTA, programs)
        self.start_sim("--rate", "100")
        self.configure()
        self.give("cinta.conf", 0o640)
        self.give("password", 0o600)

    def give(self, name, mode):
        os.chown(self.path(name), *SERVICE)
        os.chmod(self.path(name), mode)

    def options(self, ids):
        return {"user": ids[0], "group": ids[1], "extra_groups": []}

    def run_as(self, ids, *arguments):
        return subprocess.run([self.program, *arguments], capture_output=True, text=True, timeout=60, check=False,
                              cwd="/", **self.options(ids))

    def serve(self, umask=0o27):
        self.service = wire.Process([self.program, "run", "-c", self.conf_path], umask=umask, cwd="/",
                                    **self.options(SERVICE))
        self.addCleanup(self.service.end)

    def record(self):
        """Reads once the service has its database open: a -shm that root makes before belongs to root."""
        self.serve()
        self.service.wait_line("event=started")
        self.until_rows(READ, at_least=12)

    def in_sqlite(self, name):
        connection = sqlite3.connect(name, uri=True, timeout=10)
        try:
            return connection.execute(READ).fetchone()[0]
        finally:
            connection.close()

    def owners(self, folder=None):
        """{path: owner} of all files in the folder, except those of the simulator."""
        found = {}
        for path, folders, files in os.walk(folder or self.dir):
            for name in folders + files:
                found[os.path.join(path, name)] = os.lstat(os.path.join(path, name)).st_uid
        found.pop(self.path("ready"), None)
        return found

    def expect_all_owned_by_the_service(self):
        self.assertEqual({name: uid for name, uid in self.owners().items() if uid != SERVICE[0]}, {})


class Readers(UsersTest):
    def expect_member_can_read(self):
        for name in (f"file:{self.db_path}?mode=ro", self.db_path):
            self.assertEqual(as_user(MEMBER, lambda name=name: self.in_sqlite(name)), 12)
        if shutil.which("sqlite3"):
            done = subprocess.run(["sqlite3", "-readonly", self.db_path, READ], capture_output=True, text=True, cwd="/",
                                  timeout=60, check=False, **self.options(MEMBER))
            self.assertEqual((done.stdout, done.stderr), ("12\n", ""))
        for arguments in (("quotes", "--csv"), ("verify",), ("export", "-t", "snapshots", "--out", "-", "--quiet")):
            done = self.run_as(MEMBER, arguments[0], "-c", self.conf_path, *arguments[1:])
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertGreater(done.stdout.count("\n"), 5)

    def expect_secrets_unreadable(self):
        secret = [self.path("password"), self.path("state")]
        for name in secret:
            with self.assertRaises(PermissionError, msg=name):
                as_user(MEMBER, lambda name=name: os.listdir(name) if os.path.isdir(name) else text_of(name))
        for name in os.listdir(self.path("state")):
            self.assertEqual(os.lstat(self.path("state/" + name)).st_mode & 0o777, 0o600, name)

    def test_a_member_of_the_group_reads_while_it_runs_and_after(self):
        self.record()
        self.assertEqual(stat.S_IMODE(os.stat(self.db_path).st_mode), 0o640)
        self.expect_member_can_read()
        self.expect_secrets_unreadable()
        self.stop_run()
        self.expect_member_can_read()
        self.expect_secrets_unreadable()
        self.serve()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        self.service.kill(9)
        self.service.wait_exit()
        self.expect_member_can_read()
        self.expect_all_owned_by_the_service()

    def test_exports_for_the_group(self):
        self.record()
        done = self.run_as(SERVICE, "export", "-c", self.conf_path, "--out", self.path("export"), "--since-last", "x")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.stop_run()
        mask = os.umask(0o22)
        os.umask(mask)
        for path in self.owners(self.path("export")):
            mode = 0o750 if os.path.isdir(path) else 0o640
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), mode & ~mask, path)
        manifest = as_user(MEMBER, lambda: text_of(self.path("export/manifest.jsonl")))
        self.assertIn('"table":"snapshots"', manifest)
        done = self.run_as(MEMBER, "export", "-c", self.conf_path, "--out", "-", "-t", "trades", "--since-last", "mine")
        self.assertEqual(done.returncode, 1)
        self.assertIn("where --since-last stores the position of the series", done.stderr)

    def test_a_stricter_umask_excludes_the_group(self):
        self.serve(umask=0o77)
        self.until_rows(READ, at_least=12)
        for suffix in ("", "-wal", "-shm"):
            self.assertEqual(stat.S_IMODE(os.stat(self.db_path + suffix).st_mode), 0o600)
        self.stop_run()

    def test_readers_create_no_files(self):
        """With -wal and -shm removed by another program, and a folder in which the group may write."""
        self.record()
        self.stop_run()
        os.chmod(self.dir, 0o770)
        for suffix in ("-wal", "-shm"):
            os.unlink(self.db_path + suffix)
        before = self.owners()
        for arguments in (("quotes",), ("verify",), ("status",), ("export", "--out", "-", "-t", "trades"),
                          ("backup", "/tmp/cinta-none/copy.db"), ("check",)):
            done = self.run_as(MEMBER, arguments[0], "-c", self.conf_path, *arguments[1:])
            self.assertIn(done.returncode, (1, 78), arguments)
            if arguments[0] in ("quotes", "verify", "export", "backup"):
                self.assertIn(f"setpriv --reuid 65533 --regid 65532 --clear-groups cinta {arguments[0]}", done.stderr)
                self.assertIn("start the service", done.stderr)
            self.assertEqual(self.owners(), before, arguments)
        self.assertEqual(as_user(MEMBER, lambda: self.in_sqlite(f"file:{self.db_path}?immutable=1")), 12)
        self.serve()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        self.expect_member_can_read()
        self.stop_run()

    def test_another_user_gets_the_owner_and_the_command(self):
        self.record()
        os.chmod(self.dir, 0o755)
        for arguments in (("quotes",), ("verify",), ("export", "--out", "-", "-t", "trades")):
            done = self.run_as(STRANGER, arguments[0], "--db", self.db_path, *arguments[1:])
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(f"cannot read '{self.db_path}' as user '60002'", done.stderr)
            self.assertIn("belongs to user '65533', group '65532': to join the group, run `usermod -aG 65532 60002` and log in again", done.stderr)
            self.assertIn(f"as root: setpriv --reuid 65533 --regid 65532 --clear-groups cinta {arguments[0]}", done.stderr)
        done = self.run_as(STRANGER, "quotes", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78)
        self.assertIn(f"cannot read '{self.conf_path}' as user '60002'", done.stderr)
        done = self.run_as(MEMBER, "status", "-c", self.conf_path, "--json")
        self.assertEqual((done.returncode, done.stdout), (1, ""))  # no {"running":false}, because it runs
        self.assertIn("as user '60001'", done.stderr)
        self.assertIn("cinta status", done.stderr)
        os.chmod(self.dir, 0o750)
        done = self.run_as(STRANGER, "quotes", "--db", self.db_path)
        self.assertIn(f"'{self.dir}' belongs to user '65533'", done.stderr)
        self.stop_run()


class Check(UsersTest):
    """`cinta check` as root checks access for the service's user."""

    def check(self, expected, *options):
        before = self.owners()
        done = self.cinta("check", "-c", self.conf_path, *options)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        self.assertEqual(self.owners(), before)
        return done

    def expect_good(self):
        done = self.check(0)
        self.assertEqual(done.stderr, "")
        self.assertIn("files: as user '65533', who owns them\n", done.stdout)
        self.assertEqual(self.check(0, "--quiet").stdout, "")

    def test_documented_layouts(self):
        self.expect_good()  # before the first start; password owned by the service, as without systemd
        os.chown(self.path("password"), 0, 0)  # password owned by root, as with systemd, which passes it to the service
        self.expect_good()
        os.chown(self.path("cinta.conf"), 0, SERVICE[1])
        self.expect_good()
        os.chown(self.path("password"), *SERVICE)
        self.record()
        self.expect_good()
        self.stop_run()
        self.expect_good()

    def test_as_the_services_user(self):
        done = self.run_as(SERVICE, "check", "-c", self.conf_path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("files: as user '65533'\n", done.stdout)
        os.chown(self.path("password"), 0, 0)
        done = self.run_as(SERVICE, "check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78)
        self.assertIn("as user '65533': Permission denied: chown 65533 ", done.stderr)
        self.assertIn("LoadCredential=cinta-password:", done.stderr)

    def test_as_a_member_of_the_group(self):
        self.record()
        self.stop_run()
        os.chown(self.path("password"), 0, 0)
        done = self.run_as(MEMBER, "check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78)
        self.assertEqual(done.stderr.count("\n"), 2, done.stderr)  # one for the password, one for everything else
        self.assertIn("belongs to user '65533' and this is user '60001': run it as '65533'", done.stderr)

    def test_files_that_the_service_cannot_use(self):
        self.record()
        self.stop_run()
        closed = r"user '65533' cannot {} '[^']+': '[^']+' belongs to user 'root' \(mode 0600\)"
        for name, key, verb in (("cinta.conf", "the configuration", "read"), ("cinta.db", "store.path", "write"),
                                ("cinta.db-shm", "store.path", "write")):
            os.chown(self.path(name), 0, 0)
            os.chmod(self.path(name), 0o600)
            self.assertRegex(self.check(78).stderr, key + ": " + closed.format(verb), name)
            self.give(name, 0o640)
        os.chown(self.path("password"), *STRANGER)
        self.assertIn("belongs to another user, '60002', and cinta runs as '65533': chown 65533 ", self.check(78).stderr)
        self.give("password", 0o600)
        os.chmod(self.path("state"), 0o770)
        self.assertIn("chmod go-w " + self.path("state"), self.check(78).stderr)
        os.chmod(self.path("state"), 0o700)
        self.expect_good()

    def test_a_missing_folder(self):
        self.write("cinta.conf", text_of(self.conf_path).replace(self.db_path, self.path("none/cinta.db")), 0o640)
        self.give("cinta.conf", 0o640)
        words = f"the folder '{self.path('none')}' does not exist: mkdir -p {self.path('none')}"
        self.assertIn(words, self.check(78).stderr)
        self.serve()
        self.assertNotEqual(self.service.wait_exit(), 0)
        self.assertIn(words, self.service.log())


class Root(UsersTest):
    def test_run_is_refused(self):
        for state in (None, SERVICE):
            if state:
                os.mkdir(self.path("state"), 0o700)
                os.chown(self.path("state"), *state)
            before = self.owners()
            done = self.cinta("run", "-c", self.conf_path)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertIn("running as root, but", done.stderr)
            self.assertIn("setpriv --reuid 65533 --regid 65532 --clear-groups cinta run", done.stderr)
            self.assertEqual(self.owners(), before)
        self.record()
        self.stop_run()

    def test_reading_commands_leave_no_files_of_root(self):
        self.record()
        self.stop_run()
        for arguments in (("quotes",), ("verify",), ("status",), ("export", "--out", "-", "-t", "trades")):
            for suffix in ("-wal", "-shm"):
                if os.path.exists(self.db_path + suffix):
                    os.unlink(self.db_path + suffix)
            self.cinta(arguments[0], "-c", self.conf_path, *arguments[1:])
            self.expect_all_owned_by_the_service()
        self.serve()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        self.stop_run()

    def test_files_written_in_the_services_folder_belong_to_the_service(self):
        self.record()
        self.stop_run()
        for arguments in (("export", "--out", self.path("export"), "--since-last", "schedule"),
                          ("export", "--out", self.path("trades.csv"), "-t", "snapshots"),
                          ("backup", self.path("copy.db")), ("backup", "--force", self.path("copy.db"))):
            done = self.cinta(arguments[0], "-c", self.conf_path, *arguments[1:])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.expect_all_owned_by_the_service()
        self.assertEqual(os.stat(self.path("copy.db")).st_gid, SERVICE[1])
        self.serve()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        done = self.run_as(SERVICE, "export", "-c", self.conf_path, "--out", self.path("export"), "--since-last", "schedule")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.stop_run()

    def test_files_written_elsewhere_belong_to_root(self):
        self.record()
        self.stop_run()
        os.mkdir(self.path("roots"), 0o700)
        for arguments in (("export", "--out", self.path("roots/export")), ("backup", self.path("roots/copy.db"))):
            done = self.cinta(arguments[0], "-c", self.conf_path, *arguments[1:])
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(self.owners(self.path("roots")).values()), {0})
        shutil.rmtree(self.path("roots"))
        self.expect_all_owned_by_the_service()

    def test_files_of_init_in_the_services_folder_belong_to_the_service(self):
        os.mkdir(self.path("roots"), 0o755)
        os.mkdir(self.path("market"), 0o750)
        os.chown(self.path("market"), *SERVICE)
        done = self.cinta("init", "--url", self.url, "--user", "alice", "--password-file", self.path("password"),
                          "--match", "*", "--yes", "--db", self.path("market/data/ticks.db"),
                          "--state-dir", self.path("market/state"), self.path("roots/conf"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        made = self.owners(self.path("market"))
        self.assertEqual(set(made.values()), {SERVICE[0]})
        self.assertIn(self.path("market/state/token"), made)
        self.assertEqual(set(self.owners(self.path("roots")).values()), {0})
        done = self.cinta("check", "--quiet", "-c", self.path("roots/conf/cinta.conf"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_files_left_by_root_are_reported_with_the_command(self):
        self.record()
        self.stop_run()
        for name in ("cinta.db-shm", "cinta.db-wal", "cinta.db", "state/cinta.lock"):
            os.chown(self.path(name), 0, 0)
            os.chmod(self.path(name), 0o600)
            self.serve()
            self.assertEqual(self.service.wait_exit(), 1, name)
            log = self.service.log()
            self.assertIn("belongs to user 'root'", log)
            self.assertIn(f"chown {'-R ' if name.startswith('state') else ''}65533: {self.path(name.split('/')[0])}", log)
            self.give(name, 0o600)
        self.serve()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        self.stop_run()


if __name__ == "__main__":
    wire.main()
