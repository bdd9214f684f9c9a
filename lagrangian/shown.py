"""How values show themselves: as HTML with MathML, LaTeX and text in a notebook, and in one line elsewhere.

What is shown of which type is decided in `lagrangian.report.display`, which is imported when something is shown: it reads
all other parts of the package, and these types are among the lowest of them.
"""

from collections.abc import Collection
from typing import Any


class Displayed:
    """A value that a notebook displays; ``repr`` and ``str`` are those of the type."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from lagrangian.report.display import html_of  # above this layer: it knows every type

        return html_of(self)

    def _repr_latex_(self) -> str:
        from lagrangian.report.display import latex_of  # above this layer: it knows every type

        return latex_of(self)

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Every form of it at once, of which the notebook takes the one that it shows best."""
        from lagrangian.report.display import bundle_of  # above this layer: it knows every type

        return bundle_of(self, include, exclude)


class Shown(Displayed):
    """A value with many parts: ``repr`` is one line that says what it is, ``str`` is what a notebook shows, as text."""

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Each class has the short form in its own name: a dataclass without one would be given a list of all its fields."""
        super().__init_subclass__(**options)
        if "__repr__" not in cls.__dict__:
            cls.__repr__ = Shown.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        from lagrangian.report.display import line_of  # above this layer: it knows every type

        try:
            return f"<{type(self).__name__}: {line_of(self)}>"
        except Exception:  # debuggers and failing tests also look at values that are not complete
            return object.__repr__(self)

    def __str__(self) -> str:
        from lagrangian.report.display import text_of  # above this layer: it knows every type

        return text_of(self)
