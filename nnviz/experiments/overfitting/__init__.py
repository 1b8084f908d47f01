"""How far training and test part, when to stop, and which remedy helps: paired over seeds."""
