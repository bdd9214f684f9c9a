"""Examples end without the empty line that doctest needs before the fence."""

from docutils import nodes
from sphinx.application import Sphinx


def strip(app: Sphinx, doctree: nodes.document) -> None:
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource = text
        block.children = []
        block += nodes.Text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("doctree-read", strip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
