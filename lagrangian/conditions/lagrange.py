"""The Lagrangian and its gradient equations, in the textbook's signs or in Boyd's.

Textbook (default): L = f - sum(lambda_j (lhs - rhs)) over the equations, so that lambda is the shadow price; inequalities enter
with mu >= 0 times their slack, + for a maximization and - for a minimization (slack: rhs - lhs for <=, lhs - rhs for >=).
Boyd and Vandenberghe (2004, section 5.1): L = F + sum(mu_i g_i) + sum(lambda_j h_j) for the canonical minimization.
"""

from dataclasses import dataclass
from enum import Enum

import sympy
from sympy import Eq, Expr, ImmutableMatrix, Symbol
from sympy.core.relational import Relational

from lagrangian.conditions.ordered_sum import difference, ordered_sum, scaled, terms_of
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem, Sense
from lagrangian.shown import Displayed, Shown


class Convention(Displayed, Enum):
    """Which signs a Lagrangian is written with; mu >= 0 in both.

    Attributes:
        TEXTBOOK: L = f - sum lambda (lhs - rhs), and f + sum mu slack for a maximization, f - sum mu slack for a
            minimization, with slack >= 0: then lambda is the shadow price.
        BOYD: L = F + sum mu g + sum lambda h with F minimized, g <= 0 and h = 0 (Boyd and Vandenberghe 2004, section 5.1.1).

    >>> from sympy import Eq, symbols
    >>> x, y = symbols("x y")
    >>> problem = Problem(x * y, [Eq(x + y, 4)], over=[x, y], sense="max")
    >>> for convention in Convention:
    ...     print(lagrangian(*canonicalize(problem), convention).expression)
    -lambda*(x + y - 4) + x*y
    lambda*(x + y - 4) - x*y
    """

    TEXTBOOK = "textbook"
    BOYD = "boyd"


@dataclass(frozen=True, slots=True)
class Term:
    """One constraint in a Lagrangian, which has the term sign * multiplier * slack.

    ``slack`` is the constraint's function as complementary slackness shows it: >= 0 in the textbook's form, <= 0 in Boyd's, and
    lhs - rhs for an equation.
    """

    multiplier: Symbol
    stated: Relational
    sign: int
    slack: Expr

    @property
    def expression(self) -> Expr:
        return self.sign * (self.multiplier * self.slack)

    @property
    def written_slack(self) -> Expr:
        """The slack with its terms in the order of the relation's sides, for printing."""
        left, right = self.stated.lhs, self.stated.rhs
        return difference(left, right) if sympy.expand(left - right - self.slack) == 0 else difference(right, left)


@dataclass(frozen=True, slots=True)
class Lagrangian(Shown):
    """L(x, lambda, mu) with its terms, in the user's own symbols.

    >>> from sympy import Eq, symbols
    >>> x, y, b = symbols("x y b")
    >>> lagrangian = lagrangian_of(Problem(x * y, [Eq(x + y, b)], over=[x, y], sense="max"))
    >>> lagrangian.expression
    -lambda*(-b + x + y) + x*y
    >>> lagrangian.gradient_equations
    (Eq(-lambda + y, 0), Eq(-lambda + x, 0))
    """

    canonical: CanonicalProblem
    restoration: Restoration
    convention: Convention
    objective: Expr
    equality_terms: tuple[Term, ...]
    inequality_terms: tuple[Term, ...]

    @property
    def problem(self) -> Problem:
        """The problem as stated."""
        return self.restoration.problem

    @property
    def terms(self) -> tuple[Term, ...]:
        """Those of the equations, then those of the inequalities."""
        return (*self.equality_terms, *self.inequality_terms)

    @property
    def expression(self) -> Expr:
        """L as a SymPy expression."""
        return self.objective + sum(term.expression for term in self.terms)

    @property
    def written(self) -> Expr:
        """L as a textbook writes it, f - lambda (g - b) for instance: for printing, not for computing."""
        terms = [scaled(term.sign * term.multiplier, term.written_slack) for term in self.terms]
        return ordered_sum([*terms_of(self.objective), *terms])

    @property
    def multipliers(self) -> dict[Relational, Symbol]:
        """The multiplier's symbol of each constraint as stated."""
        return {term.stated: term.multiplier for term in self.terms}

    @property
    def gradient(self) -> ImmutableMatrix:
        """The column of the derivatives dL/dx_i."""
        return ImmutableMatrix([sympy.diff(self.expression, variable) for variable in self.problem.over])

    @property
    def gradient_equations(self) -> tuple[Relational, ...]:
        return tuple(Eq(entry, 0, evaluate=False) for entry in self.gradient)

    @property
    def bordered_hessian(self) -> ImmutableMatrix:
        """[[0, J], [J^T, H]] with J the gradients of the constraints and H the Hessian of L in x.

        For equality-only problems its trailing principal minors decide the second-order condition (Bellman 1960).
        """
        over = list(self.problem.over)
        rows = [[sympy.diff(term.slack, variable) for variable in over] for term in self.terms]
        jacobian = sympy.Matrix(rows) if rows else sympy.zeros(0, len(over))
        hessian = sympy.hessian(self.expression, over)
        size = jacobian.rows
        return ImmutableMatrix(
            sympy.BlockMatrix([[sympy.zeros(size, size), jacobian], [jacobian.T, hessian]]).as_explicit()
        )


def lagrangian(
    canonical: CanonicalProblem, restoration: Restoration, convention: Convention = Convention.TEXTBOOK
) -> Lagrangian:
    """The Lagrangian of a canonical problem, written in the user's symbols; `Problem.lagrangian` has it in one step.

    Args:
        canonical, restoration: as `canonicalize` gives them.
        convention: which signs.

    >>> from sympy import symbols
    >>> x = symbols("x")
    >>> lagrangian(*canonicalize(Problem(x**2, [x >= 1], over=[x]))).expression
    -mu*(x - 1) + x**2
    """
    textbook = convention is Convention.TEXTBOOK
    maximize = restoration.problem.sense is Sense.MAXIMIZE
    taken = {symbol.name for symbol in (*restoration.problem.over, *restoration.problem.parameters)}
    equality_terms = []
    names = _names("lambda", len(canonical.equalities), taken)
    for symbol, equality in zip(names, canonical.equalities, strict=True):
        slack = restoration.expression(equality.expression)
        equality_terms.append(Term(symbol, equality.stated, -1 if textbook else 1, slack))
    inequality_terms = []
    names = _names("mu", len(canonical.inequalities), taken, nonnegative=True)
    for symbol, inequality in zip(names, canonical.inequalities, strict=True):
        below = restoration.expression(inequality.expression)
        sign = (1 if maximize else -1) if textbook else 1
        inequality_terms.append(Term(symbol, inequality.stated, sign, -below if textbook else below))
    objective = restoration.problem.objective if textbook else restoration.expression(canonical.objective)
    return Lagrangian(canonical, restoration, convention, objective, tuple(equality_terms), tuple(inequality_terms))


def lagrangian_of(problem: Problem, convention: Convention = Convention.TEXTBOOK) -> Lagrangian:
    """The Lagrangian of a problem as stated."""
    return lagrangian(*canonicalize(problem), convention)


def _names(letter: str, count: int, taken: set[str], *, nonnegative: bool = False) -> list[Symbol]:
    """lambda, or lambda_1, lambda_2, ...; with primes where the user's symbols have these names."""
    base = letter
    while any(name == base or name.startswith(f"{base}_") for name in taken):
        base += "'"
    assumption = {"nonnegative": True} if nonnegative else {"real": True}
    if count == 1:
        return [Symbol(base, **assumption)]
    return [Symbol(f"{base}_{number}", **assumption) for number in range(1, count + 1)]
