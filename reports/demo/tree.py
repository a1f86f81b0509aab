"""The demo's organisation tree: a bureau, its sections, central schools with their schools, direct schools."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from accounts.models import Unit, UnitName
from core.pinyin import initials, pinyin_key
from reports.demo.loading import reserve_ids

SECTIONS = (
    "党政办公室",
    "人事教育股",
    "基础教育股",
    "计划财务股",
    "教育督导室",
    "安全管理股",
    "德育艺体股",
    "纪检监察室",
)
TOWNSHIPS = (
    "东河镇", "西山镇", "南溪镇", "北坪镇", "龙泉镇", "白云镇", "清水镇", "石桥镇", "金竹镇", "双河镇",
    "青峰镇", "大塘镇",
)  # fmt: skip
VILLAGES = (
    "中心小学", "中学", "红旗小学", "新华小学", "长春小学", "向阳小学", "胜利小学", "和平小学", "中心幼儿园",
    "育才小学", "光明小学", "团结小学", "前进小学", "建新小学", "永安小学",
)  # fmt: skip
DIRECT = (
    ("示例区第二中学", "complete"), ("示例区实验小学", "primary"), ("示例区第一中学", "senior"),
    ("示例区第三中学", "junior"), ("示例区第一小学", "primary"), ("示例区第二小学", "primary"),
    ("示例区第一幼儿园", "kindergarten"), ("示例区职业技术学校", "vocational"),
    ("示例区特殊教育学校", "special"), ("示例区九年一贯制学校", "nine_year"),
)  # fmt: skip

# How many townships, schools a township, and direct schools each size has.
SIZES = {"school": (2, 2, 2), "district": (8, 11, 10), "city": (12, 15, 10)}


@dataclass
class Tree:
    """The units by the keys that the rest of the demo uses."""

    bureau: Unit
    sections: list[Unit] = field(default_factory=list)
    centrals: list[Unit] = field(default_factory=list)
    schools: list[Unit] = field(default_factory=list)
    direct: list[Unit] = field(default_factory=list)
    training: list[Unit] = field(default_factory=list)

    def named(self, key: str) -> Unit:
        """Return the unit of a persona's key."""
        east = [unit for unit in self.schools if unit.parent_id == self.centrals[0].pk]
        west = [unit for unit in self.schools if unit.parent_id == self.centrals[1].pk]
        return {
            "bureau": self.bureau, "east": self.centrals[0], "west": self.centrals[1],
            "east-school": east[0], "west-school": west[0],
        }[key]  # fmt: skip

    @property
    def all(self) -> list[Unit]:
        """Every unit, parents before children."""
        return [self.bureau, *self.sections, *self.centrals, *self.schools, *self.direct, *self.training]


def plant(size: str, random: Random) -> Tree:
    """Create the tree of a size and return it; units come in bulk, parents before children."""
    townships, villages, direct = SIZES[size]
    tree = Tree(_unit("SL", "示例区教育局", "bureau", None))
    districts = 4 if size == "city" else 1
    tree.sections = [
        _unit(f"SL-K{at:02}", name, "section", tree.bureau) for at, name in enumerate(SECTIONS, 1)
    ]
    for at in range(townships * districts):
        name = TOWNSHIPS[at % len(TOWNSHIPS)] if at < len(TOWNSHIPS) else f"{_numbered(at)}镇"
        tree.centrals.append(_unit(f"SL-Z{at + 1:02}", f"{name}中心校", "central", tree.bureau))
    for central in tree.centrals:
        tree.schools += [_village_school(central, at, random) for at in range(villages)]
    for at, (name, stage) in enumerate(DIRECT[:direct], 1):
        tree.direct.append(_unit(f"SL-D{at:02}", name, "school", tree.bureau, stage=stage, headcount=5))
    tree.training.append(_unit("SL-P01", "示例区教师进修学校", "training", tree.bureau, headcount=4))
    _save(tree)
    return tree


def _numbered(at: int) -> str:
    """A township's name beyond the list, unlike all others: 天福, 天寿, 地福 …"""
    return "天地玄黄宇宙洪荒日月盈昃"[at // 5 % 12] + "福寿康宁安"[at % 5]


def _village_school(central: Unit, at: int, random: Random) -> Unit:
    place = central.name.removesuffix("中心校")
    name = VILLAGES[at % len(VILLAGES)]
    stage = "kindergarten" if "幼儿园" in name else "junior" if name == "中学" else "primary"
    return _unit(
        f"{central.code}-{at + 1:02}", f"{place}{name}", "school", central, stage=stage, is_rural=True,
        is_weak=random.random() < 0.2, headcount=3 if stage == "kindergarten" else 4, cluster=place,
    )  # fmt: skip


def _unit(code: str, name: str, kind: str, parent: Unit | None, **fields: object) -> Unit:
    words = {"name_key": pinyin_key(name), "initials": initials(name)}
    return Unit(code=code, name=name, kind=kind, parent=parent, **words, **fields)


def _save(tree: Tree) -> None:
    units = tree.all
    parents = [unit.parent for unit in units]
    for unit, parent, pk in zip(units, parents, reserve_ids("accounts_unit", len(units)), strict=True):
        unit.pk = pk
        unit.parent = parent  # parents come first, so the parent has its id by now
        unit.path = (unit.parent.path if unit.parent else "/") + f"{unit.pk}/"
    Unit.objects.bulk_create(units)
    UnitName.objects.bulk_create(UnitName(unit=unit, name=unit.name) for unit in units)
