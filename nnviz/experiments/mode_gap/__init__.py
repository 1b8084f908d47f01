"""train() against eval(): the same batch through both modes."""
