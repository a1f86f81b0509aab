"""Fetches the front-end files the pages use through npm and writes VENDORED.json beside them (`make vendor`)."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent.parent / "tests" / "e2e"

# Tabler stays at 1.4: later ones need oklch() and light-dark(), which the browsers of many offices lack.
VERSIONS = {
    "@tabler/core": "1.4.0",
    "@tabler/icons": "3.51.0",
    "echarts": "6.1.0",
    "axe-core": "4.14.1",
    "esbuild": "0.28.2",
}
# What is copied unchanged: package → {file inside the package: where it goes}.
COPIES = {
    "@tabler/core": {
        "dist/css/tabler.min.css": HERE / "tabler" / "tabler.min.css",
        "dist/css/tabler.min.css.map": HERE / "tabler" / "tabler.min.css.map",
        "dist/js/tabler.min.js": HERE / "tabler" / "tabler.min.js",
        "dist/js/tabler.min.js.map": HERE / "tabler" / "tabler.min.js.map",
    },
    "@tabler/icons": {"LICENSE": HERE / "icons" / "LICENSE"},
    "echarts": {"LICENSE": HERE / "echarts" / "LICENSE", "NOTICE": HERE / "echarts" / "NOTICE"},
    "axe-core": {"axe.min.js": TESTS / "axe.min.js", "LICENSE": TESTS / "axe.LICENSE"},
}
SPRITE = HERE / "icons" / "sprite.svg"
ICON_NAMES = HERE / "icons" / "names.txt"
CHARTS = HERE / "echarts" / "echarts.min.js"
# The parts of ECharts that core/charts.py can ask for; nothing else is bundled.
CHARTS_ENTRY = """
export { init, use } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, LineChart, PieChart, RadarChart, FunnelChart, HeatmapChart } from "echarts/charts";
import {
  GridComponent, LegendComponent, TooltipComponent, RadarComponent, VisualMapComponent,
  MarkLineComponent, AriaComponent,
} from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
use([
  BarChart, LineChart, PieChart, RadarChart, FunnelChart, HeatmapChart, GridComponent, LegendComponent,
  TooltipComponent, RadarComponent, VisualMapComponent, MarkLineComponent, AriaComponent, SVGRenderer,
]);
"""


def main() -> None:
    """Fetch into a temporary folder, copy, build, and record versions, licences and hashes."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch the front-end files; nothing was changed")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "package.json").write_text('{"private": true}')
        wanted = [f"{name}@{version}" for name, version in VERSIONS.items()]
        subprocess.run(  # noqa: S603  fixed words and the pinned names above
            [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", *wanted],
            cwd=work,
            check=True,
        )
        packages = work / "node_modules"
        written = _copy(packages)
        written["@tabler/icons"].append(_sprite(packages / "@tabler" / "icons" / "icons"))
        written["echarts"].append(_charts(work))
        _record(packages, written)


def _copy(packages: Path) -> dict[str, list[Path]]:
    """Copy the unchanged files; return what was written per package."""
    written: dict[str, list[Path]] = {}
    for package, files in COPIES.items():
        written[package] = []
        for source, target in files.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(packages / package / source, target)
            written[package].append(target)
    return written


def _sprite(icons: Path) -> Path:
    """Bundle the icons listed in names.txt into one sprite, each under its own name."""
    symbols = []
    for name in sorted(set(ICON_NAMES.read_text().split())):
        text = (icons / "outline" / f"{name}.svg").read_text()
        body = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S).group(1)
        paths = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", body)
        paint = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
        shapes = re.sub(r"\s+", " ", paths).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{shapes}</symbol>')
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")
    return SPRITE


def _charts(work: Path) -> Path:
    """Build the small ECharts module with esbuild (an ES module, loaded on chart pages only)."""
    entry = work / "charts.mjs"
    entry.write_text(CHARTS_ENTRY)
    CHARTS.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603  fixed words
        [
            str(work / "node_modules" / ".bin" / "esbuild"), str(entry), "--bundle", "--minify",
            "--format=esm", "--target=es2019", "--legal-comments=inline", f"--outfile={CHARTS}",
            '--define:process.env.NODE_ENV="production"', "--log-level=warning",
        ],
        check=True,
    )  # fmt: skip
    return CHARTS


def _record(packages: Path, written: dict[str, list[Path]]) -> None:
    """Write VENDORED.json: package, version, licence and the hash of each file."""
    root = HERE.parent.parent
    rows = []
    for package, files in sorted(written.items()):
        about = json.loads((packages / package / "package.json").read_text())
        hashes = {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)
        }
        rows.append(
            {"package": package, "version": about["version"], "licence": about["license"], "files": hashes}
        )
    text = json.dumps({"packages": rows}, indent=2, ensure_ascii=False)
    (HERE / "VENDORED.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
