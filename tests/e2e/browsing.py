"""People in a browser: sign in, open pages, and complain about what the pages get wrong."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.factories import PASSWORD

AXE = (Path(__file__).resolve().parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 900}
SECONDS = 1000.0
_AUDIT = """async rules => {
  await Promise.allSettled(document.getAnimations()
    .filter(each => each.effect.getComputedTiming().iterations !== Infinity).map(each => each.finished));
  const found = await axe.run(document, {runOnly: {type: 'tag', values: rules}});
  return found.violations.filter(each => ['serious', 'critical'].includes(each.impact))
    .map(each => `${each.id}: ${each.nodes.map(node => node.html).slice(0, 3).join(' · ')}`);
}"""
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Person:
    """A persona at a browser of their own; every page they come to is looked at."""

    def __init__(self, browser: Browser, address: str, username: str) -> None:
        self.address, self.username = address, username
        self.complaints: list[str] = []
        self.context = browser.new_context(viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai")
        self.context.set_default_timeout(30 * SECONDS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._see)

    def __enter__(self) -> "Person":
        """Sign in through the page."""
        self.page.goto(f"{self.address}/accounts/login/")
        self.look()
        self.page.get_by_label("账号").fill(self.username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url(f"{self.address}/")
        self.look()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Leave; complaints gathered on the way fail the journey."""
        self.context.close()
        if kind is None:
            assert not self.complaints, "\n".join(self.complaints)

    def _hear(self, message: Any) -> None:
        refused = "the server responded with a status of 422" in message.text  # a form that comes back
        if message.type == "error" and not refused:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _see(self, response: Any) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")

    def go(self, path: str) -> Page:
        """Open an address."""
        self.page.goto(self.address + path)
        self.look()
        return self.page

    def follow(self, name: str, *, exact: bool = False) -> Page:
        """Follow a link by its words."""
        link = self.page.get_by_role("link", name=name, exact=exact).first
        with self.page.expect_navigation():
            link.click()
        self.look()
        return self.page

    def press(self, name: str, within: Locator | Page | None = None) -> Page:
        """Press a button that leads to another page (or the same one again)."""
        button = (within or self.page).get_by_role("button", name=name, exact=True).first
        with self.page.expect_navigation():
            button.click()
        self.look()
        return self.page

    def choose(self, label: str, typed: str, shown: str) -> None:
        """Pick a person or a unit by typing."""
        self.page.get_by_role("combobox", name=label).first.fill(typed)
        self.page.get_by_role("option", name=shown).first.click()

    def says(self, words: str) -> None:
        """The page says something."""
        expect(self.page.locator("body")).to_contain_text(words, timeout=60 * SECONDS)

    def look(self) -> None:
        """What axe finds serious, and whether a phone would have to scroll sideways."""
        self.page.wait_for_load_state("load")
        self.page.evaluate(AXE)
        for each in self.page.evaluate(_AUDIT, RULES):
            self.complaints.append(f"{self.page.url}: {each}")
        self.page.set_viewport_size(PHONE)
        if (wide := self.page.evaluate(_TOO_WIDE)) > 0:
            self.complaints.append(f"{self.page.url}: {wide} pixels too wide for a phone")
        self.page.set_viewport_size(DESK)
