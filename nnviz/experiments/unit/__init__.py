"""One unit by itself: its own numbers, and the images that excite it most."""
