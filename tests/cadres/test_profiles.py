"""A competence profile is read by its person once it is published: page, print, API, export, forms."""

import datetime as dt
import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cadres.collection.exporting import write_histories
from cadres.collection.selecting import Selection
from cadres.models import CompetenceProfile, FamilyMember
from cadres.services.histories import add_history, delete_history, edit_history
from cadres.services.profiles import publish_profile, withdraw_profile
from core.calendar import now, today
from core.errors import NotAllowed, WrongMoment
from core.models import AuditEntry, Message
from tests.cadres.factories import make_cadre, make_code, own

pytestmark = pytest.mark.django_db
DAY = dt.date(2025, 12, 10)
SCORES = [61, 62, 63, 64, 65, 67]
MARK = "67"


def judged(cadre, source="superior", **fields):
    return CompetenceProfile.objects.create(
        cadre=cadre, on=DAY, source=source, scores=SCORES, note="说明之语", **fields
    )


@pytest.fixture
def cadre(tree, cadre_user):
    return own(cadre_user, make_cadre(tree.school_east, "甘步"))


def pages(client, cadre):
    """Everything that could show a profile to its person."""
    base = reverse("cadre-detail", args=[cadre.pk])
    yield client.get(base).content.decode()
    yield client.get(base, {"tab": "growth"}).content.decode()
    yield client.get(reverse("cadre-print", args=[cadre.pk])).content.decode()
    yield client.get(reverse("api-cadres-histories", args=[cadre.pk])).content.decode()
    yield client.get(reverse("api-competences-list")).content.decode()


def test_until_it_is_published_the_person_sees_nothing_of_it(cadre, cadre_user, hr, signed_in):
    row, client = judged(cadre), signed_in(cadre_user)
    for page in pages(client, cadre):
        assert "说明之语" not in page
    assert (
        "radar-frame"
        not in client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    )
    assert client.get(reverse("api-competences-detail", args=[row.pk])).status_code == 404
    shown = signed_in(hr).get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert ("说明之语" in shown, "未发布" in shown) == (True, True)
    publish_profile(record=row, by=hr)
    assert all("说明之语" in page for page in list(pages(client, cadre))[1:])
    assert (
        client.get(reverse("api-competences-detail", args=[row.pk])).json()["published_on"]
        == today().isoformat()
    )
    withdraw_profile(record=row, by=hr)
    for page in pages(client, cadre):
        assert "说明之语" not in page
    assert [each.title for each in Message.objects.filter(recipient=cadre_user).order_by("pk")] == [
        "您的一份能力画像已发布", "您的一份能力画像已收回",
    ]  # fmt: skip
    assert list(AuditEntry.objects.filter(action__startswith="competence.").order_by("pk").values_list("action", flat=True)) == [
        "competence.publish", "competence.withdraw",
    ]  # fmt: skip


def test_a_self_assessment_is_one_s_own_to_read(cadre, cadre_user, hr, signed_in):
    row = judged(cadre, "self")
    assert all("说明之语" in page for page in list(pages(signed_in(cadre_user), cadre))[1:])
    with pytest.raises(WrongMoment):
        publish_profile(record=row, by=hr)


def test_high_office_shows_no_more_of_oneself(tree, hr, signed_in):
    """HR sees everybody's profiles, and of its own the published ones."""
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    row, client = judged(mine), signed_in(hr)
    for page in pages(client, mine):
        assert "说明之语" not in page
    for name in ("history-edit", "history-delete"):
        assert client.get(reverse(name, args=[mine.pk, "competence", row.pk])).status_code == 404
    post = client.post(reverse("competence-publish", args=[mine.pk, row.pk]), {"action": "publish"})
    assert post.status_code == 404
    with pytest.raises(NotAllowed):
        publish_profile(record=row, by=hr)
    for act in (
        lambda: add_history(CompetenceProfile, cadre=mine, by=hr, on=DAY, source="expert", scores=[90] * 6),
        lambda: edit_history(record=row, by=hr, note="改"),
        lambda: delete_history(record=row, by=hr, reason="误登"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert add_history(CompetenceProfile, cadre=mine, by=hr, on=DAY, source="self", scores=[90] * 6)


def test_a_workbook_leaves_one_s_own_unpublished_profile_out(tree, cadre, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    judged(mine), judged(cadre)
    target = io.BytesIO()
    write_histories(target, Selection(sheets=("competence",), reason="年度分析"), by=hr)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(target.getvalue())).get_sheet_by_index(0).to_python()
    words = str(rows)
    assert ("甘步" in words, "何人事" in [row[0] for row in rows]) == (True, False)


def test_kin_do_not_publish(tree, cadre, hr):
    mine = own(hr, make_cadre(tree.bureau, "何人事"))
    FamilyMember.objects.create(
        cadre=mine,
        relation=make_code("relation", "1", "妻子"),
        name="甘步",
        kin=cadre,
        kin_confirmed_at=now(),
    )
    with pytest.raises(NotAllowed, match="亲属"):
        publish_profile(record=judged(cadre), by=hr)


def test_the_button_publishes_and_takes_back(cadre, hr, principal_east, signed_in):
    row, client = judged(cadre), signed_in(hr)
    url = reverse("competence-publish", args=[cadre.pk, row.pk])
    growth = client.get(reverse("cadre-detail", args=[cadre.pk]), {"tab": "growth"}).content.decode()
    assert (url in growth, "发布，本人可以看到" in growth) == (True, True)
    for action, published in (("publish", True), ("publish", True), ("withdraw", False)):
        assert client.post(url, {"action": action}).status_code == 302
        row.refresh_from_db()
        assert (row.published_on is not None) is published
    assert client.post(url, {"action": "x"}).status_code == 400
    assert signed_in(principal_east).post(url, {"action": "publish"}).status_code == 403
