"""The completion scripts: bash completes every command, option and value; the zsh script is valid and complete."""
import os
import re
import shutil
import subprocess
import unittest

import wire

ASK = r'''
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_cinta
printf '%s\n' "${COMPREPLY[@]}"
'''


class Completion(wire.WireTest):
    def setUp(self):
        super().setUp()
        for shell in ("bash", "zsh"):
            done = self.cinta("completion", shell)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.write(shell, done.stdout)
        for name in ("some.conf", "trades.csv", "trades.jsonl.zst", "trades.db"):
            self.write(name, "")
        os.mkdir(self.path("some folder"))

    def answers(self, *words):
        """The completions that bash offers for the last word."""
        done = subprocess.run(["bash", "--norc", "-c", ASK, "ask", self.path("bash"), "cinta", *words], cwd=self.dir,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split("\n")) - {""}

    def commands(self):
        return re.findall(r"^  (\w+) ", self.cinta("help").stdout, re.M)

    def options(self, command):
        return re.findall(r"^ +(?:-\w, )?(--[\w-]+)", self.cinta("help", command).stdout, re.M)

    def test_bash_knows_every_command_and_option(self):
        commands = self.commands()
        self.assertGreater(len(commands), 7)
        self.assertEqual(self.answers(""), {*commands, "help", "--version"})
        self.assertEqual(self.answers("help", ""), {*commands, "help", "--version"})
        for command in commands:
            self.assertEqual(self.answers(command, "-"), {*self.options(command), "--help"}, command)

    def test_bash(self):
        files = {"some.conf", "some folder"}
        for words, expected in (
                (("ru",), {"run"}),
                (("quotes", "--w"), {"--watch"}),
                (("quotes", "--watch", "--j"), {"--json"}),
                (("run", "--config", "so"), files),
                (("run", "-c", "some."), {"some.conf"}),
                (("run", "--config", "=", "some."), {"some.conf"}),  # bash treats = as a word
                (("run", "--config", "="), {*files, "bash", "zsh", "trades.csv", "trades.jsonl.zst", "trades.db"}),
                (("run", "--log", ""), {"error", "warn", "info", "debug"}),
                (("quotes", "--columns", ""), set()),  # nothing can be offered
                (("run", "so"), set()),  # takes no argument
                (("backup", "--force", "so"), files),
                (("export", "--out", "so"), {"some folder"}),  # no file that it would replace
                (("export", "-o", "tra"), {"trades.csv", "trades.jsonl.zst"}),
                (("export", "--format", ""), {"csv", "jsonl", "excel"}),
                (("export", "--compress", "z"), {"zstd"}),
                (("export", "--table", "b"), {"bars"}),
                (("quotes", "so"), set()),  # a pattern, not a file
                (("completion", ""), {"bash", "zsh"}),
                (("nonsense", ""), set()),
        ):
            self.assertEqual(self.answers(*words), expected, words)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh_parses_it(self):
        done = subprocess.run(["zsh", "-n", self.path("zsh")], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_zsh_knows_every_command_and_option(self):
        with open(self.path("zsh"), encoding="utf-8") as file:
            text = file.read()
        self.assertTrue(text.startswith("#compdef cinta\n"))
        for command in self.commands():
            part = re.search(rf"^    {command}\)\n(.*?) ;;$", text, re.M | re.S)[1]
            for option in self.options(command):
                self.assertRegex(part, rf"{option}[=}}\[]", command)

    def test_another_shell(self):
        for arguments in ((), ("fish",), ("bash", "zsh")):
            done = self.cinta("completion", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, "bash or zsh|allowed: bash, zsh|takes one SHELL")


if __name__ == "__main__":
    wire.main()
