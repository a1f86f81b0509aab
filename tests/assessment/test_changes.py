"""Merging people and units while they are being rated."""

import datetime as dt

import pytest

from assessment.models import Invitation, RoundSubject, SubjectResult
from assessment.services.rounds import add_subject, take_round_action
from cadres.services.merging import merge_cadres, undo_merge
from cadres.services.reorganising import preview_merge, preview_split
from core.errors import Invalid
from tests.assessment.factories import invite_raters, open_round, rate
from tests.programs.factories import make_cadre

DAY = dt.date(2026, 11, 20)


def words(told):
    return "".join(each.text for each in told)


def test_the_subject_goes_with_the_person_and_comes_back(round, subject, tree, hr):
    kept = make_cadre(tree.school_east, "贝平")
    peers = invite_raters(round, subject, "peer", 1, hr)
    open_round(round, hr)
    rate(round, peers[0])
    gone = subject.cadre
    merge = merge_cadres(kept=kept, gone=gone, by=hr)
    assert RoundSubject.objects.get().cadre == kept
    assert Invitation.objects.get().used
    take_round_action(round=round, action="close", by=hr)
    assert SubjectResult.objects.get().subject.cadre == kept
    undo_merge(merge=merge, by=hr)
    assert RoundSubject.objects.get().cadre_id == merge.gone_id


def test_two_records_rated_in_one_round_are_settled_first(round, subject, tree, hr):
    other = make_cadre(tree.school_east, "贝平")
    add_subject(round=round, cadre=other, by=hr)
    with pytest.raises(Invalid, match="评价对象"):
        merge_cadres(kept=other, gone=subject.cadre, by=hr)
    assert RoundSubject.objects.count() == 2


def test_what_becomes_of_rounds_is_told_before_a_unit_goes(round, subject, tree, hr):
    type(round).objects.filter(pk=round.pk).update(unit=tree.school_east, unit_path=tree.school_east.path)
    told = words(preview_merge(by=hr, unit=tree.school_east, into=tree.school_east_2, on=DAY))
    assert "本单位组织的评价“2026年度考核”没有结束，改由上级单位办理。" in told
    assert "贝平正在接受评价，评价照常进行，评价时的单位仍记为东河镇中心小学" in told


def test_a_split_tells_of_those_who_go(round, subject, tree, hr):
    stays = make_cadre(tree.school_east, "甄留")
    add_subject(round=round, cadre=stays, by=hr)
    told = words(
        preview_split(
            by=hr, unit=tree.school_east, into=tree.school_east_2, cadres=[subject.cadre_id], on=DAY
        )
    )
    assert "贝平正在接受评价" in told
    assert "甄留" not in told
