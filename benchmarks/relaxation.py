"""Lagrangian relaxation beside HiGHS (scipy.optimize.milp): check that both have the same optimum, then time, in turns.

    python benchmarks/relaxation.py [--rounds 3] [--time-limit 20] [--only NAME]

Instances are made by fixed seeds, in the sizes and ranges that the literature uses for each family. Seconds are of the
processor: of relax() and solve() together, with the proof checked once more, and of milp() with no gap allowed; reading
SymPy's expressions (canonicalize) is stated apart, as ``stating_s``, since HiGHS is handed arrays. A ratio above 1 says that
HiGHS takes longer. Where HiGHS has not closed its gap within the time limit, the ratio is a lower bound. A wrong or missing
optimum ends the run.
"""

import argparse
import random
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recording import RESULTS, write_result
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from sympy import Add, Eq, Ge, Le, Mul, Symbol

from lagrangian import Problem, Status, canonicalize, relax

SENSES = {"<=": Le, ">=": Ge, "==": Eq}


@dataclass(frozen=True)
class Instance:
    """max or min costs.x, rows (sense, limit, {place: coefficient}), x in {0, 1}."""

    sense: str
    costs: list
    rows: list


def knapsack(count, seed, kind):
    """Uncorrelated, weakly or strongly correlated worths (Pisinger 2005), weights up to 1,000, half of all fits."""
    draw = random.Random(seed)
    weights = [draw.randint(1, 1000) for _ in range(count)]
    worths = {
        "uncorrelated": lambda w: draw.randint(1, 1000),
        "weak": lambda w: max(1, w + draw.randint(-100, 100)),
        "strong": lambda w: w + 100,
    }[kind]
    return Instance("max", [worths(w) for w in weights], [("<=", sum(weights) // 2, dict(enumerate(weights)))])


def multidimensional(count, rows, seed):
    """As in Chu and Beasley (1998): weights up to 1,000, half of all fits, worths tied to the mean weight."""
    draw = random.Random(seed)
    table = [[draw.randint(1, 1000) for _ in range(count)] for _ in range(rows)]
    worths = [sum(column) // rows + draw.randint(0, 500) for column in zip(*table, strict=True)]
    return Instance("max", worths, [("<=", sum(row) // 2, dict(enumerate(row))) for row in table])


def covering(count, rows, seed):
    """Density a tenth, costs up to 100, as in Beasley (1990)."""
    draw = random.Random(seed)
    listed = []
    for _ in range(rows):
        chosen = [i for i in range(count) if draw.random() < 0.1] or [0]
        listed.append((">=", 1, dict.fromkeys({*chosen, *draw.sample(range(count), 2)}, 1)))
    return Instance("min", [draw.randint(1, 100) for _ in range(count)], listed)


def assignment(agents, jobs, seed):
    """As type C of the OR library's problems: needs 5 to 25, costs 10 to 50, capacities 0.8 of the mean."""
    draw = random.Random(seed)
    rows = []
    for i in range(agents):
        needs = [draw.randint(5, 25) for _ in range(jobs)]
        rows.append(("<=", int(0.8 * sum(needs) / agents), {i * jobs + j: need for j, need in enumerate(needs)}))
    rows += [("==", 1, {i * jobs + j: 1 for i in range(agents)}) for j in range(jobs)]
    return Instance("min", [draw.randint(10, 50) for _ in range(agents * jobs)], rows)


INSTANCES = {
    "knapsack 1000 uncorrelated": lambda: knapsack(1000, 1, "uncorrelated"),
    "knapsack 1000 strong": lambda: knapsack(1000, 2, "strong"),
    "knapsack 10000 uncorrelated": lambda: knapsack(10_000, 3, "uncorrelated"),
    "knapsack 10000 weak": lambda: knapsack(10_000, 4, "weak"),
    "knapsack 10000 strong": lambda: knapsack(10_000, 5, "strong"),
    "multidimensional 30 x 5": lambda: multidimensional(30, 5, 6),
    "multidimensional 50 x 5": lambda: multidimensional(50, 5, 7),
    "covering 100 x 50": lambda: covering(100, 50, 8),
    "covering 200 x 60": lambda: covering(200, 60, 9),
    "assignment 5 x 15": lambda: assignment(5, 15, 10),
    "assignment 5 x 25": lambda: assignment(5, 25, 11),
    "assignment 8 x 24": lambda: assignment(8, 24, 12),
}


def stated(instance):
    over = [Symbol(f"x{i}", real=True) for i in range(len(instance.costs))]
    constraints = [
        SENSES[sense](Add(*(Mul(a, over[i]) for i, a in row.items())), limit, evaluate=False)
        for sense, limit, row in instance.rows
    ]
    objective = Add(*(Mul(c, x) for c, x in zip(instance.costs, over, strict=True)))
    bounds = dict.fromkeys(over, (0, 1))
    return Problem(objective, constraints, over=over, integers=over, bounds=bounds, sense=instance.sense)


def by_highs(instance, time_limit_s):
    """The optimum, or None where the gap is not closed in time."""
    sign = -1 if instance.sense == "max" else 1
    entries = [(r, i, a) for r, (_, _, row) in enumerate(instance.rows) for i, a in row.items()]
    places, columns, values = zip(*entries, strict=True)
    matrix = csr_array(
        (np.array(values, dtype=float), (places, columns)), shape=(len(instance.rows), len(instance.costs))
    )
    low = [limit if sense != "<=" else -np.inf for sense, limit, _ in instance.rows]
    high = [limit if sense != ">=" else np.inf for sense, limit, _ in instance.rows]
    found = milp(
        sign * np.array(instance.costs, dtype=float),
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(instance.costs)),
        options={"mip_rel_gap": 0, "time_limit": time_limit_s},
    )
    return sign * round(found.fun) if found.status == 0 else None


def timed(function, *arguments):
    started = time.process_time()
    answer = function(*arguments)
    return answer, time.process_time() - started


def relaxed(problem, time_limit_s):
    return relax(problem).solve(time_limit_s)


def measured(name, instance, asked):
    problem = stated(instance)
    stating_s = timed(canonicalize, problem)[1]
    rounds = []
    for _ in range(asked.rounds):
        found, own = timed(relaxed, problem, asked.time_limit)
        expected, other = timed(by_highs, instance, asked.time_limit)
        rounds.append((own, other))
    solution = found.solution
    if solution.status is Status.OPTIMAL and expected is not None and solution.value != expected:
        sys.exit(f"{name}: {solution.value} here and {expected} by HiGHS")
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    row = {
        "status": solution.status.value,
        "value": str(solution.value),
        "gap": str(found.gap),
        "nodes": found.nodes,
        "stating_s": round(stating_s, 3),
        "relax_s": round(own - stating_s, 3),
        "highs_s": round(other, 3),
        "highs_closed": expected is not None,
        "ratio": round(other / max(own - stating_s, 1e-3), 2),
    }
    more = "" if expected is not None else " or more, HiGHS not done"
    print(
        f"{name:28} {row['status']:10} gap {row['gap']:>4}  {row['relax_s']:7.3f} s  HiGHS {row['highs_s']:7.3f} s  "
        f"ratio {row['ratio']}{more}",
        flush=True,
    )
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--only", help="just the instance of this name")
    parser.add_argument("--output", type=Path, default=RESULTS / "relaxation.json")
    asked = parser.parse_args()
    rows = {name: measured(name, make(), asked) for name, make in INSTANCES.items() if asked.only in (None, name)}
    write_result(asked.output, ("sympy", "scipy", "numpy", "python-flint"), {"instances": rows})


if __name__ == "__main__":
    main()
