"""Linear and quadratic problems in integers by Lagrangian relaxation: multipliers, points, and branch and bound."""
