"""How fast this machine's devices take the same updates, and what it costs to bring data there."""
