"""Docstrings are plain text: what reStructuredText would take for markup in them is escaped, formulas become literal blocks."""

import builtins
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import lagrangian.errors
import w2v.errors

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"(``.+?``|`[^`]+`)")
SPECIAL = re.compile(r"[*|\\]|(?<=\w)_(?=\W|$)")
PAGE = re.compile(r"\bdocs/([\w/-]+)\.md")
ELSEWHERE = ("sympy", "numpy", "flint", "scipy", "collections", "concurrent", "os", "pathlib", "typing", "gensim")


def escaped(line: str) -> str:
    """The line without markup, apart from code between backticks and links to pages such as docs/theory.md."""
    pieces = CODE.split(line)
    return "".join(
        piece if k % 2 else PAGE.sub(r":doc:`/\1`", SPECIAL.sub(r"\\\g<0>", piece)) for k, piece in enumerate(pieces)
    )


def as_text(lines: list[str]) -> list[str]:
    """The lines of a docstring as reStructuredText."""
    result: list[str] = []
    in_example = in_formula = False
    for line in lines:
        words = line.lstrip()
        begins = not result or not result[-1].strip()
        in_example = words.startswith(">>>") or (in_example and bool(words))
        in_formula = bool(line) and line.startswith("    ") and (in_formula or (begins and at_margin(result)))
        if in_formula and begins and at_margin(result):
            result += ["::", ""]
        result.append(line if in_example or in_formula else escaped(line))
    return result


def at_margin(lines: list[str]) -> bool:
    """Whether the last line that is not empty has no indentation."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    return bool(last) and not last.startswith(" ")


def process(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = as_text(lines)


@cache
def names_in_code() -> frozenset[str]:
    """Every name that the sources of both packages contain, the names of modules among them."""
    files = [path for package in ("lagrangian", "w2v") for path in (ROOT / package).rglob("*.py")]
    found = {name for path in files for name in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    return frozenset(found | {path.stem for path in files})


def public_name(target: str, module: str | None) -> str:
    """The name that the reference has for a thing which a docstring or a signature names, seen from a package's page."""
    last = target.rpartition(".")[2]
    for package in (lagrangian, w2v):
        if (module or target).startswith(package.__name__):
            if last in package.__all__:
                return f"{package.__name__}.{last}"
            if hasattr(package.errors, last):
                return f"{package.__name__}.errors.{last}"
    return target


def name_exactly(app: Sphinx, doctree: nodes.document) -> None:
    """Names are those of the page's own package and class; without this a like name of the other package is found too."""
    for node in doctree.findall(pending_xref):
        if node.get("refdomain") == "py":
            node.attributes.pop("refspecific", None)
            node["reftarget"] = public_name(node["reftarget"], node.get("py:module"))


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Element | None:
    """Plain code for what exists without a place in the reference; anything else remains a warning."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    known = target.split(".")[0] in ELSEWHERE or hasattr(builtins, target) or not target.replace(".", "").isidentifier()
    return content if known or target.rpartition(".")[2] in names_in_code() else None


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", process, priority=400)  # before napoleon reads the sections
    app.connect("doctree-read", name_exactly)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
