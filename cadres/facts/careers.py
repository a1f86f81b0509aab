"""Facts about the lines of a CV: how many there are, and the longest time that none of them tells of."""

from __future__ import annotations

from django.db.models import F

from cadres.facts.building import Asked, counted, of_cadre
from cadres.facts.registry import Fact, register
from cadres.models import CareerLine

# Months behind year and month, the last month of a year of which no more is known; an open end has no end.
_MONTH = "extract(year FROM {0})::int * 12 + extract(month FROM {0})::int"
_END = '"end"'
_ENDED = (
    "CASE WHEN \"end\" IS NULL THEN 1000000 WHEN end_precision = 'year'"
    f' THEN extract(year FROM "end")::int * 12 + 12 ELSE {_MONTH.format(_END)} END'
)
# The rule of cadres.cv.gaps_of, which a test compares with it: more than a month between a line and all that began before it. A line that
# begins in a year alone can't be compared, and those within another line don't count.
_GAP = f"""SELECT max(CASE WHEN line.began - line.ended > 1 THEN line.began - line.ended ELSE 0 END)::int
FROM (SELECT CASE WHEN start_precision <> 'year' THEN {_MONTH.format("start")} END AS began,
             max({_ENDED}) OVER (ORDER BY start, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ended
      FROM {CareerLine._meta.db_table}
      WHERE cadre_id = {{cadre}} AND within_id IS NULL AND start <= {{on}}) line"""  # noqa: S608 - names of tables

register(
    Fact(
        "career_lines", "简历段数", "C2", "number",
        lambda on: counted(of_cadre(CareerLine).filter(within=None)), unit="段",
        definition="登记的简历段数，“其间”的不另计。", topic="post",
    )
)  # fmt: skip
register(
    Fact(
        "career_gap", "简历最长空档", "C2", "number", lambda on: Asked(F("pk"), sql=_GAP, on=on), unit="个月",
        definition="到统计日开始的各段简历之间，没有任何一段写到的最长月数；相差一个月以内的不算空档，"
        "只写到年份的按该年 12 月止，没有简历的为未登记。",
        topic="post",
    )
)  # fmt: skip
