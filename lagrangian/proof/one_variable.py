"""Certificates about functions of one variable, decided completely."""

from collections.abc import Callable
from dataclasses import dataclass

import sympy
from sympy import Expr, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.domains import is_defined
from lagrangian.conditions.growth_curves import is_feasible_along, limit_along
from lagrangian.conditions.line_cover import Side, lies_above
from lagrangian.logic import Truth, all3, not3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class LineCertificate(Certificate):
    """The optimum, or the infimum, of a function of one variable, or that no point is feasible.

    ``sides`` are neighborhoods of both infinities and of some points; away from these points every feasible one lies above
    ``value``. ``optima`` are those points that are feasible with this value. Where there is none, ``approach`` is a
    neighborhood that is feasible and in which the objective tends to the value. Without a value nothing is feasible.
    """

    problem: CanonicalProblem
    value: Expr | None
    sides: tuple[Side, ...]
    optima: tuple[Expr, ...] = ()
    approach: Side | None = None

    kind = "one variable"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        if self.value is None:
            return Claim.INFEASIBLE
        return Claim.GLOBAL_OPTIMUM if self.optima else Claim.NOT_ATTAINED

    def verify(self) -> Truth:
        points = [side.point for side in self.sides[1:-1:2] if side.point is not None]
        if any(point not in points for point in self.optima):
            return False
        checks = [self._is_optimum(point) if point in self.optima else self._is_above(point) for point in points]
        if self.value is not None and not self.optima:
            checks.append(self._is_approached())
        return (
            all3([*checks, lies_above(self.problem, self.value, self.sides)]) if all3(checks) is True else all3(checks)
        )

    def _is_optimum(self, point: Expr) -> Truth:
        if self.value is None:
            return False
        return all3([is_feasible_at(self.problem, point), is_zero(self._objective_at(point) - self.value)])

    def _is_above(self, point: Expr) -> Truth:
        feasible = is_feasible_at(self.problem, point)
        if feasible is False or self.value is None:
            return not3(feasible)
        return is_positive(self._objective_at(point) - self.value)

    def _objective_at(self, point: Expr) -> Expr:
        return self.problem.objective.xreplace({self.problem.variables[0]: point})

    def _is_approached(self) -> Truth:
        if self.approach is None:
            return False
        curve = self.approach.curve(self.problem.variables[0])
        limit = limit_along(self.problem.objective, curve)
        reaches = None if limit is None or limit.has(sympy.oo) else is_zero(limit - self.value)
        return all3([is_feasible_along(self.problem, curve), reaches])

    def explanation(self) -> tuple[str, ...]:
        if self.value is None:
            return (f"{self._cover_text()}, no point is feasible.",)
        above = f"{self._cover_text()}, every feasible point lies above the value."
        if self.optima:
            return (above, "At the points stated it is attained, exactly.")
        assert self.approach is not None
        return (
            above,
            f"The objective tends to it as {approach_text(self.problem, self.approach)}, without attaining it.",
        )

    def _cover_text(self) -> str:
        points = [str(side.point) for side in self.sides[1:-1:2]]
        apart = f" apart from {', '.join(points)}" if points else ""
        return (
            f"Near infinity{' and near ' + ', '.join(points) if points else ''} by orders of growth, and in between by interval "
            f"arithmetic,{apart}"
        ).rstrip(",")


def approach_text(problem: CanonicalProblem, side: Side) -> str:
    variable = problem.variables[0]
    if side.point is None:
        return f"{variable} -> {'oo' if side.side > 0 else '-oo'}"
    return f"{variable} -> {side.point} from {'above' if side.side > 0 else 'below'}"


def _if_defined(expression: Expr, rule: dict[Symbol, Expr], test: Callable[[Expr], Truth]) -> Truth:
    defined = is_defined(expression, rule)
    return test(expression.xreplace(rule)) if defined else defined


def is_feasible_at(problem: CanonicalProblem, point: Expr) -> Truth:
    """Whether a number is feasible and the objective is defined there: False only where that is certain.

    >>> x = sympy.Symbol("x", real=True)
    >>> is_feasible_at(CanonicalProblem(sympy.log(x), (), (), (x,), (), (), frozenset()), sympy.Integer(0))
    False
    """
    rule = {problem.variables[0]: point}
    checks: list[Truth] = [is_defined(problem.objective, rule)]
    for g in problem.inequalities:
        checks.append(_if_defined(-g.expression, rule, is_positive if g.strict else is_nonnegative))
    checks += [_if_defined(h.expression, rule, is_zero) for h in problem.equalities]
    return all3(checks)
