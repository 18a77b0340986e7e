"""What follows from the facts by the rules of OWL 2 RL, and why an inferred fact holds."""
