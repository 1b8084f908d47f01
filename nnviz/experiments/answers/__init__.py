"""What a network answers for one input, and what every block computes on the way."""
