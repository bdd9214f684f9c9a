"""A system of equations solved by hand, move by move and case by case, as blocks of a derivation.

Every move is a consequence of the equations, so the cases together hold every real solution at which the functions are
defined; at the end each point is put into all equations as they were given, so there is no other.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sympy
from sympy import Eq, Expr, PolynomialError, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_zero
from lagrangian.candidates.symbolic import is_real_and_defined
from lagrangian.logic import Truth, all3
from lagrangian.report.blocks import Block, listed, say
from lagrangian.report.crossing_moves import elimination_of_a_factor, power
from lagrangian.report.linear_moves import case_distinction, division, substitution
from lagrangian.report.moves import UNDEFINED, Following, Move, contradiction
from lagrangian.report.product_moves import product
from lagrangian.report.remaining import solved_by_elimination
from lagrangian.report.root_moves import (
    hard_roots,
    inverse_function,
    quadratic_form,
    roots_of_one_unknown,
    value_of_one_unknown,
)
from lagrangian.report.systems import (
    Branch,
    Ending,
    Equation,
    Fork,
    Found,
    GivenUp,
    Infinite,
    Nothing,
    System,
    Worked,
    has_roots,
    multiplied_out,
    number_form,
    shown,
    tidy,
    without_repetition,
)

# easy ones first
MOVES: tuple[Callable[[System], Move | None], ...] = (
    value_of_one_unknown,
    roots_of_one_unknown,
    product,
    inverse_function,
    substitution,
    division,
    power,
    hard_roots,
    quadratic_form,
    elimination_of_a_factor,
    case_distinction,
)
MOST_MOVES = 200
MOST_UNKNOWNS = 16
DEEPEST = 12
BITS = 512
NOT_BY_HAND = "It is not solved by hand from here."


@dataclass
class Effort:
    """What the solving may still take: moves, and seconds of processor time. Counted down, shared by all cases."""

    seconds: float = 4.0
    moves: int = MOST_MOVES
    end: float = field(init=False)

    def __post_init__(self) -> None:
        self.end = time.process_time() + self.seconds

    def is_spent(self) -> bool:
        self.moves -= 1
        return self.moves < 0 or time.process_time() > self.end


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """The equations as they were given, each = 0, and functions that must be defined: at every point at the end."""

    given: tuple[Expr, ...]
    functions: tuple[Expr, ...]
    assumptions: tuple[Relational, ...]
    effort: Effort


def solved_by_hand(
    equations: Sequence[Equation],
    unknowns: Sequence[Symbol],
    *,
    functions: Sequence[Expr] = (),
    nonzero: Sequence[Expr] = (),
    assumptions: Sequence[Relational] = (),
    effort: Effort | None = None,
) -> Worked:
    """The real solutions of equations, each with its label and = 0, as one finds them with pencil and paper.

    ``functions`` are defined, and the expressions ``nonzero`` do not vanish, at the points that are looked for.

    >>> x, y, t = sympy.symbols("x y lambda", real=True)
    >>> labelled = [Equation("(1)", y - t), Equation("(2)", x - t), Equation("(3)", x + y - 10)]
    >>> [leaf.values for leaf in solved_by_hand(labelled, [x, y, t]).leaves()]
    [{x: 5, y: 5, lambda: 5}]
    """
    order = tuple(unknowns)
    if len(order) > MOST_UNKNOWNS:
        return Worked(
            (), GivenUp(say(f"It is left out here: {len(order)} unknowns are too many to be solved for by hand."))
        )
    rows = without_repetition(Equation(e.label, _begun(e.left, order)) for e in equations)
    task = Task(tuple(e.left for e in equations), tuple(functions), tuple(assumptions), effort or Effort())
    system = System(rows, order, {}, (), task.assumptions).without(nonzero)
    return _worked(task, system, order, 0)


def _begun(left: Expr, order: tuple[Symbol, ...]) -> Expr:
    """An equation without denominators, but for roots, where a multiplier that stands alone is easier to read off."""
    whole = all(power.exp.is_Integer or not power.base.has(*order) for power in left.atoms(sympy.Pow))
    return tidy(left, order) if whole else multiplied_out(left)


def _worked(task: Task, system: System, order: tuple[Symbol, ...], depth: int) -> Worked:
    blocks: list[Block] = []
    while True:
        ending = _ending(task, system, order)
        if ending is not None:
            return Worked(tuple(blocks), ending)
        if task.effort.is_spent() or depth > DEEPEST:
            return Worked(tuple(blocks), GivenUp(say("The rest is left out: it is too long to be written down.")))
        move = _next(system)
        if move is None:
            return _remaining(task, system, order).after(blocks)
        if not move.cases:
            *before, last = move.blocks
            return Worked((*blocks, *before), Nothing(last))  # type: ignore[arg-type]
        blocks += move.blocks
        first, *others = move.cases
        if first.title is None and not others:
            blocks += first.blocks
            system = first.system
            continue
        return Worked(tuple(blocks), Fork(tuple(_branch(task, case, order, depth) for case in move.cases)))


def _next(system: System) -> Move | None:
    """The first move that applies; None where none does, or SymPy does not get along with the functions in the equations."""
    try:
        return next((made for move in MOVES if (made := move(system)) is not None), None)
    except (TypeError, ValueError, ArithmeticError, NotImplementedError, PolynomialError):
        return None


def _remaining(task: Task, system: System, order: tuple[Symbol, ...]) -> Worked:
    """What no move solves: a curve or surface of solutions, a Groebner basis, or nothing that is known."""
    if len(system.equations) < len(system.unknowns):
        return Worked((), _checked_set(task, _infinite(system, order)))
    rest = solved_by_elimination(system, order, task.given)
    return rest or Worked((), GivenUp(say(NOT_BY_HAND)))


def _infinite(system: System, order: tuple[Symbol, ...]) -> Infinite:
    values = {symbol: system.found.get(symbol, symbol) for symbol in order}
    return Infinite(values, system.unknowns, tuple(shown(e.left, system.unknowns) for e in system.equations))


def _branch(task: Task, case: Following, order: tuple[Symbol, ...], depth: int) -> Branch:
    return Branch(case.title or say(""), _worked(task, case.system, order, depth + 1).after(case.blocks))


def _ending(task: Task, system: System, order: tuple[Symbol, ...]) -> Ending | None:
    for stated, factor in system.excluded:
        if not factor.has(*system.unknowns, *UNDEFINED) and is_zero(number_form(factor)):
            return Nothing(say("Here ", stated, "."))
    if any(function.xreplace(system.found).has(*UNDEFINED) for function in task.functions):
        return Nothing(say("A function of the problem is not defined there."))
    undefined = [e.label for e in system.equations if e.left.has(*UNDEFINED)]
    if undefined or any(value.has(*UNDEFINED) for value in system.found.values()):
        return GivenUp(
            say(f"{undefined[0] if undefined else 'An equation'} is not defined there, and nothing follows.")
        )
    impossible = contradiction(system)
    if impossible is not None:
        left = -impossible.left if impossible.left.could_extract_minus_sign() else impossible.left
        return Nothing(say(impossible.label, " becomes ", Eq(sympy.S.Zero, left, evaluate=False), "."))
    undecided = [e for e in system.equations if not e.left.has(*system.unknowns)]
    if undecided:
        return GivenUp(say("It is not decided whether ", Eq(undecided[0].left, 0, evaluate=False), "."))
    if system.equations:
        return None
    if system.unknowns:
        return _checked_set(task, _infinite(system, order))
    return _checked(task, {symbol: system.found[symbol] for symbol in order})


def _checked_set(task: Task, found: Infinite) -> Ending:
    """Infinitely many solutions, if the equations are defined there, and hold where no equation is left."""
    at = [left.xreplace(found.values) for left in task.given]
    defined = not any(left.has(*UNDEFINED) for left in at)
    if not defined or (not found.equations and all3(map(is_zero, at)) is not True):
        fixed = [Eq(symbol, value, evaluate=False) for symbol, value in found.values.items() if symbol != value]
        return GivenUp(
            say("The equations are not defined everywhere with ", *listed(fixed), ": nothing follows there.")
        )
    return found


def _checked(task: Task, values: dict[Symbol, Expr]) -> Ending:
    """The point, if it satisfies the equations as they were given."""
    point = say(*listed([Eq(symbol, value, evaluate=False) for symbol, value in values.items()]))
    if any(value.has(sympy.I) for value in values.values()):
        return Nothing(say("There is no such real number."))
    if not all(is_real_and_defined(value, task.assumptions) for value in values.values()):
        return GivenUp(say("It is not decided whether these are real numbers: ", *point.parts, "."))
    if any(left.xreplace(values).has(*UNDEFINED) for left in task.given):
        return GivenUp(say("The equations are not defined at ", *point.parts, ": nothing follows there."))
    holds = all3(_vanishes(left, values) for left in task.given)
    if holds is False:
        return Nothing(say("Put into the equations as they were given, ", *point.parts, " does not satisfy them."))
    return (
        Found(values) if holds else GivenUp(say("It is not decided whether the equations hold at ", *point.parts, "."))
    )


def _vanishes(left: Expr, values: dict[Symbol, Expr]) -> Truth:
    """Whether an equation holds at a point. The moves have shown it; of nested roots only that digits agree is checked again."""
    at = left.xreplace(values)
    ball = enclose(at, BITS) if at.is_number else None
    if ball is not None and not ball.contains(0):
        return False
    if ball is not None and any(has_roots(root.base) for root in at.atoms(sympy.Pow)):
        return True
    return is_zero(at)
