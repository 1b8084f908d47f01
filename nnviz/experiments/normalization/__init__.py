"""Normalization taken apart: which numbers share a mean, and what training keeps for later."""
