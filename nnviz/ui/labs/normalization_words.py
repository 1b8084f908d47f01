"""What the normalization lab says about its numbers: traps, arithmetic, what to notice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nnviz.experiments.normalization.groups import TORCH_DOCUMENTATION
from nnviz.experiments.normalization.records import CellRecord, RunningRecord
from nnviz.ui.labs.normalization_views import Cells, Running

LONGEST_SUM = 9


def explain(shown: Cells | Running) -> None:
    """What torch refuses, and what is odd about the chosen block."""
    if isinstance(shown, Running):
        if shown.record.torch_says:
            st.error(
                "One number has no variance, so torch refuses a batch of 1 in training mode."
                f" Its own words:\n\n`{shown.record.torch_says}`"
            )
        return
    if trap := shown.traps[shown.settings.kind]:
        words = trap.sentence + (f"\n\n`{trap.torch_says}`" if trap.torch_says else "")
        (st.error if trap.refused else st.warning)(words)
    if shown.same_as and shown.settings.kind in ("group", shown.same_as[0]):
        other, difference = shown.same_as
        channels = "one group" if other == "layer" else "as many groups as channels"
        st.info(
            f"Group normalization with {channels} **is** {other} normalization as long as γ and β"
            f" are left alone: the largest difference here is {difference:.1e}."
        )


def torch_output(shown: Cells | Running) -> None:
    """torch's output of the reader's own table."""
    if isinstance(shown, Running) or shown.settings.shape != "table":
        return
    if shown.record is None:
        st.caption("No output: see below why this is refused.")
        return
    names = [f"feature {c}" for c in range(shown.settings.block_shape[1])]
    output = pd.DataFrame(shown.record.outputs, columns=names)
    st.dataframe(output.style.format("{:.4f}"), alt="torch's output")
    if shown.settings.table == TORCH_DOCUMENTATION and shown.settings.kind == "batch":
        st.caption("Input and output (with γ = 1, β = 0) are torch's own documented example.")


def details(shown: Cells | Running) -> None:
    """The chosen cell's arithmetic, or the numbers of both modes."""
    if isinstance(shown, Running):
        if shown.modes:
            st.dataframe(_modes_table(shown), hide_index=True, alt="Outputs of both modes")
        return
    if shown.cell is not None:
        place = ", ".join(str(i) for i in shown.cell.index)
        st.markdown(f"**The arithmetic of the cell x[{place}]**")
        for line in arithmetic(shown.cell):
            st.latex(line)


def arithmetic(cell: CellRecord) -> list[str]:
    """Mean, variance and output of a cell as LaTeX with its numbers filled in."""
    members, size = cell.members_M, len(cell.members_M)
    total, squares = r"\textstyle\sum x_i", r"\textstyle\sum (x_i - \mathrm{E})^2"
    if size <= LONGEST_SUM:
        total = " + ".join(_signed(x) for x in members)
        squares = " + ".join(f"({_number(x - cell.mean)})^2" for x in members)
    scale = np.sqrt(cell.variance + cell.epsilon)
    epsilon = f"{cell.epsilon:g}"
    return [
        rf"\mathrm{{E}} = \frac{{{total}}}{{{size}}} = {_number(cell.mean)}",
        rf"\mathrm{{Var}} = \frac{{{squares}}}{{{size}}} = {_number(cell.variance)}",
        r"\begin{aligned} y &= \frac{x - \mathrm{E}}{\sqrt{\mathrm{Var} + \varepsilon}}"
        r"\,\gamma + \beta"
        rf" = \frac{{{_number(cell.x)} - {_signed(cell.mean)}}}"
        rf"{{\sqrt{{{_number(cell.variance)} + {_signed(float(epsilon))}}}}}"
        rf" \cdot {_signed(cell.gamma)} + {_signed(cell.beta)}"
        rf"\\[14pt] &= \frac{{{_number(cell.x - cell.mean)}}}{{{_number(scale)}}}"
        rf" \cdot {_signed(cell.gamma)} + {_signed(cell.beta)}"
        rf" = \mathbf{{{_number(cell.y)}}}"
        rf"\qquad\text{{torch: }} {_number(cell.torch_y)} \end{{aligned}}",
    ]


def _number(value: float) -> str:
    text = f"{value:.5g}"
    if "e" not in text:
        return text
    mantissa, power = text.split("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}"


def _signed(value: float) -> str:
    return f"({_number(value)})" if value < 0 else _number(value)


def _modes_table(shown: Running) -> pd.DataFrame:
    rows = []
    for mode in shown.modes:
        known = np.isfinite(mode.expected_std)
        rows.append(
            {
                "Outputs": mode.distribution.label,
                "normalized with": f"{mode.uses} statistics",
                "mean": f"{mode.distribution.mean:.3f} ± {mode.distribution.mean_error:.3f}",
                "theory's mean": f"{mode.expected_mean:.3f}" if known else "–",
                "deviation": f"{mode.std:.3f}",
                "theory's deviation": f"{mode.expected_std:.3f}" if known else "–",
            }
        )
    return pd.DataFrame(rows)


def noticing(shown: Cells | Running) -> str:
    """Two or three sentences that follow the numbers on the screen."""
    sentences = _on_running(shown) if isinstance(shown, Running) else _on_cells(shown)
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _on_cells(shown: Cells) -> list[str]:
    sentences = []
    cell, record = shown.cell, shown.record
    if cell is not None and record is not None:
        n_means = len(record.mean_K)
        means = "mean and one variance" if n_means == 1 else "means and as many variances"
        sentences.append(
            f"{shown.settings.kind.capitalize()} normalization computes {n_means} {means} for"
            f" these {record.values.size} numbers; the chosen cell shares its mean"
            f" {cell.mean:.3g} with {record.group_size - 1} others and goes from {cell.x:.3g} to"
            f" {cell.torch_y:.3g}."
        )
    return [*sentences, *_on_removal(shown)]


def _on_removal(shown: Cells) -> list[str]:
    n_samples = shown.settings.block_shape[0]
    kept = min(shown.settings.n_kept, max(n_samples - 1, 1))
    if n_samples == 1:
        return ["With a single sample there is no batch that the outputs could depend on."]
    known = [i for i in shown.influences if np.isfinite(i.largest_change)]
    moved = [f"{i.kind} by up to {i.largest_change:.2g}" for i in known if i.largest_change > 1e-9]
    still = [i.kind for i in known if i.largest_change <= 1e-9]
    sentence = f"Cutting the batch from {n_samples} to {kept} samples moves the outputs of those"
    sentence += f" under {' and '.join(moved)}" if moved else " under no normalization"
    if still:
        sentence += f"; under {', '.join(still)} they stay exactly where they were"
    return [
        sentence + ".",
        "Only batch normalization lets samples of a batch see each other. That is why it needs"
        " running statistics for evaluation and suffers from small batches.",
    ]


def _on_running(shown: Running) -> list[str]:
    record, settings = shown.record, shown.settings
    if record.torch_says:
        return [
            "Nothing was learned about the data: the running values stay at their start, mean 0"
            " and variance 1, and evaluation mode would pass its inputs on almost unchanged.",
            "Layer, instance and group normalization need no second sample.",
        ]
    return [*_on_convergence(shown), _on_variances(record), _on_shift(shown, settings.track)]


def _on_convergence(shown: Running) -> list[str]:
    record, k = shown.record, shown.record.n_steps
    if not shown.settings.track:
        return [
            "Without running statistics both modes do the same: each batch is normalized by"
            " itself, so an output depends on its neighbours even in evaluation."
        ]
    mean, wanted = record.running_mean_T[-1], record.expected_mean_T[-1]
    if record.momentum is None:
        left = f"The cumulative average forgets its start with the first batch; after {k}"
    else:
        share = record.remaining_T[-1]
        left = (
            f"After {k} batches {1 - record.momentum:.4g}^{k} = {share:.3g} of the initial value"
            " is left;"
        )
    away = abs(mean - wanted) / record.mean_error_T[-1]
    return [
        f"{left} the running mean is {mean:.3g}, the data's mean {record.true_mean:.3g}. Theory"
        f" expects {wanted:.3g} here, and the measured one is {away:.1f} standard deviations away."
    ]


def _on_variances(record: RunningRecord) -> str:
    biased, unbiased = np.nanmean(record.biased_T), np.nanmean(record.unbiased_T)
    size = record.batch_size
    return (
        f"On average over these batches the biased variance is {biased:.3g} and the unbiased one"
        f" {unbiased:.3g}; the data's is {record.true_variance:.3g}. With batches of {size} the"
        f" biased one is (B−1)/B = {(size - 1) / size:.3g} of it in the long run."
    )


def _on_shift(shown: Running, track: bool) -> str:
    moved = shown.modes[-1].distribution
    if not track:
        return (
            f"Shifted data come out with mean {moved.mean:.2g} all the same: their own batch"
            " hides the shift."
        )
    return (
        f"Shifted data leave evaluation mode with mean {moved.mean:.2f} and deviation"
        f" {np.sqrt(moved.variance):.2f}: the running statistics of training know nothing of"
        " them."
    )
