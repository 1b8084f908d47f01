"""The exhibits of devices, in the order of the page."""

from nnviz.ui.exhibits.devices.speed import SPEED

EXHIBITS = (SPEED,)
