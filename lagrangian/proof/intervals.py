"""A certificate by interval branch and bound: a tree of boxes that covers the region, and a rule for every leaf."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Ends, float_interval
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.box_tree import Node, Tree, exact_float, exact_leaf_holds, exact_signs, split_boxes
from lagrangian.conditions.domains import is_defined
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.interval_lagrangian import expansions, lagrangian_bound
from lagrangian.conditions.interval_model import Boxes, IntervalModel, interval_model
from lagrangian.conditions.interval_rules import (
    convex_bound,
    curvature_is_positive,
    face_holds,
    faces,
    is_unbounded,
    judge,
    narrowed,
)
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.domain_changes import have_same_domain
from lagrangian.proof.certificate import Certificate, Claim

CHUNK = 4096


@dataclass(frozen=True, eq=False)
class BoxProof:
    """No feasible point has an objective below ``threshold`` and below the values at all of ``exact_points``.

    These are stationary points in closed form. With a threshold of +oo there is no feasible point at all.
    """

    problem: CanonicalProblem
    threshold: float
    tree: Tree
    exact_points: tuple[dict[Symbol, Expr], ...] = ()

    @cached_property
    def model(self) -> IntervalModel:
        return interval_model(self.problem)

    def verify(self, ceiling: float = -np.inf) -> Truth:
        """Go down the tree, level by level, and check the rule of every leaf with proved ends.

        Leaves that are unbounded, or on which some function may be undefined, must also lie at or above the ``ceiling``. Where
        that is the value at a feasible point, the others hold a least value: a continuous function on a compact set has one.
        """
        model, tree = self.model, self.tree
        if not tree.is_well_formed(len(self.exact_points)):
            return False
        bends = [exact_signs(model, point) for point in self.exact_points]
        if any(bend is None for bend in bends):
            return None
        boxes, nodes = model.region, np.zeros(1, dtype=np.int64)
        visited = 0
        while len(nodes):
            visited += len(nodes)
            if visited > len(tree.kinds):
                return False
            next_boxes, next_nodes = [], []
            for start in range(0, len(nodes), CHUNK):
                chunk = slice(start, start + CHUNK)
                children = self._check(boxes.take(np.arange(len(nodes))[chunk]), nodes[chunk], bends, ceiling)
                if children is None:
                    return None
                next_boxes.append(children[0])
                next_nodes.append(children[1])
            boxes = Boxes(*(np.concatenate([getattr(b, name) for b in next_boxes]) for name in ("low", "high", "held")))
            nodes = np.concatenate(next_nodes)
        return True

    def _check(
        self, boxes: Boxes, nodes: NDArray[np.int64], bends: list[NDArray | None], ceiling: float
    ) -> tuple[Boxes, NDArray[np.int64]] | None:
        """The children of some nodes with their boxes; None if the rule of a leaf, or of a face, does not hold."""
        model, tree = self.model, self.tree
        kinds = tree.kinds[nodes]
        limits = np.where(is_unbounded(boxes), max(ceiling, self.threshold), self.threshold)
        settled = np.flatnonzero(kinds == Node.SETTLED)
        if len(settled):
            judged = judge(model, boxes.take(settled), Ends.PROVED, max(ceiling, self.threshold))
            least = np.where(judged.partial, max(ceiling, self.threshold), limits[settled])
            if not (judged.bound >= least).all():
                return None
        convex = np.flatnonzero(kinds == Node.CONVEX)
        if len(convex) and not self._convex_leaves_hold(boxes.take(convex), nodes[convex], limits[convex]):
            return None
        bounded = np.flatnonzero(kinds == Node.LAGRANGIAN)
        if len(bounded) and not self._lagrangian_leaves_hold(boxes.take(bounded), nodes[bounded], limits[bounded]):
            return None
        for place in np.flatnonzero(kinds == Node.EXACT):
            which = tree.references[int(nodes[place])]
            if not exact_leaf_holds(model, boxes.take(np.array([place])), self.exact_points[which], bends[which]):
                return None
        faced = np.flatnonzero(kinds == Node.FACE)
        sides = tree.variable[nodes[faced]]
        if len(faced) and not face_holds(model, boxes.take(faced), sides, Ends.PROVED).all():
            return None
        smaller = self._narrowed_boxes(boxes, nodes, limits, max(ceiling, self.threshold))
        if smaller is None:
            return None
        split = np.flatnonzero(kinds == Node.SPLIT)
        halves = split_boxes(model, boxes.take(split), tree.variable[nodes[split]], tree.point[nodes[split]])
        if halves is None:
            return None
        left, right = halves
        parts = [left, right, *([faces(model, boxes.take(faced), sides)] if len(faced) else []), smaller]
        children, inner = tree.children[nodes[split]], tree.children[nodes[kinds == Node.NARROWED]]
        joined = Boxes(*(np.concatenate([getattr(b, name) for b in parts]) for name in ("low", "high", "held")))
        return joined, np.concatenate([children, children + 1, tree.children[nodes[faced]], inner])

    def _narrowed_boxes(self, boxes: Boxes, nodes: NDArray[np.int64], limits: NDArray, whole: float) -> Boxes | None:
        """The smaller boxes of the nodes that have one; None if a point that matters may be left out."""
        model, tree = self.model, self.tree
        kinds = tree.kinds[nodes]
        places = np.flatnonzero((kinds == Node.NARROWED) | (kinds == Node.EMPTY))
        lines = [model.objective, *model.inequalities, *model.equalities]
        ends = boxes.low[places], boxes.high[places]
        undefined = model.program.evaluate(lines, ends, Ends.PROVED).partial
        least = np.where(undefined, whole, limits[places])
        inside, empty = narrowed(model, boxes.take(places), least, Ends.PROVED)
        is_leaf = kinds[places] == Node.EMPTY
        rest = places[~is_leaf]
        stored = [tree.boxes.get(int(node)) for node in nodes[rest]]
        if not empty[is_leaf].all() or any(b is None or b[0].shape != (model.dimension,) for b in stored):
            return None
        outer = boxes.take(rest)
        if not len(rest):
            return outer
        low = np.maximum(np.array([b[0] for b in stored if b is not None]), outer.low)
        high = np.minimum(np.array([b[1] for b in stored if b is not None]), outer.high)
        kept = ((low <= inside.low[~is_leaf]) & (inside.high[~is_leaf] <= high)).all(axis=1) | empty[~is_leaf]
        return Boxes(low, high, outer.held) if kept.all() and (low <= high).all() else None

    def _lagrangian_leaves_hold(self, boxes: Boxes, nodes: NDArray[np.int64], limits: NDArray) -> bool:
        tree, count = self.tree, len(self.model.inequalities) + len(self.model.equalities)
        places = nodes.tolist()
        if any(len(tree.weights.get(k, ())) != 2 * count + 1 or k not in tree.centers for k in places):
            return False
        weights, centers = np.array([tree.weights[k] for k in places]), np.array([tree.centers[k] for k in places])
        found = expansions(self.model, boxes, centers, Ends.PROVED)
        bound = lagrangian_bound(self.model, found, weights[:, :count], weights[:, count : 2 * count], weights[:, -1])
        return bool((bound >= limits).all())

    def _convex_leaves_hold(self, boxes: Boxes, nodes: NDArray[np.int64], limits: NDArray) -> bool:
        if not self.model.is_box or any(int(node) not in self.tree.centers for node in nodes):
            return False
        centers = np.array([self.tree.centers[int(node)] for node in nodes])
        inside = ((centers >= boxes.low) & (centers <= boxes.high) | boxes.held).all()
        bound = convex_bound(self.model, boxes, centers, Ends.PROVED)
        return bool(inside and (bound >= limits).all() and curvature_is_positive(self.model, boxes, Ends.PROVED).all())


def value_step(canonical: CanonicalProblem) -> Expr | None:
    """The least distance of two values of a polynomial at integer points; None where not all variables are integers.

    >>> n, m = sympy.symbols("n m", real=True)
    >>> value_step(CanonicalProblem(n**2 / 2 - m * n / 3, (), (), (n, m), (), (), frozenset({n, m})))
    1/6
    """
    if set(canonical.variables) != set(canonical.integers) or not canonical.objective.is_polynomial(
        *canonical.variables
    ):
        return None
    numbers = sympy.Poly(canonical.objective, *canonical.variables).coeffs()
    if not all(isinstance(number, sympy.Rational) for number in numbers):
        return None
    return sympy.Rational(1, int(sympy.ilcm(1, *(number.q for number in numbers))))


def enclosure_at(model: IntervalModel, line: int, point: dict[Symbol, Expr]) -> tuple[float, float]:
    """Two numbers between which a line's value at a point in closed form lies; infinities where it may be undefined.

    Numbers are not put into the expression: SymPy would factor the large integers of a power.
    """
    balls = [enclose(point[v]) for v in model.canonical.variables]
    if any(ball is None for ball in balls):
        return -np.inf, np.inf
    ends = np.array([float_interval(ball) for ball in balls if ball is not None]).T
    found = model.program.evaluate([line], (ends[:1], ends[1:]), Ends.PROVED)
    if found.partial[0]:
        return -np.inf, np.inf
    return float(found.intervals[0][0][0]), float(found.intervals[0][1][0])


def center_of(model: IntervalModel, enclosure: FeasibleEnclosure) -> dict[Symbol, Expr]:
    """The center of a box in fractions."""
    values = [exact_float(float(x)) for x in enclosure.center]
    return dict(zip(model.canonical.variables, values, strict=True))


def _is_defined_at(model: IntervalModel, line: int, function: Expr, point: dict[Symbol, Expr]) -> Truth:
    """Whether a function is a real number at a point, by its enclosure or part by part: sqrt(-1) sqrt(-1) is none."""
    return True if np.isfinite(enclosure_at(model, line, point)).all() else is_defined(function, point)


def is_feasible_exactly(model: IntervalModel, point: dict[Symbol, Expr]) -> Truth:
    """Whether a point in closed form satisfies all constraints, integrality among them, and all functions are defined there."""
    canonical = model.canonical
    lines = dict(zip(model.general_inequalities, model.inequalities, strict=True))
    checks: list[Truth] = [point[v].is_integer for v in canonical.variables if v in canonical.integers]
    equations = zip(model.equalities, canonical.equalities, strict=True)
    functions = [(model.objective, canonical.objective), *((line, g.expression) for g, line in lines.items())]
    functions += [(line, h.expression) for line, h in equations]
    checks += [_is_defined_at(model, line, function, point) for line, function in functions]
    for g in canonical.inequalities:
        if g in lines and enclosure_at(model, lines[g], point)[1] < 0:
            continue
        checks.append((is_positive if g.strict else is_nonnegative)(-g.expression.xreplace(point)))
    checks += [is_zero(h.expression.xreplace(point)) for h in canonical.equalities]
    return all3(checks)


@dataclass(frozen=True, eq=False)
class IntervalCertificate(Certificate):
    """Global optimality, or infeasibility, by boxes; the problem is a sum of ``parts`` in different variables.

    ``points`` are feasible points in closed form, or in fractions, one a part. ``is_exact`` says that their value is the
    optimum; otherwise it lies in [lower, upper], of which upper encloses their value from above. Where ``enclosures`` has a box
    for a part, its point is only the box's center, and the feasible point is somewhere in the box.
    """

    problem: CanonicalProblem
    parts: tuple[BoxProof, ...]
    points: tuple[dict[Symbol, Expr], ...]
    is_exact: bool = False
    enclosures: tuple[FeasibleEnclosure | None, ...] = ()

    kind = "interval branch and bound"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.GLOBAL_OPTIMUM if self.points else Claim.INFEASIBLE

    @property
    def value(self) -> Expr:
        """The objective at the points."""
        return sympy.Add(*(p.problem.objective.xreplace(x) for p, x in zip(self.parts, self.points, strict=True)))

    @property
    def lower(self) -> Expr:
        """A number below which the objective never is."""
        return sympy.Add(*(exact_float(part.threshold) for part in self.parts))

    @property
    def upper(self) -> Expr | None:
        """A fraction that the value at the points does not exceed; None without points, or where it cannot be enclosed."""
        highs = [self._value_at(place)[1] for place in range(min(len(self.parts), len(self.points)))]
        if not highs or not np.isfinite(highs).all():
            return None
        return sympy.Add(*(exact_float(high) for high in highs))

    def verify(self) -> Truth:
        if not is_sum_of(self.problem, [part.problem for part in self.parts]):
            return False
        if not self.points:
            # a leaf at an exact point says that nothing is below the value there, and not that nothing is there
            empty = (p.threshold == np.inf and not p.exact_points and p.verify() is True for p in self.parts)
            return True if any(empty) else None
        if len(self.points) != len(self.parts) or (self.enclosures and len(self.enclosures) != len(self.parts)):
            return False
        checks: list[Truth] = [self._is_feasible(place) for place in range(len(self.parts))]
        checks += [self._bounds_hold(place) for place in range(len(self.parts))]
        if all3(checks) is not True:
            return all3(checks)
        if self.is_exact:  # the points attain the value
            return all3(part.verify() for part in self.parts)
        if any(g.strict for g in self.problem.inequalities):  # the feasible set need not be closed
            return None
        return all3(part.verify(self._value_at(place)[1]) for place, part in enumerate(self.parts))

    def _enclosure(self, place: int) -> FeasibleEnclosure | None:
        return self.enclosures[place] if self.enclosures else None

    def _is_feasible(self, place: int) -> Truth:
        model, enclosure = self.parts[place].model, self._enclosure(place)
        if enclosure is None:
            return is_feasible_exactly(model, self.points[place])
        # a box has no exact value, and its center is what is shown
        same = self.points[place] == center_of(model, enclosure)
        return same and not self.is_exact and enclosure.holds(model)

    def _value_at(self, place: int) -> tuple[float, float]:
        model, enclosure = self.parts[place].model, self._enclosure(place)
        return (
            enclosure_at(model, model.objective, self.points[place])
            if enclosure is None
            else enclosure.objective(model)
        )

    def _bounds_hold(self, place: int) -> Truth:
        """What a part's boxes are compared with: for an exact value, nothing below it; for an enclosed one, the threshold."""
        part, point = self.parts[place], self.points[place]
        if not np.isfinite(part.threshold):
            return False
        threshold = exact_float(part.threshold)
        step = value_step(part.problem)
        if self.is_exact and step is not None and not part.exact_points:
            # no value lies between two neighbours of the lattice
            return is_positive(threshold - part.problem.objective.xreplace(point) + step)
        if not self.is_exact and np.isinf(self._value_at(place)[1]):
            return None
        limit = part.problem.objective.xreplace(point) if self.is_exact else threshold
        known = [part.problem.objective.xreplace(p) for p in part.exact_points]
        return all3(is_nonnegative(value - limit) for value in (threshold, *known))

    def explanation(self) -> tuple[str, ...]:
        leaves = sum(part.tree.leaf_count for part in self.parts)
        lines = []
        if len(self.parts) > 1:
            lines.append(
                f"The objective is a sum of {len(self.parts)} functions of different variables; each is treated alone."
            )
        lines.append(
            f"The region is covered by {leaves} boxes. On each, interval arithmetic with outward rounding shows that no "
            + ("point is feasible." if not self.points else "feasible point is better than the value claimed.")
        )
        if self.points and self.is_exact:
            lines.append("The points stated are feasible and have this value exactly: it is the optimum.")
        if self.points and not self.is_exact and self.upper is not None:
            lines.append(
                f"So the optimal value, of the problem written as a minimization, lies between {float(self.lower):.15g} and "
                f"{float(self.upper):.15g}, the value at a feasible point."
            )
        if any(enclosure is not None for enclosure in self.enclosures):
            lines.append(
                "That point lies in a box in which the constraints that hold as equations have a common zero, by Krawczyk's test."
            )
        return tuple(lines)


def is_sum_of(whole: CanonicalProblem, parts: list[CanonicalProblem]) -> bool:
    """Whether the parts share no variable, their objectives sum to the whole one, and every constraint is in one part."""
    variables = [v for part in parts for v in part.variables]
    if sorted(map(str, variables)) != sorted(map(str, whole.variables)) or set(variables) != set(whole.variables):
        return False
    functions = [(f, part) for part in parts for f in part.functions]
    if any(not f.free_symbols <= set(part.variables) for f, part in functions):
        return False
    if whole.parameters or any(part.integers != whole.integers & set(part.variables) for part in parts):
        return False
    if set(whole.inequalities) != {g for part in parts for g in part.inequalities}:
        return False
    if set(whole.equalities) != {h for part in parts for h in part.equalities}:
        return False
    if len(parts) == 1:
        return parts[0].objective == whole.objective
    objectives = [part.objective for part in parts]
    same = sympy.expand(sympy.Add(*objectives) - whole.objective) == 0
    return same and have_same_domain(objectives, [whole.objective], whole)
