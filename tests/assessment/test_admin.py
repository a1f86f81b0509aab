"""The admin of assessment: drafts are corrected by the services; what is sealed has no table at all."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from assessment.models import Instrument
from assessment.services.instruments import create_instrument
from core.calendar import now
from core.models import AuditEntry
from tests.assessment.factories import invite_raters, open_round
from tests.programs.test_admin import everything

pytestmark = pytest.mark.django_db
SEALED = {
    "Invitation",
    "BallotDraft",
    "Ballot",
    "ResultComment",
    "SubjectResult",
    "RelationResult",
    "IndicatorResult",
}


def change(row) -> str:
    return reverse(f"admin:assessment_{row._meta.model_name}_change", args=[row.pk])


def test_ballots_raters_and_results_have_no_table():
    shown = {model.__name__ for model in admin.site._registry if model._meta.app_label == "assessment"}
    known = {model.__name__ for model in apps.get_app_config("assessment").get_models()}
    assert known >= SEALED
    assert not shown & SEALED
    inlines = {
        inline.model.__name__
        for model, table in admin.site._registry.items()
        if model._meta.app_label == "assessment"
        for inline in table.inlines
    }
    assert not inlines & SEALED


def test_a_draft_is_corrected_by_the_service_and_a_published_one_is_not(tree, hr, signed_in):
    draft = create_instrument(unit=tree.bureau, by=hr, name="旧名")
    client = signed_in(hr)
    sent = everything(client.get(change(draft)), name="新名", status="published")
    assert client.post(change(draft), sent).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.status) == ("新名", "draft")
    assert AuditEntry.objects.filter(action="instrument.edited").exists()
    Instrument.objects.filter(pk=draft.pk).update(status="published")
    assert client.post(change(draft), sent).status_code == 403


def test_a_round_is_corrected_until_it_opens(round, subject, hr, signed_in):
    client = signed_in(hr)
    sent = everything(client.get(change(round)), title="新题")
    answer = client.post(change(round), sent)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    round.refresh_from_db()
    assert round.title == "新题"
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    assert client.post(change(round), sent).status_code == 403


@pytest.mark.parametrize("kind", ["instrument", "round"])
def test_what_a_colleague_saves_meanwhile_is_not_written_over(
    kind, round, tree, hr, signed_in, monkeypatch, clock
):
    row = create_instrument(unit=tree.bureau, by=hr, name="旧名") if kind == "instrument" else round
    name = "name" if kind == "instrument" else "title"
    client, table = signed_in(hr), type(admin.site._registry[type(row)])
    page = client.get(change(row))
    typed = everything(page, **{name: "我的", "_version": page.context["version"]})
    service = table.service_save

    def after_the_colleague(*args, **kwargs):
        clock("2026-11-20 09:00:01")
        type(row).objects.filter(pk=row.pk).update(**{name: "别人的", "updated_at": now()})
        return service(*args, **kwargs)

    monkeypatch.setattr(table, "service_save", after_the_colleague)
    answer = client.post(change(row), typed)
    assert answer.status_code == 200
    assert "别人保存了新内容" in answer.content.decode()
    row.refresh_from_db()
    assert getattr(row, name) != "我的"
