"""What is found for many instances of one problem."""

from dataclasses import dataclass
from enum import IntEnum
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol
from sympy.core.relational import Relational

from lagrangian.errors import ProblemError
from lagrangian.numeric import interior_point
from lagrangian.numeric.compiled import Array
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.shown import Displayed, Shown

if TYPE_CHECKING:
    import pyarrow


class BatchStatus(Displayed, IntEnum):
    """What floating point sees of an instance: nothing here is proved, and no name is one of a proved `Status`.

    Attributes:
        LOCAL: the KKT conditions hold, with a residual of at most the tolerance.
        ROUNDED: they hold up to a hundredth of the tolerance times the greatest of their terms, and rounding lets them come no
            nearer.
        STALLED: no step lessens the merit function, as where no multipliers exist.
        LIMIT: the limit of passes is reached.
        UNDEFINED: a function has no finite value at the start.
        DIVERGED: at points that are feasible up to rounding the objective fell (rose, for a maximization) beyond 1e18, or beyond
            1e8 until the limit of passes; the objective may have a bound all the same.
        LOCALLY_INFEASIBLE: the sum of the squares of the constraints' misses is stationary and not zero at x. For convex
            constraints this says that no point is feasible, up to rounding. Multipliers are nan there, and the residual is the
            greatest miss.
        EXCLUDED: the KKT conditions hold where a strict inequality holds with equality: a limit of feasible points.
    """

    LOCAL = interior_point.CONVERGED
    ROUNDED = interior_point.ROUNDED
    STALLED = interior_point.STALLED
    LIMIT = interior_point.LIMIT
    UNDEFINED = interior_point.UNDEFINED
    DIVERGED = interior_point.DIVERGED
    LOCALLY_INFEASIBLE = 7
    EXCLUDED = 8


@dataclass(frozen=True, slots=True, eq=False)
class BatchSolution(Shown):
    """What was found for each of b instances; arrays are read-only.

    Attributes:
        x: shape (b, n), in the order of the problem's variables.
        value: the stated objective there, shape (b,).
        multipliers: mu >= 0 of the canonical inequalities, then lambda of the equations, of L = F + mu g + lambda h, shape
            (b, k); that of an inactive inequality is 0, or as small as the tolerance where it is only weakly inactive.
        active_set: whether each inequality holds with equality (its multiplier is greater than its slack), shape (b,
            inequalities).
        residual: the greatest of |dL/dx|, |h|, max(g, 0) and |mu g|, shape (b,).
        status: of dtype int8 with the values of `BatchStatus`, shape (b,).
        passes: how often the functions were evaluated, shape (b,).
        strict_minimum: whether the Hessian of L was positive definite along the active constraints, which together with the KKT
            conditions makes a strict local minimum; False says nothing, shape (b,).
        parameters: the values of the parameters, shape (b, number of parameters).
        canonical, restoration: the problem that was solved, and the way back to the stated one.
    """

    x: Array
    value: Array
    multipliers: Array
    active_set: NDArray[np.bool_]
    residual: Array
    status: NDArray[np.int8]
    passes: NDArray[np.int32]
    strict_minimum: NDArray[np.bool_]
    parameters: Array
    canonical: CanonicalProblem
    restoration: Restoration

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """The variables as stated, one for each column of ``x``."""
        return self.restoration.problem.over

    @property
    def constraints(self) -> tuple[Relational, ...]:
        """The constraints and bounds as stated, one for each column of ``multipliers``."""
        inequalities = tuple(g.stated for g in self.canonical.inequalities)
        return inequalities + tuple(h.stated for h in self.canonical.equalities)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Where the KKT conditions hold to the tolerance at a feasible point, shape (b,)."""
        return self.status == BatchStatus.LOCAL

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, variable: Symbol | str) -> Array:
        """The values of one variable, shape (b,)."""
        names = [str(v) for v in self.variables]
        if str(variable) not in names:
            raise KeyError(f"{variable} is not a variable; the variables are {', '.join(names)}")
        return self.x[:, names.index(str(variable))]

    def shadow_price(self, constraint: Relational) -> Array:
        """d(optimal value as stated) / d(right side as written) for each instance, shape (b,).

        Raises:
            ProblemError: for a relation that is no constraint of the problem.

        >>> from sympy import symbols
        >>> from lagrangian import Problem, solve_batch
        >>> x, y, b = symbols("x y b")
        >>> budget = x + y <= b
        >>> problem = Problem(x * y, [budget], over=[x, y], sense="max", bounds={x: (0, None), y: (0, None)})
        >>> solve_batch(problem, {"b": [2.0, 4.0]}).shadow_price(budget).round(9).tolist()
        [1.0, 2.0]
        """
        if constraint not in self.constraints:
            raise ProblemError(
                f"{constraint} is not a constraint of the problem; it has {', '.join(map(str, self.constraints)) or 'none'}"
            )
        return self.shadow_prices[:, self.constraints.index(constraint)]

    @property
    def shadow_prices(self) -> Array:
        """The shadow price of each of ``constraints``, in the signs of the stated problem, shape (b, k)."""
        prices = [
            self.restoration.shadow_price(stated, self.multipliers[:, i]) for i, stated in enumerate(self.constraints)
        ]
        return np.stack(prices, axis=1) if prices else np.zeros((len(self), 0))

    def counts(self) -> dict[BatchStatus, int]:
        """How many instances ended with each status.

        >>> from sympy import symbols
        >>> from lagrangian import Problem, solve_batch
        >>> x, a = symbols("x a")
        >>> {s.name: n for s, n in solve_batch(Problem(a * x, [x >= 0], over=[x]), {"a": [1.0, 2.0, -1.0]}).counts().items()}
        {'LOCAL': 2, 'DIVERGED': 1}
        """
        return {status: n for status in BatchStatus if (n := int((self.status == status).sum()))}

    def to_npz(self, path: str | PathLike[str]) -> None:
        """Write all arrays, with the names of their columns, to a file that `numpy.load` reads; whole or not at all."""
        from lagrangian.numeric.batch_files import write_npz  # needs BatchSolution for its types

        write_npz(self, path)

    def to_arrow(self) -> "pyarrow.Table":
        """A table with a column for each parameter, variable, multiplier and so on.

        Raises:
            MissingExtraError: where pyarrow is not installed.
        """
        from lagrangian.numeric.batch_files import arrow_table  # needs an optional extra

        return arrow_table(self)

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write `to_arrow` to a Parquet file; whole or not at all.

        Raises:
            MissingExtraError: where pyarrow is not installed.
        """
        from lagrangian.numeric.batch_files import write_parquet  # needs an optional extra

        write_parquet(self, path)
