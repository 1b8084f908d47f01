"""The contents page: navigation, nothing else."""

from nnviz.ui.frame import open_app

open_app()
