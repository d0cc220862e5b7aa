"""Files: which ones a command may replace, their owner and their mode."""
import os
import signal
import stat

import wire


class BackupTarget(wire.WireTest):
    """`cinta backup` never replaces a recorded database or files of the configuration."""

    def names_of_the_database(self):
        """All names of the database: absolute, relative, through links; and -wal, -shm and -journal."""
        os.symlink(self.db_path, self.path("link.db"))
        os.link(self.db_path, self.path("hard.db"))
        os.symlink(self.dir, self.path("folder"))
        yield self.db_path
        yield os.path.relpath(self.db_path)
        yield self.path("./state/../cinta.db")
        yield self.path("link.db")
        yield self.path("hard.db")
        yield self.path("folder/cinta.db")
        for suffix in ("-wal", "-shm", "-journal"):
            yield self.db_path + suffix

    def identity(self):
        state = os.stat(self.db_path)
        return state.st_dev, state.st_ino

    def test_the_recorded_database(self):
        self.start_sim("--rate", "200")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=50)
        before = self.identity()
        for name in self.names_of_the_database():
            for source in (("-c", self.conf_path), ("--db", self.db_path)):
                for force in ((), ("--force",)):
                    done = self.cinta("backup", *source, *force, name)
                    self.assertEqual(done.returncode, 1, (name, source, force))
                    self.assertRegex(done.stderr, r"is the (database|-\w+ file of the database) .*: give another FILE")
                    self.assertNotIn("--force", done.stderr)
        self.assertEqual(self.identity(), before)
        self.assertEqual([name for name in os.listdir(self.dir) if name.endswith(".part")], [])
        self.until_rows("select count(*) from snapshots", at_least=self.one("select count(*) from snapshots") + 50)
        self.stop_run()
        self.assertEqual(self.cinta("verify", "-c", self.conf_path).returncode, 0)

    def test_the_database_of_another_service(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots")
        copy = self.path("copy.db")
        self.assertEqual(self.cinta("backup", "-c", self.conf_path, copy).returncode, 0)
        elsewhere = {"CINTA_CONF": self.path("none.conf")}
        done = self.cinta("backup", "--db", copy, "--force", self.db_path, env=elsewhere)
        self.assertEqual(done.returncode, 1)
        self.assertIn("a service records into", done.stderr)
        self.stop_run()

    def test_files_of_the_configuration(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots")
        self.stop_run()
        copy = self.path("copy.db")
        self.assertEqual(self.cinta("backup", "-c", self.conf_path, copy).returncode, 0)
        for name in ("cinta.conf", "password", "state/token", "state/cinta.lock"):
            with open(self.path(name), "rb") as file:
                before = file.read()
            for source in ((), ("--db", copy)):
                done = self.cinta("backup", "-c", self.conf_path, *source, "--force", self.path(name))
                self.assertEqual(done.returncode, 1, name)
                self.assertIn("give another FILE", done.stderr)
            with open(self.path(name), "rb") as file:
                self.assertEqual(file.read(), before)
        done = self.cinta("backup", "-c", self.conf_path, "--db", copy, "--force", self.db_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is the database", done.stderr)


class StateFolder(wire.WireTest):
    """A state_dir in which others may write is refused."""

    def test_refused_at_the_start(self):
        self.start_sim()
        self.configure()
        for mode in (0o770, 0o777):
            os.makedirs(self.path("state"), exist_ok=True)
            os.chmod(self.path("state"), mode)
            service = self.start_run()
            self.assertEqual(service.wait_exit(), 78, service.log())
            self.assertIn(f"others may write in state_dir '{self.path('state')}': chmod go-w {self.path('state')}",
                          service.log())
            self.assertEqual(os.listdir(self.path("state")), [])
        os.chmod(self.path("state"), 0o755)
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.stop_run()

    def test_refused_at_a_reload(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes")
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace(self.path("state"), self.path("open")))
        self.service.kill(signal.SIGHUP)
        self.until(lambda: self.events("config_refused"), "the reload is refused")
        self.assertIn("others may write", self.events("config_refused")[0][1])
        self.until_polled()
        self.stop_run()
        self.assertEqual(os.listdir(self.path("open")), [])


class Modes(wire.WireTest):
    """Files with secrets have mode 0600; no temporary file is left, and a link in its place is not followed."""

    def test_files_in_state_dir(self):
        self.start_sim()
        self.configure()
        victim = self.write("victim", "keep me", 0o644)
        os.mkdir(self.path("state"), 0o700)
        for name in ("token.new", "token"):
            os.symlink(victim, self.path("state/" + name))
        self.start_run()
        self.until_rows("select count(*) from quotes")
        status = os.stat(self.path("state/status.sock")).st_mode
        self.assertTrue(stat.S_ISSOCK(status))
        self.assertEqual(status & 0o777, 0o600)
        self.stop_run()
        for name in os.listdir(self.path("state")):
            self.assertEqual(os.lstat(self.path("state/" + name)).st_mode & 0o7777, 0o600, name)
            self.assertNotRegex(name, r"\.new$")
        with open(victim, encoding="utf-8") as file:
            self.assertEqual(file.read(), "keep me")
        self.assertEqual(os.stat(victim).st_mode & 0o777, 0o644)


if __name__ == "__main__":
    wire.main()
