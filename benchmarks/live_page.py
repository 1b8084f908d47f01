"""How quick the live page is, beside the same page on `st.plotly_chart`, in one run.

Headless Chromium at 1440 by 900 with all default views on and a run going. Start it with
`python -m benchmarks.live_page` from the repository's root on a machine at rest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from nnviz.runs import Engine, Run
from nnviz.spec import ExperimentSpec

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 12.0
COUNT = """
(shown) => {
  const seen = window.counted = {frames: 0, updates: 0, last: null, from: 0};
  seen.from = performance.now();
  const value = new Function(`return ${shown}`);
  const each = () => {
    seen.frames++;
    const now = value();
    if (now !== seen.last) { seen.updates++; seen.last = now; }
    requestAnimationFrame(each);
  };
  requestAnimationFrame(each);
}
"""
RATES = """
() => {
  const seconds = (performance.now() - window.counted.from) / 1000;
  return [window.counted.updates / seconds, window.counted.frames / seconds];
}
"""
FIRST_POINT = """
(shown) => new Promise((resolve) => {
  const value = new Function(`return ${shown}`);
  const before = value(), from = performance.now();
  const button = [...document.querySelectorAll('button')].find((b) => /Train/.test(b.innerText));
  button.click();
  const each = () => value() && value() !== before
    ? resolve((performance.now() - from) / 1000) : requestAnimationFrame(each);
  requestAnimationFrame(each);
})
"""
OURS = "document.querySelector('.nnviz-stage')?.dataset.step"
PEERS = "document.querySelector('[data-testid=stMetricValue]')?.innerText"
"""The step that a page shows."""
RATE = {
    OURS: "[...document.querySelectorAll('.nnviz-metric dd')].at(-1).innerText",
    PEERS: "[...document.querySelectorAll('[data-testid=stMetricValue]')].at(-1).innerText",
}


def network(widths: list[int], data: str = "circles") -> str:
    """The code of a network like TensorFlow Playground's, with steps enough for the measurement."""
    spec = ExperimentSpec.model_validate(
        {
            "data": {"name": data},
            "network": {
                "blocks": [{"kind": "dense", "width": width} for width in widths],
                "activation": "tanh",
            },
            "training": {
                "optimizer": {"name": "sgd", "learning_rate": 0.03},
                "batch_size": 10,
                "n_steps": 1_000_000,
            },
        }
    )
    return spec.to_code()


@contextlib.contextmanager
def served(script: str) -> Iterator[str]:
    """A server of one script on a free port; ended with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}"]
    process = subprocess.Popen(
        [*command, "--server.headless=true", "--logger.level=error"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health"):
                break
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def measure(page: Page, url: str, shown: str) -> dict[str, float]:
    """Shown updates/s, frames/s, seconds from click to first point, weight updates/s."""
    page.goto(url)
    page.wait_for_function(f"Boolean({shown})", timeout=60_000)
    page.wait_for_timeout(6000)
    if shown == OURS:
        page.get_by_role("radio", name="max").click()
        page.wait_for_timeout(500)
    first = page.evaluate(FIRST_POINT, shown)
    page.wait_for_timeout(3000)
    page.evaluate(COUNT, shown)
    rates = []
    for _ in range(int(SECONDS)):
        page.wait_for_timeout(1000)
        text = page.evaluate(RATE[shown]).replace(",", "")
        rates.append(float(text) if text[:1].isdigit() else float("nan"))
    updates, frames = page.evaluate(RATES)
    return {
        "shown updates/s": updates,
        "frames/s": frames,
        "click to first point, s": first,
        "weight updates/s": statistics.median(rates),
    }


def unwatched(code: str) -> float:
    """Weight updates/s of the same training on one worker that nobody looks at."""
    engine = Engine(n_workers=1)
    if not engine.wait_until_ready():
        raise SystemExit(engine.message)
    run = Run([ExperimentSpec.from_code(code)], on=engine)
    run.train()
    time.sleep(3)
    start, began = run.current_step, time.perf_counter()
    time.sleep(SECONDS)
    rate = (run.current_step - start) / (time.perf_counter() - began)
    engine.close()
    return rate


def main() -> None:
    """Print the table."""
    chromium = os.environ.get("NNVIZ_CHROMIUM") or shutil.which("chromium")
    rows: dict[str, dict[str, float]] = {}
    default, deep = network([4, 2]), network([8] * 6)
    peer = "benchmarks/pages/playground_with_plotly_chart.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for title, script, path, code, shown in (
            ("nnviz, 4-2", "app.py", "/playground", default, OURS),
            ("nnviz, 8×6", "app.py", "/playground", deep, OURS),
            ("st.plotly_chart, 8×6", peer, "", deep, PEERS),
        ):
            with served(script) as url:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                rows[title] = measure(page, f"{url}{path}?code={code}", shown)
                page.close()
        browser.close()
    for title, row in rows.items():
        print(f"{title:24}" + "  ".join(f"{name} {value:8.2f}" for name, value in row.items()))
    ours, theirs = rows["nnviz, 8×6"], rows["st.plotly_chart, 8×6"]
    ratio = ours["shown updates/s"] / theirs["shown updates/s"]
    print(f"shown updates/s, ours over st.plotly_chart: {ratio:.1f}×")
    for title, code in (("nnviz, 4-2", default), ("nnviz, 8×6", deep)):
        alone = unwatched(code)
        share = rows[title]["weight updates/s"] / alone
        print(f"{title}: unwatched {alone:,.0f} weight updates/s, watched {share:.0%} of them")


if __name__ == "__main__":
    main()
