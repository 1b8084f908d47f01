"""The feed: what there is to see of a run, pushed to the pages that show it."""

from starlette.routing import BaseRoute

from nnviz.feed.asking import ask_route
from nnviz.feed.files import file_route
from nnviz.feed.owners import COOKIE, owner_of
from nnviz.feed.panels import Grip, Panel
from nnviz.feed.repetition import Repetition
from nnviz.feed.socket import feed_route
from nnviz.feed.sweeps import sweep_route
from nnviz.feed.view import Asked
from nnviz.feed.viewer import LESSON, Viewer, viewers

__all__ = [
    "COOKIE",
    "LESSON",
    "Asked",
    "BaseRoute",
    "Grip",
    "Panel",
    "Repetition",
    "Viewer",
    "ask_route",
    "feed_route",
    "file_route",
    "owner_of",
    "sweep_route",
    "viewers",
]
