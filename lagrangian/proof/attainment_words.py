"""Why an optimum exists, in words: what `lagrangian.proof.attainment` checks, told as an argument."""

from math import lcm

from flint import fmpq_mpoly
from sympy import Symbol

from lagrangian.algebra.polynomials import Ring
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.evidence import Attainment, BoundedMonomials, GrowthBySquares, NearestPoint, NoDirectionToInfinity

MOST_FORMS = 4
CLOSED = "The feasible set is closed: polynomials are continuous, and =, <= and >= hold in the limit."
CLOSURE = "The set with all inequalities taken as <= and >= is closed: polynomials are continuous, and these hold in the limit."
WEIERSTRASS = (
    "A continuous function has a least and a greatest value on a closed and bounded set (Weierstrass): "
    "the optimum is attained."
)


def why_attained(reason: Attainment, *, has_strict: bool = False) -> tuple[str, ...]:
    """The argument that a problem has an optimum once its strict inequalities are weak, or that nothing is better.

    >>> from lagrangian import minimize
    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> proof = minimize(x, [x**2 + y**2 <= 1, y**3 <= x], over=[x, y]).certificate
    >>> print(why_attained(proof.attainment)[1])
    It is bounded: otherwise the directions to feasible points farther and farther out would have a limit d of length 1 with x**2 + y**2 <= 0, y**3 <= 0 (leading forms), and an exact search shows that there is no such d.
    """  # noqa: E501
    closed = CLOSURE if has_strict else CLOSED
    if isinstance(reason, NoDirectionToInfinity):
        return closed, *_no_direction(reason)
    if isinstance(reason, BoundedMonomials):
        return closed, *_bounded_monomials(reason)
    if isinstance(reason, GrowthBySquares):
        return closed, *_growth(reason)
    if isinstance(reason, NearestPoint):
        return ("The feasible set is closed, so that one of its points is nearest.",)
    return (
        "A feasible point with a value f below the best candidate's value v would give a point of the closed set "
        "{x feasible, (v - f) z**2 = 1}. That set would have a point nearest to a given one, a Fritz John point of the distance.",
        "The systems for such points were solved exactly, and none has a feasible solution: no feasible point is better than "
        "the best candidate.",
    )


def _no_direction(reason: NoDirectionToInfinity) -> tuple[str, ...]:
    plain = set(reason.weights) == {1}
    length = "of length 1" if plain else f"with {_sphere(reason)} = 1"
    scaled = "" if plain else f", the coordinates scaled with the weights {reason.weights},"
    start = f"It is bounded: otherwise the directions to feasible points farther and farther out{scaled}"
    closing = WEIERSTRASS
    if reason.with_objective:
        start = f"The objective is coercive: otherwise the directions{scaled} to feasible points farther out with bounded values"
        closing = f"Points that are not worse than a given one form a closed and bounded set. {WEIERSTRASS}"
    condition = f"{_forms(reason.emptiness.problem)} (leading forms)"
    return (
        f"{start} would have a limit d {length} with {condition}, and an exact search shows that there is no such d.",
        closing,
    )


def _sphere(reason: NoDirectionToInfinity) -> str:
    common = lcm(*reason.weights)
    names = [symbol.name for symbol in reason.emptiness.problem.ring.variables]
    return " + ".join(f"{name}**{2 * common // w}" for name, w in zip(names, reason.weights, strict=True))


def _forms(cone: PolynomialProblem) -> str:
    """The conditions on the direction that were shown to contradict each other, without the one on its length."""
    told = [f"{_text(cone, g)} <= 0" for g in cone.inequalities]
    # the condition on the length is the only one with a constant term: leading forms have none
    told += [f"{_text(cone, h)} = 0" for h in cone.equalities if all(any(key) for key in h.to_dict())]
    more = f" and {len(told) - MOST_FORMS} more" if len(told) > MOST_FORMS else ""
    return (", ".join(told[:MOST_FORMS]) or "no further condition") + more


def _text(problem: PolynomialProblem, polynomial: fmpq_mpoly) -> str:
    """A polynomial with the names of new variables as they are."""
    return str(Ring(tuple(Symbol(symbol.name) for symbol in problem.ring.variables)).expression(polynomial))


def _bounded_monomials(reason: BoundedMonomials) -> tuple[str, ...]:
    names = [symbol.name for symbol in reason.emptiness.problem.ring.variables]
    told = [
        "*".join(f"{name}**({power})" if power != 1 else name for name, power in zip(names, row, strict=True) if power)
        for row in reason.rows
    ]
    more = f" and {len(told) - MOST_FORMS} more" if len(told) > MOST_FORMS else ""
    return (
        "All variables are positive there, and where the objective stays bounded so do these products: "
        f"{', '.join(told[:MOST_FORMS])}{more}.",
        "Were the logarithms of such points unbounded, the directions to them would have a limit along which none of the "
        "products grows, and an exact search shows that there is none.",
        f"Points that are not worse than a given one form a closed and bounded set. {WEIERSTRASS}",
    )


def _growth(reason: GrowthBySquares) -> tuple[str, ...]:
    """Without the numbers: they are those of a rounded numerical solution, long and of no interest."""
    if not reason.growth.with_objective:
        return (
            "It is bounded: a sum of squares shows |x|**2 <= c on it, with a number c of the certificate.",
            WEIERSTRASS,
        )
    return (
        "The objective F, written as a minimization, is coercive: a sum of squares shows F + c >= r |x|**2 on the feasible set, "
        "with numbers c and r > 0 of the certificate.",
        f"Points that are not worse than a given one form a closed and bounded set. {WEIERSTRASS}",
    )
