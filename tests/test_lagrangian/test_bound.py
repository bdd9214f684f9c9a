"""A problem bound to arrays of its own evaluates to what the compiled functions give."""

import gc

import numpy as np
import pytest
from sympy import Eq, exp, symbols

from lagrangian import Problem
from lagrangian.numeric.compiled import compile_problem

x, y, p = symbols("x y p")


def test_it_gives_what_the_functions_give_and_keeps_what_it_needs() -> None:
    compiled = compile_problem(Problem(exp(x) * y, [x**2 + p * y**2 <= 4, Eq(x * y**3, 1)], over=[x, y]))
    bound = compiled.bind()
    other = compiled.bind()
    evaluate = bound.evaluate
    other.x[:] = 7.0
    out = np.empty(compiled.size)
    for point in ([0.5, 1.5], [-1.0, 2.0]):
        bound.x[:], bound.weights[:], bound.parameters[:] = point, [1.0, 2.0, -3.0], [0.25]
        gc.collect()
        evaluate()
        compiled.evaluate(bound.x, bound.weights, bound.parameters, out)
        parts = (bound.objective, bound.gradient, bound.constraints, bound.jacobian, bound.hessian)
        assert np.concatenate(parts) == pytest.approx(out, rel=1e-15)
    assert (other.objective, other.weights.tolist()) == (0.0, [1.0, 1.0, 1.0])


def test_what_it_found_is_read_only() -> None:
    bound = compile_problem(Problem(x**2, over=[x])).bind()
    with pytest.raises(ValueError, match="read-only"):
        bound.gradient[0] = 1.0


def test_the_call_outlives_its_arrays() -> None:
    """The arrays' memory stays while the call can be made."""
    evaluate = compile_problem(Problem(x**2 + y**2, over=[x, y])).bind().evaluate
    gc.collect()
    for _ in range(100):
        np.full(8, np.nan)
        evaluate()
