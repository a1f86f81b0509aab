"""Every history in the admin: corrected by the services, several ended at once, what is encrypted stays closed."""

import dataclasses
import datetime as dt
import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.roles import ROLES
from cadres.kinds import KINDS
from cadres.models import Certificate, FamilyMember, Oversight, Rank
from core.models import AuditEntry
from tests.cadres.everything import SECRET, make_histories
from tests.cadres.factories import make_cadre, own

pytestmark = pytest.mark.django_db
SEALED = [slug for slug, kind in KINDS.items() if kind.sealed]
NEVER_OWN = ("oversight", "evaluation", "reserve")


def listing(slug):
    return reverse(f"admin:cadres_{KINDS[slug].model._meta.model_name}_changelist")


def change(slug, record):
    return reverse(f"admin:cadres_{KINDS[slug].model._meta.model_name}_change", args=[record.pk])


@pytest.fixture
def cadre(tree):
    return make_cadre(tree.school_east, "张三")


@pytest.fixture
def entries(cadre):
    return make_histories(cadre)


@pytest.fixture
def without_sensitive(monkeypatch):
    """HR's role, but for the right to see what is sensitive."""
    less = dataclasses.replace(
        ROLES["hr"], capabilities=ROLES["hr"].capabilities - {"cadre.view_sensitive"}
    )  # fmt: skip
    monkeypatch.setitem(ROLES, "hr", less)


@pytest.mark.parametrize("slug", sorted(KINDS))
def test_every_history_is_listed_and_opens(entries, hr, signed_in, slug):
    client = signed_in(hr)
    assert "张三" in client.get(listing(slug), {"q": "zs"}).content.decode()
    assert client.get(change(slug, entries[slug])).status_code == 200


@pytest.mark.parametrize("slug", SEALED)
def test_encrypted_words_are_never_shown(entries, hr, signed_in, slug):
    client = signed_in(hr)
    for address in (listing(slug), change(slug, entries[slug])):
        assert SECRET not in client.get(address).content.decode()
    assert "加密保存，请在干部页面查看" in client.get(change(slug, entries[slug])).content.decode()
    for name in ("reserve_review", "approval_form"):
        table = entries[name]._meta.model_name
        page = client.get(reverse(f"admin:cadres_{table}_change", args=[entries[name].pk])).content.decode()
        assert SECRET not in page


@pytest.mark.parametrize("slug", [*SEALED, "reserve", "competence"])
def test_sensitive_tables_need_the_right_to_see_what_is_sensitive(
    entries, hr, signed_in, without_sensitive, slug
):
    client = signed_in(hr)
    assert client.get(listing(slug)).status_code == 403
    assert client.get(change(slug, entries[slug])).status_code in (302, 403, 404)
    assert client.post(change(slug, entries[slug]), {}).status_code in (302, 403, 404)
    assert client.get(listing("rank")).status_code == 200
    names = client.get(reverse("admin:index")).content.decode()
    assert listing(slug) not in names


@pytest.mark.parametrize("slug", NEVER_OWN)
def test_nobody_finds_the_organisation_s_record_of_themselves(entries, cadre, hr, signed_in, slug):
    own(hr, cadre)
    client = signed_in(hr)
    assert "张三" not in client.get(listing(slug)).content.decode()
    assert client.get(change(slug, entries[slug])).status_code in (302, 404)
    assert "张三" in client.get(listing("rank")).content.decode()


def test_a_correction_follows_the_rules_of_the_service(entries, cadre, hr, signed_in):
    client = signed_in(hr)
    record = entries["oversight"]
    typed = {"kind": "admonition", "sanction": "", "start": "2026.3.1", "end": "", "due": "", "done_on": ""}
    assert client.post(change("oversight", record), typed).status_code == 302
    record.refresh_from_db()
    assert (record.end, record.due) == (dt.date(2026, 9, 1), dt.date(2026, 9, 1))
    assert record.content == SECRET
    assert AuditEntry.objects.filter(action="history.edit").exists()
    refused = client.post(change("oversight", record), typed | {"kind": "sanction"})
    assert "处分须选择处分种类" in refused.content.decode()
    record.refresh_from_db()
    assert record.kind == "admonition"


def test_several_entries_end_on_one_day_or_none_does(entries, tree, hr, signed_in):
    client, first = signed_in(hr), entries["certificate"]
    second = Certificate.objects.create(
        cadre=make_cadre(tree.school_west, "李四"),
        kind="teacher",
        name="教师资格证书",
        start=dt.date(2026, 6, 1),
    )
    sent = {"action": "end_ticked", "_selected_action": [first.pk, second.pk]}
    assert "请先填写结束时间" in client.post(listing("certificate"), sent, follow=True).content.decode()
    early = client.post(listing("certificate"), sent | {"on": "2026.5"}, follow=True).content.decode()
    assert "2 条中有 1 条不能办理，一条也没有办理。李四：结束时间不能早于开始时间" in early
    assert not Certificate.objects.exclude(end=None).exists()
    assert not AuditEntry.objects.filter(action="history.end").exists()
    done = client.post(listing("certificate"), sent | {"on": "2026.7"}, follow=True).content.decode()
    assert "2 条已标为失效，2026年7月起不再有效" in done
    assert set(Certificate.objects.values_list("end", "end_precision")) == {(dt.date(2026, 7, 1), "month")}
    assert AuditEntry.objects.filter(action="history.end").count() == 2


def test_kin_is_confirmed_and_withdrawn(entries, tree, hr, signed_in):
    client, row = signed_in(hr), entries["family"]
    sent = {"action": "confirm_ticked", "_selected_action": [row.pk]}
    assert "还没有选定名册中的干部" in client.post(listing("family"), sent, follow=True).content.decode()
    other = make_cadre(tree.school_west, "李四")
    typed = {"relation": row.relation_id, "order": "0", "kin": other.pk}
    assert client.post(change("family", row), typed).status_code == 302
    client.post(listing("family"), sent)
    assert FamilyMember.objects.get().kin_confirmed_by == hr
    client.post(change("family", row), typed | {"kin": make_cadre(tree.school_west, "王五").pk})
    assert FamilyMember.objects.get().kin_confirmed_at is None
    assert FamilyMember.objects.get().name == SECRET


def rows_of(answer):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_a_history_leaves_in_words(entries, hr, signed_in):
    sent = {"action": "export_ticked", "_selected_action": [entries["certificate"].pk]}
    rows = rows_of(signed_in(hr).post(listing("certificate"), sent))
    assert rows[0][:4] == ["姓名", "单位", "证书类别", "证书名称"]
    assert rows[1][0] == "张三"
    assert rows[1][2:4] == ["任职资格培训合格证书", "任职资格培训合格证书"]
    assert "2024.03" in rows[1]
    assert AuditEntry.objects.get(action="admin.export").note == "资格证书，1 条"


@pytest.mark.parametrize("slug", [*SEALED, "reserve", "competence"])
def test_a_sensitive_history_leaves_with_a_reason_and_a_mark_alone(entries, hr, signed_in, slug):
    client = signed_in(hr)
    sent = {"action": "export_ticked", "_selected_action": [entries[slug].pk]}
    for reason in ("", "  查 ", "abc"):
        refused = client.post(listing(slug), sent | {"reason": reason}, follow=True)
        assert "导出须写明用途" in refused.content.decode()
    assert not AuditEntry.objects.filter(action__startswith="admin.export").exists()
    rows = rows_of(client.post(listing(slug), sent | {"reason": "班子调研使用"}))
    assert "何人事" in rows[0][0]
    assert "用途：班子调研使用" in rows[0][0]
    assert rows[1][:2] == ["姓名", "单位"]
    assert rows[2][0] == "张三"
    assert SECRET not in str(rows)
    assert "班子调研使用" in AuditEntry.objects.get(action="admin.export_sensitive").note


@pytest.mark.parametrize("slug", NEVER_OWN)
def test_nobody_exports_the_organisation_s_record_of_themselves(entries, cadre, hr, signed_in, slug):
    own(hr, cadre)
    sent = {"action": "export_ticked", "_selected_action": [entries[slug].pk], "reason": "班子调研使用"}
    answer = signed_in(hr).post(listing(slug), sent)
    assert "spreadsheet" not in answer.headers.get("Content-Type", "")
    assert not AuditEntry.objects.filter(action__startswith="admin.export").exists()


def test_an_export_costs_the_same_for_three(tree, hr, signed_in, django_assert_max_num_queries):
    client = signed_in(hr)
    kept = [
        Rank.objects.create(cadre=make_cadre(tree.school_east), kind="rank", name="九级") for _ in range(3)
    ]
    costs: list[int] = []
    client.get(listing("rank"))
    for rows in (kept[:1], kept):
        with django_assert_max_num_queries(99) as caught:
            client.post(
                listing("rank"), {"action": "export_ticked", "_selected_action": [row.pk for row in rows]}
            )
        costs.append(len(caught))
    assert costs[0] == costs[1]


def test_a_date_worked_out_before_is_kept_when_nothing_is_typed(entries, hr, signed_in):
    record = entries["petition"]
    client = signed_in(hr)
    typed = {"submitted_on": "2024-03-01", "due": "2024-04-01"}
    assert client.post(change("petition", record), typed).status_code == 302
    record.refresh_from_db()
    assert (record.due, record.subject) == (dt.date(2024, 4, 1), SECRET)
    assert Oversight.objects.count() == 1
