"""The browser journeys' stage: a township with its school, real Celery workers, one Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from cadres.services.codes import load_codes
from tests.conftest import Tree
from tests.e2e.browsing import Person
from tests.factories import make_holder, make_unit, make_user
from tests.programs.factories import load_county_scheme, make_base


@pytest.fixture
def township(transactional_db, settings, tmp_path) -> Tree:
    """A district whose sample roster belongs to schools under a central school; six people who act."""
    settings.DEMO_TODAY = "2026-11-20"
    settings.MEDIA_ROOT = tmp_path / "media"
    load_codes()
    bureau = make_unit("示例区教育局", kind="bureau", code="SL")
    east = make_unit("东河镇中心校", bureau, "central", code="SL-Z01")
    tree = Tree(
        bureau=bureau,
        section=make_unit("人事教育股", bureau, "section", code="SL-K01"),
        central_east=east,
        school_east=make_unit("示例区第二中学", east, code="SL-Z01-01"),
        school_east_2=make_unit("示例区实验小学", east, code="SL-Z01-02"),
        central_west=make_unit("西山镇中心校", bureau, "central", code="SL-Z02"),
        school_west=make_unit("西山镇中心小学", bureau, code="SL-Z02-01"),
        direct_school=make_unit("示例区第一中学", bureau, code="SL-D01"),
        direct_primary=make_unit("示例区第一小学", bureau, code="SL-D02"),
        training=make_unit("示例区教师进修学校", bureau, "training", code="SL-P01"),
    )
    make_holder("hr", "何人事", "hr", bureau)
    make_holder("party", "党群", "party", bureau)
    make_holder("central-east", "钟东", "central", east)
    make_holder("principal-east", "东方明", "principal", tree.school_east)
    load_county_scheme(bureau)
    make_base(bureau, make_user("host", "姬迪"), name="局人事教育股基地", host_unit=tree.section)
    return tree


@pytest.fixture
def worker(township, real_worker, settings) -> Callable[[], None]:
    """Start a worker whose clock and storage are the journey's; the one before it stops."""
    running = []

    def start() -> None:
        for each in running:
            each.stop()
        running[:] = [
            real_worker(
                pool="solo", env={"DEMO_TODAY": settings.DEMO_TODAY, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
            )
        ]

    return start


@pytest.fixture
def person(browser: Browser, live_server) -> Callable[[str], Person]:
    """Sit a persona down at a browser: `with person("hr") as hr:`."""
    return lambda username: Person(browser, live_server.url, username)
