"""A verb that is refused on an undertaking's page comes back there with its sentence; what was typed is kept."""

import pytest
from django.urls import reverse

from core.versions import version_of
from programs.models import Appraisal
from programs.services.appraisals import return_appraisal
from programs.services.participations import cancel_participation
from tests.programs.test_pages_participations import (
    base,
    form,
    over,
    pending,
    place_url,
    placed,
    texts,
    write_url,
)

pytestmark = pytest.mark.django_db
__all__ = ["base", "over", "pending", "placed"]


def refused_card(answer):
    """The card with the refusal."""
    return answer.content.decode().split('id="refused-title"')[1].split("</section>")[0]


def test_a_cancelling_without_words_comes_back_as_its_form(signed_in, hr, placed):
    url, client = reverse("participation-take", args=[placed.pk]), signed_in(hr)
    answer = client.post(url, {"action": "cancel", "comment": "  "})
    card = refused_card(answer)
    assert answer.status_code == 422
    for part in ("取消安排", f'action="{url}"', 'value="cancel"', "refused-comment-error", "请写明意见"):
        assert part in card
    assert "refused-due" not in card, "only a return of a nomination names a day"
    placed.refresh_from_db()
    assert placed.status == "placed"
    assert client.post(url, {"action": "cancel", "comment": "本人怀孕"}).status_code == 302


def test_words_for_what_a_colleague_did_already_are_kept(signed_in, hr, placed):
    client, url = signed_in(hr), reverse("participation-take", args=[placed.pk])
    cancel_participation(participation=placed, by=hr, comment="本人怀孕")
    answer = client.post(url, {"action": "cancel", "comment": "家庭原因，写了很久"})
    card = refused_card(answer)
    assert answer.status_code == 409
    assert "家庭原因，写了很久" in card
    assert "已被" in card
    assert "<form" not in card


def test_a_completion_that_is_too_early_says_so_on_the_page(signed_in, hr, over):
    url = reverse("participation-take", args=[over.participation_id])
    answer = signed_in(hr).post(url, {"action": "complete", "comment": "表现平稳"})
    assert answer.status_code == 409
    assert "还有 1 份书面鉴定没有提交" in refused_card(answer)
    assert "表现平稳" in refused_card(answer)
    over.participation.refresh_from_db()
    assert over.participation.status == "ended"


@pytest.mark.parametrize(("person", "status"), [("party", 403), ("principal_west", 404)])
def test_who_may_not_is_refused_as_before(request, signed_in, placed, person, status):
    url = reverse("participation-take", args=[placed.pk])
    sent = {"action": "cancel", "comment": "x"}
    assert signed_in(request.getfixturevalue(person)).post(url, sent).status_code == status


@pytest.mark.parametrize("verb", ["place", "rearrange"])
def test_an_arrangement_that_came_too_late_keeps_its_form(signed_in, hr, placed, base, verb):
    if verb == "rearrange":
        cancel_participation(participation=placed, by=hr, comment="本人怀孕")
    sent = form(base, acting_post="少见的职务", end="2027-07-31", comment="工作需要")
    answer = signed_in(hr).post(place_url(placed, verb), sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "已被" in text
    assert 'value="少见的职务"' in text


def test_a_return_without_words_comes_back_as_its_form(signed_in, hr, host, over):
    signed_in(host).post(write_url(over), texts(file="1"))
    url, client = reverse("appraisal-return", args=[over.pk]), signed_in(hr)
    answer = client.post(url, {"comment": " "})
    card = refused_card(answer)
    assert answer.status_code == 422
    for part in (f'action="{url}"', "退回", "refused-comment-error"):
        assert part in card
    assert "refused-due" not in card
    assert client.post(url, {"comment": "请写具体些"}).status_code == 302
    late = client.post(url, {"comment": "再具体些"})
    assert (late.status_code, "再具体些" in refused_card(late), "<form" in refused_card(late)) == (
        409,
        True,
        False,
    )


def test_an_overtaken_appraisal_keeps_what_was_typed_and_saves_nothing_by_itself(
    signed_in, host, over, clock
):
    client, old = signed_in(host), version_of(over)
    clock("2027-09-01 08:01:00")
    client.post(write_url(over), {"section_1": "指导人写的"}, headers={"X-Autosave": "1"})
    answer = client.post(write_url(over), texts(section_1="我写了很久", version=old, draft="1"))
    text = answer.content.decode()
    assert answer.status_code == 412
    assert "我写了很久" in text
    assert "在新窗口查看现在的内容" in text
    assert "data-autosave" not in text, "it would write over the other text unasked"
    over.refresh_from_db()
    assert over.sections.get(order=1).text == "指导人写的"
    sent = texts(section_1="我写了很久", version=answer.context["version"], draft="1")
    assert client.post(write_url(over), sent).status_code == 302
    assert Appraisal.objects.get().sections.get(order=1).text == "我写了很久"


def test_an_appraisal_that_was_filed_meanwhile_keeps_what_was_typed(signed_in, host, mentor, hr, over):
    client, old = signed_in(mentor), version_of(over)
    signed_in(host).post(write_url(over), texts(file="1"))
    answer = client.post(write_url(over), texts(section_1="我写了很久", version=old, draft="1"))
    assert answer.status_code in (412, 422)
    assert "我写了很久" in answer.content.decode()
    assert "已经提交" in answer.content.decode()
    over.refresh_from_db()
    return_appraisal(appraisal=over, by=hr, comment="再写")
    assert over.sections.get(order=1).text == "作风扎实"
