"""Solve the problems of benchmarks/problems.json exactly: check every answer and certificate first, then time.

    python benchmarks/exact.py [--rounds 3] [--time-limit 30] [--only NAME]

Each problem states its published or derived answer and where it comes from. An answer counts as proved when its status and value
are the expected ones and its certificate verifies; as open when the status is "local" or "undecided"; anything else is wrong,
and nothing is timed. Seconds are those of solve() alone, and of the certificate's verify(), the median of the rounds.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from recording import RESULTS, write_result
from sympy import N, simplify

from lagrangian import Status, parse_expression, problem_from_dict, solve

PROBLEMS = Path(__file__).resolve().parent / "problems.json"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=30.0)
    parser.add_argument("--only", help="just the problem of this name")
    parser.add_argument("--output", type=Path, default=RESULTS / "exact.json")
    return parser.parse_args()


def verdict(solution, expected):
    if solution.status in (Status.LOCAL, Status.UNDECIDED):
        return "open"
    if solution.status.value != expected["status"] or not is_value(solution, expected["value"]):
        return "wrong"
    return "proved" if solution.certificate.verify() is True else "wrong"


def is_value(solution, expected):
    if expected is None:
        return solution.value is None
    if isinstance(expected, str):
        return simplify(solution.value - parse_expression(expected, {})) == 0
    return abs(N(solution.value, 30) - expected) <= 1e-12 * max(1.0, abs(expected))


def timed(function, *positional, **named):
    started = time.perf_counter()
    answer = function(*positional, **named)
    return answer, time.perf_counter() - started


def main():
    asked = arguments()
    cases = [case for case in json.loads(PROBLEMS.read_text()) if asked.only in (None, case["id"])]
    problems = {case["id"]: problem_from_dict(case) for case in cases}
    verdicts, seconds = {}, {name: [] for name in problems}
    for case in cases:
        solution = solve(problems[case["id"]], time_limit_s=asked.time_limit)
        verdicts[case["id"]] = verdict(solution, case["expect"])
        if verdicts[case["id"]] == "wrong":
            sys.exit(f"{case['id']} is wrong: {solution.status.value} {solution.value}, expected {case['expect']}")
    for _ in range(asked.rounds):
        for name, problem in problems.items():
            solution, solving = timed(solve, problem, time_limit_s=asked.time_limit)
            verifying = timed(solution.certificate.verify)[1] if solution.certificate else 0.0
            seconds[name].append((solving, verifying))
    rows = {}
    for name, rounds in seconds.items():
        solving, verifying = (statistics.median(column) for column in zip(*rounds, strict=True))
        rows[name] = {"verdict": verdicts[name], "solve_s": round(solving, 4), "verify_s": round(verifying, 4)}
        print(f"{name:20} {verdicts[name]:8} {solving:8.3f} s   verified in {verifying:7.3f} s")
    counts = {word: list(verdicts.values()).count(word) for word in ("proved", "open")}
    total = sum(row["solve_s"] for row in rows.values())
    print(f"{counts['proved']} of {len(rows)} proved, {counts['open']} open, none wrong; {total:.2f} s in all")
    write_result(asked.output, ("sympy", "python-flint"), {**counts, "solve_s": round(total, 3), "problems": rows})


if __name__ == "__main__":
    main()
