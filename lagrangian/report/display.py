"""Values as a notebook shows them: one way for every public type, from what `shown_parts` and its neighbors say is shown."""

import textwrap
from collections.abc import Callable, Collection
from html import escape
from importlib import import_module
from typing import Any

from lagrangian.processes.calls import call_with_limit
from lagrangian.report import html, plain, shown_duality, shown_solutions
from lagrangian.report.answer import answer_of
from lagrangian.report.blocks import Step
from lagrangian.report.latex_display import displayed
from lagrangian.report.page_style import style
from lagrangian.report.shown_parts import steps_of
from lagrangian.report.steps import derivation
from lagrangian.shown import Shown
from lagrangian.solution import Solution

# a notebook waits no longer than this for what is folded in any case
DERIVATION_S = 3.0
LONGEST_LINE = 120
HEADING = 4
REGISTERED = (shown_solutions, shown_duality)


def shown(value: Any) -> tuple[Step, ...]:
    """What is shown of a value."""
    if type(value).__module__.startswith("lagrangian.numeric"):
        import_module("lagrangian.report.shown_numeric")  # imports Numba, which exact answers do without
    return steps_of(value)


def html_of(value: Any) -> str:
    """A fragment with its own style, for light and dark notebooks."""
    parts = [_section(step) for step in shown(value)]
    if isinstance(value, Solution):
        parts[-1] = parts[-1].replace("<section>", '<section class="answer">', 1)
        parts.append(_folded_derivation(value))
    return "\n".join(['<div class="lagrangian">', f"<style>{style('derivation')}</style>", *parts, "</div>"])


def latex_of(value: Any) -> str:
    """One formula in dollar signs, for MathJax and KaTeX."""
    return displayed(shown(value))


def text_of(value: Any) -> str:
    """Lines of text."""
    parts = [part for step in shown(value) for part in ([step.title] if step.title else []) + [_text(step)]]
    return "\n\n".join(parts)


def line_of(value: Any) -> str:
    """One line of at most 120 characters."""
    if isinstance(value, Solution):
        return textwrap.shorten(answer_of(value).lines()[0], LONGEST_LINE, placeholder=" …")
    found = " ".join("; ".join(text_of(value).splitlines()).split())
    return textwrap.shorten(found.replace(" ; ", " ").replace(";;", ";"), LONGEST_LINE, placeholder=" …")


FORMS: dict[str, Callable[[Any], str]] = {
    "text/plain": lambda value: text_of(value) if isinstance(value, Shown) else repr(value),
    "text/html": lambda value: value._repr_html_(),
    "text/latex": lambda value: value._repr_latex_(),
}


def bundle_of(value: Any, include: Collection[str] | None, exclude: Collection[str] | None) -> dict[str, str]:
    """The forms that are asked for, by their media types."""
    wanted = [kind for kind in FORMS if (not include or kind in include) and kind not in (exclude or ())]
    return {kind: FORMS[kind](value) for kind in wanted}


def _section(step: Step) -> str:
    title = f"<h{HEADING}>{escape(step.title)}</h{HEADING}>" if step.title else ""
    return "\n".join(["<section>", title, *map(html.block, step.blocks), "</section>"])


def _text(step: Step) -> str:
    return plain.blocks(step.blocks)


def _folded_derivation(solution: Solution) -> str:
    """The derivation, or where to find it if it takes longer than a notebook should wait."""
    steps = call_with_limit(_derivation, (solution,), DERIVATION_S)
    inside = steps or "<p>It takes long to write down; <code>solution.explain()</code> has it.</p>"
    return f"<details><summary>The derivation</summary>\n{inside}\n</details>"


def _derivation(solution: Solution) -> str:
    return html.render(derivation(solution).steps[1:], HEADING)
