"""Lagrangian relaxation beside HiGHS (scipy.optimize.milp): check that both have the same optimum, then time, in turns.

    python benchmarks/relaxation.py [--rounds 3] [--time-limit 20] [--only NAME]

Instances are made by fixed seeds, in the sizes and ranges that the literature uses for each family. Seconds are of the
processor: of relax() and solve() together, with the proof checked once more, and of milp() with no gap allowed; reading
SymPy's expressions (canonicalize) is stated apart, as ``stating_s``, since HiGHS is handed arrays. A ratio above 1 says that
HiGHS takes longer. Where HiGHS has not closed its gap within the time limit, the ratio is a lower bound. A wrong or missing
optimum ends the run. The compiled search is compiled, or read from disk, before the first instance.
"""

import argparse
import math
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
    """max or min costs.x, rows (sense, limit, {place: coefficient}), x in {0, 1}, the last ``reals`` of them in [0, 1]."""

    sense: str
    costs: list
    rows: list
    reals: int = 0


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


def facilities(sites, customers, seed, *, with_capacities, are_shares=False):
    """Places in the unit square, costs by distance, fixed charges; capacities of 0.45 of all demands; real shares."""
    draw = random.Random(seed)
    demands = [draw.randint(3, 12) for _ in range(customers)]
    towns = [(draw.random(), draw.random()) for _ in range(sites + customers)]
    fixed = [draw.randint(40, 90) for _ in range(sites)]
    costs = [
        int(60 * math.dist(towns[i], towns[sites + j])) * (demands[j] if with_capacities else 1)
        for i in range(sites)
        for j in range(customers)
    ]
    place = {(i, j): sites + i * customers + j for i in range(sites) for j in range(customers)}
    rows = [("==", 1, {place[i, j]: 1 for i in range(sites)}) for j in range(customers)]
    rows += [("<=", 0, {place[i, j]: 1, i: -1}) for i in range(sites) for j in range(customers)]
    if with_capacities:
        room = int(0.45 * sum(demands))
        rows += [("<=", 0, {i: -room} | {place[i, j]: demands[j] for j in range(customers)}) for i in range(sites)]
        fixed = [20 * charge for charge in fixed]
    return Instance("min", fixed + costs, rows, sites * customers if are_shares else 0)


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
    "facilities 10 x 30": lambda: facilities(10, 30, 13, with_capacities=False),
    "facilities 6 x 15 with capacities": lambda: facilities(6, 15, 14, with_capacities=True),
    "facilities 6 x 15 with capacities, shares": lambda: facilities(6, 15, 15, with_capacities=True, are_shares=True),
}


def stated(instance):
    over = [Symbol(f"x{i}", real=True) for i in range(len(instance.costs))]
    constraints = [
        SENSES[sense](Add(*(Mul(a, over[i]) for i, a in row.items())), limit, evaluate=False)
        for sense, limit, row in instance.rows
    ]
    objective = Add(*(Mul(c, x) for c, x in zip(instance.costs, over, strict=True)))
    bounds = dict.fromkeys(over, (0, 1))
    integers = over[: len(over) - instance.reals]
    return Problem(objective, constraints, over=over, integers=integers, bounds=bounds, sense=instance.sense)


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
        integrality=np.arange(len(instance.costs)) < len(instance.costs) - instance.reals,
        options={"mip_rel_gap": 0, "time_limit": time_limit_s},
    )
    if found.status != 0:
        return None
    return sign * (found.fun if instance.reals else round(found.fun))


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
    is_near = expected is not None and solution.value is not None and abs(float(solution.value) - expected) < 1e-4
    if solution.status is Status.OPTIMAL and expected is not None and not is_near:
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
        f"{name:42} {row['status']:10} gap {row['gap']:>4}  {row['relax_s']:7.3f} s  HiGHS {row['highs_s']:7.3f} s  "
        f"ratio {row['ratio']}{more}",
        flush=True,
    )
    return row


def warmed():
    """One small problem for the compiled search, which takes long the first time on a machine."""
    instance = multidimensional(30, 5, 0)
    relaxed(stated(instance), 1000.0)
    by_highs(instance, 1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--only", help="just the instance of this name")
    parser.add_argument("--output", type=Path, default=RESULTS / "relaxation.json")
    asked = parser.parse_args()
    warmed()
    rows = {name: measured(name, make(), asked) for name, make in INSTANCES.items() if asked.only in (None, name)}
    ratios = [row["ratio"] for row in rows.values() if row["status"] == "optimal"]
    print(f"geometric mean of {len(ratios)} ratios: {statistics.geometric_mean(ratios):.2f}")
    write_result(asked.output, ("sympy", "scipy", "numpy", "python-flint"), {"instances": rows})


if __name__ == "__main__":
    main()
