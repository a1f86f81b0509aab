"""Somebody leaves a school's shared computer and the next one presses the back button."""

import pytest
from django.contrib.sessions.models import Session

from accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e]


def test_the_back_button_brings_nothing_back_once_the_session_is_over(township, person):
    """Over by time: nobody pressed 退出, so the browser's cookie is what it was."""
    User.objects.filter(username="hr").update(email="somebody@example.gov.cn")
    with person("hr") as hr:
        page = hr.go("/accounts/me/")
        hr.says("somebody@example.gov.cn")
        hr.go("/inbox/")
        Session.objects.all().delete()
        page.go_back()
        page.wait_for_url("**/accounts/login/**")
        assert "somebody@example.gov.cn" not in page.content()


def test_the_back_button_gives_back_what_was_typed_into_a_form_for_a_thing(township, person):
    with person("hr") as hr:
        page = hr.go("/units/new/")
        page.locator("input[name=name]").fill("新建示例小学")
        page.evaluate("window.onbeforeunload = null")
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{hr.address}/inbox/")
        page.go_back()
        page.wait_for_load_state("load")
        assert page.locator("input[name=name]").input_value() == "新建示例小学"
