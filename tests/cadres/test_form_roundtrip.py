"""Whatever a form says goes out again as it came in: generated people, imported, exported, imported again."""

import datetime as dt
from xml.sax.saxutils import escape

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cadres.models import Cadre
from cadres.personnel_form.lrmx import read_lrmx, write_lrmx
from cadres.personnel_form.mapping import forms_of
from tests.cadres.forms_made import lrmx
from tests.cadres.test_form_import import imported, previewed, row_of

pytestmark = pytest.mark.django_db

HAN = "张王李赵某甲乙示例区第一中学教师校长主任、（）。副 　A&<1"
words = st.text(st.sampled_from(HAN), max_size=40)
names = st.text(st.sampled_from("张王李赵某甲乙丙丁　"), min_size=2, max_size=6).filter(
    lambda s: s.strip("　")
)
months = st.dates(dt.date(1955, 1, 1), dt.date(1990, 12, 31)).map(lambda day: f"{day:%Y%m}")
dates = st.one_of(months, months.map(lambda m: f"{m[:4]}.{m[4:]}"), st.just(""), st.just("不详"))
line = st.tuples(
    months, st.one_of(months, st.just(""), st.just("至今")), st.sampled_from(["--", "—", "～", "至"]), words
)
careers = st.lists(
    st.one_of(line.map(lambda t: f"{t[0]}{t[2]}{t[1]}  {t[3]}"), words, line.map(lambda t: f"（其间：{t[0]}--{t[1]}{t[3]}）")),
    max_size=8,
).map("\n".join)  # fmt: skip
members = st.lists(
    st.tuples(st.sampled_from(["妻子", "丈夫", "长女", "妻", "前妻", "父亲", ""]), names, dates, words, words), max_size=5
)  # fmt: skip
people = st.fixed_dictionaries(
    {
        "XingMing": names, "ChuShengNianYue": months, "XingBie": st.sampled_from(["男", "女"]), "JianLi": careers,
        "MinZu": st.sampled_from(["汉族", "布依族"]), "JiGuan": words, "ChuShengDi": words,
        "RuDangShiJian": st.sampled_from(["", "200108", "200108；民建", "民建", "无党派", "2001.08"]),
        "JianKangZhuangKuang": words, "ZhuanYeJiShuZhiWu": words, "ShuXiZhuanYeYouHeZhuanChang": words,
        "QuanRiZhiJiaoYu_XueLi": st.sampled_from(["", "大学", "大专", "大学普通班"]),
        "QuanRiZhiJiaoYu_XueWei": st.sampled_from(["", "文学学士", "学士"]),
        "QuanRiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": words, "QuanRiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": words,
        "ZaiZhiJiaoYu_XueLi": st.sampled_from(["", "研究生", "省委党校大学"]), "ZaiZhiJiaoYu_XueWei": words,
        "ZaiZhiJiaoYu_XueLi_BiYeYuanXiaoXi": words, "ZaiZhiJiaoYu_XueWei_BiYeYuanXiaoXi": words,
        "XianRenZhiWu": words, "NiRenZhiWu": words, "NiMianZhiWu": words, "JiangChengQingKuang": words,
        "NianDuKaoHeJieGuo": st.sampled_from(["", "2023年度考核为合格，2024年度考核为优秀。", "均为合格"]),
        "RenMianLiYou": words, "ChengBaoDanWei": words, "TianBiaoRen": words,
        "JiSuanNianLingShiJian": st.sampled_from(["202501", "2025.01.15", ""]),
        "GaiGeQianRenZhiNianLingJieXian": st.sampled_from(["", "改革前任职年龄界限为55岁", "改革前任职年龄界限为63岁"]),
        "DaoLingNianYue": st.sampled_from(["", "204009"]), "WeiZhi": words,
    }
)  # fmt: skip


# A failing person isn't shrunk: each attempt imports again, and the first one found says enough.
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(people, members)
def test_a_round_trip_loses_nothing(roster, person, family):
    content = lrmx(
        family=[tuple(map(escape, row)) for row in family], **{k: escape(v) for k, v in person.items()}
    )
    came = read_lrmx(content)
    if any(problem.severity == "error" for problem in came.problems):
        return
    with transaction.atomic():
        unit = roster.school_east
        asked = {
            f"unit:{text or ''}": unit.pk
            for (text,) in previewed(unit, content).rows.values_list("unit_text")
        }
        assert imported(unit, content, answers=asked).summary["new"] == 1
        pk = Cadre.objects.get().pk
        out = forms_of([pk])[pk]
        assert out.texts == came.texts
        assert out.family == came.family
        assert out.unknown == came.unknown
        written = read_lrmx(write_lrmx(out))
        assert (written.texts, written.family) == ({**came.texts, "Version": "3.2.1.6"}, came.family)
        again = row_of(previewed(unit, write_lrmx(out)))
        assert (again["status"], again["changes"]) == ("unchanged", {})
        transaction.set_rollback(True)
