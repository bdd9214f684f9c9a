"""Convexity of a problem, decided with a proof that can be re-checked rule by rule.

A function is taken apart by the rules of disciplined convex programming (Grant, Boyd and Ye 2006); a quadratic one is decided
by the principal minors of its Hessian, and so is any other function that no rule fits, if the signs of the minors can be
seen. Affine equations are solved first: convexity along the affine subspace is enough.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import sympy
from sympy import Abs, Expr, Max, Min, Pow, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_nonpositive, is_positive, is_zero
from lagrangian.conditions.hyperbolic import homogenized_matrix, nappe_of
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem

LARGEST_HESSIAN = 4


class Curvature(Enum):
    """How a function bends; affine functions are both convex and concave."""

    AFFINE = "affine"
    CONVEX = "convex"
    CONCAVE = "concave"

    @property
    def negated(self) -> "Curvature":
        return {Curvature.CONVEX: Curvature.CONCAVE, Curvature.CONCAVE: Curvature.CONVEX}.get(self, self)


@dataclass(frozen=True, slots=True)
class CurvatureProof:
    """One step: ``expression`` has ``curvature`` by ``rule``, given that the ``premises`` do and ``facts`` are >= 0."""

    expression: Expr
    curvature: Curvature
    rule: str
    premises: tuple["CurvatureProof", ...] = ()
    facts: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Convexity:
    """Whether a canonical problem is convex: its objective and every g convex, every h affine.

    ``substitution`` solves the affine equations; the proofs speak of the functions after it. ``truth`` is None where no rule
    decided, False only where a quadratic function was shown not to be convex. Inequalities that were left out have no proof.
    """

    truth: Truth
    reason: str
    substitution: dict[Symbol, Expr]
    objective: CurvatureProof | None = None
    inequalities: tuple[CurvatureProof | None, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What the rules may use: the variables, which functions are known to be >= 0, and the parameters' assumptions."""

    variables: tuple[Symbol, ...]
    nonnegative: frozenset[Expr]
    assumptions: tuple[Relational, ...] = ()


def convexity(canonical: CanonicalProblem, without: Collection[int] = ()) -> Convexity:
    """Decide convexity of a problem in continuous variables, or of the one ``without`` the inequalities of some numbers.

    The optimum of a problem with fewer constraints is that of the problem itself where it satisfies the others.

    >>> from sympy import Eq, symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> convexity(canonicalize(Problem(x**2 - y**2, [Eq(x, 2 * y)], over=[x, y]))[0]).truth
    True
    >>> convexity(canonicalize(Problem(x**2 - y**2, over=[x, y]))[0]).truth
    False
    """
    substitution = solve_affine_equalities(canonical)
    if substitution is None:
        if not all(_is_affine(sympy.expand(h.expression), canonical.variables) for h in canonical.equalities):
            return Convexity(None, "the equations are not all affine", {})
        substitution = {}  # no coefficient is known not to be zero: convexity in all variables is enough
    decided = _convexity_after(canonical, {}, without)
    if decided.truth is not True and substitution:
        decided = _convexity_after(canonical, substitution, without)
    return decided


def _convexity_after(
    canonical: CanonicalProblem, substitution: dict[Symbol, Expr], without: Collection[int]
) -> Convexity:
    setting = setting_of(canonical, substitution)
    where = " along the affine equations" if substitution else ""
    proofs: list[CurvatureProof | None] = []
    named = [("the objective", canonical.objective), *((str(g.stated), g.expression) for g in canonical.inequalities)]
    for number, (name, expression) in enumerate(named, start=-1):
        if number in without:
            proofs.append(None)
            continue
        reduced = sympy.expand(expression.xreplace(substitution)) if substitution else expression
        proof = curvature(reduced, setting)
        if proof is None or proof.curvature is Curvature.CONCAVE:
            if _is_indefinite_quadratic(reduced, setting):
                return Convexity(False, f"{name} is not convex{where}", substitution)
            return Convexity(None, f"{name} is not shown to be convex{where}", substitution)
        proofs.append(proof)
    counted = "all inequalities that matter at the point" if without else "all inequalities"
    reason = f"the objective and {counted} are convex{where}, all equations affine"
    return Convexity(True, reason, substitution, proofs[0], tuple(proofs[1:]))


def setting_of(canonical: CanonicalProblem, substitution: dict[Symbol, Expr]) -> Setting:
    """The variables left free, and the affine functions that the constraints say are >= 0.

    Only affine ones: they describe a convex set, on which the rules may then rely for the curved functions.
    """
    free = tuple(v for v in canonical.variables if v not in substitution)
    known = {sympy.expand(-g.expression.xreplace(substitution)) for g in canonical.inequalities}
    affine = {function for function in known if _is_affine(function, free)}
    # x >= 0 follows from a x - d >= 0 with a > 0 and d >= 0
    bounded = {
        v
        for function in affine
        for v in function.free_symbols & set(free)
        if len(function.free_symbols & set(free)) == 1
        and is_positive(function.coeff(v), canonical.assumptions)
        and is_nonnegative(sympy.expand(function.coeff(v) * v - function), canonical.assumptions)
    }
    return Setting(free, frozenset(affine | bounded), canonical.assumptions)


def solve_affine_equalities(canonical: CanonicalProblem) -> dict[Symbol, Expr] | None:
    """Pivot variables as affine functions of the others; None if an equation is not affine or has no safe pivot."""
    solved: dict[Symbol, Expr] = {}
    for equality in canonical.equalities:
        expression = sympy.expand(equality.expression.xreplace(solved))
        if not _is_affine(expression, canonical.variables):
            return None
        pivots = [v for v in canonical.variables if is_zero(expression.coeff(v)) is False]
        if not pivots:
            if is_zero(expression):
                continue
            return None
        pivot = min(reversed(pivots), key=lambda v: len(expression.coeff(v).free_symbols))
        solution = sympy.expand(-(expression - expression.coeff(pivot) * pivot) / expression.coeff(pivot))
        solved = {v: sympy.expand(e.xreplace({pivot: solution})) for v, e in solved.items()}
        solved[pivot] = solution
    return solved


def _is_affine(expression: Expr, variables: Sequence[Symbol]) -> bool:
    if not expression.free_symbols & set(variables):
        return True
    # most are sums of numbers and of variables times numbers, which is quick to see
    if all(
        isinstance(term.as_coeff_Mul()[1], Symbol) for term in sympy.Add.make_args(expression) if not term.is_Number
    ):
        return True
    polynomial = expression.as_poly(*variables)
    return polynomial is not None and polynomial.total_degree() <= 1


def curvature(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """A proof that an expression is affine, convex or concave on the set where it and the constraints are defined."""
    if _is_affine(expression, setting.variables):
        return CurvatureProof(expression, Curvature.AFFINE, "affine")
    for rule in (
        _quadratic,
        _sum,
        _scaled,
        _power,
        _function,
        _logarithm,
        _entropy,
        _quotient,
        _geometric_mean,
        _norm,
        _hyperbolic,
        _hessian,
    ):
        proof = rule(expression, setting)
        if proof is not None:
            return proof
    return None


def combine(curvatures: Sequence[Curvature]) -> Curvature | None:
    """The curvature of a sum."""
    bent = {c for c in curvatures if c is not Curvature.AFFINE}
    if len(bent) > 1:
        return None
    return bent.pop() if bent else Curvature.AFFINE


def hessian_matrix(expression: Expr, variables: Sequence[Symbol]) -> sympy.Matrix:
    return sympy.hessian(expression, list(variables)) if variables else sympy.zeros(0, 0)


def principal_minors(matrix: sympy.Matrix) -> Iterator[Expr]:
    for size in range(1, matrix.rows + 1):
        for chosen in combinations(range(matrix.rows), size):
            yield sympy.expand(matrix.extract(list(chosen), list(chosen)).det(method="berkowitz"))


def _quadratic(expression: Expr, setting: Setting) -> CurvatureProof | None:
    polynomial = expression.as_poly(*setting.variables)
    if polynomial is None or polynomial.total_degree() != 2:
        return None
    matrix = hessian_matrix(expression, setting.variables)
    matrix = matrix.extract(*[[i for i in range(matrix.rows) if any(matrix.row(i))]] * 2)
    for sign, shape in ((1, Curvature.CONVEX), (-1, Curvature.CONCAVE)):
        if _is_semidefinite(sign * matrix, setting):
            return CurvatureProof(expression, shape, "quadratic with a semidefinite Hessian")
    return None


def _is_semidefinite(matrix: sympy.Matrix, setting: Setting) -> bool:
    if not matrix.free_symbols:
        return bool(matrix.is_positive_semidefinite)
    if matrix.rows > LARGEST_HESSIAN:
        return False
    return all(is_nonnegative(minor, setting.assumptions) for minor in principal_minors(matrix))


def _is_indefinite_quadratic(expression: Expr, setting: Setting) -> bool:
    if not expression.free_symbols & set(setting.variables):
        return False
    polynomial = expression.as_poly(*setting.variables)
    if polynomial is None or polynomial.total_degree() != 2:
        return False
    matrix = hessian_matrix(expression, setting.variables)
    return not matrix.free_symbols and matrix.is_positive_semidefinite is False


def _sum(expression: Expr, setting: Setting) -> CurvatureProof | None:
    if not expression.is_Add:
        return None
    # terms that only together are convex, such as those of a quadratic form, are kept together
    affine: list[Expr] = []
    quadratic: list[Expr] = []
    others: list[Expr] = []
    for term in expression.args:
        polynomial = term.as_poly(*setting.variables)
        degree = None if polynomial is None else polynomial.total_degree()
        (affine if degree is not None and degree <= 1 else quadratic if degree == 2 else others).append(term)
    parts = [sympy.Add(*group) for group in (affine, quadratic) if group] + others
    if len(parts) < 2:
        return None
    premises = [curvature(part, setting) for part in parts]
    if any(premise is None for premise in premises):
        return None
    shape = combine([premise.curvature for premise in premises if premise is not None])
    return (
        None if shape is None else CurvatureProof(expression, shape, "sum", tuple(p for p in premises if p is not None))
    )


def _scaled(expression: Expr, setting: Setting) -> CurvatureProof | None:
    factor, rest = expression.as_independent(*setting.variables, as_Add=False)
    if factor == 1 or rest == 1:
        return None
    premise = curvature(rest, setting)
    if premise is None:
        return None
    if is_nonnegative(factor, setting.assumptions):
        return CurvatureProof(expression, premise.curvature, "nonnegative multiple", (premise,), (factor,))
    if is_nonpositive(factor, setting.assumptions):
        return CurvatureProof(expression, premise.curvature.negated, "nonpositive multiple", (premise,), (-factor,))
    return None


def _power(expression: Expr, setting: Setting) -> CurvatureProof | None:
    if not isinstance(expression, Pow) or expression.exp.free_symbols & set(setting.variables):
        return None
    base, exponent = expression.args
    premise = curvature(base, setting)
    if premise is None:
        return None
    affine = premise.curvature is Curvature.AFFINE
    if affine and exponent.is_Integer and exponent % 2 == 0 and exponent > 0:
        return CurvatureProof(expression, Curvature.CONVEX, "even power", (premise,))
    domain_is_nonnegative = not exponent.is_Integer
    if not domain_is_nonnegative and not shown_nonnegative(base, setting):
        return None
    facts = () if domain_is_nonnegative else (base,)
    # where a convex base is negative the power is undefined, so its domain need not be convex
    rising = affine or (premise.curvature is Curvature.CONVEX and shown_nonnegative(base, setting))
    if rising and is_nonnegative(exponent - 1, setting.assumptions):
        return CurvatureProof(expression, Curvature.CONVEX, "power above one", (premise,), facts)
    if premise.curvature is Curvature.CONVEX:
        return None
    if is_nonnegative(exponent, setting.assumptions) and is_nonnegative(1 - exponent, setting.assumptions):
        return CurvatureProof(expression, Curvature.CONCAVE, "power between zero and one", (premise,), facts)
    if is_nonpositive(exponent, setting.assumptions):
        return CurvatureProof(expression, Curvature.CONVEX, "negative power", (premise,), facts)
    return None


def shown_nonnegative(expression: Expr, setting: Setting) -> bool:
    """Whether a function is >= 0 on the feasible set: by a constraint, or term by term."""
    expanded = sympy.expand(expression)
    if expanded in setting.nonnegative:
        return True
    return all(_term_is_nonnegative(term, setting) for term in sympy.Add.make_args(expanded))


def _term_is_nonnegative(term: Expr, setting: Setting) -> bool:
    factor, rest = term.as_independent(*setting.variables, as_Add=False)
    if not is_nonnegative(factor, setting.assumptions):
        return False
    for part in sympy.Mul.make_args(rest):
        base, exponent = part.as_base_exp()
        even = exponent.is_Integer and exponent % 2 == 0
        if not (part == 1 or even or base in setting.nonnegative or isinstance(part, sympy.exp | Abs)):
            return False
    return True


def _function(expression: Expr, setting: Setting) -> CurvatureProof | None:
    shapes = {
        sympy.exp: (Curvature.CONVEX, Curvature.CONVEX),
        sympy.log: (Curvature.CONCAVE, Curvature.CONCAVE),
        Max: (Curvature.CONVEX, Curvature.CONVEX),
        Min: (Curvature.CONCAVE, Curvature.CONCAVE),
        Abs: (Curvature.AFFINE, Curvature.CONVEX),
    }
    if expression.func not in shapes:
        return None
    needed, result = shapes[expression.func]
    premises = [curvature(argument, setting) for argument in expression.args]
    proved = tuple(p for p in premises if p is not None and p.curvature in (needed, Curvature.AFFINE))
    if len(proved) < len(premises):
        return None
    return CurvatureProof(expression, result, f"{expression.func.__name__} of {needed.value} functions", proved)


def _logarithm(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """log(Σ exp(u_i)) with convex u_i is convex (Boyd and Vandenberghe 2004, section 3.5.2); log(exp(u)) bends as u does."""
    if not isinstance(expression, sympy.log):
        return None
    terms = sympy.Add.make_args(expression.args[0])
    logarithms = [_logarithm_of_term(term, setting) for term in terms]
    if any(u is None or u == expression for u in logarithms):
        return None
    premises = tuple(curvature(u, setting) for u in logarithms if u is not None)
    proved = tuple(p for p in premises if p is not None)
    if len(proved) < len(terms):
        return None
    if len(terms) == 1:
        return CurvatureProof(expression, proved[0].curvature, "logarithm of a product", proved)
    if any(p.curvature is Curvature.CONCAVE for p in proved):
        return None
    return CurvatureProof(expression, Curvature.CONVEX, "logarithm of a sum of log-convex functions", proved)


def _logarithm_of_term(term: Expr, setting: Setting) -> Expr | None:
    """The logarithm of a product, factor by factor, if each is >= 0 on the feasible set."""
    total = sympy.Integer(0)
    for part in sympy.Mul.make_args(term):
        base, exponent = part.as_base_exp()
        if part.free_symbols.isdisjoint(setting.variables):
            if not is_positive(part, setting.assumptions):
                return None
            total += sympy.log(part)
        elif base is sympy.E:
            total += exponent
        elif exponent.free_symbols.isdisjoint(setting.variables) and shown_nonnegative(base, setting):
            total += exponent * sympy.log(base)
        else:
            return None
    return total


def _entropy(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """u log(u) and u log(u / v), affine u, v with v >= 0: the perspective of the negative logarithm."""
    if not (expression.is_Mul and len(expression.args) == 2):
        return None
    for outer, inner in (expression.args, expression.args[::-1]):
        if not isinstance(inner, sympy.log) or not _is_affine(outer, setting.variables):
            continue
        other = sympy.cancel(outer / inner.args[0])
        if _is_affine(other, setting.variables) and is_positive(other, setting.assumptions):
            return CurvatureProof(expression, Curvature.CONVEX, "entropy")
        if _is_affine(other, setting.variables) and shown_nonnegative(other, setting):
            return CurvatureProof(expression, Curvature.CONVEX, "relative entropy", (), (other,))
    return None


def _quotient(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """u**2 / v for affine u and affine v >= 0."""
    numerator, denominator = sympy.fraction(sympy.together(expression))
    if (
        denominator == 1
        or not _is_affine(denominator, setting.variables)
        or not shown_nonnegative(denominator, setting)
    ):
        return None
    root, power = numerator.as_base_exp()
    if power == 2 and _is_affine(root, setting.variables):
        return CurvatureProof(expression, Curvature.CONVEX, "square over linear", (), (denominator,))
    return None


def _geometric_mean(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """prod u_i**a_i, affine u_i >= 0, a_i >= 0 and sum(a_i) <= 1."""
    if not expression.is_Mul:
        return None
    total = sympy.Integer(0)
    facts = []
    for part in expression.args:
        base, exponent = part.as_base_exp()
        if not _is_affine(base, setting.variables) or exponent.free_symbols & set(setting.variables):
            return None
        if not is_nonnegative(exponent, setting.assumptions):
            return None
        if exponent.is_Integer and not shown_nonnegative(base, setting):
            return None
        facts.append(base)
        total += exponent
    if not is_nonnegative(1 - total, setting.assumptions):
        return None
    return CurvatureProof(expression, Curvature.CONCAVE, "geometric mean", (), tuple(facts))


def _norm(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """sqrt(q) for a quadratic q whose homogeneous form is positive semidefinite."""
    if not (isinstance(expression, Pow) and expression.exp == sympy.Rational(1, 2)):
        return None
    polynomial = expression.base.as_poly(*setting.variables)
    if polynomial is None or polynomial.total_degree() != 2:
        return None
    matrix = homogenized_matrix(expression.base, setting.variables)
    if matrix.free_symbols or not matrix.is_positive_semidefinite:
        return None
    return CurvatureProof(expression, Curvature.CONVEX, "norm")


def _hyperbolic(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """log(q) and q**p, 0 < p <= 1/2, for a quadratic q with one positive eigenvalue, on one nappe of its cone."""
    if isinstance(expression, sympy.log):
        closed = False
    elif isinstance(expression, Pow) and expression.exp.is_Rational and 0 < expression.exp <= sympy.Rational(1, 2):
        closed = True
    else:
        return None
    facts = nappe_of(expression.args[0], setting.variables, setting.nonnegative, closed=closed)
    return None if facts is None else CurvatureProof(expression, Curvature.CONCAVE, "hyperbolic quadratic", (), facts)


def _hessian(expression: Expr, setting: Setting) -> CurvatureProof | None:
    """The principal minors of the Hessian, whose signs are read term by term."""
    used = [v for v in setting.variables if expression.has(v)]
    if len(used) > LARGEST_HESSIAN or not _is_smooth_on_convex_domain(expression, setting):
        return None
    matrix = hessian_matrix(expression, used)
    for sign, shape in ((1, Curvature.CONVEX), (-1, Curvature.CONCAVE)):
        if all(shown_nonnegative(sympy.together(minor), setting) for minor in principal_minors(sign * matrix)):
            return CurvatureProof(expression, shape, "Hessian with nonnegative principal minors")
    return None


def _is_smooth_on_convex_domain(expression: Expr, setting: Setting) -> bool:
    """Whether the set where an expression is defined is convex: poles only at the edge, roots and logs of affine functions."""
    for part in sympy.preorder_traversal(expression):
        if not part.free_symbols & set(setting.variables) or part.is_Symbol or part.is_Add or part.is_Mul:
            continue
        if isinstance(part, Pow) and not part.exp.free_symbols & set(setting.variables):
            if part.exp.is_Integer and part.exp > 0:
                continue
            pole_at_edge = not part.exp.is_Integer or shown_nonnegative(part.base, setting)
            if not (_is_affine(part.base, setting.variables) and pole_at_edge):
                return False
        elif isinstance(part, sympy.log):
            if not _is_affine(part.args[0], setting.variables):
                return False
        elif not isinstance(
            part, sympy.exp | sympy.sin | sympy.cos | sympy.sinh | sympy.cosh | sympy.tanh | sympy.atan
        ):
            return False
    return True
