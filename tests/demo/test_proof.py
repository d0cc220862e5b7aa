"""The comparison of the demo finds what is lost, repeated, changed or out of order."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
import nats  # noqa: E402
import proof  # noqa: E402


def message(seq, symbol="A", recorder="r", price=10.5):
    body = {"type": "Md", "instrumentId": {"marketId": "ROFX", "symbol": symbol}, "marketData": {
        "BI": [{"price": price, "size": 3}], "OF": None, "LA": {"price": 10.5, "size": 1, "date": 1700000000000},
        "OP": None, "CL": {"price": 9, "size": None, "date": 1699920000000}, "SE": None, "HI": 11, "LO": None, "TV": 4,
        "OI": None, "EV": None, "NV": None, "IV": None, "ACP": None}}
    headers = {"Cinta-Recorder": recorder, "Cinta-Seq": str(seq), "Cinta-Source": "stream", "Cinta-Changed": "BI",
               "Cinta-Ts-Recv": str(seq * 1000)}
    return nats.Message(f"md.ROFX.DDF.{symbol}", headers, json.dumps(body).encode(), seq)


RECORDED = [proof.change_of(message(seq)) for seq in (1, 2, 3)]


class Proof(unittest.TestCase):
    def compare(self, *messages):
        return proof.equal_rows("changes", RECORDED, [proof.change_of(m) for m in messages])

    def fails(self, check, equal, *words):
        self.assertFalse(check.holds)
        self.assertEqual(check.equal, equal)
        for piece in words:
            self.assertIn(piece, " | ".join(check.differs))

    def test_all_is_there(self):
        check = self.compare(message(1), message(2), message(3))
        self.assertTrue(check.holds)
        self.assertEqual((check.equal, check.of), (3, 3))

    def test_what_is_not_there(self):
        self.fails(self.compare(message(1), message(3)), 2, "1 missing: 2 ROFX A")

    def test_what_is_there_twice(self):
        self.fails(self.compare(message(1), message(2), message(2), message(3)), 3, "1 more than once", "2 ROFX A")

    def test_what_was_not_recorded(self):
        self.fails(self.compare(message(1), message(2), message(3), message(4)), 3, "not recorded: 4 ROFX A")

    def test_another_value(self):
        self.fails(self.compare(message(1), message(2, price=11), message(3)), 2, "1 missing", "1 more than once")

    def test_what_may_be_there_too(self):
        messages = [proof.change_of(message(seq)) for seq in (1, 2, 3, 4)]
        self.assertTrue(proof.equal_rows("changes", RECORDED, messages, also=messages[3:]).holds)
        self.fails(proof.equal_rows("changes", RECORDED, messages + messages[3:], also=messages[3:]), 3, "1 more than once")
        self.fails(proof.equal_rows("changes", messages, RECORDED, also=messages), 3, "1 missing")

    def test_nothing_was_recorded(self):
        self.fails(proof.equal_rows("changes", [], []), 0, "nothing was recorded")

    def test_only_some_are_shown(self):
        check = proof.equal_rows("changes", [proof.change_of(message(seq)) for seq in range(1, 9)], RECORDED)
        self.fails(check, 3, "5 missing: 4 ROFX A; 5 ROFX A; 6 ROFX A; ...")

    def test_the_order(self):
        check = proof.in_order("order", [message(1), message(5, "B"), message(2), message(6, "B")])
        self.assertTrue(check.holds)
        self.fails(proof.in_order("order", [message(1), message(3), message(2)]), 2, "md.ROFX.DDF.A 2 after 3")
        self.fails(proof.in_order("order", [message(1), message(1)]), 1, "1 out of order")

    def test_the_order_is_that_of_each_recorder(self):
        """One that was killed publishes the rest of what it had recorded after the other one has taken over."""
        late = [message(1), message(1000000001, recorder="s"), message(2), message(1000000002, recorder="s")]
        self.assertTrue(proof.in_order("order", late).holds)

    def test_trades(self):
        """Both recorders may have published the same one; one recorder must not publish it twice."""
        def trade(recorder, price):
            body = {"type": "Trade", "instrumentId": {"marketId": "ROFX", "symbol": "A"},
                    "trade": {"price": price, "size": 2, "date": 1}}
            headers = {"Cinta-Recorder": recorder, "Cinta-Ts-Event": "1000000"}
            return nats.Message("md.trade.ROFX.DDF.A", headers, json.dumps(body).encode(), 1)
        both = [trade("r", 5), trade("s", 5), trade("r", 6)]
        expected = [proof.Trade("ROFX", "A", 1000000, price, 2) for price in (5, 6)]
        self.assertEqual(sorted(proof.trades_published(both)), expected)
        self.assertEqual(proof.trades_published(both + [trade("s", 5)]).count(expected[0]), 2)
        self.assertEqual(proof.distinct([1, 2, 1]), [1, 2])

    def test_the_newest_quotes(self):
        """Of each instrument, whichever recorder has it."""
        a, b = [(5, "ROFX", "A", 1.0), (7, "ROFX", "B", 2.0)], [(1000000001, "ROFX", "A", 3.0)]
        self.assertEqual(sorted(proof.newest(proof.union({"a": a, "b": b}.get, "ab"))), [a[1], b[0]])

    def test_a_number(self):
        self.assertTrue(proof.exactly("logins", 1, 1).holds)
        self.fails(proof.exactly("logins", 2, 1), 2, "2 instead of 1")

    def test_the_table(self):
        lines = list(proof.table([proof.exactly("logins", 1, 1), self.compare(message(1), message(3))]))
        self.assertEqual(lines[0].split(), ["logins", "1", "of", "1", "yes"])
        self.assertEqual(lines[1].split(), ["changes", "2", "of", "3", "NO"])
        self.assertEqual(lines[2].strip(), "1 missing: 2 ROFX A")

    def test_an_empty_value_is_not_a_value(self):
        state = proof.change_of(message(1)).state
        self.assertEqual(state, (((10.5, 3),), (), 10.5, 1, 1700000000000, None, 11, None, 9, "2023-11-14", None, None,
                                 None, 4, None, None, None, None))


if __name__ == "__main__":
    unittest.main(verbosity=2)
