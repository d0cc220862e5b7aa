"""The table, the chart and the section of the documentation, from rows that are given."""
import json
import pathlib
import re
import tempfile
import unittest
import xml.dom.minidom

import bench
import chart
import table
from table import CINTA, LESS, LIMIT, MORE, NODE, PYTHON, SQLITE3, Row, Target

FULL = Row("ingest", "rows", "rows/s", MORE, {CINTA: [90, 100, 800], NODE: [20], PYTHON: [2, 3], LIMIT: [400]},
           limit="a bare append", targets=(Target(4, NODE), Target(40, PYTHON), Target(0.7, LIMIT), Target(50)))
COST = Row("polling", "CPU", "µs", LESS, {CINTA: [110], LIMIT: [100]}, limit="a bare loop",
           targets=(Target(1 / 1.15, LIMIT), Target(80)))
ALONE = Row("start", "first quote", "ms", LESS, {CINTA: [250]}, targets=(Target(3, NODE),))
SHARE = Row("relay", "frames delivered", "%", MORE, {CINTA: [100], NODE: [100]})
ROWS = [FULL, COST, ALONE, SHARE]


class Numbers(unittest.TestCase):
    def test_three_significant_digits(self):
        for value, text in ((0, "0"), (1234567, "1,230,000"), (999.6, "1,000"), (12.345, "12.3"), (0.25, "0.25"),
                            (0.00123456, "0.00123"), (7, "7"), (100, "100"), (-0.5, "-0.5"), (None, "")):
            self.assertEqual(table.number(value), text, value)


class Rows(unittest.TestCase):
    def test_the_median_of_the_turns(self):
        self.assertEqual(FULL.median(CINTA), 100)
        self.assertEqual(FULL.median(PYTHON), 2.5)
        self.assertIsNone(FULL.median(SQLITE3))

    def test_times_as_good(self):
        self.assertEqual(FULL.times_as_good(NODE), 5)
        self.assertAlmostEqual(COST.times_as_good(LIMIT), 100 / 110)
        self.assertIsNone(ALONE.times_as_good(NODE))

    def test_targets(self):
        self.assertEqual([FULL.judge(t) for t in FULL.targets],
                         [("4 × Node", True), ("40 × Python", True), ("≥ 0.7 × limit", False), ("≥ 50 rows/s", True)])
        self.assertEqual([COST.judge(t) for t in COST.targets], [("≤ 1.15 × limit", True), ("≤ 80 µs", False)])
        self.assertEqual(ALONE.judge(ALONE.targets[0]), ("3 × Node", None))

    def test_a_row_of_results_leaves_out_what_was_not_measured(self):
        row = table.row("job", "figure", "ms", LESS, {CINTA: [{"us": 3}], NODE: [{"other": 1}], LIMIT: []}, "us")
        self.assertEqual(row.values, {CINTA: [3]})

    def test_subjects_run_in_turns(self):
        order = []
        found = table.in_turns(2, {"a": lambda: order.append("a") or 1, "b": lambda: order.append("b") or 2})
        self.assertEqual(order, ["a", "b", "a", "b"])
        self.assertEqual(found, {"a": [1, 1], "b": [2, 2]})


class Output(unittest.TestCase):
    def test_markdown_has_a_cell_for_each_column(self):
        lines = table.as_markdown(ROWS).splitlines()
        self.assertEqual(len(lines), 2 + len(ROWS))
        self.assertEqual({line.count("|") for line in lines}, {len(table.HEADER) + 1})
        self.assertIn("≥ 0.7 × limit: **not met**", lines[2])
        self.assertIn("3 × Node: not measured", lines[4])

    def test_text_has_every_row(self):
        text = table.as_text(ROWS)
        for row in ROWS:
            self.assertRegex(text, rf"(?m)^{row.job} +{row.figure} ")

    def test_each_limit_is_named_once(self):
        self.assertEqual(table.limits([FULL, FULL, COST, ALONE]), "* ingest: a bare append.\n* polling: a bare loop.")

    def test_json_has_the_spread(self):
        values = json.loads(json.dumps(FULL.json()))["values"][CINTA]
        self.assertEqual(values, {"median": 100, "least": 90, "most": 800, "turns": 3})

    def test_the_chart_is_xml_with_a_mark_for_each_ratio(self):
        drawn = chart.draw(ROWS)
        xml.dom.minidom.parseString(drawn)
        self.assertEqual(len(re.findall("<circle", drawn)), 1 + 1)  # the legend and Node
        self.assertIn("ingest: rows", drawn)
        self.assertNotIn("first quote", drawn)  # nothing to compare
        self.assertNotIn("frames delivered", drawn)  # a share
        self.assertIsNone(chart.draw([ALONE]))


class Documentation(unittest.TestCase):
    RUN = {"cinta": "cinta 1", "date": "today", "machine": "a machine", "programs": ["sqlite3 3"], "turns": 5,
           "size": "full"}

    def write(self, document):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "performance.md")
            path.write_text(document, encoding="utf-8")
            bench.write_docs(folder, self.RUN, ROWS)
            return path.read_text(encoding="utf-8"), sorted(file.name for file in pathlib.Path(folder).iterdir())

    def test_only_what_is_between_the_markers_is_replaced(self):
        document, files = self.write(f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n")
        self.assertEqual(files, ["performance.md", "performance.svg"])
        self.assertTrue(document.startswith(f"before\n{bench.BEGIN}\n"))
        self.assertTrue(document.endswith(f"\n{bench.END}\nafter\n"))
        self.assertNotIn("old", document)
        self.assertIn(table.as_markdown(ROWS), document)
        again, _ = self.write(document)
        self.assertEqual(again, document)

    def test_a_document_without_markers_is_refused(self):
        with self.assertRaises(SystemExit):
            self.write("nothing\n")

    def test_a_run_without_node_says_so(self):
        text = bench.section(self.RUN, [ALONE])
        self.assertIn("Measured without Node and Python.", text)
        self.assertNotIn("Measured without", bench.section(self.RUN, ROWS))

    def test_the_documentation_of_the_project_has_the_markers(self):
        path = pathlib.Path(__file__).parents[2] / "docs" / "performance.md"
        bench.replace(path.read_text(encoding="utf-8"), "")


if __name__ == "__main__":
    unittest.main()
