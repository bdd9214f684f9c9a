"""How long `solve_numeric` takes on published problems, beside SciPy's SLSQP and Ipopt, and what each finds.

    python benchmarks/local.py FILE.json [--repeat 5] [--only NAME ...]

A FILE is a list of problems in the form of docs/problem-files.md with ``id``, ``x0`` and ``best_value``. All start at x0; several
starts are x0 and a fixed sequence. Seconds are of processor time, the median over repeated calls; compilation, and what builds
a solver, comes before and is counted apart. SLSQP gets exact gradients by SymPy's lambdify, and bounds as bounds; Ipopt is that
of CasADi, with its exact Hessians (pip install casadi; without it that column is left out). A value counts as found within 1e-5
of the known one, relative beyond 1, at a point that misses no constraint by more than 1e-6.
"""

import argparse
import json
import statistics
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import sympy
from recording import RESULTS, write_result
from scipy.optimize import minimize

from lagrangian import Status, problem_from_dict, solve_numeric
from lagrangian.errors import ProblemError
from lagrangian.numeric.compiled import compile_problem
from lagrangian.numeric.local import box
from lagrangian.numeric.nlp_solvers import Evaluator

STATED = ("vars", "bounds", "integers", "params", "sense", "objective", "eq", "ineq")
TOLERANCE, FEASIBLE, STARTS = 1e-5, 1e-6, 8
IPOPT = find_spec("casadi") is not None


def timed(call, repeat):
    """The result of a call and the median of its seconds of processor time."""
    seconds = []
    for _ in range(repeat):
        begun = time.process_time()
        result = call()
        seconds.append(time.process_time() - begun)
    return result, statistics.median(seconds)


class Case:
    """One problem, compiled, with everything that is needed to judge a point."""

    def __init__(self, statement):
        self.name, self.best, self.sense = statement["id"], statement["best_value"], statement["sense"]
        begun = time.process_time()
        self.compiled = compile_problem(problem_from_dict({key: statement[key] for key in STATED}))
        self.evaluator = Evaluator(self.compiled)
        self.compilation_s = time.process_time() - begun
        self.canonical = self.compiled.canonical
        self.start = np.array(statement["x0"], dtype=float)

    def finds(self, point):
        """Whether the known value is found, feasibly, at a point."""
        if point is None or not np.isfinite(point).all():
            return False
        values, m = self.evaluator.at(np.asarray(point)), self.compiled.inequality_count
        miss = max(values.constraints[:m].max(initial=0.0), np.abs(values.constraints[m:]).max(initial=0.0))
        value = self.compiled.restoration.value(values.objective)
        return bool(miss <= FEASIBLE and abs(value - self.best) <= TOLERANCE * max(1.0, abs(self.best)))


def ours(case, starts, verify):
    """solve_numeric as a call without arguments."""
    return lambda: solve_numeric(case.compiled, start=list(case.start), starts=starts, verify=verify)


def by_slsqp(case):
    """SLSQP with exact gradients by lambdify."""
    canonical, n = case.canonical, len(case.canonical.variables)
    low, high = box(canonical)
    general = [g.expression for g in canonical.inequalities if len(g.expression.free_symbols) != 1]
    groups = {"ineq": [-g for g in general], "eq": [h.expression for h in canonical.equalities]}

    def functions(expressions):
        jacobian = sympy.Matrix(expressions).jacobian(canonical.variables)
        value, slope = (
            sympy.lambdify(canonical.variables, list(part), modules="math", cse=True)
            for part in (expressions, jacobian)
        )
        return lambda x: np.array(value(*x), dtype=float), lambda x: np.array(slope(*x), dtype=float).reshape(-1, n)

    value, slope = functions([canonical.objective])
    constraints = [
        {"type": kind, "fun": pair[0], "jac": pair[1]}
        for kind, expressions in groups.items()
        if expressions
        for pair in [functions(expressions)]
    ]
    bounds = list(zip(low, high, strict=True))

    def call():
        try:
            return minimize(
                lambda x: value(x)[0],
                case.start,
                jac=lambda x: slope(x)[0],
                bounds=bounds,
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 500, "ftol": 1e-12},
            ).x
        except (ValueError, ArithmeticError, TypeError):
            return None

    return call


def by_ipopt(case):
    """Ipopt through CasADi, with exact Hessians."""
    import casadi

    canonical, low, high = case.canonical, *box(case.canonical)
    x = casadi.SX.sym("x", len(canonical.variables))
    names = {"Abs": casadi.fabs, "Max": casadi.fmax, "Min": casadi.fmin}
    general = [g.expression for g in canonical.inequalities if len(g.expression.free_symbols) != 1]
    equalities = [h.expression for h in canonical.equalities]
    function = sympy.lambdify(
        canonical.variables, [canonical.objective, *general, *equalities], modules=[names, casadi]
    )
    objective, *constraints = function(*casadi.vertsplit(x))
    quiet = {"ipopt.print_level": 0, "print_time": 0, "ipopt.sb": "yes"}
    solver = casadi.nlpsol("solver", "ipopt", {"x": x, "f": objective, "g": casadi.vertcat(*constraints)}, quiet)
    lower = [-np.inf] * len(general) + [0.0] * len(equalities)
    return lambda: np.array(solver(x0=case.start, lbx=low, ubx=high, lbg=lower, ubg=0.0)["x"]).ravel()


def row_of(case, repeat):
    """The seconds and the finds of every way."""
    row = {"id": case.name, "compilation_s": round(case.compilation_s, 3)}
    for name, starts, verify in (("from_x0", 1, False), ("multistart", STARTS, False), ("verified", STARTS, True)):
        result, seconds = timed(ours(case, starts, verify), repeat)
        point = list(result.x.values()) or None
        row[name] = {"seconds": seconds, "found": case.finds(point)}
    row["verified"]["proved"] = result.status in (Status.LOCAL, Status.OPTIMAL)
    others = {"slsqp": by_slsqp, **({"ipopt": by_ipopt} if IPOPT else {})}
    for name, make in others.items():
        point, seconds = timed(make(case), repeat)
        row[name] = {"seconds": seconds, "found": case.finds(point)}
    return row


def summary(rows):
    """Medians, counts and ratios."""
    ways = [key for key in rows[0] if key not in ("id", "compilation_s")]
    found = {way: sum(row[way]["found"] for row in rows) for way in ways}
    median_s = {way: statistics.median(row[way]["seconds"] for row in rows) for way in ways}
    return {
        "problems": len(rows),
        "starts": STARTS,
        "found": found,
        "proved": sum(row["verified"]["proved"] and row["verified"]["found"] for row in rows),
        "median_s": median_s,
        "median_compilation_s": statistics.median(row["compilation_s"] for row in rows),
        "ratio_to_from_x0": {
            way: statistics.median(row[way]["seconds"] / row["from_x0"]["seconds"] for row in rows) for way in ways
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", nargs="*", help="just the problems of these names")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = []
    for statement in json.loads(options.file.read_text()):
        if statement.get("x0") is None or (options.only and statement["id"] not in options.only):
            continue
        try:
            rows.append(row_of(Case(statement), options.repeat))
        except ProblemError as error:
            print(f"{statement['id']}: left out, {error}")
            continue
        shown = {k: (f"{v['seconds'] * 1e3:.2f} ms", v["found"]) for k, v in rows[-1].items() if isinstance(v, dict)}
        print(rows[-1]["id"], shown, flush=True)
    figures = summary(rows)
    print(json.dumps(figures, indent=2))
    packages = ("numba", "numpy", "scipy", "sympy", *(("casadi",) if IPOPT else ()))
    write_result(RESULTS / "local.json", packages, {"summary": figures, "problems": rows})


if __name__ == "__main__":
    main()
