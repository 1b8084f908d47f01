"""What was measured of attention.

Shapes: T words or steps, D numbers, L layers, W widths, B bins, P placements of
normalization (after, before), R draws, N depths; a leading 2 stands for products as they are and
divided by √D, a leading 3 for queries, keys and values.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import BoolArray, FloatArray, IntArray

ROUNDING = 1e-9
"""Differences below this are rounding of numbers with 16 digits."""


@dataclass(frozen=True)
class AttentionRecord:
    """Every matrix on the way from words to their mixes."""

    words: tuple[str, ...]
    input_TD: FloatArray
    weight_3DD: FloatArray
    """W of queries, keys and values: q = x W, a column an output."""
    query_TD: FloatArray
    key_TD: FloatArray
    value_TD: FloatArray
    product_TT: FloatArray
    """Q Kᵀ, a row a word that looks."""
    divisor: float
    """√D, or 1 where products are left as they are."""
    score_TT: FloatArray
    """Products over the divisor, −∞ where a word may not look."""
    share_TT: FloatArray
    """Softmax of each row of scores."""
    mix_TD: FloatArray


@dataclass(frozen=True)
class ScaleRecord:
    """Two softmaxes of the same products: as they are, and over √d."""

    widths_W: FloatArray
    variance_2W: FloatArray
    """Of products as they are (0) and divided (1)."""
    largest_2W: FloatArray
    """Mean largest weight of a query."""
    low_2W: FloatArray
    """Of a tenth of the queries the largest weight is below this."""
    high_2W: FloatArray
    """Of a tenth it is above this."""
    slope_2W: FloatArray
    """Mean norm of the softmax's derivative, ‖diag(p) − p pᵀ‖."""
    edges_B: FloatArray
    density_2B: FloatArray
    """Of the products at the chosen width, per unit."""


@dataclass(frozen=True)
class OrderRecord:
    """An encoder's outputs for words in two orders."""

    words: tuple[str, ...]
    order_T: IntArray
    """Which word stands at each place of the second order."""
    before_TD: FloatArray
    """Outputs in the first order."""
    after_TD: FloatArray
    """Outputs in the second order, a row a place."""
    change_T: FloatArray
    """Largest difference between a word's two outputs, by its place in the second order."""

    @property
    def is_same(self) -> bool:
        """Whether each word has kept its output."""
        return bool((self.change_T < ROUNDING).all())


@dataclass(frozen=True)
class MaskRecord:
    """Who may look, who looks, and on whom an output depends; a row a step that looks."""

    is_open_TT: BoolArray
    share_LTT: FloatArray
    """Attention weights of each layer, mean of the heads."""
    influence_TT: FloatArray
    """‖∂ output of a step / ∂ input of a step‖, Frobenius."""
    reach_TT: BoolArray
    """Where a way through the layers leads: each layer looks once, or stays."""


@dataclass(frozen=True)
class NormPlaceRecord:
    """Gradient norms of the second feed-forward weights before the first update."""

    depths_N: IntArray
    last_PRN: FloatArray
    """Of the last layer."""
    by_layer_PRL: FloatArray
    """Of every layer, at the chosen depth."""


@dataclass(frozen=True)
class Part:
    """One part of a layer; work is counted for a whole sequence."""

    name: str
    formula: str
    """Of its parameters, d the width and f the feed-forward units."""
    n_parameters: int
    work_formula: str
    n_multiplications: int


@dataclass(frozen=True)
class CountRecord:
    """The parts of one layer, and what torch counts of the whole encoder."""

    parts: tuple[Part, ...]
    counted: int
    """Parameters of torch's own encoder of so many layers."""

    @property
    def of_a_layer(self) -> int:
        """Parameters of one layer, by formula."""
        return sum(part.n_parameters for part in self.parts)
