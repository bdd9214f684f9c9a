"""`w2v neighbors` and `w2v analogy`: ask vectors."""

import argparse
from collections.abc import Sequence
from typing import Any

from w2v.commands.parsing import add_command, add_top, add_vectors


def add_to(commands: Any) -> None:
    """Make both commands known."""
    neighbors = add_command(commands, "neighbors", _neighbors, "print the nearest words of words")
    add_vectors(neighbors)
    neighbors.add_argument("words", metavar="WORD", nargs="+")
    add_top(neighbors)

    analogy = add_command(commands, "analogy", _analogy, "print what is to C as B is to A")
    add_vectors(analogy)
    for word in "ABC":
        analogy.add_argument(word.lower(), metavar=word)
    add_top(analogy)


def _neighbors(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    embeddings = read_vectors(options.vectors)
    found = {word: embeddings.most_similar(word, topn=options.top) for word in options.words}
    for word, neighbors in found.items():
        if len(found) > 1:
            print(f"{word}:")
        _print_words(neighbors)


def _analogy(options: argparse.Namespace) -> None:
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    embeddings = read_vectors(options.vectors)
    _print_words(embeddings.most_similar([options.b, options.c], [options.a], options.top))


def _print_words(words: Sequence[tuple[str, float]]) -> None:
    for word, cosine in words:
        print(f"{cosine:7.4f}  {word}")
