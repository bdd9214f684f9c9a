"""Exact arithmetic that solver and verifier both stand on: polynomials over Q and real algebraic numbers (python-flint)."""
