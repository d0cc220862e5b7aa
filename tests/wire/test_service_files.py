"""The files for systemd: valid, sandboxed as documented, and consistent with the program."""
import os
import re
import signal
import subprocess
import unittest

import wire

SOURCE = os.environ["CINTA_SOURCE"]
SERVICES = ("cinta.service", "cinta-export.service")
UNITS = (*SERVICES, "cinta-export.timer")
EXPOSURE_MAX = 15  # tenths


def text_of(name):
    with open(os.path.join(SOURCE, "etc", name), encoding="utf-8") as file:
        return file.read()


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "LC_ALL": "C", "SYSTEMD_PAGER": ""})


class ServiceFiles(wire.WireTest):
    def test_the_units_are_valid(self):
        for name in UNITS:  # with the built program; without Documentation=, because its man pages are not installed
            unit = text_of(name).replace("/usr/bin/cinta", wire.CINTA)
            self.write(name, re.sub(r"^Documentation=.*\n", "", unit, flags=re.M))
        done = run("systemd-analyze", "verify", *(self.path(name) for name in UNITS))
        ours = [line for line in done.stderr.splitlines() if "cinta" in line]  # other units of this machine may have warnings
        self.assertEqual(ours, [])

    def test_an_error_in_a_unit_is_reported(self):
        self.write("cinta.service", text_of("cinta.service").replace("WatchdogSec=60", "WatchdogSec=soon"))
        done = run("systemd-analyze", "verify", self.path("cinta.service"))
        self.assertIn("soon", done.stderr)

    def test_the_exposure_is_low(self):
        for name in SERVICES:
            done = run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_MAX}",
                       os.path.join(SOURCE, "etc", name))
            self.assertEqual(done.returncode, 0, f"{name}: {done.stdout.splitlines()[-1:]}{done.stderr}")

    def test_the_needed_system_calls_are_allowed(self):
        unit = text_of("cinta.service")
        self.assertIn("RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n", unit)
        allowed, taken, refused, again = self.syscalls("@default"), *re.findall(r"^SystemCallFilter=(.*)$", unit, re.M)
        for group in taken.split():
            allowed |= self.syscalls(group)
        for group in refused.lstrip("~").split():
            allowed -= self.syscalls(group)
        allowed |= set(again.split())
        for call in ("socket", "connect", "accept4", "clone3", "vfork", "execve", "wait4", "mlock", "madvise", "prlimit64",
                     "prctl", "flock", "fcntl", "fdatasync", "ftruncate", "rename", "epoll_pwait", "sendmmsg", "setpriority", "ioprio_set",
                     "memfd_create", "setpgid", "waitid", "kill"):
            self.assertIn(call, allowed)

    def syscalls(self, group, seen=()):
        calls = set()
        for word in run("systemd-analyze", "syscall-filter", group).stdout.split("\n")[1:]:
            word = word.strip()
            if word.startswith("@") and word not in seen:
                calls |= self.syscalls(word, (*seen, word))
            elif word and not word.startswith("#"):
                calls.add(word)
        return calls

    def test_their_commands_and_options_exist(self):
        known = re.findall(r"^  (\w+) ", self.cinta("help").stdout, re.M)
        commands = {name: re.search(r"^ExecStart=/usr/bin/cinta (\w+)(.*)$", text_of(name), re.M) for name in SERVICES}
        self.assertIn(commands["cinta.service"][1], known)
        for name, command in commands.items():
            if command[1] not in known:
                continue
            shown = self.cinta("help", command[1]).stdout
            for option in re.findall(r" (--?[a-z][a-z-]*)", command[2]):
                self.assertRegex(shown, rf"\s{option}[, ]", name)

    def test_exit_codes_without_a_restart_are_those_of_the_program(self):
        codes = re.search(r"^RestartPreventExitStatus=(.*)$", text_of("cinta.service"), re.M)[1].split()
        page = self.cinta("help", "run").stdout.replace("\n", " ")
        for code, meaning in zip(codes, ("credentials refused", "bad configuration"), strict=True):
            self.assertIn(f"{code} {meaning}", page)

    def test_reload_needs_no_other_package(self):
        reload = re.search(r"^ExecReload=(\S+) -c '(.*)'$", text_of("cinta.service"), re.M)
        self.assertEqual(reload[1], "/bin/sh")  # in an essential package; /bin/kill is not
        asleep = subprocess.Popen(["sleep", "600"])
        self.addCleanup(asleep.wait)
        self.addCleanup(asleep.kill)
        done = subprocess.run([reload[1], "-c", reload[2]], env={"MAINPID": str(asleep.pid)}, timeout=60, check=False)
        self.assertEqual((done.returncode, asleep.wait(60)), (0, -signal.SIGHUP))

    def test_the_timer_is_in_argentine_time(self):
        when = re.search(r"^OnCalendar=(.*)$", text_of("cinta-export.timer"), re.M)[1]
        done = run("systemd-analyze", "calendar", "--base-time=2026-11-23 12:00:00 UTC", when)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"2026-11-23 20:30:00 UTC")

    def test_user_and_folder_are_created(self):
        root = self.path("root")
        os.makedirs(os.path.join(root, "etc"))
        etc = os.path.join(SOURCE, "etc")
        done = run("systemd-sysusers", f"--root={root}", os.path.join(etc, "cinta.sysusers"))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(root, "etc/passwd"), encoding="utf-8") as file:
            user = re.search(r"^cinta:[^:]*:(\d+):(\d+):[^:]*:/var/lib/cinta:\S*nologin$", file.read(), re.M)
        self.assertTrue(user)
        if os.geteuid() != 0:
            return  # only root can change the owner
        done = run("systemd-tmpfiles", f"--root={root}", "--create", os.path.join(etc, "cinta.tmpfiles"))
        self.assertEqual(done.returncode, 0, done.stderr)
        state = os.stat(os.path.join(root, "var/lib/cinta"))
        self.assertEqual((state.st_mode & 0o777, state.st_uid, state.st_gid), (0o750, int(user[1]), int(user[2])))


if __name__ == "__main__":
    wire.main()
