"""Files of ours and files of others: what a command may write over, who owns it, who may read it."""
import os

import wire


class BackupTarget(wire.WireTest):
    """The database that is recorded, and files of the configuration, are never replaced."""

    def names_of_the_database(self):
        """Every way to say it: as it is, relative, by links, and the files beside it."""
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


if __name__ == "__main__":
    wire.main()
