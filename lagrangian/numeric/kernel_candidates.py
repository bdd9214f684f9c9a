"""Good points by the interior point kernel, for `solve`: many starts in some milliseconds, once its machine code is on disk."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sympy import Eq, Le

from lagrangian.errors import ProblemError
from lagrangian.numeric import interior_point
from lagrangian.numeric.compiled import compile_problem, lower
from lagrangian.numeric.functions import numeric_functions
from lagrangian.numeric.local import NumericCandidate, box, measured, peaks
from lagrangian.numeric.nlp_solvers import KERNEL, Evaluator, by_kernel, starting_points
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.problem import Problem

STARTS = 256
# how many instructions of a problem's functions are compiled in a second, at the least
INSTRUCTIONS_PER_S = 400


def is_kernel_cached() -> bool:
    """Whether the kernel need not be compiled, which takes some ten seconds: what Numba has stored is newer than the source."""
    folder = Path(interior_point.run.stats.cache_path)
    source = Path(interior_point.__file__)
    newest = max((file.stat().st_mtime for file in folder.glob(f"{source.stem}.run-*.nbi")), default=0.0)
    return newest >= source.stat().st_mtime


def kernel_candidates(canonical: CanonicalProblem, deadline: float) -> Iterator[NumericCandidate]:
    """Feasible points at which the kernel ends, from a fixed sequence of starts.

    There are none where the problem's functions cannot be compiled, or not in the time there is.
    """
    relations = [Le(g.expression, 0, evaluate=False) for g in canonical.inequalities]
    relations += [Eq(h.expression, 0, evaluate=False) for h in canonical.equalities]
    try:
        lowered = lower(canonical)
        size = len(lowered.graph.needed(lowered.functions[-1].outputs))
        if size > INSTRUCTIONS_PER_S * (deadline - time.monotonic()):
            return
        compiled = compile_problem(Problem(canonical.objective, relations, over=canonical.variables))
    except ProblemError:
        return
    evaluator, functions = Evaluator(compiled), numeric_functions(canonical)
    low, high = box(canonical)
    starts = np.array([*peaks(canonical, low, high), *starting_points(low, high, None, STARTS, 0)])
    for found in by_kernel(evaluator, starts, deadline):
        candidate = measured(functions, np.clip(found.point, low, high), KERNEL)
        if candidate is not None:
            yield candidate
        if time.monotonic() > deadline:
            return
