"""Compares the sample configuration, docs/configuration.md and the man pages with the binary."""
import re

import doc_facts
import wire
from pages import text_of

ELSEWHERE = {"broker.url", "broker.user", "broker.password_file", "instruments.symbols"}  # set in the sample, so without a default there


class Docs(wire.WireTest):
    def checked(self, text):
        """{key: value} printed by `cinta check` for a configuration with this text."""
        self.write("password", "x\n")
        text = re.sub(r'password_file = "[^"]+"', f'password_file = "{self.path("password")}"', text)
        done = self.cinta("check", "-c", self.write("some.conf", text))
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(re.findall(r"^(\S+) *= (.*?) +# ", done.stdout, re.M))

    def defaults(self):
        return self.checked('broker { url = "https://api.example.test/" user = "u" password_file = "p" }\n'
                            'instruments { symbols = {"A"} }')

    def test_the_sample_shows_the_defaults(self):
        defaults = self.defaults()
        sample = text_of("etc/cinta.conf")
        self.checked(sample)  # unchanged, it is valid
        uncommented = self.checked(re.sub(r"^(\s*)# (\w+ *=)", r"\1\2", sample, flags=re.M))
        shown = set(re.findall(r"^\s*#? ?(\w+) *= ", sample, re.M))
        for key, value in defaults.items():
            if key not in ELSEWHERE:
                self.assertEqual(uncommented[key], value, key)
        built = {key for key in defaults if not self.is_later(key)}
        self.assertEqual({key.split(".")[-1] for key in built} - shown, set())

    def is_later(self, key):
        done = self.cinta("check", "-c", self.path("some.conf"))
        return bool(re.search(rf"^{re.escape(key)} .*no effect yet", done.stdout, re.M))

    def test_the_manual_names_every_key_and_its_default(self):
        manual, page = text_of("docs/configuration.md"), text_of("docs/man/cinta.conf.5")
        defaults = self.defaults()
        for key, value in defaults.items():
            name = key.split(".")[-1]
            self.assertIn(f"`{name}`", manual, key)
            self.assertRegex(page, rf"\b{name}\b")
            section = manual.partition(f"\n## {key.split('.')[0]}\n")[2].partition("\n## ")[0]
            row = re.search(rf"^\| `{name}` \| `([^`]*)` \|", section, re.M)
            if row and key not in ELSEWHERE:
                self.assertEqual(row.group(1), value, key)

    def test_the_man_page_has_every_option_of_every_command(self):
        page = text_of("docs/man/cinta.1")
        commands = re.findall(r"^  (\w+) ", self.cinta("help").stdout, re.M)
        self.assertEqual(list(doc_facts.options_of_man_page(page)), commands)
        for command in commands:
            with self.subTest(command):
                self.assertEqual(doc_facts.wrong_options(command, self.cinta("help", command).stdout, page), [])

    def test_help_fits_80_columns(self):
        commands = re.findall(r"^  (\w+) ", self.cinta("help").stdout, re.M)
        self.assertGreater(len(commands), 9)
        for command in ((), *((command,) for command in commands)):
            for line in self.cinta("help", *command).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    wire.main()
