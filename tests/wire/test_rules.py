"""Section `instruments`: rules over the broker's list and its reference data, in the running service and in `check`."""
import re
import unittest

import futures
import wire


class RulesTest(wire.WireTest):
    def rules(self, text):
        """Writes a configuration with this section `instruments`."""
        self.configure()
        with open(self.conf_path, encoding="utf-8") as file:
            whole = file.read()
        self.write("cinta.conf", re.sub(r"instruments \{.*\}\n", lambda _: f"instruments {{ {text} }}\n", whole))

    def recorded(self):
        return [symbol for symbol, in self.sql("select symbol from quotes where recorded order by symbol")]

    def expected(self, where):
        return [symbol for symbol, in self.sql(f"select symbol from instruments where listed and ({where}) order by symbol")]

    def test_rules_of_each_kind_and_their_limits(self):
        self.start_sim("--instruments", "300")
        self.rules("segments = {DDF}")
        self.start_run()
        self.until_rows("select count(*) from instrument_list")
        nearest = "(select distinct maturity_date from instruments where product = 'DLR' order by maturity_date limit 2)"
        cases = (
            ("segments = {DDF}", "segment = 'DDF'"),
            ("cfi = {\"OC*\"}", "cfi_code like 'OC%'"),
            ("products = {DLR}  maturities = 2", f"product = 'DLR' and (maturity_date is null or maturity_date in {nearest})"),
            ("products = {DLR, AL30}  exclude = {\"*24hs\"}", "product in ('DLR', 'AL30', 'MERV - XMEV - AL30') and symbol not like '%24hs'"),
            ("match = {\"*\"}  currency = USD", "currency = 'USD' or currency is null"),
        )
        for rules, where in cases:
            with self.subTest(rules):
                self.rules(rules)
                self.service.kill(wire.signal.SIGHUP)
                wanted = self.expected(where)
                self.assertGreater(len(wanted), 0)
                self.until(lambda: self.recorded() == wanted, f"{rules} records {wanted}")
                shown = self.cinta("check", "-c", self.conf_path, "--instruments")
                self.assertEqual(shown.returncode, 0, shown.stderr)
                self.assertIn(f"instruments to record: {len(wanted)}, of 300 in the broker's list", shown.stdout)
                for symbol in wanted:
                    self.assertIn(f"\n{symbol}  ", shown.stdout)

    def test_a_rule_without_a_match_is_a_warning(self):
        self.start_sim("--instruments", "100")
        self.rules('products = {DLR, DRL}  segments = {NONE}  symbols = {"DLR/DIC99"}')
        service = self.start_run()
        service.wait_line("event=no_match", "instruments.products: 'DRL' matches nothing in the broker's list")
        service.wait_line("event=no_match", "instruments.segments: 'NONE' matches nothing in the broker's list")
        self.until_rows("select count(*) from instrument_list")
        shown = self.cinta("check", "-c", self.conf_path, "--instruments")
        self.assertIn("instruments.products: 'DRL' matches nothing", shown.stderr)
        self.assertIn("instruments.symbols: 'DLR/DIC99' is not in the broker's list", shown.stderr)
        self.assertRegex(shown.stdout, r"products DRL +0 ")
        self.assertRegex(shown.stdout, r"DLR/DIC99 .*not in the broker's list")

    def test_without_a_list_only_the_named_symbols_are_shown(self):
        self.start_sim()
        self.rules('products = {DLR}  symbols = {"%s"}' % futures.SECOND)
        shown = self.cinta("check", "-c", self.conf_path, "--instruments")
        self.assertEqual(shown.returncode, 1)
        self.assertIn("there is no list of instruments yet", shown.stderr)
        self.assertIn("instruments to record: 1\n", shown.stdout)
        self.assertIn("\n" + futures.SECOND, shown.stdout)
        self.rules('symbols = {"%s"}' % futures.SECOND)
        self.assertEqual(self.cinta("check", "-c", self.conf_path, "--instruments").returncode, 0)


if __name__ == "__main__":
    unittest.main()
