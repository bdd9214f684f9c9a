"""Interval branch and bound: boxes are split until a rule settles each, many at a time.

The rules are those of `lagrangian.proof.interval_rules`; here their ends are fast ones, so what is found is checked afterwards.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.algebra.interval_arrays import Array, Ends
from lagrangian.candidates.box_relaxations import (
    INTEGRAL,
    Relaxation,
    RelaxedProblem,
    candidates_near,
    relaxations,
    relaxed_problem,
)
from lagrangian.candidates.growing_trees import Growing, cut_boxes, joined, narrow
from lagrangian.conditions.box_tree import Node, Tree, exact_leaf_holds, exact_signs
from lagrangian.conditions.interval_lagrangian import Expansions, expansions, lagrangian_bound
from lagrangian.conditions.interval_model import Boxes, IntervalModel, middle
from lagrangian.conditions.interval_rules import (
    Judged,
    convex_bound,
    curvature_is_positive,
    faces,
    is_unbounded,
    judge,
)

# how many boxes are treated at a time, and how many nodes a tree may have
CHUNK = 1024
MOST_NODES = 400_000
# the widest box, in the number of variables, whose curvature is looked at
MOST_CURVED = 12
NEWTON_STEPS = 12
# what is tried to make Lagrangians convex: (alpha by the size of the multipliers, penalties by their usual size); alpha is below
# zero where a box is unbounded or a multiplier is not quite right, above zero where second derivatives are only semidefinite
CONVEXIFICATIONS = (
    *((0.0, 0.0), (-0.1, 0.0), (-1e-4, 0.0), (1e-10, 0.0), (1e-7, 0.0)),
    *((0.0, 1.0), (-1e-3, 10.0), (0.0, 100.0), (-1e-3, 1000.0)),
)


@dataclass(frozen=True, eq=False)
class Found:
    """How a search ended: with a tree, or with a point whose value is below the threshold, or with neither."""

    tree: Tree | None = None
    point: Array | None = None


def search_boxes(
    model: IntervalModel,
    threshold: float,
    deadline: float,
    exact_points: Sequence[dict[Symbol, Expr]] = (),
    improvement: float = -np.inf,
    near: Array | None = None,
    ceiling: float = -np.inf,
) -> Found:
    """Settle the whole region against a threshold, or find a point below ``improvement``.

    Args:
        model: what to search.
        threshold: the bound to prove; infinity where nothing is thought to be feasible.
        deadline: in the seconds of time.monotonic().
        exact_points: points in closed form around which F is convex, that lie at or below the threshold.
        improvement: the search stops at a feasible point with a value below this.
        near: a point that is about least, if one is known.
        ceiling: what to show of boxes that are unbounded, or on which some function may be undefined.
    """
    growing = Growing()
    signs = [exact_signs(model, point) for point in exact_points]
    known = [(point, bend) for point, bend in zip(exact_points, signs, strict=True) if bend is not None]
    if len(known) < len(exact_points):
        return Found()
    relaxed = relaxed_problem(model) if not model.is_box or model.integers.any() else None
    stack = [(model.region, growing.add(1))]
    while stack:
        if time.monotonic() > deadline or len(growing.kinds) > MOST_NODES:
            return Found()
        boxes, nodes = _take(stack)
        judged = judge(model, boxes, Ends.FAST, max(threshold, ceiling))
        limits = np.where(judged.partial | is_unbounded(boxes), max(threshold, ceiling), threshold)
        open_ = np.flatnonzero(~(judged.bound >= limits))
        if not len(open_):
            continue
        boxes, nodes, judged = boxes.take(open_), nodes[open_], _judged(judged, open_)
        better = _better_point(model, boxes, improvement)
        if better is not None:
            return Found(point=better)
        limits = limits[open_]
        smaller, left = narrow(model, boxes, nodes, growing, limits)
        if smaller is not None:
            stack.append(smaller)
        boxes, nodes, judged, limits = boxes.take(left), nodes[left], _judged(judged, left), limits[left]
        if not len(nodes):
            continue
        left = _settle_by_curvature(model, boxes, nodes, judged, growing, threshold, known)
        limits = limits[left]
        boxes, nodes, judged = boxes.take(left), nodes[left], _judged(judged, left)
        cuts: dict[int, tuple[int, float]] = {}
        if relaxed is not None and len(nodes):
            found = relaxations(model, relaxed, boxes, near, deadline)
            left = _settle_by_multipliers(model, boxes, nodes, found, growing, limits)
            better = _feasible_below(model, relaxed, found, boxes, improvement)
            if better is not None:
                return Found(point=better)
            cuts = _fractional_cuts(model, found, nodes)
            boxes, nodes, judged = boxes.take(left), nodes[left], _judged(judged, left)
        faced = np.flatnonzero((judged.face != 0) & judged.inactive & (len(model.equalities) == 0))
        if len(faced):
            stack.append(_replace_by_faces(model, boxes.take(faced), nodes[faced], judged.face[faced], growing))
        rest = np.setdiff1d(np.arange(len(nodes)), faced)
        if len(rest):
            halves = _split(model, boxes.take(rest), nodes[rest], _judged(judged, rest), growing, cuts)
            if halves is None:
                return Found()
            stack.append(halves)
    return Found(growing.tree())


def _take(stack: list[tuple[Boxes, NDArray[np.int64]]]) -> tuple[Boxes, NDArray[np.int64]]:
    """The next boxes, the latest first, at most CHUNK of them."""
    taken: list[tuple[Boxes, NDArray[np.int64]]] = []
    room = CHUNK
    while stack and room:
        boxes, nodes = stack.pop()
        if len(nodes) > room:
            stack.append((boxes.take(np.arange(len(nodes) - room)), nodes[: len(nodes) - room]))
            boxes, nodes = boxes.take(np.arange(len(nodes) - room, len(nodes))), nodes[len(nodes) - room :]
        taken.append((boxes, nodes))
        room -= len(nodes)
    return joined([boxes for boxes, _ in taken]), np.concatenate([nodes for _, nodes in taken])


def _judged(judged: Judged, places: NDArray) -> Judged:
    return Judged(
        judged.bound[places],
        judged.face[places],
        (judged.slopes[0][places], judged.slopes[1][places]),
        judged.smooth[places],
        judged.inactive[places],
        judged.partial[places],
    )


def _better_point(model: IntervalModel, boxes: Boxes, improvement: float) -> Array | None:
    """The best middle of a box, if it is feasible and below ``improvement``."""
    points = np.clip(middle(boxes), model.low_ends[1], model.high_ends[0])
    points = np.where(model.integers, np.floor(points), points)
    found = model.program.evaluate(
        [model.objective, *model.inequalities, *model.equalities], (points, points), Ends.FAST
    )
    feasible = ~found.partial
    m = len(model.inequalities)
    for _, high in found.intervals[1 : 1 + m]:
        feasible &= high <= 0
    if model.equalities:
        return None
    values = np.where(feasible, found.intervals[0][1], np.inf)
    best = int(np.argmin(values))
    return points[best] if values[best] < improvement else None


def _settle_by_curvature(
    model: IntervalModel,
    boxes: Boxes,
    nodes: NDArray[np.int64],
    judged: Judged,
    growing: Growing,
    threshold: float,
    known: Sequence[tuple[dict[Symbol, Expr], NDArray[np.int64]]],
) -> NDArray[np.int64]:
    """Settle boxes where F is convex; the places of those that are left."""
    everything = np.arange(len(nodes))
    if not model.is_box or model.dimension > MOST_CURVED:
        return everything
    bounded = (np.isfinite(boxes.low) & np.isfinite(boxes.high)).all(axis=1)
    curved = np.flatnonzero(judged.smooth & bounded)
    if len(curved):
        curved = curved[curvature_is_positive(model, boxes.take(curved), Ends.FAST)]
    if not len(curved):
        return everything
    inner = boxes.take(curved)
    centers = _least_points(model, inner)
    settled = convex_bound(model, inner, centers, Ends.FAST) >= threshold
    for place, center in zip(curved[settled], centers[settled], strict=True):
        growing.kinds[nodes[place]] = int(Node.CONVEX)
        growing.centers[int(nodes[place])] = center
    done = set(curved[settled].tolist())
    for place in curved[~settled]:
        box = boxes.take(np.array([place]))
        for number, (point, bend) in enumerate(known):
            if exact_leaf_holds(model, box, point, bend, Ends.FAST):
                growing.kinds[nodes[place]] = int(Node.EXACT)
                growing.references[int(nodes[place])] = number
                done.add(int(place))
                break
    return np.array([place for place in everything if place not in done], dtype=np.int64)


def _least_points(model: IntervalModel, boxes: Boxes) -> Array:
    """Where convex functions on boxes are about least: Newton's method projected onto the boxes."""
    n = model.dimension
    points = middle(boxes)
    gradient, hessian = model.gradient(model.objective), model.hessian(model.objective)
    pairs = [(i, j) for i in range(n) for j in range(i + 1)]
    for _ in range(NEWTON_STEPS):
        found = model.program.evaluate([*gradient, *hessian], (points, points), Ends.FAST)
        values = [0.5 * (low + high) for low, high in found.intervals]
        slope = np.nan_to_num(np.stack(values[:n], axis=1))
        matrix = np.zeros((len(points), n, n))
        for (i, j), value in zip(pairs, values[n:], strict=True):
            matrix[:, i, j] = matrix[:, j, i] = np.nan_to_num(value)
        stuck = boxes.held | ((points <= boxes.low) & (slope > 0)) | ((points >= boxes.high) & (slope < 0))
        slope = np.where(stuck, 0.0, slope)
        matrix = np.where(stuck[:, :, None] | stuck[:, None, :], 0.0, matrix)
        matrix[:, np.arange(n), np.arange(n)] = np.where(stuck, 1.0, matrix[:, np.arange(n), np.arange(n)])
        try:
            step = np.linalg.solve(matrix, slope[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            break
        points = np.clip(points - step, boxes.low, boxes.high)
    return points


def _settle_by_multipliers(
    model: IntervalModel,
    boxes: Boxes,
    nodes: NDArray[np.int64],
    found: Sequence[Relaxation],
    growing: Growing,
    limits: Array,
) -> NDArray[np.int64]:
    """Settle boxes by the multipliers of their relaxations; the places of those that are left."""
    if not found:
        return np.arange(len(nodes))
    everything = expansions(
        model, boxes.take(np.array([r.place for r in found])), np.array([r.point for r in found]), Ends.FAST
    )
    weights = np.array([r.weights for r in found])
    scales = _penalty_scales(everything, weights)
    open_ = np.arange(len(found))
    for share, strength in CONVEXIFICATIONS:
        if not len(open_) or (strength and not scales.any()):
            continue
        own = weights[open_]
        shifts = share * (1.0 + np.abs(own).max(axis=1, initial=0.0))
        penalties = strength * scales[open_]
        bound = lagrangian_bound(model, everything.take(open_), own, penalties, shifts)
        settled = bound >= limits[[found[k].place for k in open_.tolist()]]
        for k in np.flatnonzero(settled).tolist():
            relaxation = found[int(open_[k])]
            node = int(nodes[relaxation.place])
            growing.kinds[node] = int(Node.LAGRANGIAN)
            growing.centers[node] = relaxation.point
            growing.weights[node] = np.concatenate([own[k], penalties[k], [shifts[k]]])
        open_ = open_[~settled]
    kept = np.ones(len(nodes), dtype=bool)
    kept[[r.place for r in found]] = False
    kept[[found[k].place for k in open_.tolist()]] = True
    return np.flatnonzero(kept)


def _penalty_scales(found: Expansions, weights: Array) -> Array:
    """Penalties of about the size of L'' by |g'|^2, for equations and the inequalities with multipliers; of shape (N, m + p)."""
    with np.errstate(all="ignore"):
        middles = 0.5 * (found.curvature[0] + found.curvature[1])
        bent = middles[0] + (weights.T[:, None] * middles[1:]).sum(axis=0)
        steep = (0.5 * (found.slopes[0][1:] + found.slopes[1][1:]) ** 2).sum(axis=1)
        scales = np.abs(bent).max(axis=0, initial=0.0) / steep
    scales = np.where(np.isfinite(scales) & (weights.T != 0), scales, 0.0)
    return scales.T


def _feasible_below(
    model: IntervalModel, relaxed: RelaxedProblem, found: Sequence[Relaxation], boxes: Boxes, improvement: float
) -> Array | None:
    """A point near a relaxation's that is feasible and below ``improvement``, as far as fast ends tell."""
    if improvement == -np.inf or model.equalities:
        return None
    for relaxation in found:
        if relaxation.value >= improvement:
            continue
        low, high = boxes.low[relaxation.place], boxes.high[relaxation.place]
        for point in candidates_near(model, relaxed, relaxation, low, high):
            inside = np.clip(point, model.low_ends[1], model.high_ends[0])
            lines = [model.objective, *model.inequalities]
            values = model.program.evaluate(lines, (inside[None], inside[None]), Ends.FAST)
            feasible = not values.partial[0] and all(high[0] <= 0 for _, high in values.intervals[1:])
            if feasible and values.intervals[0][1][0] < improvement:
                return inside
    return None


def _fractional_cuts(
    model: IntervalModel, found: Sequence[Relaxation], nodes: NDArray[np.int64]
) -> dict[int, tuple[int, float]]:
    """By node, the integer variable that is farthest from an integer where the relaxation is least, and where it is."""
    cuts = {}
    for relaxation in found:
        distance = np.where(model.integers, np.abs(relaxation.point - np.rint(relaxation.point)), 0.0)
        variable = int(np.argmax(distance))
        if distance[variable] > INTEGRAL:
            cuts[int(nodes[relaxation.place])] = (variable, float(np.floor(relaxation.point[variable])))
    return cuts


def _replace_by_faces(
    model: IntervalModel, boxes: Boxes, nodes: NDArray[np.int64], face: NDArray[np.int64], growing: Growing
) -> tuple[Boxes, NDArray[np.int64]]:
    children = growing.add(len(nodes))
    for node, child, side in zip(nodes.tolist(), children.tolist(), face.tolist(), strict=True):
        growing.kinds[node], growing.children[node], growing.variable[node] = int(Node.FACE), child, side
    return faces(model, boxes, face), children


def _split(
    model: IntervalModel,
    boxes: Boxes,
    nodes: NDArray[np.int64],
    judged: Judged,
    growing: Growing,
    cuts: dict[int, tuple[int, float]],
) -> tuple[Boxes, NDArray[np.int64]] | None:
    """Both halves of every box; None where one is too narrow to be cut."""
    return cut_boxes(model, boxes, nodes, growing, _widest(model, boxes, judged), cuts)


def _widest(model: IntervalModel, boxes: Boxes, judged: Judged) -> NDArray[np.int64]:
    """The variable along which F may change most; where slopes are not known, the widest by the region's widths."""
    width = np.where(boxes.held, 0.0, boxes.high - boxes.low)
    steep = np.maximum(np.abs(judged.slopes[0]), np.abs(judged.slopes[1]))
    whole = model.high_ends[1] - model.low_ends[0]
    share = np.where(
        np.isinf(whole),
        np.where(np.isinf(width), np.inf, width),
        width / np.where(np.isinf(whole), 1.0, np.maximum(whole, 1e-300)),
    )
    with np.errstate(invalid="ignore"):
        change = np.nan_to_num(width * steep, nan=0.0, posinf=np.inf)
    usable = judged.smooth & np.isfinite(change).all(axis=1) & (change > 0).any(axis=1) & np.isfinite(width).all(axis=1)
    return np.where(usable, np.argmax(change, axis=1), np.argmax(share, axis=1))
