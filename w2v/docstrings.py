"""The docstrings of the installed Python packages: real English on every machine, without a download.

Source files are read as text: no module is imported, and nothing is executed.
"""

import re
import site
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

_QUOTED = rb"[rRuU]?(\"\"\"|''')(.*?)(?<!\\)\1"
_TO_NEXT_CODE = rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*"
_MODULE_DOCSTRING = re.compile(_TO_NEXT_CODE + _QUOTED, re.DOTALL)
_INNER_DOCSTRING = re.compile(rb":[ \t]*(?:#[^\n]*)?\r?\n" + _TO_NEXT_CODE + _QUOTED, re.DOTALL)
_DOCTEST = re.compile(r"^[ \t]*>>>.*\n(?:.*\S.*\n?)*", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?:;]\s|\n\s*\n")
_WORD = re.compile(r"[^\W\d_]+")


def python_sources() -> list[Path]:
    """The Python files of the standard library and of the installed packages, in a fixed order."""
    library = Path(sysconfig.get_path("stdlib"))
    folders = {*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    files = {file for file in library.rglob("*.py") if not {"site-packages", "dist-packages"} & set(file.parts)}
    return sorted(files.union(*(folder.rglob("*.py") for folder in map(Path, folders))))


def docstrings(source: bytes) -> Iterator[str]:
    r"""The docstrings of a Python source: what stands in triple quotes at its start or right behind a line that ends in a colon.

    Reading a hundred megabytes this way takes seconds, where parsing takes half a minute; it also works on files for another
    version of Python. Escape sequences are left as they are.

    >>> list(docstrings(b"def f():\n    '''Add.'''\n    x = '''no'''"))
    ['Add.']
    """
    if b'"""' not in source and b"'''" not in source:
        return
    first = _MODULE_DOCSTRING.match(source)
    if first:
        yield first[2].decode("utf-8", "replace")
    for match in _INNER_DOCSTRING.finditer(source):
        yield match[2].decode("utf-8", "replace")


def sentences(docstring: str) -> Iterator[list[str]]:
    r"""The sentences of a docstring as lists of lower-case words, without doctests.

    >>> list(sentences("Return the sum. Takes 2 numbers:\n\n    >>> add(1, 2)\n    3\n\nBoth_real."))
    [['return', 'the', 'sum'], ['takes', 'numbers'], ['both', 'real']]
    """
    for sentence in _SENTENCE_END.split(_DOCTEST.sub("\n", docstring)):
        words = _WORD.findall(sentence.lower())
        if words:
            yield words


class PythonDocs(Iterable[list[str]]):
    """The sentences of all docstrings on this machine, each docstring once; a corpus for `read_corpus`.

    Files are read as text, no module is imported. What is there differs from one machine to the next.

    Examples
    --------
    >>> sentence = next(iter(PythonDocs()))
    >>> all(isinstance(word, str) for word in sentence)
    True
    """

    def __iter__(self) -> Iterator[list[str]]:
        seen = set()
        for file in python_sources():
            try:
                source = file.read_bytes()
            except OSError:
                continue
            for docstring in docstrings(source):
                if docstring not in seen:
                    seen.add(docstring)
                    yield from sentences(docstring)
