"""A problem as a problem file: the inverse of `lagrangian.problem.files`."""

from typing import Any

from sympy import Eq, Ge, Gt, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.errors import ParseError, ProblemFileError
from lagrangian.problem.files import problem_from_dict
from lagrangian.problem.problem import Problem

_SIGNS = {"Equality": "==", "LessThan": "<=", "GreaterThan": ">=", "StrictLessThan": "<", "StrictGreaterThan": ">"}
_WORDS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "rational")


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """The problem in the form of a problem file. What the variables' assumptions demand is written as constraints.

    Raises:
        ProblemFileError: for what has no form there: a function that the parser does not know, a parameter with both words and
            relations.

    >>> from sympy import symbols
    >>> x, y = symbols("x y", positive=True)
    >>> problem_to_dict(Problem(x * y, [Eq(x + y, 10)], over=[x, y], bounds={x: (1, None)}, sense="max"))
    ... # doctest: +NORMALIZE_WHITESPACE
    {'vars': ['x', 'y'], 'sense': 'max', 'objective': 'x*y', 'bounds': {'x': ['1', None]}, 'eq': ['x + y == 10'],
     'strict': ['x > 0', 'y > 0']}
    """
    data: dict[str, Any] = {
        "vars": [variable.name for variable in problem.over],
        "sense": problem.sense.value,
        "objective": str(problem.objective),
        "bounds": _bounds(problem),
        "integers": sorted(variable.name for variable in problem.integers),
        "params": {parameter.name: _assumption(problem, parameter) for parameter in problem.parameters},
    }
    for relation in problem.all_constraints:
        if relation not in problem.bounds:
            data.setdefault(_key(relation), []).append(_text(relation))
    data = {key: value for key, value in data.items() if value}
    try:
        problem_from_dict(data)
    except (ProblemFileError, ParseError) as error:
        raise ProblemFileError(f"the problem cannot be written as a problem file: {error}") from None
    return data


def _key(relation: Relational) -> str:
    if isinstance(relation, Eq):
        return "eq"
    return "strict" if isinstance(relation, Lt | Gt) else "ineq"


def _text(relation: Relational) -> str:
    return f"{relation.lhs} {_SIGNS[type(relation).__name__]} {relation.rhs}"


def _bounds(problem: Problem) -> dict[str, list[str | None]]:
    found: dict[str, list[str | None]] = {}
    for relation in problem.bounds:
        sides = found.setdefault(relation.lhs.name, [None, None])
        sides[0 if isinstance(relation, Ge) else 1] = str(relation.rhs)
    return found


def _assumption(problem: Problem, parameter: Symbol) -> str:
    words = [word for word in _WORDS if parameter.assumptions0.get(word)]
    relations = [relation for relation in problem.assumptions if relation.has(parameter)]
    if len(relations) + bool(words) > 1:
        raise ProblemFileError(f"the parameter {parameter} has words and relations, of which a problem file takes one")
    return _text(relations[0]) if relations else " ".join(words) or "real"
