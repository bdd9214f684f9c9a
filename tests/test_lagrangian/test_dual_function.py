"""Dual functions: closed forms of the literature, least values by an independent computation, weak duality, concavity."""

import random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Eq, Matrix, Max, Rational, exp, log, oo, sqrt, symbols

from lagrangian import Problem, ProblemError
from lagrangian.duality.dual_derivation import dual_function
from lagrangian.duality.dual_pieces import met
from lagrangian.duality.dual_quadratic import quadratic_infimum
from tests.strategies import convex_quadratic_programs, linear_programs

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
a, b = symbols("a b", positive=True)
lam, mu = symbols("lambda", real=True), symbols("mu", nonnegative=True)
mu1, mu2, mu3 = symbols("mu_1 mu_2 mu_3", nonnegative=True)
lam1, lam2 = symbols("lambda_1 lambda_2", real=True)
BOXED = {x: (0, None), y: (0, None)}

# Boyd and Vandenberghe 2004, sections 5.1.5 and 5.2: least squares, the standard LP, entropy, partitioning; others by hand
CLOSED_FORMS = [
    (Problem(x**2 + y**2, [Eq(a * x + b * y, 1)], over=[x, y]), lam - (a**2 + b**2) * lam**2 / 4, []),
    (Problem(x + 2 * y, [x + y >= 1], over=[x, y], bounds=BOXED), mu1, [Eq(1 - mu1 - mu2, 0), Eq(2 - mu1 - mu3, 0)]),
    (
        Problem(2 * x * y, [Eq(x**2, 1), Eq(y**2, 1)], over=[x, y]),
        lam1 + lam2,
        [lam1 <= 0, lam2 <= 0, lam1 * lam2 >= 1],
    ),
    (Problem(u * log(u) + v * log(v), [Eq(u + v, 1)], over=[u, v]), lam - 2 * exp(lam - 1), []),
    (Problem(sqrt(x**2 + y**2), [Eq(x + 2 * y, 3)], over=[x, y]), 3 * lam, [5 * lam**2 <= 1]),
    (Problem(-log(u), [Eq(u, 3)], over=[u]), 1 + log(-lam) + 3 * lam, [lam < 0]),
    (
        Problem(Abs(x) + Abs(y), [Eq(x + 2 * y, 3)], over=[x, y]),
        3 * lam,
        [lam <= 1, lam >= -1, 2 * lam <= 1, 2 * lam >= -1],
    ),
    (Problem(Max(x, y), [x + 3 * y >= 4], over=[x, y]), 4 * mu, [4 * mu - 1 <= 0, 4 * mu - 1 >= 0]),
    (Problem(u + 4 / u, [Eq(u, 1)], over=[u]), 4 * sqrt(1 - lam) + lam, [lam <= 1]),
    (Problem(x, [x**2 + y**2 <= 1], over=[x, y]), -mu - 1 / (4 * mu), [mu >= Rational(1, 4)]),
]


@pytest.mark.parametrize(("problem", "value", "domain"), CLOSED_FORMS)
def test_closed_forms(problem, value, domain):
    function = problem.dual().function
    source = random.Random(5)
    names = {symbol.name: symbol for symbol in function.multipliers}
    for _ in range(40):
        point = {s: Rational(source.randint(0 if s.is_nonnegative else -8, 8), 4) for s in function.multipliers}
        renamed = {s: point[names[s.name]] for s in (lam, mu, mu1, mu2, mu3, lam1, lam2) if s.name in names}
        inside = all(bool(condition.subs(renamed)) for condition in domain)
        found = function.value_at(point)
        if inside:
            assert sympy.simplify(found - value.subs(renamed)) == 0
        else:
            assert found == -oo


def test_a_maximization_has_an_upper_bound():
    function = Problem(x * y, [Eq(x + y, 1)], over=[x, y], sense="max").dual().function
    assert function.value_at({function.multipliers[0]: 1}) == oo
    function = Problem(x - x**2, [x <= 0], over=[x], sense="max").dual().function
    assert sympy.expand(function.expression - (1 - mu) ** 2 / 4) == 0


def least_value(matrix, slopes):
    """inf x'Qx/2 + c'x for numbers, by eigenvalues' signs and the pseudo-inverse."""
    if not matrix.is_positive_semidefinite:
        return -oo
    inverse = matrix.pinv()
    if any(entry != 0 for entry in (matrix * inverse * slopes - slopes)):
        return -oo
    return -(slopes.T * inverse * slopes)[0, 0] / 2


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_quadratic_infima_are_those_of_the_pseudo_inverse(data):
    """Q and c are affine in two multipliers; singular and indefinite ones occur at the small integers that are drawn."""
    size = data.draw(st.integers(1, 3))
    integers = st.integers(-1, 2)
    entries = [[data.draw(integers) for _ in range(3)] for _ in range(size * (size + 1) // 2)]
    parameters = (1, mu1, lam1)
    coefficients = iter([sum(k * p for k, p in zip(row, parameters, strict=True)) for row in entries])
    matrix = sympy.zeros(size, size)
    for i in range(size):
        for j in range(i + 1):
            matrix[i, j] = matrix[j, i] = next(coefficients)
    slopes = [data.draw(integers) * mu1 + data.draw(integers) for _ in range(size)]
    pieces = quadratic_infimum(matrix, slopes)
    for first in range(3):
        for second in range(-2, 3):
            here = {mu1: sympy.Integer(first), lam1: sympy.Integer(second)}
            held = {piece.value.xreplace(here) for piece in pieces if met(piece.conditions, here) is True}
            assert len(held) <= 1
            assert (held.pop() if held else -oo) == least_value(matrix.xreplace(here), Matrix(slopes).xreplace(here))


@settings(max_examples=100, deadline=None)
@given(planted=st.one_of(linear_programs(), convex_quadratic_programs()))
def test_strong_duality_at_planted_multipliers(planted):
    problem = Problem(planted.objective, planted.constraints, over=planted.over)
    function = problem.dual().function
    multipliers = {term.multiplier: planted.multipliers[term.stated] for term in function.terms}
    assert function.value_at(multipliers) == planted.value


CONVEX = [exp(x + y), Abs(x - 2 * y), sqrt(x**2 + y**2 + 1), x**4, log(1 + exp(x)), Max(x, y), x**2, (x - y) ** 2]
MONOMIALS = [x**2, x * y, y**2, x, y]


def random_problem(source):
    """A quadratic problem, convex or not, or one with other functions, and feasible points of it."""
    if source.random() < 0.5:
        functions = [
            sympy.Add(*(source.randint(-2, 2) * form for form in MONOMIALS)) + 3 * x**2 + 3 * y**2 for _ in range(2)
        ]
    else:
        functions = [sympy.Add(*source.sample(CONVEX, 2)) + source.randint(-2, 2) * x for _ in range(2)]
    points = [{x: Rational(source.randint(-6, 6), 2), y: Rational(source.randint(-6, 6), 2)} for _ in range(4)]
    side = max((functions[1].xreplace(p) for p in points), key=sympy.N)
    constraints = [sympy.Le(functions[1], side, evaluate=False), sympy.Ge(x + 2 * y, -9, evaluate=False)]
    return Problem(functions[0], constraints, over=[x, y]), points


def test_weak_duality_and_concavity_on_random_problems():
    source = random.Random(2)
    finite = 0
    for _ in range(80):
        problem, points = random_problem(source)
        function = dual_function(problem)
        assert function.is_known
        least = min((problem.objective.xreplace(p) for p in points), key=sympy.N)
        symbols_ = function.multipliers
        ends = [{s: Rational(source.randint(0 if s.is_nonnegative else -4, 4), 4) for s in symbols_} for _ in range(2)]
        values = [function.value_at(end) for end in ends]
        middle = {s: (ends[0][s] + ends[1][s]) / 2 for s in symbols_}
        assert all(value == -oo or sympy.N(least - value) > -1e-12 for value in values)
        if -oo not in values:
            finite += 1
            assert sympy.N(function.value_at(middle) - sum(values) / 2, 30) > -1e-20
    assert finite > 20


def test_kept_bounds_are_the_domain_of_the_inner_infimum():
    problem = Problem(x**2 - 3 * x + y, [x + y >= 1], over=[x, y], bounds={x: (0, 1), y: (-1, 2)})
    function = dual_function(problem, problem.constraints)
    assert function.multipliers == (mu1,) and function.kept == problem.bounds
    for size in range(5):
        place = Rational(size, 2)
        values = [
            (x**2 - 3 * x + y - place * (x + y - 1)).subs({x: Rational(i, 8), y: j}) for i in range(9) for j in (-1, 2)
        ]
        assert function.value_at({mu1: place}) == min(values)


def test_convex_functions_over_kept_bounds():
    problem = Problem(exp(x), [x <= 5, x + y >= 1], over=[x, y], bounds={x: (0, 2), y: (0, 1)})
    function = dual_function(problem, [x + y >= 1])
    (multiplier,) = function.multipliers
    assert [function.value_at({multiplier: size}) for size in (0, 1)] == [1, 1]
    assert sympy.simplify(function.value_at({multiplier: exp(1)})) == 0
    assert sympy.simplify(function.value_at({multiplier: exp(3)}) - (exp(2) - 2 * exp(3))) == 0


def test_affine_equations_can_be_kept():
    problem = Problem(x**2 - y**2, [Eq(x, 2 * y), x >= 1], over=[x, y])
    assert problem.dual().function.pieces == ()
    function = dual_function(problem, [x >= 1])
    (multiplier,) = function.multipliers
    assert sympy.expand(function.expression - (multiplier - multiplier**2 / 3)) == 0


def test_finitely_many_integer_points_are_enumerated():
    problem = Problem(-x * y, [x + y <= 3, x * y <= 2], over=[x, y], bounds={x: (0, 2), y: (0, 2)}, integers=[x, y])
    function = dual_function(problem, [x + y <= 3])
    (multiplier,) = function.multipliers
    for size in range(4):
        place = Rational(size, 2)
        values = [-i * j + place * (i + j - 3) for i in range(3) for j in range(3) if i * j <= 2]
        assert function.value_at({multiplier: place}) == min(values)


def test_new_variables_make_dependent_arguments_independent():
    problem = Problem(exp(x) + exp(-2 * x), [x >= 1], over=[x])
    function = problem.dual().function
    assert len(function.introduced) == 2
    values = dict(zip(function.multipliers, (exp(1) - 2 * exp(-2), -exp(1), -exp(-2)), strict=True))
    assert sympy.simplify(function.value_at(values) - exp(1) - exp(-2)) == 0


def test_functions_are_restricted_to_where_the_constraints_say():
    cubic = Problem((x + 1) ** 3, [], over=[x], bounds={x: (1, None)}).dual().function
    assert cubic.region == (sympy.Ge(x + 1, 0, evaluate=False),)
    assert cubic.value_at({cubic.multipliers[0]: 12}) == 8
    unbounded = Problem(x**3, [x >= -1], over=[x]).dual().function
    assert unbounded.region == () and unbounded.value_at({unbounded.multipliers[0]: 3}) == -oo


UNKNOWN = [
    (Problem(sympy.sin(x), [x >= 1], over=[x]), None, "sin(x) is not a function"),
    (Problem(x * y, [x * y <= 1], over=[x, y]), [], "no bound and no affine equation"),
    (Problem(x, [Eq(x**2, 1)], over=[x]), [], "an equation that is kept is not affine"),
    (Problem(x**2, [x >= 1], over=[x], integers=[x]), None, "infinitely many values"),
    (Problem(x**2 + 3 * x * y, [], over=[x, y], bounds={x: (0, 1), y: (0, 1)}), [], "are kept, which occur together"),
    (Problem(log(1 + x**2), [x >= 1], over=[x]), None, "no stationary points in closed form"),
]


@pytest.mark.parametrize(("problem", "relax", "words"), UNKNOWN)
def test_what_has_no_closed_form_is_said_to_have_none(problem, relax, words):
    function = dual_function(problem, relax)
    assert words in function.missing and words in str(function) and function.explanation()
    assert function.value_at(dict.fromkeys(function.multipliers, 1)) is None
    with pytest.raises(ValueError, match="not decided"):
        _ = function.expression


def test_constraints_to_relax_must_be_there():
    with pytest.raises(
        ProblemError, match="relax contains x >= 5, which is no constraint of the problem; it has x >= 1"
    ):
        Problem(x**2, [x >= 1], over=[x]).dual(relax=[x >= 5])


def test_the_expression_is_piecewise_where_the_formula_changes():
    function = Problem(x, [(x - y) ** 2 <= 1, Eq(x, 3)], over=[x, y]).dual().function
    assert function.expression.has(sympy.Piecewise) and "Piecewise" in str(function)
    assert function._repr_latex_().startswith("$")
    assert any("quadratic" in line for line in function.explanation())


def test_equations_of_new_variables_are_named() -> None:
    """With y = x in x**6 - 3 x**2 the bound is minus infinity for all multipliers, which says nothing: it is not decided."""
    x = sympy.Symbol("x", real=True)
    problem = Problem(x**6 - 3 * x**2 + x, [x >= 0], over=[x])
    assert "x**6 - 3*x**2 + x is not shown to be convex" in str(problem.dual())
    square = Problem(sympy.exp(x**2), [x >= 1], over=[x])
    assert str(square.dual()).endswith(", for the problem with y_1 >= x**2")
    convex = Problem(sympy.exp(x) + x**2, [x >= 1], over=[x])
    assert str(convex.dual()).endswith(", for the problem with y_1 = x")
    assert "for the problem" not in str(Problem(x**2, [x >= 1], over=[x]).dual())


def test_values_of_multipliers_must_be_given_and_be_numbers() -> None:
    g = dual_function(Problem(x**2, [x >= 1, x <= 2], over=[x]))
    first, second = g.multipliers
    with pytest.raises(ProblemError, match="no value is given for mu_2"):
        g.value_at({first: 1})
    for wrong in (True, "1", None):
        with pytest.raises(ProblemError, match="is no number"):
            g.value_at({first: wrong, second: 0})
    with pytest.raises(ProblemError, match="write a list of constraints"):
        dual_function(g.lagrangian.problem, relax=3)


def test_strict_bounds_that_are_kept_leave_integers_out() -> None:
    """Over n in {1, ..., 4}: n - mu (n - 1) is least at an end; with n + m < 4 the least of n + m - mu (n - m) too."""
    n, m = symbols("n m", integer=True)
    g = dual_function(Problem(n, [n > 0, n < 5, n >= 1], over=[n]), relax=[n >= 1])
    problem = Problem(n + m, [n > 0, m > 0, n < 3, m < 3, n + m < 4, n >= m], over=[n, m])
    both = dual_function(problem, relax=[n >= m])
    for value in (0, Rational(1, 2), 1, 2, 5):
        assert g.value_at({g.multipliers[0]: value}) == min(k - value * (k - 1) for k in range(1, 5))
        points = [(1, 1), (1, 2), (2, 1)]
        assert both.value_at({both.multipliers[0]: value}) == min(i + j - value * (i - j) for i, j in points)


@pytest.mark.parametrize("kept", [[x >= 2, x <= 1], [x > 1, x < 1], [x >= 0, x >= a, x <= b]])
def test_kept_bounds_that_may_leave_nothing_have_no_formula(kept) -> None:
    """Over an empty set the infimum is infinite, at no end of an interval."""
    g = dual_function(Problem(x, [*kept, x <= 5], over=[x]), relax=[x <= 5])
    assert not g.is_known


def test_the_scale_of_an_argument_must_not_vanish() -> None:
    """exp(c x) with c = 0 is constant: the formula for exp(y) at y = c x is none for it."""
    c = symbols("c", real=True)
    problem = Problem(exp(c * x), [x >= 0, x <= 1, x <= 5], over=[x])
    assert not dual_function(problem, relax=[x <= 5]).is_known
