"""A certificate about a problem in new variables carried over to the problem stated in the old ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy
from sympy import Expr

from lagrangian.algebra.signs import is_positive
from lagrangian.changes.change import Change
from lagrangian.changes.reduction import Reduction, inequality_of, reduction
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.proof.about import is_about, is_same_problem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, eq=False)
class ChangeCertificate(Certificate):
    """What is proved of the reduced problem holds of the stated one: they take the same values on the same points.

    The reduced problem is built again, and each of its functions, with the new variables written as functions of the old ones, is
    shown to be the stated function, up to a positive factor (and a constant, for the objective).
    """

    problem: CanonicalProblem
    inner_problem: CanonicalProblem
    inner: Certificate

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.inner.kind

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return self.inner.claim

    @cached_property
    def reduced(self) -> Reduction | None:
        return reduction(self.problem)

    def verify(self) -> Truth:
        if self.reduced is None or not is_same_problem(self.reduced.canonical, self.inner_problem):
            return False
        about = is_about(self.inner, self.inner_problem)
        return all3([about, is_positive(self.reduced.scale), *self._identities(self.reduced), self.inner.verified])

    def _identities(self, reduced: Reduction) -> list[Truth]:
        objective = reduced.scale * self.inner_problem.objective + reduced.offset
        checks: list[Truth] = [_agree(objective, self.problem.objective, reduced.changes)]
        stated: list[Inequality | Equality] = [*self.problem.inequalities, *self.problem.equalities]
        for constraint, (relation, factor) in zip(stated, reduced.counterparts, strict=True):
            if relation is None or factor is None:
                continue  # a bound on a variable that is changed: the change itself says what becomes of it
            own = (
                relation.lhs - relation.rhs if isinstance(constraint, Equality) else inequality_of(relation).expression
            )
            checks += [is_positive(factor), _agree(factor * own, constraint.expression, reduced.changes)]
        return checks

    def explanation(self) -> tuple[str, ...]:
        if self.reduced is None:
            return self.inner.explanation()
        changes = changes_text(self.reduced.changes)
        return (f"With {changes} the problem becomes", *_statement(self.reduced), *self.inner.explanation())


def _agree(reduced: Expr, stated: Expr, changes: Sequence[Change]) -> Truth:
    """Whether a function of the new variables is the stated one: True, or None where SymPy does not see it."""
    for change in reversed(changes):
        reduced = reduced.xreplace(change.stated_in_old())
    return True if vanishes(reduced - stated) else None


def vanishes(difference: Expr) -> bool:
    """Whether an expression is zero identically, seen by expanding it in exponentials, or by simplification.

    >>> x = sympy.Symbol("x", real=True)
    >>> vanishes(sympy.cos(3 * x) - 4 * sympy.cos(x) ** 3 + 3 * sympy.cos(x))
    True
    """
    if sympy.expand(difference) == 0:
        return True
    positive = {symbol: sympy.Dummy(symbol.name, positive=True) for symbol in difference.free_symbols}
    if difference.has(sympy.log) and sympy.expand(sympy.expand_log(difference.xreplace(positive))) == 0:
        return True
    waves = difference.rewrite([sympy.sin, sympy.cos, sympy.tan, sympy.sinh, sympy.cosh, sympy.tanh], sympy.exp)
    over_one = sympy.numer(sympy.together(sympy.expand(waves)))
    return bool(sympy.expand(over_one) == 0 or sympy.simplify(difference) == 0)


def changes_text(changes: Sequence[Change]) -> str:
    parts = [f"{new} = {old}" for change in changes for new, old in change.stated_in_old().items()]
    return ", ".join(parts) if parts else "constant factors left out"


def _statement(reduced: Reduction) -> tuple[str, ...]:
    problem = reduced.problem
    subject = f" subject to {', '.join(map(str, problem.constraints))}" if problem.constraints else ""
    return (f"minimize {problem.objective}{subject}. Its feasible points are the images of the stated problem's.",)
