"""Reports: they read a Solution and compute nothing."""
