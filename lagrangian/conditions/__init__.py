"""What follows from a problem: Lagrangian, KKT and Fritz John systems, second-order conditions, qualifications, convexity."""
