"""What SymPy simplifies on the way from a text to the canonical problem must stay defined at the same points."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Max, Mul, Pow, Rational, Symbol, log, sqrt

from lagrangian import ParseError, Problem, Status, canonicalize, parse_expression, solve
from lagrangian.cli import main
from lagrangian.conditions.domains import is_defined
from lagrangian.errors import ProblemError, ProblemFileError
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.files import problem_from_dict
from lagrangian.problem.guards import guards

x, y = sympy.symbols("x y", real=True)
SYMBOLS = {"x": x, "y": y}


# --- an oracle: texts as trees, evaluated as they stand ----------------------------------------------------------------------


class UndefinedError(Exception):
    """A part is no real number."""


def power(base, exponent):
    if (exponent.denominator != 1 and base < 0) or (exponent < 0 and base == 0):
        raise UndefinedError
    return base ** int(exponent) if exponent.denominator == 1 else base ** float(exponent)


def logarithm(argument):
    if argument <= 0:
        raise UndefinedError
    return math.log(argument)


def quotient(above, below):
    if below == 0:
        raise UndefinedError
    return above / below


def arcsine(argument):
    if abs(argument) > 1:
        raise UndefinedError
    return math.asin(argument)


UNARY = {"log": logarithm, "exp": math.exp, "sqrt": lambda a: power(a, Rational(1, 2)), "abs": abs, "asin": arcsine}
BINARY = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": quotient}
EXPONENTS = [Rational(n, d) for n, d in [(2, 1), (-1, 1), (1, 2), (-1, 2), (1, 3), (2, 3), (-2, 1), (3, 1), (4, 1)]]


def texts():
    leaves = st.sampled_from(["x", "y", 0, 1, 2, -1, ("*", ("**", "x", Integer(2)), "y"), ("/", "x", "y")])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(sorted(UNARY)), inner),
            st.tuples(st.sampled_from(sorted(BINARY)), inner, inner),
            st.tuples(st.just("**"), inner, st.sampled_from(EXPONENTS)),
        ),
        max_leaves=6,
    )


def written(tree):
    if not isinstance(tree, tuple):
        return str(tree)
    if tree[0] == "**":
        return f"({written(tree[1])})**({tree[2]})"
    if tree[0] in UNARY:
        return f"{tree[0]}({written(tree[1])})"
    return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"


def value(tree, point):
    if not isinstance(tree, tuple):
        return point.get(tree, tree)
    if tree[0] == "**":
        return power(value(tree[1], point), tree[2])
    operation = UNARY.get(tree[0]) or BINARY[tree[0]]
    return operation(*(value(part, point) for part in tree[1:]))


POINTS = [{"x": a, "y": b} for a in (-2, -1, 0, 1, 2) for b in (-2, -1, 0, 1, 2)]


@settings(deadline=None, max_examples=300)
@given(texts())
def test_what_is_read_is_defined_where_the_text_is(tree) -> None:
    try:
        expression = parse_expression(written(tree), SYMBOLS)
    except ParseError:
        return
    for point in POINTS:
        exact = {SYMBOLS[name]: Integer(number) for name, number in point.items()}
        try:
            number = value(tree, point)
        except OverflowError:
            continue
        except UndefinedError:
            assert is_defined(expression, exact) is not True or is_near_a_limit(tree, point), point
            continue
        if is_defined(expression, exact) is False:
            assert is_near_a_limit(tree, point), point
        elif is_defined(expression, exact):
            assert math.isclose(float(expression.subs(exact)), number, rel_tol=1e-6, abs_tol=1e-6), point


def is_near_a_limit(tree, point):
    """Whether rounding decides whether a part is defined: log(sqrt(2)**2 - 1) is 0 up to a rounding error."""
    if not isinstance(tree, tuple):
        return False
    parts = [part for part in tree[1:] if not isinstance(part, Rational)]
    if any(is_near_a_limit(part, point) for part in parts):
        return True
    try:
        numbers = [value(part, point) for part in parts]
    except (UndefinedError, OverflowError):
        return False
    limits = {"asin": (-1, 1)}.get(tree[0], (0,))
    return any(0 < abs(number - limit) < 1e-9 for number in numbers for limit in limits)


# --- refused, with what to write instead -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "remedy"),
    [
        ("sqrt(x)**2", "x >= 0", "state x >= 0 as a constraint"),
        ("exp(2*log(x))", "x > 0", "state x > 0 as a constraint"),
        ("x/x", "x != 0", "bound x away from zero"),
        ("0*log(x)", "x > 0", "state x > 0 as a constraint"),
        ("1/x - 1/x + y", "x != 0", "bound x away from zero"),
        ("sin(asin(x))", "1 - x**2 >= 0", "state 1 - x**2 >= 0 as a constraint"),
        ("1/(x/y)", "y != 0", "bound y away from zero"),
    ],
)
def test_a_domain_that_is_lost(text, limit, remedy) -> None:
    with pytest.raises(ParseError) as refused:
        parse_expression(text, SYMBOLS)
    assert str(refused.value) == (
        f"'{text}' is defined only where {limit}, and simplified it is defined elsewhere too; {remedy}, or write it simplified"
    )


@pytest.mark.parametrize(
    "text", ["sqrt(x**2*y)", "(x**2*y)**(1/4)", "sqrt(x**4*y)", "sqrt(x**2*y)*x", "log(1 + sqrt(x**2*y))"]
)
def test_a_domain_that_shrinks(text) -> None:
    with pytest.raises(ParseError) as refused:
        parse_expression(text, SYMBOLS)
    assert str(refused.value) == (
        "the problem is simplified to one that is defined only where y >= 0, which it does not demand as stated; "
        "state y >= 0 as a constraint, or keep the root of a product together, as in sqrt(Max(x**2*y, -1))"
    )


@pytest.mark.parametrize(
    "text", ["sqrt(x**2)", "sqrt(sqrt(x))", "(x**2*y)**(-1/2)", "asin(-x)", "1/(2*x*y**2)", "x/y**2*y"]
)
def test_a_domain_that_stays(text) -> None:
    assert parse_expression(text, SYMBOLS).free_symbols <= {x, y}


def stated(objective, constraints, bounds=None):
    data = {"vars": ["x", "y"], "sense": "min", "objective": objective, "ineq": constraints, "bounds": bounds or {}}
    return problem_from_dict(data)


@pytest.mark.parametrize(
    ("objective", "constraints", "bounds"),
    [
        ("sqrt(x)**2", ["x >= 0"], {}),
        ("sqrt(x)**2", [], {"x": [1, None]}),
        ("x/x", [], {"x": [None, -1]}),
        ("sqrt(x*y - 1)**2", ["x*y >= 1"], {}),
        ("sqrt(x**2*(y + 2))", [], {"y": [-1, None]}),
        ("sqrt(x)**2 + log(x)", [], {}),
        ("0*log(x)", ["sqrt(x) - y", "1/x - 1"], {}),
    ],
)
def test_what_the_constraints_demand_may_be_lost(objective, constraints, bounds) -> None:
    assert stated(objective, constraints, bounds).over == (x, y)


def test_a_file_and_the_command_refuse_it(capsys) -> None:
    with pytest.raises(ProblemFileError, match=r"'sqrt\(x\)\*\*2 <= y' is defined only where x >= 0"):
        stated("x", ["sqrt(x)**2 <= y"])
    assert main(["solve", "y", "--subject-to", "sqrt(x**2*y) <= 0", "--subject-to", "y >= -1"]) == 2
    assert "defined only where y >= 0, which it does not demand as stated" in capsys.readouterr().err


def test_the_root_that_is_kept_together_has_the_points_that_were_stated() -> None:
    solution = solve(Problem(y, [sqrt(Max(x**2 * y, -1)) <= 0, y >= -1], over=[x, y]))
    assert (solution.status, solution.value) == (Status.OPTIMAL, -1)


def test_symbols_without_assumptions_become_real() -> None:
    a, b = sympy.symbols("a b")
    with pytest.raises(ProblemError, match="defined only where b >= 0, which it does not demand as stated"):
        canonicalize(Problem(b, [sqrt(a**2 * b) <= 0, b >= -1], over=[a, b]))
    canonical, _ = canonicalize(Problem(b, [sqrt(a**2 * b) <= 0, b >= 0], over=[a, b]))
    assert len(canonical.inequalities) == 2


@pytest.mark.parametrize(
    "expression",
    [
        Pow(Pow(x, Rational(1, 2)), 2, evaluate=False),
        Mul(x, 1 / x, evaluate=False),
        sympy.Add(log(x), -log(x), evaluate=False),
    ],
)
def test_what_is_not_evaluated_yet(expression) -> None:
    with pytest.raises(ProblemError, match="and simplified it is defined elsewhere too"):
        canonicalize(Problem(expression, [y >= 0], over=[x, y]))


def test_sides_that_cancel() -> None:
    with pytest.raises(ProblemError, match=r"'log\(x\)' is defined only where x > 0"):
        canonicalize(Problem(x, [y + log(x) <= log(x)], over=[x, y]))


def test_parameters_are_known_by_their_assumptions() -> None:
    b = Symbol("b", real=True)
    problem = Problem(x**2, [x >= b], over=[x], assumptions=[b > -1])
    refuse_changed_domain(dict.fromkeys(_guards_of_root(b + 1), "sqrt(b + 1)**2"), canonicalize(problem)[0])
    problem = Problem(x**2, [x >= b], over=[x])
    with pytest.raises(ProblemError, match=r"defined only where b \+ 1 >= 0"):
        refuse_changed_domain(dict.fromkeys(_guards_of_root(b + 1), "sqrt(b + 1)**2"), canonicalize(problem)[0])


def _guards_of_root(radicand):
    return guards(sqrt(radicand))
