"""Facts about cadres "as of a date": each one named SQL expression with label, unit and data level.

Eligibility rules, the query builder and data-quality rules all ask the same facts (1-domain.md, "Facts"). A
topic is a module; it registers its facts when it is loaded, which happens here.
"""

from cadres.facts import (  # noqa: F401 - each registers its facts
    assessment,
    careers,
    completeness,
    education,
    family,
    growth,
    honours,
    oversight,
    people,
    politics,
    posts,
    retirement,
)
from cadres.facts.building import CompletedYears
from cadres.facts.registry import (
    FACTS,
    TOPICS,
    Fact,
    FactValue,
    annotate_facts,
    fact_columns,
    fact_value,
    register,
    values_of,
)

__all__ = [
    "FACTS",
    "TOPICS",
    "CompletedYears",
    "Fact",
    "FactValue",
    "annotate_facts",
    "fact_columns",
    "fact_value",
    "register",
    "values_of",
]
