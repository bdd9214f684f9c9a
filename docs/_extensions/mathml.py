"""Formulas as MathML, which browsers draw by themselves: pages need no script and no network."""

import re

from docutils import nodes
from latex2mathml.converter import convert
from latex2mathml.exceptions import NoAvailableTokensError
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# a name of a function that stands before anything but a parenthesis keeps a distance, unless it carries an index
FUNCTION = re.compile(r"(?<!<msub>)(?<!<msup>)(<mi>(?:log|exp|sin|cos|det|dim|max|min)</mi>)(?!<mo[^>]*>&#x00028;|</)")
# a bar is one of a pair around a size; that of a condition is another character
BAR = re.compile(r"<mo(?: stretchy=\"false\")?>&#x0007C;</mo>")
SIZE = '<mo stretchy="false" lspace="0" rspace="0">&#x0007C;</mo>'


def mathml(latex: str, node: nodes.Element, *, display: bool) -> str:
    """The MathML of a formula; one that cannot be converted in full is a warning at its place."""
    latex = latex.replace("{aligned}", "{split}")  # the same table, by the name that latex2mathml has for it
    try:
        text = convert(latex, display="block" if display else "inline")
    except (NoAvailableTokensError, ValueError, IndexError) as error:
        logger.warning("this formula is not understood: %s (%r)", latex, error, location=node)
        return ""
    if "\\" in text or "<mi>&</mi>" in text:
        logger.warning("a command in this formula is not known: %s", latex, location=node)
    return BAR.sub(SIZE, FUNCTION.sub(r'\1<mspace width="0.167em"></mspace>', text))


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(mathml(node.astext(), node, display=False))
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(f'<div class="formula">{mathml(node.astext(), node, display=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
