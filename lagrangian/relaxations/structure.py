"""Which constraints of an integer program are relaxed where none are named: those that leave an inner problem with structure.

Kept are rows that share no variable, so that the inner problem falls into blocks: knapsack rows first, whose bound can be
better than that of the linear relaxation, then rows with equal coefficients (choices and assignments). Everything else goes
into the Lagrangian.
"""

from collections.abc import Iterable, Sequence

from sympy.core.relational import Relational

from lagrangian.conditions.conditioned_blocks import block_of, components
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow
from lagrangian.errors import ProblemError
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.problem import Problem

# a table of dynamic programming is filled for every choice of multipliers: larger ones are kept only where that is asked for
MOST_CELLS = 400_000
LEAST_KEPT = 2


def rows_to_relax(program: IntegerProgram) -> tuple[int, ...]:
    """The places of the rows that go into the Lagrangian by default.

    >>> from sympy import symbols
    >>> from lagrangian.conditions.integer_programs import integer_program
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> a, b, c, d = over = symbols("a:d")
    >>> rows = [2*a + 3*b <= 4, 3*c + 2*d <= 4, a + c <= 1, b + d <= 1]
    >>> problem = Problem(-a - b - c - d, rows, over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)))
    >>> rows_to_relax(integer_program(canonicalize(problem)[0]))
    (2, 3)
    """
    proper = [r for r, row in enumerate(program.rows) if row.places]
    tied = any(i != j for i, j, _ in program.products)
    kept: list[int] = []
    if len(proper) > 1 and not tied:
        curved = {i for i, _, _ in program.products}
        plain = [r for r in proper if curved.isdisjoint(program.rows[r].places)]
        if program.reals:
            plain = [r for r in plain if block_of(program, list(program.rows[r].places), [program.rows[r]]) is not None]
        kept = _falling_apart(program, [r for r in plain if not _is_uniform(program.rows[r])])
        kept = kept or _disjoint(program, (r for r in plain if not _is_uniform(program.rows[r])))
        kept = kept or _disjoint(program, (r for r in plain if _is_uniform(program.rows[r])))
    return tuple(r for r in proper if r not in kept)


def _falling_apart(program: IntegerProgram, places: list[int]) -> list[int]:
    """All these rows, where they fall into several groups without a common variable, some of more than one row; else none.

    Fixed charges are of this kind: the rows of one facility, x_j <= y and sum d_j x_j <= c y, are a group.
    """
    groups = components([program.rows[r] for r in places])
    if len(groups) < LEAST_KEPT or len(groups) == len(places):
        return []
    cells = sum(_table(program, row) for _, rows in groups for row in rows if len(row.places) > 2)
    small = cells <= MOST_CELLS and all(block_of(program, members, rows) is not None for members, rows in groups)
    return places if small else []


def _is_uniform(row: IntegerRow) -> bool:
    return len(set(row.coefficients)) == 1


def _disjoint(program: IntegerProgram, places: Iterable[int]) -> list[int]:
    """Rows without a common variable, small enough to be kept; none where there is only one."""
    found: list[int] = []
    used: set[int] = set()
    cells = 0
    for r in places:
        row = program.rows[r]
        size = 0 if _is_uniform(row) else _table(program, row)
        if used.isdisjoint(row.places) and cells + size <= MOST_CELLS:
            found.append(r)
            used |= set(row.places)
            cells += size
    return found if len(found) >= LEAST_KEPT else []


def _table(program: IntegerProgram, row: IntegerRow) -> int:
    """The cells of the table for one knapsack row."""
    ends = [(a, *program.ranges[i]) for i, a in zip(row.places, row.coefficients, strict=True)]
    room = row.limit - sum(min(a * low, a * high) for a, low, high in ends)
    return max(room, 0) * sum(max(high - low, 0).bit_length() for _, low, high in ends)


def relation_of(canonical: CanonicalProblem, row: IntegerRow) -> Relational:
    """The constraint as stated that a row stands for."""
    count = len(canonical.inequalities)
    if row.number < count:
        return canonical.inequalities[row.number].stated
    return canonical.equalities[row.number - count].stated


def chosen_rows(problem: Problem, stated: list[Relational], constraints: Iterable[Relational]) -> tuple[int, ...]:
    """The places of the rows of these constraints. Raises ProblemError for one that is no row."""
    if not isinstance(constraints, Relational | Iterable):
        raise ProblemError(f"the constraints to relax are {constraints!r}; write a list of constraints of the problem")
    places = set()
    known = set(problem.all_constraints)
    for constraint in [constraints] if isinstance(constraints, Relational) else constraints:
        if not isinstance(constraint, Relational):
            raise ProblemError(f"{constraint!r} is no constraint; write one of the problem's relations")
        wanted = unevaluated(constraint)
        found = [r for r, relation in enumerate(stated) if relation == wanted]
        if not found and wanted in known:
            raise ProblemError(
                f"{constraint} bounds one variable; bounds stay with the variables, relax other constraints"
            )
        if not found:
            raise ProblemError(f"{constraint} is no constraint of the problem; it has {listed(stated)}")
        places |= set(found)
    return tuple(sorted(places))


def unevaluated(constraint: Relational) -> Relational:
    """The constraint as problems keep it."""
    return constraint.func(*constraint.args, evaluate=False)


def listed(relations: Sequence[Relational]) -> str:
    """The first of some constraints, for messages."""
    text = ", ".join(str(relation) for relation in relations[:5]) or "none"
    text = text if len(text) < 300 else f"{text[:300]}..."
    return text if len(relations) <= 5 else f"{text} and {len(relations) - 5} more"
