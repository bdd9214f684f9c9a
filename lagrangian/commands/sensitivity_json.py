"""Sensitivities as one JSON object."""

from typing import Any

from sympy import Expr

from lagrangian.duality.parameter_effects import ComparativeStatics, Envelope
from lagrangian.duality.sensitivity import Sensitivity
from lagrangian.duality.slopes import OneSided


def sensitivity_as_json(found: Sensitivity) -> dict[str, Any]:
    """The sensitivities as docs/problem-files.md describes them, all numbers as exact strings."""
    return {
        "constraints": [
            {
                "constraint": str(entry.constraint),
                "shadow_price": _text(entry.shadow_price),
                "left": _side(entry.left),
                "right": _side(entry.right),
                "valid_range": _range(entry.valid_range),
            }
            for entry in found.constraints
        ],
        "coefficients": [
            {
                "variable": str(entry.variable),
                "coefficient": str(entry.coefficient),
                "left": _side(entry.left),
                "right": _side(entry.right),
                "valid_range": _range(entry.valid_range),
            }
            for entry in found.coefficients
        ],
        "envelope": _envelope(found.envelope),
        "statics": None if found.statics is None else _statics(found.statics),
        "regions": [
            {
                "relations": [str(relation) for relation in entry.region.relations],
                "value": str(entry.region.value),
                "shadow_prices": {str(s): str(price) for s, price in (entry.region.shadow_prices or {}).items()},
                "envelope": _envelope(entry.envelope),
            }
            for entry in found.regions
        ],
    }


def _envelope(entries: tuple[Envelope, ...]) -> list[dict[str, Any]]:
    return [
        {
            "parameter": str(entry.parameter),
            "value_derivative": str(entry.value_derivative),
            "lagrangian_derivative": str(entry.lagrangian_derivative),
            "agrees": entry.agrees,
        }
        for entry in entries
    ]


def _side(side: OneSided) -> dict[str, Any]:
    return {
        "kind": side.kind.value,
        "value": _text(side.value),
        "price": _text(side.price),
        "reach": _text(side.reach),
        "reason": side.reason or None,
    }


def _range(increments: tuple[Expr, Expr] | None) -> list[str] | None:
    return None if increments is None else [str(end) for end in increments]


def _statics(statics: ComparativeStatics) -> dict[str, Any]:
    points: dict[str, dict[str, str]] = {}
    for (variable, parameter), value in statics.points.items():
        points.setdefault(str(variable), {})[str(parameter)] = str(value)
    multipliers: dict[str, dict[str, str]] = {}
    for (relation, parameter), value in statics.multipliers.items():
        multipliers.setdefault(str(relation), {})[str(parameter)] = str(value)
    return {
        "at": {str(parameter): str(value) for parameter, value in statics.at.items()},
        "points": points,
        "multipliers": multipliers,
        "value": {str(parameter): str(value) for parameter, value in statics.values.items()},
        "reason": statics.reason or None,
    }


def _text(value: Expr | None) -> str | None:
    return None if value is None else str(value)
