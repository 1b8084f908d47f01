"""Exhibits: a file for each thing that can be seen, grouped by the page that shows it."""
