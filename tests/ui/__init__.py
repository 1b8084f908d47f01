"""Tests of what Streamlit is told."""
