"""LibreOffice set to Argentina (es-AR) opens `--format excel`: numbers and times are recognised, and no cell is
1.79E+18.

An installed LibreOffice is used. Otherwise Debian's packages are unpacked into the build folder, without installing
them; if they cannot be downloaded or do not run there, the test is skipped.
"""
import datetime
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))

import wire
from exporting import ExportTest

FOLDER = os.path.join(os.path.abspath(os.environ["CINTA_BUILD"]), "libreoffice")
PACKAGES = ("libreoffice-calc-nogui", "libreoffice-l10n-es")
SEMICOLON, QUOTE, UTF8, ES_AR = 59, 34, 76, 11274  # codes of LibreOffice's CSV import filter
IMPORT = f"Text - txt - csv (StarCalc):{SEMICOLON},{QUOTE},{UTF8},1,,{ES_AR},false,true"
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>es-AR</value></prop></item>
</oor:items>
"""
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
ART = datetime.timezone(datetime.timedelta(hours=-3))


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, **options)


def relocate(root):
    """Adapts absolute links and paths to `root`, and does what the packages' scripts would do."""
    for folder, folders, names in os.walk(root):
        for path in (os.path.join(folder, name) for name in folders + names):
            if os.path.islink(path) and os.path.exists(root + os.readlink(path)) and os.readlink(path).startswith("/"):
                target = root + os.readlink(path)
                os.unlink(path)
                os.symlink(target, path)
    office = os.path.join(root, "usr/lib/libreoffice")
    shutil.copytree(os.path.join(office, "share/.registry"), os.path.join(root, "etc/libreoffice/registry"), dirs_exist_ok=True)
    for name in ("fundamentalrc", "sofficerc"):
        path = os.path.join(office, "program", name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"file:///(usr|etc)/", rf"file://{root}/\1/", text))


def unpack():
    """Unpacks the packages into FOLDER; returns the reason if that fails, else None."""
    root = os.path.join(FOLDER, "root")
    if os.path.exists(os.path.join(FOLDER, "ready")):
        return None
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "soffice is not installed, and this is not Debian"
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(root)
    listed = run("apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES)
    names = re.findall(r"^Inst (\S+)", listed.stdout, re.M)
    if listed.returncode or not names:
        return f"apt-get does not find {PACKAGES[0]}: {listed.stderr.strip()[-200:]}"
    done = run("apt-get", "download", *names, cwd=FOLDER)
    if done.returncode:
        return f"its packages cannot be downloaded: {done.stderr.strip()[-200:]}"
    for package in glob.glob(os.path.join(FOLDER, "*.deb")):
        if run("dpkg", "-x", package, root).returncode:
            return f"{os.path.basename(package)} cannot be unpacked"
        os.unlink(package)
    relocate(root)
    with open(os.path.join(FOLDER, "ready"), "w", encoding="utf-8"):
        return None


def unpacked_office():
    """(path of the program, its environment)."""
    root = os.path.join(FOLDER, "root")
    program = os.path.join(root, "usr/lib/libreoffice/program")
    libraries = [program] + [os.path.dirname(path) for path in
                             glob.glob(os.path.join(root, "usr/lib/*-linux-gnu/lib*.so*")) +
                             glob.glob(os.path.join(root, "usr/lib/*-linux-gnu/*/lib*.so*"))]
    return os.path.join(program, "soffice.bin"), {"LD_LIBRARY_PATH": os.pathsep.join(dict.fromkeys(libraries))}


class LibreOffice(ExportTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        installed = shutil.which("soffice")
        cls.program, cls.env = installed, {}
        if not installed:
            missing = unpack()
            if missing:
                raise unittest.SkipTest(missing)
            cls.program, cls.env = unpacked_office()
        probe = os.path.join(cls.kept, "probe.csv")
        with open(probe, "w", encoding="utf-8") as file:
            file.write("a;b\r\n")
        done, converted = cls.convert(probe, cls.kept)
        if not os.path.exists(converted):
            raise unittest.SkipTest(f"LibreOffice does not run here: {(done.stderr or done.stdout).strip()[-200:]}")

    @classmethod
    def convert(cls, path, folder):
        profile = os.path.join(folder, "profile")
        os.makedirs(os.path.join(profile, "user"), exist_ok=True)
        with open(os.path.join(profile, "user", "registrymodifications.xcu"), "w", encoding="utf-8") as file:
            file.write(PROFILE)
        converted = re.sub(r"\.csv$", ".fods", os.path.join(folder, os.path.basename(path)))
        for _ in range(3):  # the first start only creates the profile
            done = run(cls.program, "--headless", "--norestore", f"-env:UserInstallation=file://{profile}",
                       f"--infilter={IMPORT}", "--convert-to", "fods", "--outdir", folder, path, cwd=folder,
                       env={**os.environ, **cls.env, "HOME": folder})
            if os.path.exists(converted):
                break
        return done, converted

    def cells(self, path):
        """[[(type, value, displayed text)]] as LibreOffice imports them; None for an empty cell."""
        done, converted = self.convert(path, self.dir)
        self.assertTrue(os.path.exists(converted), done.stderr)
        rows = []
        for row in ElementTree.parse(converted).getroot().iter(TABLE + "table-row"):
            cells = []
            for cell in row.iter(TABLE + "table-cell"):
                kind = cell.get(OFFICE + "value-type")
                shown = "\n".join("".join(p.itertext()) for p in cell.iter(TEXT + "p"))
                value = (kind, cell.get(OFFICE + "value") or cell.get(OFFICE + "date-value"), shown) if kind else None
                cells += [value] * int(cell.get(TABLE + "number-columns-repeated", 1))
            rows += [cells]
        return rows

    def test_every_table(self):
        self.record()
        for table in ("snapshots", "trades", "bars", "events", "coverage"):
            with self.subTest(table):
                path = self.path(f"{table}.excel.csv")
                self.export("-t", table, "--out", path)
                header, *rows = self.cells(path)
                columns, wanted = self.view(table)
                kept = [column for column in columns if not column.startswith("ts")]
                self.assertEqual([cell[2] for cell in header][:len(kept)], kept)
                if table == "events":
                    wanted.sort(key=lambda row: (row["ts"], row["detail"]))
                    rows.sort(key=lambda cells: (cells[0][1], cells[3][2]))
                self.assertEqual(len(rows), len(wanted))
                for cells, want in zip(rows, wanted):
                    for cell, column in zip(cells, kept):
                        self.assert_cell(cell, want[column], (table, column, want))

    def assert_cell(self, cell, value, what):
        column = what[1]
        if value is None or value == "":
            self.assertIsNone(cell, what)
        elif column.endswith("_time") or column in ("time", "minute"):
            moment = datetime.datetime.strptime(value[:19] + "+0000", "%Y-%m-%dT%H:%M:%S%z").astimezone(ART)
            self.assertEqual(cell[:2], ("date", moment.strftime("%Y-%m-%dT%H:%M:%S")), what)
        elif column.endswith("_date"):
            self.assertEqual(cell[:2], ("date", value), what)
        elif isinstance(value, (int, float)):
            self.assertEqual(cell[0], "float", what)
            self.assertEqual(float(cell[1]), float(f"{value:.15g}"), what)
        elif column not in ("bids", "offers"):
            self.assertEqual(cell[0], "string", what)
            self.assertEqual(cell[2].lstrip("'"), value.lstrip("'"), what)
        if cell:
            self.assertNotIn("E+", cell[2], what)

    def test_plain_csv_is_misread(self):
        """The problem described in docs/export.md, which is the reason for the format excel."""
        plain = self.write("plain.csv", "price;ts_event\r\n104.905;1795712578123456789\r\n")
        (_, (price, stamp)) = self.cells(plain)
        self.assertEqual(float(price[1]) if price[0] == "float" else price[0], 104905)
        self.assertNotEqual(stamp[1], "1795712578123456789")


if __name__ == "__main__":
    wire.main()
