"""Sums of squares as semidefinite programs: which squares there may be, the equations between their coefficients, a solution.

The unknowns are the entries of Gram matrices and the coefficients of the equations' multipliers; every monomial of the identity
is one linear equation in them. Clarabel (Goulart and Chen 2024), an optional program, solves it in floating point.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import combinations, combinations_with_replacement
from math import comb
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mpoly, fmpq_poly
from numpy.typing import NDArray

from lagrangian.algebra.numbers import RealRoot
from lagrangian.algebra.polynomials import Ring
from lagrangian.candidates.frame import size_of
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.squares import extended, extended_ring, in_last_variable

Vector = NDArray[np.float64]
Exponents = tuple[int, ...]
# a polynomial in x with coefficients in Q(t)
Table = dict[Exponents, fmpq_poly]

LARGEST_BASIS = 66
MOST_EQUATIONS = 700
MOST_UNKNOWNS = 6000
MOST_PAIRS = 80
# the least eigenvalue that a solution is asked for at most
LARGEST_MARGIN = 1.0


def clarabel_is_installed() -> bool:
    return find_spec("clarabel") is not None


@dataclass(frozen=True, eq=False)
class Block:
    """Squares in ``basis`` times ``weight``: ``scale`` by the negatives of the inequalities and facts at ``factors``.

    All are polynomials in x and t. A weight without factors need not be 1: it then belongs to the target.
    """

    factors: tuple[int, ...]
    weight: fmpq_mpoly
    basis: tuple[fmpq_mpoly, ...]
    scale: fmpq


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Which squares an identity may have, the monomials of the equalities' multipliers, and other terms with free factors."""

    problem: PolynomialProblem
    ring: Ring
    blocks: tuple[Block, ...]
    monomials: tuple[tuple[fmpq_mpoly, ...], ...]
    extras: tuple[fmpq_mpoly, ...] = ()


def relaxations(problem: PolynomialProblem, target: fmpq_mpoly) -> Iterator[Relaxation]:
    """Small ones first: constant multipliers, then squares of growing degree. ``target`` has the problem's variables and t."""
    degree = max(int(p.total_degree()) for p in (target, *problem.inequalities, *problem.equalities, *problem.facts))
    half = max(1, (degree + 1) // 2)
    seen = set()
    for order, free, pairs in ((half, False, False), (half, True, False), (half, True, True), (half + 1, True, False)):
        made = _relaxation(problem, target, order, free, pairs)
        if made is None:
            continue
        size = tuple(len(block.basis) for block in made.blocks), tuple(map(len, made.monomials))
        if size not in seen:
            seen.add(size)
            yield made


def _relaxation(
    problem: PolynomialProblem, target: fmpq_mpoly, order: int, free: bool, pairs: bool
) -> Relaxation | None:
    """Squares of weighted degree at most twice the order; constant multipliers alone where not ``free``."""
    count = problem.dimension
    if free and comb(count + order, order) > LARGEST_BASIS:
        return None
    ring = extended_ring(problem)
    one = (ring.constant(1),)
    below = [-extended(g, ring) for g in (*problem.inequalities, *problem.facts)]
    weighted = [
        _block(ring, (i,), g, _monomials_up_to(ring, order - (int(g.total_degree()) + 1) // 2) if free else one)
        for i, g in enumerate(below)
        if int(g.total_degree()) <= 2 * order
    ]
    if pairs:
        linear = [i for i, g in enumerate(below) if int(g.total_degree()) <= order]
        products = list(combinations(linear, 2))
        if not products or len(products) > MOST_PAIRS:
            return None
        weighted += [_block(ring, (i, j), below[i] * below[j], one) for i, j in products]
    elif free:
        basis = _monomials_up_to(ring, order - 1)
        weighted += [_block(ring, (i, j), below[i] * below[j], basis) for i, j in _opposite_bounds(below)]
    multiples = tuple(
        tuple(m / size_of(h) for m in (_monomials_up_to(ring, 2 * order - int(h.total_degree())) if free else one))
        for h in problem.equalities
    )
    support = {tuple(map(int, m))[:count] for m in target.monoms()} | {(0,) * count}
    support |= _support(Relaxation(problem, ring, tuple(weighted), multiples))
    exponents_of_squares = _square_monomials(support, count, order)
    if exponents_of_squares is None:
        return None
    squares = Block((), ring.constant(1), tuple(_power(ring, exponents) for exponents in exponents_of_squares), fmpq(1))
    return Relaxation(problem, ring, (squares, *weighted), multiples)


def _block(ring: Ring, factors: tuple[int, ...], product: fmpq_mpoly, basis: tuple[fmpq_mpoly, ...]) -> Block:
    scale = 1 / size_of(product)
    return Block(factors, product * scale, basis, scale)


def _opposite_bounds(below: Sequence[fmpq_mpoly]) -> list[tuple[int, int]]:
    """Pairs x - a >= 0, b - x >= 0: their product is worth more than each of them."""
    single = [
        (i, max(range(len(g.degrees())), key=lambda j: g.degrees()[j]))
        for i, g in enumerate(below)
        if int(g.total_degree()) == 1 and sum(1 for degree in g.degrees() if degree) == 1
    ]
    return [
        (i, j)
        for (i, variable), (j, other) in combinations(single, 2)
        if variable == other
        and below[i].derivative(variable).leading_coefficient() * below[j].derivative(other).leading_coefficient() < 0
    ]


def _monomials_up_to(ring: Ring, degree: int) -> tuple[fmpq_mpoly, ...]:
    """All monomials in x up to a degree, by degree."""
    found = []
    for total in range(degree + 1):
        for chosen in combinations_with_replacement(range(len(ring.variables) - 1), total):
            monomial = ring.constant(1)
            for i in chosen:
                monomial *= ring.generators[i]
            found.append(monomial)
    return tuple(found)


def _power(ring: Ring, exponents: Exponents) -> fmpq_mpoly:
    return ring.context.from_dict({(*exponents, 0): 1})


def _support(relaxation: Relaxation) -> set[Exponents]:
    """All monomials in x that weighted squares and multiples of equalities have, but for the squares of weight one."""
    found = set()
    for block in relaxation.blocks:
        products = {str(a * b): a * b for i, a in enumerate(block.basis) for b in block.basis[: i + 1]}
        for product in products.values():
            found |= {tuple(map(int, m))[:-1] for m in (block.weight * product).monoms()}
    for monomials, h in zip(relaxation.monomials, relaxation.problem.equalities, strict=True):
        for monomial in monomials:
            found |= {tuple(map(int, m))[:-1] for m in (extended(h, relaxation.ring) * monomial).monoms()}
    return found


def _square_monomials(support: set[Exponents], count: int, order: int) -> list[Exponents] | None:
    """The monomials whose squares can occur: m stays if 2 m is in the support or a product of two others (Reznick 1978)."""
    highest = [max(m[i] for m in support) // 2 for i in range(count)]
    top = min(order, max(map(sum, support)) // 2)
    low = (min(map(sum, support)) + 1) // 2
    if comb(count + top, top) > 40 * LARGEST_BASIS:
        return None
    basis = [m for m in _exponents(highest, top) if sum(m) >= low]
    while True:
        products: dict[Exponents, int] = {}
        for a, b in combinations(basis, 2):
            key = tuple(x + y for x, y in zip(a, b, strict=True))
            products[key] = products.get(key, 0) + 1
        kept = [m for m in basis if (twice := tuple(2 * x for x in m)) in support or twice in products]
        if len(kept) == len(basis):
            break
        basis = kept
    return basis if 0 < len(basis) <= LARGEST_BASIS else None


def _exponents(highest: Sequence[int], total: int) -> list[Exponents]:
    found: list[Exponents] = [()]
    for most in highest:
        found = [(*m, k) for m in found for k in range(min(most, total - sum(m)) + 1)]
    return found


@dataclass(frozen=True, eq=False)
class Unknown:
    """An entry of a Gram matrix (``block``, ``row`` >= ``column``), or a factor with ``row`` = -1.

    Such a factor is a coefficient in the multiplier of the equality ``block``, or of an extra term where that is -1.
    """

    block: int
    row: int
    column: int


@dataclass(frozen=True, eq=False)
class LinearSystem:
    """sum of unknowns times their ``columns`` = ``target``: one equation a monomial, coefficients in Q(t)."""

    relaxation: Relaxation
    number: RealRoot
    unknowns: tuple[Unknown, ...]
    columns: tuple[Table, ...]
    target: Table
    rows: tuple[Exponents, ...] = field(init=False)

    def __post_init__(self) -> None:
        rows = sorted(set(self.target).union(*self.columns))
        object.__setattr__(self, "rows", tuple(rows))


def linear_system(relaxation: Relaxation, number: RealRoot, target: fmpq_mpoly) -> LinearSystem | None:
    """The equations for an identity over Q(t), t = ``number``; None where there are too many."""
    unknowns: list[Unknown] = []
    columns: list[Table] = []
    modulus = in_last_variable(number.rational_modulus, relaxation.ring)
    size = sum(len(b.basis) * (len(b.basis) + 1) // 2 for b in relaxation.blocks) + sum(map(len, relaxation.monomials))
    if not 0 < size <= MOST_UNKNOWNS:
        return None
    for k, block in enumerate(relaxation.blocks):
        for i, left in enumerate(block.basis):
            scaled = block.weight * left
            for j, right in enumerate(block.basis[: i + 1]):
                unknowns.append(Unknown(k, i, j))
                columns.append(_table(scaled * right * (1 if i == j else 2) % modulus))
    for j, (monomials, h) in enumerate(zip(relaxation.monomials, relaxation.problem.equalities, strict=True)):
        for place, monomial in enumerate(monomials):
            unknowns.append(Unknown(j, -1, place))
            columns.append(_table(extended(h, relaxation.ring) * monomial % modulus))
    for place, extra in enumerate(relaxation.extras):
        unknowns.append(Unknown(-1, -1, place))
        columns.append(_table(extra % modulus))
    system = LinearSystem(relaxation, number, tuple(unknowns), tuple(columns), _table(target % modulus))
    return system if len(system.rows) * number.degree <= MOST_EQUATIONS else None


def _table(polynomial: fmpq_mpoly) -> Table:
    """Monomials in x with their coefficients as polynomials in t."""
    found: dict[Exponents, dict[int, fmpq]] = {}
    for monomial, value in polynomial.to_dict().items():
        *exponents, power = map(int, monomial)
        found.setdefault(tuple(exponents), {})[power] = value
    return {key: fmpq_poly([powers.get(power, 0) for power in range(max(powers) + 1)]) for key, powers in found.items()}


@dataclass(frozen=True, eq=False)
class NumericSquares:
    """Values of the unknowns in floating point, with the least eigenvalue that all Gram matrices have at least."""

    values: Vector
    margin: float


def solve_numerically(system: LinearSystem, limit_s: float) -> NumericSquares | None:
    """Gram matrices with a least eigenvalue as large as possible (up to 1); None without a solution or without Clarabel."""
    from scipy import sparse  # slow to import, and not needed by most problems

    if not clarabel_is_installed():
        return None
    equations, right = _in_floating_point(system)
    scale = np.maximum(1e-12, np.asarray(abs(equations).max(axis=1).todense()).ravel())
    equations, right = sparse.diags(1.0 / scale) @ equations, right / scale
    found = _call_clarabel(system, equations, right, limit_s)
    if found is None:
        return None
    values, margin = found[:-1], float(found[-1])
    return NumericSquares(values, margin) if np.isfinite(values).all() else None


def _in_floating_point(system: LinearSystem) -> tuple[Any, Vector]:
    from scipy import sparse  # slow to import, and not needed by most problems

    at = float(system.number.enclosure(64).mid())
    place = {row: i for i, row in enumerate(system.rows)}
    entries, rows, columns = [], [], []
    for j, column in enumerate(system.columns):
        for key, value in column.items():
            entries.append(_value(value, at))
            rows.append(place[key])
            columns.append(j)
    right = np.zeros(len(place))
    for key, value in system.target.items():
        right[place[key]] = _value(value, at)
    shape = (len(place), len(system.columns))
    return sparse.csc_matrix((entries, (rows, columns)), shape=shape), right


def _value(polynomial: fmpq_poly, at: float) -> float:
    total = 0.0
    for coefficient in reversed(polynomial.coeffs()):
        total = total * at + int(coefficient.p) / int(coefficient.q)
    return total


def _call_clarabel(system: LinearSystem, equations: Any, right: Vector, limit_s: float) -> Vector | None:
    """The unknowns and the margin s: maximize s <= 1 with G - s I positive semidefinite in every block."""
    import clarabel  # an optional program
    from scipy import sparse  # slow to import, and not needed by most problems

    count = len(system.unknowns)
    cones, pieces, constants = (
        [clarabel.ZeroConeT(len(right))],
        [sparse.hstack([equations, _zeros(len(right), 1)])],
        [right],
    )
    place = {(u.block, u.row, u.column): i for i, u in enumerate(system.unknowns)}
    for k, block in enumerate(system.relaxation.blocks):
        size = len(block.basis)
        triangle = [(i, j) for i in range(size) for j in range(i + 1)]
        entries = [-1.0 if i == j else -np.sqrt(2.0) for i, j in triangle]
        columns = [place[k, i, j] for i, j in triangle]
        matrix = sparse.csc_matrix((entries, (range(len(triangle)), columns)), shape=(len(triangle), count))
        margin = sparse.csc_matrix([[1.0 if i == j else 0.0] for i, j in triangle])
        pieces.append(sparse.hstack([matrix, margin]))
        constants.append(np.zeros(len(triangle)))
        cones.append(clarabel.PSDTriangleConeT(size))
    pieces.append(sparse.hstack([_zeros(1, count), sparse.csc_matrix([[1.0]])]))
    constants.append(np.array([LARGEST_MARGIN]))
    cones.append(clarabel.NonnegativeConeT(1))
    settings = clarabel.DefaultSettings()
    settings.verbose, settings.time_limit, settings.max_threads = False, limit_s, 1
    cost = np.zeros(count + 1)
    cost[-1] = -1.0
    program = clarabel.DefaultSolver(
        sparse.csc_matrix((count + 1, count + 1)),
        cost,
        sparse.vstack(pieces).tocsc(),
        np.concatenate(constants),
        cones,
        settings,
    )
    solution = program.solve()
    return np.array(solution.x) if "Solved" in str(solution.status) else None


def _zeros(rows: int, columns: int) -> Any:
    from scipy import sparse  # slow to import, and not needed by most problems

    return sparse.csc_matrix((rows, columns))
