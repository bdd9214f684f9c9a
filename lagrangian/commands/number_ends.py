"""Intervals as the commands print them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from sympy import Rational

INTERVAL_DIGITS = 25


def number_ends(interval: tuple[Rational, Rational]) -> list[str]:
    """The ends as decimals, the lower one rounded down and the upper one up."""
    roundings = (ROUND_FLOOR, ROUND_CEILING)
    ends = zip(interval, roundings, strict=True)
    return [
        str(Context(INTERVAL_DIGITS, rounding).divide(Decimal(int(e.p)), Decimal(int(e.q)))) for e, rounding in ends
    ]
