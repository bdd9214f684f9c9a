"""The derivation of an answer as steps that every form of the report shares."""

from dataclasses import dataclass

from lagrangian.conditions.lagrange import lagrangian_of
from lagrangian.errors import LagrangianError
from lagrangian.report.blocks import Step, say
from lagrangian.report.candidate_steps import candidates
from lagrangian.report.condition_steps import conditions, lagrangian_step, statement
from lagrangian.report.convex_route import convex_step, dual_step
from lagrangian.report.integers import classification
from lagrangian.report.routes import worked_steps
from lagrangian.report.verdict_steps import prices, verdict
from lagrangian.solution import Solution

DETAILS = ("short", "full")
NO_CALCULUS = (
    "An integer cannot move by a little: the KKT conditions say nothing of it, and the proof does without them."
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """All steps from the problem to the answer."""

    steps: tuple[Step, ...]

    def render(self, form: str = "text") -> str:
        """The derivation as "text", "markdown", "latex" or "html". Raises LagrangianError for another form."""
        from lagrangian.report import html, latex, markdown, plain  # they import the blocks from here

        forms = {"text": plain.render, "markdown": markdown.render, "latex": latex.render, "html": html.render}
        if form not in forms:
            raise LagrangianError(f"there is no form {form!r} of a derivation; write one of {', '.join(forms)}")
        return forms[form](self.steps)


def derivation(solution: Solution, detail: str = "short") -> Derivation:
    """The worked example: problem, Lagrangian, conditions, candidates, the winner and why, shadow prices, what was tried.

    Raises LagrangianError for a detail that is neither "short" nor "full".
    """
    if detail not in DETAILS:
        raise LagrangianError(f"there is no detail {detail!r} of a derivation; write one of {', '.join(DETAILS)}")
    lagrangian = lagrangian_of(solution.problem)
    steps = [statement(solution.problem)]
    if solution.problem.integers:
        steps.append(Step("What kind of problem it is", (say(classification(solution.problem)), say(NO_CALCULUS))))
    else:
        shortcut = convex_step(solution, lagrangian, full=detail == "full")
        steps += [shortcut] if shortcut is not None else []
        if lagrangian.terms:
            steps.append(lagrangian_step(lagrangian))
        steps.append(conditions(lagrangian))
        steps += worked_steps(solution, lagrangian, full=detail == "full")
        steps.append(candidates(solution, lagrangian))
    bound = dual_step(solution) if detail == "full" else None
    steps += [bound] if bound is not None else []
    steps.append(verdict(solution))
    if solution.multipliers:
        steps.append(prices(solution, lagrangian))
    if solution.tried:
        failed = tuple(say(f"{line[:1].upper()}{line[1:]}.") for line in solution.tried)
        steps.append(Step("What was tried", failed))
    return Derivation(tuple(steps))
