"""The engine's admin: found and looked at; a draft call and a base are corrected through the services."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from core.models import AuditEntry
from programs.models import Call, Nomination
from programs.services.calls import set_quota
from programs.services.nominations import take_action
from programs.services.participations import place_participation
from tests.factories import make_holder, make_unit
from tests.programs.factories import account_of, at_decision, make_base, make_cadre, make_call, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(signed_in, hr):
    """Bureau HR at the admin."""
    return signed_in(hr)


def change(row):
    return reverse(f"admin:programs_{row._meta.model_name}_change", args=[row.pk])


def everything(page, **changes):
    """What the browser would send back from a change form, with changes."""
    sent = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        sent |= {bound.html_name: bound.value() for bound in inline.formset.management_form}
        forms += inline.formset.forms if inline.has_change_permission else []
    for form in forms:
        for bound in form:
            value = bound.value()
            if bound.name in ("opens_at", "closes_at"):
                local = localtime(form.initial[bound.name])
                sent |= {
                    f"{bound.html_name}_0": local.strftime("%Y-%m-%d"),
                    f"{bound.html_name}_1": local.strftime("%H:%M:%S"),
                }
            elif value not in (None, False):
                sent[bound.html_name] = "on" if value is True else value
    return sent | changes


def test_a_draft_call_is_corrected_through_the_service(clerk, program, hr):
    draft = make_call(program, hr, is_open=False)
    page = clerk.get(change(draft))
    sent = everything(page, quota_per_unit="3", status="open")
    first = draft.steps.first()
    sent["steps-0-name"] = "学校推荐"
    answer = clerk.post(change(draft), sent)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    draft.refresh_from_db()
    assert (draft.quota_per_unit, draft.status) == (3, "draft"), "the status stays read-only"
    assert draft.steps.order_by("order").first().name == "学校推荐"
    assert draft.steps.count() == 5
    assert draft.rules.count() == 6
    assert first.order == 1
    assert "call.edited" in set(AuditEntry.objects.values_list("action", flat=True))


def test_a_quota_is_set_and_taken_away(clerk, program, hr, tree):
    draft = make_call(program, hr, is_open=False)
    sent = everything(clerk.get(change(draft)))
    more = {"quotas-TOTAL_FORMS": "1", "quotas-0-unit": tree.school_east.pk, "quotas-0-quota": "4"}
    more["quotas-0-call"] = draft.pk
    assert clerk.post(change(draft), sent | more).status_code == 302
    assert list(draft.quotas.values_list("unit", "quota")) == [(tree.school_east.pk, 4)]
    sent = everything(clerk.get(change(draft)), **{"quotas-0-DELETE": "on"})
    assert clerk.post(change(draft), sent).status_code == 302
    assert not draft.quotas.exists()


def test_a_wrong_window_comes_back_as_an_error(clerk, program, hr):
    draft = make_call(program, hr, is_open=False)
    sent = everything(clerk.get(change(draft)), closes_at_0="2026-01-01", closes_at_1="08:00:00")
    answer = clerk.post(change(draft), sent)
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    closes = draft.closes_at
    draft.refresh_from_db()
    assert draft.closes_at == closes


def test_an_open_call_is_looked_at_only(clerk, call, hr, tree):
    set_quota(call=call, unit=tree.school_east, quota=2, by=hr)
    page = clerk.get(change(call)).content.decode()
    assert 'name="quota_per_unit"' not in page
    assert 'name="steps-0-name"' not in page
    assert clerk.post(change(call), {"quota_per_unit": "9"}).status_code == 403
    call.refresh_from_db()
    assert call.quota_per_unit == 1


def test_places_never_fall_below_what_is_held(clerk, call, tree, principal_east):
    account = account_of(call)
    case = submitted(call, make_cadre(tree.school_east), principal_east)
    Nomination.objects.filter(pk=case.pk).update(status="approved", place=account)
    answer = clerk.post(change(account), {"places": "0"})
    assert answer.status_code == 200
    assert "不能少于此数" in answer.content.decode() or "至少 1" in answer.content.decode()
    account.refresh_from_db()
    assert account.places == 15
    assert clerk.post(change(account), {"places": "16"}).status_code == 302
    account.refresh_from_db()
    assert account.places == 16


def test_a_base_is_corrected_through_the_service(clerk, call, tree, host):
    base = make_base(tree.bureau, host, name="旧名")
    make_base(tree.bureau, name="占用")
    sent = {"name": "占用", "place": "城关", "capacity": "3", "features": "", "is_active": "on"}
    answer = clerk.post(change(base), sent)
    assert answer.status_code == 200
    assert "已" in answer.content.decode()
    assert clerk.post(change(base), sent | {"name": "新名"}).status_code == 302
    base.refresh_from_db()
    assert (base.name, base.capacity, base.lead) == ("新名", 3, host)


def test_a_nomination_is_found_and_shows_its_decisions_and_takes_no_change(clerk, call, tree, principal_east):
    case = submitted(call, make_cadre(tree.school_east, "李青"), principal_east)
    found = clerk.get(reverse("admin:programs_nomination_changelist"), {"q": "李青", "status": "submitted"})
    assert "李青" in found.content.decode()
    page = clerk.get(change(case)).content.decode()
    assert "东方明" in page
    assert "办理记录" in page
    assert clerk.post(change(case), {"statement": "改", "status": "approved"}).status_code == 403
    case.refresh_from_db()
    assert case.status == "submitted"
    answer = clerk.post(
        reverse("admin:programs_nomination_changelist"),
        {"action": "delete_selected", "_selected_action": [case.pk], "post": "yes"},
    )
    assert answer.status_code in (200, 302)
    assert Nomination.objects.filter(pk=case.pk).exists()


def test_hr_finds_everything_but_what_was_said_about_themselves(
    clerk, call, tree, hr, party, principal_direct, host
):
    colleague = make_holder("hr2", "人事二", "hr", tree.bureau)
    case = at_decision(call, make_cadre(tree.direct_school, "何敏敏", user=hr), principal_direct, colleague)
    take_action(nomination=case, action="pass", by=party, comment="同意")
    place_participation(
        participation=case.participation, base=make_base(tree.bureau, host), acting_post="副校长",
        start=dt.date(2027, 3, 1), by=colleague,
    )  # fmt: skip
    appraisal = case.participation.appraisals.get()
    for row in (case, appraisal):
        listing = reverse(f"admin:programs_{row._meta.model_name}_changelist")
        assert "何敏敏" not in clerk.get(listing).content.decode()
        assert clerk.get(change(row)).status_code in (302, 404)


def test_another_bureau_s_rows_are_not_there(program, call, tree, signed_in):
    other = make_unit("外县教育局", kind="bureau", code="WX")
    stranger = signed_in(make_holder("hr2", "何外", "hr", other))
    for row in (call, program, account_of(call), make_base(tree.bureau)):
        assert stranger.get(change(row)).status_code in (302, 404), row
        listed = stranger.get(reverse(f"admin:programs_{row._meta.model_name}_changelist")).content.decode()
        assert f"/{row.pk}/change/" not in listed
    assert Call.objects.real().count() == 1
