"""Reading uploads: row numbers, types, hidden rows and sheets, encodings, and the child process's limits."""

import datetime as dt
import io
import os
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from core.errors import DomainError, Invalid, TooLarge, WrongType
from core.sheets import reading, safety
from core.sheets.headers import SEARCHED_ROWS, Columns, Field, find_header
from core.sheets.limits import MEGABYTE, Limits
from core.sheets.reading import open_workbook
from core.sheets.rows import Kind, Table
from core.sheets.writing import Column, write_table
from tests.core import hostile_sheets as hostile
from tests.core.old_excel import xls_bytes

SAMPLE = Path(__file__).parents[1] / "data" / "synthetic_messy_roster.xlsx"


def saved(book):
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def only_sheet(source, **options):
    with open_workbook(source, **options) as book:
        sheets = [(sheet.facts, list(sheet)) for sheet in book.sheets()]
    assert len(sheets) == 1
    return sheets[0]


def test_rows_carry_the_numbers_and_columns_excel_shows():
    book = Workbook()
    book.active["C5"] = "x"
    book.active["D7"] = 1.5
    facts, rows = only_sheet(saved(book))
    assert facts.columns == 4
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert rows[4].cells == ["", "", "x", ""]
    assert rows[6].cells == ["", "", "", 1.5]


def test_types_are_kept():
    book = Workbook()
    cells = [
        "1975.10",
        1975.1,
        5,
        310107197605031315,
        True,
        dt.datetime(1979, 11, 1),
        dt.datetime(2020, 1, 2, 8, 30),
    ]
    book.active.append(cells)
    book.active.append(["", "'x", "x ", None, False, dt.time(8, 30), "=1+1"])
    _, rows = only_sheet(saved(book))
    assert rows[0].cells == [
        "1975.10",
        1975.1,
        5.0,
        310107197605031315.0,
        True,
        dt.date(1979, 11, 1),
        dt.datetime(2020, 1, 2, 8, 30),
    ]
    assert isinstance(rows[0].cells[2], float)
    assert type(rows[0].cells[5]) is dt.date
    assert rows[1].cells == ["", "'x", "x ", "", False, "08:30:00", ""]


def test_dates_survive_in_every_batch_and_column():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for at in range(2_500):
        sheet.append([f"第{at}行", dt.date(1960, 1, 1) + dt.timedelta(days=at), float(at)])
    _, rows = only_sheet(saved(book))
    assert len(rows) == 2_500
    assert all(row.cells[1] == dt.date(1960, 1, 1) + dt.timedelta(days=row.number - 1) for row in rows)
    assert [row.number for row in rows] == list(range(1, 2_501))


def test_merged_ranges_are_counted_from_one():
    book = Workbook()
    book.active["A1"] = "名册"
    book.active.merge_cells("A1:C2")
    facts, _ = only_sheet(saved(book))
    assert facts.merged == (((1, 1), (2, 3)),)


def test_hidden_rows_are_read_and_marked():
    book = Workbook()
    for at in range(4):
        book.active.append([f"第{at}行"])
    book.active.row_dimensions[2].hidden = True
    book.active.row_dimensions[4].hidden = True
    facts, rows = only_sheet(saved(book))
    assert facts.hidden_rows == (2, 4)
    assert [row.hidden for row in rows] == [False, True, False, True]


def test_hidden_sheets_are_left_out_and_named():
    book = Workbook()
    book.active.title = "名册"
    book.active.append(["张三"])
    book.create_sheet("旧表").sheet_state = "hidden"
    book.create_sheet("深藏").sheet_state = "veryHidden"
    book.create_sheet("空表")
    with open_workbook(saved(book)) as workbook:
        assert [(sheet.name, len(list(sheet))) for sheet in workbook.sheets()] == [("名册", 1), ("空表", 0)]
        assert workbook.hidden_sheets == ("旧表", "深藏")


def test_rows_left_unread_do_not_disturb_the_next_sheet():
    book = Workbook(write_only=True)
    for name in ("一", "二"):
        sheet = book.create_sheet(name)
        for at in range(3_000):
            sheet.append([f"{name}{at}"])
    with open_workbook(saved(book)) as workbook:
        seen = [(sheet.name, sheet.head(2)[1].cells) for sheet in workbook.sheets()]
    assert seen == [("一", ["一1"]), ("二", ["二1"])]


def test_rows_asked_for_too_late_are_an_error_of_the_caller():
    with open_workbook(saved_pair()) as workbook:
        first, second = workbook.sheets()
        with pytest.raises(RuntimeError, match="before the next sheet"):
            list(first)
        assert second.name == "二"


def saved_pair():
    book = Workbook()
    book.active.append(["x"])
    book.create_sheet("二")
    return saved(book)


def test_head_does_not_use_rows_up():
    book = Workbook()
    for at in range(5):
        book.active.append([at])
    with open_workbook(saved(book)) as workbook:
        sheet = next(iter(workbook.sheets()))
        assert [row.number for row in sheet.head(3)] == [1, 2, 3]
        assert [row.number for row in sheet.head(2)] == [1, 2]
        assert [row.number for row in sheet] == [1, 2, 3, 4, 5]
        assert sheet.head(1) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_tables_in_every_encoding(encoding, delimiter):
    text = f'姓名{delimiter}单位\r\n张三{delimiter}"示例{delimiter}小学\n东区"\r\n𠮷{delimiter}1975.1\r\n'
    facts, rows = only_sheet(io.BytesIO(text.encode(encoding)))
    assert facts.typed is False
    assert [row.cells for row in rows] == [
        ["姓名", "单位"],
        ["张三", f"示例{delimiter}小学\n东区"],
        ["𠮷", "1975.1"],
    ]
    assert [row.number for row in rows] == [1, 2, 3]


def test_text_table_in_gb18030_that_turns_binary_late_is_refused():
    content = "姓名,单位\n".encode("gb18030") * 10_000 + b"\x80\xff\xff"
    with pytest.raises(WrongType, match="编码"):
        only_sheet(io.BytesIO(content))


def test_text_table_limits():
    limits = Limits(rows=5, columns=3)
    with pytest.raises(TooLarge, match="5 行"):
        only_sheet(io.BytesIO(b"a,b\n" * 6), limits=limits)
    with pytest.raises(Invalid, match="3 列"):
        only_sheet(io.BytesIO(b"a,b,c,d\n"), limits=limits)
    assert len(only_sheet(io.BytesIO(b"a,b,c,,,\n" * 5), limits=limits)[1]) == 5
    with pytest.raises(Invalid, match="过长"):
        only_sheet(io.BytesIO(b'a,"' + b"x" * 200_000))


def test_workbook_limits():
    book = Workbook()
    for _ in range(6):
        book.active.append([1, 2, 3, 4])
    book.create_sheet("二")
    with pytest.raises(DomainError, match="5 行"):
        only_sheet(saved(book), limits=Limits(rows=5))
    with pytest.raises(Invalid, match="3 列"):
        only_sheet(saved(book), limits=Limits(columns=3))
    with pytest.raises(TooLarge, match="工作表太多"):
        only_sheet(saved(book), limits=Limits(sheets=1))


def test_too_many_merged_cells_are_refused():
    book = Workbook()
    book.active["A1"] = "x"
    for at in range(1, 5):
        book.active.merge_cells(start_row=at, start_column=1, end_row=at, end_column=2)
    with pytest.raises(TooLarge, match="合并单元格"):
        only_sheet(saved(book), limits=Limits(merges=3))


def long_table(rows, columns):
    out = io.BytesIO()
    write_table(
        out,
        "名册",
        [Column(f"列{at}") for at in range(columns)],
        ([f"很长的内容{row}-{at}" for at in range(columns)] for row in range(rows)),
    )
    out.seek(0)
    return out


def test_child_out_of_memory_is_a_sentence(monkeypatch):
    monkeypatch.setattr(reading, "MOST_MEMORY", 60 * 1024 * 1024)
    with pytest.raises(DomainError) as refusal:
        only_sheet(long_table(20_000, 25))
    assert refusal.value.message.endswith("。")


def test_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(reading, "_START", "import time; time.sleep(60)")
    with pytest.raises(TooLarge, match="时间过长"):
        only_sheet(io.BytesIO(hostile.workbook_bytes()), limits=Limits(seconds=1))


def test_child_that_aborts_is_a_sentence(monkeypatch):
    monkeypatch.setattr(reading, "_START", "import os; os.abort()")
    with pytest.raises(Invalid, match="被中止"):
        only_sheet(io.BytesIO(hostile.workbook_bytes()))


def test_child_that_burns_processor_time_is_ended(monkeypatch):
    burn = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    monkeypatch.setattr(reading, "_START", burn)
    with pytest.raises(TooLarge, match="时间过长"):
        only_sheet(io.BytesIO(hostile.workbook_bytes()))


def test_leaving_early_ends_the_child(tmp_path):
    path = hostile.written(tmp_path, long_table(30_000, 10).getvalue())
    with open_workbook(path) as workbook:
        process = workbook._process._process
        next(iter(next(iter(workbook.sheets()))))
        assert process.poll() is None
    assert process.poll() is not None


def test_child_carries_its_limits():
    book = Workbook()
    book.active.append(["x"])
    with open_workbook(saved(book)) as workbook:
        pid = workbook._process._process.pid
        stated = Path(f"/proc/{pid}/limits").read_text() if os.path.exists(f"/proc/{pid}/limits") else ""
        list(workbook.sheets())
    if stated:
        line = next(one for one in stated.splitlines() if one.startswith("Max address space"))
        assert int(line.split()[3]) < 200 * MEGABYTE


def test_sample_roster_rows_are_told_apart():
    columns = Columns(
        [
            Field("name", "姓名", required=True),
            Field("birth", "出生年月"),
            Field("full_time", "全日制学历", (("全日制教育", "学历学位"),)),
            Field("in_service", "在职学历", (("在职教育", "学历学位"),)),
            Field("since", "任现职时间"),
            Field("level", "任同级时间"),
            Field("identity", "身份证号"),
        ]
    )
    with open_workbook(SAMPLE) as workbook:
        sheet = next(iter(workbook.sheets()))
        header = find_header(sheet.head(SEARCHED_ROWS), columns, sheet.facts.merged)
        assert header is not None
        assert header.rows == (3, 4)
        records = list(Table(sheet, header, key="name"))
        assert [sheet.name for sheet in workbook.sheets()] == ["Sheet2"]
        assert workbook.hidden_sheets == ("Sheet3",)
    assert {record.number: record.kind for record in records} == {
        5: Kind.GROUP,
        6: Kind.DATA,
        7: Kind.DATA,
        8: Kind.DATA,
        9: Kind.GROUP,
        10: Kind.DATA,
        11: Kind.DATA,
        12: Kind.NOTE,
        13: Kind.NOTE,
    }
    assert [record.group for record in records if record.kind is Kind.DATA] == ["示例区第二中学"] * 3 + [
        "示例区实验小学"
    ] * 2
    row_8 = records[3].cells
    assert row_8[header.columns["identity"]] == 3.1010719791101e17
    assert row_8[header.columns["since"]] == 2019.1
    assert row_8[header.columns["birth"]] == dt.date(1979, 11, 1)
    row_11 = records[6].cells
    assert row_11[header.columns["level"]] == "2024.9"


def test_openpyxl_reads_the_same_values_as_the_child():
    expected = [
        ["" if cell is None else cell for cell in row]
        for row in load_workbook(SAMPLE, data_only=True).worksheets[0].iter_rows(values_only=True)
    ]
    with open_workbook(SAMPLE) as workbook:
        rows = [row.cells for row in next(iter(workbook.sheets()))]
    for mine, other in zip(rows, expected, strict=True):
        for cell, value in zip(mine, other, strict=True):
            if isinstance(value, dt.datetime):
                value = value.date()
            assert cell == value


OLD = [
    (
        "名册 ",
        [["名册", "", ""], ["姓名", "出生年月", "任职时间"], ["张　三", dt.date(1979, 11, 1), 2019.1]],
        [((0, 0), (0, 2))],
        False,
    ),
    ("旧表", [["x"]], [], True),
]


def test_old_excel_files_are_read_with_types_and_merged_cells():
    content = io.BytesIO(xls_bytes(OLD))
    assert safety.check(content) == "xls"
    with open_workbook(content) as workbook:
        assert workbook.hidden_sheets == ("旧表",)
        sheets = [(sheet.facts, [row.cells for row in sheet]) for sheet in workbook.sheets()]
    ((facts, rows),) = sheets
    assert facts.name == "名册 "
    assert facts.merged == (((1, 1), (1, 3)),)
    assert rows == [
        ["名册", "", ""],
        ["姓名", "出生年月", "任职时间"],
        ["张　三", dt.date(1979, 11, 1), 2019.1],
    ]


def test_old_excel_far_cell_is_refused():
    rows = [["x"] + [""] * 254 + ["y"]]
    assert len(only_sheet(io.BytesIO(xls_bytes([("一", rows, [], False)])))[1][0].cells) == 256
    with pytest.raises(Invalid, match="100 列"):
        only_sheet(io.BytesIO(xls_bytes([("一", rows, [], False)])), limits=Limits(columns=100))


def test_damaged_old_excel_file_is_a_sentence():
    content = xls_bytes(OLD)
    for cut in (600, 1_100, 1_700, len(content) // 2):
        with pytest.raises(DomainError) as refusal:
            only_sheet(io.BytesIO(content[:cut]))
        assert refusal.value.message.endswith("。")
