"""Closing a unit as the roster does it, while somebody else changes the tree."""

import threading

import pytest
from django.db import connection, transaction

from accounts.models import Unit
from accounts.services.units import lock_unit, move_unit
from cadres.services.units import close_unit
from core.calendar import today
from tests.core.conftest import wait_for


def someone_waits_for_a_lock():
    """Whether another connection waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_closing_and_moving_one_unit_at_once_wait_for_each_other_in_one_order(tree, hr):
    outcomes = []

    def close():
        try:
            outcomes.append(close_unit(by=hr, unit=tree.school_east, on=today()))
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    closing = threading.Thread(target=close)
    with transaction.atomic():
        lock_unit(tree.bureau)
        closing.start()
        assert wait_for(someone_waits_for_a_lock)
        # Whoever waits for the tree holds none of its units: else each would wait for the other now.
        move_unit(by=hr, unit=tree.school_east, parent=tree.central_west)
    closing.join(30)
    moved = Unit.objects.get(pk=tree.school_east.pk)
    assert outcomes == [moved]
    assert moved.parent == tree.central_west
    assert moved.is_closed
