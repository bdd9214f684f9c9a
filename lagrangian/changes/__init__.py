"""Changes of variables that make a problem polynomial: exponentials, logarithms, angles and constants that scale out."""
