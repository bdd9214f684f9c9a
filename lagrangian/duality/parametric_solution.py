"""The answer to a problem with parameters: regions that cover all admissible parameters, with the exact answer on each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Eq, Expr, Piecewise, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import holds, is_zero
from lagrangian.duality.parameter_values import parameter_values, relations_at
from lagrangian.duality.parametric_checks import ParametricVerification, checks_of
from lagrangian.duality.parametric_cover import Cover, cover_of
from lagrangian.duality.parametric_regions import ParametricRegion, shortest
from lagrangian.duality.smooth_form import KINKS
from lagrangian.logic import Truth, all3
from lagrangian.problem.problem import Problem, Sense
from lagrangian.shown import Shown
from lagrangian.status import Status

if TYPE_CHECKING:
    from lagrangian.report.picture import Picture


@dataclass(frozen=True, eq=False)
class ParametricSolution(Shown):
    """Regions of parameters, each with the exact optimum, value, multipliers and active set, or with why there is none.

    The regions cover the admissible parameters, those that the assumptions allow and for which the functions are defined, and
    overlap at most on their boundaries; `covers` and `overlaps_only_on_boundaries` check both from the relations alone.
    ``missing`` says what was not proved.

    >>> from sympy import symbols
    >>> from lagrangian import Problem, solve_parametric
    >>> x, b = symbols("x b", real=True)
    >>> solution = solve_parametric(Problem(x**2, [x >= b], over=[x]))
    >>> print(solution)
    where b >= 0: optimal, value b**2 at x = b; active: x >= b
    where b <= 0: optimal, value 0 at x = 0
    >>> solution.covers, solution.overlaps_only_on_boundaries, solution.at({b: 3}).value
    (True, True, 9)
    """

    problem: Problem
    regions: tuple[ParametricRegion, ...]
    missing: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        return self.problem.parameters

    @cached_property
    def cover(self) -> Cover:
        """What the relations alone say of the regions: whether they cover, whether they overlap, and how that is known."""
        return cover_of([region.relations for region in self.regions], self.problem)

    @property
    def covers(self) -> Truth:
        """Whether every admissible value of the parameters belongs to a region, UNDECIDED ones included; None: not decided."""
        return self.cover.is_complete

    @cached_property
    def is_decided(self) -> Truth:
        """Whether every admissible value of the parameters belongs to a region with an answer; None: not decided.

        >>> from sympy import symbols
        >>> from lagrangian import Problem, solve_parametric
        >>> x, b = symbols("x b", real=True)
        >>> solution = solve_parametric(Problem(b * x**3, [x >= 0, x <= 1], over=[x]))
        >>> solution.covers, solution.is_decided
        (True, False)
        """
        answered = [region.relations for region in self.regions if region.status is not Status.UNDECIDED]
        if len(answered) == len(self.regions):
            return self.covers
        return cover_of(answered, self.problem).is_complete if answered else False

    def verify(self) -> ParametricVerification:
        """The KKT conditions of each region and the cover checked again, from the result alone.

        >>> from sympy import symbols
        >>> from lagrangian import Problem, solve_parametric
        >>> x, b = symbols("x b", real=True)
        >>> solve_parametric(Problem(x**2, [x >= b], over=[x])).verify().truth
        True
        """
        checks = checks_of(self.problem, self.regions)
        return ParametricVerification(checks, self.is_decided, self.overlaps_only_on_boundaries)

    @property
    def overlaps_only_on_boundaries(self) -> Truth:
        """Whether no two regions have interior points in common; None: not decided."""
        return self.cover.overlaps_only_on_boundaries

    def at(self, values: Mapping[Symbol, Any]) -> ParametricRegion:
        """The exact answer for values of all parameters; shadow prices where the multipliers are unique there.

        Raises:
            ProblemError: where a parameter has no value, or one that the assumptions exclude, or a symbol is no parameter.
        """
        numbers = parameter_values(self.problem, values)
        undecided = False
        for region in self.regions:
            truth = all3(holds(relation) for relation in relations_at(region.relations, numbers))
            if truth:
                return self._substituted_region(region, numbers)
            undecided = undecided or truth is None
        reason = (
            "the signs that tell the regions apart could not be decided" if undecided else "no region is known there"
        )
        return ParametricRegion(Status.UNDECIDED, (), reason=reason)

    def value_piecewise(self) -> Expr:
        """The value function as a SymPy Piecewise: oo where a minimization is infeasible, -oo where it is unbounded, else nan.

        For a maximization -oo where it is infeasible and oo where it is unbounded.
        """
        return self._piecewise(self._value_of)

    def point_piecewise(self) -> dict[Symbol, Expr]:
        """The optimizer, coordinate by coordinate, as SymPy Piecewise; nan where no optimum is attained."""
        return {variable: self._piecewise(_coordinate(variable)) for variable in self.problem.over}

    def explain(self, form: str = "text") -> str:
        """The regions with their answers and reasons, as "text", "markdown", "latex" or "html"."""
        from lagrangian.report.parametric_steps import (
            parametric_derivation,  # above this layer, and only when asked for
        )

        return parametric_derivation(self).render(form)

    def plot(self, path: str | PathLike[str] | None = None) -> "Picture":
        """The answer over one or two parameters as a picture, see `lagrangian.report.parametric_plot`."""
        from lagrangian.report.parametric_plot import plot_parametric  # above this layer, and only when asked for

        return plot_parametric(self, path)

    def __str__(self) -> str:
        return "\n".join(
            [*(self._line(region) for region in self.regions), *(f"missing: {text}" for text in self.missing)]
        )

    def _repr_latex_(self) -> str:
        name = "V^*" if not self.parameters else f"V^*({', '.join(sympy.latex(p) for p in self.parameters)})"
        lines = [rf"{name} = {sympy.latex(self.value_piecewise())}"]
        lines += [sympy.latex(Eq(v, e, evaluate=False)) for v, e in self.point_piecewise().items()]
        return "$\\displaystyle " + r" \\ ".join(lines) + "$"

    def _piecewise(self, value_of: Callable[[ParametricRegion], Expr]) -> Expr:
        if len(self.regions) == 1 and not self.regions[0].relations:
            return value_of(self.regions[0])
        pairs = [(value_of(region), region.condition) for region in self.regions]
        return Piecewise(*pairs, (sympy.nan, True), evaluate=False)

    def _value_of(self, region: ParametricRegion) -> Expr:
        if region.value is not None:
            return region.value
        worst = sympy.oo if self.problem.sense is Sense.MINIMIZE else -sympy.oo
        return {Status.INFEASIBLE: worst, Status.UNBOUNDED: -worst}.get(region.status, sympy.nan)

    def _line(self, region: ParametricRegion) -> str:
        where = f"where {' and '.join(map(str, region.relations))}: " if region.relations else ""
        line = f"{where}{region.status.value}"
        if region.value is not None:
            line += f", value {region.value}"
        if region.point and region.status is Status.OPTIMAL:
            line += " at " + ", ".join(f"{variable} = {place}" for variable, place in region.point.items())
        if region.active_set and region.status is Status.OPTIMAL:
            line += f"; active: {', '.join(map(str, region.active_set))}"
        return line

    def _substituted_region(self, region: ParametricRegion, numbers: dict[Symbol, Expr]) -> ParametricRegion:
        if region.point is None or region.value is None:
            return replace(region, relations=())
        point = {variable: shortest(place.xreplace(numbers)) for variable, place in region.point.items()}
        unique = self._is_inside(region, numbers) if self._has_kinks else self._has_unique_multipliers(point, numbers)
        has_prices = bool(region.shadow_prices) and unique
        return replace(
            region,
            relations=(),
            value=shortest(region.value.xreplace(numbers)),
            point=point,
            multipliers=_numbers_in(region.multipliers, numbers),
            shadow_prices=_numbers_in(region.shadow_prices if has_prices else {}, numbers),
            active_set=self._active_at(point | numbers),
            is_unique=None if region.relations else region.is_unique,
        )

    @property
    def _has_kinks(self) -> bool:
        sides = (side for relation in self.problem.all_constraints for side in relation.args)
        return any(function.has(*KINKS) for function in (self.problem.objective, *sides))

    def _is_inside(self, region: ParametricRegion, numbers: dict[Symbol, Expr]) -> bool:
        """Whether the parameters are in the interior of the region, where the multipliers are those of a smooth problem."""
        sides = [(r.lhs - r.rhs).xreplace(numbers) for r in region.relations]
        return all(is_zero(side) is False for side in sides)

    def _has_unique_multipliers(self, point: dict[Symbol, Expr], numbers: dict[Symbol, Expr]) -> bool:
        """Whether the gradients of all constraints that may be active at the point are shown to be independent.

        On the boundary of a region more constraints are active than inside, and the value may have a kink.
        """
        values = point | numbers
        slacks = [(c, (c.lhs - c.rhs).xreplace(values)) for c in self.problem.all_constraints]
        held = [c for c, slack in slacks if isinstance(c, Eq) or is_zero(slack) is not False]
        rows = [[sympy.diff(c.lhs - c.rhs, v).xreplace(values) for v in self.problem.over] for c in held]
        if any(not entry.is_number or entry.is_finite is not True for row in rows for entry in row):
            return False
        gradients = sympy.Matrix(len(held), len(self.problem.over), [entry for row in rows for entry in row])
        return is_zero((gradients * gradients.T).det()) is False  # Gram's determinant

    def _active_at(self, numbers: dict[Symbol, Expr]) -> tuple[Relational, ...]:
        """The inequalities that hold with equality at a point: on the boundary of a region more than in its interior."""
        stated = [c for c in self.problem.all_constraints if not isinstance(c, Eq)]
        return tuple(c for c in stated if is_zero((c.lhs - c.rhs).xreplace(numbers)))


def _numbers_in(values: dict[Relational, Expr] | None, numbers: dict[Symbol, Expr]) -> dict[Relational, Expr]:
    return {relation: shortest(value.xreplace(numbers)) for relation, value in (values or {}).items()}


def _coordinate(variable: Symbol) -> Callable[[ParametricRegion], Expr]:
    return lambda region: (
        region.point[variable] if region.point is not None and region.status is Status.OPTIMAL else sympy.nan
    )
