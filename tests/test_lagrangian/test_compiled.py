"""Compiled problems: values and derivatives are those of SymPy to a bound that is derived, and other compiled code calls them."""

import random
import warnings

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from numba import njit
from numba.core.errors import TypingError
from sympy import Eq, Max, Min, Piecewise, Rational, symbols

import lagrangian
from lagrangian import Problem, ProblemError, canonicalize
from lagrangian.numeric.compiled import CompiledProblem, compile_problem, lower
from tests.oracles.rounded_graphs import UNDECIDED, balls

x, y = symbols("x y", real=True)
p, q = symbols("p q", real=True)

# every function, with an argument that its domain takes
FUNCTIONS = [
    sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.asinh, sympy.atan, sympy.erf, sympy.erfc, sympy.Abs,
    lambda e: sympy.tan(sympy.tanh(e)),
    lambda e: sympy.exp(sympy.sin(e)),
    lambda e: sympy.log(e**2 + Rational(1, 3)),
    lambda e: sympy.asin(sympy.tanh(e)),
    lambda e: sympy.acos(sympy.sin(e) / 2),
    lambda e: sympy.acosh(e**2 + 2),
    lambda e: sympy.atanh(sympy.cos(e) / 2),
    lambda e: sympy.sign(e) * e,
    lambda e: sympy.Heaviside(e) * e,
    lambda e: sympy.cot(e**2 + 1),
    lambda e: sympy.sec(sympy.sin(e)),
    lambda e: sympy.coth(e**2 + 1),
    lambda e: sympy.sech(e),
    lambda e: sympy.acot(e**2 + 1),
    lambda e: sympy.sinc(e),
]  # fmt: skip
EXPONENTS = [
    2,
    3,
    7,
    -1,
    -2,
    Rational(1, 2),
    Rational(3, 2),
    Rational(-1, 2),
    Rational(-5, 2),
    Rational(1, 3),
    Rational(7, 5),
]
NUMBERS = [sympy.pi, sympy.E, sympy.sqrt(2), Rational(1, 3), Rational(-22, 7), Rational(10**30 + 1, 3 * 10**29 + 7)]


def random_expression(draw: random.Random, depth: int) -> sympy.Expr:
    """A tree with every kind of node; powers of anything, so that some points lie outside of their domain."""
    if depth == 0 or draw.random() < 0.1:
        return draw.choice([x, y, x, y, p, q, draw.choice(NUMBERS)])
    a = random_expression(draw, depth - 1)
    kind = draw.randrange(9)
    if kind == 0:
        return draw.choice(FUNCTIONS)(a)
    b = random_expression(draw, depth - 1)
    condition = draw.choice(
        [
            a < b,
            sympy.And(a <= b, x > y),
            sympy.Or(a > p, x + y < q),
            sympy.Not(sympy.And(x > p, y > q)),
            sympy.Ne(x, y),
        ]
    )
    made = [
        a + b,
        a - draw.choice(NUMBERS) * b,
        a * b,
        a / (b**2 + 1),
        a ** draw.choice(EXPONENTS),
        (a**2 + Rational(1, 2)) ** sympy.sin(b),
        draw.choice([Max, Min])(a, b),
        Piecewise((a, condition), (b, True)),
        draw.choice(FUNCTIONS)(a * b),
    ]
    return made[kind]


def exact(expression: sympy.Expr, point: dict) -> mpmath.mpf | None:
    """The value to fifty digits, None where it is not real or does not exist."""
    steps = {
        "Heaviside": lambda t, half=0.5: mpmath.mpf((mpmath.sign(t) + 1) / 2),
        "DiracDelta": lambda *_: mpmath.mpf(0),
    }
    with mpmath.workdps(50):
        try:
            function = sympy.lambdify(list(point), expression, [steps, "mpmath"])
            found = mpmath.mpmathify(function(*map(mpmath.mpf, point.values())))
        except (ZeroDivisionError, ValueError, TypeError):
            return None
        # SymPy may write a real function with complex ones
        is_real = mpmath.isfinite(found) and abs(mpmath.im(found)) <= 1e-40 * abs(found)
        return mpmath.re(found) if is_real else None


def as_ball(number: mpmath.mpf) -> arb:
    """A number that is right to forty digits."""
    return arb(mpmath.nstr(number, 48, strip_zeros=False)) * arb(1, 1e-40)


@pytest.mark.parametrize("seed", range(4))
def test_values_and_derivatives_are_those_of_sympy_within_their_rounding_errors(seed: int) -> None:
    """The exact value and the compiled one lie in one ball, which holds all that rounding may do (see the oracle).

    So for the value, slopes and curvatures of random expressions at random points; nine of ten of the balls are small.
    """
    draw = random.Random(seed)
    radii: list[float] = []
    for _ in range(12):
        expression = random_expression(draw, 3)
        if not expression.free_symbols & {x, y}:
            continue
        problem = Problem(expression, over=[x, y])
        lowered, compiled = lower(canonicalize(problem)[0]), compile_problem(problem)
        derivatives = {
            entry: sympy.diff(expression, *by) if by else expression for entry, by in entries(compiled).items()
        }
        for _ in range(3):
            at = {symbol: draw.uniform(-2, 2) for symbol in (x, y, p, q)}
            radii += compared(lowered, compiled, derivatives, at)
    assert len(radii) > 100
    assert np.mean(np.array(radii) <= 1e-9) >= 0.9


def entries(compiled: CompiledProblem) -> dict:
    """By what to differentiate the objective, for each entry that ``evaluate`` stores."""
    over = [x, y]
    pattern = compiled.hessian_pattern
    second = [(over[i], over[j]) for i, j in zip(pattern.rows, pattern.columns, strict=True)]
    return dict(enumerate([(), (x,), (y,), *second]))


def compared(lowered, compiled: CompiledProblem, derivatives: dict, at: dict) -> list[float]:
    """The relative radii of the balls, all of which hold what they must; none where the function has no value."""
    given = [at[symbol] for symbol in (*compiled.restoration.problem.over, *compiled.restoration.problem.parameters)]
    out = np.empty(compiled.size)
    compiled.evaluate(np.array(given[:2]), np.ones(1), np.array(given[2:]), out)
    inputs = {("x", i): v for i, v in enumerate(given[:2])} | {("p", i): v for i, v in enumerate(given[2:])}
    made = balls(lowered.graph.instructions, inputs | {("weights", 0): 1.0})
    # of complex numbers SymPy may make a real one again, such as cos(sqrt(-1)); there is no float on that way
    if exact(derivatives[0], at) is None or made[lowered.functions[0].outputs[0]] is None:
        assert not np.isfinite(out[0])
        return []
    radii = []
    for entry, node in enumerate(lowered.functions[-1].outputs):
        ball, truth = made[node], exact(derivatives[entry], at)
        if ball is UNDECIDED or truth is None:
            continue
        assert ball is not None, (derivatives[entry], at)
        assert ball.overlaps(as_ball(truth)), (derivatives[entry], at)
        assert ball.contains(arb(out[entry])), (derivatives[entry], at)
        radii.append(float(ball.rad() / (1 + abs(ball.mid()))))
    return radii


# --- special points -------------------------------------------------------------------------------------------------------


def derivatives_at(expression: sympy.Expr, value: float) -> list[float]:
    """The value, slope and curvature of an expression in x alone; the curvature is 0 where there is no entry for it."""
    compiled = compile_problem(Problem(expression, over=[x]))
    out = np.empty(compiled.size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled.evaluate(np.array([value]), np.ones(1), np.empty(0), out)
    return [*out.tolist(), 0.0][:3]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("expression", "at", "expected"),
    [
        # kinks: that of Abs has slope 0, those of Max, Min and Piecewise the slope of one side
        (sympy.Abs(x), 0.0, [0, 0, 0]),
        (sympy.Abs(x), -2.0, [2, -1, 0]),
        (Piecewise((x, x < 0), (x**2, True)), 0.0, [0, 0, 2]),
        (Piecewise((x, x <= 0), (x**2, True)), 0.0, [0, 1, 0]),
        (sympy.sign(x) * (1 + x), 0.0, [0, 0, 0]),
        (sympy.Heaviside(x) * (1 + x), 0.0, [0.5, 0.5, 0]),
        (sympy.Heaviside(x, 1) + x, 0.0, [1, 1, 0]),
        (sympy.Heaviside(x, 1) + x, -1.0, [-1, 1, 0]),
        (sympy.floor(x) * x, 2.5, [5, 2, 0]),
        (sympy.ceiling(x) * x, 2.5, [7.5, 3, 0]),
        (sympy.floor(x), 1e300, [1e300, 0, 0]),
        (sympy.Mod(x, 3) * x, 7.5, [11.25, 9, 2]),
        (sympy.frac(x), -0.25, [0.75, 1, 0]),
        (sympy.sinc(x), 0.0, [1, 0, 0]),
        # the branch that is not taken may have no derivative, or none that is finite
        (Piecewise((x * sympy.log(x), x > 0), (x**2, True)), 0.0, [0, 0, 2]),
        (Piecewise((sympy.sqrt(x), x > 0), (x**2, True)), -1.0, [1, -2, 2]),
        (Piecewise((x ** Rational(7, 5), x > 0), (-x, x > -1), (3 * x**2, True)), -2.0, [12, -12, 6]),
        (Piecewise((1, x > 0)), -1.0, [NAN]),
        (Max(x, sympy.sqrt(x) - 5), 4.0, [4, 1, 0]),
        (Max(x, sympy.log(x)), -1.0, [NAN, NAN, NAN]),
        # powers as far as they are real
        (x ** Rational(1, 3), 8.0, [2, 1 / 12, -1 / 144]),
        (x ** Rational(1, 3), -8.0, [NAN, NAN, NAN]),
        (x ** Rational(3, 2), 0.0, [0, 0, INF]),
        (x ** Rational(5, 2), 0.0, [0, 0, 0]),
        (x ** Rational(5, 2), -1.0, [NAN, NAN, NAN]),
        (x**3, -2.0, [-8, 12, -12]),
        (x**-3, -2.0, [-0.125, -0.1875, -0.375]),
        (x**-1, 0.0, [INF, -INF, INF]),
        (x**65, -1.0, [-1, 65, -65 * 64]),
        (x**-70, -1.0, [1, 70, 70 * 71]),
        (2**x, 3.0, [8, 8 * np.log(2), 8 * np.log(2) ** 2]),
        # undefined
        (sympy.log(x), -1.0, [NAN, -1, -1]),
        (sympy.log(x), 0.0, [-INF, INF, -INF]),
        (sympy.sqrt(x), -1.0, [NAN, NAN, NAN]),
        (sympy.asin(x), 2.0, [NAN, NAN, NAN]),
        (sympy.acosh(x), 0.5, [NAN, NAN, NAN]),
        (sympy.exp(x), 1e3, [INF, INF, INF]),
        (x**2 + sympy.exp(-x), NAN, [NAN, NAN, NAN]),
    ],
)  # fmt: skip
def test_special_points(expression: sympy.Expr, at: float, expected: list[float]) -> None:
    assert derivatives_at(expression, at)[: len(expected)] == pytest.approx(expected, rel=1e-14, nan_ok=True)


def test_at_a_tie_max_and_min_have_the_slopes_of_one_side() -> None:
    for choice in (Max, Min):
        value, slope, curvature = derivatives_at(choice(x, x**2), 1.0)
        assert value == 1.0
        assert (slope, curvature) in ((1.0, 0.0), (2.0, 2.0))


def test_zero_to_the_power_of_zero_is_one() -> None:
    compiled = compile_problem(Problem(x**p, over=[x]))
    assert compiled.objective(np.zeros(1), np.zeros(1)) == 1.0
    assert compiled.objective(np.array([-2.0]), np.array([3.0])) == -8.0
    assert np.isnan(compiled.objective(np.array([-2.0]), np.array([0.5])))


def test_conditions_of_every_kind() -> None:
    """Logic is that of SymPy at all corners of four regions."""
    conditions = [
        sympy.Xor(x > 0, y > 0),
        sympy.ITE(x > 0, y > 0, y < 0),
        sympy.Implies(x > 0, y > 0),
        sympy.Eq(x, y),
        sympy.Ne(x, y),
        sympy.Not(sympy.Or(x > 0, y >= 1)),
        sympy.And(x >= -1, sympy.Or(y < 0, x > 0)),
    ]
    values = [Piecewise((i + 1, condition), (0, True)) for i, condition in enumerate(conditions)]
    compiled = compile_problem(Problem(x + y, [Eq(value, p, evaluate=False) for value in values], over=[x, y]))
    out = np.empty(len(values))
    for a in (-1.0, 1.0, 2.0):
        for b in (-1.0, 1.0, 2.0):
            compiled.constraints(np.array([a, b]), np.zeros(1), out)
            assert out.tolist() == [float(value.subs({x: a, y: b})) for value in values]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (10**400 * x, "floating point can hold"),
        (x + sympy.Rational(1, 10**400), "nearer to 0 than any number"),
        (x ** (2**53 + 1), "exponent is too long"),
        (sympy.zeta(x), r"zeta\(x\) cannot be compiled: the functions are Abs, LambertW, Mod, acos"),
    ],
)
def test_what_has_no_compiled_form_is_refused(expression: sympy.Expr, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        compile_problem(Problem(expression, over=[x]))


# --- the functions as parts of other code -----------------------------------------------------------------------------------


def test_other_compiled_code_calls_the_functions() -> None:
    """Gradient descent in Numba: it ends at the minimum of a quadratic, in closed form."""
    compiled = compile_problem(Problem((x - 1) ** 2 + p * (y + 2) ** 2, over=[x, y]))
    gradient = compiled.gradient

    @njit
    def descend(start, parameters, steps):
        point, slope = start.copy(), np.empty(2)
        for _ in range(steps):
            gradient(point, parameters, slope)
            point -= 0.1 * slope
        return point

    # each step leaves 0.8 of the distance
    assert descend(np.zeros(2), np.ones(1), 300) == pytest.approx([1.0, -2.0], abs=0.8**300 * 2 + 1e-15)


def test_the_package_gives_it_two_names() -> None:
    assert lagrangian.compile is lagrangian.compile_problem is compile_problem
    assert "compile" not in lagrangian.__all__


def test_one_call_gives_what_the_functions_give() -> None:
    problem = Problem(sympy.exp(x) * y, [x**2 + p * y**2 <= 4, Eq(x * sympy.sin(y), q)], over=[x, y])
    compiled = compile_problem(problem)
    point, parameters, weights = np.array([0.3, 1.2]), np.array([2.0, 0.5]), np.array([1.0, 0.5, -2.0])
    whole = np.empty(compiled.size)
    compiled.evaluate(point, weights, parameters, whole)
    parts = [np.empty(2), np.empty(2), np.empty(len(compiled.jacobian_pattern.rows))]
    for function, out in zip((compiled.gradient, compiled.constraints, compiled.jacobian), parts, strict=True):
        function(point, parameters, out)
    second = np.empty(len(compiled.hessian_pattern.rows))
    compiled.hessian(point, weights, parameters, second)
    joined = np.concatenate([[compiled.objective(point, parameters)], *parts, second])
    assert whole == pytest.approx(joined, rel=1e-14)


def test_the_hessian_is_that_of_the_lagrangian() -> None:
    objective, inequality, equation = sympy.exp(x) * y, x**2 * y + p * y**2, x * sympy.sin(y) - q
    compiled = compile_problem(Problem(objective, [inequality <= 4, Eq(equation, 0)], over=[x, y], sense="max"))
    at = {x: 0.3, y: 1.2, p: 2.0, q: 0.5}
    out = np.empty(len(compiled.hessian_pattern.rows))
    compiled.hessian(np.array([0.3, 1.2]), np.array([3.0, 0.5, -2.0]), np.array([2.0, 0.5]), out)
    expected = sympy.hessian(-3 * objective + inequality / 2 - 2 * equation, (x, y)).subs(at)
    # every entry is a sum of at most four products of at most four factors, each below 20
    assert compiled.hessian_pattern.symmetric(out) == pytest.approx(
        np.array(expected, dtype=float), abs=40 * 20 * 2.0**-53
    )


@pytest.mark.parametrize(
    "arrays",
    [
        (np.ones(3), np.ones(1), np.empty(2)),
        (np.ones(2), np.ones(0), np.empty(2)),
        (np.ones(2), np.ones(1), np.empty(3)),
    ],
)
def test_arrays_of_another_shape_are_refused(arrays: tuple) -> None:
    compiled = compile_problem(Problem(x**2 + p * y**2, over=[x, y]))
    with pytest.raises(ValueError, match="has the wrong shape"):
        compiled.gradient(*arrays)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ((np.ones(2, dtype=int), np.ones(1), np.empty(2)), "x is array.int64, 1d, C.; a contiguous array of float64"),
        ((np.ones(4)[::2], np.ones(1), np.empty(2)), "x is array.float64, 1d, A."),
        ((np.ones(2), np.ones(1), np.empty((2, 8))), "out has 2 dimensions and x has 1"),
    ],
)
def test_arrays_of_another_kind_are_refused(arrays: tuple, message: str) -> None:
    compiled = compile_problem(Problem(x**2 + p * y**2, over=[x, y]))
    with pytest.raises(TypingError, match=message):
        compiled.gradient(*arrays)


def test_an_array_that_cannot_be_written_is_refused() -> None:
    compiled = compile_problem(Problem(x**2, over=[x]))
    out = np.empty(1)
    out.flags.writeable = False
    with pytest.raises(TypingError, match="out is read-only"):
        compiled.gradient(np.ones(1), np.empty(0), out)


# --- size ---------------------------------------------------------------------------------------------------------------------


def test_patterns_hold_no_entry_that_is_zero_throughout() -> None:
    """A chain: each entry of the patterns is nonzero somewhere, and every other one is zero in SymPy's derivatives."""
    over = symbols("x0:5", real=True)
    links = [Eq(over[i + 1], over[i] * sympy.sin(over[i]) + 0 * over[0]) for i in range(4)]
    objective = sum(over) + over[0] * over[4]
    compiled = compile_problem(Problem(objective, links, over=list(over)))
    functions = [link.lhs - link.rhs for link in links]
    jacobian = sympy.Matrix(functions).jacobian(over)
    hessian = sympy.hessian(objective + sum(functions), over)
    assert positions(compiled.jacobian_pattern) == {(i, j) for i in range(4) for j in range(5) if jacobian[i, j] != 0}
    assert positions(compiled.hessian_pattern) == {(i, j) for i in range(5) for j in range(i + 1) if hessian[i, j] != 0}


def positions(pattern) -> set[tuple[int, int]]:
    return set(zip(pattern.rows.tolist(), pattern.columns.tolist(), strict=True))


def test_a_thousand_variables_that_stand_apart() -> None:
    """The graph grows with the number of entries, not with its square."""
    over = symbols("x0:1000", real=True)
    objective = sympy.Add(*((v - i) ** 4 + sympy.exp(v) for i, v in enumerate(over)))
    lowered = lower(canonicalize(Problem(objective, [sympy.Add(*over) <= 3], over=list(over)))[0])
    assert len(lowered.hessian_pattern.rows) == len(lowered.jacobian_pattern.rows) == 1000
    assert len(lowered.graph.instructions) < 30 * 1000


def test_programs_that_are_compiled_in_pieces() -> None:
    """sum of (i x - sin(i y))**2 to i = n, by NumPy: each term is below 4 n**3 and rounded at most n + 9 times."""
    n = 150
    compiled = compile_problem(
        Problem(sympy.Add(*((i * x - sympy.sin(i * y)) ** 2 for i in range(1, n + 1))), over=[x, y])
    )
    point = np.array([0.3, 0.7])
    out = np.empty(compiled.size)
    compiled.evaluate(point, np.ones(1), np.empty(0), out)
    i = np.arange(1.0, n + 1)
    miss, cosine, sine = i * point[0] - np.sin(i * point[1]), np.cos(i * point[1]), np.sin(i * point[1])
    expected = [
        (miss**2).sum(),
        (2 * i * miss).sum(),
        (-2 * i * cosine * miss).sum(),
        (2 * i**2).sum(),
        (-2 * i**2 * cosine).sum(),
        (2 * i**2 * (cosine**2 + miss * sine)).sum(),
    ]
    assert out == pytest.approx(expected, abs=4 * n**3 * n * (n + 9) * 2.0**-53)
    lanes = np.repeat(out[:, None], 8, axis=1) * 0
    compiled.evaluate(np.repeat(point[:, None], 8, axis=1), np.ones((1, 8)), np.empty((0, 8)), lanes)
    assert lanes == pytest.approx(np.repeat(out[:, None], 8, axis=1), rel=1e-12)


def test_deep_expressions() -> None:
    expression: sympy.Expr = x
    for _ in range(150):
        expression = sympy.sin(expression)
    compiled = compile_problem(Problem(expression, over=[x]))
    value = 0.5
    for _ in range(150):
        value = np.sin(value)
    # each sine lessens the error of its operand, and adds a rounding
    assert compiled.objective(np.array([0.5]), np.empty(0)) == pytest.approx(value, abs=2 * 150 * 2.0**-53)


def test_names_of_symbols_do_not_reach_the_source() -> None:
    hostile = [
        "__import__('os').system('false')",
        'x"""\nraise SystemExit',
        "out",
        "lambda",
        "naïve\u2028",
        "0 = number 1",
    ]
    over = symbols("a0:6", real=True)
    renamed = [sympy.Symbol(name, real=True) for name in hostile]
    objective = sympy.Add(*((i + 1) * v**2 for i, v in enumerate(over)))
    plain = compile_problem(Problem(objective, over=list(over)))
    changed = compile_problem(Problem(objective.subs(dict(zip(over, renamed, strict=True))), over=renamed))
    assert all(name not in changed.source for name in hostile if name != "out")
    assert sorted(changed.source) == sorted(plain.source)
    assert changed.objective(np.ones(6), np.empty(0)) == 21.0
