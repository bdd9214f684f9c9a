"""A relaxation and the optimum that follows from it, in lines for a terminal."""

from collections.abc import Iterator

from sympy import Expr, Piecewise, Symbol, sstr
from sympy.core.relational import Relational

from lagrangian.duality.relaxation import Relaxation, RelaxedOptimum

MOST_SHOWN = 12
LONG_SUM = 200
MOST_SHOWN_VARIABLES = 40


def relaxation_lines(relaxation: Relaxation) -> Iterator[str]:
    """What is relaxed, what is kept, the dual function, its bound, and a feasible point."""
    for word, relations in (("relaxed", relaxation.relaxed), ("kept", relaxation.kept)):
        yield f"{word}:"
        yield from _listed(relations, relaxation)
    function = dual_function(relaxation)
    if function is not None:
        yield "dual function:"
        yield from _pieces(function)
    best = "no multipliers give a better one" if relaxation.is_best else "it is not proved that none are better"
    yield f"bound: {relaxation.bound}, rounded to a possible value {relaxation.rounded_bound} ({best})"
    if relaxation.feasible_point is None:
        yield "feasible point: none was found before branching"
    else:
        yield f"feasible point: {_point(relaxation.feasible_point)}"
        yield f"    value {relaxation.feasible_value}, gap {relaxation.gap}"


def _listed(relations: tuple[Relational, ...], relaxation: Relaxation) -> Iterator[str]:
    """Constraints with their numbers, and the multipliers of those that have one."""
    if not relations:
        yield "    none"
    numbers = {relation: n for n, relation in enumerate(relaxation.problem.constraints, start=1)}
    for relation in relations[:MOST_SHOWN]:
        multiplier = relaxation.multipliers.get(relation)
        shown = "" if multiplier is None else f"    multiplier {multiplier}"
        yield f"    {numbers[relation]}. {_short(written_relation(relation))}{shown}"
    if len(relations) > MOST_SHOWN:
        yield f"    and {len(relations) - MOST_SHOWN} more"


def written_relation(relation: Relational) -> str:
    """The constraint as text; the terms of long sums in any order, since SymPy takes long to sort them."""
    is_long = max(len(side.args) for side in relation.args) > LONG_SUM
    return str(sstr(relation, order="none" if is_long else None))


def _short(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:70]} ... {text[-25:]}"


def _pieces(function: Expr) -> Iterator[str]:
    parts = function.args if isinstance(function, Piecewise) else [(function, True)]
    for expression, condition in parts[:MOST_SHOWN]:
        yield f"    {expression}" + ("" if condition == True else f"    for {condition}")  # noqa: E712
    if len(parts) > MOST_SHOWN:
        yield f"    and {len(parts) - MOST_SHOWN} more pieces"


def _point(point: dict[Symbol, Expr]) -> str:
    """The variables that are not zero."""
    shown = [f"{variable} = {number}" for variable, number in point.items() if number != 0]
    text = ", ".join(shown[:MOST_SHOWN_VARIABLES]) or "all variables 0"
    rest = f" and {len(shown) - MOST_SHOWN_VARIABLES} more" if len(shown) > MOST_SHOWN_VARIABLES else ""
    return text + rest + (", the others 0" if shown and len(shown) < len(point) else "")


def optimum_lines(optimum: RelaxedOptimum) -> Iterator[str]:
    """The optimum with its proof, or what is known of it."""
    solution = optimum.solution
    value = "" if solution.value is None else f", value {solution.value}"
    yield f"{solution.status.value}{value} ({optimum.nodes} node{'' if optimum.nodes == 1 else 's'})"
    if solution.coordinates:
        yield f"    at {_point(solution.points[0])}"
    if solution.certificate is None:
        yield f"    bound {optimum.bound}, gap {'unknown' if optimum.gap is None else optimum.gap}"
    else:
        yield f"    proof: {solution.certificate.kind}, {'verified' if solution.certificate.verified is True else 'not verified'}"
        yield from (f"    {sentence}" for sentence in solution.certificate.explanation())
    yield from (f"    {reason}" for reason in solution.missing)


def dual_function(relaxation: Relaxation) -> Expr | None:
    """The dual function, which is written down where it has one multiplier."""
    return relaxation.dual_function() if len(relaxation.relaxed) == 1 else None
