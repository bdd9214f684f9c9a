"""The order in which methods are tried, cheapest first, and the time that each may take.

A method is a function (task, known, deadline) -> finding; see `lagrangian.methods.task`. It has a turn in the table below; it may
have two, a short one before slower methods and a long one after them. Turns are taken until the problem is decided.
"""

from lagrangian.methods.enclosing import by_functions, by_intervals, by_relaxations, by_squares
from lagrangian.methods.exact import (
    boxes_around_closed_forms,
    changed_variables,
    closed_forms,
    complete_list,
    whole_line,
)
from lagrangian.methods.infinity import unbounded_curve, unbounded_curve_from_feasible_points
from lagrangian.methods.integers import INTEGER_TURNS
from lagrangian.methods.numeric import local_solutions
from lagrangian.methods.reduced import without_defined_variables
from lagrangian.methods.turns import (
    Turn,
    is_bounded_only,
    is_constrained,
    is_continuous,
    is_not_polynomial,
    is_on_line,
    is_polynomial,
    may_be_unbounded,
)

# what the progress line calls it   the method              for which tasks    share  at most
SCHEDULE: tuple[Turn, ...] = (
    Turn("curves to infinity", unbounded_curve, may_be_unbounded, 0.05, 1.0),
    Turn("complete list of candidates", complete_list, is_polynomial, 0.50, 300.0),
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.25, 300.0),
    Turn("one variable", whole_line, is_on_line, 0.40, 20.0),
    Turn("points in closed form", closed_forms, is_not_polynomial, 0.30, 300.0),
    Turn("boxes around closed forms", boxes_around_closed_forms, is_continuous, 0.20, 15.0),
    Turn("local solutions", local_solutions, is_continuous, 0.15, 5.0),
    Turn("curves to infinity", unbounded_curve_from_feasible_points, may_be_unbounded, 0.10, 10.0),
    Turn("interval branch and bound", by_intervals, is_bounded_only, 0.60, 60.0),
    Turn("relaxations of functions", by_functions, is_continuous, 0.50, 60.0),
    Turn("sums of squares", by_squares, is_continuous, 0.25, 20.0),
    Turn("fewer variables", without_defined_variables, is_continuous, 0.50, 60.0),
    Turn("branch and bound with relaxations", by_relaxations, is_continuous, 0.60, 60.0),
    Turn("interval branch and bound", by_intervals, is_constrained, 0.95, 60.0),
    *INTEGER_TURNS,
)
