"""Three-valued logic takes no undecided thing for true."""

import numpy as np
import pytest
import sympy

from lagrangian.logic import all3, any3, not3

x = sympy.Symbol("x")


@pytest.mark.parametrize("false", [False, sympy.false, np.bool_(False)])
def test_false_of_any_kind_is_false(false) -> None:
    assert all3([True, false]) is False and any3([false, false]) is False and not3(false) is True


@pytest.mark.parametrize("true", [True, sympy.true, np.bool_(True)])
def test_true_of_any_kind_is_true(true) -> None:
    assert all3([true, True]) is True and any3([None, true]) is True and not3(true) is False


@pytest.mark.parametrize("undecided", [x > 0, x, sympy.Eq(x, 1), "yes", 2])
def test_what_is_no_truth_value_is_an_error(undecided) -> None:
    for combine in (all3, any3):
        with pytest.raises(TypeError, match="is neither true, nor false, nor None"):
            combine([undecided])
    with pytest.raises(TypeError, match="is neither true, nor false, nor None"):
        not3(undecided)
