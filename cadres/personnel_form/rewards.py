"""The sentences of a form's 奖惩情况: which honours they name, and how much of them only a person can judge.

`2010.09 被某区教育局评为优秀教师`, `2015年、2017年获“全国模范教师”称号；2018.10受警告处分`, `无`. Only what names a
year and an award is read; sanctions are counted and never read, since a sanction is registered by its decision.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDate, parse

LONGEST_NAME, LONGEST_ISSUER = 160, 120
MOST_READ = 60
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:\d{2}(?!\d)|\s*[.．/-]\s*\d{1,2}(?:\s*[.．/-]\s*\d{1,2})?"
    r"|\s*年度?(?:\s*\d{1,2}\s*月份?(?:\s*\d{1,2}\s*日)?)?)?(?!\d)"
)
_BETWEEN_DATES = re.compile(r"[\s、,，和及与]*")
_SENTENCE = re.compile(r"[。；;\r\n\v\f]+|<br\s*/?>", re.IGNORECASE)
_NOTHING = re.compile(r"[\s　]*(?:无|没有|暂无|无奖惩|—+|-+|/)?[\s　]*")
_SANCTION = re.compile(
    "处分|警告|记过|记大过|诫勉|降级|撤职|开除|留党察看|撤销|通报批评|批评教育|问责|组织处理|责令|函询|免职|拘留|取消"
)
# What can't be one honour of one day.
_VAGUE = re.compile("多次|历年|连年|先后|曾经?被|连续|近.年|若干|学年|期间|以来")
_GIVEN = re.compile(
    r"(?:.*?[，,])?(?P<issuer>[^，,]*?)"
    r"(?:授予|评选为|评定为|评为|表彰为|命名为|认定为|选为|确定为|给予|通报表彰为?|表彰为?|(?=记[一二三]等功|嘉奖))"
    r"(?P<name>.+)"
)
_WON = re.compile(r"(?:荣获|获得|荣膺|获评|获颁|获|取得|当选为?|荣立|立)(?P<name>.+)")
_BODY = "部|厅|局|委|委员会|政府|党委|党组|办|办公室|总工会|工会|妇联|团委|联合会|学会|协会|学校|大学|学院|中学|小学|幼儿园|中心校"
_FROM = re.compile(
    rf"(?P<issuer>.{{1,60}}?(?:{_BODY}))(?:颁发|授予|评选|表彰|评定)?的?(?=[“\"「『])(?P<name>.+)"
    rf"|(?P<issuer_>.{{1,60}}?(?:{_BODY}))(?:颁发|授予|评选|表彰|评定)的?(?P<name_>.+)"
)
_QUOTED = re.compile(r"[“\"「『]([^”\"」』]{2,80})[”\"」』]")
_AWARD = re.compile(
    "(?:奖|奖章|功|嘉奖|称号|教师|老师|工作者|能手|标兵|个人|模范|党员|干部|园丁|校长|园长|班主任|先进|骨干|带头人|名师|教练|辅导员|"
    "书记|青年|妇女|职工|号手|新秀|之星|红旗手|人才|专家|党务工作者|团干|公务员|职员)(?:一次|[一二三]等奖)?$"
)
_TAIL = re.compile(r"(?:的?荣誉)?称号$|的?光荣称号$|一次$")
_LEVELS = (
    ("国家级|全国|国家|教育部|国务院|中央|中共中央|人社部", "national"), ("省级|省|自治区", "province"),
    ("市级|市|地区|自治州|州", "city"), ("县级|区级|县|区|旗", "county"), ("校级|学校|中学|小学|学院|大学|幼儿园|园|校", "school"),
)  # fmt: skip
_LEVEL = re.compile("|".join(f"(?P<{level}>{words})" for words, level in _LEVELS))


@dataclass(frozen=True)
class Reward:
    """An honour that a sentence names: when, what, by whom (if it says so), and at which level."""

    date: PartialDate
    name: str
    issuer: str = ""

    @property
    def level(self) -> str:
        """The level (Honour.Level) by the last administrative word of the authority, else of the name."""
        return level_of(self.issuer) or level_of(self.name) or "other"

    @property
    def key(self) -> str:
        """The name as two are compared."""
        return plain_name(self.name)


@dataclass
class Rewards:
    """What a text says: honours, how many pieces name none for sure, how many speak of a sanction."""

    honours: list[Reward] = field(default_factory=list)
    unread: int = 0
    sanctions: int = 0


def read_rewards(text: str) -> Rewards:
    """Read a text. Never raises; the same honour twice is one."""
    found = Rewards()
    if _NOTHING.fullmatch(text):
        return found
    for sentence in _SENTENCE.split(text):
        words = unicodedata.normalize("NFC", sentence).strip(" \t　,，、:：")
        if not words or _NOTHING.fullmatch(words):
            continue
        if _SANCTION.search(words):
            found.sanctions += 1
            continue
        for dates, piece in _pieces(words):
            honours = list(_honours(dates, piece))
            if not honours or len(found.honours) + len(honours) > MOST_READ:
                found.unread += 1
            found.honours += [one for one in honours if one not in found.honours][:MOST_READ]
    return found


def plain_name(name: str) -> str:
    """A name without blanks, quotes and what only decorates it."""
    bare = re.sub(r"[\s　“”\"「」『』《》]", "", unicodedata.normalize("NFKC", name))
    return _TAIL.sub("", bare).lower()


def level_of(words: str) -> str:
    """The level that words speak of: of `某省某市某区` the last one counts; "" where they say none."""
    found = list(_LEVEL.finditer(words))
    return next(name for name, text in found[-1].groupdict().items() if text) if found else ""


def _pieces(sentence: str) -> Iterator[tuple[list[str], str]]:
    """A sentence by its dates: those that stand together, and the words after them."""
    found = list(_DATE.finditer(sentence))
    if not found:
        yield [], sentence
        return
    groups: list[tuple[list[str], int, int]] = []
    for date in found:
        between = sentence[groups[-1][2] : date.start()] if groups else sentence[: date.start()]
        if groups and _BETWEEN_DATES.fullmatch(between):
            groups[-1] = ([*groups[-1][0], date[0]], groups[-1][1], date.end())
        elif groups and not between.rstrip().endswith(("，", ",", "、", "）", ")")):
            # `2013年获2012年度先进个人`: the second date is a word of the award's name.
            continue
        else:
            groups.append(([date[0]], date.start(), date.end()))
    lead = sentence[: groups[0][1]].strip(" 　，,、")
    for number, (dates, _, end) in enumerate(groups):
        last = groups[number + 1][1] if number + 1 < len(groups) else len(sentence)
        words = sentence[end:last].strip(" \t　，,、:：")
        yield dates, (lead + words if number == 0 else words)


def _honours(dates: list[str], piece: str) -> Iterator[Reward]:
    """The honours of a piece, none where it can't be read for sure."""
    days = [_date(one) for one in dates]
    if not days or None in days or re.match(r"[-—–~～至到]", piece) or _VAGUE.search(piece):
        return
    issuer, name = _told(piece)
    names = _names(name)
    if not names or len(issuer) > LONGEST_ISSUER:
        return
    for day in days:
        assert day is not None
        yield from (Reward(day, one, issuer) for one in names)


def _told(piece: str) -> tuple[str, str]:
    """Authority and award of `被某局评为优秀教师`, `获某部“优秀教师”称号`, `优秀教师`; an empty award where none is told."""
    won = _WON.match(piece)
    if not won and (given := _GIVEN.fullmatch(piece)):
        return re.split("被|经|由", given["issuer"])[-1].strip(" 　，,、"), given["name"]
    if won:
        by = _FROM.fullmatch(won["name"])
        if by:
            return (by["issuer"] or by["issuer_"]).strip(), by["name"] or by["name_"]
        return "", won["name"]
    return ("", piece) if _AWARD.search(piece) and len(piece) <= 30 else ("", "")


def _names(text: str) -> list[str]:
    """The awards of `“优秀教师”“师德标兵”称号`, `优秀教师、优秀班主任`; [] where more is said than names."""
    quoted = _QUOTED.findall(text)
    if quoted and not re.search(r"[，,]", _QUOTED.sub("", text)):
        rest = _QUOTED.sub("", text)
        rest = _TAIL.sub("", rest.strip(" 　、和及")).strip(" 　、和及")
        if not rest:
            return [one.strip() for one in quoted]
        return [text.strip()] if len(quoted) == 1 and len(text) <= LONGEST_NAME else []
    bare = _TAIL.sub("", text.strip(" 　,，、.")).strip('“”"「」『』')
    parts = [one.strip() for one in re.split("[、]", bare)]
    if len(parts) > 1 and all(_AWARD.search(one) and len(one) > 2 for one in parts):
        return parts
    plain = 2 <= len(bare) <= 60 and not re.search("[，,：:！!？?]|被|获|评为", bare)
    return [bare] if plain else []


def _date(text: str) -> PartialDate | None:
    words = re.sub(r"\s", "", text).replace("年度", "年").replace("月份", "月").replace("．", ".")
    try:
        value = parse(words).value
    except ValueError:
        return None
    if value is None or not EARLIEST_YEAR <= value.date.year <= LATEST_YEAR:
        return None
    return value
