"""What the user states, and its canonical form."""
