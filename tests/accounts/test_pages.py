"""Pages: who opens which, what they show, the same queries for one row and for three."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Grant, Unit, User
from accounts.services.activation import issue_activation_codes
from accounts.services.grants import propose_grant
from accounts.services.units import update_unit
from core import audit, todo
from core.calendar import today
from core.jobs import GAVE_UP
from core.models import AuditEntry, Job
from core.navigation import entries_for
from tests.factories import make_grant, make_unit, make_user

pytestmark = pytest.mark.django_db
CAST = [
    "hr", "party", "central_east", "principal_east", "cadre_user", "sysadmin", "secadmin", "auditor",
]  # fmt: skip
PAGES = {
    "/accounts/me/": set(CAST),
    "/jobs/": {"sysadmin"},
    "/accounts/users/": {"sysadmin", "secadmin"},
    "/accounts/users/new/": {"sysadmin"},
    "/accounts/users/pick/": {"sysadmin", "secadmin"},
    "/accounts/grants/": {"secadmin"},
    "/accounts/grants/new/": {"secadmin"},
    "/accounts/audit/": {"auditor"},
    "/units/": {"hr", "party", "central_east", "principal_east"},
    "/units/new/": {"hr"},
    "/units/pick/": {"hr", "party", "central_east", "principal_east", "secadmin"},
}


@pytest.mark.parametrize("who", CAST)
def test_who_opens_which_page(request, signed_in, who):
    client = signed_in(request.getfixturevalue(who))
    for page, open_to in PAGES.items():
        expected = 200 if who in open_to else 403
        assert client.get(page).status_code == expected, (who, page)


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_the_log_in(page):
    assert Client().get(page)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("who", [name for name in CAST if name not in ("secadmin", "sysadmin")])
def test_nothing_is_written_by_the_wrong_person(request, tree, signed_in, who):
    user = make_user("target")
    grant = make_grant(user, "principal", tree.school_east, confirmed_at=None)
    client = signed_in(request.getfixturevalue(who))
    before = AuditEntry.objects.count()
    for path, data in (
        (f"/accounts/users/{user.pk}/take/", {"action": "disable", "comment": "x"}),
        ("/accounts/users/new/", {"name": "新", "account_class": "business"}),
        ("/accounts/users/slips/", {"ids": [user.pk]}),
        (f"/accounts/grants/{grant.pk}/take/", {"action": "confirm"}),
        ("/accounts/grants/confirm/", {"ids": [grant.pk]}),
    ):
        assert client.post(path, data).status_code in (403, 404), path
    user.refresh_from_db()
    grant.refresh_from_db()
    assert (user.is_active, grant.confirmed_at) == (True, None)
    assert AuditEntry.objects.count() == before


def queries(client, page):
    """How many queries a page takes."""
    client.get(page)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_account_list_takes_the_same_queries_for_three_rows_as_for_one(sysadmin, signed_in):
    client = signed_in(sysadmin)
    one = queries(client, "/accounts/users/")
    for number in range(3):
        make_user(f"more{number}")
    assert queries(client, "/accounts/users/") == one


@pytest.mark.parametrize("tab", ["proposed", "current", "ended"])
def test_grant_list_takes_the_same_queries_for_three_rows_as_for_one(tree, secadmin, signed_in, tab):
    fields = {"proposed": {"confirmed_at": None}, "current": {}, "ended": {"end": today()}}[tab]
    client = signed_in(secadmin)
    make_grant(make_user(), "principal", tree.school_east, **fields)
    one = queries(client, f"/accounts/grants/?tab={tab}")
    for _ in range(3):
        make_grant(make_user(), "principal", tree.school_west, **fields)
    assert queries(client, f"/accounts/grants/?tab={tab}") == one


def test_unit_pages_take_the_same_queries_for_three_rows_as_for_one(tree, principal_west, signed_in):
    client = signed_in(principal_west)
    make_unit("教学点一", tree.school_west)
    pages = ("/units/", f"/units/{tree.school_west.pk}/", "/units/pick/", "/api/v1/units/")
    before = {page: queries(client, page) for page in pages}
    for number in range(3):
        make_unit(f"点{number}", tree.school_west)
    assert {page: queries(client, page) for page in pages} == before


def test_audit_list_takes_the_same_queries_for_three_rows_as_for_one(auditor, hr, signed_in):
    client = signed_in(auditor)
    audit.record("unit.edit", by=hr)
    one = queries(client, "/accounts/audit/")
    for _ in range(3):
        audit.record("unit.edit", by=hr)
    assert queries(client, "/accounts/audit/") == one


def test_the_account_desk_from_creation_to_slip(sysadmin, signed_in):
    client = signed_in(sysadmin)
    answer = client.post("/accounts/users/new/", {"name": "王芳", "account_class": "business"})
    user = User.objects.get(username="wangfang")
    assert answer["Location"] == f"/accounts/users/{user.pk}/"
    page = client.get(answer["Location"])
    assert "签发激活码" in page.content.decode()
    assert "授予权限" not in page.content.decode()
    assert client.post("/accounts/users/slips/", {"ids": [user.pk]}).status_code == 200
    taken = client.post(
        "/accounts/users/new/", {"name": "王芳", "username": "wangfang", "account_class": "business"}
    )
    assert taken.status_code == 422
    assert "已被使用" in taken.content.decode()
    for state, found in (("never", True), ("closed", False)):
        listed = client.get(f"/accounts/users/?state={state}&search=王芳").content.decode()
        assert ("wangfang" in listed.split("</thead>")[-1]) is found
    client.post(f"/accounts/users/{user.pk}/take/", {"action": "disable", "comment": "离岗"})
    client.post(f"/accounts/users/{user.pk}/take/", {"action": "enable"})
    client.post(f"/accounts/users/{user.pk}/take/", {"action": "class", "account_class": "audit"})
    user.refresh_from_db()
    assert (user.is_active, user.account_class) == (True, "audit")


def test_the_grant_desk_from_proposal_to_revocation(tree, secadmin, signed_in):
    client, user = signed_in(secadmin), make_user("wangfang", "王芳")
    grant = propose_grant(
        user=user, role="principal", unit=tree.school_east, origin="appointment:1", reason="任校长"
    )
    assert [item.url for item in todo.todos_for(secadmin)] == ["/accounts/grants/?tab=proposed"]
    page = client.get("/accounts/grants/").content.decode()
    assert "王芳" in page
    client.post("/accounts/grants/confirm/", {"ids": [grant.pk]})
    grant.refresh_from_db()
    assert (grant.state, grant.granted_by) == ("有效", secadmin)
    assert todo.todos_for(secadmin) == []
    client.post(f"/accounts/grants/{grant.pk}/take/", {"action": "revoke", "comment": ""})
    grant.refresh_from_db()
    assert grant.state == "有效"
    client.post(f"/accounts/grants/{grant.pk}/take/", {"action": "revoke", "comment": "免职"})
    grant.refresh_from_db()
    assert grant.state == "已结束"


def test_giving_a_role_by_the_form(tree, secadmin, signed_in):
    client, user = signed_in(secadmin), make_user()
    last = today() + dt.timedelta(days=30)
    given = {
        "user": user.pk, "role": "central", "unit": tree.school_east.pk, "start": today(), "last_day": last,
        "reason": "任职",
    }  # fmt: skip
    refused = client.post("/accounts/grants/new/", given)
    assert refused.status_code == 422
    assert "不能授在学校" in refused.content.decode()
    assert not Grant.objects.filter(user=user).exists()
    assert client.post("/accounts/grants/new/", {**given, "unit": tree.central_east.pk}).status_code == 302
    grant = Grant.objects.get(user=user)
    assert (grant.last_day, grant.end) == (last, last + dt.timedelta(days=1))


def test_a_unit_page_shows_only_what_is_in_view(tree, central_east, principal_west, signed_in):
    page = signed_in(central_east).get(f"/units/{tree.central_east.pk}/").content.decode()
    assert "东河镇红旗小学" in page
    assert "示例区教育局" not in page.split("<main")[1]
    assert signed_in(principal_west).get(f"/units/{tree.school_east.pk}/").status_code == 404
    assert signed_in(central_east).get(f"/units/{tree.central_east.pk}/move/").status_code == 403
    assert signed_in(central_east).get(f"/units/{tree.school_west.pk}/move/").status_code in (403, 404)


def test_units_are_kept_by_hr(tree, hr, signed_in):
    client, unit = signed_in(hr), tree.school_east
    new = {"parent": tree.central_east.pk, "name": "东河镇新建小学", "kind": "school", "code": "SL-N"}
    assert client.post("/units/new/", new).status_code == 302
    assert client.post("/units/new/", new).status_code == 422
    client.post(f"/units/{unit.pk}/rename/", {"name": "东河镇一小", "on": today()})
    client.post(f"/units/{unit.pk}/move/", {"parent": tree.central_west.pk})
    client.post(f"/units/{unit.pk}/edit/", {"code": unit.code, "headcount": 9, "is_rural": "on"})
    unit = Unit.objects.get(pk=unit.pk)
    assert (unit.name, unit.parent, unit.headcount) == ("东河镇一小", tree.central_west, 9)
    page = client.get(f"/units/{unit.pk}/").content.decode()
    assert "名称沿革" in page
    assert "东河镇中心小学" in page


def test_a_stale_form_of_a_unit_shows_both_versions(tree, hr, signed_in):
    client, unit = signed_in(hr), tree.school_east
    address = f"/units/{unit.pk}/edit/"
    typed = client.get(address).context["form"].initial | {"headcount": 9}
    typed = {name: value for name, value in typed.items() if value not in (None, False)}
    update_unit(by=hr, unit=unit, changes={"headcount": 5})
    answer = client.post(address, typed)
    assert answer.status_code == 412
    assert [(each["stored"], each["typed"]) for each in answer.context["differences"]] == [("5", "9")]
    assert Unit.objects.get(pk=unit.pk).headcount == 5
    again = typed | {"version": answer.context["form"].data["version"]}
    assert client.post(address, again).status_code == 302
    assert Unit.objects.get(pk=unit.pk).headcount == 9


@pytest.mark.parametrize("page", ["/units/", "/accounts/users/", "/accounts/grants/", "/accounts/audit/"])
def test_nonsense_in_the_address_is_no_error(request, signed_in, page):
    who = {"/units/": "hr", "/accounts/users/": "sysadmin", "/accounts/grants/": "secadmin"}.get(
        page, "auditor"
    )
    client = signed_in(request.getfixturevalue(who))
    for query in (
        "page=0", "page=x", "page=999999999", "sort=nothing", "search=%00", "search=%25%27", "kind=zz", "tab=zz",
        "since=x", "until=9999-99-99", "page=1&page=2", "per_page=-1", "per_page=0", "per_page=99999999999999999999",
    ):  # fmt: skip
        assert client.get(f"{page}?{query}").status_code == 200, query


def test_the_auditor_sees_a_changed_entry(auditor, hr, signed_in):
    entry = audit.record("unit.edit", by=hr, before={"headcount": 1}, after={"headcount": 2})
    client = signed_in(auditor)
    page = client.get(f"/accounts/audit/{entry.pk}/").content.decode()
    assert "记录完好" in page
    assert client.post("/accounts/audit/verify/").status_code == 302
    assert "全部完好" in AuditEntry.objects.get(action="audit.verify").note
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE core_auditentry SET actor_name = '别人' WHERE id = %s", [entry.pk])
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
    assert "记录已被改动" in client.get(f"/accounts/audit/{entry.pk}/").content.decode()
    assert "已被改动" in client.get("/accounts/audit/").content.decode()
    client.post("/accounts/audit/verify/")
    assert str(entry.pk) in AuditEntry.objects.filter(action="audit.verify").latest("id").note


def test_the_trail_is_searched_by_words_action_and_day(auditor, hr, signed_in):
    audit.record("unit.edit", by=hr, unit_name="东河镇中心小学")
    audit.record("unit.move", by=None, unit_name="西山镇中心小学")
    client = signed_in(auditor)

    def found(query):
        return [row.record.unit_name for row in client.get(f"/accounts/audit/?{query}").context["table"].rows]

    assert found("search=东河") == ["东河镇中心小学"]
    assert found("action=unit.move") == ["西山镇中心小学"]
    assert found(f"since={today() + dt.timedelta(days=1)}") == []
    assert len(found(f"since={today()}&until={today()}")) == 2


def test_each_desk_has_its_entries(hr, sysadmin, secadmin, auditor):
    def labels(user):
        return [entry.label for entry in entries_for(user)]

    assert "账号" in labels(sysadmin)
    assert "授权" not in labels(sysadmin)
    assert {"授权", "账号"} <= set(labels(secadmin))
    assert "审计" in labels(auditor)
    assert "单位" in [entry.label for entry in entries_for(hr, place="person")]


def test_an_open_code_is_mentioned_and_its_text_is_not(sysadmin, signed_in):
    user = make_user("wangfang")
    code = issue_activation_codes(by=sysadmin, users=[user])[0].code
    page = signed_in(sysadmin).get(f"/accounts/users/{user.pk}/").content.decode()
    assert "尚未使用" in page
    assert code not in page


def test_one_s_own_account_shows_grants_in_force(tree, principal_east, signed_in):
    make_grant(principal_east, "principal", tree.school_west, confirmed_at=None)
    page = signed_in(principal_east).get("/accounts/me/").content.decode()
    assert "东河镇中心小学及其下级" in page
    assert "西山镇" not in page
    assert timezone.now()


def test_the_system_administrator_sees_jobs_but_not_what_they_were_about(hr, sysadmin, signed_in):
    common = {"kind": "report.annual", "asked_by": hr, "parameters": {"name": "张三"}, "log": "张三"}
    Job.objects.create(
        status="failed", error="张三的身份证号有误。", result={"errors": {"张三": []}}, **common
    )
    Job.objects.create(status="failed", error=GAVE_UP, message="张三", **common)
    running = Job.objects.create(status="running", progress=40, message="正在写入 张三", **common)
    client = signed_in(sysadmin)
    page = client.get("/jobs/").content.decode()
    assert "生成年度报告" in page
    assert "何人事" in page
    assert "40%" in page
    assert GAVE_UP in page
    assert "张三" not in page
    only = client.get("/jobs/?status=running").content.decode()
    assert "共 1 个" in only
    assert GAVE_UP not in only
    for own in (f"/jobs/{running.pk}/", f"/jobs/{running.pk}/file/"):
        assert client.get(own).status_code == 404
