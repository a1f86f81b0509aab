"""A person's competences as a radar: the newest profile of each source, with its numbers beside it."""

from __future__ import annotations

from collections.abc import Iterable

from cadres.describing import chinese
from cadres.models import Competence, CompetenceProfile
from core.charts import Chart, Series

_MEANINGS = {"superior": "main", "assessment": "target", "expert": "b", "self": "compare"}
MOST = 100


def newest_profiles(profiles: Iterable[CompetenceProfile]) -> list[CompetenceProfile]:
    """Return the newest profile of each source, the bureau's before one's own."""
    newest: dict[str, CompetenceProfile] = {}
    for profile in profiles:
        known = newest.get(profile.source)
        if known is None or profile.on > known.on:
            newest[profile.source] = profile
    return [newest[source] for source in _MEANINGS if source in newest]


def competence_chart(profiles: Iterable[CompetenceProfile]) -> Chart | None:
    """Return the radar of the newest profiles, None where nobody has judged yet."""
    newest = newest_profiles(profiles)
    if not newest:
        return None
    return Chart(
        key="competences", title="能力画像", sentence=_sentence(newest[0]), kind="radar",
        categories=[str(label) for label in Competence.labels],
        series=[
            Series(each.get_source_display(), list(each.scores), _MEANINGS[each.source]) for each in newest
        ],
        unit="分", category_label="能力", maximum=MOST,
    )  # fmt: skip


def _sentence(profile: CompetenceProfile) -> str:
    """What the chart shows: the strongest and the weakest competence in the first profile's words."""
    judged = [
        (score, str(label)) for label, score in zip(Competence.labels, profile.scores, strict=True)
        if score is not None
    ]  # fmt: skip
    best, worst = max(judged), min(judged)
    words = f"{profile.get_source_display()}（{chinese(profile.on)}）"
    if best[0] == worst[0]:
        return f"{words}：各项均为 {best[0]} 分。"
    return f"{words}：{best[1]}最高（{best[0]} 分），{worst[1]}最低（{worst[0]} 分）。"
