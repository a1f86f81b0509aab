"""Facts about kin on the roster: only links that HR has confirmed count, whichever of the two recorded them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from cadres.facts.building import Asked, counted, of_cadre
from cadres.facts.registry import Fact, register
from cadres.models import FamilyMember, PersonnelRelation

_FAMILY, _RELATION = FamilyMember._meta.db_table, PersonnelRelation._meta.db_table
_LINKS = f"""(SELECT kin_id AS person FROM {_FAMILY} WHERE cadre_id = {{cadre}} AND kin_confirmed_at IS NOT NULL
    UNION SELECT cadre_id FROM {_FAMILY} WHERE kin_id = {{cadre}} AND kin_confirmed_at IS NOT NULL) link"""  # noqa: S608
_IN_FORCE = '({0}.start IS NULL OR {0}.start <= {{on}}) AND ({0}."end" IS NULL OR {0}."end" > {{on}})'
_KIN = f"SELECT count(*)::int FROM {_LINKS}"  # noqa: S608 - names of tables
_KIN_AT_UNIT = (
    f"SELECT count(*)::int FROM {_LINKS} JOIN {_RELATION} theirs ON theirs.cadre_id = link.person"  # noqa: S608
    f" JOIN {_RELATION} own ON own.cadre_id = {{cadre}} AND own.unit_id = theirs.unit_id"
    f" WHERE {_IN_FORCE.format('theirs')} AND {_IN_FORCE.format('own')}"
)


def _linked(operator: str, value: Any, on: Any) -> Any:
    """Somebody at all: what an index answers."""
    if (operator, value) != ("at_least", 1):
        return None
    links = FamilyMember.objects.exclude(kin_confirmed_at=None).order_by()
    said, told = links.filter(cadre=OuterRef("pk"), kin__isnull=False), links.filter(kin=OuterRef("pk"))
    return Q(Exists(said)) | Q(Exists(told))


register(
    Fact(
        "family_members", "登记的家庭成员数", "C3", "number", lambda on: counted(of_cadre(FamilyMember)), unit="人",
        definition="登记的家庭成员人数，不分日期。", topic="family",
    )
)  # fmt: skip
register(
    Fact(
        "kin", "名册中的亲属数", "C3", "number", lambda on: Asked(F("pk"), sql=_KIN, on=on), unit="人",
        definition="经人事核实、同在名册中的亲属人数，不论由哪一方登记。", topic="family", condition=_linked,
    )
)  # fmt: skip
register(
    Fact(
        "kin_at_unit", "同单位亲属数", "C3", "number", lambda on: Asked(F("pk"), sql=_KIN_AT_UNIT, on=on), unit="人",
        definition="经人事核实的亲属中，统计日人事关系与本人在同一单位的人数。", topic="family",
    )
)  # fmt: skip
