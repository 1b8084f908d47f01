"""What attention computes, what it can't see, and what keeps it in range."""
