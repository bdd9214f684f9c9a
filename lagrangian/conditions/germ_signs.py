"""The signs that a function with the value zero at a point takes arbitrarily near to it: what makes it a minimum or none."""

from dataclasses import dataclass
from typing import Self

from lagrangian.logic import Truth, any3, not3


@dataclass(frozen=True, slots=True)
class Signs:
    """Whether positive, negative and zero values are taken in every neighborhood, the point left out; None: not known.

    >>> Signs(True, False, False).is_strict_minimum, Signs(True, True, None).is_saddle
    (True, True)
    """

    positive: Truth
    negative: Truth
    zero: Truth

    @property
    def is_minimum(self) -> Truth:
        return not3(self.negative)

    @property
    def is_maximum(self) -> Truth:
        return not3(self.positive)

    @property
    def is_strict_minimum(self) -> bool:
        return self.negative is False and self.zero is False

    @property
    def is_strict_maximum(self) -> bool:
        return self.positive is False and self.zero is False

    @property
    def is_saddle(self) -> bool:
        return self.positive is True and self.negative is True

    @property
    def is_decided(self) -> bool:
        """Whether it is known what kind of point this is, up to strictness."""
        return self.is_saddle or self.negative is False or self.positive is False

    def turned(self) -> Self:
        """The signs of the function with the opposite sign."""
        return type(self)(self.negative, self.positive, self.zero)

    def joined(self, other: Self) -> Self:
        """What two answers say together, both of which are right."""

        def either(a: Truth, b: Truth) -> Truth:
            return b if a is None else a

        return type(self)(
            either(self.positive, other.positive),
            either(self.negative, other.negative),
            either(self.zero, other.zero),
        )

    def united(self, other: Self) -> Self:
        """The signs on the union of two sets."""
        pairs = ((self.positive, other.positive), (self.negative, other.negative), (self.zero, other.zero))
        return type(self)(*map(any3, pairs))


UNKNOWN = Signs(None, None, None)
NOWHERE = Signs(False, False, False)
CONSTANT = Signs(False, False, True)
BOTH = Signs(True, True, None)
POSITIVE = Signs(True, False, False)


def seen(signs: set[int], *, complete: bool) -> Signs:
    """What follows from having found these signs, and no others if the search was complete."""
    if {1, -1} <= signs:
        return BOTH

    def taken(sign: int) -> Truth:
        return True if sign in signs else (False if complete else None)

    return Signs(taken(1), taken(-1), taken(0))
