"""What a request for correction compares: the record when it was asked, the record now, and what is wished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cadres.models import Correction
from cadres.services.askable import model_of
from cadres.services.wanted import digest, in_words, label_of, parts_of, present, same, unpack
from core.crypto import mask_identity

# What a missing entry needn't say.
_UNSAID = frozenset({"order", "is_study"})


@dataclass(frozen=True)
class Difference:
    """A field in words: as it stood when asked ("" where that isn't known), as it stands, as it is wished.

    `moved` says that somebody has changed it since to something else than was wished.
    """

    name: str
    label: str
    before: str
    stored: str
    wanted: str
    moved: bool = False


def target_of(correction: Correction) -> Any:
    """The record a request is about; None where it asks for a new entry or the entry is gone."""
    if correction.kind in Correction.PERSONAL:
        return correction.cadre
    if correction.record_id is None:
        return None
    rows = model_of(correction.kind).objects.filter(cadre=correction.cadre_id, pk=correction.record_id)
    return rows.first()


def wished(correction: Correction, *, to_read: bool = False) -> dict[str, Any]:
    """The values a request asks for; raises WrongMoment where one links to what is gone (unless only read)."""
    if correction.kind == Correction.PHOTO:
        return {"photo": correction.photo}
    return unpack(model_of(correction.kind), correction.wanted, to_read=to_read)


def names_of(correction: Correction) -> list[str]:
    """The fields a request names."""
    return list(wished(correction, to_read=True))


def stood(correction: Correction) -> dict[str, Any]:
    """The same fields when it was submitted; empty where there was no record or it wasn't kept."""
    if correction.kind == Correction.PHOTO:
        return {"photo": correction.photo_before}
    return unpack(model_of(correction.kind), correction.before, to_read=True)


def stands(correction: Correction) -> dict[str, Any]:
    """The same fields now; empty where there is no record."""
    record = target_of(correction)
    return {} if record is None else present(record, names_of(correction))


def mark_of(correction: Correction) -> str:
    """A mark of the record as it stands: whoever decides says which one they saw."""
    return digest(stands(correction))


def moved_in(correction: Correction) -> list[str]:
    """The fields that were changed after it was submitted, to something else than what is wished."""
    before, now, wish = stood(correction), stands(correction), wished(correction, to_read=True)
    return [
        name for name, value in now.items()
        if name in before and not same(value, before[name]) and not same(value, wish[name])
    ]  # fmt: skip


def words_of_moved(correction: Correction) -> str:
    """What these fields are called, for a sentence."""
    model = model_of(correction.kind)
    return "、".join(f"“{label_of(model, name)}”" for name in moved_in(correction))


def words_of(correction: Correction) -> str:
    """What the fields a request names are called, without what it says of them."""
    model = model_of(correction.kind)
    return "、".join(label_of(model, name) for name in names_of(correction))


def compare(correction: Correction, *, is_own: bool) -> list[Difference]:
    """Return what a request would change, field by field; of a missing entry only what it says.

    One's own number is shown masked where it stands on the roster, as everywhere else.
    """
    model = model_of(correction.kind)
    before, now, wish = stood(correction), stands(correction), wished(correction, to_read=True)
    moved = set(moved_in(correction))

    def words(name: str, value: Any) -> str:
        masked = mask_identity(value) if is_own and name == "id_number" and value else value
        return in_words(model, name, masked)

    found = []
    for name, value in wish.items():
        label = label_of(model, name)
        rows = zip(
            *(parts_of(name, label, one) for one in (before.get(name), now.get(name), value)), strict=True
        )
        for (part, title, old), (_, _, present_one), (_, _, wanted) in rows:
            found.append(Difference(
                part, title, words(name, old) if name in before else "", words(name, present_one),
                in_words(model, name, wanted), name in moved and not same(present_one, old),
            ))  # fmt: skip
    if correction.record_id is None and correction.kind not in Correction.PERSONAL:
        return [each for each in found if each.wanted != each.stored and each.name not in _UNSAID]
    return [each for each in found if each.name[:6] != "score_" or _differs(each)]


def _differs(each: Difference) -> bool:
    """Of six scores only those that are wished otherwise are shown."""
    return len({each.before or each.stored, each.stored, each.wanted}) > 1
