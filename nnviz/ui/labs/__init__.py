"""The lab pages' parts: a settings model, its controls, and what is said about the numbers."""
