"""Problem files: one optimization problem as JSON.

    {"vars": ["x", "y"], "bounds": {"x": [0, null]}, "integers": ["y"], "params": {"b": "positive", "u": "-1 < u < 8"},
     "sense": "min", "objective": "x**2 + b*y", "eq": ["x + y - 4"], "ineq": ["1 - x*y"], "strict": [], "x0": [2, 2]}

Each expression of ``eq`` is = 0, of ``ineq`` is <= 0, of ``strict`` is < 0; a relation of that kind, such as "x*y >= 1", may
stand there too. Bounds are numbers, expressions in the parameters, or null. Decimals are exact: 0.1 is 1/10.
``vars``, ``sense`` and ``objective`` must be there. Keys that only describe a problem or its known answer are not read.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from os import PathLike
from typing import Any, NoReturn

from sympy import Eq, Expr, Ge, Gt, Le, Lt, Symbol
from sympy.core.facts import InconsistentAssumptions
from sympy.core.relational import Relational

from lagrangian.errors import ParseError, ProblemError, ProblemFileError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.parsing import Demands, parse_expression, parse_relations
from lagrangian.problem.problem import Problem
from lagrangian.problem.tokens import clip, is_name

MAX_FILE_BYTES = 2_000_000
MAX_ENTRIES = 10_000

_REQUIRED = ("vars", "sense", "objective")
_OPTIONAL = ("bounds", "integers", "params", "eq", "ineq", "strict", "x0")
_KEYS = frozenset(_REQUIRED + _OPTIONAL)
_DESCRIPTION = frozenset(
    {
        *(
            "id",
            "name",
            "title",
            "note",
            "description",
            "comment",
            "source",
            "reference",
            "author",
            "family",
            "class",
            "convex",
        ),
        *("best_value", "best_x", "exact_value", "exact_x", "exact_check", "published_value", "published_answer"),
        *(
            "published_agrees",
            "published_is_local",
            "param_instance",
            "max_violation",
            "ipopt_from_x0",
            "verified",
            "provenance",
        ),
        *("crosscheck", "expect"),
    }
)
_CONSTRAINTS: dict[str, tuple[type[Relational], tuple[type[Relational], ...], str]] = {
    "eq": (Eq, (Eq,), "== or ="),
    "ineq": (Le, (Le, Ge), "<= or >="),
    "strict": (Lt, (Lt, Gt), "< or >"),
}
_ASSUMPTIONS = ("real", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "rational")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number as it is written in the file: a float would round it."""

    text: str


def read_problem(path: str | PathLike[str]) -> Problem:
    """The problem that a JSON file states.

    Args:
        path: the file, of at most 2 MB.

    Raises:
        ProblemFileError: in one line, with the file, the value, its place and the remedy.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    ...     _ = file.write('{"vars": ["x"], "sense": "min", "objective": "x**2", "ineq": ["0.5 - x"]}')
    ...     file.flush()
    ...     read_problem(file.name).constraints
    (1/2 - x <= 0,)
    """
    try:
        return problem_from_dict(read_json(path))
    except ProblemFileError as error:
        shown = str(path) if str(path).isprintable() else repr(str(path))
        raise ProblemFileError.about(clip(shown, 200), error) from None


def read_json(path: str | PathLike[str]) -> dict[str, Any]:
    """The JSON object in a file, for `problem_from_dict` and `start_from_dict`, with its numbers as they are written.

    Raises:
        ProblemFileError: if the file cannot be read, is too large, or is not one JSON object with distinct keys.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProblemFileError(f"cannot be read: {reason}; write the path of a problem file") from None
    if len(content) > MAX_FILE_BYTES:
        raise ProblemFileError(f"the file has more than {MAX_FILE_BYTES} bytes, which is the limit")
    try:
        data = json.loads(
            content.decode("utf-8-sig"),
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_distinct,
        )
    except UnicodeDecodeError as error:
        raise ProblemFileError(f"byte {error.start + 1} is not UTF-8; a problem file is JSON text in UTF-8") from None
    except json.JSONDecodeError as error:
        line = error.doc.splitlines()[error.lineno - 1] if error.doc.strip() else ""
        message = f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        raise ProblemFileError(message, line, error.colno) from None
    except RecursionError:
        raise ProblemFileError("the JSON nests too deeply; a problem file has three levels") from None
    if not isinstance(data, dict):
        raise ProblemFileError(f'the file holds {_shown(data)}; write one object {{"vars": ..., "objective": ...}}')
    return data


def problem_from_dict(data: Mapping[str, Any]) -> Problem:
    """The problem that a mapping of the form of a problem file states.

    The variables become real symbols. A parameter is a symbol with the assumptions that its words say; a relation about it
    goes to `Problem.assumptions`. Constraints stay unevaluated, also those without any variable.

    Args:
        data: as read from JSON; numbers may be int, float (read as the decimal that it prints as) or Decimal.

    Raises:
        ProblemFileError: in one line, with the value, its place and the remedy.

    >>> problem = problem_from_dict(
    ...     {"vars": ["x"], "sense": "max", "objective": "b*x", "params": {"b": "positive"}, "ineq": ["x**2 - 0.01"]}
    ... )
    >>> problem.objective, problem.constraints, problem.parameters[0].is_positive
    (b*x, (x**2 - 1/100 <= 0,), True)
    """
    _check_keys(data)
    if data["sense"] not in ("min", "max"):
        raise ProblemFileError(f'"sense" is {_shown(data["sense"])}; write "min" or "max"')
    variables = _variables(data)
    parameters = _parameters(data, variables)
    symbols = variables | parameters
    start_from_dict(data)
    demands: Demands = {}
    try:
        problem = Problem(
            _expression(data["objective"], '"objective"', symbols, demands),
            [relation for key in _CONSTRAINTS for relation in _constraints(data, key, symbols, demands)],
            over=variables.values(),
            sense=data["sense"],
            bounds=_bounds(data, variables, symbols),
            integers=[_variable(name, '"integers"', variables) for name in _field(data, "integers", list)],
            assumptions=_relations_between(data, parameters),
        )
        refuse_changed_domain(demands, canonicalize(problem)[0])
    except ProblemError as error:
        raise ProblemFileError(str(error)) from None
    return problem


def start_from_dict(data: Mapping[str, Any]) -> dict[Symbol, Expr] | None:
    """The starting point ``x0`` of a problem file, or None.

    Args:
        data: as for `problem_from_dict`.

    Raises:
        ProblemFileError: if ``x0`` is not a list with one number for each variable.

    >>> start_from_dict({"vars": ["x", "y"], "x0": [0.5, 1]})
    {x: 1/2, y: 1}
    """
    if data.get("x0") is None:
        return None
    variables = _variables(data)
    start = _field(data, "x0", list)
    if len(start) != len(variables):
        raise ProblemFileError(f'"x0" has {len(start)} entries for {len(variables)} variables; write one for each')
    return {
        variable: _expression(value, _entry("x0", number), {})
        for number, (variable, value) in enumerate(zip(variables.values(), start, strict=True), start=1)
    }


def _refuse_constant(text: str) -> NoReturn:
    raise ProblemFileError(
        f"the file contains {text}; every number must be finite, and a bound that is not there is null"
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    distinct: dict[str, Any] = {}
    for key, value in pairs:
        if key in distinct:
            raise ProblemFileError(f"the key {_shown(key)} stands twice in one object; write it once")
        distinct[key] = value
    return distinct


def _check_keys(data: Mapping[str, Any]) -> None:
    if not isinstance(data, Mapping):
        raise ProblemFileError(f"the problem is {_shown(data)}; write a mapping with the keys {', '.join(_REQUIRED)}")
    for key in data:
        if key not in _KEYS and key not in _DESCRIPTION:
            close = get_close_matches(str(key)[:100], sorted(_KEYS), n=1, cutoff=0.55)
            remedy = f'did you mean "{close[0]}"?' if close else f"the keys are {', '.join(_REQUIRED + _OPTIONAL)}"
            raise ProblemFileError(f"unknown key {_shown(key)}; {remedy}")
    for key in _REQUIRED:
        if data.get(key) is None:
            raise ProblemFileError(f'the key "{key}" is missing; the keys {", ".join(_REQUIRED)} must be there')


def _field(data: Mapping[str, Any], key: str, kind: Callable[[], Any]) -> Any:
    """The value of a key, empty if it is absent or null."""
    value = data.get(key)
    if value is None:
        return kind()
    if not isinstance(value, list | tuple if kind is list else Mapping):
        wanted = "a list [...]" if kind is list else "an object {name: ...}"
        raise ProblemFileError(f'"{key}" is {_shown(value)}; write {wanted}')
    if len(value) > MAX_ENTRIES:
        raise ProblemFileError(f'"{key}" has {len(value)} entries; the limit is {MAX_ENTRIES}')
    return value


def _entry(key: str, number: int) -> str:
    return f'entry {number} of "{key}"'


def _shown(value: Any) -> str:
    """A value as the file writes it, short."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, _Number):
        return clip(value.text)
    return clip(json.dumps(value)) if value is None or isinstance(value, str | bool) else clip(repr(value))


def _variables(data: Mapping[str, Any]) -> dict[str, Symbol]:
    variables: dict[str, Symbol] = {}
    for number, name in enumerate(_field(data, "vars", list), start=1):
        _check_name(name, _entry("vars", number), variables)
        variables[name] = Symbol(name, real=True)
    if not variables:
        raise ProblemFileError('"vars" is empty; name at least one variable')
    return variables


def _check_name(name: Any, place: str, taken: Mapping[str, Symbol]) -> None:
    if not isinstance(name, str) or not is_name(name):
        raise ProblemFileError(f"{place} is {_shown(name)}; write a name of letters, digits and _ in quotes")
    if name in taken:
        raise ProblemFileError(f"{place} is {_shown(name)}, which is taken already; name each symbol once")


def _variable(name: Any, place: str, variables: Mapping[str, Symbol]) -> Symbol:
    if not isinstance(name, str) or name not in variables:
        known = clip(", ".join(variables), 100)
        raise ProblemFileError(f"{place} names {_shown(name)}, which is no variable; the variables are {known}")
    return variables[name]


def _parameters(data: Mapping[str, Any], variables: Mapping[str, Symbol]) -> dict[str, Symbol]:
    parameters = {}
    for name, assumption in _field(data, "params", dict).items():
        _check_name(name, 'a name in "params"', variables)
        words = set() if _is_relation(assumption) else _words(assumption, name)
        try:
            parameters[name] = Symbol(name, real=True, **dict.fromkeys(words - {"real"}, True))
        except InconsistentAssumptions:
            raise ProblemFileError(f'"params" says that {name} is {_shown(assumption)}, which cannot be') from None
    return parameters


def _is_relation(assumption: Any) -> bool:
    return isinstance(assumption, str) and any(sign in assumption for sign in "<>=≤⩽≥⩾")


def _words(assumption: Any, name: str) -> set[str]:
    words = assumption.replace(",", " ").split() if isinstance(assumption, str) else [assumption]
    for word in words:
        if word not in _ASSUMPTIONS:
            known = f"write words among {', '.join(_ASSUMPTIONS)}, or a relation"
            raise ProblemFileError(f'"params" says that {clip(name)} is {_shown(word)}; {known}')
    return set(words)


def _relations_between(data: Mapping[str, Any], parameters: Mapping[str, Symbol]) -> list[Relational]:
    """The assumptions that are relations."""
    relations: list[Relational] = []
    for name, assumption in _field(data, "params", dict).items():
        if _is_relation(assumption):
            place = f'the assumption of "{name}" in "params"'
            stated = _parsed(parse_relations, assumption, place, parameters)
            if not any(relation.has(parameters[name]) for relation in stated):
                raise ProblemFileError(f"{place} is {_shown(assumption)}, which does not mention it")
            relations += stated
    return relations


def _constraints(
    data: Mapping[str, Any], key: str, symbols: Mapping[str, Symbol], demands: Demands
) -> list[Relational]:
    bare, allowed, signs = _CONSTRAINTS[key]
    relations: list[Relational] = []
    for number, value in enumerate(_field(data, key, list), start=1):
        place = _entry(key, number)
        stated = _parsed(parse_relations, value, place, symbols, bare, demands)
        if not all(isinstance(relation, allowed) for relation in stated):
            remedy = f'write an expression, or a relation with {signs}, or move it to "eq", "ineq" or "strict"'
            raise ProblemFileError(f"{place} is {_shown(value)}; {remedy}")
        relations += stated
    return relations


def _bounds(
    data: Mapping[str, Any], variables: Mapping[str, Symbol], symbols: Mapping[str, Symbol]
) -> dict[Symbol, tuple[Expr | None, Expr | None]]:
    bounds = {}
    for name, sides in _field(data, "bounds", dict).items():
        variable = _variable(name, '"bounds"', variables)
        if not isinstance(sides, list | tuple) or len(sides) != 2:
            raise ProblemFileError(
                f'the bounds of "{name}" are {_shown(sides)}; write [low, high], with null for no bound'
            )
        low, high = (
            None if side is None else _expression(side, f'the {word} bound of "{name}"', symbols)
            for word, side in zip(("low", "high"), sides, strict=True)
        )
        bounds[variable] = (low, high)
    return bounds


def _expression(value: Any, place: str, symbols: Mapping[str, Symbol], demands: Demands | None = None) -> Expr:
    return _parsed(parse_expression, value, place, symbols, demands)


def _parsed(parse: Callable[..., Any], value: Any, place: str, *arguments: Any) -> Any:
    """What the parser makes of a text or a number of the file; its errors get the place."""
    if isinstance(value, _Number):
        text = value.text
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        text = str(value)
    elif isinstance(value, str):
        text = value
    else:
        raise ProblemFileError(f"{place} is {_shown(value)}; write an expression as text, or a number")
    try:
        return parse(text, *arguments)
    except ParseError as error:
        raise ProblemFileError.about(place, error) from None
