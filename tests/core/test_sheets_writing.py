"""Writing tables: nothing becomes a formula, identity numbers stay text, both engines agree, memory is flat."""

import csv
import datetime as dt
import io
import os
import resource
import subprocess
import sys
import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from core.partial_dates import PartialDate
from core.sheets import writing
from core.sheets.reading import open_workbook
from core.sheets.values import identity_number, text
from core.sheets.writing import Column, clean_sheet_name, write_csv, write_table

COLUMNS = [
    Column("姓名", 10),
    Column("身份证号", 22, "identity"),
    Column("出生年月", 10, "partial"),
    Column("日期", 12, "date"),
    Column("时间", 18, "datetime"),
    Column("人数", 8, "integer"),
    Column("比例", 8, "percent"),
    Column("备注", 40),
]
ROW = [
    "张三",
    "310107197605031315",
    PartialDate.of(dt.date(1976, 5, 1), "month"),
    dt.date(2020, 2, 29),
    dt.datetime(2020, 2, 29, 8, 30),
    5,
    0.25,
    "",
]
INJECTIONS = [
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "{=1+1}",
    "＝1+1",
    "http://example.com/x",
    "mailto:a@example.com",
    '=HYPERLINK("http://example.com")',
]

both_engines = pytest.mark.parametrize("engine", ["rustpy", "xlsxwriter"])


def written(rows, columns=COLUMNS, **options):
    out = io.BytesIO()
    count = write_table(out, "名册", columns, rows, **options)
    out.seek(0)
    return out, count


def cells_of(source):
    with open_workbook(source) as book:
        return [row.cells for sheet in book.sheets() for row in sheet]


@both_engines
def test_what_is_written_reads_back(engine):
    out, count = written(iter([ROW, [None] * 8]), engine=engine)
    assert count == 2
    rows = cells_of(out)
    assert rows[0] == [column.title for column in COLUMNS]
    assert rows[1] == [
        "张三",
        "310107197605031315",
        "1976.05",
        dt.date(2020, 2, 29),
        dt.datetime(2020, 2, 29, 8, 30),
        5.0,
        0.25,
        "",
    ]
    found = identity_number(rows[1][1])
    assert found is not None
    assert found.number == "310107197605031315"


@both_engines
@pytest.mark.parametrize("attack", INJECTIONS)
def test_no_text_becomes_a_formula_or_a_link(engine, attack):
    out, _ = written([[attack] * 8], [Column(f"{attack}{at}", kind="text") for at in range(8)], engine=engine)
    with zipfile.ZipFile(out) as package:
        everything = b"".join(package.read(name) for name in package.namelist() if "sheet1" in name)
        assert b"<f>" not in everything
        assert b"<f " not in everything
        assert b"<hyperlink" not in everything
    out.seek(0)
    sheet = load_workbook(out).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr"}
    out.seek(0)
    if "\r" not in attack:
        assert cells_of(out)[1] == [attack] * 8


@both_engines
def test_header_is_styled_frozen_and_filtered_and_columns_have_widths(engine):
    out, _ = written([ROW], engine=engine)
    sheet = load_workbook(out).active
    assert sheet.title == "名册"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H2"
    assert sheet["A1"].font.bold
    assert sheet["A1"].fill.start_color.rgb == "FF1F4E79"
    assert sheet.column_dimensions["B"].width == pytest.approx(22, abs=1)
    assert sheet["B2"].number_format == "@"
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet["B2"].data_type in ("s", "inlineStr")


@both_engines
def test_title_and_note_stand_above_the_header(engine):
    out, _ = written([ROW], engine=engine, title="干部名册", note="导出人：张三")
    sheet = load_workbook(out).active
    assert [sheet["A1"].value, sheet["A2"].value, sheet["A3"].value] == ["干部名册", "导出人：张三", "姓名"]
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:H4"


@both_engines
def test_table_without_rows_has_its_header(engine):
    out, count = written([], engine=engine)
    assert count == 0
    assert cells_of(out) == [[column.title for column in COLUMNS]]


@both_engines
def test_odd_values_do_not_break_an_export(engine):
    columns = [Column("值"), Column("乙", kind="identity"), Column("丙", kind="number")]
    out, _ = written(
        [
            ["x" * 40_000, 310107197605031315, float("nan")],
            ["a\x01b", None, Decimal("1.5")],
            [True, "", "——"],
        ],
        columns,
        engine=engine,
    )
    rows = cells_of(out)
    assert len(rows[1][0]) == writing.LONGEST_TEXT
    assert rows[1][1] == "310107197605031315"
    assert str(rows[2][2]) == "1.5"
    assert rows[3][0] is True


@both_engines
def test_failing_rows_leave_nothing_behind(engine, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows():
        yield ROW
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        write_table(tmp_path / "out.xlsx", "名册", COLUMNS, rows(), engine=engine)
    with pytest.raises(ValueError, match="3 cells"):
        write_table(tmp_path / "out.xlsx", "名册", COLUMNS, [["a", "b", "c"]], engine=engine)
    assert list(tmp_path.iterdir()) == []


def test_headings_must_be_given_and_differ():
    with pytest.raises(ValueError, match="differ"):
        written([], [Column("姓名"), Column("姓名")])
    with pytest.raises(ValueError):
        written([], [])


def test_fallback_is_used_without_the_fast_writer(monkeypatch):
    monkeypatch.setattr(writing, "rustpy", None)
    out, count = written([ROW])
    assert count == 1
    assert cells_of(out)[1][0] == "张三"


def test_both_engines_write_the_same_values():
    rows = [
        ROW,
        *(
            [
                [f"第{at}行", f"{at}", None, dt.date(2000, 1, 1), None, at, at / 8, "备注\n二"]
                for at in range(50)
            ]
        ),
    ]
    fast, _ = written(rows, engine="rustpy")
    slow, _ = written(rows, engine="xlsxwriter")
    assert cells_of(fast) == cells_of(slow)


@pytest.mark.parametrize("name", ["名册", "a/b:c*d?e[f]g\\h", "'引号'", "", "很" * 40])
def test_sheet_name_is_made_acceptable(name):
    clean = clean_sheet_name(name)
    assert 0 < len(clean) <= 31
    assert not set(clean) & set("[]:*?/\\")
    out = io.BytesIO()
    write_table(out, name, COLUMNS, [ROW])


def test_csv_neutralises_formulas_and_keeps_identity_numbers():
    out = io.BytesIO()
    columns = [Column("姓名"), Column("身份证号", kind="identity"), Column("数", kind="number")]
    count = write_csv(out, columns, [[attack, "310107197605031315", -5] for attack in INJECTIONS])
    assert count == len(INJECTIONS)
    content = out.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for attack, row in zip(INJECTIONS, rows[1:], strict=True):
        harmless = attack.startswith(("{", "http", "mailto"))
        assert row == [attack if harmless else f"'{attack}", "'310107197605031315", "-5"]


def test_csv_reads_back_without_the_apostrophes():
    out = io.BytesIO()
    write_csv(out, COLUMNS, [ROW])
    out.seek(0)
    cells = cells_of(out)[1]
    assert [text(cell) for cell in cells[:3]] == ["张三", "310107197605031315", "1976.05"]


def test_csv_to_a_path(tmp_path):
    path = tmp_path / "out.csv"
    assert write_csv(path, COLUMNS, [ROW]) == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


MEASURE = """
import resource, sys
from core.sheets.writing import Column, write_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = ([f"第{at}行的内容", *["示例区第二中学"] * 23, float(at)] for at in range(int(sys.argv[1])))
write_table(sys.argv[2], "名册", [Column(f"列{at}") for at in range(25)], rows)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_flat_whatever_the_number_of_rows(tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    grown = [
        int(
            subprocess.run(
                [sys.executable, "-c", MEASURE, str(count), str(tmp_path / "out.xlsx")],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for count in (1_000, 40_000)
    ]
    assert grown[1] - grown[0] < 20 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
