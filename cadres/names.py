"""How a name is searched: by characters, by pinyin or by initials; and the columns that serve each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.pinyin import fold, grams, initials, pinyin_key

_LONGEST_SYLLABLE = 6
_AFTER_ALL_LETTERS = "~"  # sorts behind every letter in the "C" collation
_SYLLABLES = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen
    ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci
    cong cou cu cuan cui cun cuo da dai dan dang dao de den deng di dian diao die ding diu dong dou du duan dui
    dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou
    gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui
    hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke ken keng kong
    kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia lian liang liao lie lin ling
    liu lo long lou lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo
    mou mu na nai nan nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv
    nve o ou pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin
    qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang
    sao se sen seng sha shai shan shang shao she shen sheng shi shou shu shua shuai shuan shuang shui shun shuo
    si song sou su suan sui sun suo ta tai tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun
    tuo wa wai wan wang wei wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan
    yang yao ye yi yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang
    zhao zhe zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
    """.split()  # noqa: SIM905 - one block is easier to read than four hundred quoted words
)
_BEGINNINGS = frozenset(s[:length] for s in _SYLLABLES for length in range(1, len(s) + 1))


def name_columns(name: str, surname: str = "") -> dict[str, Any]:
    """Return the search columns of a name: pinyin key (for search and order), initials, grams.

    `surname` is the surname's reading where one was chosen (`core.pinyin.surname_readings`).
    """
    return {
        "name_key": pinyin_key(name, surname),
        "initials": initials(name, surname),
        "grams": grams(name),
    }


@dataclass(frozen=True)
class Characters:
    """The name contains these characters; `pieces` are the indexed grams that must all be there."""

    text: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Pinyin:
    """The name's pinyin begins with these letters: its key lies from `first` to `last` and in none of the `gaps`.

    One range and what to leave out of it, since the planner takes further conditions for rarer rows.
    """

    letters: str
    first: str
    last: str
    gaps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Initials:
    """The name's initials begin with these letters."""

    letters: str


Reading = Characters | Pinyin | Initials


@lru_cache(maxsize=1024)
def read_search(text: str) -> Reading | None:
    """Say what a search text means: „伟“ characters, „zhangw“ pinyin, „zw“ initials; None when it's empty.

    Letters are pinyin when they begin with a whole syllable and can be read as syllables to the end, the
    last one perhaps unfinished; otherwise they are initials.
    """
    plain = fold(text)[:60]
    if not plain:
        return None
    if not plain.isascii():
        pieces = grams(plain)
        return Characters(plain, tuple(piece for piece in pieces if len(piece) == 2) or tuple(pieces))
    letters = re.sub(r"[^a-z0-9]", "", plain)
    if not letters:
        return None
    keys = _keys(letters) if letters.isalpha() else []
    if keys:
        return _pinyin(letters, sorted(keys))
    return Initials(letters)


def _pinyin(letters: str, keys: list[str]) -> Pinyin:
    gaps, end = [], keys[0] + _AFTER_ALL_LETTERS
    for key in keys[1:]:
        if key > end:
            gaps.append((end, key))
        end = max(end, key + _AFTER_ALL_LETTERS)
    return Pinyin(letters, keys[0], end, tuple(gaps))


def _keys(letters: str) -> list[str]:
    """The beginnings of pinyin keys the letters may stand for: `xian` → `xian`, `xi an`."""
    found: list[str] = []
    for end in range(1, min(len(letters), _LONGEST_SYLLABLE) + 1):
        if letters[:end] in _SYLLABLES:
            rest = letters[end:]
            found += [f"{letters[:end]} {tail}" for tail in _tails(rest)] if rest else [letters]
    return found


@lru_cache(maxsize=4096)
def _tails(letters: str) -> tuple[str, ...]:
    """The readings of what follows the first syllable; the last syllable may be unfinished."""
    found = [letters] if letters in _BEGINNINGS else []
    for end in range(1, min(len(letters) - 1, _LONGEST_SYLLABLE) + 1):
        if letters[:end] in _SYLLABLES:
            found += [f"{letters[:end]} {tail}" for tail in _tails(letters[end:])]
    return tuple(found[:64])
