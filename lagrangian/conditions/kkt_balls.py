"""The KKT equations of a chosen active set in ball arithmetic, and proofs that a zero of them is in a box, alone.

With the constraints ``held`` taken as equations, the unknowns u = (x, m) satisfy

    dL/dx = dF/dx + sum(m_i dc_i/dx) = 0,   c_i(x) = 0 for i held,   m_i = 0 for all others.

For a matrix C near the inverse of the system's Jacobian M and the box U = u + [-r, r], Krawczyk's operator shows that U holds one
zero, and no other, if |C G(u)| + |I - C M(U)| r < r (Krawczyk 1969; Moore 1977).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import flint
import sympy
from flint import arb, arb_mat, fmpq
from sympy import Dummy

from lagrangian.algebra.ball_program import ExactProgram, balls_of, fractions_of
from lagrangian.problem.canonical import CanonicalProblem

BITS = 256
# radii of the boxes in which a zero is shown to exist and to be alone, by 1 + |u|, as powers of two
EXISTENCE = -130
SURROUNDINGS = (-7, -13, -20, -30, -45, -70)
# numerators and denominators beyond this many digits are no numbers that a problem has as its answer
LARGEST_DENOMINATOR = 10**9

Held = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class KKTProgram:
    """The functions of a problem and the slopes of its Lagrangian as lines of one program.

    Its variables are x, then a multiplier of every constraint; constraints are g, then h, as in the canonical problem.
    """

    canonical: CanonicalProblem
    program: ExactProgram
    objective: int
    constraints: tuple[int, ...]
    stationarity: tuple[int, ...]

    @property
    def dimension(self) -> int:
        return len(self.canonical.variables)

    def equations(self, held: Held) -> list[int]:
        """The lines of the system's residuals."""
        return [*self.stationarity, *(self.constraints[i] for i in held)]

    def jacobian(self, held: Held) -> list[list[int]]:
        """The lines of the gradients of the constraints held, one row a constraint."""
        return [[self.program.derivative(self.constraints[i], j) for j in range(self.dimension)] for i in held]

    def hessian(self) -> list[list[int]]:
        """The lines of the lower triangle of d^2 L / dx^2, row by row."""
        return [[self.program.derivative(slope, j) for j in range(i + 1)] for i, slope in enumerate(self.stationarity)]


def kkt_program(canonical: CanonicalProblem) -> KKTProgram:
    """The program of a problem without parameters. Raises NotEnclosableError for functions that have no enclosure."""
    functions = canonical.functions
    multipliers = [Dummy(f"m{i}", real=True) for i in range(len(functions) - 1)]
    program = ExactProgram((*canonical.variables, *multipliers))
    terms = [m * c for m, c in zip(multipliers, functions[1:], strict=True)]
    lagrangian = program.add(sympy.Add(functions[0], *terms))
    return KKTProgram(
        canonical,
        program,
        program.add(functions[0]),
        tuple(program.add(c) for c in functions[1:]),
        tuple(program.derivative(lagrangian, j) for j in range(len(canonical.variables))),
    )


@dataclass(frozen=True, eq=False)
class Zero:
    """A zero of the system: in the balls ``inner``, and alone in the balls ``outer``; both are of x and of all multipliers.

    It was looked for around ``middle``, exact binary numbers.
    """

    held: Held
    middle: tuple[arb, ...]
    inner: tuple[arb, ...]
    outer: tuple[arb, ...]


def unknown_places(kkt: KKTProgram, held: Held) -> list[int]:
    """Where the unknowns stand among the program's variables."""
    return [*range(kkt.dimension), *(kkt.dimension + i for i in held)]


def system_matrix(kkt: KKTProgram, held: Held, values: Sequence[arb]) -> arb_mat | None:
    """The Jacobian [[H, A^T], [A, 0]] of the system over the balls; None where it is not defined all over them."""
    hessian, rows = kkt.hessian(), kkt.jacobian(held)
    lines = [line for row in (*hessian, *rows) for line in row]
    found = balls_of(kkt.program, lines, values)
    if found is None:
        return None
    entry = dict(zip(lines, found, strict=True))
    n, size = kkt.dimension, kkt.dimension + len(held)
    matrix = arb_mat(size, size)
    for i, row in enumerate(hessian):
        for j, line in enumerate(row):
            matrix[i, j] = matrix[j, i] = entry[line]
    for i, row in enumerate(rows, start=n):
        for j, line in enumerate(row):
            matrix[i, j] = matrix[j, i] = entry[line]
    return matrix


def isolate(kkt: KKTProgram, held: Held, middle: Sequence[arb]) -> Zero | None:
    """The zero near a point, with the proof that it is there and alone; None where that is not proved.

    ``middle`` are exact binary numbers: x and all multipliers, zero for constraints that are not held.
    """
    with flint.ctx.workprec(BITS):
        matrix = system_matrix(kkt, held, middle)
        residual = balls_of(kkt.program, kkt.equations(held), middle)
        if matrix is None or residual is None:
            return None
        try:
            inverse = matrix.mid().inv().mid()
        except ZeroDivisionError:
            return None
        moved = inverse * arb_mat([[value] for value in residual])
        shift = [abs(moved[i, 0]) for i in range(len(residual))]
        near = _narrowed(kkt, held, middle, inverse, shift, unit(EXISTENCE))
        if near is None:
            return None
        inner = _box(kkt, held, middle, near)
        for exponent in SURROUNDINGS:
            if _narrowed(kkt, held, middle, inverse, shift, unit(exponent)) is not None:
                return Zero(
                    held, tuple(middle), inner, _box(kkt, held, middle, _radii(kkt, held, middle, unit(exponent)))
                )
        return Zero(held, tuple(middle), inner, inner)


def _narrowed(
    kkt: KKTProgram, held: Held, middle: Sequence[arb], inverse: arb_mat, shift: list[arb], size: arb
) -> list[arb] | None:
    """How far from the middle the zero is at most, if the box of this size is shown to hold just one; else None."""
    radii = _radii(kkt, held, middle, size)
    matrix = system_matrix(kkt, held, _box(kkt, held, middle, radii))
    if matrix is None:
        return None
    size = len(radii)
    defect = inverse * matrix
    reach = []
    for i in range(size):
        spread = sum((abs(defect[i, j] - (1 if i == j else 0)) * radii[j] for j in range(size)), arb(0))
        reach.append((shift[i] + spread).upper())
    return reach if all(far < radius for far, radius in zip(reach, radii, strict=True)) else None


def _radii(kkt: KKTProgram, held: Held, middle: Sequence[arb], size: arb) -> list[arb]:
    return [(size * (1 + abs(middle[place]))).mid() for place in unknown_places(kkt, held)]


def _box(kkt: KKTProgram, held: Held, middle: Sequence[arb], radii: Sequence[arb]) -> tuple[arb, ...]:
    """Balls that hold the middle and all that is no farther from it than the radii."""
    values = list(middle)
    for place, radius in zip(unknown_places(kkt, held), radii, strict=True):
        values[place] = arb(middle[place], radius)
    return tuple(values)


def unit(exponent: int) -> arb:
    return arb(2) ** exponent


def exact_zero(kkt: KKTProgram, zero: Zero) -> list[Fraction] | None:
    """The zero itself, where it is rational with short fractions and they satisfy the equations exactly; else None."""
    found = [_short_fraction(ball) for ball in zero.inner]
    for fraction, ball in zip(found, zero.inner, strict=True):
        # by exact numbers: as a ball of this precision the fraction may be wider than the zero's
        if abs(ball.mid().fmpq() - fmpq(fraction.numerator, fraction.denominator)) > ball.rad().fmpq():
            return None
    residual = fractions_of(kkt.program, kkt.equations(zero.held), found)
    return found if residual is not None and not any(residual) else None


def _short_fraction(ball: arb) -> Fraction:
    middle = ball.mid().fmpq()
    return Fraction(int(middle.p), int(middle.q)).limit_denominator(LARGEST_DENOMINATOR)
