"""Honours that a form's 奖惩情况 names and the roster doesn't: proposed in the preview, written with the form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cadres.models import ApprovalForm, Honour
from cadres.personnel_form.mapping import honour_line
from cadres.personnel_form.rewards import Reward, plain_name, read_rewards
from cadres.services.form_import.staged import mark
from core.calendar import today
from core.partial_dates import PartialDate

ANSWER = "honours"
UNREAD = "有 {} 处没有读成荣誉表彰（没有时间，或不止一项、写法不明），只保留原文。"
SANCTIONS = "有 {} 处说到处分、诫勉等：不会自动登记为管理监督，请凭文件在干部页面登记；原文照样保留。"
SIMILAR = "“{}”（{}）与名册已有的“{}”可能是同一项，没有登记，请核对。"
# Said of sanctions only to those who may see sensitive information.
ABOUT_SANCTIONS = SANCTIONS.split("{}")[1]
_PARTS = {"year": 4, "month": 7, "day": 10}


@dataclass
class Proposal:
    """What a text proposes: honours to enter, and sentences about what isn't entered."""

    honours: list[Reward] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def honours_of(ids: Iterable[int]) -> dict[int, list[Honour]]:
    """The registered honours of people, revoked ones too: what was taken away isn't proposed anew. One query."""
    found: dict[int, list[Honour]] = defaultdict(list)
    for honour in Honour.objects.filter(cadre__in=list(ids)).order_by("cadre", "id"):
        found[honour.cadre_id].append(honour)
    return found


def proposed(text: str, known: Sequence[Honour], declined: Collection[str] = ()) -> Proposal:
    """What a form's text proposes beside the honours known; sentences that came from here say nothing new.

    `declined` are the marks of those that aren't to be entered (`declined_of`).
    """
    own = {honour_line(one) for one in known}
    read = read_rewards("\n".join(line for line in text.split("\n") if line.strip() not in own))
    found = Proposal()
    for reward in read.honours:
        if (
            reward.date.date > today()
            or mark_of(reward) in declined
            or any(_same(reward, one) for one in known)
        ):
            continue
        if alike := next((one for one in known if _alike(reward, one)), None):
            found.remarks.append(SIMILAR.format(reward.name[:30], reward.date.dotted(), alike.name[:30]))
        elif not any(one.key == reward.key and _meet(one.date, reward.date) for one in found.honours):
            found.honours.append(reward)
    return found


def mark_of(reward: Reward) -> str:
    """An honour in an answer: a keyed fingerprint, since answers lie in clear text."""
    return mark(str(reward)) or ""


def key_of(number: int) -> str:
    """The key of the answer on the honours of a form; `number` is that of its file."""
    return f"{ANSWER}:{number}"


def declined_before(ids: Iterable[int]) -> dict[int, list[str]]:
    """The marks of honours that were declined in earlier imports, by person. One query."""
    rows = ApprovalForm.objects.filter(cadre__in=list(ids)).exclude(declined_honours=[])
    return dict(rows.values_list("cadre_id", "declined_honours"))


def declined_of(
    answers: Mapping[str, Any], number: int, before: Collection[str] | None = None
) -> frozenset[str]:
    """The marks of the honours of a form that HR doesn't want entered: as answered, else as answered `before`."""
    answer = answers.get(key_of(number))
    return frozenset((before or ()) if answer is None else answer)


def numbers_answered(answers: Mapping[str, Any]) -> list[int]:
    """The numbers of the forms whose honours were answered for."""
    return [int(key.partition(":")[2]) for key in answers if key.startswith(f"{ANSWER}:")]


def remarks_on(text: str) -> list[str]:
    """What a text says that nothing is entered of, in sentences without its words."""
    read = read_rewards(text)
    unread = read.unread + sum(one.date.date > today() for one in read.honours)
    found = [UNREAD.format(unread)] if unread else []
    return [*found, SANCTIONS.format(read.sanctions)] if read.sanctions else found


def told_of(reward: Reward) -> dict[str, Any]:
    """An honour in JSON and on the preview."""
    level = str(Honour.Level(reward.level).label)
    return {"name": reward.name, "issuer": reward.issuer, "level": level, "start": reward.date.iso()}


def as_record(reward: Reward, cadre: Any) -> Honour:
    """An honour to be written."""
    made = Honour(cadre=cadre, name=reward.name, issuer=reward.issuer, level=reward.level)
    made.start, made.start_precision = reward.date.date, reward.date.precision
    return made


def _same(reward: Reward, honour: Honour) -> bool:
    same_name = reward.key in (plain_name(honour.name), plain_name(honour.issuer + honour.name))
    return same_name and (honour.start_date is None or _meet(honour.start_date, reward.date))


def _alike(reward: Reward, honour: Honour) -> bool:
    """Of the same year, and one name within the other."""
    name = plain_name(honour.name)
    if honour.start is None or honour.start.year != reward.date.date.year:
        return False
    return reward.key in name or name in reward.key


def _meet(one: PartialDate, other: PartialDate) -> bool:
    """Whether two dates agree as far as both are known."""
    part = min(_PARTS[one.precision], _PARTS[other.precision])
    return one.date.isoformat()[:part] == other.date.isoformat()[:part]
