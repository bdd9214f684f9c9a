"""The whole answer as one HTML page that needs nothing else: no network, no program, light and dark, to be printed."""

import base64
import json
from collections.abc import Iterable
from html import escape
from importlib.metadata import PackageNotFoundError, version
from os import PathLike

from sympy import Symbol

from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.errors import LagrangianError, ReportFileError
from lagrangian.problem.problem import Problem, Sense
from lagrangian.problem.writing import problem_to_dict
from lagrangian.processes.calls import call_with_limit
from lagrangian.report.answer_blocks import answer, headline
from lagrangian.report.answer_blocks import regions as by_region
from lagrangian.report.condition_steps import statement
from lagrangian.report.html import block, inline, render
from lagrangian.report.inline_svg import inline_svg
from lagrangian.report.notation import text
from lagrangian.report.page_style import style
from lagrangian.report.parametric_steps import regions_step
from lagrangian.report.picture import Picture
from lagrangian.report.picture_notation import typeset
from lagrangian.report.steps import derivation
from lagrangian.solution import Solution
from lagrangian.stored import answer_to_json, write_whole

DISTRIBUTION = "lagrangian-w2v"
LONGEST_TITLE = 60
DERIVATION_S = 30.0
# of that time, for all cases in full; the rest is for the main steps
FULL_SHARE = 0.7
LEFT_OUT = "<p>It is left out: writing it down took too long.</p>"
IN_SHORT = "<p>Writing down every case took too long: these are the main steps.</p>"
# in characters: a longer certificate is left to a file of its own
LONGEST_CERTIFICATE = 200_000
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
VERDICTS = {True: "it holds", False: "it does NOT hold", None: "a step could not be decided"}
VERIFY = """lagrangian solve problem.json --certificate proof.json
lagrangian verify proof.json"""


def report_page(
    solution: Solution,
    regions: ParametricSolution | None = None,
    *,
    title: str | None = None,
    detail: str | None = "full",
    time_limit_s: float = DERIVATION_S,
) -> str:
    """The answer, its pictures, its derivation in full, its certificate and where it comes from, as the text of one HTML file.

    Args:
        solution: an answer of `solve`.
        regions: the answer by regions of the parameters, where the problem has any and no single formula answers it.
        title: of the page; without it the objective, where that is short.
        detail: of the derivation, "full" or "short"; None leaves it out.
        time_limit_s: for the derivation, which is short where it takes too long in full, and left out where that does too.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> page = report_page(minimize(x**2 - 2 * x, over=[x]))
    >>> page.partition("\\n")[0], "The global minimum" in page
    ('<!DOCTYPE html>', True)
    """
    heading = escape(title) if title else _heading(solution.problem)
    title = title or _title(solution.problem)
    parts = [
        f"<header><h1>{heading}</h1></header>",
        _section("The problem", map(block, statement(solution.problem).blocks)),
        _answer(solution)
        if regions is None
        else _section("The answer by regions", map(block, by_region(regions.regions)), "answer"),
        *_figures(solution, regions),
        _section("The derivation", _derivation(solution, regions, detail, time_limit_s)),
        *([_section("The certificate", _certificate(solution))] if solution.certificate is not None else []),
        _section("Where this page comes from", _provenance(solution), "provenance"),
    ]
    body = "\n".join(["<main>", *parts, "</main>"])
    head = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{style('derivation')}{style('page')}</style>\n</head>",
    ]
    return "\n".join([*head, f'<body class="lagrangian">\n{body}\n</body>\n</html>\n'])


def save_page(solution: Solution, path: str | PathLike[str], *, title: str | None = None) -> None:
    """Write `report_page` to a file, which is there as a whole or not at all. Raises ReportFileError."""
    write_whole(report_page(solution, title=title), path, ReportFileError)


def _title(problem: Problem) -> str:
    verb, noun = ("Minimize", "minimization") if problem.sense is Sense.MINIMIZE else ("Maximize", "maximization")
    objective = text(problem.objective)
    return f"{verb} {objective}" if len(objective) <= LONGEST_TITLE else f"A {noun} problem"


def _heading(problem: Problem) -> str:
    """The same with the objective as a formula."""
    title = _title(problem)
    return f"{title.split()[0]} {inline(problem.objective)}" if not title.startswith("A ") else escape(title)


def _section(title: str, parts: Iterable[str], kind: str = "part") -> str:
    return "\n".join([f'<section class="{kind}">', f"<h2>{escape(title)}</h2>", *parts, "</section>"])


def _answer(solution: Solution) -> str:
    status = solution.status.value.replace("_", " ")
    told = f'<p class="status">Status: <strong>{escape(status)}</strong></p>'
    return _section(headline(solution), [told, *map(block, answer(solution))], "answer")


def _derivation(
    solution: Solution, regions: ParametricSolution | None, detail: str | None, limit_s: float
) -> list[str]:
    """The steps after the statement, as far as there is time."""
    if detail == "full":
        steps = call_with_limit(_steps, (solution, regions, detail), FULL_SHARE * limit_s)
        if steps is not None:
            return [steps]
        limit_s *= 1 - FULL_SHARE
    steps = None if detail is None else call_with_limit(_steps, (solution, regions, "short"), limit_s)
    if steps is None:
        return [LEFT_OUT]
    return [IN_SHORT, steps] if detail == "full" else [steps]


def _steps(solution: Solution, regions: ParametricSolution | None, detail: str) -> str:
    _, *steps = derivation(solution, detail).steps
    return render(steps if regions is None else [*steps, regions_step(regions)])


def _figures(solution: Solution, regions: ParametricSolution | None) -> list[str]:
    """The picture of the answer, where there is one to draw."""
    try:
        picture: Picture = solution.plot(along=_shown(solution)) if regions is None else regions.plot()
    except LagrangianError:  # too many variables or parameters for a picture
        return []
    drawn = inline_svg(picture)
    caption = f"<figcaption>{escape(typeset(picture.title))}</figcaption>"
    return [] if drawn is None else [f"<figure>\n{drawn}\n{caption}\n</figure>"]


def _shown(solution: Solution) -> tuple[Symbol, ...]:
    """The variables of the picture: of more than two the first ones, in a section through the optimum."""
    return solution.problem.over[:2]


def _certificate(solution: Solution) -> list[str]:
    """What was proved and how, and how to check it without this page."""
    certificate = solution.certificate
    assert certificate is not None
    told = f"Claim: {certificate.claim.value}. Kind of proof: {certificate.kind}."
    checked = f"It was checked again without the solver: {VERDICTS[certificate.verified]}."
    parts = [f"<p>{escape(told)} {escape(checked)}</p>", "<p>To check it yourself, in a terminal:</p>"]
    parts.append(f"<pre><code>{escape(VERIFY)}</code></pre>")
    try:
        proof = answer_to_json(solution)
    except LagrangianError:  # something in it has no form in a file
        return [*parts[:1], "<p>In Python: <code>solution.certificate.verify()</code>.</p>"]
    if len(proof) <= LONGEST_CERTIFICATE:
        size = f"{-(-len(proof) // 1000)} kB"
        parts.append(f"<p>The proof is also in this page: {_download('proof.json', proof)} ({size}).</p>")
    return parts


def _provenance(solution: Solution) -> list[str]:
    try:
        problem = json.dumps(problem_to_dict(solution.problem), indent=2, ensure_ascii=False)
    except LagrangianError:  # a function that problem files do not know
        return [f"<p>{_maker(solution)}</p>"]
    return [
        f"<p>{_maker(solution)} The problem as a problem file: {_download('problem.json', problem)}, or to be copied:</p>",
        f'<pre class="copied"><code>{escape(problem)}</code></pre>',
    ]


def _maker(solution: Solution) -> str:
    try:
        release = f" {version(DISTRIBUTION)}"
    except PackageNotFoundError:  # it runs from a folder that was never installed
        release = ""
    return f"Solved by lagrangian{release} in {solution.elapsed_s:.2f} seconds."


def _download(name: str, content: str) -> str:
    """A link that holds the file itself."""
    data = base64.b64encode(content.encode()).decode()
    return f'<a download="{name}" href="data:application/json;base64,{data}">{name}</a>'
