"""Actions on an undertaking: place, rearrange, start and end by the calendar, complete, cancel."""

from __future__ import annotations

from datetime import date

from cadres.models import Cadre
from core.calendar import today
from core.errors import Invalid, WrongMoment
from core.workflow import Action, Move, Workflow
from programs.avoidance import OF_KIN, must_avoid, require_unrelated
from programs.effects import participations as effects
from programs.models import Appraisal, Base, Participation, ParticipationDecision, Stint

Status = Participation.Status
ACTING_POSTS = ("副校长", "副主任", "副股长")


def guard_hands(participation: Participation, move: Move) -> None:
    """Nobody arranges or ends their own or kin's undertaking (回避)."""
    require_unrelated(move.by, participation.cadre, "这是您本人的培养经历，应当回避。")


def guard_place(participation: Participation, move: Move) -> None:
    """A person in service, a usable base with room, a host who will write the appraisal, no clash."""
    guard_hands(participation, move)
    if move.preview:
        return
    if not Cadre.objects.in_service().filter(pk=participation.cadre_id).exists():
        raise WrongMoment(f"{participation.cadre}已不在职，不能安排；请取消安排。")
    _require_whole(participation, move)
    _require_free(participation, move)
    _require_room(move.data["base"], move.data["start"], move.data["end"], besides=participation)


def guard_rearrange(participation: Participation, move: Move) -> None:
    """As for placing, also of one who has left service; a stay that has begun keeps its first day."""
    guard_hands(participation, move)
    if move.preview:
        return
    _require_whole(participation, move)
    latest = effects.latest_stint(participation)
    if latest is not None:
        _require_order(participation, latest, move)
        move.data["start"] = effects.rearranged_start(latest, move.data)
    _require_free(participation, move)
    _require_room(move.data["base"], move.data["start"], move.data["end"], besides=participation)


def _require_order(participation: Participation, latest: Stint, move: Move) -> None:
    """Stays follow one another; what has begun isn't moved forward; a signed appraisal isn't outrun."""
    start, words = move.data["start"], ""
    begun = latest.start <= today() and participation.status == Status.ACTIVE
    earlier = participation.stints.exclude(pk=latest.pk)
    if (participation.status == Status.ACTIVE and participation.start and start < participation.start) or (
        begun and start < latest.start
    ):
        words = "已经开始的，不能提前开始日期。"
    elif earlier.filter(start__gte=start).exists():
        words = "开始日期须晚于前一阶段的开始日期。"
    if words:
        raise Invalid(words, errors={"start": [words]})
    filed = Appraisal.objects.filter(stint=latest, status=Appraisal.Status.FILED).exists()
    if filed and effects.corrects(latest, move.data):
        raise WrongMoment("这一阶段的书面鉴定已经提交；需要调整的，请先退回鉴定。")


def _require_whole(participation: Participation, move: Move) -> None:
    """Every part of the arrangement; errors by field."""
    data, errors = move.data, {}
    base, start, end = data.get("base"), data.get("start"), data.get("end")
    if not isinstance(base, Base) or not base.is_active:
        errors["base"] = ["请选择一个在用的基地。"]
    elif base.host_unit_id is not None and base.host_unit_id == participation.cadre.unit_id:
        errors["base"] = ["不能安排在本人所在单位。"]
    elif isinstance(end, date) and base.closed_by(end):
        errors["base"] = [_closed_words(base)]
    if not isinstance(start, date) or not isinstance(end, date) or end < start:
        errors["end"] = ["请填写起止日期，结束不能早于开始。"]
    if not str(data.get("acting_post") or "").strip():
        errors["acting_post"] = ["请填写拟挂职务。"]
    people = [each for each in (data.get("host"), data.get("guide")) if each is not None]
    closed = [each.name for each in people if not each.is_active]
    if closed:
        errors["host"] = [f"{'、'.join(closed)}的账号已停用，请另行指定。"]
    if not people:
        errors["host"] = ["请指定基地负责人或指导人，由其撰写书面鉴定。"]
    if participation.cadre.user_id and participation.cadre.user_id in [each.pk for each in people]:
        errors["host"] = ["本人不能担任自己的基地负责人或指导人。"]
    elif any(must_avoid(each, participation.cadre) for each in people):
        errors["host"] = [OF_KIN]
    if errors:
        raise Invalid("".join(text for texts in errors.values() for text in texts), errors=errors)


def _closed_words(base: Base) -> str:
    """From which day on the base's unit is no more."""
    assert base.host_unit is not None
    assert base.host_unit.valid_to is not None
    day = base.host_unit.valid_to
    return (
        f"基地单位“{base.host_unit.name}”自{day.year}年{day.month}月{day.day}日起撤销，"
        "不能安排到那天以后，请选择其他基地或提前结束日期。"
    )


def _require_free(participation: Participation, move: Move) -> None:
    """The person isn't away on another undertaking at that time; asked under the person's lock."""
    Cadre.objects.select_for_update(no_key=True, of=("self",)).get(pk=participation.cadre_id)
    clash = (
        Participation.objects.filter(
            cadre=participation.cadre_id, start__lte=move.data["end"], end__gte=move.data["start"]
        )
        .exclude(pk=participation.pk)
        .exclude(status=Status.CANCELLED)
        .first()
    )
    if clash is not None:
        raise WrongMoment(f"{participation.cadre}在这段时间已有安排：{clash.program}。")


def _require_room(base: Base, start: date, end: date, *, besides: Participation) -> None:
    """The base's capacity holds on every day of the period; counted under the base's lock."""
    Base.objects.select_for_update(no_key=True, of=("self",)).get(pk=base.pk)
    most = most_at_once(base, start, end, besides=besides)
    if most >= base.capacity:
        raise WrongMoment(f"{base}同期最多接收 {base.capacity} 人，这段时间已有 {most} 人。")


def most_at_once(base: Base, start: date, end: date, *, besides: Participation | None = None) -> int:
    """Return the largest number of people at a base on any one day of a period."""
    stays = Stint.objects.filter(base=base, start__lte=end, end__gte=start)
    stays = stays.exclude(participation__status=Status.CANCELLED)
    if besides is not None:
        stays = stays.exclude(participation=besides)
    periods = list(stays.values_list("start", "end"))
    days = {max(first, start) for first, _ in periods}
    return max((sum(1 for first, last in periods if first <= day <= last) for day in days), default=0)


def guard_start(participation: Participation, move: Move) -> None:
    """On its first day, not before."""
    if participation.start is None or today() < participation.start:
        raise WrongMoment("还没有到开始日期。")


def guard_end(participation: Participation, move: Move) -> None:
    """When its last day is over."""
    if participation.end is None or today() <= participation.end:
        raise WrongMoment("还没有到结束日期。")


def guard_complete(participation: Participation, move: Move) -> None:
    """HR has read every appraisal; nobody completes their own undertaking."""
    guard_hands(participation, move)
    missing = Appraisal.objects.filter(participation=participation).outstanding().count()
    if missing:
        raise WrongMoment(f"还有 {missing} 份书面鉴定没有提交。")


def stay_put(participation: Participation, move: Move) -> str:
    """A change of the arrangement leaves the state as it is."""
    return participation.status


PARTICIPATION_FLOW = Workflow(
    "participation",
    Status,
    (
        Action("place", "安排", (Status.PENDING,), Status.PLACED, "participation.place",
               guard=guard_place, columns=effects.place_columns, effect=effects.after_place),
        Action("rearrange", "调整安排", (Status.PLACED, Status.ACTIVE), stay_put, "participation.place",
               guard=guard_rearrange, columns=effects.rearrange_columns, effect=effects.after_rearrange,
               needs_comment=True, tone="secondary", targets=(Status.PLACED, Status.ACTIVE)),
        Action("start", "开始", (Status.PLACED,), Status.ACTIVE, "", guard=guard_start, automatic=True),
        Action("end", "结束", (Status.ACTIVE,), Status.ENDED, "", guard=guard_end,
               effect=effects.after_end, automatic=True),
        Action("complete", "办结", (Status.ENDED,), Status.COMPLETED, "participation.place",
               guard=guard_complete, tone="success"),
        Action("cancel", "取消安排", (Status.PENDING, Status.PLACED, Status.ACTIVE), Status.CANCELLED,
               "participation.place", guard=guard_hands, columns=effects.cancel_columns,
               effect=effects.after_cancel,
               needs_comment=True, tone="danger"),
    ),
    decision_model=ParticipationDecision,
)  # fmt: skip
