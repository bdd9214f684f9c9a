"""Every point that can be an optimum."""
