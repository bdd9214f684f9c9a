"""Sets of parameters described by polynomial conditions: which are empty, what they imply, when two are one.

A condition is e <= 0 or e < 0 with any function e of the parameters. Its terms are taken as parameters of their own, about which
signs and products are known: what is empty there has no parameters, and nothing else is claimed.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sympy
from flint import fmpq
from sympy import Eq, Expr, Ge, Gt, Le, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.duality.parametric_contradictions import contradict
from lagrangian.duality.parametric_polyhedra import Condition, is_empty
from lagrangian.duality.parametric_reading import Generators, sign_conditions
from lagrangian.duality.parametric_signs import SignCondition

Conditions = tuple[SignCondition, ...]


@dataclass(eq=False)
class ParameterSpace:
    """The admissible values of parameters, and what was found out about sets of them.

    Every question raises TimeoutError after the deadline, in the seconds of time.monotonic().
    """

    assumptions: tuple[Relational, ...] = ()
    deadline: float = float("inf")
    known: dict[tuple[frozenset[SignCondition], bool], bool] = field(default_factory=dict)
    signs: dict[Expr, int | None] = field(default_factory=dict)

    def is_empty(self, conditions: Iterable[SignCondition], *, with_products: bool = True) -> bool:
        """Whether no admissible parameters satisfy all conditions; False where this was not found.

        >>> a, b = sympy.symbols("a b", real=True)
        >>> space = ParameterSpace((a > 0,))
        >>> space.is_empty([SignCondition(a + b), SignCondition(-b)])          # a + b <= 0 and b >= 0
        True
        """
        listed = list(conditions)
        key = frozenset(listed), with_products
        if key not in self.known:
            self.known[key] = self._is_empty(listed, with_products)
        return self.known[key]

    def _is_empty(self, conditions: list[SignCondition], with_products: bool) -> bool:
        if time.monotonic() > self.deadline:
            raise TimeoutError
        stated = [*dict.fromkeys(conditions), *conditions_of_relations(self.assumptions)]
        while (fixed := fixed_parameter(stated)) is not None:
            symbol, value = fixed
            stated = [SignCondition(sympy.expand(c.expression.xreplace({symbol: value})), c.strict) for c in stated]
            # what is known of the symbol is known of its value
            stated += sign_bounds(symbol, value)
        if any(c.expression.is_number and _fails(c) for c in stated):
            return True
        symbols = set().union(*(c.expression.free_symbols for c in stated)) if stated else set()
        generators = Generators(sorted(symbols, key=str))
        read = [(_coefficients(c.expression, generators), c.strict) for c in stated]
        rows = [Condition(generators.row(coefficients), strict) for coefficients, strict in read]
        if is_empty([*rows, *sign_conditions(generators)], len(generators.terms)):
            return True
        is_affine = all(term.is_Symbol for term in generators.terms)
        return with_products and not is_affine and contradict(rows, generators)

    def implies(self, given: Iterable[SignCondition], condition: SignCondition, *, with_products: bool = True) -> bool:
        return self.is_empty((*given, negation(condition)), with_products=with_products)

    def pruned(self, conditions: Iterable[SignCondition]) -> Conditions:
        """The conditions without those that the others imply, as linear programs see it."""
        left = list(dict.fromkeys(conditions))
        for condition in list(left):
            others = [c for c in left if c is not condition]
            if self.implies(others, condition, with_products=False):
                left = others
        return tuple(left)

    def outside(self, cell: Conditions, conditions: Sequence[SignCondition]) -> list[Conditions]:
        """What of a cell lies outside of a set, in parts that do not meet."""
        parts, inside = [], cell
        for condition in conditions:
            part = (*inside, negation(condition))
            if not self.is_empty(part):
                parts.append(part)
            inside = (*inside, condition)
        return parts

    def union(self, one: Conditions, other: Conditions) -> Conditions | None:
        """The two sets as one, where it has conditions of these alone."""
        hull = [c for c in one if self.implies(other, c)] + [c for c in other if self.implies(one, c)]
        hull = list(dict.fromkeys(hull))
        if any(self.outside(part, other) for part in self.outside(tuple(hull), one)):
            return None
        return self.pruned(hull)

    def sign_of(self, expression: Expr, given: Iterable[SignCondition]) -> int | None:
        """1 or -1 where the sign follows from a strict condition or from assumptions; None where it is open."""
        for condition in given:
            if condition.strict and (ratio := _ratio(expression, condition.expression)) is not None:
                return -ratio
        if expression not in self.signs:
            self.signs[expression] = self._assumed_sign(expression)
        return self.signs[expression]

    def _assumed_sign(self, expression: Expr) -> int | None:
        if is_positive(expression, self.assumptions):
            return 1
        return -1 if is_positive(-expression, self.assumptions) else None

    def core(self, expression: Expr, given: Iterable[SignCondition], *, exact: bool) -> Expr:
        """An expression of the same sign, without factors that are positive and without the sign of those that are negative.

        With ``exact`` it vanishes at the same parameters; else squares are left out, so that it may have a sign where the
        expression is zero.
        """
        given, sign, left = list(given), 1, []
        if expression.is_number:
            return sympy.sign(expression)
        for base, exponent in _factors(expression):
            known = self.sign_of(base, given)
            if known is not None:
                sign *= known if exponent % 2 else 1
            elif exponent % 2:
                left.append(base)
            elif exact:
                left.append(base**2)
        return sympy.expand(sign * sympy.Mul(*left))


def negation(condition: SignCondition) -> SignCondition:
    return SignCondition(sympy.expand(-condition.expression), not condition.strict)


def conditions_of_relations(relations: Iterable[Relational]) -> list[SignCondition]:
    """Relations as conditions, two for an equation; one with != says nothing here."""
    found = []
    for relation in relations:
        difference = sympy.expand(relation.lhs - relation.rhs)
        if isinstance(relation, Eq | Le | Lt):
            found.append(SignCondition(difference, isinstance(relation, Lt)))
        if isinstance(relation, Eq | Ge | Gt):
            found.append(SignCondition(sympy.expand(-difference), isinstance(relation, Gt)))
    return found


def relations_of_conditions(conditions: Sequence[SignCondition]) -> list[Relational]:
    """The conditions as relations, e <= 0 and -e <= 0 as one equation."""
    found, listed = [], list(dict.fromkeys(conditions))
    while listed:
        condition = listed.pop(0)
        opposite = SignCondition(sympy.expand(-condition.expression))
        generators = Generators(sorted(condition.expression.free_symbols, key=str))
        coefficients = generators.coefficients(condition.expression)
        kind: type[Relational] = Lt if condition.strict else Le
        if opposite in listed and not condition.strict:
            listed.remove(opposite)
            kind = Eq
        found.append(generators.relation(generators.row(coefficients), kind))
    return found


def fixed_parameter(conditions: Sequence[SignCondition]) -> tuple[Symbol, Expr] | None:
    """A parameter that an equation among the conditions gives as a function of others, e <= 0 with -r e <= 0."""
    closed = [c.expression for c in conditions if not c.strict and not c.expression.is_number]
    for place, expression in enumerate(closed):
        if any(is_opposite(expression, other) for other in closed[place + 1 :]):
            for symbol in sorted(expression.free_symbols, key=str):
                slope = sympy.diff(expression, symbol)
                if slope.is_Rational and slope != 0:
                    return symbol, sympy.expand(symbol - expression / slope)
    return None


def is_opposite(expression: Expr, other: Expr) -> bool:
    """Whether one is a negative multiple of the other."""
    return expression.free_symbols == other.free_symbols and _ratio(expression, other) == -1


def sign_bounds(symbol: Symbol, value: Expr) -> list[SignCondition]:
    """What a symbol's own assumptions say of a value that it has."""
    if symbol.is_nonnegative:
        return [SignCondition(-value, strict=bool(symbol.is_positive))]
    return [SignCondition(value, strict=bool(symbol.is_negative))] if symbol.is_nonpositive else []


def _fails(condition: SignCondition) -> bool:
    number = condition.expression
    return bool(number.is_positive) or (condition.strict and number.is_zero is True)


def _ratio(expression: Expr, other: Expr) -> int | None:
    """The sign of a number r != 0 with expression = r other, where there is one."""
    (mine, sign), (theirs, other_sign) = _direction(expression), _direction(other)
    return sign * other_sign if mine == theirs and sign != 0 else None


@lru_cache(maxsize=10_000)
def _terms(expression: Expr) -> dict[Expr, fmpq]:
    return Generators().coefficients(expression)


@lru_cache(maxsize=10_000)
def _direction(expression: Expr) -> tuple[frozenset[tuple[Expr, fmpq]], int]:
    """The coefficients up to a positive factor and a sign, and that sign."""
    terms = {term: value for term, value in _terms(expression).items() if value != 0}
    if not terms:
        return frozenset(), 0
    lead = terms[min(terms, key=str)]
    return frozenset((term, value / lead) for term, value in terms.items()), 1 if lead > 0 else -1


def _coefficients(expression: Expr, generators: Generators) -> dict[Expr, fmpq]:
    """`Generators.coefficients`, which is asked for the same expressions again and again."""
    found = _terms(expression)
    generators.terms += [term for term in found if term != 1 and term not in generators.terms]
    return found


def _factors(expression: Expr) -> list[tuple[Expr, int]]:
    """Bases and integer exponents of numerator and denominator; any other power is a base of its own."""
    found = []
    for part in sympy.Mul.make_args(sympy.factor(sympy.together(expression))):
        base, exponent = part.as_base_exp()
        found.append((base, int(exponent)) if exponent.is_Integer else (part, 1))
    return found
