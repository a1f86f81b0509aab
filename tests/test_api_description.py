"""The API's description comes out of the code without a doubt: no warning, no guess, a valid document."""

import os

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_the_description_is_complete_and_valid():
    call_command("spectacular", file=os.devnull, validate=True, fail_on_warn=True)
