"""Many instances at once: planted and closed-form answers, KKT conditions checked by another program, statuses and errors."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest
from sympy import Eq, Integer, Matrix, exp, log, sin, sqrt, symbols

from lagrangian import BatchSolution, BatchStatus, MissingExtraError, Problem, ProblemError, solve_batch
from lagrangian.numeric import batch_executors, batch_files, batch_running
from lagrangian.numeric.compiled import compile_problem
from tests.oracles.kkt_residuals import kkt_residuals

x, y, z, a, b, c = symbols("x y z a b c")
TOLERANCE = 1e-9
# the oracle rounds its sums in another order: a few units in the last place of the greatest term
ROUNDING = 1e-14


def checked(problem: Problem, parameters: dict, **options) -> BatchSolution:
    """The solution, after its residuals have been found again by the oracle."""
    solution = solve_batch(problem, parameters, **options)
    worst, greatest = kkt_residuals(problem, parameters, solution)
    assert (worst <= solution.residual + ROUNDING * greatest)[solution.converged].all()
    assert (solution.residual <= TOLERANCE)[solution.converged].all()
    return solution


def names(solution: BatchSolution) -> list[str]:
    return [BatchStatus(status).name for status in solution.status]


# --- planted and closed-form answers --------------------------------------------------------------------------------------


@cache
def planted_problem(n: int, rows: int, equations: int, seed: int) -> tuple[Problem, np.ndarray, np.ndarray]:
    """min x'Qx/2 - c'x subject to Ax <= d, Ex = e with Q, A, E fixed and c, d, e parameters."""
    random = np.random.default_rng(seed)
    factor = random.integers(-2, 3, size=(n, n))
    quadratic = factor.T @ factor + np.eye(n, dtype=int)
    matrix = random.integers(-3, 4, size=(rows, n))
    while np.linalg.matrix_rank(matrix[rows - equations :]) < equations:
        matrix = random.integers(-3, 4, size=(rows, n))
    v = symbols(f"v1:{n + 1}")
    linear, sides = symbols(f"c1:{n + 1}"), symbols(f"d1:{rows + 1}")
    vector = Matrix(v)
    objective = (vector.T * Matrix(quadratic.tolist()) * vector)[0] / 2 - sum(
        p * q for p, q in zip(linear, v, strict=True)
    )
    left = Matrix(matrix.tolist()) * vector
    constraints = [left[i] <= sides[i] for i in range(rows - equations)]
    constraints += [Eq(left[i], sides[i]) for i in range(rows - equations, rows)]
    return Problem(objective, constraints, over=v), quadratic, matrix


@pytest.mark.parametrize(("n", "rows", "equations"), [(1, 1, 0), (2, 3, 0), (3, 3, 1), (4, 5, 2), (5, 4, 0)])
def test_planted_optima_of_quadratic_programs(n: int, rows: int, equations: int) -> None:
    """x*, the active set and multipliers are drawn; c = Q x* + A' m and d = A x* + slack make them optimal, and x* unique."""
    problem, quadratic, matrix = planted_problem(n, rows, equations, seed=10 * n + rows)
    random, count, free = np.random.default_rng(n), 500, rows - equations
    point = random.normal(size=(count, n))
    active = random.random((count, free)) < 0.4
    multipliers = np.hstack(
        [np.where(active, random.uniform(0.1, 5, (count, free)), 0), random.normal(size=(count, equations))]
    )
    slack = np.hstack([np.where(active, 0, random.uniform(0.1, 5, (count, free))), np.zeros((count, equations))])
    linear = point @ quadratic + multipliers @ matrix
    sides = point @ matrix.T + slack
    parameters = {f"c{j + 1}": linear[:, j] for j in range(n)} | {f"d{i + 1}": sides[:, i] for i in range(rows)}
    solution = checked(problem, parameters)
    assert solution.converged.all()
    # Q has no eigenvalue below 1: the squared distance is at most the sum of all products |mu g|
    assert np.abs(solution.x - point).max() <= np.sqrt(2 * (rows + 1) * TOLERANCE)
    assert np.quantile(np.abs(solution.x - point), 0.99) <= 1e-8
    clear = np.linalg.matrix_rank(matrix) == rows
    if clear:
        assert np.abs(solution.multipliers - multipliers).max() <= 1e-6
        assert (solution.active_set == active).all()
        assert (solution.multipliers[:, :free][~active] == 0).all()
    assert solution.strict_minimum.all()


def nearness(inequalities: int) -> float:
    """How far a point may be from the minimum of |x - t|^2: 2 |x - x*|^2 <= the sum of the products |mu g| and of residuals."""
    return float(np.sqrt((inequalities + 1) * TOLERANCE))


def simplex_projection(points: np.ndarray) -> np.ndarray:
    """The nearest points with entries >= 0 and sum 1, by sorting (Held, Wolfe and Crowder 1974)."""
    ordered = -np.sort(-points, axis=1)
    sums = (np.cumsum(ordered, axis=1) - 1) / np.arange(1, points.shape[1] + 1)
    last = (ordered > sums).sum(axis=1) - 1
    return np.maximum(points - sums[np.arange(len(points)), last][:, None], 0)


def test_projections_on_a_simplex() -> None:
    v, targets = symbols("v1:5"), symbols("t1:5")
    problem = Problem(
        sum((p - q) ** 2 for p, q in zip(v, targets, strict=True)),
        [Eq(sum(v), 1)],
        over=v,
        bounds=dict.fromkeys(v, (0, None)),
    )
    points = np.random.default_rng(1).normal(size=(2000, 4))
    solution = checked(problem, {f"t{j + 1}": points[:, j] for j in range(4)})
    assert solution.converged.all()
    assert np.abs(solution.x - simplex_projection(points)).max() <= nearness(4)


def test_projections_on_a_ball_and_their_shadow_prices() -> None:
    """The nearest point to t with |x|^2 <= r is t min(1, sqrt(r)/|t|); its value changes by 1 - |t|/sqrt(r) with r."""
    targets, r = symbols("t1:4"), symbols("r")
    v = symbols("v1:4")
    ball = sum(p**2 for p in v) <= r
    problem = Problem(sum((p - q) ** 2 for p, q in zip(v, targets, strict=True)), [ball], over=v)
    random = np.random.default_rng(2)
    points, squares = random.normal(size=(1000, 3)), random.uniform(0.1, 6, 1000)
    solution = checked(problem, {f"t{j + 1}": points[:, j] for j in range(3)} | {"r": squares})
    size = np.linalg.norm(points, axis=1)
    outside = size**2 > squares
    error = np.abs(solution.x - points * np.minimum(1, np.sqrt(squares) / size)[:, None])
    assert error.max() <= nearness(1)
    assert np.quantile(error, 0.99) <= 1e-9
    clear = np.abs(size - np.sqrt(squares)) > 1e-3
    assert np.abs(solution.shadow_price(ball) - np.minimum(1 - size / np.sqrt(squares), 0))[clear].max() <= 1e-8
    assert (solution.active_set[:, 0] == outside)[clear].all()


def test_shadow_prices_have_the_signs_of_the_stated_problem() -> None:
    """Utility log x + log y with budget 2 x + y <= b: the price of b is 2/b; a cost with x + y >= a rises by a."""
    budget, demand = 2 * x + y <= b, x + y >= a
    incomes = np.array([1.0, 2.0, 50.0])
    bought = checked(Problem(log(x) + log(y), [budget], over=[x, y], sense="max"), {"b": incomes})
    assert bought.shadow_price(budget) == pytest.approx(2 / incomes, abs=1e-9)
    assert bought.x == pytest.approx(np.stack([incomes / 4, incomes / 2], axis=1), abs=1e-9)
    assert bought.value == pytest.approx(np.log(incomes / 4) + np.log(incomes / 2), abs=1e-9)
    wanted = checked(Problem((x**2 + y**2), [demand], over=[x, y]), {"a": incomes})
    assert wanted.shadow_price(demand) == pytest.approx(incomes, abs=1e-8)
    equation = Eq(x + y, a)
    wanted = checked(Problem(-(x**2) - y**2, [equation], over=[x, y], sense="max"), {"a": incomes})
    assert wanted.shadow_price(equation) == pytest.approx(-incomes, abs=1e-8)


def hs71() -> tuple[Problem, dict[str, np.ndarray]]:
    """Problem 71 of Hock and Schittkowski (1981) with both right sides as parameters."""
    v = symbols("v1:5")
    problem = Problem(
        v[0] * v[3] * (v[0] + v[1] + v[2]) + v[2],
        [v[0] * v[1] * v[2] * v[3] >= a, Eq(sum(p**2 for p in v), b)],
        over=v,
        bounds=dict.fromkeys(v, (1, 5)),
    )
    random = np.random.default_rng(4)
    return problem, {"a": random.uniform(20, 30, 1000), "b": random.uniform(36, 44, 1000)}


def test_a_nonlinear_problem_from_a_start_where_its_constraints_are_parallel() -> None:
    problem, parameters = hs71()
    solution = checked(problem, parameters)
    assert solution.converged.all()
    known = checked(problem, {"a": [25.0], "b": [40.0]})
    assert known.value[0] == pytest.approx(17.0140173, abs=1e-7)


def test_nearest_points_of_an_ellipse_are_strict_minima_or_marked() -> None:
    problem = Problem((x - a) ** 2 + (y - b) ** 2, [Eq(x**2 / 4 + y**2, 1)], over=[x, y])
    random = np.random.default_rng(5)
    solution = checked(problem, {"a": 3 * random.normal(size=2000), "b": 3 * random.normal(size=2000)})
    assert solution.converged.all()
    angles = np.linspace(0, 2 * np.pi, 4001)
    around = np.stack([2 * np.cos(angles), np.sin(angles)])
    for i in np.flatnonzero(solution.strict_minimum)[:300]:
        here = np.array([solution.parameters[i, 0], solution.parameters[i, 1]])
        near = np.linalg.norm(around.T - solution.x[i], axis=1) < 1e-2
        assert ((around.T[near] - here) ** 2).sum(axis=1).min() >= solution.value[i] - 1e-9


def test_random_quadratic_programs_that_are_not_convex() -> None:
    """On a box something is attained; all answers satisfy the KKT conditions, and strict minima are lower than what is near."""
    random, count, n = np.random.default_rng(6), 400, 3
    v = symbols("v1:4")
    entries = symbols("q1:7")
    quadratic = Matrix(3, 3, [entries[k] for k in (0, 1, 2, 1, 3, 4, 2, 4, 5)])
    linear = symbols("c1:4")
    objective = (Matrix(v).T * quadratic * Matrix(v))[0] + sum(p * q for p, q in zip(linear, v, strict=True))
    problem = Problem(objective, [sum(v) <= 1], over=v, bounds=dict.fromkeys(v, (-1, 2)))
    parameters = {str(p): random.normal(size=count) for p in (*entries, *linear)}
    solution = checked(problem, parameters)
    assert solution.converged.all()
    assert solution.strict_minimum.mean() > 0.95
    for i in np.flatnonzero(solution.strict_minimum)[:100]:
        q = np.array(quadratic.subs({e: parameters[str(e)][i] for e in entries}).tolist(), dtype=float)
        s = np.array([parameters[str(e)][i] for e in linear])
        near = solution.x[i] + 1e-4 * random.normal(size=(200, n))
        feasible = (near.sum(axis=1) <= 1) & (near >= -1).all(axis=1) & (near <= 2).all(axis=1)
        values = np.einsum("ki,ij,kj->k", near, q, near) + near @ s
        assert (values[feasible] >= solution.value[i] - 1e-8).all()


def test_linear_programs() -> None:
    """max p x + q y with x + y <= 4, x + 3 y <= 6, x, y >= 0: the best of the vertices (0, 2), (3, 1), (4, 0) and (0, 0)."""
    problem = Problem(
        a * x + b * y, [x + y <= 4, x + 3 * y <= 6], over=[x, y], sense="max", bounds={x: (0, None), y: (0, None)}
    )
    prices = np.random.default_rng(7).normal(size=(1000, 2))
    solution = checked(problem, {"a": prices[:, 0], "b": prices[:, 1]})
    assert solution.converged.all()
    vertices = np.array([[0, 0], [0, 2], [3, 1], [4, 0]])
    assert solution.value == pytest.approx((prices @ vertices.T).max(axis=1), abs=1e-7)


def random_problem(random: np.random.Generator) -> Problem:
    """Sums of random products, waves, roots, exponentials and logarithms with parameters, in up to four variables."""
    v, p = symbols(f"v1:{random.integers(2, 5)}"), symbols("p1:4")

    def term():
        first, second, parameter = random.choice(v), random.choice(v), random.choice(p)
        shapes = [
            first * second,
            parameter * first,
            sin(first + parameter),
            exp(first / 2 - second / 3),
            sqrt(1 + first**2 + second**2),
            log(2 + first**2) * parameter,
        ]
        return int(random.integers(-2, 3)) * shapes[random.integers(len(shapes))]

    objective = sum(term() for _ in range(4)) + sum(w**4 for w in v) / 8
    rows = [term() + term() + v[0] <= p[0] + 2, Eq(sum(int(random.integers(1, 3)) * w for w in v), p[1])]
    return Problem(objective, rows[: random.integers(0, 3)], over=v)


@pytest.mark.parametrize("seed", range(8))
def test_random_problems_converge_only_where_the_oracle_agrees(seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = random_problem(random)
    parameters = {str(p): random.normal(size=300) for p in problem.parameters}
    solution = checked(problem, parameters)
    assert solution.converged.mean() > 0.5
    assert set(solution.counts()) <= set(BatchStatus)
    assert sum(solution.counts().values()) == len(solution)


# --- unusual problems -----------------------------------------------------------------------------------------------------


def test_without_parameters_there_are_as_many_instances_as_starts() -> None:
    problem = Problem((x**2 - 1) ** 2, over=[x])
    assert len(solve_batch(problem)) == 1
    assert solve_batch(problem, start=[[-2.0], [0.5], [3.0]]).x[:, 0] == pytest.approx([-1, 1, 1], abs=1e-6)
    assert len(solve_batch(Problem(x**2, [x >= a], over=[x]), {"a": []})) == 0


def test_numbers_serve_all_instances_and_structured_arrays_are_read() -> None:
    problem = Problem((x - a) ** 2 + b, over=[x])
    assert solve_batch(problem, {a: [1.0, 2.0], b: 3}).value == pytest.approx([3, 3])
    rows = np.array([(1.0, 5.0), (2.0, 6.0)], dtype=[("a", "f8"), ("b", "f8")])
    solution = solve_batch(problem, rows)
    assert solution["x"] == pytest.approx([1, 2])
    assert solution[x] == pytest.approx([1, 2])
    with pytest.raises(KeyError, match="w is not a variable; the variables are x"):
        solution["w"]


def test_variables_that_their_bounds_fix() -> None:
    problem = Problem((x - 1) ** 2 + y**2, [x >= a, x <= b, x + y >= 3], over=[x, y])
    solution = checked(problem, {"a": [2.0, 1.0, 0.0], "b": [2.0, 1.0, 5.0]})
    assert solution.x == pytest.approx(np.array([[2, 1], [1, 2], [2, 1]]), abs=1e-9)


def test_equations_that_say_the_same_twice() -> None:
    problem = Problem(
        x**2 + y**2 + z**2, [Eq(x + y + z, a), Eq(2 * x + 2 * y + 2 * z, 2 * a), Eq(x - y, 1)], over=[x, y, z]
    )
    sums = np.linspace(-3, 3, 20)
    solution = checked(problem, {"a": sums})
    assert solution.converged.all()
    assert solution.x == pytest.approx(np.stack([sums / 3 + 0.5, sums / 3 - 0.5, sums / 3], axis=1), abs=1e-8)


def test_instances_without_a_feasible_point_are_marked() -> None:
    """A disk of radius sqrt(a) and the half plane x + y >= 3 meet from a = 9/2 on."""
    problem = Problem(x - y, [x**2 + y**2 <= a, x + y >= 3], over=[x, y])
    solution = checked(problem, {"a": [0.1, 1.0, 4.4, 4.6, 9.0]})
    assert names(solution) == ["LOCALLY_INFEASIBLE"] * 3 + ["LOCAL"] * 2
    assert np.isnan(solution.multipliers[:3]).all()
    assert (solution.residual[:3] > 1e-3).all()
    assert names(solve_batch(Problem(x**2 + y**2, [Eq(x + y, 1), Eq(x + y, a)], over=[x, y]), {"a": [1.0, 2.0]})) == [
        "LOCAL",
        "LOCALLY_INFEASIBLE",
    ]


def test_no_status_of_floating_point_is_named_like_a_proved_one() -> None:
    assert not {status.name for status in BatchStatus} & {"OPTIMAL", "INFEASIBLE", "UNBOUNDED", "NOT_ATTAINED"}


def test_instances_without_a_bound_are_marked() -> None:
    assert names(solve_batch(Problem(a * x + y**2, over=[x, y]), {"a": [1.0, 0.0, -3.0]})) == [
        "DIVERGED",
        "LOCAL",
        "DIVERGED",
    ]
    falling = Problem(a * x + y, [x + y >= 0, y >= -1], over=[x, y])
    assert names(solve_batch(falling, {"a": [0.5, -1.0, 2.0]})) == ["LOCAL", "DIVERGED", "DIVERGED"]
    assert names(solve_batch(Problem(exp(x), over=[x], sense="max"))) == ["DIVERGED"]


def test_where_a_strict_inequality_would_have_to_be_an_equation_nothing_is_attained() -> None:
    solution = checked(Problem(x**2, [x > a], over=[x]), {"a": [1.0, -1.0]})
    assert names(solution) == ["EXCLUDED", "LOCAL"]
    assert solution.converged.tolist() == [False, True]


def test_a_minimum_without_multipliers_is_not_called_converged() -> None:
    """x is least at (1, 0) on the cusp 0 <= y <= (x - 1)^3, where the KKT conditions do not hold."""
    solution = solve_batch(Problem(x, [y <= (x - 1) ** 3, y >= 0], over=[x, y]))
    assert names(solution)[0] in ("STALLED", "LIMIT")


def test_multipliers_that_grow_without_bound_are_not_called_rounding() -> None:
    """x^2 <= 0 leaves x = 0 alone, where the gradient of the constraint is zero and that of x + y^2 is not."""
    solution = solve_batch(Problem(x + y**2, [x**2 <= 0], over=[x, y]), start=[[1.0, 1.0], [0.0, 0.1], [-3.0, 2.0]])
    assert not solution.converged.any()
    assert set(names(solution)) <= {"STALLED", "LIMIT"}


def test_contradicting_bounds_by_numbers_are_marked() -> None:
    assert names(solve_batch(Problem(x**2, [x >= 3, x <= 2], over=[x]))) == ["LOCALLY_INFEASIBLE"]


def test_undefined_starts_are_marked_unless_another_is_found() -> None:
    solution = solve_batch(Problem(log(x - a) - x, over=[x], sense="max"), {"a": [1e6, -1.0]})
    assert names(solution) == ["UNDEFINED", "LOCAL"]
    assert solution.x[1] == pytest.approx(0, abs=1e-9)


def test_residuals_that_are_only_rounding_have_a_status_of_their_own() -> None:
    """Slopes of 1e9 at the optimum: the difference of such terms is no nearer to zero than 1e-7."""
    problem = Problem(10**6 * (x - 1000 * a) ** 2 + 3 * 10**6 * y**2, [x + y >= 2000 * a], over=[x, y])
    solution = solve_batch(problem, {"a": np.linspace(1, 2, 20)})
    worst, greatest = kkt_residuals(problem, {"a": np.linspace(1, 2, 20)}, solution)
    assert set(names(solution)) == {"LOCAL", "ROUNDED"}
    # |mu g| with g a difference of numbers up to 4,000, a hundredth of the tolerance relative to them
    assert (worst <= 1e-2 * TOLERANCE * 4000 * greatest).all()
    assert solution.x == pytest.approx(np.linspace(1, 2, 20)[:, None] * [1750, 250], rel=1e-12)


def test_a_kink_in_the_distance_does_not_mislead() -> None:
    """sqrt(x^2 + a) + x/2 is least at -sqrt(a/3), and nearly linear a little off."""
    sizes = np.array([1e-6, 1e-2, 1.0])
    solution = checked(Problem(sqrt(x**2 + a) + x / 2, over=[x]), {"a": sizes})
    assert solution.x[:, 0] == pytest.approx(-np.sqrt(sizes / 3), rel=1e-6)


def test_starts_are_inside_bounds_that_depend_on_parameters() -> None:
    low = np.array([100.0, -5000.0, 1e5])
    problem = Problem(log(x - a) - x / 10, [x >= a, x <= a + 100], over=[x], sense="max")
    assert checked(problem, {"a": low}).x[:, 0] == pytest.approx(low + 10, rel=1e-9)


# --- the same results however they are asked for -----------------------------------------------------------------------------


def same(left: BatchSolution, right: BatchSolution) -> None:
    for name in ("x", "value", "multipliers", "active_set", "residual", "status", "passes", "strict_minimum"):
        assert np.array_equal(
            getattr(left, name), getattr(right, name), equal_nan=name in ("x", "value", "multipliers")
        )


def mixed() -> tuple[Problem, dict[str, np.ndarray]]:
    """Instances of every kind: easy, infeasible, and some that need several starts."""
    problem = Problem((x - a) ** 2 + x * y, [Eq(x**2 / 4 + y**2, 1), x + y <= b], over=[x, y])
    random = np.random.default_rng(8)
    return problem, {"a": 3 * random.normal(size=9000), "b": random.uniform(-4, 2, 9000)}


def test_any_number_of_threads_finds_the_same() -> None:
    problem, parameters = mixed()
    compiled = compile_problem(problem)
    one = solve_batch(compiled, parameters, threads=1)
    assert {"LOCAL", "LOCALLY_INFEASIBLE"} <= set(names(one))
    same(one, solve_batch(compiled, parameters, threads=2))
    same(one, solve_batch(compiled, parameters, threads=5))


def test_a_batch_finds_what_its_instances_find_alone() -> None:
    problem, parameters = mixed()
    compiled = compile_problem(problem)
    whole = solve_batch(compiled, parameters)
    for i in (0, 1, 2, 100, 4095, 4096, 8999):
        alone = solve_batch(compiled, {name: values[i : i + 1] for name, values in parameters.items()})
        assert np.array_equal(alone.x[0], whole.x[i], equal_nan=True)
        assert alone.status[0] == whole.status[i]


def test_an_executor_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_executors, "PART", 4096)
    monkeypatch.setattr(batch_executors, "AHEAD", 2)
    problem, parameters = mixed()
    with ThreadPoolExecutor(2) as executor:
        same(solve_batch(problem, parameters), solve_batch(problem, parameters, executor=executor))
        steps = np.linspace(-2, 2, 9000)
        path = Problem((x - a) ** 2 + x**4, over=[x])
        same(
            solve_batch(path, {"a": steps}, path=True, threads=2),
            solve_batch(path, {"a": steps}, path=True, executor=executor),
        )
        assert len(solve_batch(path, {"a": []}, executor=executor)) == 0


@pytest.mark.slow
def test_a_ray_cluster_finds_the_same() -> None:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        problem, parameters = mixed()
        same(solve_batch(problem, parameters), solve_batch(problem, parameters, executor="ray"))
    finally:
        ray.shutdown()


def test_along_a_path_and_from_a_neighbor_fewer_passes_find_the_same() -> None:
    problem, _ = hs71()
    parameters = {"a": np.linspace(22, 28, 3000), "b": 40.0}
    apart = solve_batch(problem, parameters, start=[1, 5, 5, 1])
    path = checked(problem, parameters, start=[1, 5, 5, 1], path=True)
    assert path.converged.all()
    assert path.value == pytest.approx(apart.value, abs=1e-7)
    assert path.passes.mean() < 0.8 * apart.passes.mean()
    moved = {"a": np.linspace(22, 28, 3000) + 0.01, "b": 40.0}
    warm = checked(problem, moved, start=apart)
    assert warm.converged.all()
    assert warm.passes.mean() < 0.8 * apart.passes.mean()
    one = solve_batch(problem, {"a": [25.0], "b": [40.0]}, start=[1, 5, 5, 1])
    assert checked(problem, moved, start=one).converged.all()


def test_an_interrupt_ends_soon_and_leaves_no_thread() -> None:
    """The signal arrives while chunks are solved; what waits does not begin."""
    problem, _ = hs71()
    compiled = compile_problem(problem)
    solve_batch(compiled, {"a": [25.0], "b": [40.0]})
    before = threading.active_count()
    count = 1_000_000
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solve_batch(compiled, {"a": np.linspace(22, 28, count), "b": 40.0}, threads=1)
    timer.join()
    assert threading.active_count() <= before


def test_progress_is_shown_where_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem((x - a) ** 2, over=[x])
    solve_batch(problem, {"a": np.ones(10)}, progress=True)
    assert "10/10" in capsys.readouterr().err
    # tqdm's own thread would keep `solve` from forking
    assert "tqdm_monitor" not in [thread.name for thread in threading.enumerate()]
    solve_batch(problem, {"a": np.ones(10)})
    assert capsys.readouterr().err == ""


def test_results_cannot_be_changed_and_parameters_stay_the_callers() -> None:
    values = np.ones(3)
    solution = solve_batch(Problem((x - a) ** 2, [x <= 5], over=[x]), {"a": values})
    values[0] = 2.0
    for name in ("x", "value", "multipliers", "active_set", "residual", "status", "passes", "parameters"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(solution, name)[0] = 0


# --- files ------------------------------------------------------------------------------------------------------------------


def small() -> BatchSolution:
    return solve_batch(Problem(x**2 + y**2, [x + y >= a], over=[x, y]), {"a": [-1.0, 1.0, 2.0]})


def test_npz_holds_every_array(tmp_path) -> None:
    solution, path = small(), tmp_path / "batch.npz"
    solution.to_npz(path)
    with np.load(path) as stored:
        assert stored["variable_names"].tolist() == ["x", "y"]
        assert stored["parameter_names"].tolist() == ["a"]
        assert stored["constraint_names"].tolist() == ["x + y >= a"]
        for name in ("x", "value", "multipliers", "shadow_prices", "active_set", "status", "parameters"):
            assert np.array_equal(stored[name], getattr(solution, name))


def test_a_file_is_whole_or_as_it_was(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "batch.npz"
    path.write_bytes(b"before")

    def interrupted(file, **arrays) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(batch_files.np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        small().to_npz(path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_tables_without_pyarrow_say_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'lagrangian-w2v\[arrow\]'"):
        small().to_arrow()
    with pytest.raises(MissingExtraError, match="pyarrow"):
        small().to_parquet(tmp_path / "batch.parquet")
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'lagrangian-w2v\[ray\]'"):
        solve_batch(Problem((x - a) ** 2, over=[x]), {"a": [1.0]}, executor="ray")


def test_tables_and_parquet(tmp_path) -> None:
    pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    solution = small()
    table = solution.to_arrow()
    assert table.column("parameter a").to_pylist() == [-1.0, 1.0, 2.0]
    assert table.column("variable x").to_pylist() == solution["x"].tolist()
    assert table.column("status").to_pylist() == ["local"] * 3
    assert table.column("shadow price 0: x + y >= a").to_pylist() == solution.shadow_prices[:, 0].tolist()
    solution.to_parquet(tmp_path / "batch.parquet")
    assert parquet.read_table(tmp_path / "batch.parquet").to_pydict() == table.to_pydict()


# --- errors -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"a": [1.0]}, "no values are given for the parameter b; the parameters are a, b"),
        ({"a": [1.0], "b": 1, "w": 2}, "w is not a parameter of the problem; the parameters are a, b"),
        ({"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]}, "the parameters have different lengths: 2, 3"),
        ({"a": [[1.0]], "b": 1}, r"the values of a have shape \(1, 1\); one dimension is wanted"),
        ({"a": [1.0, np.nan], "b": 1}, "the value of a for instance 1 is nan; it must be finite"),
        ({"a": np.inf, "b": 1}, "the value of a for instance 0 is inf; it must be finite"),
        ({"a": ["one"], "b": 1}, "the values of a are not real numbers"),
        ({"a": [1j], "b": 1}, "the values of a are not real numbers"),
        ([1.0, 2.0], "the parameters are a list; give a mapping from names to arrays, or a structured array"),
        (None, "no values are given for the parameter a"),
    ],
)
def test_bad_parameters_get_one_clear_error(parameters, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_batch(Problem((x - a) ** 2 + b, over=[x]), parameters)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": [1.0, 2.0]}, r"the start has shape \(2,\); shape \(1,\) or \(2, 1\) is wanted"),
        ({"start": [np.inf]}, "the start holds numbers that are not finite"),
        ({"start": "here"}, "the start is not an array of real numbers: 'here'"),
        ({"tolerance": 0}, "the tolerance is 0; a number between 0 and 1 is wanted"),
        ({"tolerance": float("nan")}, "the tolerance is nan"),
        ({"threads": 0}, "threads is 0; a positive number is wanted"),
        ({"executor": "cluster"}, "the executor is 'cluster'"),
    ],
)
def test_bad_options_get_one_clear_error(options: dict, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_batch(Problem((x - a) ** 2, over=[x]), {"a": [1.0, 2.0]}, **options)


def test_a_start_must_be_of_the_same_problem() -> None:
    other = solve_batch(Problem((x - a) ** 2, [x >= 0, x <= 9], over=[x]), {"a": [1.0, 2.0]})
    with pytest.raises(ProblemError, match="the start is a solution of 2 instances with 1 variables and 2 constraints"):
        solve_batch(Problem((x - a) ** 2, over=[x]), {"a": [1.0, 2.0]}, start=other)


def test_integers_and_unknown_constraints_are_refused() -> None:
    with pytest.raises(ProblemError, match=r"x must be integers: use lagrangian\.solve"):
        solve_batch(Problem((x - a) ** 2, over=[x], integers=[x]), {"a": [1.0]})
    with pytest.raises(ProblemError, match="x <= 3 is not a constraint of the problem; it has x <= 5"):
        solve_batch(Problem((x - a) ** 2, [x <= 5], over=[x]), {"a": [1.0]}).shadow_price(x <= 3)


def test_parts_are_whole_chunks() -> None:
    pieces = list(batch_running.parts(10_000, 5000))
    assert [(piece.start, piece.stop) for piece in pieces] == [(0, 4096), (4096, 8192), (8192, 10_000)]
    assert list(batch_running.parts(0, 5000)) == []


def test_constant_objectives_ask_for_a_feasible_point() -> None:
    solution = checked(Problem(Integer(0) * x, [Eq(x + y, a), x >= y], over=[x, y]), {"a": [1.0, 5.0]})
    assert solution.converged.all()
