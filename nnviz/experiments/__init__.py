"""Questions that need whole trainings: bias and variance, seed bands, signal propagation."""
