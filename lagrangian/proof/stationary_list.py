"""The certificate of a complete list: all stationary points of a smooth function on a box, each in a tiny box of its own."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from lagrangian.algebra.interval_arrays import Array, Ends
from lagrangian.conditions.box_tree import Node, Tree, exact_float, split_boxes
from lagrangian.conditions.interval_model import Boxes, IntervalModel, interval_model
from lagrangian.conditions.interval_rules import narrowed
from lagrangian.conditions.stationary_faces import (
    Face,
    Isolated,
    box_of,
    faces_of,
    is_candidate,
    is_smooth_on_a_box,
    value_on,
)
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim

LEAVES = (Node.EMPTY, Node.EXACT)


@dataclass(frozen=True, eq=False)
class FaceEvidence:
    """The zeros of a face's system, and a tree of boxes: each leaf holds no zero, or is inside the surroundings of one."""

    tree: Tree
    zeros: tuple[Isolated, ...]

    def verify(self, face: Face) -> Truth:
        model, tree = face.model, self.tree
        if model is None:
            return False
        if not tree.is_well_formed(len(self.zeros)) or not all(zero.holds(model) for zero in self.zeros):
            return None
        boxes, visited = model.region, 0
        nodes: NDArray[np.int64] = np.zeros(1, dtype=np.int64)
        while len(nodes):
            visited += len(nodes)
            following = self._children(model, boxes, nodes)
            if visited > len(tree.kinds) or following is None:
                return None
            boxes, nodes = following
        return True

    def _children(
        self, model: IntervalModel, boxes: Boxes, nodes: NDArray[np.int64]
    ) -> tuple[Boxes, NDArray[np.int64]] | None:
        tree = self.tree
        kinds = tree.kinds[nodes]
        if not np.isin(kinds, (Node.SPLIT, Node.NARROWED, *LEAVES)).all():
            return None
        near = np.flatnonzero(kinds == Node.EXACT)
        for place in near:
            zero = self.zeros[tree.references[int(nodes[place])]]
            if not zero.surrounds(boxes.take(np.array([place])))[0]:
                return None
        smaller = self._smaller(model, boxes, nodes)
        split = np.flatnonzero(kinds == Node.SPLIT)
        halves = split_boxes(model, boxes.take(split), tree.variable[nodes[split]], tree.point[nodes[split]])
        if smaller is None or halves is None:
            return None
        parts = [*halves, smaller]
        first = tree.children[nodes[split]]
        joined = Boxes(*(np.concatenate([getattr(b, name) for b in parts]) for name in ("low", "high", "held")))
        return joined, np.concatenate([first, first + 1, tree.children[nodes[kinds == Node.NARROWED]]])

    def _smaller(self, model: IntervalModel, boxes: Boxes, nodes: NDArray[np.int64]) -> Boxes | None:
        """The boxes that narrowed ones are replaced by; None if a zero may be left out, or the slopes may be undefined."""
        tree = self.tree
        kinds = tree.kinds[nodes]
        places = np.flatnonzero((kinds == Node.NARROWED) | (kinds == Node.EMPTY))
        whole = boxes.take(places)
        lines = [model.objective, *model.inequalities, *model.equalities]
        if model.program.evaluate(lines, (whole.low, whole.high), Ends.PROVED).partial.any():
            return None
        inside, empty = narrowed(model, whole, np.full(len(whole), np.inf), Ends.PROVED)
        is_leaf = kinds[places] == Node.EMPTY
        rest = nodes[places[~is_leaf]].tolist()
        if not empty[is_leaf].all() or any(node not in tree.boxes for node in rest):
            return None
        outer = whole.take(np.flatnonzero(~is_leaf))
        if not rest:
            return outer
        low = np.maximum(np.array([tree.boxes[node][0] for node in rest]), outer.low)
        high = np.minimum(np.array([tree.boxes[node][1] for node in rest]), outer.high)
        kept = ((low <= inside.low[~is_leaf]) & (inside.high[~is_leaf] <= high)).all(axis=1) | empty[~is_leaf]
        return Boxes(low, high, outer.held) if kept.all() and (low <= high).all() else None


@dataclass(frozen=True, eq=False)
class StationaryListCertificate(Certificate):
    """Global optimality of the best candidates on a box: the list of candidates is complete, and a minimum exists.

    ``faces`` has the evidence for each face in the order of `faces_of`, None for corners. The optimum lies between ``lower``
    and ``upper``; where several candidates' values cannot be told apart, each may be an optimum.
    """

    problem: CanonicalProblem
    faces: tuple[FaceEvidence | None, ...]

    kind = "complete enumeration in a box"
    claim = Claim.GLOBAL_OPTIMUM

    @cached_property
    def model(self) -> IntervalModel:
        return interval_model(self.problem)

    @cached_property
    def candidates(self) -> tuple[tuple[Face, Array, Array, tuple[float, float]], ...]:
        """The faces, boxes (low, high) and values of all candidates, the best first."""
        found = []
        for face, evidence in zip(faces_of(self.model) or (), self.faces, strict=False):
            for zero in evidence.zeros if evidence is not None else (None,):
                low, high = box_of(self.model, face, zero)
                if is_candidate(self.model, face, low, high) is False:
                    continue
                found.append((face, low, high, value_on(self.model, low, high)))
        return tuple(sorted(found, key=lambda entry: entry[3]))

    @property
    def best(self) -> tuple[tuple[Face, Array, Array, tuple[float, float]], ...]:
        """The candidates that may be optima."""
        limit = min(value[1] for *_, value in self.candidates)
        return tuple(entry for entry in self.candidates if entry[3][0] <= limit)

    @property
    def lower(self) -> Expr:
        return exact_float(min(value[0] for *_, value in self.candidates))

    @property
    def upper(self) -> Expr:
        return exact_float(min(value[1] for *_, value in self.candidates))

    def verify(self) -> Truth:
        if not is_smooth_on_a_box(self.problem):
            return False
        faces = faces_of(self.model)
        if faces is None or len(faces) != len(self.faces):
            return None
        for face, evidence in zip(faces, self.faces, strict=True):
            if (evidence is None) != (face.model is None):
                return False
            if evidence is None and is_candidate(self.model, face, *box_of(self.model, face, None)) is None:
                return None
            if evidence is not None and evidence.verify(face) is not True:
                return None
        return all(np.isfinite(value).all() for *_, value in self.candidates) and bool(self.candidates)

    def explanation(self) -> tuple[str, ...]:
        count, ties = len(self.candidates), len(self.best)
        leaves = sum(evidence.tree.leaf_count for evidence in self.faces if evidence is not None)
        return (
            f"The box has {len(self.faces)} faces, itself among them. On each, the points without a slope along it, and without "
            f"a slope across it that points inward, are enclosed: {leaves} boxes hold none, or lie around a known one at which "
            "the interval Newton method shows that there is one and no other.",
            f"A continuous function on a box has a least value, at one of these {count} points."
            + (
                " One of them is better than all others."
                if ties == 1
                else f" {ties} of them cannot be told apart in value."
            ),
        )
