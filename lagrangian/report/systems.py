"""Systems of equations that are being solved by hand: what is known, and how the solving may end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy
from sympy import Eq, Expr, Ne, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.algebra.signs import is_zero
from lagrangian.candidates.symbolic import is_nonzero
from lagrangian.exact_numbers import ExactNumber
from lagrangian.report.blocks import Block, Sentence


@dataclass(frozen=True, slots=True)
class Equation:
    """``left`` = 0, under the label by which the text speaks of it, such as "(2)"."""

    label: str
    left: Expr


@dataclass(frozen=True, eq=False, slots=True)
class System:
    """What is left of a system: its equations, the real unknowns in them, and those found, as functions of the others.

    ``excluded`` are expressions that are not zero in the case at hand: as they were stated, and as they read now;
    ``assumptions`` are about parameters. ``squared`` are the unknowns whose powers were already replaced.
    """

    equations: tuple[Equation, ...]
    unknowns: tuple[Symbol, ...]
    found: dict[Symbol, Expr]
    excluded: tuple[tuple[Relational, Expr], ...] = ()
    assumptions: tuple[Relational, ...] = ()
    squared: frozenset[Symbol] = frozenset()

    def with_value(self, unknown: Symbol, value: Expr) -> "System":
        """The system after an unknown is replaced by what it is equal to."""

        def put(expression: Expr) -> Expr:
            return expression.xreplace({unknown: value}) if expression.has(unknown) else expression

        rest = tuple(other for other in self.unknowns if other != unknown)
        equations = (
            Equation(e.label, tidy(put(e.left), rest) if e.left.has(unknown) else e.left) for e in self.equations
        )
        found = {symbol: number_form(put(known)) for symbol, known in self.found.items()}
        return System(
            without_repetition(equations),
            rest,
            {**found, unknown: number_form(value)},
            tuple((stated, put(factor)) for stated, factor in self.excluded),
            self.assumptions,
            self.squared,
        )

    def with_left(self, equation: Equation, left: Expr) -> "System":
        """The system with another form of one equation."""
        changed = (Equation(e.label, left) if e is equation else e for e in self.equations)
        return replace(self, equations=without_repetition(changed))

    def without(self, factors: Iterable[Expr]) -> "System":
        """The system for the solutions at which no factor vanishes."""
        more = tuple((shown(factor, self.unknowns, Ne), factor) for factor in factors)
        return replace(self, excluded=(*self.excluded, *more))

    def is_nonzero(self, expression: Expr) -> bool:
        """Whether an expression is known not to vanish: a number, or a product of what is known."""
        coefficient, factors = expression.as_coeff_mul()
        return coefficient != 0 and all(self._is_nonzero_factor(factor.as_base_exp()[0]) for factor in factors)

    def _is_nonzero_factor(self, factor: Expr) -> bool:
        if any(factor in (known, -known) for _, known in self.excluded):
            return True
        if factor.free_symbols & set(self.unknowns):
            return is_definite(factor)
        return is_nonzero(factor, self.assumptions)


def is_definite(expression: Expr) -> bool:
    """Whether real unknowns never make an expression zero, seen by the signs of its terms: x**2 + 1, exp(x).

    >>> x, y = sympy.symbols("x y", real=True)
    >>> is_definite(x**2 + y**4 + 1), is_definite(x**2 + y**2), is_definite(sympy.exp(x))
    (True, False, True)
    """
    return bool(expression.is_positive or expression.is_negative)


def tidy(expression: Expr, unknowns: tuple[Symbol, ...]) -> Expr:
    """An expression whose zeros are those of the one given where that is defined: no denominator, no common number."""
    numerator = multiplied_out(sympy.numer(sympy.together(expression)))
    if any(has_roots(root.base) for root in numerator.atoms(sympy.Pow) if _is_root(root)):
        rest = sympy.factor_terms(numerator).as_independent(*unknowns, as_Add=False)
        numerator = multiplied_out(rest[1]) if is_zero(rest[0]) is False else numerator
    if not numerator.free_symbols & set(unknowns):
        return number_form(numerator)
    return numerator.primitive()[1] if numerator.is_Add else numerator.as_coeff_Mul()[1]


def number_form(value: Expr) -> Expr:
    """A value with its products multiplied out and its denominators rational where it has roots of numbers."""
    if value.is_Rational or value.has(sympy.CRootOf):
        return value
    if has_roots(value):
        return sympy.radsimp(multiplied_out(value))
    return value if value.is_Symbol else sympy.cancel(value) if value.is_rational_function() else multiplied_out(value)


def multiplied_out(value: Expr) -> Expr:
    """A value with its products multiplied out, exp(a + b) left as it is."""
    return sympy.expand(value, power_exp=False, power_base=False, log=False)


def has_roots(value: Expr) -> bool:
    return any(_is_root(power) for power in value.atoms(sympy.Pow))


def _is_root(power: sympy.Pow) -> bool:
    return bool(power.exp.is_Rational and not power.exp.is_Integer)


def without_repetition(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """The equations that are not 0 = 0, each once up to its sign."""
    kept: list[Equation] = []
    for equation in equations:
        known = any(equation.left in (other.left, -other.left) for other in kept)
        if not known and (equation.left.free_symbols or is_zero(equation.left) is not True):
            kept.append(equation)
    return tuple(equation for equation in kept if equation.left != 0)


def shown(left: Expr, unknowns: tuple[Symbol, ...], relation: type[Relational] = Eq) -> Relational:
    """left = 0 with the part that is free of unknowns on the right side, or one of two terms.

    >>> x, y = sympy.symbols("x y")
    >>> shown(3 * x + x * y - 7, (x, y)), shown(x**2 - 2 * y**2, (x, y))
    (Eq(x*y + 3*x, 7), Eq(x**2, 2*y**2))
    """
    constant = left.as_independent(*unknowns, as_Add=True)[0] if left.is_Add else sympy.S.Zero
    if constant == 0 and left.is_Add and len(left.args) == 2:
        first, second = left.as_ordered_terms()
        constant = second if second.could_extract_minus_sign() else first
    varying = left - constant
    if varying.could_extract_minus_sign():
        varying, constant = -varying, -constant
    return relation(varying, -constant, evaluate=False)


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """A solution: every unknown has a value; ``exact`` holds the same numbers in one field, where they come from there."""

    values: dict[Symbol, Expr]
    exact: AlgebraicPoint | None = None

    @property
    def numbers(self) -> dict[Symbol, ExactNumber]:
        """The values as numbers that can be shown in a short form."""
        sources = self.values.values() if self.exact is None else self.exact.coordinates
        return {symbol: ExactNumber(source) for symbol, source in zip(self.values, sources, strict=True)}


@dataclass(frozen=True, eq=False, slots=True)
class Nothing:
    """There is no real solution, and why."""

    reason: Sentence


@dataclass(frozen=True, eq=False, slots=True)
class Infinite:
    """The ``free`` unknowns may take all values that satisfy ``equations``, fewer than they are, if there are any."""

    values: dict[Symbol, Expr]
    free: tuple[Symbol, ...]
    equations: tuple[Relational, ...]


@dataclass(frozen=True, eq=False, slots=True)
class GivenUp:
    """The solving does not go on by hand; nothing is said of solutions."""

    reason: Sentence


@dataclass(frozen=True, eq=False, slots=True)
class Branch:
    """One of several cases that together are all."""

    title: Sentence
    worked: "Worked"


@dataclass(frozen=True, eq=False, slots=True)
class Fork:
    """The solving goes on in cases."""

    branches: tuple[Branch, ...]


Ending = Found | Nothing | Infinite | GivenUp | Fork


@dataclass(frozen=True, eq=False, slots=True)
class Worked:
    """The solving, told step by step, and how it ends."""

    blocks: tuple[Block, ...]
    ending: Ending

    def after(self, blocks: Iterable[Block]) -> "Worked":
        """The same with something told before."""
        return Worked((*blocks, *self.blocks), self.ending)

    def leaves(self) -> Iterator[Found | Nothing | Infinite | GivenUp]:
        """How the cases end, in order."""
        if isinstance(self.ending, Fork):
            for branch in self.ending.branches:
                yield from branch.worked.leaves()
        else:
            yield self.ending
