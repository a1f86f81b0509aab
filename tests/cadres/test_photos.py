"""Photos in bulk: found by number or name, asked about, written whole, and never twice."""

import pytest
from django.db import transaction

from cadres.models import Cadre, RosterImport
from cadres.personnel_form.archive import PICTURES
from cadres.services import imports
from cadres.services.form_import.previewing import keep_upload, preview_photos
from cadres.services.photos import named
from cadres.services.roster_import.committing import commit
from core.errors import Invalid, WrongMoment
from tests.cadres.factories import identity, make_cadre
from tests.cadres.forms_made import jpeg, zip_of
from tests.factories import make_holder

pytestmark = pytest.mark.django_db


def previewed(unit, files):
    """The preview of a zip of photos."""
    file = keep_upload([("照片.zip", zip_of(files))], endings=PICTURES, by=None)
    roster_import = RosterImport.objects.create(kind=RosterImport.Kind.PHOTOS, unit=unit, file=file)
    with transaction.atomic():
        preview_photos(roster_import)
    return roster_import


def imported(unit, files):
    """Photos previewed and committed by the system."""
    roster_import = previewed(unit, files)
    with transaction.atomic():
        return commit(roster_import.pk, by=None)


def verdicts(roster_import):
    """The verdicts in the order of the files."""
    return list(roster_import.rows.order_by("ordinal").values_list("verdict", flat=True))


@pytest.mark.parametrize(
    "name, words",
    [
        ("张三.jpg", ("张三",)),
        ("01张三.JPG", ("张三",)),
        ("示例区第二中学 张三（1）.jpg", ("示例区第二中学", "张三")),
        ("买买提·艾力.png", ("买买提·艾力",)),
        ("IMG_2034.jpg", ()),
    ],
)
def test_what_a_name_says(name, words):
    assert named(name).words == words
    assert named(name).index == ""


def test_by_number_and_by_name(roster):
    number = identity()
    one = make_cadre(roster.school_east, "张三", id_number=number)
    two = make_cadre(roster.school_west, "李四")
    outcome = imported(roster.bureau, {f"{number.lower()}.jpg": jpeg((1, 2, 3)), "李四.jpg": jpeg((4, 5, 6))})
    assert outcome.summary["changed"] == 2
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.photo.content_type == "image/jpeg"
    assert one.photo.sha256 != two.photo.sha256


def test_importing_twice_changes_nothing(roster):
    make_cadre(roster.school_east, "张三")
    files = {"张三.jpg": jpeg()}
    imported(roster.bureau, files)
    assert verdicts(previewed(roster.bureau, files)) == ["unchanged"]
    assert verdicts(previewed(roster.bureau, {"张三.jpg": jpeg((9, 9, 9))})) == ["changed"]


def test_namesakes_are_asked_about_or_told_apart_by_their_unit(roster):
    one = make_cadre(roster.school_east, "张三")
    two = make_cadre(roster.school_west, "张三")
    by_unit = previewed(roster.bureau, {f"{roster.school_west.name} 张三.jpg": jpeg()})
    assert by_unit.rows.get().cadre_id == two.pk
    asked = previewed(roster.bureau, {"张三.jpg": jpeg()})
    row = asked.rows.get()
    assert (row.verdict, row.candidates) == ("ask", [one.pk, two.pk])
    hr = make_holder("hr", "何人事", "hr", roster.bureau)
    imports.answer(roster_import=asked, by=hr, answers={f"row:{row.sheet}!{row.row}": one.pk})
    assert asked.rows.get().verdict == "changed"
    imports.answer(roster_import=asked, by=hr, answers={f"row:{row.sheet}!{row.row}": None})
    assert asked.rows.get().verdict == "rejected"


def test_nobody_and_no_picture_and_twice_the_same(roster):
    make_cadre(roster.school_east, "张三")
    roster_import = previewed(
        roster.bureau,
        {
            "无此人.jpg": jpeg(),
            "张三.jpg": b"MZ no picture",
            "a/张三.jpg": jpeg(),
            "b/张三.jpg": jpeg((3, 3, 3)),
        },
    )
    assert verdicts(roster_import) == ["rejected", "rejected", "changed", "rejected"]
    said = [str(row.problems or row.findings) for row in roster_import.rows.order_by("ordinal")]
    assert "没有找到文件名所说的人" in said[0]
    assert "图片无法识别" in said[1]
    assert "同一个人" in said[3]


def test_people_outside_the_scope_are_nobody(roster):
    make_cadre(roster.school_west, "张三")
    assert verdicts(previewed(roster.central_east, {"张三.jpg": jpeg()})) == ["rejected"]


def test_numbers_in_file_names_lie_nowhere_in_clear(roster):
    number = identity()
    make_cadre(roster.school_east, "张三", id_number=number)
    roster_import = previewed(roster.bureau, {f"张三{number}.jpg": jpeg(), f"{number}.txt": b"x"})
    stored = str(list(roster_import.rows.values())) + str(roster_import.notes) + roster_import.file.name
    assert number not in stored
    assert roster_import.rows.get().verdict == "changed"


def test_a_commit_happens_once_and_needs_photos(roster):
    make_cadre(roster.school_east, "张三")
    roster_import = previewed(roster.bureau, {"张三.jpg": jpeg()})
    with transaction.atomic():
        commit(roster_import.pk, by=None)
    with pytest.raises(WrongMoment), transaction.atomic():
        commit(roster_import.pk, by=None)
    assert Cadre.objects.get().photo is not None
    with pytest.raises(Invalid, match="没有找到"):
        previewed(roster.bureau, {"说明.txt": b"x"})


def test_hundreds_cost_no_more_statements(roster, django_assert_max_num_queries):
    for n in range(12):
        make_cadre(roster.school_east, f"甲{n}子")
    files = {f"甲{n}子.jpg": jpeg((n, n, n)) for n in range(12)}
    with django_assert_max_num_queries(30):
        previewed(roster.bureau, files)
