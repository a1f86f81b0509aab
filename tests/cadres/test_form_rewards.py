"""奖惩情况 of a form: honours are read and proposed, what isn't sure stays text, sanctions are never entered."""

import json
import re

import pytest
from django.db import transaction
from django.urls import reverse

from cadres.models import Cadre, Honour, Oversight, RosterImport
from cadres.personnel_form.lrmx import write_lrmx
from cadres.personnel_form.mapping import forms_of
from cadres.personnel_form.rewards import read_rewards
from cadres.services import imports
from cadres.services.form_import.grades import read_years
from cadres.services.form_import.reporting import FormWording
from cadres.services.roster_import.committing import commit
from core.errors import Invalid
from tests.cadres.factories import make_cadre, month
from tests.cadres.forms_made import FULL, lrmx
from tests.cadres.test_form_import import imported, previewed, row_of, sentences
from tests.factories import make_holder

WHO = {"XingMing": "李四", "ChuShengNianYue": "198005"}


def told(text):
    """Date, name, authority, level of what is read."""
    return [(one.date.iso(), one.name, one.issuer, one.level) for one in read_rewards(text).honours]


@pytest.mark.parametrize(
    "text, honours",
    [
        ("无", []), ("", []), ("　—— ", []),
        ("2010.09 被某区教育局评为优秀教师", [("2010-09", "优秀教师", "某区教育局", "county")]),
        ("2015年被评为全国模范教师；2017年9月获省政府“特级教师”称号。",
         [("2015", "全国模范教师", "", "national"), ("2017-09", "特级教师", "省政府", "province")]),
        ("2019年9月被贵州省教育厅授予“特级教师”荣誉称号", [("2019-09", "特级教师", "贵州省教育厅", "province")]),
        ("2016年、2018年被评为优秀共产党员", [("2016", "优秀共产党员", "", "other"), ("2018", "优秀共产党员", "", "other")]),
        ("荣获2012年度市先进工作者", [("2012", "市先进工作者", "", "city")]),
        ("2013年9月获2012年度市先进工作者", [("2013-09", "2012年度市先进工作者", "", "city")]),
        ("2015.09 被评为优秀教师、优秀班主任", [("2015-09", "优秀教师", "", "other"), ("2015-09", "优秀班主任", "", "other")]),
        ("201009被评为优秀教师\r\n2011-12-01 校级先进个人",
         [("2010-09", "优秀教师", "", "other"), ("2011-12-01", "校级先进个人", "", "school")]),
        ("2014年因成绩突出，被市政府记三等功一次", [("2014", "记三等功", "市政府", "city")]),
        ("2010年9月获教育部、人社部“全国优秀教师”称号", [("2010-09", "全国优秀教师", "教育部、人社部", "national")]),
        ("2011年 全国优秀教师，2012年 嘉奖", [("2011", "全国优秀教师", "", "national"), ("2012", "嘉奖", "", "other")]),
    ],
)  # fmt: skip
def test_what_names_a_year_and_an_award_is_read(text, honours):
    assert told(text) == honours
    assert read_rewards(text).unread == 0


@pytest.mark.parametrize(
    "text",
    ["多次被评为优秀教师", "被评为优秀教师", "2015-2017年连续三年被评为先进", "2016—2017学年度被评为优秀班主任", "1999年论文在省刊发表",
     "2015年被评为优秀教师，事迹在报上刊登", "2015年13月被评为优秀教师", "<b>2015</b>年", "2015" * 5000],
)  # fmt: skip
def test_what_is_not_sure_is_left_and_counted(text):
    found = read_rewards(text)
    assert (found.honours, found.unread, found.sanctions) == ([], 1, 0)


@pytest.mark.parametrize(
    "text", ["2015.09被区监委给予警告处分", "2018年受诫勉谈话", "2015年记过", "2016年被通报批评", "2015年取消其优秀教师称号"]
)  # fmt: skip
def test_a_sanction_is_never_an_honour(text):
    found = read_rewards(text)
    assert (found.honours, found.sanctions) == ([], 1)


@pytest.mark.parametrize(
    "text, years",
    [
        ("2021、2022、2023年度考核均为优秀", [2021, 2022, 2023]),
        ("2021—2023年年度考核结果均为合格。", [2021, 2022, 2023]),
        ("2021年、2022年均为称职，2023年优秀", [2021, 2022, 2023]),
        ("2023-1923年均为合格", []),
        ("近三年均为合格", []),
    ],
)
def test_several_years_of_one_grade(text, years):
    assert [year for year, *_ in read_years(text)] == years


# --- on their way in ------------------------------------------------------------------------------------------

TEXT = "2010.09 被示例区教育局评为优秀教师；2015年被评为全国模范教师。\n多次受表彰；2018年受警告处分"


@pytest.mark.django_db
def test_honours_are_proposed_and_entered_and_the_text_stays(roster):
    cadre = make_cadre(roster.school_east, "李四")
    form = lrmx(**WHO, JiangChengQingKuang=TEXT)
    row = row_of(previewed(roster.bureau, form))
    assert row["status"] == "changed"
    assert row["changes"]["honours"] == [
        None,
        [
            {"name": "优秀教师", "issuer": "示例区教育局", "level": "县（区）级", "start": "2010-09"},
            {"name": "全国模范教师", "issuer": "", "level": "国家级", "start": "2015"},
        ],
    ]
    assert "有 1 处没有读成荣誉表彰" in sentences(row)
    assert "不会自动登记为管理监督" in sentences(row)
    imported(roster.bureau, form)
    found = Honour.objects.filter(cadre=cadre).values_list("name", "issuer", "level", "start_precision")
    assert sorted(found) == [
        ("优秀教师", "示例区教育局", "county", "month"), ("全国模范教师", "", "national", "year"),
    ]  # fmt: skip
    assert not Oversight.objects.exists()
    assert forms_of([cadre.pk])[cadre.pk]["JiangChengQingKuang"] == TEXT
    assert row_of(previewed(roster.bureau, form))["status"] == "unchanged"


@pytest.mark.django_db
def test_a_new_person_s_honours_come_along_and_go_out_as_they_came(roster):
    unit = {"unit:": roster.school_east.pk}
    assert imported(roster.bureau, lrmx(**WHO, JiangChengQingKuang=TEXT), answers=unit).summary["new"] == 1
    cadre = Cadre.objects.get()
    assert Honour.objects.count() == 2
    # What is registered later is told below the words of the form.
    Honour.objects.create(cadre=cadre, name="教学能手", start=month("2021-09").date, start_precision="month")
    out = forms_of([cadre.pk])[cadre.pk]
    assert out["JiangChengQingKuang"] == f"{TEXT}\n2021.09获教学能手。"
    row = row_of(previewed(roster.bureau, write_lrmx(out)))
    assert (row["status"], row["changes"]) == ("unchanged", {})


@pytest.mark.django_db
def test_what_may_be_the_same_honour_is_pointed_out_and_not_entered(roster):
    cadre = make_cadre(roster.school_east, "李四")
    Honour.objects.create(cadre=cadre, name="优秀教师", start=month("2015-09").date, start_precision="month")
    Honour.objects.create(cadre=cadre, name="全国模范教师", issuer="教育部")
    form = lrmx(
        **WHO, JiangChengQingKuang="2015年被评为全区优秀教师；2015年9月获“优秀教师”称号；2016年获全国模范教师"
    )
    row = row_of(previewed(roster.bureau, form))
    assert "honours" not in row["changes"]
    assert "与名册已有的“优秀教师”可能是同一项" in sentences(row)
    imported(roster.bureau, form)
    assert Honour.objects.count() == 2


@pytest.mark.django_db
def test_a_revoked_honour_is_not_proposed_anew(roster):
    cadre = make_cadre(roster.school_east, "李四")
    Honour.objects.create(
        cadre=cadre, name="优秀教师", start=month("2015-09").date, start_precision="month", end=month("2018-01").date
    )  # fmt: skip
    row = row_of(previewed(roster.bureau, lrmx(**WHO, JiangChengQingKuang="2015.09被评为优秀教师")))
    assert "honours" not in row["changes"]


@pytest.mark.django_db
def test_honours_that_came_from_here_are_no_news(roster):
    cadre = make_cadre(roster.school_east, "李四", birth=month("1980-05").date)
    for name, issuer in (("在“一师一优课”活动中获奖，报道", "某局"), ("优秀教师", "")):
        Honour.objects.create(cadre=cadre, name=name, issuer=issuer, start=month("2015-09").date)
    out = forms_of([cadre.pk])[cadre.pk]
    row = row_of(previewed(roster.bureau, write_lrmx(out)))
    assert (row["status"], row["changes"]) == ("unchanged", {})


@pytest.mark.django_db
def test_one_honour_of_two_names_that_came_from_here_is_not_two(roster):
    cadre = make_cadre(roster.school_east, "李四")
    Honour.objects.create(
        cadre=cadre, name="优秀教师、优秀班主任", start=month("2015-09").date, start_precision="month"
    )
    row = row_of(previewed(roster.bureau, write_lrmx(forms_of([cadre.pk])[cadre.pk])))
    assert (row["status"], row["problems"]) == ("unchanged", [])


@pytest.mark.django_db
def test_that_a_form_speaks_of_sanctions_is_told_only_to_those_who_may_know(roster):
    make_cadre(roster.school_east, "李四")
    previewed(roster.bureau, lrmx(**WHO, JiangChengQingKuang="2018年受警告处分"))
    made = RosterImport.objects.get()
    rows = list(made.rows.all())
    shown = FormWording(made, rows, opens_sensitive=True).problems(rows[0])
    cut = FormWording(made, rows, opens_sensitive=False)
    assert "处分" in json.dumps(shown, ensure_ascii=False)
    assert "处分" not in json.dumps([cut.problems(rows[0]), cut.values(rows[0])], ensure_ascii=False)


@pytest.mark.django_db
def test_a_new_form_says_what_it_will_be_read_into(roster):
    made = previewed(roster.bureau, FULL)
    rows = list(made.rows.all())
    wording = FormWording(made, rows)
    found = {one["label"]: one["words"] for one in wording.further(rows[0])}
    (honour,) = wording.offered(rows[0])
    assert (honour["words"], honour["taken"]) == ("示例区先进教育工作者 县（区）级 2016", True)
    assert (found["简历"], found["家庭成员"], found["年度考核"]) == ("5 段", "4 人", "2023 年、2024 年")
    cut = {one["label"] for one in FormWording(made, rows, opens_sensitive=False).further(rows[0])}
    assert "家庭成员" not in cut


# --- declined one by one --------------------------------------------------------------------------------------


def declining(client, made, show, kept=1):
    """Untick all honours that the preview offers but the first `kept`, as the page sends it."""
    page = client.get(reverse("cadre-import-detail", args=[made.pk]), {"show": show}).content.decode()
    offered = re.findall(r'name="offered-1" value="(\w+)"', page)
    sent = {"offered-1": offered, "honour-1": offered[:kept], "show": show}
    assert client.post(reverse("cadre-import-answer", args=[made.pk]), sent).status_code == 302
    made.refresh_from_db()
    return offered


@pytest.mark.django_db
@pytest.mark.parametrize("is_new", [True, False])
def test_single_honours_can_be_declined(roster, signed_in, is_new):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    client = signed_in(hr)
    if not is_new:
        make_cadre(roster.school_east, "李四")
    made = previewed(
        roster.bureau,
        lrmx(**WHO, XianRenZhiWu=f"{roster.school_east.name}校长", JiangChengQingKuang=TEXT),
        by=hr,
    )
    show = "new" if is_new else "changed"
    assert len(declining(client, made, show)) == 2
    assert "优秀教师" not in json.dumps(made.answers, ensure_ascii=False)
    page = client.get(reverse("cadre-import-detail", args=[made.pk]), {"show": show}).content.decode()
    assert (page.count('name="honour-1"'), len(re.findall(r'name="honour-1"[^>]* checked', page))) == (2, 1)
    assert [one["name"] for one in row_of(made)["values"]["honours"]] == ["优秀教师"]
    with transaction.atomic():
        assert not commit(made.pk, by=hr).renewed
    assert Honour.objects.get().name == "优秀教师"
    cadre = Cadre.objects.get()
    assert forms_of([cadre.pk])[cadre.pk]["JiangChengQingKuang"].startswith(TEXT)


@pytest.mark.django_db
def test_what_was_declined_can_be_taken_again_though_nothing_else_is_new(roster, signed_in):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    client = signed_in(hr)
    make_cadre(roster.school_east, "李四")
    form = lrmx(**WHO, JiangChengQingKuang=TEXT)
    imported(roster.bureau, form)
    Honour.objects.all().delete()
    made = previewed(roster.bureau, form, by=hr)
    assert row_of(made)["status"] == "changed"
    declining(client, made, "changed", kept=0)
    assert row_of(made)["status"] == "unchanged"
    assert len(declining(client, made, "unchanged", kept=2)) == 2
    assert row_of(made)["status"] == "changed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key, value", [("honours:1", ["x"]), ("honours:1", None), ("honours:9", []), ("honours:x", [])]
)
def test_only_honours_that_are_offered_can_be_declined(roster, key, value):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    made = previewed(roster.bureau, lrmx(**WHO, JiangChengQingKuang=TEXT), by=hr)
    with pytest.raises(Invalid):
        imports.answer(roster_import=made, by=hr, answers={key: value})


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [0, 1])
def test_what_was_declined_is_not_proposed_by_the_next_import(roster, signed_in, kept):
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    client = signed_in(hr)
    make_cadre(roster.school_east, "李四")
    form = lrmx(**WHO, JiangChengQingKuang=TEXT)
    made = previewed(roster.bureau, form, by=hr)
    declining(client, made, "changed", kept=kept)
    with transaction.atomic():
        commit(made.pk, by=hr)
    assert Honour.objects.count() == kept
    again = previewed(roster.bureau, form, by=hr)
    assert row_of(again)["status"] == "unchanged"
    more = previewed(
        roster.bureau, lrmx(**WHO, JiangChengQingKuang=f"{TEXT}\n2024年9月获县级优秀党员。"), by=hr
    )
    assert [one["name"] for one in row_of(more)["values"]["honours"]] == ["县级优秀党员"]
    page = client.get(reverse("cadre-import-detail", args=[more.pk]), {"show": "changed"}).content.decode()
    offered = page.count('name="honour-1"')
    assert (offered, len(re.findall(r'name="honour-1"[^>]* checked', page))) == (3 - kept, 1)
