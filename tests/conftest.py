"""The named cast that every app's tests share: one small district and the people who work in it.

    示例区教育局 ─┬─ 人事教育股 (section; host base of secondments)
                 ├─ 东河镇中心校 (central) ─┬─ 东河镇中心小学 (principal_east's)
                 │                         └─ 东河镇红旗小学
                 ├─ 西山镇中心校 (central) ─── 西山镇中心小学 (principal_west's, the outsider)
                 ├─ 示例区第二中学, 示例区实验小学 (county-direct schools)
                 └─ 示例区教师进修学校 (training body)

All of them sign in with tests.factories.PASSWORD; `signed_in(user)` gives a client that already has.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Unit, User
from tests.factories import make_holder, make_unit, make_user


@dataclass
class Tree:
    """The district's units."""

    bureau: Unit
    section: Unit
    central_east: Unit
    school_east: Unit
    school_east_2: Unit
    central_west: Unit
    school_west: Unit
    direct_school: Unit
    direct_primary: Unit
    training: Unit


def make_tree() -> Tree:
    """The district's organisation tree."""
    bureau = make_unit("示例区教育局", kind="bureau", code="SL")
    east = make_unit("东河镇中心校", bureau, "central", code="SL-Z01")
    west = make_unit("西山镇中心校", bureau, "central", code="SL-Z02")
    rural = {"stage": "primary", "is_rural": True, "headcount": 3}
    return Tree(
        bureau=bureau,
        section=make_unit("人事教育股", bureau, "section", code="SL-K01"),
        central_east=east,
        school_east=make_unit("东河镇中心小学", east, code="SL-Z01-01", cluster="东河镇", **rural),
        school_east_2=make_unit("东河镇红旗小学", east, code="SL-Z01-02", cluster="东河镇", **rural),
        central_west=west,
        school_west=make_unit("西山镇中心小学", west, code="SL-Z02-01", cluster="西山镇", **rural),
        direct_school=make_unit("示例区第二中学", bureau, code="SL-D01", stage="complete", headcount=5),
        direct_primary=make_unit("示例区实验小学", bureau, code="SL-D02", stage="primary", headcount=5),
        training=make_unit("示例区教师进修学校", bureau, "training", code="SL-P01", headcount=4),
    )


@pytest.fixture
def tree(db: None) -> Tree:
    """The district's organisation tree."""
    return make_tree()


@pytest.fixture
def hr(tree: Tree) -> User:
    """The bureau's HR clerk (局人事): the whole tree."""
    return make_holder("hr", "何人事", "hr", tree.bureau)


@pytest.fixture
def party(tree: Tree) -> User:
    """A member of the party group (局党组), who decides."""
    return make_holder("party", "党群", "party", tree.bureau)


@pytest.fixture
def central_east(tree: Tree) -> User:
    """The East township's central school (中心校)."""
    return make_holder("central-east", "钟东", "central", tree.central_east)


@pytest.fixture
def central_west(tree: Tree) -> User:
    """The West township's central school."""
    return make_holder("central-west", "钟西", "central", tree.central_west)


@pytest.fixture
def principal_east(tree: Tree) -> User:
    """The principal of the East school."""
    return make_holder("principal-east", "东方明", "principal", tree.school_east)


@pytest.fixture
def principal_west(tree: Tree) -> User:
    """The principal of the West school: the outsider in most tests."""
    return make_holder("principal-west", "西门庆丰", "principal", tree.school_west)


@pytest.fixture
def principal_direct(tree: Tree) -> User:
    """The principal of a county-direct school (县直), with no central school above it."""
    return make_holder("principal-direct", "郅直", "principal", tree.direct_school)


@pytest.fixture
def host(tree: Tree) -> User:
    """The supervisor of a host base: holds no grant, is reached through assignment rows."""
    return make_user("host", "姬迪")


@pytest.fixture
def mentor(tree: Tree) -> User:
    """A mentor (指导人): holds no grant, is reached through assignment rows."""
    return make_user("mentor", "戴教")


@pytest.fixture
def cadre_user(tree: Tree) -> User:
    """The account of an ordinary cadre: holds no grant."""
    return make_user("cadre", "甘步")


@pytest.fixture
def sysadmin(tree: Tree) -> User:
    """The system administrator: creates accounts, gives no rights."""
    return make_holder("sysadmin", "席统", "sysadmin", tree.bureau)


@pytest.fixture
def secadmin(tree: Tree) -> User:
    """The security administrator: gives rights, creates no accounts."""
    return make_holder("secadmin", "安全", "secadmin", tree.bureau)


@pytest.fixture
def auditor(tree: Tree) -> User:
    """The auditor: reads the trail, changes nothing."""
    return make_holder("auditor", "沈纪", "auditor", tree.bureau)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """Give a client in which a person is signed in."""

    def enter(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.backends.CapabilityBackend")
        return client

    return enter


@pytest.fixture(autouse=True)
def _fresh_counters(request: pytest.FixtureRequest) -> None:
    """Rate limits and other counters live in the cache; each test that may touch it starts with none."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        cache.clear()
