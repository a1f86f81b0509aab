"""One cadre, one page: tabs by permission, completeness with what is missing, the radar, the print view."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cadres.completeness import completeness_of, with_items
from cadres.facts import values_of
from cadres.models import Cadre, CompetenceProfile, FamilyMember, Honour, Oversight, PoliticalStatus
from cadres.radar import competence_chart
from cadres.timeline import TABS
from core.calendar import today
from core.models import AuditEntry
from programs.models import Participation, Program
from tests.cadres.factories import identity, make_appointment, make_cadre, make_code, own

pytestmark = pytest.mark.django_db
ALL = ["概况", "履历", "学历证书", "考核荣誉", "培养发展", "家庭", "监督", "诉求更正"]


def tabs_of(client, cadre):
    page = client.get(reverse("cadre-detail", args=[cadre.pk]))
    return [tab["label"] for tab in page.context["tabs"]]


def test_tabs_are_those_of_which_the_reader_may_see_something(
    tree, hr, principal_east, cadre_user, signed_in
):
    cadre = own(cadre_user, make_cadre(tree.school_east, "甘步"))
    assert tabs_of(signed_in(hr), cadre) == ALL
    assert tabs_of(signed_in(principal_east), cadre) == ALL[:5]
    assert tabs_of(signed_in(cadre_user), cadre) == [each for each in ALL if each != "监督"]


def test_a_tab_that_isnt_the_readers_or_doesnt_exist_shows_the_first(tree, principal_east, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2025, 3, 1))
    for tab in ("oversight", "family", "nonsense", "\x00"):
        page = signed_in(principal_east).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": tab})
        assert page.context["tab"].label == "概况"
        assert "提醒" not in page.content.decode()


def test_every_tab_opens_and_the_chosen_one_is_marked(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    for tab in TABS:
        page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": tab.key})
        assert page.status_code == 200
        assert [each["label"] for each in page.context["tabs"] if each["active"]] == [tab.label]


def test_the_page_costs_the_same_for_three_entries_as_for_one(tree, hr, signed_in):
    cadre, client = make_cadre(tree.school_east, "张三"), signed_in(hr)
    wife = make_code("relation", "1", "妻子")

    def add():
        Honour.objects.create(cadre=cadre, name="优秀教师", start=dt.date(2020, 9, 1))
        kin = make_cadre(tree.school_west)
        FamilyMember.objects.create(cadre=cadre, relation=wife, name="王", kin=kin)
        entry = cadre.reserveentrys.create(
            category="deputy", start=dt.date(2020, 1, 1), end=dt.date(2021, 1, 1)
        )
        entry.reviews.create(year=2020, status="1", reviewed_by=hr)
        cadre.developmentplans.create(
            goals="成长", start=dt.date(2010 + cadre.developmentplans.count(), 1, 1), mentor=hr,
            end=dt.date(2010 + cadre.developmentplans.count(), 6, 1),
        )  # fmt: skip

    for tab in TABS:
        url = f"{reverse('cadre-detail', args=[cadre.pk])}?tab={tab.key}"
        add()
        client.get(url)
        with _counted() as one:
            client.get(url)
        add()
        add()
        with _counted() as three:
            client.get(url)
        assert len(three) == len(one), tab.label


def _counted():
    return CaptureQueriesContext(connection)


def test_completeness_says_what_is_missing_and_where_to_fill_it(tree, hr, principal_east, signed_in):
    cadre = make_cadre(tree.school_east, "张三", phone="138", id_number=identity())
    found = completeness_of(cadre)
    missing = {each.name for each in found.missing}
    assert missing == {
        "ethnicity", "native_place", "work_start", "photo", "main_post", "political", "education", "title",
    }  # fmt: skip
    assert found.percent == 38
    page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert "38%" in page
    for each in found.missing:
        assert f'href="{each.add_url(cadre)}"' in page
        assert signed_in(hr).get(each.add_url(cadre).partition("#")[0]).status_code == 200
    page = signed_in(principal_east).get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    assert "38%" in page
    assert reverse("history-add", args=[cadre.pk, "title"]) not in page


def test_completeness_of_many_is_one_query_and_agrees_with_the_fact(tree, django_assert_num_queries):
    for name in ("张三", "李四"):
        make_appointment(make_cadre(tree.school_east, name))
    party = make_code("political", "01", "中国共产党党员")
    PoliticalStatus.objects.create(cadre=Cadre.objects.earliest("pk"), status=party)
    with django_assert_num_queries(1):
        rows = list(with_items(Cadre.objects.order_by("pk"), today()))
    assert [row.has_political for row in rows] == [True, False]
    assert all(row.has_main_post for row in rows)
    facts = values_of(Cadre.objects.all(), ["completeness"], today())
    assert {pk: each["completeness"].value for pk, each in facts.items()} == {
        row.pk: completeness_of(row).percent for row in rows
    }


def test_the_radar_shows_the_newest_profile_of_each_source(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三")
    assert competence_chart([]) is None
    for on, source, scores in (
        (dt.date(2024, 1, 1), "superior", [60] * 6),
        (dt.date(2025, 1, 1), "superior", [70, 80, 90, 75, 65, None]),
        (dt.date(2023, 1, 1), "self", [88] * 6),
    ):
        CompetenceProfile.objects.create(cadre=cadre, on=on, source=source, scores=scores)
    chart = competence_chart(CompetenceProfile.objects.filter(cadre=cadre))
    assert [series.values for series in chart.series] == [[70, 80, 90, 75, 65, None], [88] * 6]
    assert "学校文化塑造最高（90 分），问题发现和处置最低（65 分）" in chart.sentence
    page = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert "data-chart-toggle" in page
    table = page.partition('id="competences-table"')[2].partition("</table>")[0]
    for words in ("组织评价（分）", "自评（分）", "学校文化塑造", ">90<", ">88<", ">—<"):
        assert words in table


def test_the_timeline_tells_of_everything_by_years_and_of_one_kind(
    tree, hr, principal_west, cadre_user, signed_in
):
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三"))
    make_appointment(cadre, start=dt.date(2019, 8, 1))
    Honour.objects.create(cadre=cadre, name="优秀教师", start=dt.date(2020, 9, 1))
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2020, 3, 1))
    program = Program.objects.create(unit=tree.bureau, kind="secondment", name="挂职学习项目")
    row = Participation.objects.create(
        unit=cadre.unit,
        cadre=cadre,
        program=program,
        year=2026,
        status="completed",
        start=dt.date(2026, 3, 1),
        end=dt.date(2026, 8, 31),
    )
    url = reverse("cadre-detail", args=[cadre.pk])
    page = signed_in(hr).get(url)
    chapters = page.context["chapters"]
    assert [each.year for each in chapters] == [2026, 2020, 2019, 2010]
    assert [each["title"] for each in chapters[1].entries] == ["优秀教师", "提醒"]
    assert chapters[0].entries[0]["url"] == reverse("participation-detail", args=[row.pk])
    assert "2026 年</h3>" in page.content.decode()
    kinds = {each["label"]: each["count"] for each in page.context["timeline_kinds"]}
    assert (kinds["全部"], kinds["荣誉表彰"], kinds["培养经历"]) == (5, 1, 1)
    only = signed_in(hr).get(url, {"kind": "honour"}).context
    assert [each["title"] for chapter in only["chapters"] for each in chapter.entries] == ["优秀教师"]
    assert [each["label"] for each in only["timeline_kinds"] if each["active"]] == ["荣誉表彰"]
    mine = signed_in(cadre_user).get(url, {"kind": "oversight"}).context
    assert "提醒" not in str(mine["chapters"])
    assert "监督" not in str(mine["timeline_kinds"])
    assert "挂职学习项目" in str(mine["chapters"])


def test_what_a_reader_may_not_see_of_a_case_is_not_on_the_timeline(
    tree, hr, central_east, signed_in, monkeypatch
):
    cadre = make_cadre(tree.school_east, "张三")
    program = Program.objects.create(unit=tree.bureau, kind="secondment", name="挂职学习项目")
    Participation.objects.create(
        unit=tree.school_west,
        cadre=cadre,
        program=program,
        year=2026,
        status="completed",
        start=dt.date(2026, 3, 1),
        end=dt.date(2026, 8, 31),
    )
    url = reverse("cadre-detail", args=[cadre.pk])
    assert "挂职学习项目" in str(signed_in(hr).get(url).context["chapters"])
    assert "挂职学习项目" not in str(signed_in(central_east).get(url).context["chapters"])


def test_what_is_missing_of_ones_own_leads_to_asking_for_it(tree, cadre_user, signed_in):
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三", phone="138", id_number=identity()))
    client = signed_in(cadre_user)
    page = client.get(reverse("cadre-detail", args=[cadre.pk])).content.decode()
    for each in completeness_of(cadre).missing:
        url = each.ask_url(cadre)
        assert f'href="{url}"' in page
        assert client.get(url.partition("#")[0]).status_code == 200
    assert reverse("history-add", args=[cadre.pk, "title"]) not in page


def test_a_record_on_paper_carries_who_and_when_and_is_noted(tree, hr, principal_east, signed_in):
    cadre = make_cadre(tree.school_east, "张三", id_number=identity())
    Honour.objects.create(cadre=cadre, name="优秀教师", start=dt.date(2020, 9, 1))
    Oversight.objects.create(cadre=cadre, kind="reminder", start=dt.date(2025, 3, 1), content="不得打印的话")
    url = reverse("cadre-print", args=[cadre.pk])
    page = signed_in(hr).get(url).content.decode()
    assert f'data-mark="{hr.name} {today().year}年' in page
    assert "优秀教师" in page
    assert "提醒" in page
    assert "不得打印的话" not in page
    assert cadre.id_number not in page
    assert AuditEntry.objects.get(action="cadre.print").actor_id == hr.pk
    assert "提醒" not in signed_in(principal_east).get(url).content.decode()


def test_opening_what_is_masked_keeps_the_keyboard_where_the_words_are(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三", id_number=identity())
    wife = make_code("relation", "1", "妻子")
    row = FamilyMember.objects.create(cadre=cadre, relation=wife, name="王芳")
    client = signed_in(hr)
    for url in (
        reverse("cadre-identity", args=[cadre.pk]),
        reverse("history-open", args=[cadre.pk, "family", row.pk]),
    ):
        asked = client.get(url).content.decode()
        assert "required autofocus>" in asked
        opened = client.post(url, {"reason": "核对回避"}).content.decode()
        assert 'tabindex="-1" autofocus>' in opened
