"""The script behind every page: page settings, navigation, and the page that was asked for."""

from nnviz.ui.frame import open_app

open_app()
