"""The second-order conditions where the active gradients are dependent: several multipliers, or abnormal ones.

For a minimum of F let C = {d : F' d <= 0, g_i' d <= 0 (active), h' d = 0} be the critical cone, and let Fritz John
multipliers be mu_0, mu >= 0 and lambda, not all zero, with mu_0 F' + sum(mu g') + sum(lambda h') = 0 and the Hessian
H of the same sum. Sufficient, with no constraint qualification: multipliers with d^T H d > 0 for all d != 0 in C
prove a strict local minimum, since a feasible sequence without increase would make the sum <= 0. Necessary, with
independent h': each d in C has multipliers with d^T H d >= 0 (Ben-Tal 1980), and there are multipliers at all (John
1948). With mu_0 = 0 they show that the point is isolated.
"""

from dataclasses import dataclass
from itertools import combinations

from lagrangian.algebra.matrices import Matrix, Vector, null_space, rank, solve_combination
from lagrangian.algebra.numbers import FieldElement
from lagrangian.conditions.cones import Cone, combined, cone_of, dot, is_positive_on, positive_dependences
from lagrangian.conditions.germ_signs import NOWHERE, Signs
from lagrangian.conditions.multipliers import Local, weighted_hessian

MOST_ACTIVE = 8
MOST_VARIABLES = 6


@dataclass(frozen=True, eq=False)
class FritzJohnMultipliers:
    """mu_0 of the objective, mu of the active inequalities in their order, lambda of the equations."""

    objective: FieldElement
    inequalities: Vector
    equalities: Vector


@dataclass(frozen=True, slots=True)
class Judgment:
    """The signs of F - F(p) on the feasible set near p, as far as these conditions give them, and why."""

    signs: Signs
    reason: str


def fritz_john_judgment(local: Local) -> Judgment | None:
    """What the conditions say of a point; None where it is too large or they say nothing."""
    if len(local.active) > MOST_ACTIVE or local.problem.dimension > MOST_VARIABLES:
        return None
    constraints = _multipliers(local, 0)
    tangents = _cone(local, 0)
    if _sufficient(local, tangents, constraints):
        return Judgment(NOWHERE, "the constraints alone, to second order, leave no way from the point: it is isolated")
    minimum, why_minimum = _extremum(local, 1, constraints)
    maximum, why_maximum = _extremum(local, -1, constraints)
    signs = Signs(_sign_taken(maximum), _sign_taken(minimum), False if minimum or maximum else None)
    if minimum is None and maximum is None:
        return None
    return Judgment(signs, "; ".join(why for why in dict.fromkeys((why_minimum, why_maximum)) if why))


def _sign_taken(extremum: bool | None) -> bool | None:
    """A strict maximum excludes positive differences; one that is refuted shows that they are taken."""
    return None if extremum is None else not extremum


def _extremum(local: Local, sign: int, constraints: list[FritzJohnMultipliers]) -> tuple[bool | None, str]:
    """Whether sign F has a strict local minimum (True), no local minimum (False), and the reason."""
    word = "minimum" if sign > 0 else "maximum"
    found = [*_multipliers(local, sign), *constraints]
    independent = rank(local.equality_rows) == len(local.equality_rows)
    if not found and independent:
        return False, f"no Fritz John multipliers for a {word}"
    cone = _cone(local, sign)
    if cone.is_zero:
        return True, f"no direction along which the constraints and the objective allow a {word} to be left"
    if _sufficient(local, cone, found):
        return True, f"multipliers with a Hessian that is positive on the critical cone of a {word}"
    if independent and any(_falls(local, found, direction) for direction in _directions(cone)):
        return False, f"a critical direction along which the Hessians of all multipliers are negative: no {word}"
    return None, ""


def _sufficient(local: Local, cone: Cone, found: list[FritzJohnMultipliers]) -> bool:
    if cone.is_zero:
        return True
    sums = [*found, *(_sum(a, b) for a, b in combinations(found, 2))]
    return any(is_positive_on(cone, _hessian(local, multipliers)) for multipliers in sums)


def _sum(left: FritzJohnMultipliers, right: FritzJohnMultipliers) -> FritzJohnMultipliers:
    return FritzJohnMultipliers(
        left.objective + right.objective,
        [a + b for a, b in zip(left.inequalities, right.inequalities, strict=True)],
        [a + b for a, b in zip(left.equalities, right.equalities, strict=True)],
    )


def _directions(cone: Cone) -> Matrix:
    pairs = [[a + b for a, b in zip(*pair, strict=True)] for pair in combinations([*cone.rays, *cone.lines], 2)]
    return [*cone.rays, *cone.lines, *pairs]


def _falls(local: Local, found: list[FritzJohnMultipliers], direction: Vector) -> bool:
    for multipliers in found:
        matrix = _hessian(local, multipliers)
        if dot(direction, [dot(row, direction) for row in matrix]).sign() >= 0:
            return False
    return True


def _hessian(local: Local, multipliers: FritzJohnMultipliers) -> Matrix:
    return weighted_hessian(local, multipliers.objective, multipliers.inequalities, multipliers.equalities)


def _cone(local: Local, sign: int) -> Cone:
    """The critical cone for a minimum of sign F; with sign 0 all directions that the constraints allow to first order."""
    tangent = null_space(local.equality_rows, local.one, local.problem.dimension)
    rows = [*local.inequality_rows, *([[slope * sign for slope in local.objective]] if sign else [])]
    along = [[dot(row, direction) for direction in tangent] for row in rows] if tangent else []
    cone = cone_of(along, len(tangent), local.one)
    return Cone([combined(ray, tangent) for ray in cone.rays], [combined(line, tangent) for line in cone.lines])


def _multipliers(local: Local, sign: int) -> list[FritzJohnMultipliers]:
    """Generators of all multipliers with mu_0 = sign * (something > 0), or with mu_0 = 0 where ``sign`` is 0."""
    one = local.one
    tangent = null_space(local.equality_rows, one, local.problem.dimension)
    rows = [*local.inequality_rows, *([[slope * sign for slope in local.objective]] if sign else [])]
    along = [[dot(row, direction) for direction in tangent] for row in rows]
    found = []
    for weights in positive_dependences(along, one) if tangent else _units(len(rows), one):
        if sign and weights[-1].is_zero():
            continue
        total = combined(weights, rows)
        equalities = solve_combination(local.equality_rows, [-value for value in total])
        assert equalities is not None, "the sum vanishes on the tangent space"
        count = len(local.inequality_rows)
        found.append(FritzJohnMultipliers(weights[count] * sign if sign else one - 1, weights[:count], equalities))
    return found if sign else [*found, *_of_equations(local)]


def _units(count: int, one: FieldElement) -> Matrix:
    return [[one if i == k else one - 1 for i in range(count)] for k in range(count)]


def _of_equations(local: Local) -> list[FritzJohnMultipliers]:
    """lambda alone, of both signs, where the gradients of the equations are dependent."""
    columns = [[row[j] for row in local.equality_rows] for j in range(local.problem.dimension)]
    zero = local.one - 1
    found = []
    for vector in null_space(columns, local.one, len(local.equality_rows)) if local.equality_rows else []:
        for weights in (vector, [-value for value in vector]):
            found.append(FritzJohnMultipliers(zero, [zero] * len(local.inequality_rows), weights))
    return found
