"""An experiment as a plain PyTorch script that reproduces its losses without nnviz."""

from nnviz.export.script import to_pytorch

__all__ = ["to_pytorch"]
