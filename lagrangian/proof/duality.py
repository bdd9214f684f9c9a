"""Certificates of weak and strong duality: a primal point, multipliers, and the infimum of the Lagrangian at these.

For each feasible x and mu >= 0 the Lagrangian is at most F(x), so inf L is at most p* (Boyd and Vandenberghe 2004, section
5.1.3). The infimum is proved once more by the certificate of the inner problem, whatever formula of the dual function there is.
An upper bound of d* are weighted points of X on whose average all constraints hold: for all multipliers g is at most the average
of L over them, so at most that of F (the convexified problem, Geoffrion 1974).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import sympy
from sympy import Expr, Integer, Symbol

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.domains import is_defined
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.guards import NONNEGATIVE, POSITIVE, guards
from lagrangian.proof.about import is_about
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.curvature import Checker
from lagrangian.proof.proved import proved_value

Point = dict[Symbol, Expr]
ATTAINED = (Claim.GLOBAL_OPTIMUM, Claim.NOT_ATTAINED)


@dataclass(frozen=True, eq=False)
class DualityCertificate:
    """What proves p* and d* of a canonical problem, or bounds of them.

    ``point`` is feasible with F = ``primal_value``; where there is none, ``primal`` proves the value. ``multipliers`` are those
    of the inequalities and of the equations, None for constraints that stay in the inner problem. No others may limit that, but
    for the ``region`` where functions are convex: this says which dual the values are of. ``inner_certificate`` proves that the
    problem ``inner``, to minimize L at them, has the value ``dual_value``. ``mixture`` are points with weights.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x, y = symbols("x y", real=True)
    >>> certificate = minimize(x**2 + y**2, [x + y >= 1], over=[x, y]).duality().certificate
    >>> certificate.primal_value, certificate.dual_value, certificate.gap, certificate.verify()
    (1/2, 1/2, 0, True)
    """

    problem: CanonicalProblem
    point: Point | None
    primal: Certificate | None
    primal_value: Expr
    inequality_multipliers: tuple[Expr | None, ...]
    equality_multipliers: tuple[Expr | None, ...]
    inner: CanonicalProblem
    inner_certificate: Certificate
    dual_value: Expr
    mixture: tuple[tuple[Expr, Point], ...] = ()

    kind = "duality"

    @property
    def gap(self) -> Expr:
        """The difference of the two values: the duality gap itself where `is_exact`, else the most that it can be."""
        difference = sympy.expand(self.primal_value - self.dual_value)
        return Integer(0) if is_zero(difference) is True else difference

    @property
    def is_exact(self) -> bool:
        """Whether it proves p* and d*, not only bounds: they are equal, or each value is proved to be the best one too."""
        return self.gap == 0 or (self.primal is not None and bool(self.mixture))

    def verify(self) -> Truth:
        """Check everything again, without the solver: True, or False if a step fails, or None if one could not be decided."""
        steps = (
            self._primal_value_is_attained,
            self._dual_feasibility,
            self._inner_objective_is_the_lagrangian,
            self._inner_set_is_that_of_the_dual,
            self._inner_value_is_proved,
            self._mixture_bounds_the_dual_value,
        )
        return all3(step() for step in steps)

    @cached_property
    def verified(self) -> Truth:
        """The outcome of the first check of this object, which is not done twice."""
        return self.verify()

    def explanation(self) -> tuple[str, ...]:
        """The argument in sentences, a step each."""
        parts = ["the certificate of the problem holds"] if self.primal is not None else []
        parts += ["the primal point is feasible"] if self.point is not None else []
        where, verb = ", and ".join(parts), "is" if self.primal is not None else "is at most"
        lines = [
            *self.limits_in_words(),
            f"{where[:1].upper()}{where[1:]}, so p* {verb} {self.primal_value} (for the minimization).",
            "The multipliers of the inequalities are not negative, so the Lagrangian is at most the objective.",
            f"Its least value at them is {self.dual_value} ({self.inner_certificate.kind}), so d* is at least that.",
        ]
        if self.mixture:
            lines.append(
                f"{len(self.mixture)} points satisfy the constraints on average, so d* is at most {self.dual_value}."
            )
        said = f"p* - d* = {self.gap}" if self.is_exact else f"p* - d* is at most {self.gap}"
        return (*lines, f"Together with weak duality, {said}.")

    def limits_in_words(self) -> list[str]:
        """What limits the inner problem, besides the domains of the functions, in sentences."""
        limits = [f"{-part.expression} {'>' if part.strict else '>='} 0" for part in self._relaxed.inequalities]
        limits += [f"{part.expression} = 0" for part in self._relaxed.equalities]
        lines = (
            [f"The constraints {', '.join(limits)} have no multiplier and limit the inner problem."] if limits else []
        )
        region = ", ".join(f"{u} >= 0" for u in self.region)
        return [*lines, f"The constraints imply {region}, where the inner problem is stated."] if region else lines

    def _primal_value_is_attained(self) -> Truth:
        truths: list[Truth] = []
        if self.point is not None:
            truths.append(_is_feasible(self.problem, self.point))
            truths.append(is_zero(self.problem.objective.xreplace(self.point) - self.primal_value))
        elif self.primal is None:
            return False
        if self.primal is not None:
            truths += [self.primal.claim in ATTAINED, is_about(self.primal, self.problem), self.primal.verified]
            truths.append(_proves(self.primal, self.primal_value))
        return all3(truths)

    def _dual_feasibility(self) -> Truth:
        counts = (len(self.inequality_multipliers), len(self.equality_multipliers))
        if counts != (len(self.problem.inequalities), len(self.problem.equalities)):
            return False
        values = [m for m in (*self.inequality_multipliers, *self.equality_multipliers) if m is not None]
        if any(value.free_symbols & set(self.problem.variables) for value in values):
            return False
        return all3(is_nonnegative(m, self.problem.assumptions) for m in self.inequality_multipliers if m is not None)

    def _inner_objective_is_the_lagrangian(self) -> Truth:
        functions = self.problem.functions[1:]
        multipliers = (*self.inequality_multipliers, *self.equality_multipliers)
        terms = [m * function for function, m in zip(functions, multipliers, strict=True) if m is not None]
        return is_zero(sympy.expand(self.inner.objective - self.problem.objective - sympy.Add(*terms)))

    @property
    def kept(self) -> tuple[Inequality | Equality, ...]:
        """The constraints without a multiplier, which limit the inner problem."""
        return tuple(part for part, multiplier in self._pairs if multiplier is None)

    @property
    def _pairs(self) -> tuple[tuple[Inequality | Equality, Expr | None], ...]:
        constraints: tuple[Inequality | Equality, ...] = (*self.problem.inequalities, *self.problem.equalities)
        return tuple(zip(constraints, (*self.inequality_multipliers, *self.equality_multipliers), strict=True))

    @cached_property
    def _relaxed(self) -> CanonicalProblem:
        """The problem with the kept constraints alone."""
        inequalities = tuple(part for part in self.kept if isinstance(part, Inequality))
        equalities = tuple(part for part in self.kept if isinstance(part, Equality))
        return replace(self.problem, inequalities=inequalities, equalities=equalities)

    @cached_property
    def region(self) -> tuple[Expr, ...]:
        """Affine functions that the inner problem holds >= 0 although no kept constraint and no domain says so."""
        return tuple(-g.expression for g in self.inner.inequalities if self._is_of_the_relaxed(g) is not True)

    def _is_of_the_relaxed(self, limit: Inequality) -> Truth:
        """Whether a limit is a constraint without a multiplier, follows from such, or says where a function is defined."""
        stated = {(g.expression, strict) for g in self._relaxed.inequalities for strict in {g.strict, False}}
        demanded = frozenset().union(*map(guards, self.problem.functions))
        inside = {(-g.of, strict) for g in demanded if g.demand == POSITIVE for strict in (True, False)}
        inside |= {(-g.of, False) for g in demanded if g.demand == NONNEGATIVE}
        known = {(sympy.expand(side), strict) for side, strict in stated | inside}
        if (sympy.expand(limit.expression), limit.strict) in known:
            return True
        return None if limit.strict else Checker.of(self._relaxed, {}).nonnegative(-limit.expression)

    def _inner_set_is_that_of_the_dual(self) -> Truth:
        """Whether the inner problem is limited by what has no multiplier, and besides to where its functions are convex.

        Such a region is an argument of a function that the constraints show to be >= 0. A constraint with a multiplier that also
        limits the inner problem would make the values those of another dual.
        """
        same = set(self.inner.variables) == set(self.problem.variables) and self.inner.integers == self.problem.integers
        if not same or {h.expression for h in self.inner.equalities} != {
            h.expression for h in self._relaxed.equalities
        }:
            return False
        if not set(self.inner.assumptions) <= set(self.problem.assumptions):
            return False
        limits = {sympy.expand(g.expression) for g in self.inner.inequalities}
        checker, arguments = Checker.of(self.problem, {}), _arguments(self.problem)
        strict = any(g.strict and -g.expression in self.region for g in self.inner.inequalities)
        return all3(
            [
                *(sympy.expand(g.expression) in limits for g in self._relaxed.inequalities),
                not strict,
                *(all3([sympy.expand(u) in arguments, checker.nonnegative(u)]) for u in self.region),
            ]
        )

    def _inner_value_is_proved(self) -> Truth:
        inner = self.inner_certificate
        return all3(
            [
                inner.claim in ATTAINED,
                is_about(inner, self.inner),
                inner.verified,
                _proves(inner, self.dual_value),
                is_nonnegative(self.primal_value - self.dual_value, self.problem.assumptions),
            ]
        )

    def _mixture_bounds_the_dual_value(self) -> Truth:
        """Whether the points lie in X, and average to the dual value and to values that the relaxed constraints allow."""
        if not self.mixture:
            return True
        weights = [weight for weight, _ in self.mixture]
        truths: list[Truth] = [*(is_nonnegative(weight) for weight in weights), is_zero(sympy.Add(*weights) - 1)]
        truths += [_is_feasible(self.inner, point, self.problem.functions) for _, point in self.mixture]
        truths.append(is_zero(self._average(self.problem.objective) - self.dual_value))
        for g, multiplier in zip(self.problem.inequalities, self.inequality_multipliers, strict=True):
            if multiplier is not None:
                truths.append(is_nonnegative(-self._average(g.expression)))
        for h, multiplier in zip(self.problem.equalities, self.equality_multipliers, strict=True):
            if multiplier is not None:
                truths.append(is_zero(self._average(h.expression)))
        return all3(truths)

    def _average(self, function: Expr) -> Expr:
        return sympy.Add(*(weight * function.xreplace(point) for weight, point in self.mixture))


def _is_feasible(problem: CanonicalProblem, point: Point, functions: tuple[Expr, ...] | None = None) -> Truth:
    """Whether a point has a value for each variable, all functions are defined there, and all constraints hold."""
    if set(point) != set(problem.variables):
        return False
    if any(value.free_symbols & set(problem.variables) for value in point.values()):
        return False
    at = dict(point)
    return all3(
        [
            *(_is_defined(function, at) for function in (*problem.functions, *(functions or ()))),
            *(at[v].is_integer for v in problem.variables if v in problem.integers),
            *(is_zero(h.expression.xreplace(at)) for h in problem.equalities),
            *(
                (is_positive if g.strict else is_nonnegative)(-g.expression.xreplace(at), problem.assumptions)
                for g in problem.inequalities
            ),
        ]
    )


def _arguments(problem: CanonicalProblem) -> set[Expr]:
    """What functions of the problem other than quadratic ones are taken of: bases of powers, factors, arguments, expanded."""
    parts = (part for function in problem.functions for part in sympy.preorder_traversal(function))
    curved = (part for part in parts if isinstance(part, Expr) and not part.is_Add and _is_curved(part, problem))
    return {sympy.expand(inner) for part in curved for inner in sympy.preorder_traversal(part) if inner != part}


def _is_curved(part: Expr, problem: CanonicalProblem) -> bool:
    polynomial = part.as_poly(*problem.variables)
    return polynomial is None or polynomial.total_degree() > 2


def _is_defined(function: Expr, point: Point) -> Truth:
    """Whether a function is a real number at a point; polynomials are, also of parameters."""
    if function.is_polynomial(*point) and all(value.is_real for value in point.values()):
        return True
    return is_defined(function, point)


def _proves(certificate: Certificate, value: Expr) -> Truth:
    proved = proved_value(certificate)
    if proved is None or isinstance(proved, tuple):
        return None
    number = closed_form(proved) if isinstance(proved, FieldElement) else proved
    return is_zero(number - value)
