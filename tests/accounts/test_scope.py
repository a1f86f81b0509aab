"""Scope: may this user, on this row, which rows, which users; and what does not count as a right."""

import datetime as dt

import pytest

from accounts.models import Unit
from accounts.scope import forget, may, may_on, paths, require, users_who_may
from core.calendar import today
from core.errors import NotAllowed, NotFound
from tests.factories import make_grant, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_grant_reaches_its_unit_and_everything_below(tree, central_east):
    assert may(central_east, "nomination.inspect")
    assert may_on(central_east, "nomination.inspect", tree.central_east)
    assert may_on(central_east, "nomination.inspect", tree.school_east)
    assert not may_on(central_east, "nomination.inspect", tree.school_west)
    assert not may_on(central_east, "nomination.inspect", tree.bureau)
    assert not may_on(central_east, "nomination.decide", tree.school_east)


def test_rows_in_reach_are_exactly_the_subtree(tree, central_east, hr, cadre_user):
    assert set(Unit.objects.visible_to(central_east)) == {
        tree.central_east,
        tree.school_east,
        tree.school_east_2,
    }
    assert Unit.objects.visible_to(hr).count() == Unit.objects.count()
    assert not Unit.objects.visible_to(cadre_user).exists()
    assert not Unit.objects.visible_to(None).exists()


def test_a_path_is_compared_by_whole_segments(tree, principal_east):
    neighbour = tree.school_east.path[:-1] + "7/"
    assert not may(principal_east, "cadre.view", neighbour)


@pytest.mark.parametrize(
    "start, end, counts",
    [
        (-2, None, True),
        (0, None, True),
        (1, None, False),
        (-2, 1, True),
        (-2, 0, False),
        (-9, -2, False),
    ],
)
def test_a_grant_counts_from_its_first_day_until_before_its_end(tree, start, end, counts):
    user = make_user()
    ends = None if end is None else today() + end * DAY
    make_grant(user, "principal", tree.school_east, start=today() + start * DAY, end=ends)

    assert may(user, "cadre.view") is counts
    assert (user in users_who_may("cadre.view", tree.school_east)) is counts


def test_a_proposal_counts_for_nothing(tree):
    user = make_user()
    make_grant(user, "principal", tree.school_east, confirmed_at=None)

    assert paths(user, "cadre.view") == []
    assert not users_who_may("cadre.view", tree.school_east).filter(pk=user.pk).exists()


def test_a_disabled_account_may_nothing(tree, principal_east):
    principal_east.is_active = False
    principal_east.save()

    assert not may(principal_east, "cadre.view")
    assert not users_who_may("cadre.view", tree.school_east).filter(pk=principal_east.pk).exists()


def test_users_who_may_hold_it_there_or_above(tree, hr, central_east, principal_east, principal_west):
    assert set(users_who_may("cadre.view", tree.school_east)) == {hr, central_east, principal_east}
    assert set(users_who_may("nomination.inspect", tree.school_east)) == {central_east}


def test_the_emergency_account_has_every_business_right_and_none_of_the_administrators(tree):
    root = make_user("root", is_superuser=True)

    assert may_on(root, "cadre.edit", tree.school_west)
    assert not may(root, "grant.manage")
    assert not may(root, "account.manage")
    assert not may(root, "audit.view")


def test_a_misspelt_capability_is_an_error_and_not_a_no(tree, hr):
    with pytest.raises(KeyError):
        may(hr, "cadre.veiw")
    with pytest.raises(KeyError):
        may(make_user(is_superuser=True), "cadre.veiw")


def test_require_is_404_outside_and_403_inside(tree, principal_east):
    require(principal_east, "unit.view", tree.school_east)
    with pytest.raises(NotAllowed):
        require(principal_east, "unit.edit", tree.school_east)
    with pytest.raises(NotFound):
        require(principal_east, "unit.edit", tree.school_west)
    with pytest.raises(NotAllowed):
        require(principal_east, "unit.edit")
    with pytest.raises(NotAllowed):
        require(None, "unit.edit")


def test_nested_grants_give_the_outer_path_once(tree, central_east):
    make_grant(central_east, "principal", tree.school_east)
    assert paths(central_east, "cadre.view") == [tree.central_east.path]


def test_rights_are_read_once_per_user_and_can_be_forgotten(tree, django_assert_num_queries):
    user = make_user()
    with django_assert_num_queries(1):
        assert not may(user, "cadre.view")
        assert not may(user, "unit.view")
    make_grant(user, "principal", tree.school_east)
    forget(user)
    assert may(user, "cadre.view")
