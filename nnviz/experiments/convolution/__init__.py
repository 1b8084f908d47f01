"""Convolution taken apart: a gliding window, filters on a photograph, what a deep unit reads."""
