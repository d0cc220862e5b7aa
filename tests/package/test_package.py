"""Installs, uses, removes and purges the Debian package in a root that contains only its dependencies.

The root has all direct and indirect dependencies of the package, from apt's configured mirror, and a shell. They are
unpacked and entered as installed in dpkg's status file; then dpkg really installs the package.
"""
import glob
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unittest

RELEASE, BUILD = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))  # the deb is in the first
(DEB,) = glob.glob(os.path.join(RELEASE, "cinta_*.deb"))
ARCHIVES = os.path.join(BUILD, "package-archives")  # kept for the next run
SHELL = ("dash", "coreutils", "systemd-standalone-sysusers", "systemd-standalone-tmpfiles")
PATIENCE_S = 60


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
                          env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}, **options)


def apt(root, *arguments):
    """Runs apt with the root's status file and a separate archive folder; the machine's apt state is not changed."""
    settings = {"Dir::State::status": f"{root}/var/lib/dpkg/status", "Dir::Cache::archives": ARCHIVES,
                "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": "", "APT::Sandbox::User": "root",
                "APT::Install-Recommends": "false", "APT::Update::Error-Mode": "any"}
    lists = f"{root}.lists"
    if os.path.isdir(lists):
        settings["Dir::State::lists"] = lists
    return run("apt-get", "-q", "-y", *(f"-o{key}={value}" for key, value in settings.items()), *arguments)


def download(root):
    """The file names of all dependencies; SkipTest when the mirror cannot be reached."""
    os.makedirs(os.path.join(ARCHIVES, "partial"), exist_ok=True)
    wanted = ("install", DEB, *SHELL)
    done = apt(root, "--simulate", *wanted)
    if done.returncode:  # the machine's package lists may be old or missing
        os.makedirs(f"{root}.lists/partial")
        if apt(root, "update").returncode:
            raise unittest.SkipTest("the mirror cannot be reached")
        done = apt(root, "--simulate", *wanted)
        if done.returncode:
            raise AssertionError("apt cannot resolve the dependencies:\n" + done.stdout)
    names = re.findall(r"^Inst (\S+) \((\S+) .*\[(\w+)\]\)", done.stdout, re.M)
    done = apt(root, "--download-only", *wanted)
    if done.returncode:
        raise unittest.SkipTest("the mirror cannot be reached: " + done.stdout[-300:])
    paths = [os.path.join(ARCHIVES, f"{name}_{version.replace(':', '%3a')}_{architecture}.deb")
             for name, version, architecture in names]
    return [path for path in paths if not os.path.basename(path).startswith("cinta_")]


def make_root(root, debs):
    """Unpacks the packages and enters them as installed in dpkg's status file."""
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(f"{root}/usr/{name}")
        os.symlink(f"usr/{name}", f"{root}/{name}")
    for folder in ("etc", "tmp", "dev", "var/lib/dpkg/info", "var/lib/dpkg/updates"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    with open(f"{root}/etc/passwd", "w", encoding="utf-8") as file:
        file.write("root:x:0:0:root:/root:/bin/sh\n")
    with open(f"{root}/etc/group", "w", encoding="utf-8") as file:
        file.write("root:x:0:\n")
    for name, minor in (("null", 3), ("urandom", 9)):
        os.mknod(f"{root}/dev/{name}", 0o666 | stat.S_IFCHR, os.makedev(1, minor))
    with open(f"{root}/var/lib/dpkg/status", "w", encoding="utf-8") as status:
        for deb in debs:
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as files:
                subprocess.run(["tar", "-x", "-C", root, "--keep-directory-symlink", "--exclude=./usr/share/doc/*",
                                "--exclude=./usr/share/locale/*"], stdin=files.stdout, check=True)
            control = subprocess.run(["dpkg-deb", "-f", deb], stdout=subprocess.PIPE, text=True, check=True).stdout
            status.write(re.sub(r"^(Package: .*\n)", r"\1Status: install ok installed\n", control, flags=re.M) + "\n")


class Package(unittest.TestCase):
    """All steps in one test, in order, because creating the root takes longer than all of them."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs root to create a root file system")
        folder = tempfile.mkdtemp(prefix="package-", dir=BUILD)
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.root = os.path.join(folder, "root")
        os.makedirs(f"{self.root}/var/lib/dpkg")
        with open(f"{self.root}/var/lib/dpkg/status", "w", encoding="utf-8"):
            pass
        make_root(self.root, download(self.root))

    def inside(self, *argv, user="root", groups=""):
        return ("chroot", f"--userspec={user}", f"--groups={groups}", self.root, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", *argv)

    def good(self, *argv, **options):
        done = run(*argv, **options)
        self.assertEqual(done.returncode, 0, f"{argv}: {done.stdout}")
        return done.stdout

    def dpkg(self, *arguments):
        return self.good("dpkg", f"--root={self.root}", "--force-unsafe-io", *arguments)

    def write(self, path, text, mode=0o600):
        path = self.root + path
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def owner(self, path):
        state = os.stat(self.root + path)
        return state.st_uid, state.st_gid, state.st_mode & 0o7777

    def start(self, *argv, user="root", umask=-1):
        child = subprocess.Popen(self.inside(*argv, user=user), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                 text=True, umask=umask)
        self.addCleanup(self.stop, child)
        return child

    def stop(self, child):
        if child.poll() is None:
            child.terminate()
        log = child.communicate(timeout=PATIENCE_S)[1]
        return child.returncode, log

    def until(self, condition, child, what):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if child.poll() is not None or time.monotonic() > deadline:
                self.fail(f"{what}: {self.stop(child)}")
            time.sleep(0.05)

    def test_install_use_upgrade_remove_purge(self):
        self.check_fields()
        self.dpkg("--install", DEB)
        self.check_files()
        self.check_commands()
        self.record()
        self.dpkg("--install", DEB)  # an upgrade keeps the configuration
        self.good(*self.inside("cinta", "check"))
        self.remove()

    def check_files(self):
        with open(f"{self.root}/etc/passwd", encoding="utf-8") as file:
            self.user = re.search(r"^cinta:[^:]*:(\d+):(\d+):", file.read(), re.M)
        self.assertTrue(self.user)
        self.assertEqual(self.owner("/etc/cinta/cinta.conf"), (0, int(self.user[2]), 0o640))
        for name in ("lib/systemd/system/cinta.service", "lib/systemd/system/cinta-export.service",
                     "lib/systemd/system/cinta-export.timer", "share/man/man1/cinta.1.gz",
                     "share/man/man5/cinta.conf.5.gz", "share/bash-completion/completions/cinta",
                     "share/zsh/vendor-completions/_cinta"):
            self.assertTrue(os.path.isfile(f"{self.root}/usr/{name}"), name)
        self.assertEqual(glob.glob(f"{self.root}/etc/systemd/**/cinta*", recursive=True), [])  # nothing is enabled
        self.assertEqual(self.dpkg("--verify", "cinta"), "")

    def check_fields(self):
        fields = dict(re.findall(r"^(\S+): (.*)$", self.good("dpkg-deb", "-f", DEB), re.M))
        self.assertEqual(fields["Recommends"], "sqlite3")
        self.assertNotIn("sqlite3 ", fields["Depends"])  # libsqlite3 is enough
        self.assertRegex(fields["Depends"], r"\blibcurl4")

    def check_commands(self):
        self.assertRegex(self.good(*self.inside("cinta", "--version")), r"^cinta \d")
        done = run(*self.inside("cinta", "check"))
        self.assertEqual(done.returncode, 78)  # only the password is missing
        self.assertIn("/etc/cinta/password", done.stdout)
        self.write("/etc/cinta/password", "s3cret-pass\n")
        self.assertIn("password: found in /etc/cinta/password", self.good(*self.inside("cinta", "check")))

    def record(self):
        """Runs the service as its unit does: with its own user, and the password as a credential."""
        ids = f"{self.user[1]}:{self.user[2]}"
        sim = self.start("cinta", "sim", "--ready-file", "/tmp/ready", "--user", "alice", "--password", "s3cret-pass")
        self.until(lambda: os.path.exists(f"{self.root}/tmp/ready"), sim, "the simulator listens")
        unit = self.text("/usr/lib/systemd/system/cinta.service")
        for folder, mode in (("/var/lib/cinta", re.search(r"^StateDirectoryMode=(\d+)$", unit, re.M)[1]),
                             ("/run/credentials", "700")):
            os.makedirs(self.root + folder, exist_ok=True)
            os.chown(self.root + folder, int(self.user[1]), int(self.user[2]))
            os.chmod(self.root + folder, int(mode, 8))
        with open(f"{self.root}/tmp/ready", encoding="utf-8") as file:
            url = file.read().strip()
        os.unlink(f"{self.root}/etc/cinta/password")  # left by check_commands
        self.write("/tmp/password", "s3cret-pass\n", 0o600)
        output = self.good(*self.inside("cinta", "init", "--url", url, "--user", "alice", "--password-file",
                                      "/tmp/password", "--match", "*", "--yes"))  # replaces the sample without --force
        self.assertIn("wrote /etc/cinta/cinta.conf", output)
        for left in os.listdir(self.root + "/var/lib/cinta"):  # the token belongs to the service, although root ran init
            self.assertEqual(self.owner("/var/lib/cinta/" + left)[0], int(self.user[1]), left)
        credential = self.write("/run/credentials/cinta-password", "s3cret-pass\n", 0o400)
        os.chown(credential, int(self.user[1]), int(self.user[2]))
        service = self.start("CREDENTIALS_DIRECTORY=/run/credentials", "cinta", "run", user=ids,
                             umask=int(re.search(r"^UMask=(\d+)$", unit, re.M)[1], 8))
        self.until(lambda: run(*self.inside("cinta", "quotes", "--csv", user=ids)).stdout.count("\n") > 50, service,
                   "a hundred instruments are recorded")
        self.make_alice()
        self.good(*self.inside("cinta", "export", "--table", "snapshots"))  # as root, into the service's folder
        self.read_as_alice("while it runs")
        self.assertIn("files: as user 'cinta', who owns them", self.good(*self.inside("cinta", "check")))
        self.assertEqual(self.stop(service)[0], 0)
        self.stop(sim)
        self.read_as_alice("after it stopped")
        self.run_commands_as_root()

    def text(self, path):
        with open(self.root + path, encoding="utf-8") as file:
            return file.read()

    def make_alice(self):
        """Writes the lines of `adduser alice` and `usermod -aG cinta alice`."""
        with open(f"{self.root}/etc/passwd", "a", encoding="utf-8") as file:
            file.write("alice:x:1500:1500::/tmp:/bin/sh\n")
        groups = re.sub(r"^(cinta:.*)$", r"\1alice", self.text("/etc/group"), flags=re.M)
        self.write("/etc/group", groups + "alice:x:1500:\n", 0o644)

    def alice(self, *argv, groups):
        done = run(*self.inside(*argv, user="1500:1500", groups=groups))
        return done.returncode, done.stdout

    def query_as_alice(self, path):
        """A query with Python's sqlite3, as in a notebook."""
        out, back = os.pipe()
        child = os.fork()
        if child == 0:
            os.chroot(self.root)
            os.chdir("/")
            os.setgroups([int(self.user[2])])
            os.setgid(1500)
            os.setuid(1500)
            try:
                answer = sqlite3.connect(path, uri=True).execute("select count(*) from quotes").fetchone()[0]
            except sqlite3.Error as error:
                answer = error
            os.write(back, str(answer).encode())
            os._exit(0)
        os.close(back)
        with os.fdopen(out, encoding="utf-8") as file:
            answer = file.read()
        os.waitpid(child, 0)
        return answer

    def read_as_alice(self, when):
        group = self.user[2]
        for path in ("/var/lib/cinta/cinta.db", "file:/var/lib/cinta/cinta.db?mode=ro"):
            self.assertRegex(self.query_as_alice(path), r"^\d{2,}$", when)
        status, output = self.alice("cinta", "quotes", "--csv", groups=group)
        self.assertEqual(status, 0, output)
        self.assertGreater(output.count("\n"), 50)
        (path,) = glob.glob(f"{self.root}/var/lib/cinta/export/once/snapshots/*/*")
        status, output = self.alice("/bin/sh", "-c", 'exec <"$0"', path[len(self.root):], groups=group)
        self.assertEqual(status, 0, output)
        for secret in ("/etc/cinta/password", "/var/lib/cinta/token", "/var/lib/cinta/cinta.lock"):
            status, output = self.alice("/bin/sh", "-c", 'exec <"$0"', secret, groups=group)
            self.assertNotEqual(status, 0, secret)
        status, output = self.alice("cinta", "quotes", groups="")  # without the group, as before a new login
        self.assertEqual(status, 78)
        self.assertIn("as user 'alice': Permission denied: '/etc/cinta/cinta.conf' belongs to user 'root', group 'cinta': to"
                      " join the group, run `usermod -aG cinta alice` and log in again", output)
        os.chmod(self.root + "/var/lib/cinta/cinta.db", 0o600)  # as an administrator may set it
        status, output = self.alice("cinta", "quotes", groups=group)
        self.assertEqual(status, 1)
        self.assertIn("as root: runuser -u cinta -- cinta quotes", output)
        os.chmod(self.root + "/var/lib/cinta/cinta.db", 0o640)

    def run_commands_as_root(self):
        """No command that root runs leaves files of root."""
        done = run(*self.inside("cinta", "run"))
        self.assertEqual(done.returncode, 78)
        self.assertIn("run 'systemctl start cinta', or 'runuser -u cinta -- cinta run'", done.stdout)
        for arguments in (("quotes",), ("verify",), ("export", "--since-last", "schedule", "--out", "/var/lib/cinta/series"),
                          ("backup", "/var/lib/cinta/copy.db")):
            self.good(*self.inside("cinta", *arguments))
        for folder, folders, files in os.walk(f"{self.root}/var/lib/cinta"):
            for name in folders + files:
                path = os.path.join(folder, name)[len(self.root):]
                self.assertEqual(self.owner(path)[:2], (int(self.user[1]), int(self.user[2])), path)

    def remove(self):
        self.dpkg("--remove", "cinta")
        self.assertTrue(os.path.exists(f"{self.root}/etc/cinta/cinta.conf"))
        self.dpkg("--purge", "cinta")
        self.assertFalse(os.path.exists(f"{self.root}/etc/cinta/cinta.conf"))
        for kept in ("/etc/cinta/password", "/var/lib/cinta/cinta.db"):
            self.assertTrue(os.path.exists(self.root + kept), kept)
        left = glob.glob(f"{self.root}/usr/**/*cinta*", recursive=True)
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
