"""What an upload may cost, and the sentences for uploads that cost more or are no spreadsheets. Needs no Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from typing import IO, Literal

from core.errors import Invalid, TooLarge

FileKind = Literal["xlsx", "xls", "csv"]
Source = str | PathLike[str] | IO[bytes]

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may cost. The figures hold a roster of a whole city several times over."""

    file_bytes: int = 64 * MEGABYTE
    unpacked_bytes: int = 320 * MEGABYTE
    parts: int = 2_000
    ratio: int = 150
    ratio_counts_from: int = 4 * MEGABYTE
    rows: int = 200_000
    columns: int = 256
    merges: int = 50_000
    sheets: int = 200
    seconds: int = 60


LIMITS = Limits()

DAMAGED = "文件已损坏或没有上传完整，请在 Excel 中重新保存后再上传。"
ENCRYPTED = "文件设有打开密码，请先取消密码后再上传。"
MACROS = "文件带有宏，不能导入。请在 Excel 中另存为“Excel 工作簿（.xlsx）”后再上传。"
NOT_A_SPREADSHEET = "只能导入 Excel 表格（.xlsx、.xls）或 .csv 文件，这个文件不是。"
WEB_PAGE = "这个文件其实是网页，只是名称像表格。请用 Excel 打开它，另存为“Excel 工作簿（.xlsx）”后再上传。"
UNKNOWN_ENCODING = "文件的文字编码无法识别，请用 Excel 另存为“Excel 工作簿（.xlsx）”后再上传。"


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """Give a binary file at its start for a path or a file; a file given gets its position back."""
    if isinstance(source, str | PathLike):
        with open(source, "rb") as file:
            yield file
        return
    position = source.tell()
    source.seek(0)
    try:
        yield source
    finally:
        source.seek(position)


def size_of(file: IO[bytes]) -> int:
    """The number of bytes in an open file; its position is kept."""
    position = file.tell()
    size = file.seek(0, 2)
    file.seek(position)
    return size


def too_many_rows(sheet: str, limits: Limits) -> TooLarge:
    """The refusal of a sheet that is too long."""
    return TooLarge(f"工作表“{sheet.strip()}”超过 {limits.rows} 行，请拆分后分别导入。")


def too_far(sheet: str, cell: str, limits: Limits) -> Invalid:
    """The refusal of a sheet with content far outside any table."""
    where = f"工作表“{sheet.strip()}”的 {cell} 单元格" if cell else f"工作表“{sheet.strip()}”"
    return Invalid(
        f"{where}有内容，超出可导入的范围（最多 {limits.rows} 行、{limits.columns} 列），请清除多余的单元格后再上传。"
    )
