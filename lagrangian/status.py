"""The status of an answer."""

from enum import Enum

from lagrangian.shown import Displayed


class Status(Displayed, Enum):
    """What is known of a problem. All but ``LOCAL`` and ``UNDECIDED`` are claimed only with a verified certificate.

    Attributes:
        OPTIMAL: the value is the optimum, and the points attain it.
        INFEASIBLE: no point satisfies the constraints.
        UNBOUNDED: the objective has no bound over the feasible points.
        NOT_ATTAINED: the value is the infimum (the supremum, for a maximization), and no feasible point has it.
        LOCAL: the point is proved a local optimum; nothing is said of others.
        UNDECIDED: the points are the best that were found, if any; ``Solution.missing`` says what was not shown.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> [minimize(x, constraints, over=[x]).status.value for constraints in ([x >= 1], [x > 1], [x <= 1], [x >= 1, x <= 0])]
    ['optimal', 'not_attained', 'unbounded', 'infeasible']
    """

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NOT_ATTAINED = "not_attained"
    LOCAL = "local"
    UNDECIDED = "undecided"
