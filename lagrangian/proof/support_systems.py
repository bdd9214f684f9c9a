"""The support systems of a polynomial problem as a check builds them: in all variables, with the gradients of affine constraints.

The argument is that of `lagrangian.candidates.active_sets`, where the solver eliminates variables first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from flint import fmpq, fmpq_mat, fmpq_mpoly

from lagrangian.algebra.polynomials import gradient, maximal_minors
from lagrangian.problem.lifting import PolynomialProblem


def _row(polynomial: fmpq_mpoly, count: int) -> list[fmpq] | None:
    """Coefficients of an affine polynomial, the constant last; None for others."""
    row = [fmpq(0)] * (count + 1)
    for monomial, value in polynomial.terms():
        powers = [int(power) for power in monomial]
        if sum(powers) > 1:
            return None
        row[powers.index(1) if sum(powers) else count] = value
    return row


def _affine_rows(problem: PolynomialProblem, chosen: Sequence[int]) -> list[list[fmpq]]:
    held = [*problem.equalities, *(problem.inequalities[i] for i in chosen)]
    return [row for row in (_row(polynomial, problem.dimension) for polynomial in held) if row is not None]


def _echelon(rows: list[list[fmpq]], width: int) -> list[list[fmpq]]:
    if not rows:
        return []
    matrix, rank = fmpq_mat(len(rows), width, [value for row in rows for value in row]).rref()
    return [[matrix[i, j] for j in range(width)] for i in range(rank)]


def face_key(problem: PolynomialProblem, affine: Sequence[int]) -> str:
    """The face on which these affine inequalities are equations, written out: the same for every choice that cuts it out."""
    return str(_echelon(_affine_rows(problem, affine), problem.dimension + 1))


def faces(
    problem: PolynomialProblem, is_excluded: Callable[[tuple[int, ...], str], bool]
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Every affine subspace on which affine equalities and some affine inequalities are equations and none is violated.

    Excluded ones are left out, and what lies in them.
    """
    count = problem.dimension
    rows = {i: row for i, g in enumerate(problem.inequalities) if (row := _row(g, count)) is not None}
    seen: set[str] = set()
    frontier: list[tuple[int, ...]] = [()]
    while frontier:
        chosen = frontier.pop()
        echelon = _echelon(_affine_rows(problem, chosen), count + 1)
        if _contradicts(echelon, count) or _violates(echelon, rows.values(), count):
            continue
        key = str(echelon)
        if key in seen:
            continue
        seen.add(key)
        if is_excluded(chosen, key):
            continue
        yield chosen, key
        frontier += [(*chosen, i) for i in rows if i not in chosen]


def _contradicts(echelon: list[list[fmpq]], count: int) -> bool:
    return any(all(value == 0 for value in row[:count]) for row in echelon)


def _violates(echelon: list[list[fmpq]], rows: Iterable[list[fmpq]], count: int) -> bool:
    """Whether some affine inequality is a positive constant where the echelon rows vanish."""
    for row in rows:
        rest = _remainder(row, echelon, count)
        if all(value == 0 for value in rest[:count]) and rest[count] > 0:
            return True
    return False


def _remainder(row: list[fmpq], echelon: list[list[fmpq]], count: int) -> list[fmpq]:
    rest = list(row)
    for known in echelon:
        pivot = next(i for i in range(count + 1) if known[i] != 0)
        factor = rest[pivot]
        if factor != 0:
            rest = [a - factor * b for a, b in zip(rest, known, strict=True)]
    return rest


def on_face(problem: PolynomialProblem, affine: Sequence[int]) -> tuple[int, list[fmpq_mpoly]]:
    """The dimension of a face, and the variables as polynomials of its free ones (in the same ring)."""
    count = problem.dimension
    generators = problem.ring.generators
    images = list(generators)
    echelon = _echelon(_affine_rows(problem, affine), count + 1)
    for row in echelon:
        pivot = next(i for i in range(count) if row[i] != 0)
        images[pivot] = sum(
            (-row[j] * generators[j] for j in range(count) if j != pivot and row[j] != 0),
            problem.ring.constant(-row[count]),
        )
    return count - len(echelon), images


def _curved(
    problem: PolynomialProblem, affine: Sequence[int]
) -> tuple[int, dict[int, fmpq_mpoly], list[fmpq_mpoly]] | None:
    """The face's dimension and the curved constraints that are not constant on it; None if a constant one is violated."""
    count = problem.dimension
    dimension, images = on_face(problem, affine)
    inequalities = {}
    for i, g in enumerate(problem.inequalities):
        if _row(g, count) is None:
            restricted = g.compose(*images)
            if not restricted.is_constant():
                inequalities[i] = g
            elif restricted != 0 and restricted.leading_coefficient() > 0:
                return None
    equalities = []
    for h in problem.equalities:
        if _row(h, count) is None:
            restricted = h.compose(*images)
            if not restricted.is_constant():
                equalities.append(h)
            elif restricted != 0:
                return None
    return dimension, inequalities, equalities


def curved_subsets(problem: PolynomialProblem, affine: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The sets of curved inequalities to be held active on a face; none where a constraint is violated all over it."""
    curved = _curved(problem, affine)
    if curved is not None:
        dimension, inequalities, equalities = curved
        for size in range(max(0, dimension - len(equalities)) + 1):
            yield from combinations(inequalities, size)


def support_system(problem: PolynomialProblem, affine: Sequence[int], chosen: Sequence[int]) -> list[fmpq_mpoly]:
    """The equations of a support in all variables."""
    count = problem.dimension
    curved = _curved(problem, affine)
    assert curved is not None
    _, _, equalities = curved
    flat = [
        polynomial
        for polynomial in (*problem.equalities, *(problem.inequalities[i] for i in affine))
        if _row(polynomial, count)
    ]
    independent: list[fmpq_mpoly] = []
    for polynomial in flat:
        rows = [_row(p, count) for p in (*independent, polynomial)]
        if len(_echelon([row[:count] for row in rows if row], count)) == len(rows):
            independent.append(polynomial)
    held = [*(problem.inequalities[i] for i in chosen), *equalities]
    gradients = [gradient(polynomial, count) for polynomial in (problem.objective, *held, *independent)]
    minors = maximal_minors(gradients, problem.ring.constant(1)) if len(gradients) <= count else []
    return [*flat, *held, *minors]
