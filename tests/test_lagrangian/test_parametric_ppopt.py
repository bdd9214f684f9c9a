"""Parametric programs against PPOPT (Kenefake and Pistikopoulos 2022), which works in floating point; where it is installed."""

import random
from fractions import Fraction

import pytest
import sympy
from sympy import Rational, symbols

from lagrangian import Problem, Status, solve_parametric

np = pytest.importorskip("numpy")
ppopt = pytest.importorskip("ppopt", reason="PPOPT is an extra of the tests: pip install ppopt")

VARIABLES, PARAMETERS = symbols("x y z", real=True), symbols("a b", real=True)
SIDE = 2
# PPOPT's solvers work to about 1e-8; its regions are compared away from their boundaries by the values alone
TOLERANCE = 1e-5


class Data:
    """Random numbers: x.Q x / 2 + (c + H t).x subject to A x <= b + F t, for parameters t in a square."""

    def __init__(self, seed: int, *, quadratic: bool) -> None:
        rng = random.Random(seed)
        self.size = rng.choice([2, 3])

        def matrix(height: int, width: int) -> list[list[int]]:
            return [[rng.randint(-3, 3) for _ in range(width)] for _ in range(height)]

        root = matrix(self.size, self.size)
        gram = [[sum(r[i] * r[j] for r in root) + int(i == j) for j in range(self.size)] for i in range(self.size)]
        self.hessian = gram if quadratic else None
        self.slope, self.shift = matrix(self.size, 1), matrix(self.size, 2)
        identity = [[int(i == j) for j in range(self.size)] for i in range(self.size)]
        self.rows = [*([-v for v in row] for row in identity), *identity, *matrix(2, self.size)]
        # a box of the side 10, and two more inequalities that leave the origin feasible for the parameters of the square
        self.right = [[10]] * (2 * self.size) + [[12], [9]]
        self.move = [[0, 0]] * (2 * self.size) + matrix(2, 2)

    def problem(self) -> Problem:
        x, t = sympy.Matrix(VARIABLES[: self.size]), sympy.Matrix(PARAMETERS)
        objective = (sympy.Matrix(self.slope) + sympy.Matrix(self.shift) * t).dot(x)
        if self.hessian:
            objective += (x.T * sympy.Matrix(self.hessian) * x)[0] / 2
        left, right = sympy.Matrix(self.rows) * x, sympy.Matrix(self.right) + sympy.Matrix(self.move) * t
        constraints = [sympy.Le(a, b, evaluate=False) for a, b in zip(left, right, strict=True)]
        square = [relation for p in PARAMETERS for relation in (p >= -SIDE, p <= SIDE)]
        return Problem(objective, constraints, over=VARIABLES[: self.size], assumptions=square)

    def ppopt_solution(self):
        from ppopt.mp_solvers.solve_mpqp import mpqp_algorithm, solve_mpqp
        from ppopt.mplp_program import MPLP_Program
        from ppopt.mpqp_program import MPQP_Program

        a, b, c, h, f = (np.array(m, dtype=float) for m in (self.rows, self.right, self.slope, self.shift, self.move))
        box = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]]), np.full((4, 1), float(SIDE))
        if self.hessian:
            program = MPQP_Program(a, b, c, h, np.array(self.hessian, dtype=float), *box, f)
        else:
            program = MPLP_Program(a, b, c, h, *box, f)
        program.process_constraints()
        return solve_mpqp(program, mpqp_algorithm.combinatorial)


@pytest.mark.parametrize("quadratic", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_values_and_regions_agree_with_ppopt(seed: int, quadratic: bool) -> None:
    data = Data(seed, quadratic=quadratic)
    solution, reference = solve_parametric(data.problem()), data.ppopt_solution()
    assert solution.covers is True
    if quadratic:
        assert len(solution.regions) == len(reference.critical_regions)
    rng = random.Random(seed)
    for _ in range(10):
        numbers = [Fraction(rng.randint(-199, 199), 101) for _ in PARAMETERS]
        region = solution.at(
            dict(zip(PARAMETERS, (Rational(n.numerator, n.denominator) for n in numbers), strict=True))
        )
        assert region.status is Status.OPTIMAL
        theta = np.array([[float(n)] for n in numbers])
        value = reference.evaluate_objective(theta)
        assert float(region.value) == pytest.approx(float(np.asarray(value).ravel()[0]), rel=TOLERANCE, abs=TOLERANCE)
