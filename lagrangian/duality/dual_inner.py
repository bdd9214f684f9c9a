"""The inner problem of a dual function: a sum of a quadratic function and weighted standard functions over a simple set."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy
from sympy import Expr, Integer, Symbol
from sympy.core.relational import Relational

from lagrangian.duality.dual_atoms import Atom

Interval = tuple[Expr | None, Expr | None]
WHOLE: Interval = (None, None)


@dataclass(frozen=True)
class Inner:
    """inf over x in X of quadratic + sum(weight * atom), with weights and coefficients that depend on the multipliers.

    X holds each variable in its interval, and the ``integers`` at integer values.
    """

    variables: tuple[Symbol, ...]
    quadratic: Expr
    weights: dict[Atom, Expr]
    intervals: dict[Symbol, Interval] = field(default_factory=dict)
    integers: frozenset[Symbol] = frozenset()
    assumptions: tuple[Relational, ...] = ()

    @property
    def expression(self) -> Expr:
        return self.quadratic + sympy.Add(*(weight * atom.expression for atom, weight in self.weights.items()))

    @cached_property
    def slopes(self) -> list[Expr]:
        """The coefficients of the linear part."""
        origin = dict.fromkeys(self.variables, Integer(0))
        return [sympy.expand(sympy.diff(self.quadratic, v).xreplace(origin)) for v in self.variables]

    @cached_property
    def hessian(self) -> sympy.Matrix:
        found = sympy.hessian(self.quadratic, list(self.variables)) if self.variables else sympy.zeros(0, 0)
        return found.applyfunc(sympy.expand)

    @cached_property
    def constant(self) -> Expr:
        return sympy.expand(self.quadratic.xreplace(dict.fromkeys(self.variables, Integer(0))))

    @property
    def has_bounds(self) -> bool:
        return any(self.intervals.get(v, WHOLE) != WHOLE for v in self.variables) or bool(self.integers)

    def parts(self) -> list["Inner"]:
        """The inner problems over the variables that occur together; constants are left out, they are in `constant`."""
        groups: list[set[Symbol]] = [{v} for v in self.variables]
        matrix = self.hessian
        joined = [
            {self.variables[i], self.variables[j]} for i in range(matrix.rows) for j in range(i) if matrix[i, j] != 0
        ]
        joined += [
            set().union(*(a.free_symbols for a in atom.arguments)) & set(self.variables) for atom in self.weights
        ]
        for link in joined:
            touched = [group for group in groups if group & link]
            groups = [group for group in groups if not group & link] + ([set().union(*touched)] if touched else [])
        return [self._over(tuple(v for v in self.variables if v in group)) for group in sorted(groups, key=self._place)]

    def _place(self, group: set[Symbol]) -> int:
        return min(self.variables.index(v) for v in group)

    def _over(self, chosen: tuple[Symbol, ...]) -> "Inner":
        away = {v: Integer(0) for v in self.variables if v not in chosen}
        weights = {
            atom: weight
            for atom, weight in self.weights.items()
            if any(argument.free_symbols & set(chosen) for argument in atom.arguments)
        }
        quadratic = sympy.expand(self.quadratic.xreplace(away)) - self.constant
        return replace(
            self,
            variables=chosen,
            quadratic=sympy.expand(quadratic),
            weights=weights,
            integers=self.integers & set(chosen),
        )
