"""`cinta doctor --url`: the URL that began the project, as an argument and on standard input, for people and as JSON. The
rules have their table in tests/unit/doctor/test_url_explain.c."""
import json
import re
import subprocess
import urllib.parse
import urllib.request

import pages
import wire
import ws_client

TOKEN = "Zk2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
ORIGIN = f"wss://api.eco.xoms.com.ar/ws?session_id={urllib.parse.quote(TOKEN, safe='')}&conn_id="
CAUSE = ("The session_id has 44 characters of base64, the form of a REST token, and api.eco.xoms.com.ar is the API "
         "host: ")
SECRETS = ("Zk2", "GxwdHh8", "FxgZGhs", "hunter2")


class DoctorUrl(wire.WireTest):
    def ask(self, *arguments, text="", expect=78):
        done = subprocess.run([wire.CINTA, "doctor", *arguments], input=text.encode(), capture_output=True, timeout=60,
                              check=False)
        output = done.stdout.decode()
        self.assertEqual(done.returncode, expect, output + done.stderr.decode())
        self.assertEqual(done.stderr, b"")
        for secret in SECRETS:
            self.assertNotIn(secret, output)
        return output

    def test_the_last_line_names_the_cause_and_the_remedy(self):
        for arguments, text in ((("--url", ORIGIN), ""), ((f"--url={ORIGIN}",), ""), (("--url", "-"), ORIGIN + "\n"),
                                (("--url", "-", "-c", "/nonexistent"), f"'{ORIGIN}'")):
            with self.subTest(arguments=arguments):
                last = self.ask(*arguments, text=text).splitlines()[-1]
                self.assertTrue(last.startswith(CAUSE), last)
                self.assertIn("use wss://api.eco.xoms.com.ar/ with the header X-Auth-Token", last)
                self.assertIn("connect a page to cinta at ws://127.0.0.1:8787/", last)

    def test_json(self):
        answer = json.loads(self.ask("--url", ORIGIN, "--json"))
        self.assertEqual((answer["cause"], answer["class"]), ("rest_token_as_session_id", "PATH"))
        self.assertTrue(answer["sentence"].startswith(CAUSE))
        step, = answer["steps"]
        self.assertEqual(step["tried"], "wss://api.eco.xoms.com.ar/ws?session_id=(44 characters of base64)"
                                        "&conn_id=(empty)")

    def test_exit_status(self):
        for url, status in (("wss://api.eco.xoms.com.ar/", 0), ("wss://api.eco.xoms.com.ar/ws", 78), ("", 78),
                            ("wss://matriz.eco.xoms.com.ar/ws?session_id=&conn_id=", 77),
                            ("wss://u:hunter2@example.com/", 78)):
            with self.subTest(url=url):
                self.ask("--url", url, expect=status)

    def test_a_megabyte_on_standard_input(self):
        for filler in (TOKEN, "x", "\n", "\u200b", "&a=hunter2"):
            with self.subTest(filler=filler):
                text = ORIGIN + filler * (1024 * 1024 // len(filler.encode()))
                answer = json.loads(self.ask("--url", "-", "--json", text=text))
                self.assertEqual(answer["class"], "PATH" if filler == "\u200b" else "CONFIG")

    def test_the_simulator_refuses_what_is_explained(self):
        """The same handshake, with a token that is valid, is refused; the one of the remedy is accepted."""
        self.start_sim()
        request = urllib.request.Request(self.url + "auth/getToken", method="POST", data=b"",
                                         headers={"X-Username": "alice", "X-Password": self.sim_password})
        with urllib.request.urlopen(request, timeout=60) as answer:
            token = answer.headers["X-Auth-Token"]
        query = urllib.parse.urlencode({"session_id": token, "conn_id": ""})
        self.assertNotEqual(ws_client.Client(self.url, f"/ws?{query}").status, 101)
        self.assertEqual(ws_client.Client(self.url, "/", [f"X-Auth-Token: {token}"]).status, 101)

    def test_each_cause_is_in_the_manual(self):
        keys = re.findall(r'^\s*X\(URL_\w+,\s*"(\w+)",\s*DOCTOR_(\w+)\)', pages.text_of("include/doctor/url_explain.h"),
                          re.M)
        manual = pages.text_of("docs/doctor.md").partition("\n## A URL\n")[2]
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", manual, re.M)
        self.assertGreater(len(keys), 40)
        self.assertEqual(rows, keys)


if __name__ == "__main__":
    wire.main()
