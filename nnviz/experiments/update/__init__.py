"""One update of a training taken apart: forward, loss, backward, update, number by number."""

from nnviz.experiments.update.inside import look_inside, look_or_refuse
from nnviz.experiments.update.records import PHASES, Asked, UpdateRecord

__all__ = ["PHASES", "Asked", "UpdateRecord", "look_inside", "look_or_refuse"]
