"""The sample of a messy roster comes in as its expected JSON says, by command and by page."""

import json

import pytest
from django.core.management import CommandError, call_command

from cadres.models import Appointment, Cadre, Education, PoliticalStatus, RosterImport, RosterImportRow
from core.models import StoredFile
from core.partial_dates import PartialDate
from tests.cadres.rosters import SAMPLE, expected, imported, previewed, rows_by_name, sentences

pytestmark = [pytest.mark.django_db, pytest.mark.real_parser]


def run(*arguments, capsys):
    """The command's exit code and its output."""
    code = 0
    try:
        call_command("import_roster", *map(str, arguments))
    except SystemExit as end:
        code = end.code
    return code, capsys.readouterr().out


@pytest.fixture
def result(roster, tmp_path, capsys):
    """The JSON of a preview of the sample."""
    target = tmp_path / "out.json"
    code, output = run(SAMPLE, "--json", target, capsys=capsys)
    return code, output, json.loads(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("person", expected()["people"], ids=lambda person: person["name"])
def test_every_expected_value_is_read(result, person):
    """Field by field; what the file's author adds in words after a value is left aside."""
    found = {row["row"]: row for row in result[2]["rows"]}[person["row"]]["values"]
    for name, value in person.items():
        if name in ("row", "warning"):
            continue
        wanted = value.split(" ")[0] if isinstance(value, str) else value
        assert found.get(name) == wanted, name


def test_only_the_people_are_rows_and_the_last_line_counts(result):
    code, output, found = result
    assert [row["row"] for row in found["rows"]] == [person["row"] for person in expected()["people"]]
    assert output.splitlines()[-1] == "新增 3 更新 0 未变 0 拒绝 2"
    assert code == 1
    assert found["summary"] == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 2, "ask": 0}


def test_refused_rows_say_why_and_where(result):
    rows = {row["row"]: row for row in result[2]["rows"]}
    assert [rows[n]["status"] for n in (6, 7, 8, 10, 11)] == ["new", "new", "rejected", "new", "rejected"]
    assert "存成了数字" in sentences(rows[8], "error")
    assert "按10月读取" in sentences(rows[8], "warning")
    wrong = next(one for one in rows[11]["problems"] if one["severity"] == "error")
    assert wrong["column"] == "身份证号"
    assert wrong["value"] == "310107198810022848"
    assert "校验码" in wrong["message"]


def test_a_preview_leaves_nothing_behind(result, settings):
    assert not Cadre.objects.exists()
    assert not RosterImport.objects.exists()
    assert not RosterImportRow.objects.exists()
    assert not StoredFile.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_commit_writes_people_with_their_histories(roster, capsys):
    code, output = run(SAMPLE, "--commit", capsys=capsys)
    assert code == 1
    assert output.splitlines()[-1] == "新增 3 更新 0 未变 0 拒绝 2"
    zhang = Cadre.objects.get(name="张三")
    assert zhang.unit == roster.direct_school
    assert zhang.id_number == "310107197605031315"
    assert zhang.birth_date == PartialDate.of(zhang.birth, "month")
    posts = Appointment.objects.filter(cadre=zhang).order_by("order")
    assert [(post.title, post.kind, post.is_main) for post in posts] == [
        ("党支部书记", "regular", True), ("校长", "concurrent", False),
    ]  # fmt: skip
    assert {(one.mode, one.level_text, one.degree_text) for one in Education.objects.filter(cadre=zhang)} == {
        ("full_time", "大学", "文学学士"), ("in_service", "研究生", "教育硕士"),
    }  # fmt: skip
    li = PoliticalStatus.objects.filter(cadre__name="李四").order_by("status__code")
    assert [(str(one.status), one.start and one.start.isoformat()) for one in li] == [
        ("中共党员", "2001-08-01"), ("民建会员", None),
    ]  # fmt: skip
    wang = Appointment.objects.get(cadre__name="王五")
    assert (wang.title, wang.probation_end.isoformat()) == ("校长", "2026-01-01")
    assert wang.cadre.note == "拟2029年退休"


def test_importing_the_same_file_twice_changes_nothing(roster):
    assert imported(SAMPLE, roster.bureau).summary["new"] == 3
    before = list(Cadre.objects.order_by("pk").values())
    again = previewed(SAMPLE, roster.bureau)
    assert again.summary == {"new": 0, "changed": 0, "unchanged": 3, "rejected": 2, "ask": 0}
    assert {row["status"] for row in rows_by_name(again).values()} == {"unchanged", "rejected"}
    assert list(Cadre.objects.order_by("pk").values()) == before


def test_by_a_user_without_the_right_is_refused(roster, principal_east, capsys):
    with pytest.raises(CommandError, match="没有导入名册的权限"):
        call_command("import_roster", SAMPLE, by="principal-east")


def test_by_a_user_with_the_right_is_noted(roster, hr, capsys):
    run(SAMPLE, "--by", "hr", "--commit", capsys=capsys)
    assert RosterImport.objects.get().uploaded_by == hr


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["missing.xlsx"], "没有找到文件"),
        ([SAMPLE, "--by", "nobody"], "没有账号"),
        ([SAMPLE, "--unit", "NONE"], "没有编码为"),
    ],
)
def test_wrong_arguments_end_with_a_sentence(roster, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("import_roster", *map(str, arguments))
