"""The compiled interior point method itself: what is cached, stops, stays apart from its neighbors, and never accepts nan."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from sympy import Abs, Piecewise, log, sqrt, symbols

import lagrangian
from lagrangian import Problem, solve_batch
from lagrangian.numeric import interior_point
from lagrangian.numeric.compiled import compile_problem
from lagrangian.numeric.lane_memory import cold_starts, empty_results, options_of, structure_of
from lagrangian.numeric.lanes import WIDTH
from tests.oracles.kkt_residuals import kkt_residuals

x, y, a = symbols("x y a")


def test_an_edit_of_what_the_kernel_imports_reaches_the_cache() -> None:
    folder = Path(lagrangian.__file__).parent / "numeric"
    text = b"".join((folder / name).read_bytes() for name in ("lanes.py", "lane_memory.py", "newton_step.py"))
    digest = hashlib.sha256(text).hexdigest()[:16]
    assert digest == interior_point.SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to lagrangian/numeric/interior_point.py, so that the kernel is compiled anew'
    )


def run(problem: Problem, values: np.ndarray, first: int, last: int, most_passes: int = 100, stop: int = 0):
    """The results of the instances from first to before last, from (1, ..., 1)."""
    compiled = compile_problem(problem)
    n = compiled.dimension
    structure = structure_of(
        (n, compiled.inequality_count, compiled.equality_count, values.shape[1]),
        compiled.jacobian_pattern,
        compiled.hessian_pattern,
    )
    results = empty_results(structure, len(values))
    options = options_of(1e-9, most_passes, stop=np.full(1, stop, dtype=np.int8))
    starts = cold_starts(structure, np.ones((1, n)))
    address = compiled.evaluate_lanes().address
    interior_point.run(address, structure, first, last, starts, values, options, results)
    return results


@pytest.mark.parametrize("count", [1, WIDTH - 1, WIDTH, WIDTH + 1, 5 * WIDTH + 3])
def test_only_the_wanted_instances_are_solved_whatever_fills_the_other_lanes(count: int) -> None:
    values = np.linspace(-2, 2, count + 4)[:, None]
    results = run(Problem((x - a) ** 2 + y**4, [x >= 0], over=[x, y]), values, 2, 2 + count)
    outside = np.r_[0:2, 2 + count : count + 4]
    assert (results.status[outside] == 0).all()
    assert np.isnan(results.x[outside]).all()
    assert (results.status[2 : 2 + count] == interior_point.CONVERGED).all()
    # where x = a = 0 is only weakly active, x may be as large as the root of the tolerance
    assert results.x[2 : 2 + count, 0] == pytest.approx(np.maximum(values[2 : 2 + count, 0], 0), abs=1e-9**0.5)


def test_a_stopped_kernel_leaves_what_is_not_done() -> None:
    results = run(Problem((x - a) ** 2, over=[x]), np.zeros((100, 1)), 0, 100, stop=1)
    assert (results.status == 0).all()


def test_a_limit_of_passes_is_kept() -> None:
    rosenbrock = Problem(100 * (y - x**2) ** 2 + (a - x) ** 2, over=[x, y])
    results = run(rosenbrock, np.full((20, 1), -3.0), 0, 20, most_passes=3)
    assert (results.status == interior_point.LIMIT).all()
    assert (results.passes == 3).all()


@pytest.mark.parametrize(
    "objective",
    [
        sqrt(x - a),
        (x - a) ** 1.5 + y**2,
        log(x - a) * y + y**2,
        Abs(x - a) ** 0.5,
        Piecewise((1 / x, x > a), (x**2, True)),
        1 / (x - a) - 1 / (x - a + 1),
    ],
)
def test_nothing_that_is_not_a_number_ends_as_converged(objective) -> None:
    """Objectives with poles, roots and edges of their domains, where derivatives are nan or infinite."""
    problem = Problem(objective, [x >= a, x <= 3], over=[x, y])
    values = np.r_[np.linspace(-1, 4, 300), np.ones(4)]
    solution = solve_batch(problem, {"a": values})
    with np.errstate(all="ignore"):
        worst, greatest = kkt_residuals(problem, {"a": values}, solution)
    done = solution.converged
    assert np.isfinite(solution.x[done]).all()
    assert np.isfinite(solution.value[done]).all()
    assert (worst[done] <= 1e-9 + 1e-14 * greatest[done]).all()


def test_instances_do_not_disturb_their_neighbors() -> None:
    """Instances with nan in every pass stand between others, which are solved as if alone."""
    problem = Problem((x - 1) ** 2 + log(a), over=[x, y])
    values = np.where(np.arange(64) % 3 == 0, -1.0, 2.0)
    solution = solve_batch(problem, {"a": values})
    assert (solution.converged == (values > 0)).all()
    assert solution.x[values > 0, 0] == pytest.approx(1.0)
