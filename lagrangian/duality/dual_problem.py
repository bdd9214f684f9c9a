"""The Lagrange dual of a problem, as a problem of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Eq, Expr, Min, Symbol

from lagrangian.duality.dual_bound import TIME_LIMIT_S, DualBound, dual_bound
from lagrangian.duality.dual_derivation import dual_function
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_pieces import Piece, nonnegative, piece
from lagrangian.errors import ProblemError
from lagrangian.problem.bounds import bound_of
from lagrangian.problem.problem import Problem, Sense
from lagrangian.shown import Shown

if TYPE_CHECKING:
    from lagrangian.report.picture import Picture


@dataclass(frozen=True)
class DualForm:
    """One piece of the dual function as a problem, with the multipliers that its equations determine by the others."""

    problem: Problem
    determined: dict[Symbol, Expr]
    is_densest: bool = False

    def multipliers(self, point: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
        """The values of all multipliers from those of the problem's variables."""
        return {**point, **{symbol: sympy.expand(e.xreplace(point)) for symbol, e in self.determined.items()}}


@dataclass(frozen=True)
class DualProblem(Shown):
    """The dual: maximize g for a minimization, minimize the upper bound g for a maximization.

    ``problem`` states it with the conditions of g's domain as constraints, for the piece of g that holds on a dense part of it
    (Boyd and Vandenberghe 2004, section 5.2.1); ``forms`` has all pieces, where g has several. Multipliers of bounds, and of new
    variables, that an equation of the domain determines are replaced by what they are equal to; those of bounds must be >= 0.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> primal = Problem(x + 2 * y, [x + y >= 1], over=[x, y], bounds={x: (0, None), y: (0, None)})
    >>> dual = dual_problem(primal)
    >>> dual.problem.objective, dual.problem.constraints
    (mu_1, (1 - mu_1 >= 0, 2 - mu_1 >= 0))
    """

    primal: Problem
    function: DualFunction

    @property
    def sense(self) -> Sense:
        return Sense.MINIMIZE if self.primal.sense is Sense.MAXIMIZE else Sense.MAXIMIZE

    @property
    def problem(self) -> Problem:
        """The dual as a problem.

        Raises:
            ProblemError: where the dual function is not known, is infinite everywhere, or has no multiplier.
        """
        if not self.forms:
            bound = "-oo" if self.sense is Sense.MAXIMIZE else "oo"
            raise ProblemError(
                f"the dual function is {bound} for all multipliers: the dual problem has no feasible point"
            )
        return self.forms[0].problem

    @cached_property
    def forms(self) -> tuple[DualForm, ...]:
        """A problem for each piece of the dual function.

        Raises:
            ProblemError: where the dual function is not known, or has no multiplier.
        """
        if self.function.missing is not None:
            raise ProblemError(f"the dual function is not known: {self.function.missing}")
        if not self.function.multipliers:
            raise ProblemError(
                "no constraint has a multiplier: the dual function is a constant, and there is no dual problem"
            )
        forms = (self._form(part) for part in self.function.pieces)
        return tuple(form for form in forms if form is not None)

    def _form(self, part: Piece) -> DualForm | None:
        assumptions = self.primal.assumptions
        determined: dict[Symbol, Expr] = {}
        reduced: Piece | None = part
        while reduced is not None:
            more = determined_multipliers(reduced, self.function, determined)
            if more == determined:
                break
            determined = more
            conditions = [c.func(c.lhs.xreplace(determined), c.rhs, evaluate=False) for c in part.conditions]
            signs = [nonnegative(e) for symbol, e in determined.items() if symbol.is_nonnegative]
            reduced = piece(part.value.xreplace(determined), [*conditions, *signs], assumptions)
        if reduced is None:
            return None
        objective, levels = self._hypograph(reduced.value)
        left = [symbol for symbol in self.function.multipliers if symbol not in determined]
        levels_below = [
            nonnegative(argument - level) for level, extremum in levels.items() for argument in extremum.args
        ]
        problem = Problem(
            objective,
            [*reduced.conditions, *levels_below],
            over=[*left, *levels],
            sense=self.sense,
            assumptions=assumptions,
        )
        return DualForm(problem, determined, part == self.function.densest)

    def _hypograph(self, value: Expr) -> tuple[Expr, dict[Symbol, Expr]]:
        """The value with a new variable t <= each argument in place of Min(...): the problem becomes smooth, often linear.

        Only for an extremum of functions of the multipliers, which the dual function adds; one of parameters is a number.
        """
        taken = {symbol.name for symbol in (*self.function.multipliers, *self.primal.parameters)}
        levels: dict[Symbol, Expr] = {}
        moving = {e for e in value.atoms(Min) if e.free_symbols & set(self.function.multipliers)}
        for extremum in sorted(moving, key=str):
            name = f"t_{len(levels) + 1}"
            while name in taken:
                name += "'"
            levels[Symbol(name, real=True)] = extremum
        return value.xreplace({extremum: level for level, extremum in levels.items()}), levels

    def bound_at(self, multipliers: dict[Symbol, Any], *, time_limit_s: float = TIME_LIMIT_S) -> DualBound:
        """The dual function at multipliers by solving the inner problem, whether there is a formula of it or not.

        >>> x = Symbol("x", real=True)
        >>> dual = dual_problem(Problem(x**6 - 3 * x**2, [x >= 2], over=[x]))
        >>> dual.bound_at({dual.function.multipliers[0]: 0}).value
        -2
        """
        return dual_bound(self.function, multipliers, time_limit_s=time_limit_s)

    def explanation(self) -> tuple[str, ...]:
        """The derivation of the dual function in sentences."""
        return self.function.explanation()

    def plot(self, path: str | PathLike[str] | None = None) -> "Picture":
        """The dual function of one or two multipliers as a picture, see `lagrangian.report.dual_plot`."""
        from lagrangian.report.dual_plot import plot_dual  # above this layer: it reads duals

        return plot_dual(self, path)

    def __str__(self) -> str:
        return _written(self)

    def _repr_latex_(self) -> str:
        if self.function.missing is not None or not self.function.multipliers or not self.forms:
            return self.function._repr_latex_()
        return latex_of(self.problem)


def dual_problem(problem: Problem, relax: Iterable[Any] | None = None) -> DualProblem:
    """The dual of a problem: the best bound that its dual function gives.

    Args:
        problem: integers are allowed where the inner problem has a closed form.
        relax: the constraints that get multipliers, all if None; the others limit the inner problem, see `dual_function`.

    Raises:
        ProblemError: for a constraint in ``relax`` that the problem does not have.

    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y")
    >>> dual_problem(Problem(x**2 + y**2, [Eq(x + y, 2)], over=[x, y])).problem.objective
    -lambda**2/2 + 2*lambda
    """
    return DualProblem(problem, dual_function(problem, relax))


def determined_multipliers(part: Piece, function: DualFunction, known: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    """Multipliers of bounds or of new variables, each solved from an equation in which it has a number as its coefficient.

    Those of sign constraints come first: they occur in nothing else. One multiplier at least is left. Any multiplier that an
    equation says to be zero is zero.
    """
    determined = dict(known)
    for condition in part.conditions:
        if not isinstance(condition, Eq) or len(function.multipliers) - len(determined) < 2:
            continue
        side = sympy.expand(condition.lhs.xreplace(determined))
        candidates = [side] if side in function.multipliers else _multipliers_of_bounds(function)
        for symbol in candidates:
            if symbol not in determined and side.is_polynomial(symbol) and sympy.degree(side, symbol) == 1:
                slope = side.coeff(symbol)
                if slope.is_number:
                    solved = sympy.expand((slope * symbol - side) / slope)
                    determined = {key: sympy.expand(e.xreplace({symbol: solved})) for key, e in determined.items()}
                    determined[symbol] = solved
                    break
    return determined


def _multipliers_of_bounds(function: DualFunction) -> list[Symbol]:
    signs: list[Symbol] = []
    others: list[Symbol] = []
    for term in function.terms:
        bound = bound_of(term.stated.lhs - term.stated.rhs, function.lagrangian.problem.over)
        if bound is not None and not isinstance(term.stated, Eq):
            (signs if bound[1] == 0 else others).append(term.multiplier)
    return [*signs, *others, *(nu for nu, _ in function.introduced)]


def _written(dual: DualProblem) -> str:
    function = dual.function
    if function.missing is not None or not function.multipliers or not dual.forms:
        return str(function)
    problem = dual.problem
    verb = "maximize" if problem.sense is Sense.MAXIMIZE else "minimize"
    conditions = ", ".join(map(str, problem.all_constraints))
    stated = f"{verb} {problem.objective}" + (f" subject to {conditions}" if conditions else "")
    return f"{stated}, for the problem with {function.new_equations}" if function.introduced else stated


def latex_of(problem: Problem) -> str:
    """A problem as LaTeX for a notebook."""
    verb = "maximize" if problem.sense is Sense.MAXIMIZE else "minimize"
    lines = [rf"\text{{{verb}}} & {sympy.latex(problem.objective)}"]
    words = [r"\text{subject to}", *[""] * len(problem.all_constraints)]
    lines += [f"{word} & {sympy.latex(c)}" for word, c in zip(words, problem.all_constraints, strict=False)]
    return "$\\displaystyle \\begin{array}{ll}" + r" \\ ".join(lines) + "\\end{array}$"
