"""What is wrong with a table, cell by cell: all of it, never the first mistake only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One remark on one cell (or on a whole row, with `column` empty; or a whole sheet, with `row` 0).

    `column` is the heading as the file has it, `at` the cell's position in the row counted from 0 (-1: none),
    `value` what stands in the cell, as text. An error rejects the row; a warning doesn't.
    """

    sheet: str
    row: int
    column: str
    value: str
    message: str
    severity: Severity = "error"
    at: int = -1

    @property
    def where(self) -> str:
        """`工作表“名册”第 8 行“身份证号”（Q8）`: as people find the cell."""
        place = f"工作表“{self.sheet.strip()}”"
        if self.row:
            place += f"第 {self.row} 行"
        if self.column:
            place += f"“{self.column}”"
        return f"{place}（{cell_name(self.row, self.at)}）" if self.row and self.at >= 0 else place

    def as_dict(self) -> dict[str, str]:
        """The shape of the import's JSON: column, value, message, severity."""
        return {
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "severity": self.severity,
        }


class Problems:
    """Collects problems in the order found and answers by row."""

    def __init__(self) -> None:
        self._by_row: dict[tuple[str, int], list[Problem]] = {}

    def add(
        self,
        sheet: str,
        row: int,
        message: str,
        *,
        column: str = "",
        value: object = "",
        at: int = -1,
        severity: Severity = "error",
    ) -> Problem:
        """Record one problem; `value` is shown as text, shortened when very long."""
        problem = Problem(sheet, row, column, shown(value), message, severity, at)
        self._by_row.setdefault((sheet, row), []).append(problem)
        return problem

    def extend(self, problems: Iterable[Problem]) -> None:
        """Take over problems found elsewhere."""
        for problem in problems:
            self._by_row.setdefault((problem.sheet, problem.row), []).append(problem)

    def of_row(self, sheet: str, row: int) -> list[Problem]:
        """The problems of one row, in the order found."""
        return self._by_row.get((sheet, row), [])

    def rejects(self, sheet: str, row: int) -> bool:
        """Whether the row has an error."""
        return any(problem.severity == "error" for problem in self.of_row(sheet, row))

    def rejected_rows(self) -> dict[str, set[int]]:
        """The rows with errors, by sheet."""
        rows: dict[str, set[int]] = {}
        for problem in self:
            if problem.severity == "error" and problem.row:
                rows.setdefault(problem.sheet, set()).add(problem.row)
        return rows

    def __iter__(self) -> Iterator[Problem]:
        for problems in self._by_row.values():
            yield from problems

    def __len__(self) -> int:
        return sum(len(problems) for problems in self._by_row.values())


def shown(value: object) -> str:
    """A cell's value as the user sees it in Excel, shortened when very long."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        text = str(int(value))
    elif value is True or value is False:
        text = "是" if value else "否"
    else:
        text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def column_letter(at: int) -> str:
    """The letters of a column counted from 0: 0 → A, 26 → AA."""
    letters = ""
    at += 1
    while at > 0:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, at: int) -> str:
    """The address of a cell: row as Excel counts, column counted from 0."""
    return f"{column_letter(at)}{row}"


def row_ranges(rows: Iterable[int]) -> str:
    """Row numbers in words as short as possible: 5, 7, 8, 9 → `5、7–9`."""
    parts: list[str] = []
    first = last = 0
    for row in [*sorted(set(rows)), 0]:
        if row == last + 1 and last:
            last = row
            continue
        if last:
            parts.append(str(first) if first == last else f"{first}–{last}")
        first = last = row
    return "、".join(parts)


def hidden_rows_note(sheet: str, rows: Iterable[int]) -> Problem:
    """The warning that hidden rows were read like the others: a filter left on hides rows people still mean."""
    text = f"第 {row_ranges(rows)} 行是隐藏行，已一并读取；不需要的请在表中删除后重新上传。"
    return Problem(sheet, 0, "", "", text, "warning")


def hidden_sheet_note(sheet: str) -> Problem:
    """The warning that a hidden worksheet was left out."""
    return Problem(sheet, 0, "", "", "隐藏的工作表没有读取；需要导入的请取消隐藏后重新上传。", "warning")
