"""The sign table of the design, relation by relation, against a finite difference of the value."""

import pytest
import sympy
from sympy import Eq, Ge, Gt, Le, Lt, Rational, Symbol, symbols

from lagrangian import Problem, canonicalize, solve

x, y = symbols("x y")
STEP = Rational(1, 1000)


@pytest.mark.parametrize(
    ("relation", "sense", "sign"),
    [(Le, "min", -1), (Le, "max", 1), (Ge, "min", 1), (Ge, "max", -1), (Eq, "min", -1), (Eq, "max", 1)],
)
def test_shadow_price_signs_are_those_of_the_table(relation: type, sense: str, sign: int) -> None:
    _, restoration = canonicalize(Problem(x, [relation(x, y)], over=[x, y], sense=sense))
    assert restoration.shadow_price(relation(x, y), 7) == 7 * sign


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize("relation", [Le, Ge, Eq])
def test_shadow_price_is_the_slope_of_the_optimal_value(relation: type, sense: str) -> None:
    """A strictly convex or concave objective whose optimum sits on the constraint for every relation."""
    outward = 1 if (relation is Le) == (sense == "max") else -1
    objective = (x - 3 * outward) ** 2 + (y - 1) ** 2
    objective = objective if sense == "min" else -((x - 3 * outward) ** 2) - (y - 1) ** 2
    inward = {Le: -4, Ge: 4, Eq: 1}[relation]
    center = (x - inward) if relation is not Eq else x
    objective = objective.subs(x, center)

    def value(right: Rational) -> sympy.Expr:
        return solve(Problem(objective, [relation(x + y, right)], over=[x, y], sense=sense)).value

    stated = relation(x + y, 0)
    price = solve(Problem(objective, [stated], over=[x, y], sense=sense)).shadow_price(stated)
    slope = (value(STEP) - value(-STEP)) / (2 * STEP)
    assert price is not None
    assert abs(price - slope) <= STEP, (
        "the value is quadratic in the right side: the difference quotient is exact or inactive"
    )


def test_canonical_form_of_every_relation() -> None:
    problem = Problem(x, [x <= y, x >= 2, Lt(x, 5), Gt(y, 1), Eq(x, 2 * y)], over=[x, y], sense="max")
    canonical, restoration = canonicalize(problem)
    u, v = canonical.variables
    assert canonical.objective == -u
    assert [g.expression for g in canonical.inequalities] == [u - v, 2 - u, u - 5, 1 - v]
    assert [g.strict for g in canonical.inequalities] == [False, False, True, True]
    assert [h.expression for h in canonical.equalities] == [u - 2 * v]
    assert restoration.value(canonical.objective) == u
    assert restoration.expression(u - v) == x - y


def test_variables_and_parameters_become_real_and_come_back() -> None:
    b = Symbol("b", positive=True)
    canonical, restoration = canonicalize(Problem(x * b + symbols("c"), over=[x]))
    assert all(symbol.is_real for symbol in (*canonical.variables, *canonical.parameters))
    assert canonical.parameters[0].is_positive
    assert restoration.expression(canonical.objective) == x * b + symbols("c")
