"""The project watches itself: scope, workflow, closed doors, sizes, lists that don't slow down, plain templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import reverse

import programs.workflow  # noqa: F401  registers the tables of actions
from accounts.models import Unit
from core.workflow import workflows
from tests.expected_answers import TABLE
from tests.routes import all_routes

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "core", "accounts", "cadres", "training", "programs", "assessment", "reports")
OWN_LABELS = {app for app in APPS if app != "config"}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 50
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Each answers a visitor on purpose: signing in, health, and what sends on to signing in.
OPEN_TO_VISITORS = {
    "healthz", "readyz", "api-token", "admin:login", "account_activate", "account_login", "account_signup",
    "account_inactive", "account_reset_password", "account_reset_password_done", "account_confirm_email",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate",
    "account_email_verification_sent", "account_confirm_login_code",
}  # fmt: skip
# Rows of other apps' making, and rows that are reached only through the document they belong to.
NOT_REACHED_ALONE = {
    "accounts.UnitName",  # names of a unit, shown on its page
    "cadres.CollectionRow",  # rows of an import
    "cadres.KeptCells",  # cells of the national form, written with the person or unit they stand beside
    "cadres.RosterImportRow",
    "programs.CallQuota",  # rows of a call
}


def sources(*, tests: bool = False) -> list[Path]:
    """The project's Python files, migrations left out."""
    folders = (*APPS, "tests") if tests else APPS
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def own_models() -> list[type[models.Model]]:
    """The models of the project's own apps."""
    return [model for model in apps.get_models() if model._meta.app_label in OWN_LABELS]


def name_of(path: Path) -> str:
    """A path as a test names it."""
    return str(path.relative_to(ROOT))


def test_every_row_of_a_unit_is_reached_by_scope():
    loose = []
    for model in own_models():
        belongs = any(field.name == "unit" and field.related_model is Unit for field in model._meta.fields)
        reached = hasattr(model._default_manager, "visible_to")
        if belongs and not reached and model._meta.label not in NOT_REACHED_ALONE:
            loose.append(model._meta.label)
    assert loose == []
    assert {model._meta.label for model in own_models()} >= NOT_REACHED_ALONE


def test_every_workflow_state_is_reachable_and_has_a_chinese_label():
    assert set(workflows()) >= {
        "programs.call", "programs.nomination", "programs.participation", "programs.appraisal",
    }  # fmt: skip
    for label, workflow in workflows().items():
        if label.split(".")[0] not in OWN_LABELS:
            continue
        initial = apps.get_model(label)._meta.get_field(workflow.status_field).default
        reached = {str(initial)}
        while True:
            more = {
                str(target)
                for action in workflow.actions
                if set(map(str, action.sources)) & reached
                for target in action.reaches()
            }
            if more <= reached:
                break
            reached |= more
        assert reached == set(workflow.states.values), label
        assert all(CHINESE.search(str(state.label)) for state in workflow.states), label
        assert all(CHINESE.search(action.label) for action in workflow.actions), label


def _status_writes(tree: ast.AST) -> Iterator[ast.AST]:
    """Assignments to `.status` (or `setattr(x, "status", …)`), and `update(…, status=…)` of a queryset."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [part for each in targets for part in ast.walk(each)]
            if any(isinstance(each, ast.Attribute) and each.attr == "status" for each in flat):
                yield node
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {keyword.arg for keyword in node.keywords}
            second = node.args[1] if called == "setattr" and len(node.args) > 1 else None
            if called in ("update", "bulk_update", "update_or_create") and "status" in named:
                yield node
            if isinstance(second, ast.Constant) and second.value == "status":
                yield node


# Jobs and messages are claimed by conditional update: their state is machinery, no document's.
MAY_WRITE_STATUS = {"core/workflow.py", "core/jobs.py", "core/heartbeat.py", "core/delivery.py"}


def test_no_status_is_written_outside_the_workflow():
    found = []
    for path in sources():
        if name_of(path) in MAY_WRITE_STATUS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{name_of(path)}:{node.lineno}" for node in _status_writes(tree)]
    assert found == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("case.status = 'passed'", 1),
        ("Nomination.objects.filter(pk=1).update(status='passed')", 1),
        ("setattr(case, 'status', 'passed')", 1),
        ("a, case.status = 1, 2", 1),
        ("Nomination(status='draft')", 0),
        ("response.status_code = 422", 0),
    ],
)
def test_the_scan_sees_a_status_written(source, count):
    assert len(list(_status_writes(ast.parse(source)))) == count


def test_no_page_answers_a_visitor_unless_listed():
    open_ones = set()
    for name, row in TABLE.items():
        refused = {401} if "api" in name.split("-")[0] or name == "schema" else {302}
        if any(each.anonymous not in (None, *refused) for each in row.methods.values()):
            open_ones.add(name)
    by_view = {
        route.name
        for route in all_routes()
        if not getattr(route.callback, "login_required", True) and not route.pattern.startswith("api/")
    }
    assert open_ones <= OPEN_TO_VISITORS
    # (Its own view sends visitors to the log-in.)
    assert by_view - {"account_logout"} <= OPEN_TO_VISITORS, (
        "closed by default: a view that opts out must be listed"
    )


@pytest.mark.django_db
def test_a_visitor_is_turned_away_everywhere_else(client):
    answered = []
    for route in all_routes():
        if route.name in OPEN_TO_VISITORS or route.name not in TABLE:
            continue
        args = [
            each[1:] if each.startswith("=") else _any_key(route.pattern) for each in TABLE[route.name].args
        ]
        for method in ("get", "post"):
            url = reverse(route.name, args=args)
            response = getattr(client, method)(url)
            wanted = 401 if url.startswith("/api/") else 302
            to_sign_in = url.startswith("/api/") or "/login/" in response.get("Location", "")
            redirects = route.name in ("account_email", "admin:logout", "admin:password_change")
            if response.status_code != wanted or not (to_sign_in or redirects):
                answered.append((method, url, response.status_code, response.get("Location")))
    assert answered == []


def _any_key(pattern: str) -> str:
    uuid = "uuid" in pattern or "[0-9a-f-]{36}" in pattern
    return "00000000-0000-4000-8000-000000000000" if uuid else "1"


@pytest.mark.parametrize("path", sources(tests=True), ids=name_of)
def test_every_file_says_what_lives_there_and_stays_small(path):
    text = path.read_text(encoding="utf-8")
    if not text.strip():
        assert path.name == "__init__.py"
        return
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert len(docstring.split()) >= 2
    if "tests" not in path.parts:
        assert len(text.splitlines()) <= MOST_LINES


def test_functions_stay_short():
    long = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{name_of(path)}:{node.name} {lines}")
    assert long == []


def test_public_functions_of_services_say_what_they_do():
    silent = []
    for path in sources():
        if "services" not in name_of(path):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                silent.append(f"{name_of(path)}:{node.name}")
    assert silent == []


def test_services_take_their_arguments_by_name_and_say_who_acts():
    """A verb that writes is keyword-only; readers and arithmetic may be called as they like."""
    loose = []
    for path in sources():
        if "services" not in name_of(path) or "demo" in path.parts:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            names = [each.arg for each in node.args.args]
            if "by" in names:
                loose.append(f"{name_of(path)}:{node.name}")
    assert loose == []


BANNED_IN_TEMPLATES = {
    "an inline style": re.compile(r"\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style[\s>]", re.I),
    "an inline handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "a script with content": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.I),
    "a javascript address": re.compile(r"javascript:", re.I),
}


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name_of)
def test_templates_have_no_code_in_them(path):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text("utf-8"), flags=re.S)
    assert [what for what, pattern in BANNED_IN_TEMPLATES.items() if pattern.search(text)] == []


def test_the_dialogue_with_users_is_chinese():
    """Every message that a rule gives is Chinese: it is shown as it is."""
    english = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in _SPOKEN or not node.args:
                continue
            words = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
            text = "".join(word for word in words if isinstance(word, str))
            if text and not CHINESE.search(text):
                english.append(f"{name_of(path)}:{node.lineno}")
    assert english == []


_SPOKEN = {"Invalid", "NotAllowed", "NotFound", "WrongMoment", "Stale", "TooLarge", "WrongType"}
