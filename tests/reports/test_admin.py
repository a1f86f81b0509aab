"""The admin of the reports: one's own reports, queries and templates, findings checked anew."""

import datetime as dt

import pytest
from django.urls import reverse

from core.calendar import now, today
from core.models import AuditEntry
from reports.models import AnnualReport, ColumnChoice, QualityCheck, QualityFinding, QualityWaiver, SavedQuery
from tests.cadres.factories import make_cadre
from tests.factories import make_holder

pytestmark = pytest.mark.django_db


def test_reports_are_found_by_their_asker_alone_and_never_changed(tree, hr, signed_in):
    report = AnnualReport.objects.create(
        unit=tree.bureau, year=2026, requested_by=hr, as_of=dt.date(2026, 11, 20)
    )
    listed = reverse("admin:reports_annualreport_changelist")
    page = reverse("admin:reports_annualreport_change", args=[report.pk])
    assert page in signed_in(hr).get(listed).content.decode()
    assert signed_in(hr).post(page, {"year": "2020"}).status_code == 403
    colleague = signed_in(make_holder("hr2", "何二", "hr", tree.bureau))
    assert page not in colleague.get(listed).content.decode()
    assert colleague.get(page).status_code in (302, 404)
    report.refresh_from_db()
    assert report.year == 2026


WHERE = {"join": "and", "items": [{"fact": "age", "op": "at_most", "value": 35}]}


@pytest.fixture
def colleague(tree):
    """Another HR clerk at the bureau."""
    return make_holder("hr2", "何二", "hr", tree.bureau)


def act(client, table, action, *rows):
    """Take an action on rows; returns the page that follows."""
    sent = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(f"admin:{table}_changelist"), sent, follow=True).content.decode()


def query(tree, owner, name, **more):
    """A saved query."""
    return SavedQuery.objects.create(unit=tree.bureau, owner=owner, name=name, where=WHERE, **more)


def test_queries_are_one_s_own_and_the_shared_ones(tree, hr, colleague, signed_in):
    query(tree, hr, "我的")
    query(tree, colleague, "同事私用")
    shared = query(tree, colleague, "同事共享", is_shared=True)
    client = signed_in(hr)
    listed = client.get(reverse("admin:reports_savedquery_changelist")).content.decode()
    assert "我的" in listed
    assert "同事共享" in listed
    assert "同事私用" not in listed
    page = client.get(reverse("admin:reports_savedquery_change", args=[shared.pk])).content.decode()
    assert "年龄" in page
    assert "at_most" not in page


def test_queries_are_shared_and_deleted_by_their_owner_alone(tree, hr, colleague, signed_in):
    mine, shared = query(tree, hr, "我的"), query(tree, colleague, "同事共享", is_shared=True)
    client = signed_in(hr)
    act(client, "reports_savedquery", "share_ticked", mine)
    assert SavedQuery.objects.get(pk=mine.pk).is_shared
    text = act(client, "reports_savedquery", "delete_ticked", mine, shared)
    assert "2 条中有 1 条不能办理，一条也没有办理。同事共享：这是同事共享的查询" in text
    assert "同事共享：没有共享" not in act(client, "reports_savedquery", "unshare_ticked", shared)
    assert SavedQuery.objects.count() == 2
    assert SavedQuery.objects.get(pk=shared.pk).is_shared
    assert not AuditEntry.objects.filter(action="query.deleted").exists()
    act(client, "reports_savedquery", "delete_ticked", mine)
    assert set(SavedQuery.objects.all()) == {shared}


def test_column_templates_are_one_s_own_in_words(tree, hr, colleague, signed_in):
    mine = ColumnChoice.objects.create(owner=hr, name="常用", columns=["name", "fact:age", "fact:gone"])
    other = ColumnChoice.objects.create(owner=colleague, name="别人的", columns=["name"])
    client = signed_in(hr)
    listed = client.get(reverse("admin:reports_columnchoice_changelist")).content.decode()
    assert "姓名、年龄、已取消的指标" in listed
    assert "别人的" not in listed
    act(client, "reports_columnchoice", "delete_ticked", mine, other)
    assert set(ColumnChoice.objects.all()) == {other}


def test_findings_are_in_words_and_checked_anew(tree, hr, signed_in):
    mended, broken = (
        make_cadre(tree.school_east, "张三", gender="1"),
        make_cadre(tree.school_west, "李四", gender=""),
    )
    client = signed_in(hr)
    for cadre in (mended, broken):
        finding = QualityFinding.objects.create(rule="no_gender", unit=cadre.unit, cadre=cadre)
    listed = client.get(reverse("admin:reports_qualityfinding_changelist"), {"rule": "no_gender"})
    assert "没有性别" in listed.content.decode()
    page = client.get(reverse("admin:reports_qualityfinding_change", args=[finding.pk])).content.decode()
    assert "no_gender" not in page
    assert "还没有检查过名册" in act(client, "reports_qualityfinding", "recheck_ticked", finding)
    QualityCheck.objects.create(checked_at=now(), on=today())
    assert "已重新检查" in act(client, "cadres_cadre", "recheck_quality", mended, broken)
    found = QualityFinding.objects.filter(rule="no_gender")
    assert [each.cadre for each in found] == [broken]
    assert AuditEntry.objects.get(action="quality.rechecked").after["人数"] == 2


def test_what_was_left_as_it_is_is_taken_back(tree, hr, signed_in):
    cadre = make_cadre(tree.school_east, "张三", gender="")
    waiver = QualityWaiver.objects.create(
        rule="no_gender", cadre=cadre, reason="档案缺页", waived_by=hr, waived_at=now()
    )
    client = signed_in(hr)
    page = client.get(reverse("admin:reports_qualitywaiver_change", args=[waiver.pk])).content.decode()
    assert "没有性别" in page
    assert "no_gender" not in page
    assert "1 条已撤回" in act(client, "reports_qualitywaiver", "take_back_ticked", waiver)
    assert not QualityWaiver.objects.exists()
    assert QualityFinding.objects.get().cadre == cadre
    assert AuditEntry.objects.filter(action="quality.unwaived").exists()
