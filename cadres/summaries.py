"""A person in one row: the present posts, title, education and party of many people in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, JSONObject

from cadres.codes import DEMOCRATIC_PARTIES, PARTY_MEMBERS
from cadres.fields import facts_up_to, is_own, level_for
from cadres.models import (
    Appointment,
    Cadre,
    Education,
    PersonnelRelation,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
)
from core.calendar import completed_years, today
from core.crypto import mask_identity
from core.partial_dates import PartialDate

_COLUMNS = (
    "id", "name", "unit_id", "unit_path", "user_id", "gender", "birth", "birth_precision", "ethnicity__code",
    "ethnicity__name", "native_place", "work_start", "work_start_precision", "phone", "note", "photo_id",
    "updated_at", "unit__name", "birthplace", "speciality", "retirement_limit", "surname_reading",
)  # fmt: skip
_GENDERS = dict(Cadre.Gender.choices)
_MODES = {Education.Mode.FULL_TIME: "full_time", Education.Mode.IN_SERVICE: "in_service"}


def with_summary(cadres: QuerySet[Cadre], on: date) -> QuerySet[Cadre]:
    """Add the histories in force on a day as JSON columns: posts, educations, politics, titles, ranks."""
    mine = {"cadre": OuterRef("pk")}
    posts = (
        Appointment.objects.filter(**mine).on(on)
        .order_by("-is_main", F("start").desc(nulls_last=True), "order", "id")
        .values(
            json=JSONObject(
                title="title", kind="kind", is_main="is_main", start="start", precision="start_precision",
                unit="unit_id", place=Coalesce("unit__name", "unit_text"), category="post__category",
            )
        )
    )  # fmt: skip
    educations = (
        Education.objects.filter(**mine)
        .order_by("mode", "order", F("level__level").desc(nulls_last=True), F("end").desc(nulls_last=True))
        .values(
            json=JSONObject(
                mode="mode", level="level_text", degree="degree_text", school="school", rank="level__level",
            )
        )
    )  # fmt: skip
    politics = (
        PoliticalStatus.objects.filter(**mine).on(on).order_by("status__order")
        .values(
            json=JSONObject(
                code="status__code", name=_short_name("status"), start="start", precision="start_precision",
            )
        )
    )  # fmt: skip
    titles = (
        ProfessionalTitle.objects.filter(**mine).on(on)
        .order_by(F("title__level").desc(nulls_last=True), F("start").desc(nulls_last=True))
        .values("title_text")[:1]
    )  # fmt: skip
    ranks = (
        Rank.objects.filter(**mine).on(on).order_by(F("start").desc(nulls_last=True))
        .values(json=JSONObject(kind="kind", name="name", start="start", precision="start_precision"))
    )  # fmt: skip
    relation = PersonnelRelation.objects.filter(**mine).order_by(F("end").desc(nulls_first=True))[:1]
    return cadres.annotate(
        posts_json=ArraySubquery(posts),
        educations_json=ArraySubquery(educations),
        politics_json=ArraySubquery(politics),
        title_now=Subquery(titles),
        ranks_json=ArraySubquery(ranks),
        left_as=Subquery(relation.values("leaving"), output_field=CharField()),
    )


def _short_name(relation: str) -> Case:
    return Case(
        When(**{f"{relation}__short": ""}, then=F(f"{relation}__name")), default=F(f"{relation}__short")
    )


def summaries(ids: Sequence[int], *, user: Any, on: date | None = None) -> list[dict[str, Any]]:
    """Return people as dictionaries with the API's field names, in the order of the ids, in one query.

    Fields above what the user may see of a person are None; identity numbers come masked.
    """
    day = on or today()
    columns = [*_COLUMNS, "posts_json", "educations_json", "politics_json", "title_now", "ranks_json"]
    columns += ["left_as", "id_number"]
    rows = with_summary(Cadre.objects.filter(pk__in=ids), day).values_list(*columns, named=True)
    found = {row.id: _as_dict(row, user, day) for row in rows.order_by()}
    return [found[pk] for pk in ids if pk in found]


class _Key:
    """What scope asks of a row: its path, its account."""

    __slots__ = ("unit_path", "user_id")

    def __init__(self, unit_path: str, user_id: int | None) -> None:
        self.unit_path = unit_path
        self.user_id = user_id


def _as_dict(row: Any, user: Any, day: date) -> dict[str, Any]:
    values = {
        "id": row.id,
        "name": row.name,
        "surname_reading": row.surname_reading,
        "unit": row.unit_id,
        "unit_name": row.unit__name,
        "gender": _GENDERS.get(row.gender, ""),
        "birth": _iso(row.birth, row.birth_precision),
        "age": completed_years(row.birth, day) if row.birth else None,
        "id_number": mask_identity(row.id_number),
        "ethnicity": row.ethnicity__code or "",
        "ethnicity_name": row.ethnicity__name or "",
        "native_place": row.native_place,
        "work": _iso(row.work_start, row.work_start_precision),
        "birthplace": row.birthplace,
        "speciality": row.speciality,
        "retirement_limit": row.retirement_limit,
        "phone": row.phone,
        "note": row.note,
        "status": status_words(row.left_as),
        "photo": row.photo_id is not None,
        "updated_at": row.updated_at,
        "title": row.title_now or "",
        **_posts(row.posts_json, row.unit_id),
        **_ranks(row.ranks_json),
        **_politics(row.politics_json),
        **_educations(row.educations_json),
    }
    key = _Key(row.unit_path, row.user_id)
    allowed = facts_up_to(level_for(user, key))
    if is_own(user, key):
        allowed = allowed | {"id_number"}
    return {name: value if name in allowed else None for name, value in values.items()}


def status_words(left_as: str | None) -> str:
    """Say whether somebody is in service, or how they left."""
    if not left_as:
        return "在职" if left_as is not None else "无人事关系"
    return str(PersonnelRelation.Leaving(left_as).label)


def _posts(posts: list[dict[str, Any]], unit: int) -> dict[str, Any]:
    main = next((post for post in posts if post["is_main"]), None)
    own = [post for post in posts if post["kind"] != Appointment.Kind.SECONDED]
    return {
        "posts": [
            {
                "title": post["title"], "unit": post["unit"], "unit_name": post["place"],
                "kind": post["kind"], "is_main": post["is_main"], "category": post["category"] or "",
                "since": _json_date(post["start"], post["precision"]),
            }
            for post in posts
        ],
        "post": "、".join(_post_words(post, unit) for post in own),
        "post_since": _json_date(main["start"], main["precision"]) if main else None,
        "post_category": (main["category"] or "") if main else "",
        "hosted_at": next((p["place"] for p in posts if p["kind"] == Appointment.Kind.SECONDED), ""),
    }  # fmt: skip


def _post_words(post: dict[str, Any], unit: int) -> str:
    """A post's name, with its place where that isn't the person's own unit."""
    return post["title"] if post["unit"] == unit else f"{post['place'] or ''}{post['title']}"


def _ranks(ranks: list[dict[str, Any]]) -> dict[str, Any]:
    rank = next((r for r in ranks if r["kind"] == Rank.Kind.RANK), None)
    level = next((r for r in ranks if r["kind"] == Rank.Kind.LEVEL), None)
    return {
        "rank": rank["name"] if rank else "",
        "level_since": _json_date(level["start"], level["precision"]) if level else None,
    }


def _politics(politics: list[dict[str, Any]]) -> dict[str, Any]:
    member = next((p for p in politics if p["code"] in PARTY_MEMBERS), None)
    democratic = next((p for p in politics if p["code"] in DEMOCRATIC_PARTIES), None)
    chief = member or democratic or (politics[0] if politics else None)
    return {
        "party": chief["name"] if chief else "",
        "party_join": _json_date(member["start"], member["precision"]) if member else None,
        "democratic_party": democratic["name"] if democratic else "",
    }


def _educations(educations: list[dict[str, Any]]) -> dict[str, Any]:
    highest = max(educations, key=lambda each: each["rank"] or 0, default=None)
    found: dict[str, Any] = {"education": highest["level"] if highest else ""}
    for mode, prefix in _MODES.items():
        first = next((e for e in educations if e["mode"] == mode), None)
        found[f"{prefix}_education"] = first["level"] if first else ""
        found[f"{prefix}_degree"] = first["degree"] if first else ""
        found[f"{prefix}_school"] = first["school"] if first else ""
    return found


def _iso(day: date | None, precision: str) -> str | None:
    return PartialDate.of(day, precision).iso() if day else None


def _json_date(text: str | None, precision: str) -> str | None:
    """A date out of JSON, cut to what is known of it."""
    if not text:
        return None
    return {"year": text[:4], "month": text[:7]}.get(precision, text[:10])
