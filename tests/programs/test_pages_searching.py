"""The list of cases finds people as the roster does, and schools by a piece of their name."""

import pytest

from tests.programs.factories import make_cadre, submitted


@pytest.mark.parametrize(
    "text, found",
    [
        ("李青", True),
        ("青", True),
        ("lq", True),
        ("li q", True),
        ("中心小学", True),
        ("王", False),
        ("zz", False),
    ],
)
def test_a_case_is_found_by_name_pinyin_initials_or_school(
    call, tree, principal_east, signed_in, text, found
):
    submitted(call, make_cadre(tree.school_east, "李青"), principal_east)
    page = signed_in(principal_east).get("/nominations/", {"tab": "all", "search": text})
    assert ("李青" in page.content.decode()) is found
