"""`w2v neighbors`, `analogy`, `similarity` and `doesnt-match`: ask vectors."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from w2v.commands.parsing import add_command, add_top, add_vectors, count
from w2v.errors import ConfigError, QueryError, SourceError, W2VError
from w2v.readable import readable

if TYPE_CHECKING:
    from w2v.embeddings import Embeddings

_FROM_INPUT = "; without any, each line of standard input is a question"
Answer = tuple[dict[str, Any], str]


def add_to(commands: Any) -> None:
    """Make the commands known."""
    neighbors = add_command(commands, "neighbors", _neighbors, "print the nearest words of words")
    _add_questions(neighbors)
    neighbors.add_argument("words", metavar="WORD", nargs="*", help="each is asked for by itself" + _FROM_INPUT)
    neighbors.add_argument(
        "--together", action="store_true", help="ask for the mean of the words, as each line is anyway"
    )
    neighbors.add_argument("--from", dest="source", metavar="FILE", help="take the words' vectors from this other file")
    neighbors.add_argument(
        "--index",
        nargs="?",
        const="",
        metavar="INDEX",
        help="search the index that w2v index wrote (default: FILE.usearch), which may miss a few",
    )
    _add_search(neighbors)

    analogy = add_command(commands, "analogy", _analogy, "print what is to C as B is to A")
    _add_questions(analogy)
    analogy.add_argument("words", metavar="A B C", nargs="*", help="three words" + _FROM_INPUT)
    analogy.add_argument(
        "--cosmul", action="store_true", help="multiply the similarities (3CosMul) in place of adding them"
    )
    _add_search(analogy)

    similarity = add_command(commands, "similarity", _similarity, "print the cosines between words")
    _add_questions(similarity)
    similarity.add_argument("words", metavar="WORD", nargs="*", help="two words, or more for a table" + _FROM_INPUT)

    odd = add_command(commands, "doesnt-match", _doesnt_match, "print the word that does not go with the others")
    _add_questions(odd)
    odd.add_argument("words", metavar="WORD", nargs="*", help="three words or more" + _FROM_INPUT)


def _add_questions(parser: argparse.ArgumentParser) -> None:
    add_vectors(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object a question, in a line")
    parser.add_argument(
        "--memory-map", action="store_true", help="read from an .npz or .safetensors file only what the questions need"
    )


def _add_search(parser: argparse.ArgumentParser) -> None:
    add_top(parser)
    parser.add_argument("--restrict-vocab", type=count, metavar="N", help="search the first N words only")


def _neighbors(options: argparse.Namespace) -> None:
    embeddings = _read(options.vectors, options.memory_map)
    source = _read(options.source, memory_map=False) if options.source else embeddings
    index = None if options.index is None else _index(options, embeddings)

    def answer(words: Sequence[str]) -> Answer:
        queries: list[Any] = list(words)
        if source is not embeddings:
            queries = [source.get_vector(word, norm=True) for word in words]
        found = embeddings.most_similar(queries, topn=options.top, restrict_vocab=options.restrict_vocab, indexer=index)
        return _ranking(words, found)

    questions = [options.words] if options.together else [[word] for word in options.words]
    _ask(options, questions if options.words else [], answer, several=len(questions) > 1)


def _index(options: argparse.Namespace, embeddings: "Embeddings") -> Any:
    path = options.index or options.vectors + ".usearch"
    if not os.path.exists(path):
        raise SourceError(f"there is no index {path}; w2v index {options.vectors} --output {path} builds it")
    return embeddings.load_index(path)


def _analogy(options: argparse.Namespace) -> None:
    embeddings = _read(options.vectors, options.memory_map)
    ask = embeddings.most_similar_cosmul if options.cosmul else embeddings.most_similar

    def answer(words: Sequence[str]) -> Answer:
        if len(words) != 3:
            raise QueryError(f"an analogy is asked with three words, A B C, not with {' '.join(words)!r}")
        a, b, c = words
        return _ranking(words, ask([b, c], [a], topn=options.top, restrict_vocab=options.restrict_vocab))

    _ask(options, [options.words] if options.words else [], answer)


def _similarity(options: argparse.Namespace) -> None:
    embeddings = _read(options.vectors, options.memory_map)

    def answer(words: Sequence[str]) -> Answer:
        if len(words) < 2:
            raise QueryError(f"a similarity is between two words or more, not of {' '.join(words)!r}")
        matrix = embeddings.similarity_matrix(words).tolist()
        if len(words) == 2:
            return {"words": words, "similarity": matrix[0][1]}, f"{matrix[0][1]:7.4f}\n"
        lines = (
            " ".join(f"{value:7.4f}" for value in row) + f"  {_shown(word)}"
            for word, row in zip(words, matrix, strict=True)
        )
        return {"words": words, "similarities": matrix}, "\n".join(lines) + "\n"

    _ask(options, [options.words] if options.words else [], answer)


def _doesnt_match(options: argparse.Namespace) -> None:
    embeddings = _read(options.vectors, options.memory_map)

    def answer(words: Sequence[str]) -> Answer:
        if len(words) < 3:
            raise QueryError(f"one of three words or more can fail to match, not one of {' '.join(words)!r}")
        odd = embeddings.doesnt_match(words)
        return {"words": words, "doesnt_match": odd}, f"{_shown(odd)}\n"

    _ask(options, [options.words] if options.words else [], answer)


def _read(path: str, memory_map: bool) -> "Embeddings":
    from w2v.formats import read_vectors  # not for --help: loads NumPy

    return read_vectors(path, memory_map=memory_map)


def _ranking(words: Sequence[str], found: Sequence[tuple[str, float]]) -> Answer:
    listed = [{"word": word, "similarity": value} for word, value in found]
    return {"words": words, "nearest": listed}, "".join(f"{value:7.4f}  {_shown(word)}\n" for word, value in found)


def _shown(word: str) -> str:
    """A word as it is; for a terminal, which control characters would command, with these as escapes."""
    return readable(word) if sys.stdout.isatty() else word


def _ask(
    options: argparse.Namespace,
    questions: Sequence[Sequence[str]],
    answer: Callable[[Sequence[str]], Answer],
    several: bool = False,
) -> None:
    """Answer the questions, or without any the lines of standard input; one without an answer does not end the others."""
    if questions:
        # All before any is printed: an error comes alone.
        for words, (data, text) in [(words, answer(words)) for words in questions]:
            _print(options, words, data, text, several)
        return
    failed = asked = 0
    for words in _lines():
        asked += 1
        try:
            data, text = answer(words)
        except W2VError as error:
            failed += 1
            print(f"w2v: error: {error}", file=sys.stderr)
            continue
        _print(options, words, data, text, several=not options.json and not sys.stdin.isatty())
    if failed and not sys.stdin.isatty():
        raise ConfigError(f"{failed} of {asked} lines have no answer")


def _print(options: argparse.Namespace, words: Sequence[str], data: dict[str, Any], text: str, several: bool) -> None:
    if options.json:
        print(json.dumps(data))
        return
    print((f"{' '.join(map(_shown, words))}:\n" if several else "") + text, end="")


def _lines() -> Iterator[list[str]]:
    """The words of each line of standard input; a person at a terminal sees a prompt, and ends with an empty line or Ctrl-D."""
    if not sys.stdin.isatty():
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
        yield from (line.split() for line in sys.stdin if line.strip())
        return
    while True:
        try:
            words = input("> ").split()
        except EOFError:
            print()
            return
        if not words:
            return
        yield words
