"""Duality, sensitivity, parametric answers and Lagrangian relaxation; above the solver, which they call."""
