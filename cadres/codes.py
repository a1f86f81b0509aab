"""Matches what people write („大学“, „党员“, „汉“) with the code tables, by name and not by number."""

from __future__ import annotations

import unicodedata

from cadres.models import Code

# Named code values that rules ask for; GB/T 4762.
PARTY_MEMBER = "01"
PROBATIONARY_MEMBER = "02"
PARTY_MEMBERS = (PARTY_MEMBER, PROBATIONARY_MEMBER)
DEMOCRATIC_PARTIES = ("04", "05", "06", "07", "08", "09", "10", "11")

# Words around a value that say nothing about it, dropped when the text as a whole isn't known.
_LEADING = ("全日制", "在职", "函授", "自考", "成人", "普通高等教育", "普通")
_TRAILING = ("学历", "学位", "毕业", "毕业生", "教育", "职称")
_BETWEEN = str.maketrans("", "", " \t\r\n　·•.,，。、;；:：\"'“”‘’")


def fold(text: str) -> str:
    """Return the form in which names are compared: no blanks or points, one width, one kind of bracket."""
    return unicodedata.normalize("NFKC", text).translate(_BETWEEN).lower()


class CodeMatcher:
    """One code list, loaded once with one query, that finds the code somebody meant.

    >>> CodeMatcher(Code.List.EDUCATION).match("大专")  # the code 大学专科毕业
    """

    def __init__(self, code_list: str) -> None:
        self.list = code_list
        codes = list(Code.objects.filter(list=code_list, is_active=True))
        self.codes = codes
        self.by_code: dict[str, Code] = {code.code: code for code in codes}
        self.by_id: dict[int, Code] = {code.pk: code for code in codes}
        self._known: dict[str, Code | None] = {}
        # A value's own name goes before another value's alias.
        for names in (lambda c: [c.name], lambda c: [c.short], lambda c: c.aliases):
            for code in codes:
                for name in names(code):
                    if name:
                        self._known.setdefault(fold(name), code)

    def match(self, text: str | None) -> Code | None:
        """Return the code a text means, or None when it isn't a name of this list."""
        if not text:
            return None
        key = fold(str(text))
        if key not in self._known:
            self._known[key] = self._search(key)
        return self._known[key]

    def get(self, code: str) -> Code | None:
        """Return the code of a number, e.g. "01"."""
        return self.by_code.get(code)

    def _search(self, key: str) -> Code | None:
        """Drop words around the value one at a time until what is left is known."""
        for word in _TRAILING:
            if key.endswith(word) and len(key) > len(word):
                shorter = key.removesuffix(word)
                found = self._known.get(shorter) or self._search(shorter)
                if found:
                    return found
        for word in _LEADING:
            if key.startswith(word) and len(key) > len(word):
                shorter = key.removeprefix(word)
                found = self._known.get(shorter) or self._search(shorter)
                if found:
                    return found
        return None
