"""The dual function g(lambda, mu) = inf over x in X of L(x, lambda, mu), exactly, with the set where it is finite.

For a maximization it is sup over x in X of L, an upper bound. X is the set where the functions of the problem are defined (and,
where that is said, where they are convex: the constraints imply it), with the constraints that get no multiplier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import sympy
from sympy import And, Eq, Expr, Or, Piecewise, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.conditions.lagrange import Lagrangian, Term
from lagrangian.duality.dual_blocks import Block
from lagrangian.duality.dual_pieces import Piece, met, together
from lagrangian.errors import ProblemError
from lagrangian.logic import any3, not3
from lagrangian.shown import Shown

MOST_PIECES = 256


@dataclass(frozen=True)
class DualFunction(Shown):
    """The dual function of a problem, as a sum of infima over groups of variables that occur together.

    ``terms`` are the constraints with multipliers, ``kept`` those that stay in the inner problem; ``region`` says where else the
    inner problem is restricted, which the constraints imply. ``introduced`` are new variables with their equations, whose
    multipliers come after those of the terms. ``missing`` says why there is no closed form; then there are no blocks.
    ``convex_by_parts`` says that the objective and all inequalities are sums of convex functions of these blocks' kinds.

    >>> from sympy import symbols
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> g = Problem(x**2 + y**2, [x + y >= 1], over=[x, y]).dual().function
    >>> g.expression, g.domain
    (-mu**2/2 + mu, True)
    """

    lagrangian: Lagrangian
    terms: tuple[Term, ...]
    kept: tuple[Relational, ...]
    region: tuple[Relational, ...]
    introduced: tuple[tuple[Symbol, Relational], ...]
    sign: int
    constant: Expr
    blocks: tuple[Block, ...]
    missing: str | None = None
    convex_by_parts: bool = False

    @property
    def multipliers(self) -> tuple[Symbol, ...]:
        """The multipliers it is a function of: of equations, of inequalities, of new equations."""
        return (*(term.multiplier for term in self.terms), *(symbol for symbol, _ in self.introduced))

    @property
    def is_known(self) -> bool:
        return self.missing is None

    @property
    def assumptions(self) -> tuple[Relational, ...]:
        return self.lagrangian.problem.assumptions

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """All combinations of the blocks' pieces, with the value as stated; () where it is infinite everywhere.

        Only the one that is the best in each block where there are too many of them, see `is_complete`.
        """
        pieces: tuple[Piece, ...] = (Piece(self.constant),)
        for block in self.blocks:
            chosen = block.pieces if self.is_complete else block.pieces[:1]
            sums = (together(p, q, self.assumptions) for p, q in product(pieces, chosen))
            pieces = tuple(part for part in sums if part is not None)
        return tuple(Piece(self.sign * part.value, part.conditions) for part in pieces)

    @property
    def is_complete(self) -> bool:
        """Whether ``pieces`` has all combinations of pieces."""
        return prod(len(block.pieces) for block in self.blocks) <= MOST_PIECES

    @cached_property
    def densest(self) -> Piece | None:
        """The piece that has the same best value as all of them, if it holds anywhere; None where there is no such piece."""
        if not all(block.dense and block.pieces for block in self.blocks):
            return None
        best: Piece | None = Piece(self.constant)
        for block in self.blocks:
            best = None if best is None else together(best, block.pieces[0], self.assumptions)
        return None if best is None else Piece(self.sign * best.value, best.conditions)

    @property
    def expression(self) -> Expr:
        """The value as one expression: plain where one formula holds on the whole domain, else Piecewise with -oo (oo) outside.

        Raises:
            ValueError: where it is not known.
        """
        self._demand_known()
        total = self.constant
        for block in self.blocks:
            total += _as_expression(block.pieces)
        return self.sign * total

    @property
    def domain(self) -> Boolean:
        """Where it is finite, besides the signs of the multipliers."""
        self._demand_known()
        return And(*(Or(*(And(*part.conditions) for part in block.pieces)) for block in self.blocks))

    def value_at(self, values: dict[Symbol, Expr]) -> Expr | None:
        """Its value for multipliers, in exact arithmetic, -oo (oo for a maximization) outside its domain; None if not decided.

        Multipliers of inequalities that are negative give no bound, and are outside.

        Raises:
            ProblemError: where a multiplier has no value, or one that is no expression.

        >>> from sympy import Rational, symbols
        >>> from lagrangian.problem.problem import Problem
        >>> x, y = symbols("x y")
        >>> g = Problem(x + 2 * y, [x + y >= 1], over=[x, y], bounds={x: (0, None), y: (0, None)}).dual().function
        >>> g.multipliers
        (mu_1, mu_2, mu_3)
        >>> g.value_at(dict(zip(g.multipliers, (1, 0, 1)))), g.value_at(dict(zip(g.multipliers, (1, 1, 1))))
        (1, -oo)
        """
        exact = _exact(values, self.multipliers)
        if not self.is_known:
            return None
        signs = any3(not3(is_nonnegative(exact[s], self.assumptions)) for s in self.multipliers if s.is_nonnegative)
        if signs is not False:
            return None if signs is None else -self.sign * sympy.oo
        total = self.constant.xreplace(exact)
        for block in self.blocks:
            part = _value_of(block.pieces, exact, self.assumptions)
            if part is None or part.is_infinite:
                return None if part is None else self.sign * part
            total += part
        return self.sign * sympy.expand(total)

    def explanation(self) -> tuple[str, ...]:
        """The derivation in sentences: the inner problem taken apart, each part with its infimum and why."""
        if self.missing is not None:
            return (f"The dual function is not decided: {self.missing}.",)
        lines = [f"inf over {', '.join(map(str, b.variables))} of {b.function}: {b.reason}." for b in self.blocks]
        if self.introduced:
            lines.insert(0, f"New variables make the arguments of the functions independent: {self.new_equations}.")
        if self.region:
            lines.insert(
                0,
                f"The inner problem is restricted to {', '.join(map(str, self.region))}, which the constraints imply.",
            )
        return tuple(lines)

    @property
    def new_equations(self) -> str:
        """The equations and inequalities of new variables, as text: with them it is the dual of an equal problem."""
        return ", ".join(f"{r.lhs} = {r.rhs}" if isinstance(r, Eq) else str(r) for _, r in self.introduced)

    def _demand_known(self) -> None:
        if self.missing is not None:
            raise ValueError(f"the dual function is not decided: {self.missing}")

    def __str__(self) -> str:
        if self.missing is not None:
            return f"not decided: {self.missing}"
        stated = f"{self.expression} on {self.domain}"
        return f"{stated}, for the problem with {self.new_equations}" if self.introduced else stated

    def _repr_latex_(self) -> str:
        arguments = ", ".join(map(sympy.latex, self.multipliers))
        if self.missing is not None:
            return f"$\\text{{not decided: {self.missing}}}$"
        return f"$\\displaystyle g({arguments}) = {sympy.latex(self.expression)} \\quad {sympy.latex(self.domain)}$"


def _exact(values: dict[Symbol, Expr], multipliers: tuple[Symbol, ...]) -> dict[Symbol, Expr]:
    missing = [symbol for symbol in multipliers if symbol not in values]
    if missing:
        raise ProblemError(f"no value is given for {', '.join(map(str, missing))}; write one for each multiplier")
    exact = {}
    for symbol, value in values.items():
        try:
            exact[symbol] = sympy.sympify(value, strict=True)
        except sympy.SympifyError:
            exact[symbol] = None
        if not isinstance(exact[symbol], Expr):
            raise ProblemError(f"the value {value!r} of {symbol} is no number; write a SymPy expression or a number")
    return exact


def _as_expression(pieces: tuple[Piece, ...]) -> Expr:
    if not pieces:
        return -sympy.oo
    if len(pieces) == 1:
        return pieces[0].value
    branches = [(part.value, And(*part.conditions)) for part in pieces]
    return Piecewise(*branches, (-sympy.oo, True), evaluate=False)


def _value_of(pieces: Iterable[Piece], values: dict[Symbol, Expr], assumptions: tuple[Relational, ...]) -> Expr | None:
    open_case = False
    for part in pieces:
        truth = met(part.conditions, values, assumptions)
        if truth is True:
            return part.value.xreplace(values)
        open_case = open_case or truth is None
    return None if open_case else -sympy.oo
