"""Vectors to look at: their words in the plane, on one HTML page that needs nothing else."""
