"""Published problems with known optima: our answers, and beside them sympy.solve on the same KKT systems, as a table.

    python benchmarks/published.py ours FILE.json ... [--limit-s 60] [--jobs 2]
    python benchmarks/published.py sympy FILE.json ... [--limit-s 60]
    python benchmarks/published.py table > docs/published-problems.md

A FILE is a list of problems in the form of docs/problem-files.md with ``id`` and ``best_value``. Every problem is solved by a
process of its own. ``ours`` counts seconds of wall time, with ``--jobs`` problems at once; ``sympy`` gets seconds of processor
time, so that it may run beside other work. SymPy's answer is the best of its solutions that are real, feasible and have
multipliers of the right sign, each up to 1e-9: it proves nothing, and integer variables are beyond it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from recording import RESULTS, machine

STATED = ("vars", "bounds", "integers", "params", "sense", "objective", "eq", "ineq", "strict", "x0")
TOLERANCE = 1e-5
FEASIBLE = 1e-9


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("ours", "sympy", "table", "kkt"))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--limit-s", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", help="just the problems of these names; the others keep their rows")
    return parser.parse_args()


def problems_in(path):
    listed = json.loads(path.read_text())
    return [p for p in listed if p.get("verified", True) and not p.get("params") and "best_value" in p]


def agrees(value, best):
    return value is not None and abs(value - best) <= TOLERANCE * max(1.0, abs(best))


def is_better(value, problem):
    return value < problem["best_value"] if problem["sense"] == "min" else value > problem["best_value"]


def in_own_process(command, problem, limit_s):
    """The object that a command prints about a problem, and the wall seconds; None if it was out of time or failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.json"
        path.write_text(json.dumps({key: problem[key] for key in STATED if key in problem}))
        started = time.perf_counter()
        try:
            done = subprocess.run(
                [part if part != "FILE" else str(path) for part in command],
                capture_output=True,
                text=True,
                timeout=limit_s,
            )
            reply = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, json.JSONDecodeError):
            reply = None
        return reply, time.perf_counter() - started


def ours(problem, limit_s):
    reply, seconds = in_own_process(["lagrangian", "solve", "FILE", "--json"], problem, limit_s)
    row = {"best": problem["best_value"], "seconds": round(seconds, 1)}
    if reply is None:
        return row | {"verdict": "none", "status": "out of time"}
    certificate = reply["certificate"] or {}
    row |= {key: reply[key] for key in ("status", "value", "value_float", "exact", "message")}
    row |= {"certificate": certificate.get("kind"), "verdict": verdict(problem, reply, certificate)}
    return row | ({"point": reply["points"][0]["x"]} if row["verdict"] == "better" and reply["points"] else {})


def verdict(problem, reply, certificate):
    value = reply["value_float"]
    if value is None:
        return "wrong" if reply["status"] in ("infeasible", "unbounded") else "none"
    if agrees(value, problem["best_value"]):
        proved = certificate.get("claim") == "global" and certificate.get("verified") is True
        return "proved" if proved and reply["status"] == "optimal" else "right"
    if is_better(value, problem):
        return "better"
    return "wrong" if reply["status"] == "optimal" else "worse"


def sympys(problem, limit_s):
    if problem.get("integers"):
        return {"verdict": "not applicable"}
    command = [sys.executable, __file__, "kkt", "FILE", "--limit-s", str(limit_s)]
    reply, _ = in_own_process(command, problem, 500 * limit_s)
    if reply is None:
        return {"verdict": "out of time"}
    if "value" not in reply or reply["value"] is None:
        return reply | {"verdict": "error" if "error" in reply else "no solution"}
    value = reply["value"]
    return reply | {
        "verdict": "right"
        if agrees(value, problem["best_value"])
        else "better"
        if is_better(value, problem)
        else "worse"
    }


def kkt(path, limit_s):
    """Print what sympy.solve makes of a problem's KKT system, within seconds of processor time."""
    from sympy import solve as sympy_solve

    from lagrangian import read_problem

    resource.setrlimit(resource.RLIMIT_CPU, (int(limit_s) + 1, int(limit_s) + 1))
    problem = read_problem(str(path))
    system = problem.kkt()
    multipliers = [term.multiplier for term in system.lagrangian.terms]
    equations = [e.lhs - e.rhs for e in (*system.stationarity, *system.complementary_slackness)]
    equations += [term.slack for term in system.lagrangian.terms if term not in system.lagrangian.inequality_terms]
    try:
        found = sympy_solve(equations, [*problem.over, *multipliers], dict=True)
    except Exception as error:  # whatever SymPy raises is its answer
        print(json.dumps({"error": type(error).__name__}))
        return
    values = [value for value in (value_at(system, problem, solution) for solution in found) if value is not None]
    best = None if not values else min(values) if problem.sense.value == "min" else max(values)
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    print(json.dumps({"value": best, "solutions": len(found), "seconds": round(seconds, 1)}))


def value_at(system, problem, solution):
    """The objective at a solution that passes for a KKT point; None for any other, and where symbols are left."""
    needed = [problem.objective, *(e for r in (*system.primal_feasibility, *system.dual_feasibility) for e in r.args)]
    numbers = [e.subs(solution).evalf() for e in needed]
    if not all(n.is_number and n.is_finite and abs(complex(n).imag) <= FEASIBLE for n in numbers):
        return None
    value, *sides = (complex(n).real for n in numbers)
    for relation, left, right in zip(
        (*system.primal_feasibility, *system.dual_feasibility), sides[::2], sides[1::2], strict=True
    ):
        excess = {"<=": left - right, "<": left - right, ">=": right - left, ">": right - left}
        if excess.get(relation.rel_op, abs(left - right)) > FEASIBLE * max(1.0, abs(left)):
            return None
    return value


def record(asked, solver, jobs):
    output = RESULTS / f"published-{asked.what}.json"
    result = json.loads(output.read_text()) if output.exists() else {"sets": {}}
    for path in asked.files:
        chosen = [p for p in problems_in(path) if not asked.only or p["id"] in asked.only]
        rows = result["sets"].setdefault(path.stem, {})
        result |= {"limits_s": result.get("limits_s", {}) | {path.stem: asked.limit_s}, "machine": machine()}
        output.parent.mkdir(exist_ok=True)
        with ThreadPoolExecutor(jobs) as pool:
            for problem, row in zip(chosen, pool.map(lambda p: solver(p, asked.limit_s), chosen), strict=True):
                rows[problem["id"]] = row
                output.write_text(json.dumps(result, indent=1) + "\n")
        print(f"{path.stem}: {tally(rows)}", flush=True)


def table():
    own, other = (json.loads((RESULTS / f"published-{name}.json").read_text()) for name in ("ours", "sympy"))
    limits = sorted(set(own["limits_s"].values()))
    print(INTRODUCTION.format(limit_s=limits[-1], processor=own["machine"]["processor"], cores=os.cpu_count()))
    for name, rows in own["sets"].items():
        verdicts = [row["verdict"] for row in rows.values()]
        counts = ", ".join(f"{verdicts.count(word)} {word}" for word in MEANING if word in verdicts)
        theirs = other["sets"].get(name, {})
        told_s = (
            f" `sympy.solve` had {other['limits_s'][name]:g} s of processor time: {tally(theirs)}." if theirs else ""
        )
        print(f"## {name}\n\n{len(rows)} problems: {counts}.{told_s}\n")
        print("| problem | verdict | value | published | certificate | s | sympy.solve | what is missing |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for problem, row in rows.items():
            print("| " + " | ".join(cells(problem, row, theirs.get(problem))) + " |")
        print()
    better = [(name, row) for rows in own["sets"].values() for name, row in rows.items() if row["verdict"] == "better"]
    if better:
        print("## Better than published\n")
    for problem, row in better:
        place = ", ".join(f"{name} = {text}" for name, text in row.get("point", {}).items())
        where = place if len(place) <= 600 else "a point of algebraic numbers"
        print(f"- {problem}: {row['value_float']:.12g}, published {row['best']:.12g}, {row['status']}, at {where}.")


def tally(rows):
    verdicts = [row["verdict"] for row in rows.values()]
    return ", ".join(f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts)))


def cells(problem, row, sympys_row):
    exact = row.get("exact") and len(row["value"] or "") <= 40
    number = row.get("value_float")
    value = (
        f"`{row['value']}`"
        if exact
        else ""
        if number is None
        else f"{number:.10g}{' (exact)' * bool(row.get('exact'))}"
    )
    missing = "" if row["verdict"] == "proved" else (row.get("message") or row["status"]).replace("|", "\\|")
    return [
        problem,
        row["verdict"],
        value,
        f"{row['best']:.10g}",
        row.get("certificate") or "",
        f"{row['seconds']:.1f}",
        told(sympys_row),
        missing if len(missing) <= 160 else f"{missing[:157]}...",
    ]


def told(row):
    if row is None:
        return ""
    if row["verdict"] in ("right", "worse", "better"):
        return f"{row['verdict']} ({row['value']:.6g}), {row['seconds']:.1f} s"
    return row.get("error", row["verdict"])


MEANING = ("proved", "right", "better", "worse", "none", "wrong")
INTRODUCTION = """# Published problems

Every problem of five collections, each solved by a process of its own with {limit_s:g} s of wall time, two at once, on
{cores} cores of {processor}. The collections hold textbook exercises, problems of Hock and Schittkowski (1981), of
GlobalLib, of Ali, Khompatraporn and Zabinsky (2005) and of MINLPLib, and knapsacks.

`proved`: optimal with a verified certificate, and the value is the published one (to 1e-5). `right`: the value is the
published one, without such a proof. `better`: a better value than the published one, see below. `worse`, `none`: a worse
value or none, and said to be open. `wrong` would be a worse value said to be optimal. An empty last column means that
nothing is missing. Under `sympy.solve` stands the best KKT point among what SymPy's own solver returns for the same KKT
system, in seconds of processor time; it is no proof, and it does not say whether points are missing. It has no integers
(`not applicable`).

`python benchmarks/published.py` makes this page.
"""


def main():
    asked = arguments()
    if asked.what == "ours":
        record(asked, ours, asked.jobs)
    elif asked.what == "sympy":
        record(asked, sympys, asked.jobs)
    elif asked.what == "kkt":
        kkt(asked.files[0], asked.limit_s)
    else:
        table()


if __name__ == "__main__":
    main()
