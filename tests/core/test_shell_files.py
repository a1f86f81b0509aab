"""The front end's files: nothing inline, every icon and static file there, vendored files as recorded."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
NAMES = set((ROOT / "static/vendor/icons/names.txt").read_text().split())


def name(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles_and_has_nothing_inline(path):
    get_template(str(path.relative_to(ROOT / "templates")))
    text = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", text), (
        "inline code or style"
    )
    assert not re.search(r"hx-on|hx-vals=.js:", text), "htmx may not evaluate"
    for script in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script, "inline script"
    assert not re.search(r"""(?:src|href|action)=["']https?://""", text), "another origin"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_icons_and_static_files_exist(path):
    text = path.read_text()
    missing = {icon for icon in re.findall(r"""{% icon ["']([^"']+)["']""", text) if icon not in NAMES}
    assert not missing, "add to static/vendor/icons/names.txt and run make vendor"
    for asset in re.findall(r"""{% static ["']([^"']+)["']""", text):
        assert finders.find(asset), asset


def test_every_component_says_what_it_takes():
    for path in (ROOT / "templates/components").glob("*.html"):
        assert path.read_text().startswith("{% comment %}"), name(path)
        assert "ontext: " in path.read_text(), name(path)


def test_the_sprite_holds_exactly_the_listed_icons():
    sprite = (ROOT / "static/vendor/icons/sprite.svg").read_text()
    assert set(re.findall(r'<symbol id="([^"]+)"', sprite)) == NAMES


def test_vendored_files_are_those_recorded():
    record = (ROOT / "static/vendor/VENDORED.json").read_text()
    assert "://" not in record
    recorded = set()
    for package in json.loads(record)["packages"]:
        assert package["version"]
        assert package["licence"]
        for path, digest in package["files"].items():
            assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path
            recorded.add(path)
    ours = {"static/vendor/VENDORED.json", "static/vendor/update.py", "static/vendor/icons/names.txt"}
    there = {name(path) for path in (ROOT / "static/vendor").rglob("*") if path.is_file()}
    assert {path for path in there if "__pycache__" not in path} - ours == {
        path for path in recorded if path.startswith("static/")
    }


def test_source_maps_that_are_named_are_there():
    for path in (ROOT / "static").rglob("*"):
        if path.suffix in {".js", ".css"}:
            for reference in re.findall(r"sourceMappingURL=(\S+?)(?:\s|\*/|$)", path.read_text()):
                assert (path.parent / reference).exists(), name(path)


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_need_no_evaluation(path):
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|document\.write|setAttribute\([\"']style", text)


def test_the_first_load_is_small():
    base = (ROOT / "templates/base.html").read_text()
    assets = [finders.find(asset) for asset in re.findall(r"""(?:src|href)=["']{% static '([^']+)'""", base)]
    assets += [finders.find("django_htmx/htmx-2.min.js"), finders.find("vendor/icons/sprite.svg")]
    assert len(assets) > 8
    total = sum(len(gzip.compress(Path(asset).read_bytes())) for asset in assets)
    assert total < 250 * 1024  # the bar is 350 kB with the page itself
