"""The Compare page: lanes, views, modes, verdict, report."""
