"""The methods that may answer a problem, and the order and shares of time in which they are tried."""
