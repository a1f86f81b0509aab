"""Two records of one person become one, and two again."""

import datetime as dt
import json

import pytest
from django.db import connection

from cadres.models import Appointment, ApprovalForm, Cadre, CadreMerge, Education, PersonnelRelation
from cadres.models.collection import KeptCells
from cadres.services.merging import merge_cadres, preview_merge, undo_merge
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry
from programs.models import Nomination
from tests.cadres.factories import identity, make_appointment, make_cadre
from tests.programs.factories import load_county_scheme, make_call

pytestmark = pytest.mark.django_db
BIRTH = dt.date(1980, 5, 3)


@pytest.fixture
def twins(tree):
    """A record with a number and a post, and a second one with a telephone, a degree and an older post."""
    kept = make_cadre(tree.school_east, "王建国", id_number=identity(BIRTH), birth=BIRTH)
    gone = make_cadre(tree.school_west, "王建国", birth=BIRTH, phone="13800000001")
    make_appointment(kept, "校长")
    make_appointment(gone, "副校长", start=dt.date(2012, 8, 1), end=dt.date(2019, 8, 1))
    for each in (kept, gone):
        Education.objects.create(cadre=each, mode="full_time", level_text="本科", school="师范大学")
    Education.objects.create(cadre=gone, mode="in_service", level_text="硕士")
    return kept, gone


def state():
    """Everything that a merger moves, to compare before and after."""
    return (
        sorted(Cadre.objects.values_list("pk", "name", "phone", "unit", "id_index")),
        sorted(Appointment.objects.values_list("pk", "cadre", "title")),
        sorted(Education.objects.values_list("pk", "cadre", "level_text")),
        sorted(PersonnelRelation.objects.values_list("pk", "cadre", "unit", "start")),
    )


def test_histories_go_over_and_doubles_stay_aside(hr, twins):
    kept, gone = twins
    merge = merge_cadres(kept=kept, gone=gone, by=hr)
    kept.refresh_from_db()
    assert not Cadre.objects.filter(pk=gone.pk).exists()
    assert kept.phone == "13800000001"
    assert sorted(kept.appointments.values_list("title", flat=True)) == ["副校长", "校长"]
    assert sorted(kept.educations.values_list("level_text", flat=True)) == ["本科", "硕士"]
    assert kept.personnelrelations.count() == 1
    assert (merge.gone_id, merge.merged_by) == (gone.pk, hr)
    assert AuditEntry.objects.filter(action="cadre.merge").count() == 1


def test_the_preview_tells_and_changes_nothing(hr, twins):
    before = state()
    report = preview_merge(kept=twins[0], gone=twins[1], by=hr)
    assert report.moved["任职"] == 1
    assert report.moved["学历学位"] == 1
    assert len(report.doubles) == 2
    assert report.filled == ["手机号码"]
    assert state() == before
    assert not CadreMerge.objects.exists()


def test_undoing_brings_everything_back(hr, twins):
    before = state()
    merge = merge_cadres(kept=twins[0], gone=twins[1], by=hr)
    assert state() != before
    undo_merge(merge=merge, by=hr)
    assert state() == before
    with pytest.raises(WrongMoment):
        undo_merge(merge=merge, by=hr)


def test_undoing_after_a_conflicting_change_refuses_whole(hr, twins, tree):
    kept, gone = twins
    merge = merge_cadres(kept=kept, gone=gone, by=hr)
    make_cadre(tree.school_west, "占位", pk=gone.pk)
    before = state()
    with pytest.raises(Invalid, match="相冲突"):
        undo_merge(merge=merge, by=hr)
    assert state() == before


def test_the_stored_record_is_not_readable(hr, twins):
    merge = merge_cadres(kept=twins[0], gone=twins[1], by=hr)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gone FROM cadres_cadremerge WHERE id = %s", [merge.pk])
        stored = cursor.fetchone()[0]
    assert "13800000001" not in stored
    assert "13800000001" in merge.gone


def test_two_numbers_are_two_people(hr, twins):
    kept, gone = twins
    number = identity(BIRTH)
    gone.id_number, gone.id_index = number, "x" * 64
    gone.save()
    before = state()
    with pytest.raises(Invalid, match="不同的身份证号"):
        merge_cadres(kept=kept, gone=gone, by=hr)
    assert state() == before


def test_the_number_comes_from_the_other_record(hr, twins):
    kept, gone = twins
    merge = merge_cadres(kept=gone, gone=kept, by=hr)
    assert Cadre.objects.get(pk=gone.pk).id_number == kept.id_number
    undo_merge(merge=merge, by=hr)
    assert not Cadre.objects.get(pk=gone.pk).id_number
    assert Cadre.objects.get(pk=kept.pk).id_number == kept.id_number


def test_cases_of_other_apps_go_over_too(hr, twins, tree):
    kept, gone = twins
    call = make_call(load_county_scheme(tree.bureau), hr, is_open=False)
    case = Nomination.objects.create(call=call, unit=gone.unit, cadre=gone, filed_by=hr)
    merge = merge_cadres(kept=kept, gone=gone, by=hr)
    case.refresh_from_db()
    assert case.cadre == kept
    undo_merge(merge=merge, by=hr)
    case.refresh_from_db()
    assert case.cadre_id == gone.pk


def test_only_who_maintains_both(twins, principal_east, party):
    before = state()
    with pytest.raises((NotAllowed, NotFound)):
        merge_cadres(kept=twins[0], gone=twins[1], by=principal_east)
    with pytest.raises(NotAllowed):
        merge_cadres(kept=twins[0], gone=twins[1], by=party)
    assert state() == before


def kept(cadre, slug, words, **beside):
    """Kept cells of a person."""
    content = json.dumps({"cells": {"成长地": words}}, ensure_ascii=False)
    return KeptCells.objects.create(cadre=cadre, slug=slug, content=content, **beside)


def cells():
    """Every kept cell: whose, beside which row, what."""
    return sorted(
        (one.pk, one.cadre_id, one.slug, one.record, one.content) for one in KeptCells.objects.all()
    )


def test_kept_cells_and_forms_go_over_and_come_back(hr, twins):
    one, other = twins
    mine, double = (each.educations.get(level_text="本科") for each in twins)
    master = other.educations.get(level_text="硕士")
    beside = [
        kept(other, "education", "孪生", education=double),
        kept(other, "education", "硕士", education=master),
    ]
    kept(one, "person", "宁波"), kept(other, "person", "绍兴"), kept(other, "supplement", "是")
    form = ApprovalForm.objects.create(cadre=other, reason="拟提任", post_to_take="校长")
    before = cells()
    merge = merge_cadres(kept=one, gone=other, by=hr)
    found = {row[0]: row[1:4] for row in cells()}
    # The cells of the double are beside the row that it equals; those of the person itself stay aside.
    assert found[beside[0].pk] == (one.pk, "education", mine.pk)
    assert found[beside[1].pk] == (one.pk, "education", master.pk)
    assert sorted(row[1] for row in found.values()) == ["education", "education", "person", "supplement"]
    assert "宁波" in KeptCells.objects.get(slug="person").content
    form.refresh_from_db()
    assert (form.cadre_id, form.reason) == (one.pk, "拟提任")
    undo_merge(merge=merge, by=hr)
    assert cells() == before
    form.refresh_from_db()
    assert (form.cadre_id, form.reason) == (other.pk, "拟提任")


def test_what_hangs_on_a_double_comes_back_with_it(hr, twins):
    one, other = twins
    mine, double = (each.educations.get(level_text="本科") for each in twins)
    kept(one, "education", "我的", education=mine), kept(other, "education", "他的", education=double)
    ApprovalForm.objects.create(cadre=one, reason="甲"), ApprovalForm.objects.create(cadre=other, reason="乙")
    before = cells()
    merge = merge_cadres(kept=one, gone=other, by=hr)
    assert [row[2:4] for row in cells()] == [("education", mine.pk)]
    assert ApprovalForm.objects.get().reason == "甲"
    undo_merge(merge=merge, by=hr)
    assert cells() == before
    assert sorted(form.reason for form in ApprovalForm.objects.all()) == ["乙", "甲"]
