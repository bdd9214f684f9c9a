"""Certificates by convexity: a KKT point of a convex problem is a global minimum (Boyd and Vandenberghe 2004, section 5.5.3).

The proof of convexity is a tree of rule applications, each of which is checked by `lagrangian.proof.curvature`, without the
search that found it.
"""

from dataclasses import dataclass

import sympy
from flint import fmpq_mat
from sympy import Expr, Max, Min, Symbol

from lagrangian.algebra.polynomials import to_fmpq
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.convexity import Convexity, Curvature
from lagrangian.logic import Truth, all3, not3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.curvature import Checker, is_affine


@dataclass(frozen=True, eq=False)
class ConvexityCertificate(Certificate):
    """A point with multipliers that satisfies the KKT conditions of a problem whose convexity is proved."""

    problem: CanonicalProblem
    convexity: Convexity
    point: dict[Symbol, Expr]
    inequality_multipliers: tuple[Expr, ...]
    equality_multipliers: tuple[Expr, ...]

    kind = "convexity"
    claim = Claim.GLOBAL_OPTIMUM

    def verify(self) -> Truth:
        return all3(
            check()
            for check in (
                self._point_is_complete,
                self._functions_are_defined,
                self._equations_are_affine,
                self._substitution_is_implied,
                self._functions_are_convex,
                self._stationarity,
                self._slopes_are_subgradients,
                self._primal_feasibility,
                self._dual_feasibility,
                self._complementary_slackness,
            )
        )

    def _at(self, expression: Expr) -> Expr:
        return expression.xreplace(self.point)

    def _point_is_complete(self) -> Truth:
        """Whether every variable has a value, free of variables; an integer where it must be one."""
        variables = set(self.problem.variables)
        if set(self.point) != variables or any(value.free_symbols & variables for value in self.point.values()):
            return False
        return all3(self.point[v].is_integer for v in self.problem.variables if v in self.problem.integers)

    def _functions_are_defined(self) -> Truth:
        """Whether logarithms, roots and quotients make sense at the point: 1/x - 1 = 0 says nothing of log(x) at x = -1."""
        assumptions = self.problem.assumptions
        truths: list[Truth] = []
        for function in (self.problem.objective, *(g.expression for g in self.problem.inequalities)):
            for part in function.atoms(sympy.log, sympy.Pow):
                inner = self._at(part.args[0])
                if isinstance(part, sympy.log):
                    truths.append(is_positive(inner, assumptions))
                elif part.exp.is_integer is not True:
                    truths.append(
                        (is_positive if part.exp.is_positive is not True else is_nonnegative)(inner, assumptions)
                    )
                elif part.exp.is_nonnegative is not True:
                    truths.append(not3(is_zero(inner)))
        return all3(truths)

    def _equations_are_affine(self) -> Truth:
        return all(is_affine(h.expression, self.problem.variables) for h in self.problem.equalities) and all3(
            is_zero(sympy.expand(h.expression.xreplace(self.convexity.substitution)))
            for h in self.problem.equalities
            if self.convexity.substitution
        )

    def _substitution_is_implied(self) -> Truth:
        """Whether the equations determine the variables that are replaced, by as many of them that are independent."""
        replaced = self.convexity.substitution
        if not replaced:
            return True
        if not all(
            is_affine(v, self.problem.variables) and v.free_symbols.isdisjoint(replaced) for v in replaced.values()
        ):
            return False
        slopes = [sympy.diff(h.expression, v) for h in self.problem.equalities for v in replaced]
        matrix = sympy.Matrix(len(self.problem.equalities), len(replaced), slopes)
        return set(replaced) <= set(self.problem.variables) and has_full_column_rank(matrix)

    def _functions_are_convex(self) -> Truth:
        proofs = (self.convexity.objective, *self.convexity.inequalities)
        functions = (self.problem.objective, *(g.expression for g in self.problem.inequalities))
        checker = Checker.of(self.problem, self.convexity.substitution)
        if len(proofs) != len(functions):
            return False
        # without an inequality of multiplier 0 the point is a KKT point of a problem with fewer constraints, and so its optimum
        multipliers = (sympy.Integer(1), *self.inequality_multipliers)
        return all3(
            is_zero(multiplier)
            if proof is None
            else proof.curvature is not Curvature.CONCAVE
            and is_zero(sympy.expand(proof.expression - function.xreplace(self.convexity.substitution)))
            and checker.holds(proof)
            for proof, function, multiplier in zip(proofs, functions, multipliers, strict=True)
        )

    @property
    def _lagrangian(self) -> Expr:
        lagrangian = self.problem.objective
        for multiplier, inequality in zip(self.inequality_multipliers, self.problem.inequalities, strict=True):
            lagrangian += multiplier * inequality.expression
        for multiplier, equality in zip(self.equality_multipliers, self.problem.equalities, strict=True):
            lagrangian += multiplier * equality.expression
        return lagrangian

    def _stationarity(self) -> Truth:
        lagrangian = self._lagrangian
        return all3(is_zero(self._at(sympy.diff(lagrangian, variable))) for variable in self.problem.variables)

    def _slopes_are_subgradients(self) -> Truth:
        """Whether no three arguments of Max are equal: SymPy gives each of them half its slope, which is too much then."""
        for extremum in self._lagrangian.atoms(Max, Min):
            values = [self._at(argument) for argument in extremum.args]
            greatest = self._at(extremum)
            if sum(is_zero(value - greatest) is not False for value in values) > 2:
                return None
        return True

    def _primal_feasibility(self) -> Truth:
        assumptions = self.problem.assumptions
        return all3(
            [
                *(is_zero(self._at(h.expression)) for h in self.problem.equalities),
                *(
                    (is_positive if g.strict else is_nonnegative)(-self._at(g.expression), assumptions)
                    for g in self.problem.inequalities
                ),
            ]
        )

    def _dual_feasibility(self) -> Truth:
        return all3(is_nonnegative(mu, self.problem.assumptions) for mu in self.inequality_multipliers)

    def _complementary_slackness(self) -> Truth:
        return all3(
            is_zero(mu * self._at(g.expression))
            for mu, g in zip(self.inequality_multipliers, self.problem.inequalities, strict=True)
        )

    def explanation(self) -> tuple[str, ...]:
        return (
            f"The problem, written as a minimization, is convex: {self.convexity.reason}.",
            "With the multipliers of the KKT point x* the Lagrangian L is convex then, and zero is a (sub)gradient of it at "
            "x*: it is least there.",
            "For every feasible x, written as a minimization, f(x) >= L(x) >= L(x*) = f(x*): the first because the "
            "multipliers are not negative, the last by complementary slackness. So x* is a global optimum.",
        )


def has_full_column_rank(matrix: sympy.Matrix) -> Truth:
    """Whether the columns are independent, for all values of the parameters in them.

    >>> b = sympy.Symbol("b", positive=True)
    >>> has_full_column_rank(sympy.Matrix([[1, 2], [b, 2 * b], [0, b]])), has_full_column_rank(sympy.Matrix([[1, 2]]))
    (True, False)
    """
    if matrix.rows < matrix.cols:
        return False
    if all(value.is_Rational for value in matrix):
        return bool(fmpq_mat(matrix.rows, matrix.cols, [to_fmpq(value) for value in matrix]).rank() == matrix.cols)
    _, rows = matrix.T.rref(simplify=True)
    if len(rows) < matrix.cols:
        return False
    zero = is_zero(matrix.extract(list(rows), list(range(matrix.cols))).det())
    return None if zero is None else not zero
