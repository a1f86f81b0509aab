"""Problems: places in words, collection by row, notes about what was hidden."""

from core.sheets.problems import (
    Problem,
    Problems,
    cell_name,
    column_letter,
    hidden_rows_note,
    hidden_sheet_note,
    row_ranges,
    shown,
)


def test_all_problems_are_collected_in_order():
    problems = Problems()
    problems.add("名册", 8, "身份证号被存成了数字。", column="身份证号", value=3.1e17, at=16)
    problems.add("名册", 8, "请核对。", column="任职时间", value=2019.1, severity="warning")
    problems.add("名册", 9, "请核对。", severity="warning")
    problems.extend([Problem("二", 1, "", "", "不对。")])
    assert len(problems) == 4
    assert [problem.row for problem in problems] == [8, 8, 9, 1]
    assert problems.rejects("名册", 8)
    assert not problems.rejects("名册", 9)
    assert not problems.rejects("名册", 10)
    assert problems.rejected_rows() == {"名册": {8}, "二": {1}}
    assert problems.of_row("名册", 8)[1].as_dict() == {
        "column": "任职时间",
        "value": "2019.1",
        "message": "请核对。",
        "severity": "warning",
    }


def test_where_names_sheet_row_column_and_cell():
    assert (
        Problem("名册 ", 8, "身份证号", "x", "不对。", at=16).where == "工作表“名册”第 8 行“身份证号”（Q8）"
    )
    assert Problem("名册", 8, "", "", "不对。").where == "工作表“名册”第 8 行"
    assert Problem("名册", 0, "", "", "不对。").where == "工作表“名册”"


def test_column_letters():
    assert [column_letter(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
    assert cell_name(8, 16) == "Q8"


def test_row_ranges_are_short():
    assert row_ranges([9, 5, 7, 8]) == "5、7–9"
    assert row_ranges([1]) == "1"
    assert row_ranges([]) == ""
    assert row_ranges([3, 3, 4]) == "3–4"


def test_notes_about_what_was_hidden():
    note = hidden_rows_note("名册", (5, 7, 8))
    assert note.severity == "warning"
    assert "5、7–8" in note.message
    assert "隐藏" in hidden_sheet_note("旧表").message


def test_values_are_shown_as_in_excel():
    assert [shown(value) for value in (5.0, 2019.1, True, False, None, "x")] == [
        "5",
        "2019.1",
        "是",
        "否",
        "",
        "x",
    ]
    assert shown(3.1010719791101e17) == "3.1010719791101e+17"
    assert len(shown("x" * 500)) == 201
