"""What can be in a picture: lines, words at places, and tables of numbers as colors, each with a role that says what it means.

How a role looks, ``drawing`` decides. ``shade`` numbers things of one role that have to be told apart.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only


class Role(Enum):
    """What something in a picture means."""

    RECENT = "loss of the latest blocks"
    EPOCH = "mean loss of an epoch"
    HELD_OUT = "loss of held-out text"
    ASKED = "word that was asked for"
    NEIGHBOR = "neighbor"
    NEARNESS = "line from a word to its neighbor"
    SIMILARITY = "cosines"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Points in a row, float64 [points, 2], read-only."""

    points: NDArray[np.float64]
    label: str
    role: Role
    shade: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", read_only(self.points, np.float64).reshape(-1, 2))


@dataclass(frozen=True, slots=True)
class Named:
    """A word at its place."""

    word: str
    place: tuple[float, float]
    role: Role
    shade: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A number for each pair of words, float64 [words, words], read-only."""

    words: tuple[str, ...]
    values: NDArray[np.float64]
    role: Role

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.values, np.float64))


Item: TypeAlias = Line | Named | Heat


@dataclass(frozen=True, slots=True)
class Panel:
    """A pair of axes, with what stands on them, and what is drawn; ``is_equal`` gives both the same unit."""

    axes: tuple[str, str]
    items: tuple[Item, ...]
    is_equal: bool = False

    def of(self, role: Role) -> tuple[Any, ...]:
        """What is drawn in this role."""
        return tuple(item for item in self.items if item.role is role)
