"""Regions of a problem whose absolute values, maxima and minima became new variables, as regions of the problem as stated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sympy.core.relational import Relational

from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_space import (
    ParameterSpace,
    conditions_of_relations,
    relations_of_conditions,
)
from lagrangian.problem.canonical import CanonicalProblem


def without_new_variables(region: ParametricRegion, canonical: CanonicalProblem) -> ParametricRegion:
    """The region with the multipliers and the active set of the constraints as stated, those of the definitions left out."""
    stated = {g.stated for g in canonical.inequalities} | {h.stated for h in canonical.equalities}
    multipliers, prices = (
        None if values is None else {relation: value for relation, value in values.items() if relation in stated}
        for values in (region.multipliers, region.shadow_prices)
    )
    return replace(
        region,
        multipliers=multipliers,
        shadow_prices=prices,
        active_set=tuple(relation for relation in region.active_set if relation in stated),
        # where the new variables are not unique, the old ones may be
        is_unique=region.is_unique or None,
    )


def merged_regions(
    regions: Sequence[ParametricRegion], assumptions: Iterable[Relational] = ()
) -> list[ParametricRegion]:
    """Regions with the same answer joined, where their union is one set of conditions."""
    space, left, found = ParameterSpace(tuple(assumptions)), list(regions), []
    while left:
        region = left.pop(0)
        for k, other in enumerate(left):
            if (both := _joined(space, region, other)) is not None:
                left[k] = both
                break
        else:
            found.append(region)
    return found


def _joined(space: ParameterSpace, one: ParametricRegion, other: ParametricRegion) -> ParametricRegion | None:
    if _answer(one) != _answer(other):
        return None
    first, second = (tuple(conditions_of_relations(r.relations)) for r in (one, other))
    both = space.union(first, second)
    if both is None:
        return None
    is_unique = True if one.is_unique and other.is_unique else None
    return replace(one, relations=tuple(relations_of_conditions(both)), is_unique=is_unique)


def _answer(region: ParametricRegion) -> tuple[Any, ...]:
    return region.status, region.value, region.point, region.multipliers, region.active_set, region.reason
