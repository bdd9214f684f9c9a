"""Derivations say what was done, in all three forms."""

import pytest
import sympy
from sympy import Eq, symbols

from lagrangian import Kind, LagrangianError, Problem, maximize, minimize, solve
from lagrangian.conditions.lagrange import Convention, lagrangian_of
from lagrangian.report.notation import text

x, y, z, b = symbols("x y z b")


def test_the_worked_example_has_every_step() -> None:
    told = maximize(x * y, [Eq(x + y, 10)], over=[x, y]).explain()
    for line in (
        "maximize    x*y",
        "subject to  x + y = 10",
        "L = x*y - λ*(x + y - 10)",
        "Gradient equations: ∇f = λ ∇g, together with the constraints",
        "∂/∂x  y = λ",
        "These are 3 equations for x, y, λ.",
        "With y = λ, (3) becomes λ + x = 10.",
        "Result: x = 5, y = 5, λ = 5.",
        "5  5  25     2                global maximum",
        "The list is complete",
        "Certificate (convexity), checked again without the solver: it holds.",
        "x + y = 10  λ = 5       5",
    ):
        assert line in told, line
    steps = [line for line in told.splitlines() if line[:1].isdigit()]
    assert [line[:2] for line in steps] == [f"{number}." for number in range(1, 10)]


def test_inequalities_show_the_four_groups_of_kkt() -> None:
    told = minimize((x - 2) ** 2 + y**2, [x <= 1, y >= 0], over=[x, y]).explain()
    for group in ("stationarity", "primal feasibility", "dual feasibility", "complementary slackness"):
        assert group in told
    assert "x ≤ 1" in told
    assert "μ_1 = 2" in told


def test_answers_without_an_optimum_are_explained() -> None:
    assert "The answer: infeasible" in minimize(x, [x >= 1, x <= 0], over=[x]).explain()
    assert "The answer: unbounded" in minimize(x, [x <= 0], over=[x]).explain()
    told = minimize(1 / x, [x >= 1], over=[x]).explain()
    assert "approached  0" in told
    assert "a limit that is not attained" in told
    wavy = sympy.Eq(sympy.exp(x) * y + sympy.sin(y), 1)
    box = [x >= 0, x <= 2, y >= 0, y <= 2]
    undecided = minimize(sympy.sin(x) + y, [wavy, *box], over=[x, y], time_limit_s=6).explain()
    assert "Missing:" in undecided
    assert "What was tried" in undecided


def test_families_are_described_with_a_sample() -> None:
    told = minimize((x**2 + y**2 - 1) ** 2, over=[x, y]).explain()
    assert "Infinitely many points (dimension 1) with the value 0" in told
    assert "x² + y² - 1 = 0" in told
    assert "for example" in told


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_a_constant_objective_has_all_feasible_points_as_optima(form: str) -> None:
    told = minimize(2, [x <= 1], over=[x]).explain(form)
    assert "all feasible ones" in told


def test_latex_and_markdown_have_the_same_steps_and_balanced_environments() -> None:
    solution = minimize(x + y, [x**2 + y**2 <= 1, x >= -3], over=[x, y])
    latex = solution.explain("latex")
    assert latex.count("\\begin{") == latex.count("\\end{")
    assert latex.count("{") == latex.count("}")
    assert latex.count("$") % 2 == 0
    assert "\\paragraph{The Lagrangian.}" in latex
    assert "x^{2} + y^{2} \\leq 1" in latex
    markdown = solution.explain("markdown")
    assert markdown.count("### ") == latex.count("\\paragraph") == 8
    assert "| $x$ | $y$ | value |" in markdown


def test_the_lagrangian_is_written_as_in_a_textbook() -> None:
    problem = Problem(x**2 - y, [x**2 + y**2 <= 1, Eq(x, b + y), y >= -1], over=[x, y])
    written = lagrangian_of(problem).written
    assert text(written) == "x² - y - λ*(x - b - y) - μ_1*(1 - x² - y²) - μ_2*(y + 1)"
    assert sympy.latex(written).startswith(r"x^{2} - y - \lambda \left(x - b - y\right) - \mu_{1} \left(1 - x^{2}")
    only_numbers = Problem(x, [x >= 0], over=[x])
    assert text(lagrangian_of(only_numbers).written) == "x - μ*x"


def test_roots_of_polynomials_are_told_as_decimals_and_then_exactly() -> None:
    told = minimize(x**6 - 3 * x**2 + x, over=[x]).explain()
    least = min(float(root) for root in sympy.nroots(6 * x**5 - 6 * x + 1) if root.is_real)
    assert f"at  x ≈ {least:.10g}" in told
    assert "Exactly, counting the real roots from the least:" in told
    assert "root 1 of 6*t⁵ - 6*t + 1" in told
    assert "CRootOf" not in told


def test_the_slope_of_the_value_function_is_checked() -> None:
    told = maximize(x * y, [Eq(x + y, b)], over=[x, y]).explain()
    assert "The value function has this slope: d(b²/4)/db = b/2." in told
    told = maximize(b * x * y, [Eq(x + y, b)], over=[x, y]).explain()
    assert "slope" not in told, "b is not the right side alone"


def test_lines_of_text_fit_a_terminal() -> None:
    told = minimize(x**2 - y, [x**2 + y**2 <= 1], over=[x, y]).explain()
    assert max(map(len, told.splitlines())) <= 104


def test_an_unknown_form_is_an_error() -> None:
    with pytest.raises(
        LagrangianError, match="there is no form 'pdf' of a derivation; write one of text, markdown, latex, html"
    ):
        minimize(x**2, over=[x]).explain("pdf")


def test_both_sign_conventions_of_the_lagrangian() -> None:
    problem = Problem(x * y, [Eq(x + y, b), x <= 3], over=[x, y], sense="max")
    textbook, boyd = lagrangian_of(problem), lagrangian_of(problem, Convention.BOYD)
    lam, mu = textbook.equality_terms[0].multiplier, textbook.inequality_terms[0].multiplier
    assert sympy.expand(textbook.expression - (x * y - lam * (x + y - b) + mu * (3 - x))) == 0
    assert sympy.expand(boyd.expression - (-x * y + lam * (x + y - b) + mu * (x - 3))) == 0


def test_multipliers_get_names_that_are_free() -> None:
    taken = symbols("lambda")
    lagrangian = lagrangian_of(Problem(x * taken, [Eq(x, 1)], over=[x]))
    assert lagrangian.equality_terms[0].multiplier.name == "lambda'"


def test_pieces_show_themselves_in_notebooks() -> None:
    problem = Problem(x**2, [x >= 1, Eq(y, 0)], over=[x, y])
    for piece in (problem.lagrangian(), problem.kkt(), problem.fritz_john(), minimize(x**2, [x >= 1], over=[x])):
        assert piece._repr_latex_().startswith("$\\displaystyle")
    assert problem.fritz_john().nontriviality.lhs.free_symbols


def test_notation() -> None:
    assert text(x**2 * sympy.sqrt(y) + sympy.pi) == "x²*√y + π"
    assert text(x ** sympy.Rational(1, 3)) == "x**(1/3)"
    assert text(sympy.Ge(x**-1, 0)) == "1/x ≥ 0"
    assert text(symbols("mu_12")) == "μ_12"


def test_the_integers_of_periodic_optima_are_named() -> None:
    told = minimize(sympy.sin(x) + sympy.cos(2 * y), over=[x, y]).explain()
    assert "for all integers k_x, k_y," in " ".join(told.split())


def test_a_convex_problem_says_so_first_with_the_rules() -> None:
    third = sympy.Rational(1, 3)
    solution = maximize(x**third * y ** (2 * third), [x + y <= 3, x >= 0, y >= 0], over=[x, y])
    short, full = solution.explain(), solution.explain(detail="full")
    assert short.index("A convex problem: one KKT point is enough") < short.index("The Lagrangian")
    assert "x**(1/3)*y**(2/3) is concave" in full and "→ by the rule: geometric mean" in full
    assert "by the rule:" in full and "by the rule:" not in short
    told = minimize(x**4 - x**2, [x <= 2, x >= -2], over=[x]).explain()
    assert "A convex problem" not in told


def test_weak_duality_is_worked_out_with_the_multipliers() -> None:
    told = minimize((x - 2) ** 2 + y**2, [x <= 1], over=[x, y]).explain(detail="full")
    # (x - 2)^2 + y^2 + 2 (x - 1) = (x - 1)^2 + y^2 + 1
    assert "Weak duality with these multipliers" in told
    assert "L = x² - 2*x + y² + 2" in told or "L = x² + y² - 2*x + 2" in told
    assert "So its least value there is the one at this point, 1." in told


def test_the_second_order_test_is_worked_out_at_each_point() -> None:
    told = minimize(x**4 + y**4 - 4 * x * y, over=[x, y]).explain(detail="full")
    assert "Leading principal minors: D_1 = 12, D_2 = 128." in told
    assert "Eigenvalues: t_1 = -4, t_2 = 4." in told
    assert told.count("→ strict local minimum: ") == 2 and told.count("→ saddle point: ") == 1


def test_substitution_gives_the_points_of_lagrange() -> None:
    told = maximize(x * y, [Eq(x + y, 10)], over=[x, y]).explain(detail="full")
    assert "The constraint gives y = 10 - x." in told
    assert "With the value of y these are the points found with the multiplier." in told
    curved = minimize(x + y, [Eq(x**2 + y**2, 2)], over=[x, y]).explain(detail="full")
    assert "substitution" not in curved


def test_one_variable_has_the_signs_of_its_derivative_and_its_ends() -> None:
    told = minimize(x + 1 / x, [x > 0], over=[x]).explain(detail="full")
    for line in (
        "f' = 1 - 1/x²",
        "The derivative vanishes at x = -1, x = 1; not in the interval: x = -1.",
        "0 < x < 1  -           falls",
        "1 < x < ∞  +           rises",
        "lim x → 0+ of x + 1/x = ∞.",
        "lim x → ∞ of x + 1/x = ∞.",
    ):
        assert line in told, line
    told = minimize(x**3 - 3 * x, [x >= 0, x <= 3], over=[x]).explain(detail="full")
    assert "At the end x = 3 the value is 18." in told


@pytest.mark.parametrize(
    ("problem", "lines"),
    [
        (
            Problem(x + y, [x >= 1, y >= 1, x + y <= 1], over=[x, y]),
            ["The sum of the left sides is 1, which is not <= 0."],
        ),
        (Problem(x * y, [x >= 0], over=[x, y]), ["is -t**2 on this curve, which tends to -oo"]),
        (Problem(1 / x, [x >= 1], over=[x]), ["is 1/t on this curve, which tends to 0."]),
        (
            Problem(x**4 + y**4 - 4 * x * y, over=[x, y]),
            ["is coercive", "x**4 + y**4 <= 0 (leading forms)", "(Weierstrass)"],
        ),
        (
            Problem(x * y, [x**2 + y**2 <= 1], over=[x, y]),
            ["is closed", "It is bounded", "x**2 + y**2 <= 0", "(Fritz John)"],
        ),
    ],
)
def test_the_words_of_a_proof_give_its_computation(problem: Problem, lines: list[str]) -> None:
    told = " ".join(solve(problem).explain().split())
    assert all(line in told for line in lines), told


def test_a_list_without_its_infinite_sets_is_not_called_complete():
    """x^3 - 3 x has the local maximum x = -1 for every y, which is no optimum; the points of x^4 + y^4 - 4 x y are three."""
    told = minimize(x**3 - 3 * x, [x >= -2, x <= 2], over=[x, y])
    assert told.leaves_out_families
    assert "Every isolated candidate is on the list" in told.explain() and "list is complete" not in told.explain()
    whole = minimize(x**4 + y**4 - 4 * x * y, over=[x, y])
    assert not whole.leaves_out_families and "The list is complete" in whole.explain()


def test_reasons_in_other_variables_say_of_which_sign_they_speak():
    """The gutter of a sheet of width 30: sides of 10 at 60 degrees. Its maximum has no positive eigenvalue but in -f."""
    area = (30 - 2 * x) * x * sympy.sin(y) + x**2 * sympy.sin(y) * sympy.cos(y)
    gutter = maximize(area, [x >= 0, x <= 15, y >= 0, y <= sympy.pi], over=[x, y])
    assert gutter.points == ({x: 10, y: sympy.pi / 3},) and gutter.value == 75 * sympy.sqrt(3)
    (best,) = [point for point in gutter.stationary_points if point.is_global]
    assert best.kind is Kind.STRICT_LOCAL_MAXIMUM
    assert best.reason.startswith("for -f, which is minimized: the reduced Hessian has 2 positive, 0 negative")
