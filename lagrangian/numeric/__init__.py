"""Floating point: candidates that are worth a proof, or are reported as what they are."""
