"""KKT systems in which logarithms stand beside multipliers, as in maximum entropy: polynomial in exponentials of the multipliers.

From  sum_k c_ik log(u_k) + sum_j r_ij lambda_j + a_i = 0  with an invertible c, each log(u_k) is affine in the multipliers.
With lambda_j = s_j + d_j log(t_j), where the shift s removes the constants and d the denominators, u_k is a monomial in t > 0.
The other equations are polynomials in the variables, so that all of it is a polynomial system over Q.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from flint import fmpq_poly
from sympy import Dummy, Expr, Integer, Symbol
from sympy.solvers.solveset import NonlinearError

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.polynomials import Ring, to_rational
from lagrangian.algebra.zeros import FiniteZeros
from lagrangian.candidates.groebner import solve_by_groebner


@dataclass(frozen=True)
class _Exponentials:
    """arguments[k] = prod_j t_j**powers[k, j] with t_j > 0 and multipliers[j] = shifts[j] + scales[j] log(t_j)."""

    multipliers: tuple[Symbol, ...]
    arguments: tuple[Expr, ...]
    powers: sympy.Matrix
    shifts: tuple[Expr, ...]
    scales: tuple[Integer, ...]


def logarithmic_solutions(equations: Sequence[Expr], unknowns: Sequence[Symbol]) -> list[dict[Symbol, Expr]]:
    """All real solutions of a system of that form; none for other systems, and for those with infinitely many solutions.

    >>> x, y, m, n = sympy.symbols("x y m n", real=True)
    >>> stationarity = [sympy.log(x) + n + m, sympy.log(y) + n + 2 * m]
    >>> logarithmic_solutions([*stationarity, x + y - 1, 3 * x + 6 * y - 4], [x, y, m, n])
    [{x: 2/3, y: 1/3, m: log(2), n: log(3/4)}]
    """
    logarithms = sorted({part for e in equations for part in e.atoms(sympy.log) if part.free_symbols}, key=str)
    stated = [e for e in equations if e.has(*logarithms)] if logarithms else []
    found = _exponentials(stated, logarithms, unknowns) if stated else None
    if found is None:
        return []
    rest = [e for e in equations if e not in stated]
    if any(e.has(*found.multipliers) for e in rest):
        return []
    variables = [u for u in unknowns if u not in found.multipliers]
    return _positive_solutions(found, rest, variables)


def _exponentials(
    stated: Sequence[Expr], logarithms: Sequence[Expr], unknowns: Sequence[Symbol]
) -> _Exponentials | None:
    arguments = tuple(logarithm.args[0] for logarithm in logarithms)
    inside = set().union(*(argument.free_symbols for argument in arguments))
    names = {logarithm: Dummy("l") for logarithm in logarithms}
    named = [sympy.expand(e.xreplace(names)) for e in stated]
    multipliers = tuple(u for u in unknowns if any(e.has(u) for e in named))
    if inside & set(multipliers) or len(stated) != len(logarithms):
        return None
    try:
        matrix, right = sympy.linear_eq_to_matrix(named, [*names.values(), *multipliers])
    except (NonlinearError, ValueError):
        return None
    count = len(logarithms)
    if not all(value.is_Rational for value in (*matrix, *right)) or matrix[:, :count].det() == 0:
        return None
    inverse = matrix[:, :count].inv()
    rates, constants = -inverse * matrix[:, count:], inverse * right
    return _monomials(multipliers, arguments, rates, constants)


def _monomials(
    multipliers: tuple[Symbol, ...], arguments: tuple[Expr, ...], rates: sympy.Matrix, constants: sympy.Matrix
) -> _Exponentials | None:
    """From log(u) = rates * lambda + constants; None where no shift of the multipliers removes the constants."""
    try:
        shift, free = rates.gauss_jordan_solve(-constants)
    except ValueError:
        return None
    shift = shift.xreplace(dict.fromkeys(free, Integer(0)))
    scales = tuple(Integer(sympy.ilcm(1, *(rate.q for rate in rates.col(j)))) for j in range(rates.cols))
    return _Exponentials(multipliers, arguments, rates * sympy.diag(*scales), tuple(shift), scales)


def _positive_solutions(
    found: _Exponentials, rest: Sequence[Expr], variables: Sequence[Symbol]
) -> list[dict[Symbol, Expr]]:
    bases = [Dummy(f"t{j}") for j in range(len(found.multipliers))]
    inverse = Dummy("z")
    ring = Ring((*variables, *bases, inverse))
    system = [*rest, inverse * sympy.Mul(*bases) - 1]
    for number, argument in enumerate(found.arguments):
        above = sympy.Mul(*(t**n for t, n in zip(bases, found.powers.row(number), strict=True) if n > 0))
        below = sympy.Mul(*(t**-n for t, n in zip(bases, found.powers.row(number), strict=True) if n < 0))
        system.append(argument * below - above)
    polynomials = [ring.polynomial(sympy.expand(e)) for e in system]
    if any(polynomial is None for polynomial in polynomials):
        return []
    zeros = solve_by_groebner(ring, [polynomial for polynomial in polynomials if polynomial is not None])
    if not isinstance(zeros, FiniteZeros):
        return []
    solutions = []
    for point in zeros.real_points():
        coordinates = dict(zip(ring.variables, point.coordinates, strict=True))
        if all(coordinates[t].sign() > 0 for t in bases):
            solution = {variable: _in_one_root(coordinates[variable]) for variable in variables}
            for multiplier, shift, scale, t in zip(found.multipliers, found.shifts, found.scales, bases, strict=True):
                solution[multiplier] = shift + scale * sympy.log(_in_one_root(coordinates[t]))
            solutions.append(solution)
    return solutions


def _in_one_root(element: FieldElement) -> Expr:
    """In closed form if that is short, else as a polynomial in the root that all coordinates share."""
    form = closed_form(element)
    if not form.has(sympy.CRootOf):
        return form
    root = closed_form(FieldElement(element.root, fmpq_poly([0, 1])))
    above, below = (
        sympy.Add(*(to_rational(c) * root**k for k, c in enumerate(polynomial.coeffs())))
        for polynomial in (element.polynomial, element.denominator)
    )
    return above / below
