"""What is shown of what is computed in floating point: nothing of it is said to be proved but what is proved."""

from typing import Any

import numpy as np

from lagrangian.numeric.batch_solution import BatchSolution, BatchStatus
from lagrangian.numeric.bound import BoundProblem
from lagrangian.numeric.compiled import CompiledProblem
from lagrangian.numeric.nlp_result import LocalSolution, NumericResult
from lagrangian.numeric.path_solution import SolutionPath
from lagrangian.report.blocks import Block, Formulas, Step, Table, say
from lagrangian.report.condition_steps import statement
from lagrangian.report.notation import text
from lagrangian.report.shown_parts import place, steps_of, untitled

MOST_ROWS = 10
MOST_NUMBERS = 8


@steps_of.register
def _result(result: NumericResult) -> tuple[Step, ...]:
    title = f"Status: {result.status.value.replace('_', ' ')}"
    blocks: list[Block] = [say(f"Because {result.reason}.")]
    if result.solutions:
        over = result.problem.over
        rows = [
            (*(_decimal(found.x[v]) for v in over), _decimal(found.value), "yes" if found.verified else "no")
            for found in result.solutions[:MOST_ROWS]
        ]
        blocks.append(Table((*over, "value", "KKT point proved"), tuple(rows)))
        more = len(result.solutions) - MOST_ROWS
        blocks += [say(f"{more} more points are not shown.")] if more > 0 else []
        found = ("found by", f"{result.solver}, from {result.starts} starts in {result.elapsed_s:.2g} s")
        blocks.append(Formulas((found,)))
    return (*untitled(*statement(result.problem).blocks), Step(title, tuple(blocks)))


@steps_of.register
def _local(found: LocalSolution) -> tuple[Step, ...]:
    rows: list[tuple[str, Any]] = [("value", _decimal(found.value)), ("at", place(found.x))]
    rows += [("active", found.active_set)] if found.active_set else []
    rows.append(("residual", f"{found.residual:.1e}"))
    blocks: list[Block] = [Formulas(tuple(rows)), say(f"{found.reason[:1].upper()}{found.reason[1:]}.")]
    if found.multipliers:
        prices = [(stated, _decimal(value)) for stated, value in found.multipliers.items()]
        blocks.append(Table(("constraint", "multiplier"), tuple(prices)))
    return untitled(*blocks)


@steps_of.register
def _batch(batch: BatchSolution) -> tuple[Step, ...]:
    problem = batch.restoration.problem
    header = (*problem.parameters, *problem.over, "value", "residual", "status")
    rows = []
    for n in range(min(len(batch), MOST_ROWS)):
        numbers = (*batch.parameters[n], *batch.x[n], batch.value[n])
        status = BatchStatus(int(batch.status[n])).name.lower().replace("_", " ")
        rows.append((*(_decimal(number) for number in numbers), f"{batch.residual[n]:.1e}", status))
    told = f"{len(batch)} instances; the KKT conditions hold, up to rounding, in {int(batch.converged.sum())} of them."
    blocks: list[Block] = [say(told), Table(header, tuple(rows))]
    blocks += [say(f"{len(batch) - MOST_ROWS} more are not shown.")] if len(batch) > MOST_ROWS else []
    return (*untitled(*statement(problem).blocks), Step("The instances", tuple(blocks)))


@steps_of.register
def _path(path: SolutionPath) -> tuple[Step, ...]:
    name, rows = text(path.parameter), []
    for piece in path.pieces:
        for segment in piece.segments:
            low, high = (_decimal(path.value[n]) for n in (segment.first, segment.last))
            rows.append((_decimal(segment.low), _decimal(segment.high), segment.active_set or "none", low, high))
    told = (
        f"{len(path)} points on {len(path.pieces)} branches, computed in floating point: none is proved to be optimal."
    )
    table = Table((f"{name} from", "to", "active", "value from", "to"), tuple(rows))
    gaps = [say(f"{name} {gap}.") for gap in path.gaps]
    return (
        *untitled(*statement(path.problem).blocks),
        Step(f"The path of solutions over {name}", (say(told), table, *gaps)),
    )


@steps_of.register
def _compiled(compiled: CompiledProblem) -> tuple[Step, ...]:
    canonical = compiled.canonical
    counts = (
        ("variables", str(len(canonical.variables))),
        ("parameters", str(len(canonical.parameters))),
        ("inequalities", str(len(canonical.inequalities))),
        ("equations", str(len(canonical.equalities))),
        ("entries of the Jacobian", str(len(compiled.jacobian_pattern.rows))),
        ("entries of the Hessian", f"{len(compiled.hessian_pattern.rows)} in the lower triangle"),
    )
    stated = statement(compiled.restoration.problem).blocks
    return (*untitled(*stated), Step("Compiled by Numba", (Formulas(counts),)))


@steps_of.register
def _bound(bound: BoundProblem) -> tuple[Step, ...]:
    names = ("x", "weights", "parameters", "objective", "gradient", "constraints", "jacobian", "hessian")
    rows = tuple((name, str(getattr(bound, name).size), _numbers(getattr(bound, name))) for name in names)
    return untitled(Table(("array", "length", "numbers"), rows))


def _numbers(array: np.ndarray) -> str:
    shown = ", ".join(_decimal(number) for number in array.ravel()[:MOST_NUMBERS])
    return f"{shown}, …" if array.size > MOST_NUMBERS else shown


def _decimal(number: float) -> str:
    return f"{float(number):.8g}"
