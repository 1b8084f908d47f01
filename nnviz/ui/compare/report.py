"""Taking a comparison home: one self-contained HTML page, and tidy tables."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from html import escape
from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import streamlit as st
from plotly.offline import get_plotlyjs

from nnviz.data import load
from nnviz.experiments.seed_bands import SeedBandsRecord, collect
from nnviz.experiments.seed_records import METRICS, metric_name
from nnviz.experiments.verdict import verdict
from nnviz.feed import Asked
from nnviz.feed.seed_panels import seed_panels
from nnviz.feed.view import Shown
from nnviz.feed.views import fitting_views
from nnviz.figures import FigureDict, Series, is_painted, to_plotly
from nnviz.records import QUALITY
from nnviz.runs import History, Run, history_frame, lanes_difference, layers_frame
from nnviz.spec import ComparisonSpec, ExperimentSpec
from nnviz.ui.compare.session import repetition

PACKAGES = ("nnviz", "torch", "numpy", "plotly")
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1200px;
       padding: 0 1rem; color: #1f2430; background: #fff; }
table { border-collapse: collapse; margin: .6rem 0; }
td, th { border-bottom: 1px solid #d5d9e0; padding: .25rem .7rem; text-align: right; }
td:first-child, th:first-child { text-align: left; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; }
figure { margin: .5rem 0; flex: 1 1 340px; min-width: 0; }
figcaption { font-weight: 600; }
pre { background: #f7f8fa; padding: .6rem; overflow-x: auto; }
"""


def report_downloads(comparison: ComparisonSpec, run: Run) -> None:
    """A menu; nothing is made before its button is pressed."""
    with st.popover("", icon=":material/download:", key="compare.downloads", help="Save"):
        st.download_button(
            "Report (one HTML file)",
            lambda: report(comparison, run.history, _finished_bands(comparison)).encode(),
            "nnviz-comparison.html", "text/html", on_click="ignore",
            key="compare.report",
        )  # fmt: skip
        st.download_button(
            f"Losses and {QUALITY[comparison.base.data.entry.task]} (CSV)",
            lambda: named(history_frame(run.history), comparison).to_csv(index=False).encode(),
            "nnviz-comparison.csv", "text/csv", on_click="ignore",
            key="compare.history",
        )  # fmt: skip
        st.download_button(
            "Every layer's numbers (CSV)",
            lambda: named(layers_frame(run.history), comparison).to_csv(index=False).encode(),
            "nnviz-comparison-layers.csv", "text/csv", on_click="ignore",
            key="compare.layers",
        )  # fmt: skip
        st.caption("The address of this page holds all lanes: copy it to share them.")


def named(frame: pd.DataFrame, comparison: ComparisonSpec) -> pd.DataFrame:
    """The table with each lane's name beside its number."""
    names = dict(enumerate(comparison.names, start=1))
    named_frame = frame.copy()
    named_frame.insert(1, "name", frame["lane"].map(names))
    return named_frame


def report(
    comparison: ComparisonSpec, history: History, bands: SeedBandsRecord | None = None
) -> str:
    """A whole HTML page that needs nothing else: settings, numbers, figures, verdict, versions."""
    experiments = comparison.experiments
    differing = "".join(f"<li>{escape(text)}</li>" for text in lanes_difference(experiments))
    parts = [
        f"<h1>{escape(' / '.join(comparison.names))}</h1>",
        f"<p>Trained side by side to step {history.steps[-1]:,}, in lockstep on the same data,"
        " batches and, wherever shapes agree, initial weights.</p>",
        f"<h2>What differs</h2><ul>{differing or '<li>nothing</li>'}</ul>",
        f"<h2>At the last step</h2>{_table(comparison, history)}",
        *([] if bands is None else _verdict(comparison, bands)),
        *_figures(comparison.names, experiments, history),
        "<h2>Settings</h2>",
        f"<p>{_versions()}. Training seeds: {', '.join(str(e.training.seed) for e in experiments)};"
        f" data seeds: {', '.join(str(e.data.seed) for e in experiments)}."
        f" Address: <code>compare?compare={comparison.to_code()}</code></p>",
        f"<pre>{escape(comparison.model_dump_json(indent=1))}</pre>",
    ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>nnviz comparison'
        f"</title><style>{STYLE}</style><script>{get_plotlyjs()}</script></head><body>"
        + "\n".join(parts)
        + "</body></html>"
    )


def _finished_bands(comparison: ComparisonSpec) -> SeedBandsRecord | None:
    found = repetition()
    if found is None or found.comparison != comparison or not found.sweep.results:
        return None
    return collect(found.sweep.results)


def _table(comparison: ComparisonSpec, history: History) -> str:
    task = comparison.base.data.entry.task
    head = "".join(f"<th>{metric_name(metric, task)}</th>" for metric in METRICS)
    rows = []
    for number, name in enumerate(comparison.names):
        last = history.entries[-1][number]
        cells = "".join(f"<td>{getattr(last, field):.4g}</td>" for field in METRICS)
        diverged = " (diverged)" if last.divergence else ""
        rows.append(f"<tr><td>{escape(name)}{diverged}</td><td>{last.step:,}</td>{cells}</tr>")
    return f"<table><tr><th>lane</th><th>step</th>{head}</tr>{''.join(rows)}</table>"


def _verdict(comparison: ComparisonSpec, bands: SeedBandsRecord) -> list[str]:
    found = verdict(bands, comparison.names)
    sentences = "".join(f"<p><b>{escape(pair.sentence)}</b></p>" for pair in found.pairs)
    panels = seed_panels(bands, found, comparison.names, comparison.base)
    figures = [_figure(panel.title, dict(panel.figure)) for panel in panels]
    seeds = ", ".join(map(str, bands.seeds))
    return [
        "<h2>Verdict</h2>",
        sentences,
        f"<p>{escape(found.assumption)}</p>",
        f"<p>{escape(found.method)} Seeds: {seeds}; data: {bands.data}.</p>",
        _row(figures),
    ]


def _figures(
    names: Sequence[str], experiments: Sequence[ExperimentSpec], history: History
) -> list[str]:
    shown = Shown(
        names=names,
        specs=experiments,
        series=[Series(history.lane(number)) for number in range(len(names))],
        snapshots=history.entries[-1],
        data=[load(spec.data).record for spec in experiments],
        asked=Asked(log_loss=False),
    )
    parts = ["<h2>Side by side</h2>"]
    for view in fitting_views(experiments):
        found = {panel.title: dict(panel.figure) for panel in view.panels(shown)}
        plots = [_figure(title, one) for title, one in found.items() if not is_painted(one)]
        parts.append(_row(plots) if plots else "")
    return parts


def _row(figures: Sequence[str]) -> str:
    return f'<div class="row">{"".join(figures)}</div>'


def _figure(title: str, figure: FigureDict) -> str:
    drawn = to_plotly(figure, background=True)
    drawn.update_layout(height=320)
    html = drawn.to_html(full_html=False, include_plotlyjs=False)
    return f"<figure><figcaption>{escape(title)}</figcaption>{html}</figure>"


def _versions() -> str:
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return f"{packages}, Python {platform.python_version()}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # nnviz itself, run from its folder
        return "(not installed)"
