"""The password profile beyond Django's own checks: several kinds of characters (等保三级)."""

from typing import Any

from django.core.exceptions import ValidationError

_KINDS_WANTED = 3
_SENTENCE = "密码须包含大写字母、小写字母、数字、符号中的至少三种。"


class CharacterKindsValidator:
    """Wants three of the four kinds: capitals, small letters, digits, everything else."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password of fewer kinds."""
        kinds = {_kind_of(letter) for letter in password}
        if len(kinds) < _KINDS_WANTED:
            raise ValidationError(_SENTENCE, code="password_kinds")

    def get_help_text(self) -> str:
        """The rule in words, for the form's hint."""
        return _SENTENCE


def _kind_of(letter: str) -> str:
    if letter.isascii() and letter.isalpha():
        return "capital" if letter.isupper() else "small"
    return "digit" if letter.isascii() and letter.isdigit() else "other"
