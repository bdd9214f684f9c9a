"""The docstrings of installed packages as a corpus."""

import ast
import random
import re
import sys
import sysconfig
from pathlib import Path

import pytest

from w2v.docstrings import PythonDocs, docstrings, python_sources, sentences


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b'"""Module."""\n', ["Module."]),
        (b"#!/usr/bin/python\n# comment\n\n'''Module.'''\n", ["Module."]),
        (b'import x\n"""No docstring."""\n', []),
        (b'class A:  # comment\n\n    r"""Class."""\n', ["Class."]),
        (b'def f(\n    a: int,\n) -> str:\r\n    """Lines\r\n    two."""\r\n', ["Lines\r\n    two."]),
        (b'def f():\n    return """no"""\n', []),
        (b'def f():\n    """A \\""" quote."""\n', ['A \\""" quote.']),
        (b'def f():\n    """Not closed\n', []),
        (b'\xff\xfedef f():\n    """Bytes \xff."""\n', ["Bytes \ufffd."]),
        (b"def f(:::\n  not Python at all\nclass :\n    '''Still.'''", ["Still."]),
    ],
)
def test_where_docstrings_stand(source, expected):
    assert list(docstrings(source)) == expected


def test_the_standard_librarys_docstrings_are_those_that_its_parser_finds():
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    found, expected = set(), set()
    for file in random.Random(1).sample(files, 60):
        source = file.read_bytes()
        found.update(re.sub(r"\W", "", text) for text in docstrings(source))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node, clean=False)
                if text and re.search(rb'"""|\'\'\'', source):
                    expected.add(re.sub(r"\W", "", text))
    assert len(expected) > 300
    assert len(found & expected) > 0.93 * len(expected)  # the rest stands in single quotes, or has escapes
    assert len(found & expected) > 0.93 * len(found)


def test_sentences_are_lower_case_words_of_any_alphabet():
    text = "Größe: a_b x1 ΑΒΓ!\nnext line; e.g. this\n\n>>> code()\n42\n\nAfter"
    assert list(sentences(text)) == [
        ["größe"],
        ["a", "b", "x", "αβγ"],
        ["next", "line"],
        ["e", "g"],
        ["this"],
        ["after"],
    ]


def test_this_machine_has_docs_and_reading_them_imports_nothing():
    before = set(sys.modules)
    files = python_sources()
    assert files == sorted(files) and len(files) == len(set(files))
    assert any(file.name == "argparse.py" for file in files)
    assert any("numpy" in file.parts for file in files)
    corpus = iter(PythonDocs())
    words = [word for _ in range(2_000) for word in next(corpus)]
    assert len(set(words)) > 500 and all(word == word.lower() for word in words)
    assert set(sys.modules) == before
