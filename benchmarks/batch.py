"""Many instances of one problem: check that SciPy's SLSQP finds no better, then time both on the same instances, in turns.

    python benchmarks/batch.py [--instances 100000] [--sample 200] [--rounds 3] [--only NAME]

Seconds are of the processor, on one core (threads=1). SLSQP gets compiled functions with exact gradients (plain Numba functions
of NumPy arrays, no SymPy and no lambdify in the loop), bounds as bounds, and the start that solve_batch has; it solves a sample
of the instances, and seconds are per instance. Reading the problem and compiling are stated apart. Every instance must have a
KKT residual of at most 1e-9 or be marked, and a sample is checked by an oracle that shares nothing with the solver; an answer of
SLSQP that is feasible and better ends the run, unless it is another local optimum, which is counted. Two threads are timed by the
clock, which says something on an idle machine only.
"""

import argparse
import math
import statistics
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recording import RESULTS, ROOT, write_result
from scipy.optimize import Bounds, minimize
from sympy import Eq, Integer, Rational, symbols

sys.path.insert(0, str(ROOT))

from lagrangian import Problem, solve_batch
from lagrangian.numeric.batch_parameters import starts_for
from lagrangian.numeric.compiled import compile_problem
from tests.oracles.kkt_residuals import kkt_residuals

SEED = 20240501


@dataclass(frozen=True)
class Case:
    """A problem, the values of its parameters, bounds of all variables (low, high), and a start where one is published."""

    problem: Problem
    parameters: dict
    bounds: tuple = (-math.inf, math.inf)
    start: tuple | None = None


def ridge(count):
    """The nearest point of a ball: (sum of squares of) five weights limited by t, as in ridge regression."""
    random, w, c, t = np.random.default_rng(SEED), symbols("w1:6"), symbols("c1:6"), symbols("t")
    problem = Problem(sum((p - q) ** 2 for p, q in zip(w, c, strict=True)), [sum(p**2 for p in w) <= t], over=w)
    values = {f"c{i}": random.normal(size=count) for i in range(1, 6)}
    return Case(problem, values | {"t": random.uniform(0.5, 8, count)})


def quadratic(count):
    """A strictly convex program in five variables with four inequalities; linear terms and right sides vary."""
    random, fixed = np.random.default_rng(SEED), np.random.default_rng(1)
    w, c, d = symbols("w1:6"), symbols("c1:6"), symbols("d1:5")
    factor, rows = fixed.integers(-3, 4, size=(5, 5)), fixed.integers(-3, 4, size=(4, 5))
    matrix = factor.T @ factor + 5 * np.eye(5, dtype=int)
    objective = sum(Integer(int(matrix[i, j])) * w[i] * w[j] for i in range(5) for j in range(5)) / 2
    objective -= sum(p * q for p, q in zip(c, w, strict=True))
    constraints = [
        sum(int(a) * p for a, p in zip(row, w, strict=True)) <= side for row, side in zip(rows, d, strict=True)
    ]
    values = {f"c{i}": 10 * random.normal(size=count) for i in range(1, 6)}
    return Case(
        Problem(objective, constraints, over=w), values | {f"d{i}": random.uniform(0.1, 2, count) for i in range(1, 5)}
    )


def portfolio(count):
    """Ten assets with at most two fifths in each: expected return less gamma times the variance of a model with three factors."""
    random, fixed = np.random.default_rng(SEED), np.random.default_rng(2)
    v, m, gamma = symbols("v1:11"), symbols("m1:11"), symbols("gamma")
    loads, own = fixed.integers(-4, 5, size=(3, 10)), fixed.integers(1, 6, size=10)
    risk = sum(sum(int(a) * p for a, p in zip(row, v, strict=True)) ** 2 for row in loads) / Integer(100)
    risk += sum(Rational(int(a), 50) * p**2 for a, p in zip(own, v, strict=True))
    objective = sum(p * q for p, q in zip(m, v, strict=True)) - gamma * risk
    high = Rational(2, 5)
    problem = Problem(objective, [Eq(sum(v), 1)], over=v, bounds=dict.fromkeys(v, (0, high)), sense="max")
    values = {f"m{i}": random.uniform(0, 0.2, count) for i in range(1, 11)}
    return Case(problem, values | {"gamma": random.uniform(0.5, 3, count)}, (0.0, float(high)))


def hs71(count):
    """Problem 71 of Hock and Schittkowski (1981), from their start, with both right sides as parameters."""
    random, v, p, q = np.random.default_rng(SEED), symbols("x1:5"), symbols("p"), symbols("q")
    problem = Problem(
        v[0] * v[3] * (v[0] + v[1] + v[2]) + v[2],
        [v[0] * v[1] * v[2] * v[3] >= p, Eq(sum(x**2 for x in v), q)],
        over=v,
        bounds=dict.fromkeys(v, (1, 5)),
    )
    return Case(
        problem,
        {"p": random.uniform(20, 30, count), "q": random.uniform(36, 44, count)},
        (1.0, 5.0),
        (1.0, 5.0, 5.0, 1.0),
    )


CASES = {"ridge projection": ridge, "quadratic program": quadratic, "portfolio": portfolio, "HS71": hs71}


def by_slsqp(compiled, bounds, start, values):
    """Minimize F by SLSQP for each row of values; the points, and the seconds of the processor."""
    n, m, k = compiled.dimension, compiled.inequality_count, compiled.inequality_count + compiled.equality_count
    has_bounds = math.isfinite(bounds[0])
    # bounds are given as bounds; the inequalities that are left are those that are not rows of one variable
    rows = [i for i in range(m) if not has_bounds or (compiled.jacobian_pattern.rows == i).sum() > 1]
    pattern, p = compiled.jacobian_pattern, np.empty(values.shape[1])
    out, slopes, entries, jacobian = np.empty(k), np.empty(n), np.empty(len(pattern.rows)), np.zeros((k, n))

    def gradient(x):
        compiled.gradient(x, p, slopes)
        return slopes

    def constraint(x):
        compiled.constraints(x, p, out)
        return out

    def matrix(x):
        compiled.jacobian(x, p, entries)
        jacobian[pattern.rows, pattern.columns] = entries
        return jacobian

    stated = []
    if rows:
        stated.append({"type": "ineq", "fun": lambda x: -constraint(x)[rows], "jac": lambda x: -matrix(x)[rows]})
    if k > m:
        stated.append({"type": "eq", "fun": lambda x: constraint(x)[m:].copy(), "jac": lambda x: matrix(x)[m:].copy()})
    limits = Bounds(np.full(n, bounds[0]), np.full(n, bounds[1])) if has_bounds else None
    points, begun = np.empty((len(values), n)), time.process_time()
    for i, row in enumerate(values):
        p[:] = row
        found = minimize(
            lambda x: compiled.objective(x, p),
            start,
            jac=gradient,
            bounds=limits,
            constraints=stated,
            method="SLSQP",
            options={"ftol": 1e-12, "maxiter": 200},
        )
        points[i] = found.x
    return points, time.process_time() - begun


def compared(compiled, values, solution, points):
    """How often SLSQP is as good, missed, and better by another local optimum; a better answer near ours ends the run."""
    counts = {"same": 0, "slsqp_missed": 0, "slsqp_other_better": 0, "slsqp_other_worse": 0}
    m, out = compiled.inequality_count, np.empty(compiled.inequality_count + compiled.equality_count)
    for i, point in enumerate(points):
        compiled.constraints(point, values[i], out)
        miss = max(out[:m].max(initial=0.0), np.abs(out[m:]).max(initial=0.0))
        value = compiled.objective(point, values[i])
        ours = compiled.restoration.objective_sign * solution.value[i]
        gap = (value - ours) / (1.0 + abs(ours))
        if not miss <= 1e-6:
            counts["slsqp_missed"] += 1
        elif abs(gap) <= 1e-6:
            counts["same"] += 1
        else:
            counts["slsqp_other_better" if gap < 0 else "slsqp_other_worse"] += 1
            if gap < 0 and solution.converged[i] and np.abs(point - solution.x[i]).max() < 1e-2:
                raise SystemExit(f"instance {i}: SLSQP has {value} near {ours}")
    return counts


def measure(name, arguments):
    """Check, then time in turns."""
    case = CASES[name](arguments.instances)
    begun = time.process_time()
    compiled = compile_problem(case.problem)
    first = {parameter: values[:8] for parameter, values in case.parameters.items()}
    solve_batch(compiled, first, start=case.start, threads=1)
    compiling = time.process_time() - begun
    solution = solve_batch(compiled, case.parameters, start=case.start, threads=1)
    residuals, _ = kkt_residuals(case.problem, case.parameters, solution)
    if not (residuals[solution.converged] <= 1e-9 + 1e-12).all():
        raise SystemExit(f"{name}: the oracle finds a residual of {residuals[solution.converged].max()}")
    some = np.random.default_rng(0).choice(
        arguments.instances, min(arguments.sample, arguments.instances), replace=False
    )
    values = np.array(solution.parameters[some])
    start = starts_for(compiled, case.start, values[:1]).x[0]
    points, _ = by_slsqp(compiled, case.bounds, start, values)
    rows = dict(zip(map(str, case.problem.parameters), values.T, strict=True))
    part = solve_batch(compiled, rows, start=case.start, threads=1)
    counts = compared(compiled, values, part, points)
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        begun = time.process_time()
        solve_batch(compiled, case.parameters, start=case.start, threads=1)
        ours.append((time.process_time() - begun) / arguments.instances)
        theirs.append(by_slsqp(compiled, case.bounds, start, values)[1] / len(values))
    clock = {}
    for threads in (1, 2):
        begun = time.perf_counter()
        solve_batch(compiled, case.parameters, start=case.start, threads=threads)
        clock[threads] = time.perf_counter() - begun
    return {
        "instances": arguments.instances,
        "compiling_s": round(compiling, 2),
        "ours_us": round(1e6 * statistics.median(ours), 3),
        "slsqp_us": round(1e6 * statistics.median(theirs), 1),
        "ratio": round(statistics.median(t / o for t, o in zip(theirs, ours, strict=True)), 1),
        "statuses": {status.name: number for status, number in solution.counts().items()},
        "greatest_residual": float(residuals[solution.converged].max()),
        "mean_passes": round(float(solution.passes.mean()), 2),
        "two_threads_by_the_clock": round(clock[1] / clock[2], 2),
        "sample": counts,
    }


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=100_000)
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--out", type=Path, default=RESULTS / "batch.json")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    figures = {}
    for name in [arguments.only] if arguments.only else CASES:
        figures[name] = measure(name, arguments)
        print(name, figures[name], flush=True)
    mean = math.exp(statistics.mean(math.log(f["ratio"]) for f in figures.values()))
    print(f"geometric mean of the ratios {mean:.0f}")
    write_result(
        arguments.out, ["numpy", "numba", "scipy", "sympy"], {"cases": figures, "geometric_mean_ratio": round(mean, 1)}
    )


if __name__ == "__main__":
    main()
