"""The first three administrators come from the command line, once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Grant, Unit, User
from accounts.scope import may
from accounts.services.activation import activate

pytestmark = pytest.mark.django_db


def test_an_empty_installation_gets_three_separate_administrators():
    out = StringIO()
    call_command("create_administrators", bureau="某县教育局", stdout=out)
    lines = [line.split("\t") for line in out.getvalue().splitlines() if "\t" in line]
    assert [line[1] for line in lines] == ["sysadmin", "secadmin", "auditor"]
    assert Unit.objects.get().name == "某县教育局"
    assert len({user.account_class for user in User.objects.all()}) == 3
    user = activate(code=lines[1][2], password="Another-horse-7")
    assert may(user, "grant.manage")
    assert not may(user, "account.manage")


def test_it_works_once(secadmin):
    count = Grant.objects.count()
    with pytest.raises(CommandError):
        call_command("create_administrators")
    assert Grant.objects.count() == count
