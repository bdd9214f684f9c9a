"""The problem as the user states it: an objective, relations, and the variables to choose."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from os import PathLike
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Eq, Expr, Float, Ge, Gt, Le, Lt, Ne, Rational, Symbol
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, BooleanAtom, Or

from lagrangian.errors import ProblemError
from lagrangian.shown import Displayed, Shown

if TYPE_CHECKING:
    from lagrangian.conditions.kkt import FritzJohnSystem, KKTSystem
    from lagrangian.conditions.lagrange import Lagrangian
    from lagrangian.duality.dual_problem import DualProblem
    from lagrangian.report.picture import Picture


class Sense(Displayed, Enum):
    """Whether the objective is to be made small or large."""

    MINIMIZE = "min"
    MAXIMIZE = "max"


@dataclass(frozen=True, slots=True, init=False)
class Problem(Shown):
    """An optimization problem over real (or integer) variables.

    minimize or maximize ``objective`` over ``over``, subject to ``constraints`` and ``bounds``.

    Args:
        objective: a real SymPy expression. Decimals (Float) are read as the exact decimal they print as.
        constraints: relations ``Eq(a, b)``, ``a <= b``, ``a >= b``, ``a < b``, ``a > b``, or ``And`` of those.
        over: the variables. Every other free symbol is a parameter. Without it, every free symbol is a variable.
        sense: minimize or maximize.
        bounds: ``{x: (low, high)}``; None for a side without bound.
        integers: the variables that take integer values only.
        assumptions: relations that the parameters satisfy, such as ``u > -1``.

    What SymPy's assumptions say of a variable (``positive=True``, ``nonnegative=True``, ``integer=True``, ...) holds as a
    constraint too, see `implied_constraints`. A variable that carries no assumption is real.

    Raises:
        ProblemError: for anything that is not a problem; the message shows the value and what to write instead.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> problem = Problem(x * y, [Eq(x + y, 10)], over=[x, y], sense=Sense.MAXIMIZE)
    >>> problem.constraints
    (Eq(x + y, 10),)
    """

    objective: Expr
    constraints: tuple[Relational, ...]
    over: tuple[Symbol, ...]
    sense: Sense
    bounds: tuple[Relational, ...]
    integers: frozenset[Symbol]
    assumptions: tuple[Relational, ...]

    def __init__(
        self,
        objective: Any,
        constraints: Iterable[Any] = (),
        *,
        over: Iterable[Symbol] | Symbol | None = None,
        sense: Sense | str = Sense.MINIMIZE,
        bounds: Mapping[Symbol, tuple[Any, Any]] | None = None,
        integers: Iterable[Symbol] = (),
        assumptions: Iterable[Any] = (),
    ) -> None:
        set_field = object.__setattr__
        set_field(self, "objective", _real_expression(objective, "the objective"))
        set_field(self, "constraints", _relations(constraints, "constraint"))
        set_field(self, "sense", _sense(sense))
        set_field(self, "assumptions", _relations(assumptions, "assumption"))
        set_field(self, "over", _variables(over, self.objective, self.constraints))
        set_field(self, "bounds", _bound_relations(bounds or {}, self.over))
        set_field(self, "integers", _integer_variables(integers, self.over))
        _refuse_ambiguous_symbols(self)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """The free symbols that are not variables, by name."""
        relations = (*self.constraints, *self.bounds)
        free = self.objective.free_symbols.union(*(relation.free_symbols for relation in relations))
        return tuple(sorted(free - set(self.over), key=str))

    @property
    def implied_constraints(self) -> tuple[Relational, ...]:
        """What the assumptions of the variables' symbols demand, as relations that are kept unevaluated.

        >>> x = Symbol("x", positive=True)
        >>> Problem(x, over=[x]).implied_constraints
        (x > 0,)
        """
        return tuple(
            relation(variable, 0, evaluate=False)
            for variable in self.over
            for relation in [_implied_relation(variable)]
            if relation is not None
        )

    @property
    def all_constraints(self) -> tuple[Relational, ...]:
        """Constraints, bounds and implied constraints, each once, in that order."""
        return tuple(dict.fromkeys((*self.constraints, *self.bounds, *self.implied_constraints)))

    # The layers above are imported where they are used: these are doors to them, for convenience at the prompt.

    def lagrangian(self) -> "Lagrangian":
        """The Lagrangian in the textbook's signs, see `lagrangian.conditions.lagrange`."""
        from lagrangian.conditions.lagrange import lagrangian_of

        return lagrangian_of(self)

    def kkt(self) -> "KKTSystem":
        """The KKT system in the textbook's signs, see `lagrangian.conditions.kkt`."""
        from lagrangian.conditions.kkt import kkt_system_of

        return kkt_system_of(self)

    def fritz_john(self) -> "FritzJohnSystem":
        """Fritz John's system, see `lagrangian.conditions.kkt`."""
        from lagrangian.conditions.kkt import fritz_john_system_of

        return fritz_john_system_of(self)

    def dual(self, relax: Iterable[Any] | None = None) -> "DualProblem":
        """The Lagrange dual, see `lagrangian.duality.dual_problem`; ``relax`` says which constraints get multipliers."""
        from lagrangian.duality.dual_problem import dual_problem

        return dual_problem(self, relax)

    def plot(self, path: str | PathLike[str] | None = None, **choices: Any) -> "Picture":
        """The problem as a picture, without its answer, see `lagrangian.report.solution_plot.plot_problem` for the choices."""
        from lagrangian.report.solution_plot import plot_problem

        return plot_problem(self, path, **choices)


def _sense(value: Sense | str) -> Sense:
    try:
        return Sense(value)
    except ValueError:
        raise ProblemError(f"the sense is {value!r}; write 'min' or 'max'") from None


def _implied_relation(variable: Symbol) -> type[Relational] | None:
    if variable.is_positive:
        return Gt
    if variable.is_negative:
        return Lt
    if variable.is_nonnegative:
        return Ge
    if variable.is_nonpositive:
        return Le
    return None


def _real_expression(value: Any, place: str) -> Expr:
    """A SymPy expression that can take real values, with decimals made exact."""
    if isinstance(value, bool | BooleanAtom):
        raise ProblemError(f"{place} is the truth value {value}; write an expression in the variables")
    if isinstance(value, str):
        raise ProblemError(f"{place} is the text {value!r}; write a SymPy expression, or use parse_expression")
    if isinstance(value, Boolean) and not isinstance(value, Expr):
        raise ProblemError(f"{place} is the relation {value}; write an expression; relations go among the constraints")
    try:
        expression = sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError):
        raise ProblemError(f"{place} is {value!r} of type {type(value).__name__}; write a SymPy expression") from None
    if not isinstance(expression, Expr) or getattr(expression, "is_Matrix", False):
        raise ProblemError(f"{place} is {value!r}; write one scalar SymPy expression")
    _refuse_values_that_are_not_real(expression, place)
    _refuse_unknown_functions(expression, place)
    return _exact(expression)


def _exact(expression: Expr) -> Expr:
    decimals = {number: Rational(str(number)) for number in expression.atoms(Float)}
    return expression.xreplace(decimals) if decimals else expression


def _refuse_values_that_are_not_real(expression: Expr, place: str) -> None:
    for atom, word in (
        (sympy.nan, "not a number"),
        (sympy.zoo, "infinite"),
        (sympy.oo, "infinite"),
        (-sympy.oo, "infinite"),
        (sympy.I, "complex"),
    ):
        if expression.has(atom):
            raise ProblemError(
                f"{place}, {expression}, contains {atom}: {word} data; every number must be real and finite"
            )
    if any(not number.is_finite for number in expression.atoms(Float)):
        raise ProblemError(
            f"{place}, {expression}, contains a number that is not finite; every number must be real and finite"
        )
    if expression.is_number and expression.is_extended_real is False:
        raise ProblemError(f"{place}, {expression}, is not a real number; every number must be real and finite")


def _refuse_unknown_functions(expression: Expr, place: str) -> None:
    for unknown in expression.atoms(AppliedUndef):
        raise ProblemError(
            f"{place}, {expression}, contains {unknown}, a function without a formula; write the formula in its place"
        )


def _relations(values: Iterable[Any], word: str) -> tuple[Relational, ...]:
    if isinstance(values, Relational | Boolean | bool):
        values = [values]
    try:
        listed = list(values)
    except TypeError:
        raise ProblemError(f"the {word}s are {values!r}; write a list of relations") from None
    return tuple(part for number, value in enumerate(listed, start=1) for part in _relation(value, f"{word} {number}"))


def _relation(value: Any, place: str) -> list[Relational]:
    if isinstance(value, bool):
        raise ProblemError(
            f"{place} is the Python bool {value}; write Eq(a, b) instead of a == b, and And(a < b, b < c) instead of a < b < c"
        )
    if isinstance(value, BooleanAtom):
        raise ProblemError(
            f"{place} has collapsed to {value}: SymPy decided it from its numbers or from the symbols' assumptions; "
            "leave it out, or write it with evaluate=False"
        )
    if isinstance(value, And):
        return [part for argument in sorted(value.args, key=str) for part in _relation(argument, place)]
    if isinstance(value, Or):
        raise ProblemError(
            f"{place} is {value}: alternatives are not supported; solve each alternative as a problem of its own"
        )
    if isinstance(value, Ne):
        raise ProblemError(
            f"{place} is {value}: a set without one point cannot be optimized over; use <, <=, >, >= or Eq"
        )
    if isinstance(value, str):
        raise ProblemError(
            f"{place} is the text {value!r}; write a SymPy relation, or read the text with parse_relation"
        )
    if not isinstance(value, Eq | Le | Ge | Lt | Gt):
        raise ProblemError(
            f"{place} is {value!r}, which is no relation; write Eq(a, b), a <= b, a >= b, a < b or a > b"
        )
    left, right = (_real_expression(side, place) for side in value.args)
    return [value.func(left, right, evaluate=False)]


def _variables(
    over: Iterable[Symbol] | Symbol | None, objective: Expr, constraints: tuple[Relational, ...]
) -> tuple[Symbol, ...]:
    if over is None:
        free = objective.free_symbols.union(*(constraint.free_symbols for constraint in constraints))
        listed = sorted(free, key=str)
    else:
        listed = [over] if isinstance(over, Symbol) else list(over)
    if not listed:
        raise ProblemError("the problem has no variables; name them with over=[x, y]")
    for variable in listed:
        if not isinstance(variable, Symbol):
            raise ProblemError(f"over contains {variable!r}, which is no symbol; make it with sympy.symbols")
        if variable.is_extended_real is False or variable.is_infinite:
            raise ProblemError(f"the variable {variable} is declared not to be real and finite; variables are real")
        _refuse_assumptions_that_are_no_constraint(variable)
    doubled = sorted(str(variable) for variable, times in Counter(listed).items() if times > 1)
    if doubled:
        raise ProblemError(f"over names {', '.join(doubled)} more than once; name each variable once")
    return tuple(listed)


def _refuse_assumptions_that_are_no_constraint(variable: Symbol) -> None:
    """Signs and integrality become constraints; any other assumption would be lost, and with it the right answer."""
    known = variable.assumptions0
    lost = [name for name in ("zero", "even", "odd", "prime", "composite", "noninteger") if known.get(name)]
    if not known.get("integer"):
        lost += [name for name in ("rational", "irrational", "algebraic", "transcendental") if known.get(name)]
    if known.get("extended_nonzero") and not (known.get("extended_positive") or known.get("extended_negative")):
        lost.append("nonzero")
    if lost:
        raise ProblemError(
            f"the variable {variable} is declared {lost[0]}, which is no constraint that can be optimized over; "
            "declare it real, integer, positive, negative, nonnegative or nonpositive, and write the rest as constraints"
        )


def _bound_relations(bounds: Mapping[Symbol, tuple[Any, Any]], over: tuple[Symbol, ...]) -> tuple[Relational, ...]:
    relations: list[Relational] = []
    variables = set(over)
    for variable, sides in bounds.items():
        if variable not in variables:
            raise ProblemError(f"bounds name {variable}, which is not among the variables {', '.join(map(str, over))}")
        try:
            low, high = sides
        except (TypeError, ValueError):
            raise ProblemError(
                f"the bounds of {variable} are {sides!r}; write (low, high), with None for no bound"
            ) from None
        for side, relation, no_bound in ((low, Ge, -sympy.oo), (high, Le, sympy.oo)):
            if side is None or side == no_bound:
                continue
            limit = _real_expression(side, f"a bound of {variable}")
            if limit.free_symbols & variables:
                raise ProblemError(f"the bound {limit} of {variable} depends on variables; write it as a constraint")
            relations.append(relation(variable, limit, evaluate=False))
    return tuple(relations)


def _integer_variables(integers: Iterable[Symbol], over: tuple[Symbol, ...]) -> frozenset[Symbol]:
    listed, variables = list(integers), set(over)
    for variable in listed:
        if variable not in variables:
            raise ProblemError(
                f"integers name {variable}, which is not among the variables {', '.join(map(str, over))}"
            )
    return frozenset(listed) | frozenset(variable for variable in over if variable.is_integer)


def _refuse_ambiguous_symbols(problem: Problem) -> None:
    """Two different symbols of one name cannot be told apart in any answer; parameters are real like variables."""
    free = problem.objective.free_symbols.union(
        problem.over,
        *(relation.free_symbols for relation in (*problem.constraints, *problem.bounds, *problem.assumptions)),
    )
    doubled = sorted(name for name, times in Counter(str(symbol) for symbol in free).items() if times > 1)
    if doubled:
        raise ProblemError(
            f"two different symbols are called {', '.join(doubled)}: SymPy keeps symbols with different assumptions apart; "
            "make each symbol once and use it everywhere"
        )
    for parameter in problem.parameters:
        if parameter.is_extended_real is False:
            raise ProblemError(f"the parameter {parameter} is declared not to be real; parameters are real")
