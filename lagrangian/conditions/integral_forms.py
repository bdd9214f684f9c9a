"""Constraints in integer variables alone: their values lie on a lattice, so that they can be rounded; what divides them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import gcd, lcm

import sympy
from sympy import Expr, Integer, Poly, Rational, Symbol

from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality

Terms = dict[tuple[int, ...], Rational]


def integral_terms(expression: Expr, problem: CanonicalProblem) -> tuple[Terms, Rational] | None:
    """The terms of a polynomial in integer variables with rational coefficients, and its constant; None for other expressions."""
    if not expression.free_symbols or not expression.free_symbols <= problem.integers:
        return None
    if not expression.is_polynomial(*expression.free_symbols):
        return None
    polynomial = Poly(expression, *problem.variables)
    if not all(isinstance(value, Rational) for value in polynomial.coeffs()):
        return None
    terms: Terms = dict(polynomial.terms())
    constant = terms.pop((0,) * len(problem.variables), Integer(0))
    return terms, constant


def content(values: Iterable[Rational]) -> Rational:
    """The largest rational number of which all the given ones are integer multiples.

    >>> content([Rational(3, 2), Rational(9, 4)])
    3/4
    """
    listed = list(values)
    denominator = lcm(*(int(value.q) for value in listed))
    return Rational(gcd(*(int(value * denominator) for value in listed)), denominator)


def rounded_forms(problem: CanonicalProblem) -> CanonicalProblem:
    """The same problem with inequalities between integers rounded: a p + c <= 0 is p + ceil(c / a) <= 0 for integer values p.

    A strict one becomes weak. p has integer coefficients without a common divisor.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> canonical, _ = canonicalize(Problem(x, [4 * x + 6 * y < 12], over=[x, y], integers=[x, y]))
    >>> [(g.expression, g.strict) for g in rounded_forms(canonical).inequalities]
    [(2*x + 3*y - 5, False)]
    """
    return replace(problem, inequalities=tuple(_rounded(g, problem) for g in problem.inequalities))


def _rounded(inequality: Inequality, problem: CanonicalProblem) -> Inequality:
    found = integral_terms(inequality.expression, problem)
    if found is None or not found[0]:
        return inequality
    terms, constant = found
    unit = content(terms.values())
    share = constant / unit
    # p + share < 0 is p <= -share - 1 for an integer share
    least = Integer(share) + 1 if inequality.strict and share.is_integer else Integer(sympy.ceiling(share))
    if not inequality.strict and least == share:
        return inequality
    reduced = {exponents: value / unit for exponents, value in terms.items()}
    expression = Poly(reduced, *problem.variables).as_expr() + least
    return replace(inequality, expression=expression, strict=False)


def integral_equalities(problem: CanonicalProblem) -> dict[int, tuple[Terms, Rational]]:
    """The equalities between integers, by their numbers."""
    found = {number: integral_terms(h.expression, problem) for number, h in enumerate(problem.equalities)}
    return {number: terms for number, terms in found.items() if terms is not None}


def has_zero_modulo(problem: CanonicalProblem, equalities: Sequence[Equality], modulus: int, most: int) -> bool | None:
    """Whether equations with integer coefficients have a common zero modulo a number; None for more than ``most`` residues.

    The residues of all their variables are tried.
    """
    names = sorted({v for h in equalities for v in h.expression.free_symbols}, key=str)
    if modulus ** len(names) > most:
        return None
    systems = []
    for equality in equalities:
        found = integral_terms(equality.expression, problem)
        if found is None:
            return None
        terms, constant = found
        denominator = lcm(int(constant.q), *(int(value.q) for value in terms.values()))
        places = [problem.variables.index(v) for v in names]
        scaled = [(tuple(e[i] for i in places), int(value * denominator) % modulus) for e, value in terms.items()]
        systems.append((scaled, int(constant * denominator) % modulus))
    return any(
        all(_value(terms, constant, residues, modulus) == 0 for terms, constant in systems)
        for residues in product(range(modulus), repeat=len(names))
    )


def _value(terms: Sequence[tuple[tuple[int, ...], int]], constant: int, residues: tuple[int, ...], modulus: int) -> int:
    total = constant
    for exponents, value in terms:
        for residue, power in zip(residues, exponents, strict=True):
            if power:
                value = value * pow(residue, power, modulus) % modulus
        total += value
    return total % modulus


def point_satisfies(problem: CanonicalProblem, point: dict[Symbol, Expr]) -> bool:
    """Whether a rational point satisfies all constraints, integrality among them; False also where that is not decided."""
    if set(point) != set(problem.variables) or not all(isinstance(value, Rational) for value in point.values()):
        return False
    if not all(point[v].is_Integer for v in problem.integers):
        return False
    inequalities = [(g.expression.xreplace(point), g.strict) for g in problem.inequalities]
    equalities = [h.expression.xreplace(point) for h in problem.equalities]
    return all(isinstance(v, Rational) and (v < 0 if strict else v <= 0) for v, strict in inequalities) and all(
        isinstance(v, Rational) and v == 0 for v in equalities
    )
