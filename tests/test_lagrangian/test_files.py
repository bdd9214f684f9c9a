"""Problem files: what a good one states, and one line for each way to be bad."""

import json
import os
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Ge, Gt, Le, Lt, Max, Rational, Symbol

from lagrangian.errors import ProblemFileError
from lagrangian.problem.files import MAX_FILE_BYTES, problem_from_dict, read_json, read_problem, start_from_dict
from lagrangian.problem.problem import Problem, Sense

x, y = Symbol("x", real=True), Symbol("y", real=True)
SMALL = {"vars": ["x", "y"], "sense": "min", "objective": "x + y"}


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "problem.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(folder: Path, content: str | bytes) -> str:
    """The one line without the path in front of it."""
    path = write(folder, content)
    with pytest.raises(ProblemFileError) as caught:
        read_problem(path)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def refusal_of(**changes: Any) -> str:
    with pytest.raises(ProblemFileError) as caught:
        problem_from_dict(SMALL | changes)
    (line,) = str(caught.value).splitlines()
    return line


# --- what a good file states --------------------------------------------------------------------------------------------


def test_a_file_with_everything(tmp_path: Path) -> None:
    text = """{
        "id": "all", "note": "keys that describe are not read", "expect": {"status": "optimal"}, "best_x": [1, 2],
        "vars": ["x", "y"], "bounds": {"x": [-1.5, null], "y": ["b/2", "2*pi"]}, "integers": ["y"],
        "params": {"b": "positive", "c": "real nonzero", "u": "-1 < u < 8", "n": "integer, nonnegative"},
        "sense": "max", "objective": "x*y + b*c + 0.1*x**n", "eq": ["x + y - 1e-06", "x = y"],
        "ineq": ["x**2 - u", "x*y >= 1", "0 <= x <= Max(y, 3)", 5], "strict": ["x - 1", "y > 0.3"], "x0": [0.1, 1e-06]
    }"""
    path = write(tmp_path, text)
    problem = read_problem(path)
    b, c = Symbol("b", positive=True), Symbol("c", real=True, nonzero=True)
    u, n = Symbol("u", real=True), Symbol("n", integer=True, nonnegative=True)
    assert problem == Problem(
        x * y + b * c + x**n / 10,
        [
            *(Eq(x + y - Rational(1, 10**6), 0), Eq(x, y)),
            *(Le(x**2 - u, 0), Ge(x * y, 1), Le(0, x), Le(x, Max(y, 3)), Le(5, 0, evaluate=False)),
            *(Lt(x - 1, 0), Gt(y, Rational(3, 10))),
        ],
        over=[x, y],
        sense=Sense.MAXIMIZE,
        bounds={x: (Rational(-3, 2), None), y: (b / 2, 2 * sympy.pi)},
        integers=[y],
        assumptions=[Lt(-1, u), Lt(u, 8)],
    )
    assert start_from_dict(read_json(path)) == {x: Rational(1, 10), y: Rational(1, 10**6)}


def test_optional_keys_may_be_absent_or_null() -> None:
    empty = dict.fromkeys(("bounds", "integers", "params", "eq", "ineq", "strict", "x0"))
    assert problem_from_dict(SMALL) == problem_from_dict(SMALL | empty) == Problem(x + y, over=[x, y])
    assert start_from_dict(SMALL) is None


def test_constraints_without_variables_survive() -> None:
    problem = problem_from_dict(SMALL | {"eq": ["0", "1 == 2"], "ineq": ["-1", "x - x"], "strict": ["2 < 1"]})
    assert [str(relation) for relation in problem.constraints] == ["Eq(0, 0)", "Eq(1, 2)", "-1 <= 0", "0 <= 0", "2 < 1"]


def test_contradictory_bounds_are_an_infeasible_problem_and_no_error() -> None:
    assert [str(bound) for bound in problem_from_dict(SMALL | {"bounds": {"x": [2, 1]}}).bounds] == ["x >= 2", "x <= 1"]


@pytest.mark.parametrize("value", [0.1, Decimal("0.1"), "0.1", "1/10"])
def test_numbers_are_exact_whatever_their_type(value: Any) -> None:
    assert problem_from_dict(SMALL | {"objective": value}).objective == Rational(1, 10)


@given(st.decimals(-1000, 1000, places=6), st.integers(-12, 12))
def test_decimals_of_a_file_are_exact(mantissa: Decimal, exponent: int) -> None:
    text = f"{mantissa}e{exponent}"
    data = json.loads(json.dumps(SMALL), parse_float=Decimal) | {"bounds": {"x": [Decimal(text), None]}}
    assert problem_from_dict(data).bounds[0].rhs == Rational(text)


@pytest.mark.parametrize(
    ("assumption", "expected"),
    [
        ("positive", {"positive": True}),
        ("real", {"real": True}),
        ("", {"real": True}),
        ("integer negative", {"integer": True, "negative": True}),
        ("rational, nonpositive", {"rational": True, "nonpositive": True}),
    ],
)
def test_words_about_a_parameter(assumption: str, expected: dict[str, bool]) -> None:
    problem = problem_from_dict(SMALL | {"objective": "a*x", "params": {"a": assumption}})
    assert problem.parameters == (Symbol("a", **({"real": True} | expected)),)


def test_a_relation_may_compare_parameters() -> None:
    problem = problem_from_dict(SMALL | {"params": {"a": "positive", "b": "b >= 2*a"}})
    a, b = Symbol("a", positive=True), Symbol("b", real=True)
    assert problem.assumptions == (Ge(b, 2 * a),)


def test_the_collection_of_the_benchmark_reads() -> None:
    collection = Path(__file__).parents[2] / "benchmarks" / "problems.json"
    listed = json.loads(collection.read_text(encoding="utf-8"))
    assert len(listed) > 30
    for data in listed:
        assert problem_from_dict(data).over == tuple(Symbol(name, real=True) for name in data["vars"])


# --- one line for each way to be bad ------------------------------------------------------------------------------------

NAMES = "write a name of letters, digits and _ in quotes"
TEXT = "write an expression as text, or a number"
REAL = "every number must be real and finite"
MOVE = 'or move it to "eq", "ineq" or "strict"'
WORDS = (
    "write words among real, positive, negative, nonnegative, nonpositive, nonzero, integer, rational, or a relation"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"vars": []}, '"vars" is empty; name at least one variable'),
        ({"vars": None}, 'the key "vars" is missing; the keys vars, sense, objective must be there'),
        ({"vars": "x"}, '"vars" is "x"; write a list [...]'),
        ({"vars": ["x", 2]}, f'entry 2 of "vars" is 2; {NAMES}'),
        ({"vars": ["x", "y z"]}, f'entry 2 of "vars" is "y z"; {NAMES}'),
        ({"vars": ["x", "y", "x"]}, 'entry 3 of "vars" is "x", which is taken already; name each symbol once'),
        ({"sense": "maximum"}, '"sense" is "maximum"; write "min" or "max"'),
        ({"sense": ["min"]}, '"sense" is a list; write "min" or "max"'),
        ({"objective": None}, 'the key "objective" is missing; the keys vars, sense, objective must be there'),
        ({"objective": True}, f'"objective" is true; {TEXT}'),
        ({"objective": ["x"]}, f'"objective" is a list; {TEXT}'),
        (
            {"objective": "x +"},
            '"objective": the text ends where an operand is missing at position 4; '
            'write a number, a name or a bracket there',
        ),
        ({"objective": "x*w"}, '"objective": unknown name \'w\' at position 3; the known ones are x, y, pi, E'),
        ({"objective": "x^2"}, '"objective": unexpected character \'^\' at position 2; write ** for a power'),
        ({"objective": float("nan")}, f'"objective": unknown name \'nan\' at position 1; {REAL}'),
        (
            {"objective": "x < 1"},
            '"objective": the relation \'<\' at position 3; '
            'write an expression here; relations go among the constraints',
        ),
        ({"eq": "x"}, '"eq" is "x"; write a list [...]'),
        ({"eq": ["x", None]}, f'entry 2 of "eq" is null; {TEXT}'),
        ({"eq": ["x <= 1"]}, f'entry 1 of "eq" is "x <= 1"; write an expression, or a relation with == or =, {MOVE}'),
        ({"ineq": ["x < 1"]}, f'entry 1 of "ineq" is "x < 1"; write an expression, or a relation with <= or >=, {MOVE}'),
        (
            {"ineq": ["x", "0 <= x < 1"]},
            f'entry 2 of "ineq" is "0 <= x < 1"; '
            f'write an expression, or a relation with <= or >=, {MOVE}',
        ),
        ({"strict": ["x == 1"]}, f'entry 1 of "strict" is "x == 1"; write an expression, or a relation with < or >, {MOVE}'),
        ({"ineq": ["x", "1/0"]}, f'entry 2 of "ineq": division by zero at position 2; {REAL}'),
        ({"bounds": [0, 1]}, '"bounds" is a list; write an object {name: ...}'),
        ({"bounds": {"x": 3}}, 'the bounds of "x" are 3; write [low, high], with null for no bound'),
        ({"bounds": {"x": [1]}}, 'the bounds of "x" are a list; write [low, high], with null for no bound'),
        ({"bounds": {"w": [0, 1]}}, '"bounds" names "w", which is no variable; the variables are x, y'),
        ({"bounds": {"x": [0, "y"]}}, "the bound y of x depends on variables; write it as a constraint"),
        (
            {"bounds": {"x": [0, "oo"]}},
            f'the high bound of "x": unknown name \'oo\' at position 1; '
            f'{REAL}; a bound that is not there is null',
        ),
        ({"bounds": {"x": [False, 1]}}, f'the low bound of "x" is false; {TEXT}'),
        ({"integers": ["w"]}, '"integers" names "w", which is no variable; the variables are x, y'),
        ({"integers": [["x"]]}, '"integers" names a list, which is no variable; the variables are x, y'),
        ({"params": {"x": "positive"}}, 'a name in "params" is "x", which is taken already; name each symbol once'),
        ({"params": {"a b": "positive"}}, f'a name in "params" is "a b"; {NAMES}'),
        ({"params": {"a": "postive"}}, f'"params" says that a is "postive"; {WORDS}'),
        ({"params": {"a": 3}}, f'"params" says that a is 3; {WORDS}'),
        ({"params": {"a": "positive negative"}}, '"params" says that a is "positive negative", which cannot be'),
        (
            {"params": {"a": "a > x"}},
            "the assumption of \"a\" in \"params\": unknown name 'x' at position 5; "
            "the known ones are a, pi, E",
        ),
        ({"params": {"a": "real", "b": "a > 0"}}, 'the assumption of "b" in "params" is "a > 0", which does not mention it'),
        ({"x0": [1]}, '"x0" has 1 entries for 2 variables; write one for each'),
        ({"x0": [1, "x"]}, "entry 2 of \"x0\": unknown name 'x' at position 1; the known ones are pi, E"),
        ({"x0": [1, None]}, f'entry 2 of "x0" is null; {TEXT}'),
        ({"objectve": "x"}, 'unknown key "objectve"; did you mean "objective"?'),
        ({"inequality": []}, 'unknown key "inequality"; did you mean "ineq"?'),
        (
            {"subject to": []},
            'unknown key "subject to"; '
            'the keys are vars, sense, objective, bounds, integers, params, eq, ineq, strict, x0',
        ),
        ({"eq": ["x"] * 10_001}, '"eq" has 10001 entries; the limit is 10000'),
    ],
)  # fmt: skip
def test_each_refusal_says_what_where_and_what_instead(changes: dict[str, Any], expected: str) -> None:
    assert refusal_of(**changes) == expected


def test_what_is_no_mapping() -> None:
    with pytest.raises(ProblemFileError, match="the problem is a list; write a mapping with the keys vars, sense, obj"):
        problem_from_dict([])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "not JSON: Expecting value in line 1, column 1"),
        ('{"vars": ["x"],\n "sense": ', "not JSON: Expecting value in line 2, column 11"),
        ("min x + y", "not JSON: Expecting value in line 1, column 1"),
        (b"\x00\xff\xfe\x89PNG", "byte 2 is not UTF-8; a problem file is JSON text in UTF-8"),
        ("[1, 2]", 'the file holds a list; write one object {"vars": ..., "objective": ...}'),
        ("3", 'the file holds 3; write one object {"vars": ..., "objective": ...}'),
        ("[" * 100_000, "the JSON nests too deeply; a problem file has three levels"),
        ('{"a":' * 100_000, "the JSON nests too deeply; a problem file has three levels"),
        ("[" * 100_000 + "]" * 100_000, "the JSON nests too deeply; a problem file has three levels"),
        ('{"x0": [NaN]}', "the file contains NaN; every number must be finite, and a bound that is not there is null"),
        (
            '{"bounds": {"x": [0, Infinity]}}',
            "the file contains Infinity; every number must be finite, and a bound that is not there is null",
        ),
        ('{"eq": [], "eq": ["x"]}', 'the key "eq" stands twice in one object; write it once'),
        (
            '{"vars": ["x"], "sense": "min", "objective": 1e999999999}',
            '"objective": the number 1e999999999 is too large or too small at position 1; the limit is 1e300',
        ),
        (
            '{"vars": ["x"], "sense": "min", "objective": ' + "7" * 99_999 + "}",
            f'"objective": the number {"7" * 37}... has too many digits at position 1; the limit is 300',
        ),
        (
            '{"vars": ["x"], "sense": 1.50, "objective": 1}',
            '"sense" is 1.50; write "min" or "max"',
        ),
    ],
    ids=range(15),
)
def test_contents_that_are_no_problem_file(tmp_path: Path, content: str | bytes, expected: str) -> None:
    start = time.process_time()
    assert refusal(tmp_path, content) == expected
    assert time.process_time() - start < 0.5


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    start = time.process_time()
    with pytest.raises(ProblemFileError, match=f"has more than {MAX_FILE_BYTES} bytes, which is the limit"):
        read_problem(path)
    assert time.process_time() - start < 0.5


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        ProblemFileError, match=r"missing\.json: cannot be read: No such file or directory; write the path"
    ):
        read_problem(tmp_path / "missing.json")
    with pytest.raises(ProblemFileError, match="cannot be read: Is a directory"):
        read_problem(tmp_path)
    with pytest.raises(ProblemFileError, match="cannot be read: embedded null byte"):
        read_problem("a\0b")
    with pytest.raises(ProblemFileError) as caught:
        read_problem("two\nlines")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write(tmp_path, "{}")
    path.chmod(0)
    with pytest.raises(ProblemFileError, match="cannot be read: Permission denied"):
        read_problem(path)


def test_a_byte_order_mark_is_harmless(tmp_path: Path) -> None:
    assert read_problem(write(tmp_path, b"\xef\xbb\xbf" + json.dumps(SMALL).encode())) == problem_from_dict(SMALL)


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["x", "y", "x*y <= 1", "-1 < x", "positive", "min", "1/(x - y)"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["x", "y", "a", ""]), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from(
    ["vars", "bounds", "integers", "params", "sense", "objective", "eq", "ineq", "strict", "x0", "id", "z"]
)


@settings(deadline=None, max_examples=400)
@given(st.dictionaries(keys, values, max_size=4))
def test_any_json_is_a_problem_or_refused_in_one_line(changes: dict[str, Any]) -> None:
    try:
        assert isinstance(problem_from_dict(SMALL | changes), Problem)
    except ProblemFileError as error:
        assert len(str(error).splitlines()) == 1


@settings(deadline=None, max_examples=200)
@given(
    content=st.one_of(st.binary(max_size=60), st.text(alphabet='{}[]":, xvars0123e-.\\', max_size=60).map(str.encode))
)
def test_any_bytes_are_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    refusal(tmp_path_factory.getbasetemp(), content)
