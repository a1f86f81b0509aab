"""The admin's site: its own door, closed to what wasn't made for it, saving through services, status read-only."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory

from core.admin import BureauAdminSite, CalendarDayAdmin, ScopedAdmin, status_fields
from core.errors import Invalid
from core.models import AuditEntry, CalendarDay, Job
from tests.core.papers import Paper

pytestmark = pytest.mark.django_db
LIST = "/admin/core/calendarday/"
ADD = f"{LIST}add/"
DAY = {"date": "2031-01-01", "is_working": "", "name": "元旦"}


@pytest.fixture
def clerk(hr, signed_in):
    """Bureau HR, signed in."""
    return signed_in(hr)


def test_the_site_takes_in_only_its_own_kind():
    site = BureauAdminSite()
    site.register(Group, admin.ModelAdmin)
    site.register(Group)
    site.register(Job, ScopedAdmin)
    assert list(site._registry) == [Job]
    assert isinstance(admin.site, BureauAdminSite)
    registered = {model._meta.label for model in admin.site._registry}
    assert not registered & {
        "auth.Group", "accounts.User", "accounts.Grant", "core.AuditEntry", "knox.AuthToken",
        "account.EmailAddress", "mfa.Authenticator", "axes.AccessAttempt",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/admin/", LIST, ADD])
def test_strangers_go_to_the_project_s_log_in(client, path):
    response = client.get(path, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")
    assert "节假日" not in response.content.decode()


@pytest.mark.parametrize(
    "person", ["principal_east", "party", "sysadmin", "secadmin", "auditor", "cadre_user"]
)
def test_others_are_refused(person, request, signed_in):
    client = signed_in(request.getfixturevalue(person))
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.post(ADD, DAY, follow=True).status_code == 403
    assert not CalendarDay.objects.exists()


def test_log_in_log_out_and_password_are_the_project_s(clerk):
    assert clerk.get("/admin/login/")["Location"] == "/admin/"
    assert clerk.get("/admin/login/?next=/admin/core/")["Location"] == "/admin/core/"
    assert clerk.get("/admin/login/?next=https://evil.example/")["Location"] == "/admin/"
    assert clerk.post("/admin/logout/")["Location"] == "/accounts/logout/"
    assert clerk.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_the_first_page_is_grouped_by_the_work(clerk):
    text = clerk.get("/admin/").content.decode()
    assert "设置" in text
    assert "节假日调整" in text
    assert "数据维护" in text


def test_adding_changing_and_deleting_leave_a_trail(clerk, hr):
    assert clerk.post(ADD, DAY).status_code == 302
    day = CalendarDay.objects.get()
    assert clerk.post(f"{LIST}{day.pk}/change/", {**DAY, "name": "新年"}).status_code == 302
    assert clerk.post(f"{LIST}{day.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not CalendarDay.objects.exists()
    trail = AuditEntry.objects.order_by("id")
    assert [entry.action for entry in trail] == ["admin.add", "admin.change", "admin.delete"]
    assert (trail[1].before, trail[1].after) == ({"name": "元旦"}, {"name": "新年"})
    assert {entry.actor_id for entry in trail} == {hr.pk}


def test_a_mistyped_form_keeps_what_was_typed(clerk):
    text = clerk.post(ADD, {"date": "not a day", "name": "元旦"}).content.decode()
    assert "not a day" in text
    assert not CalendarDay.objects.exists()


def test_a_refusal_of_the_service_comes_back_into_the_form(clerk, monkeypatch):
    def refuse(self, request, obj, form, change):
        obj.save()
        raise Invalid("这一天已有安排。", errors={"date": ["与考试冲突。"]})

    monkeypatch.setattr(CalendarDayAdmin, "service_save", refuse)
    response = clerk.post(ADD, DAY)
    text = response.content.decode()
    assert response.status_code == 200
    assert "与考试冲突。" in text
    assert "2031-01-01" in text
    assert not CalendarDay.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_refusal_without_a_field_stands_on_top(clerk, monkeypatch):
    def refuse(self, request, obj, form, change):
        raise Invalid("这一天已有安排。")

    monkeypatch.setattr(CalendarDayAdmin, "service_save", refuse)
    assert "这一天已有安排。" in clerk.post(ADD, DAY).content.decode()


def test_a_row_must_stay_in_the_writer_s_scope(clerk, monkeypatch):
    monkeypatch.setattr(
        CalendarDayAdmin,
        "visible_rows",
        lambda self, user, capability: CalendarDay.objects.exclude(name="元旦"),
    )
    response = clerk.post(ADD, DAY)
    assert "不在您的管理范围内" in response.content.decode()
    assert not CalendarDay.objects.exists()


def test_rows_outside_the_scope_are_not_there(clerk, monkeypatch):
    day = CalendarDay.objects.create(date="2031-01-01", is_working=False, name="别处的")
    monkeypatch.setattr(
        CalendarDayAdmin, "visible_rows", lambda self, user, capability: CalendarDay.objects.none()
    )
    assert "别处的" not in clerk.get(LIST).content.decode()
    response = clerk.post(f"{LIST}{day.pk}/change/", DAY, follow=True)
    assert "别处的" not in response.content.decode()
    assert CalendarDay.objects.get().name == "别处的"


def test_nothing_is_deleted_in_bulk(clerk):
    day = CalendarDay.objects.create(date="2031-01-01", is_working=False)
    data = {"action": "delete_selected", "_selected_action": [day.pk], "post": "yes"}
    clerk.post(LIST, data)
    assert CalendarDay.objects.exists()


class PaperAdmin(ScopedAdmin):
    """A table with a workflow, whose rows have no scope of their own."""

    view_capability = "paper.view"
    edit_capability = "paper.edit"


class Person:
    """Somebody who holds some capabilities."""

    is_active = True

    def __init__(self, *held):
        self.held = held

    def holds(self, capability):
        """Whether it is one of theirs."""
        return capability in self.held


def asked_by(person):
    """A request of somebody."""
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_status_fields_are_read_only():
    table = PaperAdmin(Paper, admin.site)
    assert table.get_readonly_fields(asked_by(Person())) == ("status",)
    assert status_fields(CalendarDay) == ()


def test_without_a_capability_a_table_is_closed():
    class Forgotten(ScopedAdmin):
        pass

    table = Forgotten(Job, admin.site)
    request = asked_by(Person("", "paper.view"))
    assert not table.has_view_permission(request)
    assert not table.has_add_permission(request)
    assert not table.has_change_permission(request)
    assert not table.has_delete_permission(request)
    assert not table.has_module_permission(request)


def test_viewing_is_not_editing():
    table = PaperAdmin(Paper, admin.site)
    viewer, editor = asked_by(Person("paper.view")), asked_by(Person("paper.view", "paper.edit"))
    assert table.has_view_permission(viewer)
    assert not table.has_change_permission(viewer)
    assert not table.has_add_permission(viewer)
    assert table.has_change_permission(editor)
    assert table.has_add_permission(editor)
    assert not table.has_delete_permission(editor)
