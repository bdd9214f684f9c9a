"""Derive and solve the duals of the convex problems in problem collections, and print a Markdown table.

    python benchmarks/duality.py FILE... [--most-variables 4] [--time-limit 30] [--only ID]

A collection is a JSON list of problem files, or an object with such a list under "problems"; each has an "id". Taken are the
problems in continuous variables whose convexity the package shows itself, whatever the file says of it. The gap is that of
`Solution.duality`; seconds are those of solving the problem and of everything about its dual. The last line counts the gaps that
are proved to be zero; the exit status is 1 where they are less than four fifths.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import sympy

from lagrangian import LagrangianError, canonicalize, problem_from_dict, solve
from lagrangian.conditions.convexity import convexity

KEYS = ("vars", "bounds", "integers", "params", "sense", "objective", "eq", "ineq", "strict", "x0")
LONGEST = 60
GOAL = 0.8


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--most-variables", type=int, default=4)
    parser.add_argument("--time-limit", type=float, default=30.0)
    parser.add_argument("--only", help="just the problem of this id")
    return parser.parse_args()


def convex_problems(asked):
    for path in asked.files:
        data = json.loads(path.read_text(encoding="utf-8"))
        for case in data["problems"] if isinstance(data, dict) else data:
            if len(case["vars"]) > asked.most_variables or case.get("integers") or asked.only not in (None, case["id"]):
                continue
            try:
                problem = problem_from_dict({key: case[key] for key in KEYS if key in case})
                if convexity(canonicalize(problem)[0]).truth is True:
                    yield case["id"], problem
            except LagrangianError as error:
                print(f"{case['id']}: {error}", file=sys.stderr)


def short(text):
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def shown(value):
    if value is None:
        return "not known"
    return short(str(value)) if not value.has(sympy.CRootOf) else f"{sympy.N(value, 12)}..."


def dual_function(dual):
    if not dual.function.is_known:
        return "not in closed form"
    if not dual.forms:
        return "-oo everywhere" if dual.function.sign > 0 else "oo everywhere"
    return f"`{short(str(dual.forms[0].problem.objective))}`"


def main():
    asked = arguments()
    print("| problem | objective of the dual | d\\* | gap | reason | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    zeros, total = 0, 0
    for name, problem in convex_problems(asked):
        started = time.perf_counter()
        found = solve(problem, time_limit_s=asked.time_limit).duality(time_limit_s=asked.time_limit)
        seconds = time.perf_counter() - started
        total += 1
        zeros += found.gap == 0
        cells = (dual_function(found.dual), shown(found.dual_value), shown(found.gap), found.reason.value)
        print(f"| {name} | {' | '.join(cells)} | {seconds:.1f} |", flush=True)
    print(f"\n{zeros} of {total} gaps are proved to be zero.")
    sys.exit(0 if zeros >= GOAL * total else 1)


if __name__ == "__main__":
    main()
