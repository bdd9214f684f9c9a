"""Constrained optimization, answered exactly and with proof."""
