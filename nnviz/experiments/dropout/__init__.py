"""Dropout taken apart: masks, variances, channels, alpha dropout, batch statistics, uncertainty."""
