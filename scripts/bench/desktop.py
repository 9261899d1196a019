"""`scripts/bench/desktop.sh`: how the window feels. Release build, warm files, medians; the table goes to the terminal and
to target/bench-desktop.md.

The binary is the one for end-to-end tests (it lets a driver in); everything else is as in the product.
"""

import argparse
import gzip
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import inputs
import machine
import window
from window import App, Display, until

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", window.ROOT / "target"))
BINARY = Path(os.environ.get("COUNTERSIGN_DESKTOP", TARGET / "release/countersign-desktop-e2e"))
DIST = window.ROOT / "ui/dist"
IDLE_S = 20

READY = "return performance.timeOrigin + performance.getEntriesByName('ready')[0].startTime;"
# Octets that the page asks for, by the ranges of its requests.
COUNT = """
window.__asked = { octets: 0, requests: 0 };
const real = window.fetch;
Object.defineProperty(window, 'fetch', { configurable: true, writable: true, value: function (what, options) {
  const url = typeof what === 'string' ? what : what.url ?? String(what);
  const range = /bytes=(\\d+)-(\\d+)/.exec(new Headers(options?.headers).get('Range') ?? '');
  if (range && (url.startsWith('doc:') || url.includes('//doc.localhost'))) {
    window.__asked.octets += Number(range[2]) - Number(range[1]) + 1;
    window.__asked.requests += 1;
  }
  return real.apply(this, arguments);
}});
return true;
"""
PAINTED = """
const page = document.querySelector('[data-testid="review.page"][data-page="1"][data-rendered="true"]');
return page ? performance.now() : 0;
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=5)
    runs = arguments.parse_args().runs
    for needed in (BINARY, window.DRIVER, DIST / "index.html"):
        if not needed.exists():
            sys.exit(f"bench: {needed} is missing (scripts/bench/desktop.sh builds it; make setup brings the driver)")
    scratch = Path(tempfile.mkdtemp(prefix="bench-desktop-", dir=TARGET))
    display = Display(scratch)
    try:
        report = "\n".join(table(measured(display, scratch, runs), scratch))
    finally:
        display.close()
        shutil.rmtree(scratch, ignore_errors=True)
    print(report)
    (TARGET / "bench-desktop.md").write_text(report + "\n")


def measured(display: Display, scratch: Path, runs: int) -> list[tuple[str, str, str]]:
    """What, figure, target."""
    large, long = scratch / "large.pdf", scratch / "long.pdf"
    size = inputs.contract(large, 100, 4200, 1_050_000)
    inputs.contract(long, 500, 4200, shared_font=True)
    rows = [start(display, scratch, runs), *first_page(display, scratch, large, size, runs)]
    rows += scrolled(display, scratch, long)
    rows.append(bundle())
    return rows


def opened(display: Display, scratch: Path, name: str) -> tuple[App, Path]:
    home = scratch / name
    home.mkdir(mode=0o700)
    picks = home / "picks"
    picks.write_text("")
    return App(display, BINARY, home, {"COUNTERSIGN_E2E_PICK": str(picks)}), picks


def start(display: Display, scratch: Path, runs: int) -> tuple[str, str, str]:
    took = []
    for number in range(runs + 1):
        app, _ = opened(display, scratch, f"start-{number}")
        took.append(float(app.run(READY)) / 1000 - window.started(app.process()))
        app.close()
    # The first one reads the program from the disk.
    return "Window usable after start", f"{statistics.median(took[1:]):.2f} s", "≤ 1.5 s"


def first_page(display: Display, scratch: Path, file: Path, size: int, runs: int) -> list[tuple[str, str, str]]:
    added, again, octets = [], [], []
    for number in range(runs):
        app, picks = opened(display, scratch, f"large-{number}")
        app.run(COUNT)
        picks.write_text(f"{file}\n")
        began = app.run("return performance.now();")
        app.click("desk.add")
        added.append((float(until("the first page", lambda: app.run(PAINTED))) - float(began)) / 1000)
        octets.append(int(app.run("return window.__asked.octets;")))
        app.click("nav.desk")
        until("the desk", lambda: app.run("return !!document.querySelector('[data-testid=\"desk.card-open\"]');"))
        began = app.run("return performance.now();")
        app.click("desk.card-open")
        again.append((float(until("the first page", lambda: app.run(PAINTED))) - float(began)) / 1000)
        app.close()
    megabytes = size / 1e6
    return [
        (f"First page of a contract of {megabytes:.0f} MB, from opening its review", f"{statistics.median(again):.2f} s", "≤ 0.8 s"),
        ("… octets read for it by the page", f"{statistics.median(octets) / 1e6:.1f} MB", "≤ 4 MB"),
        ("… from choosing the file: private copy, digests, findings", f"{statistics.median(added):.2f} s", ""),
    ]


def scrolled(display: Display, scratch: Path, file: Path) -> list[tuple[str, str, str]]:
    app, picks = opened(display, scratch, "long")
    process = app.process()
    before = window.pss_mib(window.tree(process))
    picks.write_text(f"{file}\n")
    app.click("desk.add")
    until("the first page", lambda: app.run(PAINTED))
    most, screens = 0.0, 0
    step = (
        "const e = document.querySelector('[data-testid=\"pages\"]'); e.scrollTop += e.clientHeight * 0.9;"
        "return e.scrollTop + e.clientHeight < e.scrollHeight - 4;"
    )
    drawn = (
        "const view = document.querySelector('[data-testid=\"pages\"]').getBoundingClientRect();"
        "const seen = [...document.querySelectorAll('[data-testid=\"review.page\"]')].filter(p => {"
        "const box = p.getBoundingClientRect(); return box.top < view.bottom && box.bottom > view.top; });"
        "return seen.length > 0 && seen.every(p => p.dataset.rendered === 'true');"
    )
    while app.run(step):
        until("the pages in view", lambda: app.run(drawn))
        screens += 1
        if screens % 10 == 0:
            most = max(most, window.pss_mib(window.tree(process)))
    most = max(most, window.pss_mib(window.tree(process)))
    app.click("nav.desk")
    time.sleep(3)
    processes = window.tree(process)
    spent = window.cpu_seconds(processes)
    time.sleep(IDLE_S)
    idle = (window.cpu_seconds(window.tree(process)) - spent) / IDLE_S * 100
    app.close()
    return [
        ("Memory (PSS) of application and web view, most while scrolling 500 pages", f"{most:.0f} MiB", "≤ 500 MB"),
        (f"… after the start, before; {screens} screens, each waited for", f"{before:.0f} MiB", ""),
        (f"Processor while nothing happens, {IDLE_S} s", f"{idle:.2f} %", "< 1 %"),
    ]


def bundle() -> tuple[str, str, str]:
    own = [
        file
        for file in DIST.rglob("*")
        if file.suffix in (".html", ".js", ".mjs", ".css", ".svg") and "pdf" not in str(file.relative_to(DIST)).lower()
    ]
    total = sum(len(gzip.compress(file.read_bytes(), 9)) for file in own)
    return f"UI without pdf.js, gzip, {len(own)} files", f"{total / 1024:.0f} KB", "≤ 400 KB"


def table(rows: list[tuple[str, str, str]], scratch: Path) -> list[str]:
    lines = ["# The window", ""]
    lines += [f"- {name}: {value}" for name, value in machine.facts(scratch).items()]
    lines += ["- Display: Xvfb 1280x900, no graphics device", "", "| | measured | target |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {figure} | {target} |" for what, figure, target in rows]
    return lines


if __name__ == "__main__":
    main()
