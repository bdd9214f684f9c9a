"""Shadow prices against perturbed programs, solved by an oracle in Fractions, and against value functions in closed form."""

import random
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
import sympy
from flint import fmpq
from sympy import Abs, Eq, Max, Rational, exp, log, oo, sqrt, symbols

from lagrangian import Problem, maximize, minimize, solve
from lagrangian.candidates.linear import QuadraticProgram, solve_convex
from lagrangian.duality.sensitivity import sensitivity
from lagrangian.duality.slopes import SlopeKind
from lagrangian.duality.value_pieces import Line, Piece, first_piece
from tests.oracles.least_values import least_value

x, y, z = symbols("x y z")
# smaller than any distance between breakpoints of these programs, whose entries are small integers
EPSILON = Fraction(1, 10**9)
BOX = 4


class RandomProgram:
    """min x.Q x / 2 + c.x over a polytope that holds a planted point, often with many constraints meeting in it."""

    def __init__(self, chance: random.Random, *, quadratic: bool) -> None:
        count = chance.choice([1, 2, 2, 2, 3])
        planted = [Fraction(chance.randint(-2, 2)) for _ in range(count)]
        self.below, self.held = [], []
        for _ in range(chance.randint(1, 4)):
            row = [Fraction(chance.randint(-2, 2)) for _ in range(count)]
            self.below.append((row, dot(row, planted) + chance.choice([0, 0, 1, 2])))
        for j in range(count):
            unit = [Fraction(int(i == j)) for i in range(count)]
            self.below += [(unit, Fraction(BOX)), ([-v for v in unit], Fraction(BOX))]
        if chance.random() < 0.4:
            row = [Fraction(chance.randint(-2, 2)) for _ in range(count)]
            self.held.append((row, dot(row, planted)))
        factor = [[Fraction(chance.randint(-1, 1)) for _ in range(count)] for _ in range(count)]
        self.hessian = [
            [sum(factor[k][i] * factor[k][j] for k in range(count)) if quadratic else Fraction(0) for j in range(count)]
            for i in range(count)
        ]
        self.slope = [Fraction(chance.randint(-3, 3)) for _ in range(count)]

    def value(self, place: int, change: Fraction, *, held: bool = False) -> Fraction | None:
        """The least value with one right side changed."""
        below = [(a, b + (change if i == place and not held else 0)) for i, (a, b) in enumerate(self.below)]
        equations = [(a, b + (change if i == place and held else 0)) for i, (a, b) in enumerate(self.held)]
        return least_value(self.hessian, self.slope, below, equations)

    @property
    def program(self) -> QuadraticProgram:
        def rows(pairs: list) -> list:
            return [(*map(exact, a), exact(-b)) for a, b in pairs]

        hessian = [list(map(exact, row)) for row in self.hessian]
        return QuadraticProgram(hessian, list(map(exact, self.slope)), rows(self.below), rows(self.held))


def dot(left: list[Fraction], right: list[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True)), Fraction(0))


def exact(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


def fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def at(piece: Piece, u: Fraction) -> Fraction:
    constant, linear, quadratic = map(fraction, piece.formula)
    return constant + linear * u + quadratic * u * u


@pytest.mark.parametrize("quadratic", [False, True])
def test_values_are_those_of_perturbed_programs(quadratic: bool) -> None:
    """Each piece is the value over all of its range, and no longer: behind the end the value is another, or there is none."""
    chance = random.Random(28 + quadratic)
    for _ in range(25):
        planted = RandomProgram(chance, quadratic=quadratic)
        optimum = solve_convex(planted.program) if chance.random() < 0.5 else None
        rows = [(place, False) for place in range(len(planted.below))]
        rows += [(place, True) for place in range(len(planted.held))]
        for place, held in chance.sample(rows, min(len(rows), 4)):
            for sign in (1, -1):
                piece = first_piece(Line(planted.program, place, sign, held), optimum)
                if piece is None:
                    assert planted.value(place, sign * EPSILON, held=held) is None
                    continue
                end = Fraction(50) if piece.high is None else fraction(piece.high)
                for u in (EPSILON, end / 3, end):
                    assert planted.value(place, sign * u, held=held) == at(piece, u)
                if piece.high is not None:
                    assert planted.value(place, sign * (end + EPSILON), held=held) != at(piece, end + EPSILON)


def test_coefficients_of_linear_programs() -> None:
    """The value and the range of each coefficient, against programs with that coefficient changed."""
    chance = random.Random(7)
    for _ in range(15):
        planted = RandomProgram(chance, quadratic=False)
        variables = symbols(f"x:{len(planted.slope)}")
        minimal = chance.random() < 0.5
        sense = "min" if minimal else "max"
        found = solve(stated(planted, variables, sense)).sensitivity().coefficients
        for place, entry in enumerate(found):
            value = partial(value_of_coefficient, planted, place, sign=1 if minimal else -1)
            middle = value(Fraction(0))
            assert fraction(entry.right.value) == (value(EPSILON) - middle) / EPSILON
            assert fraction(entry.left.value) == (middle - value(-EPSILON)) / EPSILON
            for side, direction in ((entry.left, -1), (entry.right, 1)):
                if side.reach != oo:
                    end, slope = direction * fraction(side.reach), fraction(side.value)
                    assert value(end) == middle + slope * end
                    assert value(end + direction * EPSILON) != middle + slope * (end + direction * EPSILON)


def value_of_coefficient(planted: RandomProgram, place: int, change: Fraction, *, sign: int) -> Fraction:
    """The least (sign 1) or the greatest value with one coefficient of the objective changed."""
    slope = [sign * (c + (change if j == place else 0)) for j, c in enumerate(planted.slope)]
    return sign * least_value(planted.hessian, slope, planted.below, planted.held)


def stated(planted: RandomProgram, variables: tuple, sense: str) -> Problem:
    def written(row: list[Fraction]) -> sympy.Expr:
        return sum(Rational(a.numerator, a.denominator) * v for a, v in zip(row, variables, strict=True))

    relations = [sympy.Le(written(a), Rational(b.numerator, b.denominator), evaluate=False) for a, b in planted.below]
    relations += [Eq(written(a), Rational(b.numerator, b.denominator), evaluate=False) for a, b in planted.held]
    return Problem(written(planted.slope), relations, over=variables, sense=sense)


def test_signs_are_those_of_the_statement() -> None:
    """Both senses, both directions of an inequality, and the other side of an equation: the derivative by the right side."""
    chance = random.Random(3)
    for _ in range(6):
        a, b, c = (Rational(chance.randint(1, 5)) for _ in range(3))
        # V(r) = c r / a for min c x with a x >= r, and for max c x with a x <= r, c > 0
        assert minimize(c * x, [a * x >= b], over=[x]).sensitivity().shadow_price(a * x >= b) == c / a
        assert maximize(c * x, [a * x <= b], over=[x]).sensitivity().shadow_price(a * x <= b) == c / a
        # b <= a x has the right side a x: V = c (b - delta) / a
        flipped = sympy.Le(b, a * x, evaluate=False)
        assert minimize(c * x, [flipped], over=[x]).sensitivity().shadow_price(flipped) == -c / a
        equation = Eq(a * x, b)
        assert maximize(-c * x**2, [equation], over=[x]).sensitivity().shadow_price(equation) == -2 * c * b / a**2


def slopes(solution: Any, constraint: Any) -> tuple:
    entry = solution.sensitivity().of(constraint)
    return tuple(side.value if side.value is not None else side.kind for side in (entry.left, entry.right))


def test_no_slope_without_multipliers() -> None:
    """min x with x**2 <= b has the value -sqrt(b): no slope at 0, and nothing feasible to the left."""
    assert slopes(minimize(x, [x**2 <= 0], over=[x]), x**2 <= 0) == (SlopeKind.INFEASIBLE, -oo)
    assert slopes(maximize(x, [x**2 <= 0], over=[x]), x**2 <= 0) == (SlopeKind.INFEASIBLE, oo)
    assert slopes(minimize(x, [x**2 <= 4], over=[x]), x**2 <= 4) == (-Rational(1, 4), -Rational(1, 4))


def test_convex_problems_with_many_multipliers() -> None:
    """min x with x**2 + y**2 <= r, x >= -1 at r = 1: V = max(-sqrt(r), -1), and V(c) = max(-1, c) for x >= c."""
    disk, line = x**2 + y**2 <= 1, x >= -1
    solution = minimize(x, [disk, line], over=[x, y])
    assert slopes(solution, disk) == (-Rational(1, 2), 0)
    assert slopes(solution, line) == (0, 1)
    assert solution.sensitivity().of(disk).has_kink
    assert solution.sensitivity().shadow_price(disk) is None


def test_touching_disks() -> None:
    """No Slater point: without the first disk min x over the second is 2 - sqrt(b), with the second wider too."""
    first, second = x**2 + y**2 <= 1, (x - 2) ** 2 + y**2 <= 1
    solution = minimize(x, [first, second], over=[x, y])
    assert slopes(solution, first) == (SlopeKind.INFEASIBLE, 0)
    assert slopes(solution, second) == (SlopeKind.INFEASIBLE, -Rational(1, 2))


def test_several_optima() -> None:
    """max x**2 with -1 <= x <= b is max(1, b**2): Danskin's kink at b = 1."""
    solution = maximize(x**2, [x <= 1, x >= -1], over=[x])
    assert slopes(solution, x <= 1) == (0, 2)
    assert slopes(solution, x >= -1) == (-2, 0)


def test_values_that_are_not_convex_in_the_right_side() -> None:
    """max x y with x + y = b is b**2/4; min x**2 - y**2 with x - 2 y = b is -b**2/3; x**4 + x y with x - y = 6 is least at 1."""
    assert slopes(maximize(x * y, [Eq(x + y, 10)], over=[x, y]), Eq(x + y, 10)) == (5, 5)
    line = Eq(x - 2 * y, 3)
    assert slopes(minimize(x**2 - y**2, [line], over=[x, y]), line) == (-2, -2)
    # x**4 + x (x - b) is stationary where 4 x**3 + 2 x = b, and its derivative by b is -x
    line = Eq(x - y, 6)
    assert slopes(minimize(x**4 + x * y, [line], over=[x, y]), line) == (-1, -1)


def test_algebraic_multipliers() -> None:
    """min x + y on a disk of radius r has -r sqrt(2): the derivative by b = r**2."""
    disk = x**2 + y**2 <= 3
    assert slopes(minimize(x + y, [disk], over=[x, y]), disk) == (-sqrt(6) / 6, -sqrt(6) / 6)
    # the curve x**4 + y**4 <= b: V = -2 (b/2)**(1/4)
    curve = x**4 + y**4 <= 1
    left, right = slopes(minimize(x + y, [curve], over=[x, y]), curve)
    assert left == right
    assert sympy.simplify(left + Rational(1, 4) * Rational(1, 2) ** Rational(-3, 4)) == 0


def test_transcendental_problems() -> None:
    """max log(x) + log(y) with x + 2 y <= b is 2 log(b) - log(8); entropy under a mean constraint of 1/2 has slope 0."""
    a, b = symbols("a b", positive=True)
    budget = a + 2 * b <= 5
    assert slopes(maximize(log(a) + log(b), [budget], over=[a, b]), budget) == (Rational(2, 5), Rational(2, 5))
    cut = x - y >= 1  # min exp(x) + exp(-y) = 2 exp(b / 2)
    assert slopes(minimize(exp(x) + exp(-y), [cut], over=[x, y]), cut) == (exp(Rational(1, 2)), exp(Rational(1, 2)))


def test_kinks_of_the_objective_are_no_obstacle() -> None:
    """min |x| + 2 |y| with x + y >= b is |b|-like: slope 1 for b = 1, 0 and 1 for b = 0."""
    assert slopes(minimize(Abs(x) + 2 * Abs(y), [x + y >= 1], over=[x, y]), x + y >= 1) == (1, 1)
    assert slopes(minimize(Abs(x) + 2 * Abs(y), [x + y >= 0], over=[x, y]), x + y >= 0) == (0, 1)
    assert slopes(minimize(Max(x, 2 * x - 1), [x >= 1], over=[x]), x >= 1) == (1, 2)


def test_redundant_equations_leave_no_side() -> None:
    equations = [Eq(x + y, 1), Eq(2 * x + 2 * y, 2)]
    solution = minimize(x**2 + y**2, equations, over=[x, y])
    for equation in equations:
        assert slopes(solution, equation) == (SlopeKind.INFEASIBLE, SlopeKind.INFEASIBLE)


def test_ranges_of_a_production_plan() -> None:
    """max 3 x + 2 y with x + y <= 4, x + 3 y <= 6, x <= 3: (3, 1), where three lines meet (drawn by hand)."""
    constraints = [x + y <= 4, x + 3 * y <= 6, x <= 3, x >= 0, y >= 0]
    found = maximize(3 * x + 2 * y, constraints, over=[x, y]).sensitivity()
    entry = found.of(x + y <= 4)
    assert (entry.left.value, entry.right.value, entry.valid_range) == (2, 0, (-1, oo))
    assert found.of(x <= 3).valid_range == (-3, 1)
    ranges = {entry.variable: (entry.coefficient, entry.derivative, entry.valid_range) for entry in found.coefficients}
    assert ranges == {x: (3, 3, (-Rational(7, 3), oo)), y: (2, 1, (-2, 7))}


@pytest.mark.parametrize(
    ("solution", "word"),
    [
        (minimize(x + y, [x + y >= Rational(1, 2), x >= 0, y >= 0, y <= 1], over=[x, y], integers=[x]), "integer"),
        (minimize(x, [x >= 1, x <= 0], over=[x]), "infeasible"),
        (minimize(x, over=[x]), "unbounded"),
        (minimize(x, [Eq(y**2, x**3)], over=[x, y]), "dependent"),
        (maximize(x**2 + y**2, [x**2 + y**2 <= 1], over=[x, y]), "infinitely many"),
    ],
)
def test_what_is_not_proved_is_undecided_with_the_reason(solution: Any, word: str) -> None:
    for entry in solution.sensitivity().constraints:
        assert entry.left.kind is entry.right.kind is SlopeKind.UNDECIDED
        assert any(word in reason for reason in entry.reasons), entry.reasons


def test_a_loosened_sign_may_destroy_convexity() -> None:
    """min x**3 + (x + 1)**2 with x >= 0: for x >= -b it is the value at -b while b is small, but nothing here proves it."""
    entry = minimize(x**3 + exp(x), [x >= 0], over=[x]).sensitivity().of(x >= 0)
    assert entry.right.value == 1  # tighter: V(b) = b**3 + exp(b)
    assert entry.left.kind is SlopeKind.UNDECIDED


def test_positive_variables_are_bounded_by_exponents() -> None:
    """x + y with x y = v costs 2 sqrt(v); by the means a can of volume v costs 3 (2 pi v**2)**(1/3)."""
    area, volume = Eq(x * y, 9), Eq(sympy.pi * x**2 * y, 16)
    assert slopes(minimize(x + y, [area, x >= 0, y >= 0], over=[x, y]), area) == (Rational(1, 3), Rational(1, 3))
    found = minimize(2 * sympy.pi * (x**2 + x * y), [volume, x >= 0, y >= 0], over=[x, y]).sensitivity()
    v = symbols("v", positive=True)
    expected = sympy.diff(3 * (2 * sympy.pi * v**2) ** Rational(1, 3), v).subs(v, 16)
    assert sympy.simplify(found.shadow_price(volume) - expected) == 0
    # a little below zero the radius would make the side cost nothing and less: that is not followed
    assert found.of(x >= 0).right.value == 0
    assert found.of(x >= 0).left.kind is SlopeKind.UNDECIDED


def test_bounds_are_handed_on_from_variable_to_variable() -> None:
    """max pi r**2 h with h + 2 pi r = b is (b/3)**3 / pi: r = b / (3 pi), h = b / 3."""
    girth = Eq(y + 2 * sympy.pi * x, 120)
    price = maximize(sympy.pi * x**2 * y, [girth, x >= 0, y >= 0], over=[x, y]).sensitivity().shadow_price(girth)
    assert sympy.simplify(price - 40**2 / sympy.pi) == 0


def test_idle_constraints_cost_nothing() -> None:
    """The valley 100 (y - x**2)**2 + (1 - x)**2 has its least value 0 with and without y >= -3/2."""
    idle = y >= -Rational(3, 2)
    valley = minimize(100 * (y - x**2) ** 2 + (1 - x) ** 2, [idle], over=[x, y])
    # the problem is solved once more without the constraint; a busy machine must not decide
    entry = sensitivity(valley, time_limit_s=1000).of(idle)
    assert (entry.left.value, entry.right.value) == (0, 0)


def test_multipliers_that_are_known_to_be_the_only_ones() -> None:
    """A root of a quadratic among the constraints: min x + y with sqrt(x**2 + y**2) <= b has the value -b sqrt(2)."""
    cone = sqrt(x**2 + y**2) <= 3
    assert slopes(minimize(x + y, [cone], over=[x, y]), cone) == (-sqrt(2), -sqrt(2))


def test_unknown_constraints_are_refused() -> None:
    found = minimize(x**2, [x >= 1], over=[x]).sensitivity()
    with pytest.raises(KeyError, match="no constraint of the problem; it has x >= 1"):
        found.of(x >= 2)
    with pytest.raises(KeyError, match="True is no constraint of the problem"):
        found.of(True)
