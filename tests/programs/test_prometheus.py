"""Prometheus reads /metrics: promtool accepts the text and the examples of docs/monitoring.md, and a server scrapes it.

An installed Prometheus is used. Otherwise Debian's package is unpacked into the build folder, without installing it,
because its service would start; if it cannot be downloaded, the test is skipped.
"""
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))

import wire

FOLDER = os.path.join(os.path.abspath(os.environ["CINTA_BUILD"]), "prometheus")
DOCUMENT = os.path.join(os.environ["CINTA_SOURCE"], "docs", "monitoring.md")


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, **options)


def unpack():
    """Unpacks the package into FOLDER; returns the reason if that fails, else None."""
    if os.path.exists(os.path.join(FOLDER, "usr/bin/promtool")):
        return None
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "prometheus is not installed, and this is not Debian"
    os.makedirs(FOLDER, exist_ok=True)
    done = run("apt-get", "download", "prometheus", cwd=FOLDER)
    packages = glob.glob(os.path.join(FOLDER, "*.deb"))
    if done.returncode or not packages:
        return f"the package prometheus cannot be downloaded: {done.stderr.strip()[-200:]}"
    done = run("dpkg", "-x", packages[0], FOLDER)
    os.unlink(packages[0])
    return f"the package prometheus cannot be unpacked: {done.stderr.strip()[-200:]}" if done.returncode else None


def program(name):
    return shutil.which(name) or os.path.join(FOLDER, "usr/bin", name)


def example(kind):
    with open(DOCUMENT, encoding="utf-8") as file:
        return re.search(rf"^```yaml {kind}\n(.*?)^```", file.read(), re.M | re.S).group(1)


class Prometheus(wire.WireTest):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("promtool") or not shutil.which("prometheus"):
            missing = unpack()
            if missing:
                raise unittest.SkipTest(missing)

    def serve(self):
        self.start_sim()
        self.configure(stream="enable = true")
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace('serve { listen = "" }', 'serve { listen = "127.0.0.1:0" token = "let-me-in" }'))
        line = self.start_run().wait_line("local API")
        self.target = re.search(r"127\.0\.0\.1:\d+", line).group(0)
        self.until_rows("select count(*) from quotes", at_least=12)

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.target}/metrics?token=let-me-in", timeout=wire.PATIENCE_S) as answer:
            self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
            return answer.read().decode()

    def promtool(self, *arguments, **options):
        done = run(program("promtool"), *arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_promtool_has_no_complaint(self):
        self.serve()
        self.promtool("check", "metrics", input=self.metrics())

    def test_the_examples_are_valid_and_name_metrics_that_exist(self):
        self.serve()
        names = set(re.findall(r"^# TYPE (cinta_\w+)", self.metrics(), re.M))
        self.promtool("check", "rules", self.write("rules.yml", example("rules")))
        self.promtool("check", "config", self.write("prometheus.yml", example("config")))
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read()
        told = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\bcinta_\w+", text)}
        with open(os.path.join(os.environ["CINTA_SOURCE"], "src/service/metrics.c"), encoding="utf-8") as file:
            others = set(re.findall(r'"(cinta_(?:sink|lease|replica)_\w+)"', file.read()))  # not of every service
        self.assertTrue(others and not others & names)
        self.assertEqual(told, names | others)

    def test_a_server_scrapes_it(self):
        self.serve()
        config = example("config").replace("127.0.0.1:8787", self.target).replace("15s", "1s")
        config = config.replace("job_name: cinta\n", 'job_name: cinta\n    params: {token: ["let-me-in"]}\n')
        config += f"rule_files: [{self.write('rules.yml', example('rules'))}]\nglobal: {{evaluation_interval: 1s}}\n"
        with socket.create_server(("127.0.0.1", 0)) as probe:
            address = "127.0.0.1:%d" % probe.getsockname()[1]
        server = wire.Process([program("prometheus"), "--config.file", self.write("prometheus.yml", config), "--storage.tsdb.path",
                               self.path("tsdb"), "--web.listen-address", address])
        self.addCleanup(server.end)

        def query(expression):
            url = f"http://{address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
            try:
                with urllib.request.urlopen(url, timeout=wire.PATIENCE_S) as answer:
                    return {json.dumps(r["metric"]): float(r["value"][1]) for r in json.load(answer)["data"]["result"]}
            except (urllib.error.URLError, ConnectionError):
                return {}  # it does not listen yet

        self.until(lambda: 1.0 in query('up{job="cinta"}').values(), "a scrape that succeeded")
        self.assertEqual(list(query("cinta_ready").values()), [1.0])
        self.assertEqual(sum(query("cinta_instruments").values()), 12)
        self.until(lambda: any(v > 0 for v in query("increase(cinta_store_changes_total[1m])").values()), "the counter increases")
        self.until(lambda: query("histogram_quantile(0.9, rate(cinta_broker_to_commit_seconds_bucket[1m])) < 30"), "a latency")
        self.assertEqual(query("ALERTS"), {})
        self.stop_run()
        self.until(lambda: query('ALERTS{alertname="CintaDown"}'), "the alert that it does not answer")


if __name__ == "__main__":
    wire.main()
