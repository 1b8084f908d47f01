"""What may be chosen, one file a family; a new choice is one entry in one of them."""
