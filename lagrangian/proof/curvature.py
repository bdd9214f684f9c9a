"""The rules by which a function is shown to be convex or concave, each checked on its own terms.

Sources: Boyd and Vandenberghe (2004), sections 3.1 and 3.2; Grant, Boyd and Ye (2006), Disciplined Convex Programming.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy
from flint import fmpq_mat
from sympy import Abs, Expr, Max, Min, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.polynomials import to_fmpq
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.convexity import Curvature, CurvatureProof
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.hyperbolic import is_log_concave

# functions with two continuous derivatives wherever they are defined; log is the only one that is not defined everywhere
SMOOTH = (
    *(sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.erf),
    *(sympy.Add, sympy.Mul, sympy.Pow),
)


def is_affine(expression: Expr, variables: Sequence[Symbol]) -> bool:
    """Whether an expression is a sum of variables times what is free of them, and of what is free of them."""
    wanted = set(variables)
    return all(_is_affine_term(term, wanted) for term in sympy.Add.make_args(sympy.expand(expression)))


def _is_affine_term(term: Expr, variables: set[Symbol]) -> bool:
    factors = [factor for factor in sympy.Mul.make_args(term) if not factor.free_symbols.isdisjoint(variables)]
    return not factors or (len(factors) == 1 and factors[0] in variables)


@dataclass(frozen=True)
class Checker:
    """Checks single rules, given the affine functions that the constraints say are >= 0."""

    variables: tuple[Symbol, ...]
    known: tuple[Expr, ...]
    assumptions: tuple[Relational, ...]

    @classmethod
    def of(cls, problem: CanonicalProblem, substitution: dict[Symbol, Expr]) -> "Checker":
        variables = tuple(v for v in problem.variables if v not in substitution)
        functions = [sympy.expand(-g.expression.xreplace(substitution)) for g in problem.inequalities]
        return cls(variables, tuple(f for f in functions if is_affine(f, variables)), problem.assumptions)

    def holds(self, proof: CurvatureProof) -> Truth:
        rule = _RULES.get(proof.rule)
        if rule is None:
            rule = _function_rule if " of " in proof.rule else None
        if rule is None:
            return False
        return all3([rule(self, proof), *(self.holds(premise) for premise in proof.premises)])

    def nonnegative(self, function: Expr) -> Truth:
        """Whether a function is >= 0 wherever the known affine functions are: as a known one plus a constant, or by terms."""
        function = sympy.expand(function)
        for known in self.known:
            rest = sympy.expand(function - known)
            if not rest.free_symbols & set(self.variables) and is_nonnegative(rest, self.assumptions):
                return True
        return all3(self._term_nonnegative(term) for term in sympy.Add.make_args(function))

    def _term_nonnegative(self, term: Expr) -> Truth:
        factors = [factor.as_base_exp() for factor in sympy.Mul.make_args(term)]
        truths: list[Truth] = []
        for base, exponent in factors:
            if not base.free_symbols & set(self.variables):
                truths.append(is_nonnegative(base**exponent, self.assumptions))
            elif exponent.is_even or base is sympy.E:
                truths.append(True)
            else:
                truths.append(True if self._variable_nonnegative(base) else None)
        return all3(truths)

    def _variable_nonnegative(self, base: Expr) -> bool:
        """Whether some known function is c (base - d) with c > 0 and d >= 0."""
        for known in self.known:
            slope = known.coeff(base) if base.is_Symbol else sympy.Integer(int(known == base))
            if is_positive(slope, self.assumptions) and is_nonnegative(
                sympy.expand(slope * base - known), self.assumptions
            ):
                return True
        return False

    def defined_where_nonnegative(self, power: Expr) -> Truth:
        """Whether the base of a power is >= 0 wherever the power is to be taken."""
        return True if power.exp.is_integer is False else self.nonnegative(power.base)


def _affine_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    return proof.curvature is Curvature.AFFINE and is_affine(proof.expression, checker.variables)


def _quadratic_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """By Lagrange's reduction for numbers, by the elementary symmetric functions of the eigenvalues for parameters."""
    sign = 1 if proof.curvature is Curvature.CONVEX else -1
    # the second derivatives of a step function are zero too
    if not sympy.expand(proof.expression).is_polynomial(*checker.variables):
        return False
    matrix = sign * sympy.hessian(proof.expression, list(checker.variables))
    if matrix.free_symbols & set(checker.variables) or proof.curvature is Curvature.AFFINE:
        return False
    if not matrix.free_symbols:
        return _is_semidefinite_by_characteristic_polynomial(matrix)
    # all eigenvalues of a symmetric matrix are >= 0 if the coefficients of det(1 + t M) are
    symbol = sympy.Dummy("t")
    polynomial = sympy.Poly((sympy.eye(matrix.rows) + symbol * matrix).det(method="berkowitz"), symbol)
    return all3(is_nonnegative(coefficient, checker.assumptions) for coefficient in polynomial.all_coeffs())


def _is_semidefinite_by_characteristic_polynomial(matrix: sympy.Matrix) -> bool:
    """Whether the coefficients of det(t - M) alternate in sign, as they do if no eigenvalue is negative."""
    if not all(value.is_Rational for value in matrix):
        return bool(matrix.is_positive_semidefinite)
    size = matrix.rows
    coefficients = fmpq_mat(size, size, [to_fmpq(value) for value in matrix]).charpoly().coeffs()
    return all(value * (-1) ** (size - power) >= 0 for power, value in enumerate(coefficients))


def _sum_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    allowed = {Curvature.AFFINE, proof.curvature}
    return all(p.curvature in allowed for p in proof.premises) and is_zero(
        sympy.expand(proof.expression - sympy.Add(*(p.expression for p in proof.premises)))
    )


def _multiple_rule(sign: int) -> Callable[[Checker, CurvatureProof], Truth]:
    def rule(checker: Checker, proof: CurvatureProof) -> Truth:
        (premise,), (size,) = proof.premises, proof.facts
        expected = premise.curvature if sign > 0 else premise.curvature.negated
        return all3(
            [
                proof.curvature is expected,
                not size.free_symbols & set(checker.variables),
                is_nonnegative(size, checker.assumptions),
                is_zero(sympy.expand(proof.expression - sign * size * premise.expression)),
            ]
        )

    return rule


def _power_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    (premise,) = proof.premises
    power = proof.expression
    if not power.is_Pow or power.base != premise.expression or power.exp.free_symbols & set(checker.variables):
        return False
    exponent, inner = power.exp, premise.curvature
    if proof.rule == "even power":
        return (
            proof.curvature is Curvature.CONVEX
            and inner is Curvature.AFFINE
            and bool(exponent.is_even and exponent > 0)
        )
    if proof.rule == "power above one":
        base = True if inner is Curvature.AFFINE and exponent.is_integer is False else checker.nonnegative(power.base)
        fits = proof.curvature is Curvature.CONVEX and inner is not Curvature.CONCAVE
        return all3([fits, base, is_nonnegative(exponent - 1, checker.assumptions)])
    concave_inner = inner is not Curvature.CONVEX
    defined = checker.defined_where_nonnegative(power)
    if proof.rule == "power between zero and one":
        size = all3([is_nonnegative(exponent, checker.assumptions), is_nonnegative(1 - exponent, checker.assumptions)])
        return all3([proof.curvature is Curvature.CONCAVE, concave_inner, defined, size])
    return all3(
        [proof.curvature is Curvature.CONVEX, concave_inner, defined, is_nonnegative(-exponent, checker.assumptions)]
    )


def _function_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """Outer functions whose monotonicity passes the curvature on (for |u| the argument must be affine)."""
    shapes = {
        sympy.exp: Curvature.CONVEX,
        sympy.log: Curvature.CONCAVE,
        Max: Curvature.CONVEX,
        Min: Curvature.CONCAVE,
        Abs: Curvature.CONVEX,
    }
    function = proof.expression
    shape = shapes.get(function.func)
    inner = {Curvature.AFFINE} if function.func is Abs else {Curvature.AFFINE, shape}
    return (
        shape is proof.curvature
        and set(function.args) == {p.expression for p in proof.premises}
        and all(p.curvature in inner for p in proof.premises)
    )


def _logarithm_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """log(f) with f = Σ exp(u_i): convex if every u_i is; with a single u it is u itself.

    Where f is defined, the u_i must be real: exp(x) - exp(y) has the exponents x and y + iπ.
    """
    if not isinstance(proof.expression, sympy.log) or not proof.premises:
        return False
    function, exponents = proof.expression.args[0], [premise.expression for premise in proof.premises]
    curvatures = [premise.curvature for premise in proof.premises]
    single = len(curvatures) == 1
    fits = single or all(c in (Curvature.AFFINE, Curvature.CONVEX) for c in curvatures)
    return all3(
        [
            fits and proof.curvature is (curvatures[0] if single else Curvature.CONVEX),
            is_zero(sympy.expand(function - sympy.Add(*map(sympy.exp, exponents)))),
            *(_is_real_with(checker, function, exponent) for exponent in exponents),
        ]
    )


def _is_real_with(checker: Checker, function: Expr, exponent: Expr) -> Truth:
    """Whether an exponent is real wherever a function is nonzero: what is new in it are quotients and logarithms of f >= 0."""
    if exponent.has(sympy.I):
        return False
    truths: list[Truth] = []
    for part in exponent.atoms(sympy.Function, sympy.Pow) - function.atoms(sympy.Function, sympy.Pow):
        if not isinstance(part, sympy.log):
            truths.append(True if part.is_Pow and part.exp.is_integer else None)
        elif part.args[0].free_symbols.isdisjoint(checker.variables):
            truths.append(is_positive(part.args[0], checker.assumptions))
        else:
            truths.append(checker.nonnegative(part.args[0]))
    return all3(truths)


def _entropy_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """u log(u / v): with v constant and positive, or v affine and >= 0."""
    logs = [part for part in sympy.Mul.make_args(proof.expression) if isinstance(part, sympy.log)]
    if len(logs) != 1 or proof.curvature is not Curvature.CONVEX:
        return False
    outer = sympy.cancel(proof.expression / logs[0])
    other = sympy.cancel(outer / logs[0].args[0])
    affine = is_affine(outer, checker.variables) and is_affine(other, checker.variables)
    positive = (
        is_positive(other, checker.assumptions)
        if not other.free_symbols & set(checker.variables)
        else checker.nonnegative(other)
    )
    return all3([affine, positive])


def _square_over_linear_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    (below,) = proof.facts
    above = sympy.cancel(proof.expression * below)
    root = sympy.sqrt(above)
    inner = root.args[0] if isinstance(root, Abs) else root
    fits = proof.curvature is Curvature.CONVEX and is_affine(below, checker.variables)
    squared = is_zero(sympy.expand(inner**2 - above)) and is_affine(inner, checker.variables)
    return all3([fits, squared, checker.nonnegative(below)])


def _geometric_mean_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    parts = [part.as_base_exp() for part in sympy.Mul.make_args(proof.expression)]
    total = sympy.Add(*(exponent for _, exponent in parts))
    return all3(
        [
            proof.curvature is Curvature.CONCAVE,
            is_nonnegative(1 - total, checker.assumptions),
            *(is_affine(base, checker.variables) for base, _ in parts),
            *(is_nonnegative(exponent, checker.assumptions) for _, exponent in parts),
            *(checker.nonnegative(base) for base, exponent in parts if exponent.is_integer is not False),
        ]
    )


def _norm_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """sqrt(q) with q(x) = |A x + b|^2: the homogenized form has no negative eigenvalue."""
    if proof.curvature is not Curvature.CONVEX or proof.expression.as_base_exp()[1] != sympy.Rational(1, 2):
        return False
    quadratic = proof.expression.as_base_exp()[0]
    scale = sympy.Dummy("s")
    form = sympy.expand(scale**2 * quadratic.xreplace({v: v / scale for v in checker.variables}))
    premise = CurvatureProof(form, Curvature.CONVEX, "quadratic with a semidefinite Hessian")
    return _quadratic_rule(Checker((*checker.variables, scale), (), checker.assumptions), premise)


def _hyperbolic_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """log(q), where q > 0, and q**p with 0 < p <= 1/2, where q >= 0: concave for a quadratic q with one positive eigenvalue."""
    function = proof.expression
    base, exponent = function.as_base_exp() if function.is_Pow else (function.args[0], sympy.Integer(0))
    fits = isinstance(function, sympy.log) or (exponent.is_Rational and 0 < exponent <= sympy.Rational(1, 2))
    return all3(
        [
            fits and proof.curvature is Curvature.CONCAVE,
            is_log_concave(
                base, checker.variables, sympy.Add(*proof.facts), closed=not isinstance(function, sympy.log)
            ),
            *(checker.nonnegative(fact) for fact in proof.facts),
        ]
    )


def _hessian_rule(checker: Checker, proof: CurvatureProof) -> Truth:
    """The coefficients of det(1 + t M), sums of principal minors, are >= 0 term by term, on a convex domain."""
    sign = 1 if proof.curvature is Curvature.CONVEX else -1
    matrix = sign * sympy.hessian(proof.expression, list(checker.variables))
    symbol = sympy.Dummy("t")
    determinant = (sympy.eye(matrix.rows) + symbol * matrix).det(method="berkowitz")
    coefficients = sympy.Poly(sympy.expand(determinant), symbol).all_coeffs()
    return all3(
        [_domain_is_convex(checker, proof.expression), *(checker.nonnegative(sympy.together(c)) for c in coefficients)]
    )


def _domain_is_convex(checker: Checker, expression: Expr) -> Truth:
    """Whether a smooth function is defined on a convex set: its roots, quotients and logarithms are of affine functions."""
    variables = set(checker.variables)
    truths: list[Truth] = []
    for part in sympy.preorder_traversal(expression):
        if part.is_Symbol or part.free_symbols.isdisjoint(variables):
            continue
        if not isinstance(part, SMOOTH):
            return None
        if isinstance(part, sympy.log):
            truths.append(is_affine(part.args[0], checker.variables))
        elif part.is_Pow and not (part.exp.is_integer and part.exp.is_positive):
            truths.append(_power_is_defined(checker, part))
    return all3(truths)


def _power_is_defined(checker: Checker, power: Expr) -> Truth:
    if power.base.free_symbols.isdisjoint(checker.variables):
        return is_positive(power.base, checker.assumptions)
    return all3([is_affine(power.base, checker.variables), checker.defined_where_nonnegative(power)])


_RULES: dict[str, Callable[[Checker, CurvatureProof], Truth]] = {
    "affine": _affine_rule,
    "quadratic with a semidefinite Hessian": _quadratic_rule,
    "sum": _sum_rule,
    "nonnegative multiple": _multiple_rule(1),
    "nonpositive multiple": _multiple_rule(-1),
    "even power": _power_rule,
    "power above one": _power_rule,
    "power between zero and one": _power_rule,
    "negative power": _power_rule,
    "logarithm of a product": _logarithm_rule,
    "logarithm of a sum of log-convex functions": _logarithm_rule,
    "entropy": _entropy_rule,
    "relative entropy": _entropy_rule,
    "square over linear": _square_over_linear_rule,
    "geometric mean": _geometric_mean_rule,
    "norm": _norm_rule,
    "hyperbolic quadratic": _hyperbolic_rule,
    "Hessian with nonnegative principal minors": _hessian_rule,
}
