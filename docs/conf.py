"""How the pages become a site: `make docs` builds it into build/docs, and tests/test_docs.py asserts that it has no warnings."""

import importlib.metadata
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_extensions")]

project = "lagrangian and w2v"
author = "the authors of lagrangian and w2v"
release = importlib.metadata.version("lagrangian-w2v")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "docstrings",
    "examples",
    "mathml",
]
exclude_patterns = ["_extensions", "pictures", "measured"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
nitpicky = True

default_role = "py:obj"  # `Solution` in a docstring is a link
autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": True}
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 100
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "lagrangian and w2v"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_copy_source = False
html_show_copyright = False
html_math_renderer = "mathml"
highlight_language = "none"  # formulas of docstrings are no Python; examples say what they are
pygments_style = "friendly"
pygments_dark_style = "github-dark"
