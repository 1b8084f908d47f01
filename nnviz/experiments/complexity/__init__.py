"""Bias and variance against one setting of a model: asked, measured in pieces, collected."""
