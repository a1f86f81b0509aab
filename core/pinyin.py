"""Pinyin keys of personal names: for sorting, for search by initials, and the pieces for search inside a name."""

import os
import re
from functools import cache, lru_cache
from types import ModuleType

# Surnames read otherwise than the same character in running text (现代汉语词典, surname senses).
SURNAMES: dict[str, str] = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "区": "ou",
    "朴": "piao",
    "任": "ren",
    "盖": "ge",
    "员": "yun",
    "贠": "yun",
    "缪": "miao",
    "乐": "yue",
    "翟": "zhai",
    "覃": "qin",
    "召": "shao",
    "折": "she",
    "秘": "bi",
    "种": "chong",
    "黑": "he",
    "隗": "wei",
    "能": "nai",
    "么": "yao",
    "祭": "zhai",
    "藏": "zang",
    "郇": "xun",
    "乜": "nie",
    "都": "du",
    "句": "gou",
    "角": "jue",
    "阚": "kan",
    "会": "gui",
    "炅": "gui",
    "粘": "nian",
    "繁": "po",
    "薄": "bo",
    "卜": "bu",
    "洗": "xian",
    "佴": "nai",
    "晟": "cheng",
    "重": "chong",
    "适": "kuo",
}

# Surnames that families read in more than one way, the reading assumed first: which one a person's is, the person
# says (现代汉语词典 and 中国姓氏大辞典 list both).
SEVERAL_READINGS: dict[str, tuple[str, ...]] = {
    "覃": ("qin", "tan"),
    "乐": ("yue", "le"),
    "盖": ("ge", "gai"),
    "尉": ("wei", "yu"),
    "隗": ("wei", "kui"),
    "种": ("chong", "zhong"),
    "缪": ("miao", "mou", "mu"),
    "区": ("ou", "qu"),
    "那": ("na", "nuo"),
    "翟": ("zhai", "di"),
    "员": ("yun", "yuan"),
    "郇": ("xun", "huan"),
    "谌": ("chen", "shen"),
    "繁": ("po", "fan"),
    "黑": ("he", "hei"),
    "牟": ("mou", "mu"),
    "宓": ("mi", "fu"),
    "召": ("shao", "zhao"),
    "折": ("she", "zhe"),
    "阚": ("kan", "han"),
}

# Two-character surnames; a reading only where it isn't that of the single characters.
COMPOUND_SURNAMES: dict[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"),
    "单于": ("chan", "yu"),
    "乐正": ("yue", "zheng"),
    "令狐": ("ling", "hu"),
    "呼延": ("hu", "yan"),
    "皇甫": ("huang", "fu"),
    "鲜于": ("xian", "yu"),
    "闾丘": ("lv", "qiu"),
    "赫连": ("he", "lian"),
    "拓跋": ("tuo", "ba"),
    "欧阳": ("ou", "yang"),
    "司马": ("si", "ma"),
    "司徒": ("si", "tu"),
    "司空": ("si", "kong"),
    "上官": ("shang", "guan"),
    "诸葛": ("zhu", "ge"),
    "夏侯": ("xia", "hou"),
    "东方": ("dong", "fang"),
    "慕容": ("mu", "rong"),
    "公孙": ("gong", "sun"),
    "公冶": ("gong", "ye"),
    "宇文": ("yu", "wen"),
    "宗政": ("zong", "zheng"),
    "濮阳": ("pu", "yang"),
    "淳于": ("chun", "yu"),
    "太史": ("tai", "shi"),
    "申屠": ("shen", "tu"),
    "仲孙": ("zhong", "sun"),
    "轩辕": ("xuan", "yuan"),
    "钟离": ("zhong", "li"),
    "端木": ("duan", "mu"),
    "南宫": ("nan", "gong"),
    "独孤": ("du", "gu"),
    "百里": ("bai", "li"),
    "西门": ("xi", "men"),
    "东郭": ("dong", "guo"),
    "梁丘": ("liang", "qiu"),
    "左丘": ("zuo", "qiu"),
    "亓官": ("qi", "guan"),
    "谷梁": ("gu", "liang"),
    "漆雕": ("qi", "diao"),
    "完颜": ("wan", "yan"),
    "纳兰": ("na", "lan"),
    "耶律": ("ye", "lv"),
    "第五": ("di", "wu"),
}

# Characters that given names read otherwise than the dictionary's first reading.
GIVEN_NAME_READINGS: dict[str, str] = {
    "长": "chang",
    "珩": "heng",
    "晟": "sheng",
    "还": "huan",
    "弹": "tan",
    "隽": "jun",
    "伽": "jia",
    "佛": "fo",
    "都": "du",
    "调": "tiao",
    "着": "zhuo",
}

LONGEST_NAME_WITH_SURNAME = 3
_NOT_NAME = re.compile(r"[\s·•・‧∙．.\-—'’`]+")


def fold(name: str) -> str:
    """The name without blanks and separating dots, Latin letters small: what search compares."""
    return _NOT_NAME.sub("", name).lower()


def surname_readings(name: str) -> tuple[str, ...]:
    """The readings that the surname of a name may have, the assumed one first; () where there is one only.

    Besides the surnames of `SEVERAL_READINGS`, an unbroken name longer than three characters may or may not
    begin with a surname (单增卓玛), so that the surname's reading is offered beside the usual one.
    """
    letters = fold(name)
    if not letters or _dotted(name) or (len(letters) > 2 and letters[:2] in COMPOUND_SURNAMES):
        return ()
    assumed = _syllables(name)[0]
    known = SEVERAL_READINGS.get(letters[0]) or tuple(filter(None, [SURNAMES.get(letters[0])]))
    found = tuple(dict.fromkeys([assumed, *known]))
    return found if len(found) > 1 else ()


def pinyin_key(name: str, surname: str = "") -> str:
    """Syllables joined by blanks: `欧阳明` → `ou yang ming`. Empty for an empty name.

    `surname` is the reading that was chosen among `surname_readings`; any other is ignored.

    The surname is read as a surname (单 shan, 尉迟 yu chi) in Han names; names with an ethnic middle dot
    (`买买提·艾力`) and unbroken names longer than three characters have none.
    """
    return " ".join(_chosen(name, surname))


def initials(name: str, surname: str = "") -> str:
    """The first letter of each syllable: `欧阳明` → `oym`; `surname` as for `pinyin_key`."""
    return "".join(syllable[0] for syllable in _chosen(name, surname))


def grams(name: str) -> list[str]:
    """The distinct one- and two-character pieces of the folded name, for containment search by array.

    A longer search text is found by asking for all its own pieces and comparing the text afterwards.
    """
    letters = fold(name)
    pairs = [letters[at : at + 2] for at in range(len(letters) - 1)]
    return list(dict.fromkeys([*letters, *pairs]))


def _chosen(name: str, surname: str) -> list[str]:
    """The syllables with the chosen reading of the surname."""
    found = _syllables(name)
    if surname and surname in surname_readings(name):
        found = [surname, *found[1:]]
    return found


def _dotted(name: str) -> bool:
    return "·" in name or "•" in name or "・" in name


def _syllables(name: str) -> list[str]:
    letters = fold(name)
    if not letters:
        return []
    compound = COMPOUND_SURNAMES.get(letters[:2]) if len(letters) > 2 else None
    if compound and not _dotted(name):
        return [*compound, *_read(letters[2:])]
    surname = SURNAMES.get(letters[0])
    if surname and not _dotted(name) and len(letters) <= LONGEST_NAME_WITH_SURNAME:
        return [surname, *_read(letters[1:])]
    return _read(letters)


def _read(letters: str) -> list[str]:
    """Read Han characters one by one; a run of Latin letters or digits is one syllable."""
    if not any(letter.isascii() for letter in letters):
        return [_syllable(letter) for letter in letters]
    return [
        run if run.isascii() else _syllable(run)
        for run in re.findall(r"[!-~]+|[^!-~]", letters, flags=re.ASCII)
    ]


@lru_cache(maxsize=8_192)
def _syllable(letter: str) -> str:
    """One character's reading; a character without one stands for itself."""
    return GIVEN_NAME_READINGS.get(letter) or _dictionary().lazy_pinyin(letter)[0].lower() or letter


@cache
def _dictionary() -> ModuleType:
    """The library, loaded when the first name is read: most processes never need its dictionary.

    Names are read character by character, so its dictionary of phrases would only fill 45 MB of memory.
    """
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    import pypinyin

    return pypinyin
