"""A parametric linear or convex quadratic program, answered for every parameter of a set.

The parameters for which the program is feasible are {t : y.b(t) >= 0 for all extreme rays y of {y >= 0 : A^T y = 0}} (Farkas
1902; > 0 where y weighs a strict inequality, Motzkin 1936). A feasible convex quadratic program is bounded below exactly if
c(t).d >= 0 for all extreme rays d of {d : Q d = 0, A d <= 0}, and then has an optimum (Frank and Wolfe 1956; Eaves 1971). Both
sets are polyhedra, and what is left is covered by critical regions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flint import fmpq, fmpq_mat

from lagrangian.candidates.linear import is_positive_semidefinite
from lagrangian.duality.parametric_cones import cone_of_directions, nonnegative_rays, stacked
from lagrangian.duality.parametric_exploration import critical_regions
from lagrangian.duality.parametric_polyhedra import Condition, Row, is_constant, negated
from lagrangian.duality.parametric_program import (
    Coordinates,
    ParametricProgram,
    consistency,
    coordinates,
    in_coordinates,
    without_lines,
)
from lagrangian.duality.parametric_sets import ParameterSet, cut, cut_to_zeros
from lagrangian.status import Status


@dataclass(frozen=True, eq=False)
class Part:
    """A set of parameters and the answer there, as matrices of affine functions; the status alone where there is no optimum.

    ``is_unique`` and the active inequalities are those of the parameters in the interior of the set.
    """

    status: Status
    parameters: ParameterSet
    optimizer: fmpq_mat | None = None
    inequality_multipliers: fmpq_mat | None = None
    equality_multipliers: fmpq_mat | None = None
    active: tuple[int, ...] = ()
    is_unique: bool = True


def parts_of(program: ParametricProgram, admissible: ParameterSet, deadline: float = float("inf")) -> list[Part] | None:
    """The answer for all admissible parameters; None where the objective is not convex along the equations.

    Raises:
        TimeoutError: after the deadline, in the seconds of time.monotonic().
    """
    outside, inside = cut_to_zeros(admissible, consistency(program))
    parts = [Part(Status.INFEASIBLE, piece) for piece in outside]
    if inside is None:
        return parts
    reduced, _ = _reduced(program, inside)
    if not is_positive_semidefinite(reduced.hessian.tolist()):
        return None
    outside, inside = cut(inside, _feasibility(reduced))
    parts += [Part(Status.INFEASIBLE, piece) for piece in outside]
    if inside is None:
        return parts
    reduced, frame = _reduced(program, inside)
    lines, rays = cone_of_directions(reduced.hessian, reduced.rows)
    falls, bounded = cut_to_zeros(inside, _slopes(reduced, lines))
    parts += [Part(Status.UNBOUNDED, piece) for piece in falls]
    if bounded is None:
        return parts
    falls, bounded = cut(bounded, [Condition(negated(slope)) for slope in _slopes(reduced, rays)])
    parts += [Part(Status.UNBOUNDED, piece) for piece in falls]
    if bounded is None:
        return parts
    frame = without_lines(frame, lines)
    return _without_covered([*parts, *_optima(program.on(bounded), bounded, frame, bool(lines), deadline)])


def _reduced(program: ParametricProgram, parameters: ParameterSet) -> tuple[ParametricProgram, Coordinates]:
    on_set = program.on(parameters)
    frame = coordinates(on_set)
    return in_coordinates(on_set, frame), frame


def _feasibility(program: ParametricProgram) -> list[Condition]:
    """-y.b(t) <= 0, or < 0 where y weighs a strict inequality."""
    conditions = []
    for ray in nonnegative_rays([tuple(row) for row in program.rows.transpose().tolist()], program.rows.nrows()):
        total = fmpq_mat(1, len(ray), list(ray)) * program.right
        strict = any(weight != 0 and flag for weight, flag in zip(ray, program.strict, strict=True))
        conditions.append(Condition(negated(tuple(total.entries())), strict))
    return conditions


def _slopes(program: ParametricProgram, directions: list[Row]) -> list[Row]:
    """c(t).d for directions d."""
    return [tuple((fmpq_mat(1, len(d), list(d)) * program.slope).entries()) for d in directions]


def _optima(
    program: ParametricProgram, inside: ParameterSet, frame: Coordinates, has_lines: bool, deadline: float
) -> Iterator[Part]:
    frame = Coordinates(inside.reduced_matrix(frame.offset), frame.basis)
    reduced = in_coordinates(program, frame)
    for region in critical_regions(reduced, inside, deadline):
        optimizer = frame.at(region.optimizer)
        multipliers = (region.multipliers, _equality_multipliers(program, optimizer, region.multipliers))
        whole = inside.where(region.conditions)
        yield from _attained(reduced, program, whole, (optimizer, *multipliers), has_lines)


def _equality_multipliers(program: ParametricProgram, optimizer: fmpq_mat, mu: fmpq_mat) -> fmpq_mat:
    """lambda with c + Q x + A^T mu + E^T lambda = 0, zero for equations that others imply."""
    count, width = program.equation_rows.nrows(), program.slope.ncols()
    table = program.equation_rows.tolist()
    chosen: list[int] = []
    for i in range(count):
        if fmpq_mat(len(chosen) + 1, program.dimension, [v for k in (*chosen, i) for v in table[k]]).rank() > len(
            chosen
        ):
            chosen.append(i)
    rest = (program.slope + program.hessian * optimizer + program.rows.transpose() * mu) * fmpq(-1)
    found = fmpq_mat(count, width)
    if chosen:
        rows = fmpq_mat(len(chosen), program.dimension, [v for k in chosen for v in table[k]])
        solved = (rows * rows.transpose()).solve(rows * rest)
        for place, i in enumerate(chosen):
            for k in range(width):
                found[i, k] = solved[place, k]
    return found


def _attained(
    reduced: ParametricProgram,
    program: ParametricProgram,
    region: ParameterSet,
    answer: tuple[fmpq_mat, fmpq_mat, fmpq_mat],
    has_lines: bool,
) -> Iterator[Part]:
    """The region without the parameters for which the optimum over the closure breaks a strict inequality, and these."""
    excess = program.rows * answer[0] - program.right
    for i in (i for i, strict in enumerate(program.strict) if strict):
        row = region.reduced(tuple(excess.tolist()[i]))
        if is_constant(row) and row[-1] < 0:
            continue
        face = region if is_constant(row) else region.on(row)
        if not face.is_empty:
            yield from _not_attained(reduced, program, face.on_its_hull(), answer, has_lines)
        if is_constant(row):
            return
        region = region.where([Condition(row, strict=True)])
        if region.is_empty:
            return
    yield _part(Status.OPTIMAL, reduced, program, region, answer, has_lines)


def _not_attained(
    reduced: ParametricProgram,
    program: ParametricProgram,
    face: ParameterSet,
    answer: tuple[fmpq_mat, fmpq_mat, fmpq_mat],
    has_lines: bool,
) -> Iterator[Part]:
    """Where a strict inequality has a multiplier > 0, every optimum over the closure breaks it; else where there is one alone."""
    if not has_lines and reduced.hessian.rank() == reduced.dimension:
        yield _part(Status.NOT_ATTAINED, reduced, program, face, answer, has_lines)
        return
    signs = answer[1].tolist()
    for i in (i for i, strict in enumerate(program.strict) if strict):
        weighed = face.where([Condition(negated(tuple(signs[i])), strict=True)])
        if not weighed.is_empty:
            yield _part(Status.NOT_ATTAINED, reduced, program, weighed, answer, has_lines)
        face = face.where([Condition(tuple(signs[i]))])
        if face.is_empty:
            return
    yield _part(Status.UNDECIDED, reduced, program, face.on_its_hull(), answer, has_lines)


def _part(
    status: Status,
    reduced: ParametricProgram,
    program: ParametricProgram,
    parameters: ParameterSet,
    answer: tuple[fmpq_mat, fmpq_mat, fmpq_mat],
    has_lines: bool,
) -> Part:
    optimizer, mu, lam = (parameters.reduced_matrix(matrix) for matrix in answer)
    excess = parameters.reduced_matrix(program.rows * answer[0] - program.right).tolist()
    active = tuple(i for i, row in enumerate(excess) if all(value == 0 for value in row))
    strong = [i for i in active if any(value != 0 for value in mu.tolist()[i])]
    unique = not has_lines and _is_unique(reduced, active, strong)
    return Part(status, parameters, optimizer, mu, lam, active, unique)


def _is_unique(program: ParametricProgram, active: tuple[int, ...], strong: list[int]) -> bool:
    """Whether no direction d has Q d = 0, a_i.d = 0 for the multipliers mu_i > 0, and a_i.d <= 0 for all active a_i."""
    table = program.rows.tolist()
    zeros, signs = (
        fmpq_mat(len(chosen), program.dimension, [v for i in chosen for v in table[i]]) for chosen in (strong, active)
    )
    lines, rays = cone_of_directions(stacked(program.hessian, zeros), signs)
    return not lines and not rays


def _without_covered(parts: list[Part]) -> list[Part]:
    """Without parts that lie on a subspace and in another part: what is known there is said by that one."""
    kept = list(parts)
    for part in parts:
        others = [other for other in kept if other is not part and other.status is not Status.UNDECIDED]
        degenerate = any(len(other.parameters.equations) < len(part.parameters.equations) for other in others)
        if degenerate and any(part.parameters.lies_in(other.parameters) for other in others):
            kept.remove(part)
    return kept
