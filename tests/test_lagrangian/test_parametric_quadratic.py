"""Random parametric quadratic programs against the enumeration of all active sets in Fractions."""

import pytest

from tests.parametric_programs import check_program


@pytest.mark.parametrize("group", range(10))
def test_random_quadratic_programs_agree_with_all_active_sets(group: int) -> None:
    for seed in range(1000 + 13 * group, 1000 + 13 * group + 13):
        check_program(seed, quadratic=True)
