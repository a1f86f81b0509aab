"""Reading party cells: „2001.08；民建“, „中共预备党员“, „无党派“, „中共党员（2000.06）“."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cadres.codes import DEMOCRATIC_PARTIES, CodeMatcher
from cadres.models import Code
from core.partial_dates import PartialDate, parse

_SEPARATORS = re.compile(r"[；;，,、\n]+|[(（)）]|\s+")
_ENDINGS = ("加入中国共产党", "加入中共", "入党", "加入")


@dataclass(frozen=True)
class Politics:
    """The status with the file's word for it, a democratic party, the date of joining, and remarks.

    `refused` says that the cell can't be read; `warnings` are remarks about what was read.
    """

    status: Code | None = None
    status_text: str = ""
    democratic: Code | None = None
    democratic_text: str = ""
    joined: PartialDate | None = None
    warnings: tuple[str, ...] = ()
    refused: str = ""


class PoliticsReader:
    """Reads cells of political affiliation with their code table."""

    def __init__(self, statuses: CodeMatcher) -> None:
        self._statuses = statuses

    def read(self, value: object, *, untyped: bool = False) -> Politics:
        """Read a cell that may hold a date, a status, a democratic party, or several of them."""
        if not isinstance(value, str):
            return self._pieces([value], untyped)
        try:
            parsed = parse(value, untyped=untyped)
        except ValueError:
            parsed = None
        if parsed is not None and not parsed.rest:
            warnings = (parsed.warning,) if parsed.warning else ()
            return Politics(joined=parsed.value, warnings=warnings)
        if code := self._statuses.match(value):
            return self._of_code(code, "".join(value.split()))
        return self._pieces([piece for piece in _SEPARATORS.split(value) if piece], untyped)

    def _of_code(self, code: Code, word: str) -> Politics:
        if code.code in DEMOCRATIC_PARTIES:
            return Politics(democratic=code, democratic_text=word)
        return Politics(status=code, status_text=word)

    def _pieces(self, pieces: list[object], untyped: bool) -> Politics:
        status = democratic = joined = None
        status_text = democratic_text = ""
        warnings: list[str] = []
        for piece in pieces:
            code = self._statuses.match(piece) if isinstance(piece, str) else None
            if code is not None and code.code in DEMOCRATIC_PARTIES:
                democratic, democratic_text = code, str(piece)
            elif code is not None:
                status, status_text = code, str(piece)
            else:
                bare = _without_words(piece)
                if bare == "":
                    continue
                try:
                    parsed = parse(bare, untyped=untyped)
                except ValueError as problem:
                    return Politics(refused=_sentence(piece, problem))
                if parsed.value is not None and joined is None and democratic is None:
                    joined = parsed.value
                warnings += [parsed.warning] if parsed.warning else []
        return Politics(status, status_text, democratic, democratic_text, joined, tuple(warnings))


def _without_words(piece: object) -> object:
    """`2001.08加入` → `2001.08`."""
    if not isinstance(piece, str):
        return piece
    for word in _ENDINGS:
        piece = piece.removesuffix(word)
    return piece


def _sentence(piece: object, problem: ValueError) -> str:
    if isinstance(piece, str) and not any(letter.isdigit() for letter in piece):
        return f"“{piece[:30]}”不是政治面貌，也不是入党时间，请核对。"
    return str(problem)
