"""Reading cells of education: level and degree in one cell („大学\n文学学士“, „本科/学士“) or alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cadres.codes import CodeMatcher
from cadres.models import Code

LONGEST = 60
_SEPARATORS = re.compile(r"[\n/／、，,;；|+＋\s]+")
_DEGREE_AT_END = re.compile(
    r"^(?P<level>.*?(?:研究生|大学|本科|专科|大专|毕业))(?P<degree>.*(?:学士|硕士|博士)(?:学位)?)$"
)


@dataclass(frozen=True)
class Coded:
    """A text as the file has it, and the code it stands for (None: no such code)."""

    text: str = ""
    code: Code | None = None


@dataclass(frozen=True)
class Schooling:
    """What a cell tells of level and degree, and the pieces that were neither."""

    level: Coded = Coded()
    degree: Coded = Coded()
    unknown: tuple[str, ...] = ()


class SchoolingReader:
    """Reads education cells with the code tables of levels and degrees."""

    def __init__(self, levels: CodeMatcher, degrees: CodeMatcher) -> None:
        self._levels = levels
        self._degrees = degrees

    def level(self, text: str) -> Schooling:
        """A cell of a level column; a degree written beside the level is found too."""
        whole = self._levels.match(text)
        return Schooling(level=Coded(_short(text), whole)) if whole else self.both(text)

    def degree(self, text: str) -> Schooling:
        """A cell of a degree column."""
        code = self._degrees.match(text)
        return Schooling(degree=Coded(_short(text), code), unknown=() if code else (text,))

    def both(self, text: str) -> Schooling:
        """A cell that may hold a level, a degree or both."""
        level, degree, unknown = Coded(), Coded(), []
        for piece in self._pieces(text):
            as_level, as_degree = self._levels.match(piece), self._degrees.match(piece)
            if as_level and not level.text and not (as_degree and _is_degree(piece)):
                level = Coded(_short(piece), as_level)
            elif (as_degree or _is_degree(piece)) and not degree.text:
                degree = Coded(_short(piece), as_degree)
                if not as_degree:
                    unknown.append(piece)
            else:
                unknown.append(piece)
                if not level.text:
                    level = Coded(_short(piece), None)
        return Schooling(level, degree, tuple(unknown))

    def _pieces(self, text: str) -> list[str]:
        whole = "".join(text.split())
        if self._levels.match(whole):
            return [whole]
        pieces = [piece for piece in _SEPARATORS.split(text) if piece]
        if len(pieces) == 1 and (found := _DEGREE_AT_END.match(pieces[0])):
            return [found["level"], found["degree"]]
        return pieces


def _is_degree(text: str) -> bool:
    return text.endswith(("学士", "硕士", "博士", "学位"))


def _short(text: str) -> str:
    return "".join(text.split())[:LONGEST]
