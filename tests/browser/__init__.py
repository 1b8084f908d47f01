"""Tests of what the reader sees, in a real browser."""
