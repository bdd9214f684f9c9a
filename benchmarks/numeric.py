"""Time the evaluation of problems and their derivatives: compiled here, by lambdify with NumPy, by CasADi, and written by hand.

    python benchmarks/numeric.py [FILE...] [--rounds 15] [--only ID] [--output RESULT.json]

A file is a JSON list of problem files, each with an "id"; without one it is benchmarks/problems.json. Compared are

- ours: objective, gradient, constraints, Jacobian and Hessian of the Lagrangian in one call of `CompiledProblem.evaluate`, and
  of `CompiledProblem.bind`, whose arrays are its own;
- lambdify: objective, gradient and Hessian of the objective alone, by SymPy's lambdify (with common subexpressions) and NumPy;
- CasADi, where it is installed (pip install casadi): the same five as ours in one function, called through its buffers;
- by hand: three problems as Numba functions that someone has written out, called from Python and in a compiled loop.

Compilation is measured before: processor time from the problem to the first evaluation, with nothing kept on disk.

First the answers must be those of SymPy's derivatives at fifty digits, to 1e-9 of the greatest. A problem for which one of them
is not, since its digits cancel in floating point, is left out, and the exit status is 1 where that is one in twenty. Then all are
timed in turn, round by round, in processor time; printed are medians in microseconds and their quotients.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import sympy
from numba import njit
from recording import RESULTS, write_result

from lagrangian import LagrangianError, Problem, canonicalize, problem_from_dict
from lagrangian.numeric.compiled import compile_problem

try:
    import casadi
except ImportError:
    casadi = None

PROBLEMS = Path(__file__).resolve().parent / "problems.json"
KEYS = ("vars", "bounds", "params", "sense", "objective", "eq", "ineq", "x0")
TOLERANCE = 1e-9
MOST_LEFT_OUT = 0.05
CALLS = 2000
# CasADi's buffers do not keep alive what they refer to
KEPT = []


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=[PROBLEMS])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", help="just the problem of this id")
    parser.add_argument("--output", type=Path, default=RESULTS / "numeric.json")
    return parser.parse_args()


# --- the competitors: each gives a function without arguments that evaluates, and one that shows what it found ---------


def of_ours(compiled, x, weights):
    p, out = np.empty(0), np.empty(compiled.size)
    return lambda: compiled.evaluate(x, weights, p, out), lambda: out


def of_bound(compiled, x, weights):
    bound = compiled.bind()
    bound.x[:], bound.weights[:] = x, weights
    parts = bound.objective, bound.gradient, bound.constraints, bound.jacobian, bound.hessian
    return bound.evaluate, lambda: np.concatenate(parts)


def of_lambdify(canonical, x):
    over, f = canonical.variables, canonical.objective
    parts = [f, [f.diff(v) for v in over], sympy.hessian(f, over)]
    # what SymPy makes of the second derivative at a kink, NumPy does not know
    modules = [{"DiracDelta": lambda *_: 0.0}, "numpy"]
    functions = [sympy.lambdify(over, part, modules, cse=True) for part in parts]
    return lambda: [function(*x) for function in functions]


def of_casadi(canonical, x, weights):
    names = {"Max": casadi.fmax, "Min": casadi.fmin, "Abs": casadi.fabs, "sign": casadi.sign}
    names |= {
        name: getattr(casadi, name)
        for name in ("exp", "log", "sin", "cos", "tan", "sqrt", "sinh", "cosh", "tanh", "erf")
    }
    at, weight = casadi.SX.sym("x", len(x)), casadi.SX.sym("w", len(weights))
    expressions = sympy.lambdify(canonical.variables, canonical.functions, [names, "math"])(*casadi.vertsplit(at))
    f, *rest = [casadi.SX(expression) for expression in expressions]
    c = casadi.vertcat(*rest) if rest else casadi.SX(0, 1)
    whole = casadi.dot(weight, casadi.vertcat(f, c))
    outputs = [f, casadi.densify(casadi.gradient(f, at)), casadi.densify(c), casadi.jacobian(c, at)]
    outputs.append(casadi.tril(casadi.hessian(whole, at)[0]))
    function = casadi.Function("evaluate", [at, weight], outputs)
    buffers, call = function.buffer()
    buffers.set_arg(0, memoryview(x))
    buffers.set_arg(1, memoryview(weights))
    # a buffer of no entries is refused
    found = [np.zeros(max(1, function.nnz_out(place))) for place in range(len(outputs))]
    for place, array in enumerate(found):
        buffers.set_res(place, memoryview(array))

    KEPT.append((buffers, function, found))

    def dense():
        shown = [array[: function.nnz_out(place)] for place, array in enumerate(found)]
        matrices = [casadi.DM(function.sparsity_out(place), casadi.DM(shown[place])).full() for place in (3, 4)]
        return [*shown[:3], *matrices]

    return call, dense


# --- three problems by hand: objective, gradient, constraints, Jacobian and lower triangle of the Hessian ---------------


@njit(error_model="numpy", fastmath={"contract"})
def rosenbrock(x, w, p, out):
    a, b = x[0], x[1]
    t = b - a * a
    s = 1.0 - a
    out[0] = 100.0 * t * t + s * s
    out[1] = -400.0 * a * t - 2.0 * s
    out[2] = 200.0 * t
    out[3] = w[0] * (800.0 * a * a - 400.0 * t + 2.0)
    out[4] = -400.0 * w[0] * a
    out[5] = 200.0 * w[0]


@njit(error_model="numpy", fastmath={"contract"})
def hs71(x, w, p, out):
    a, b, c, d = x[0], x[1], x[2], x[3]
    ad, bc, cd, ab, s = a * d, b * c, c * d, a * b, a + b + c
    f, g, h = w[0], w[1], w[2]
    out[0] = ad * s + c
    out[1] = d * (a + s)
    out[2] = ad
    out[3] = ad + 1.0
    out[4] = a * s
    out[5] = 25.0 - ab * cd
    out[6] = a * a + b * b + c * c + d * d - 40.0
    out[7], out[8], out[9], out[10] = -b * cd, -a * cd, -ab * d, -ab * c
    out[11], out[12], out[13], out[14] = 2.0 * a, 2.0 * b, 2.0 * c, 2.0 * d
    h2 = 2.0 * h
    out[15] = 2.0 * d * f + h2
    out[16] = f * d - g * cd
    out[17] = h2
    out[18] = f * d - g * b * d
    out[19] = -g * ad
    out[20] = h2
    out[21] = f * (a + s) - g * bc
    out[22] = f * a - g * a * c
    out[23] = f * a - g * ab
    out[24] = h2


@njit(error_model="numpy", fastmath={"contract"})
def exponentials(x, w, p, out):
    a, b = x[0], x[1]
    e = math.exp(a * b)
    s, c = math.sin(a), math.cos(a)
    out[0] = e + s
    out[1] = b * e + c
    out[2] = a * e
    out[3] = a * a + b * b - 4.0
    out[4], out[5] = 2.0 * a, 2.0 * b
    out[6] = w[0] * (b * b * e - s) + 2.0 * w[1]
    out[7] = w[0] * e * (1.0 + a * b)
    out[8] = w[0] * a * a * e + 2.0 * w[1]


def by_hand():
    a, b, c, d = over = sympy.symbols("a b c d")
    return {
        "Rosenbrock": (Problem(100 * (b - a**2) ** 2 + (1 - a) ** 2, over=[a, b]), rosenbrock, [-1.2, 1.0]),
        "HS71": (
            Problem(a * d * (a + b + c) + c, [a * b * c * d >= 25, sympy.Eq(a**2 + b**2 + c**2 + d**2, 40)], over=over),
            hs71,
            [1.0, 5.0, 5.0, 1.5],
        ),
        "exponential": (
            Problem(sympy.exp(a * b) + sympy.sin(a), [a**2 + b**2 <= 4], over=[a, b]),
            exponentials,
            [0.5, 1.2],
        ),
    }


def loop_of(function):
    """Many evaluations in compiled code, at other points each."""

    @njit
    def loop(x, w, p, out, times):
        first = x[0]
        for i in range(times):
            x[0] = first + 1e-9 * i
            function(x, w, p, out)
        x[0] = first

    return loop


# --- what must come out ---------------------------------------------------------------------------------------------------------


def exact(compiled, x, weights):
    """Everything that `evaluate` stores, by SymPy's derivatives at fifty digits."""
    canonical, over = compiled.canonical, compiled.canonical.variables
    f, *constraints = canonical.functions
    whole = sum(sympy.Rational(w) * function for w, function in zip(weights.tolist(), canonical.functions, strict=True))
    jacobian = zip(compiled.jacobian_pattern.rows, compiled.jacobian_pattern.columns, strict=True)
    hessian = zip(compiled.hessian_pattern.rows, compiled.hessian_pattern.columns, strict=True)
    wanted = [f, *(f.diff(v) for v in over), *constraints]
    wanted += [constraints[i].diff(over[j]) for i, j in jacobian]
    wanted += [whole.diff(over[i], over[j]) for i, j in hessian]
    point = dict(zip(over, map(sympy.Rational, x.tolist()), strict=True))
    return np.array([float(sympy.N(entry.subs(point), 50)) for entry in wanted])


class Differs(Exception):
    """Answers that are not the exact ones."""


def check(name, found, expected):
    if found.size and not np.allclose(found, expected, rtol=0, atol=TOLERANCE * max(1.0, np.abs(expected).max())):
        raise Differs(f"{name} is wrong by {np.abs(found - expected).max():.3g}")


def dense_of(compiled, out):
    n, k, entries = compiled.dimension, len(compiled.canonical.functions) - 1, len(compiled.jacobian_pattern.rows)
    f, gradient, c, jacobian, hessian = np.split(out, np.cumsum([1, n, k, entries]))
    return [f, gradient, c, compiled.jacobian_pattern.dense(jacobian), compiled.hessian_pattern.dense(hessian)]


# --- timing ---------------------------------------------------------------------------------------------------------------------


def seconds(call, calls=CALLS):
    started = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - started) / calls


def in_turn(competitors, rounds):
    """The median seconds of each competitor, of rounds in which each has its turn."""
    found = {name: [] for name in competitors}
    for call in competitors.values():
        seconds(call, 50)
    for _ in range(rounds):
        for name, call in competitors.items():
            found[name].append(seconds(call))
    return {name: statistics.median(times) for name, times in found.items()}


def compiled_in(problem):
    """A problem, compiled, and the seconds from the statement to the end of its first evaluation."""
    started = time.process_time()
    compiled = compile_problem(problem)
    arrays = np.ones(compiled.dimension), np.ones(len(compiled.canonical.functions)), np.empty(0)
    compiled.evaluate(*arrays, np.empty(compiled.size))
    return compiled, time.process_time() - started


def problems(asked):
    for path in asked.files:
        for case in json.loads(path.read_text(encoding="utf-8")):
            if asked.only not in (None, case["id"]):
                continue
            try:
                problem = problem_from_dict({key: case[key] for key in KEYS if key in case})
                canonical, _ = canonicalize(problem)
                if not canonical.parameters and not case.get("integers"):
                    yield case, *compiled_in(problem)
            except LagrangianError as error:
                print(f"{case['id']}: left out, {error}")


def point_of(case, compiled):
    """The stated start, moved off the places where slopes are kinks, or a point between 1 and 2."""
    start = case.get("x0") or [1.0] * compiled.dimension
    return np.array(start, dtype=float) + np.linspace(0.1, 0.2, compiled.dimension)


def compare(compiled, x, rounds):
    """The median seconds of each competitor, all of which give the exact answers."""
    weights = np.linspace(1.0, 2.0, len(compiled.canonical.functions))
    expected = exact(compiled, x, weights)
    if not np.isfinite(expected).all():
        raise Differs("it has no derivatives at the start")
    competitors = {"lambdify": of_lambdify(compiled.canonical, x)}
    value, slopes, _ = competitors["lambdify"]()
    check("lambdify", np.array([value, *slopes], dtype=float), expected[: 1 + len(x)])
    for name, make in (("ours", of_ours), ("bound", of_bound)):
        competitors[name], shown = make(compiled, x, weights)
        competitors[name]()
        check(name, shown(), expected)
    if casadi:
        competitors["CasADi"], dense = of_casadi(compiled.canonical, x, weights)
        competitors["CasADi"]()
        for found, wanted in zip(dense(), dense_of(compiled, expected), strict=True):
            check("CasADi", found, wanted)
    return in_turn(competitors, rounds)


def compare_by_hand(name, problem, function, start, rounds):
    compiled = compile_problem(problem)
    x, p = np.array(start), np.empty(0)
    weights = np.linspace(1.0, 2.0, len(compiled.canonical.functions))
    expected = exact(compiled, x, weights)
    calls, times = {}, 2000
    for label, evaluate in (("ours", compiled.evaluate), ("by hand", function)):
        out = np.empty(compiled.size)
        evaluate(x, weights, p, out)
        check(f"{name}, {label}", out, expected)
        calls[label] = lambda evaluate=evaluate, out=out: evaluate(x, weights, p, out)
        loop = loop_of(evaluate)
        calls[f"{label}, in a loop"] = lambda loop=loop, out=out: loop(x, weights, p, out, times)
    looped = {label: call for label, call in calls.items() if "loop" in label}
    found = in_turn({label: call for label, call in calls.items() if "loop" not in label}, rounds)
    for call in looped.values():
        call()
    turns = {label: [] for label in looped}
    for _ in range(rounds):
        for label, call in looped.items():
            turns[label].append(seconds(call, 20) / times)
    return found | {label: statistics.median(values) for label, values in turns.items()}


def main():
    asked = arguments()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAGRANGIAN_CACHE_DIR"] = folder
        measure(asked)


def measure(asked):
    figures, hands, compilations, left_out = {}, {}, {}, []
    a, b = sympy.symbols("a b")
    compiled_in(Problem(a * b, over=[a, b]))  # what the first one has to load
    for case, compiled, compilation_s in problems(asked):
        compilations[case["id"]] = compilation_s
        try:
            found = figures[case["id"]] = compare(compiled, point_of(case, compiled), asked.rounds)
            print(f"{case['id']:>24}", *(f"{name} {1e6 * value:8.3f} us" for name, value in found.items()), flush=True)
        except Differs as reason:
            left_out.append(case["id"])
            print(f"{case['id']}: left out, {reason}")
    for name, (problem, function, start) in by_hand().items():
        hands[name] = compare_by_hand(name, problem, function, start, asked.rounds)
        print(f"{name:>24}", *(f"{label} {1e6 * value:8.4f} us" for label, value in hands[name].items()), flush=True)
    ratios = quotients(figures, hands)
    for name, (worst, mean) in ratios.items():
        count = len(hands if "hand" in name else figures)
        print(f"{name}: {mean:.2f} in the geometric mean of {count}, at worst {worst:.2f}")
    seconds_of = sorted(compilations.values())
    print(f"compilation: {statistics.median(seconds_of):.3f} s in the median, {seconds_of[-1]:.3f} s at most")
    packages = ["numpy", "numba", "sympy", *(["casadi"] if casadi else [])]
    write_result(
        asked.output,
        packages,
        {"seconds": figures, "by hand": hands, "ratios": ratios, "compilation_s": compilations, "left out": left_out},
    )
    sys.exit(len(left_out) > MOST_LEFT_OUT * len(figures))


def quotients(figures, hands):
    """The worst quotient and the geometric mean, by what is divided by what."""
    found = {}
    for name in ("lambdify", "CasADi"):
        for our in ("ours", "bound"):
            values = [times[name] / times[our] for times in figures.values() if name in times]
            if values:
                found[f"{name} / {our}"] = [min(values), statistics.geometric_mean(values)]
    for kind in ("", ", in a loop"):
        values = [times[f"ours{kind}"] / times[f"by hand{kind}"] for times in hands.values()]
        found[f"ours / by hand{kind}"] = [max(values), statistics.geometric_mean(values)]
    return found


if __name__ == "__main__":
    main()
