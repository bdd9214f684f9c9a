"""The problem that the command line states, in a file or in its options."""

import argparse
import sys
import time
from pathlib import Path

from sympy import Symbol

from lagrangian.commands.parser import PROGRAM
from lagrangian.errors import ProblemError
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.domain_changes import refuse_changed_domain
from lagrangian.problem.files import read_problem
from lagrangian.problem.parsing import NO_NUMBERS, Demands, names_in, parse_expression, parse_relations
from lagrangian.problem.problem import Problem, Sense
from lagrangian.processes.calls import call_with_limit

STATEMENT = ("problem", "maximize", "minimize", "subject_to", "over")
# names that others give to numbers, and how these are written here
CONSTANTS_ELSEWHERE = {
    "e": "Euler's number is E, and e**x is exp(x); --over says that e is meant",
    **dict.fromkeys(("Pi", "PI"), "the number is pi; --over says that the name is meant"),
}


def problem_within(options: argparse.Namespace, deadline: float) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none, or where reading takes too long."""
    # no more than the statement: a fresh interpreter is sent what can be pickled, and a parser cannot
    statement = argparse.Namespace(**{name: getattr(options, name) for name in STATEMENT})
    problem = call_with_limit(stated_problem, (statement,), deadline - time.monotonic())
    if problem is None:
        raise ProblemError("reading the problem took all the time or memory there is; state it in a shorter form")
    if options.over is None and not is_file(options.problem):
        for variable in problem.over:
            if str(variable) in CONSTANTS_ELSEWHERE:
                print(
                    f"{PROGRAM}: {variable} is a variable here; {CONSTANTS_ELSEWHERE[str(variable)]}", file=sys.stderr
                )
    return problem


def is_file(stated: str) -> bool:
    """Whether a problem is stated by the name of its file."""
    return stated.endswith(".json") or Path(stated[:255]).is_file()


def stated_problem(options: argparse.Namespace) -> Problem:
    """The problem that the options state. Raises ProblemError where they state none."""
    if is_file(options.problem):
        stated_twice = options.subject_to or options.maximize or options.minimize or options.over
        if stated_twice:
            raise ProblemError(
                "a problem file states its own sense, constraints and variables; leave the other options out"
            )
        return read_problem(options.problem)
    texts = [options.problem, *options.subject_to]
    chosen = None if options.over is None else [name.strip() for name in options.over.split(",")]
    # infinity and the imaginary unit are no variables, unless someone says so: the parser tells what to write
    names = sorted(set().union(*(names_in(text) for text in texts)) - (NO_NUMBERS.keys() - set(chosen or ())))
    symbols = {name: Symbol(name, real=True) for name in names}
    over = None
    if chosen is not None:
        unknown = [name for name in chosen if name not in symbols]
        if unknown:
            raise ProblemError(
                f"--over names {', '.join(unknown)}, which occurs neither in the objective nor in a constraint"
            )
        over = [symbols[name] for name in chosen]
    demands: Demands = {}
    problem = Problem(
        parse_expression(options.problem, symbols, demands),
        [relation for text in options.subject_to for relation in parse_relations(text, symbols, demands=demands)],
        over=over,
        sense=Sense.MAXIMIZE if options.maximize else Sense.MINIMIZE,
    )
    refuse_changed_domain(demands, canonicalize(problem)[0])
    return problem
