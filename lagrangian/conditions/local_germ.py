"""What an objective is near a point of its feasible set, in as few variables as possible, as a power series.

Where the gradients of the equations and of the active inequalities are independent, they can be solved for as many
variables (implicit function theorem): the feasible set is {s >= 0} with the slacks s = -g as coordinates, and w
beside them. With the Hessian's kernel in w split off, w = (v, z), the objective is Q(v') + r(s, z) in suitable
coordinates, Q a regular quadratic form with the inertia of the Hessian in v and r(s, z) the objective where its slope
in v vanishes (splitting lemma: Gromoll and Meyer 1969).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul

from flint import fmpq_mpoly
from sympy import symbols

from lagrangian.algebra.matrices import Matrix, echelon, inertia, null_space, solve_combination
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, rational_point
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.series import (
    EXACT,
    Exponents,
    Series,
    compose,
    derivative,
    hessian,
    linear_part,
    shifted,
    solve_implicitly,
    truncated,
    variable,
)

LARGEST_DEGREE_ELIMINATED = 6


@dataclass(frozen=True, eq=False)
class LocalProblem:
    """An objective at a point with equations that hold there and inequalities g <= 0 that are weakly active there.

    All gradients of ``held`` and ``weak`` are independent.
    """

    objective: fmpq_mpoly
    held: tuple[fmpq_mpoly, ...]
    weak: tuple[fmpq_mpoly, ...]
    point: AlgebraicPoint

    @property
    def dimension(self) -> int:
        return len(self.point.coordinates)

    @property
    def zero(self) -> FieldElement:
        return self.point.coordinates[0].normalized() * 0

    @property
    def is_stationary(self) -> bool:
        """Whether the objective's gradient is a combination of those of ``held``, which ``local_germ`` takes for granted."""
        slopes, *rows = (
            linear_part(shifted(polynomial, self.point, 1), self.dimension, self.zero)
            for polynomial in (self.objective, *self.held)
        )
        return solve_combination(rows, slopes) is not None


@dataclass(frozen=True, eq=False)
class Germ:
    """r(s, z) up to the total degree ``order`` (infinite if it is a polynomial), and the inertia of what was split off."""

    series: Series
    slacks: int
    free: int
    positive: int
    negative: int
    order: float

    @property
    def width(self) -> int:
        return self.slacks + self.free


def local_germ(problem: LocalProblem, order: int) -> Germ:
    """The objective near a stationary point up to a total degree.

    >>> from flint import fmpq
    >>> from sympy import symbols
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = symbols("x y")
    >>> objective = Ring((x, y)).polynomial(x**2 - 2 * x * y**2 + 4 * y**4)      # (x - y**2)**2 + 3 y**4
    >>> germ = local_germ(LocalProblem(objective, (), (), rational_point([fmpq(0), fmpq(0)])), 4)
    >>> germ.positive, {exponents: value.rational() for exponents, value in germ.series.items()}
    (1, {(4,): 3})
    """
    series, order_known = _on_the_feasible_set(problem, order)
    return _split(series, len(problem.weak), problem.dimension - len(problem.held), order, order_known, problem.zero)


def _on_the_feasible_set(problem: LocalProblem, order: int) -> tuple[Series, float]:
    """The objective in (s, w), and the degree up to which it is known."""
    zero, count, slacks = problem.zero, problem.dimension, len(problem.weak)
    objective = shifted(problem.objective, problem.point)
    system = [shifted(polynomial, problem.point) for polynomial in (*problem.held, *problem.weak)]
    if not system:
        return objective, EXACT
    unknown = _solved_for(system, count, zero)
    free = [i for i in range(count) if i not in unknown]
    width = slacks + len(free)
    images: list[Series] = [{} for _ in range(count)]
    for place, i in enumerate(free):
        images[i] = variable(slacks + place, width, zero + 1)
    targets: list[Series] = [{} for _ in problem.held]
    targets += [variable(k, width, zero - 1) for k in range(slacks)]
    found, exact = solve_implicitly(system, targets, images, unknown, order, zero, width)
    known = EXACT if exact else order
    return compose(objective, found, known, width), known


def _solved_for(system: Sequence[Series], count: int, zero: FieldElement) -> list[int]:
    """The variables to solve a system for: those with few terms beyond the first degree, which may have polynomial solutions."""

    def entangled(index: int) -> int:
        return sum(1 for equation in system for exponents in equation if exponents[index] and sum(exponents) > 1)

    columns = sorted(range(count), key=entangled)
    slopes = [linear_part(equation, count, zero) for equation in system]
    return [columns[place] for place in echelon([[row[i] for i in columns] for row in slopes])[1]]


def eliminated(problem: LocalProblem) -> LocalProblem | None:
    """The same problem near the point in the coordinates (s, w), if the equations have polynomial solutions over Q; else None."""
    constraints = (*problem.held, *problem.weak)
    degree = max((int(polynomial.total_degree()) for polynomial in constraints), default=0)
    if not constraints or degree > LARGEST_DEGREE_ELIMINATED:
        return None
    series, known = _on_the_feasible_set(problem, degree)
    values = {exponents: value.rational() for exponents, value in series.items()}
    width = problem.dimension - len(problem.held)
    if known != EXACT or not width or any(value is None for value in values.values()):
        return None
    ring = Ring(symbols(f"w:{width}", real=True))
    weak = tuple(-generator for generator in ring.generators[: len(problem.weak)])
    return LocalProblem(ring.context.from_dict(values), (), weak, rational_point([0] * width))


def _split(series: Series, slacks: int, width: int, order: int, known: float, zero: FieldElement) -> Germ:
    """The splitting lemma: the variables in which the Hessian is regular are eliminated."""
    free = width - slacks
    second = [row[slacks:] for row in hessian(series, width, zero)[slacks:]]
    regular = echelon(second)[1] if free else []
    counts = inertia([[second[i][j] for j in regular] for i in regular])
    kernel = null_space(second, zero + 1, free) if free else []
    if not regular:
        return Germ(truncated(series, known), slacks, free, 0, 0, known)
    turned = compose(series, _linear_images(slacks, regular, kernel, zero), known, width)
    gradient = [derivative(turned, slacks + k) for k in range(len(regular))]
    rest = width - len(regular)
    images: list[Series] = [variable(k, rest, zero + 1) for k in range(slacks)]
    images += [{} for _ in regular]
    images += [variable(slacks + k, rest, zero + 1) for k in range(len(kernel))]
    unknown = list(range(slacks, slacks + len(regular)))
    nothing: list[Series] = [{} for _ in regular]
    found, exact = solve_implicitly(gradient, nothing, images, unknown, order - 1, zero, rest)
    final = known if exact else min(known, order)
    return Germ(compose(turned, found, final, rest), slacks, len(kernel), counts[0], counts[1], final)


def _linear_images(slacks: int, regular: Sequence[int], kernel: Matrix, zero: FieldElement) -> list[Series]:
    """s, and w = sum(v_k e_k) + sum(z_k kernel_k), in the coordinates (s, v, z)."""
    free = len(regular) + len(kernel)
    width = slacks + free
    images = [variable(k, width, zero + 1) for k in range(slacks)]
    for i in range(free):
        image = variable(slacks + regular.index(i), width, zero + 1) if i in regular else {}
        for k, vector in enumerate(kernel):
            if not vector[i].is_zero():
                image = image | variable(slacks + len(regular) + k, width, vector[i])
        images.append(image)
    return images


def along_axes(series: Series, width: int, order: float) -> Series:
    """The series in coordinates of which its lowest form needs as few as possible, where that form is constant along some lines.

    Its Newton polyhedron then shows the terms that count along these lines.
    """
    zero = next(iter(series.values())) * 0
    lowest = min(map(sum, series))
    slopes = [derivative({e: v for e, v in series.items() if sum(e) == lowest}, i) for i in range(width)]
    monomials = sorted({exponents for slope in slopes for exponents in slope})
    rows = [[slope.get(exponents, zero) for slope in slopes] for exponents in monomials]
    kernel = null_space(rows, zero + 1, width)
    if not 0 < len(kernel) < width:
        return series
    return compose(series, _linear_images(0, echelon(rows)[1], kernel, zero), order, width)


def squared_slacks(germ: Germ) -> Series:
    """r(t^2, z): it takes the same values without constraints as r does for s >= 0."""

    def doubled(exponents: Exponents) -> Exponents:
        return (*(2 * e for e in exponents[: germ.slacks]), *exponents[germ.slacks :])

    return truncated({doubled(exponents): value for exponents, value in germ.series.items()}, germ.order)


def vanishing_bound(problem: LocalProblem, germ: Germ) -> int:
    """If r has no term up to this degree, it is zero.

    The objective then meets each curve {held, slacks and z proportional to t, slope in v zero} with a higher
    multiplicity than Bezout's theorem allows at an isolated intersection, and so is constant on it.
    """
    constraints = [int(polynomial.total_degree()) for polynomial in (*problem.held, *problem.weak)]
    own = max(int(problem.objective.total_degree()), 1)
    bound = own * reduce(mul, constraints, 1)
    split = germ.positive + germ.negative
    if split:
        slope = max([own - 1, *constraints, 1])
        bound *= slope ** (len(constraints) + split)
    return bound
