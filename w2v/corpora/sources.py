"""What a corpus may be: files, patterns of names, standard input, or sentences of words."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from w2v.corpora.files import STANDARD_INPUT, paths_of, shown, text_pieces
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.parquet import add_column, column_pieces, is_parquet
from w2v.corpora.remote import is_remote
from w2v.corpora.sentences import add_sentences, shortened
from w2v.corpora.words import Tokenizer, word_pieces
from w2v.errors import ConfigError, CorpusError
from w2v.files import Path


@dataclass(frozen=True, slots=True)
class Files:
    """Files that make a corpus together; `Files(["a.txt", "text/*.gz"])`.

    `read_corpus` also takes one path or pattern, and a list of paths, as they are.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.txt", "a.txt"):
    ...         _ = open(os.path.join(folder, name), "w").write("some words")
    ...     [os.path.basename(name) for name in Files(os.path.join(folder, "*.txt")).names()]
    ['a.txt', 'b.txt']
    """

    paths: Path | Iterable[Path]

    def names(self) -> list[str]:
        """The files, patterns resolved."""
        return paths_of(self.paths)


Source = Files | Path | Iterable[Path] | Iterable[Iterable[str]]


def files_of(source: Any) -> Files | None:
    """The files that a source names; None for sentences.

    A list of strings can be meant as names of files only, since a sentence is a list of words.
    """
    if isinstance(source, Files):
        return source
    if isinstance(source, (str, os.PathLike)):
        return Files(source)
    if not isinstance(source, (list, tuple)) or not all(isinstance(entry, (str, PurePath)) for entry in source):
        return None
    if any(isinstance(entry, PurePath) or _is_there(entry) for entry in source):
        return Files(source)
    return None


def _is_there(name: str) -> bool:
    try:
        return name == STANDARD_INPUT or is_remote(name) or os.path.exists(next(iter(paths_of(name))))
    except (OSError, ValueError):
        return False


def add_source(source: Any, options: TextOptions, numbering: Numbering) -> str:
    """Number all words of a source, in one pass; returns what to call it in messages.

    Raises
    ------
    SourceError, CorpusError, ConfigError
        As for the parts it is read by.
    """
    files = files_of(source)
    if files is not None:
        names = files.names()
        if names.count(STANDARD_INPUT) > 1:
            raise ConfigError("standard input, '-', is named twice; it can be read once only")
        for name in names:
            add_file(name, options, numbering)
        return shown(names[0]) if len(names) == 1 else f"the corpus of {len(names)} files"
    _check_for_sentences(options)
    if isinstance(source, (bytes, bytearray)):
        raise CorpusError(
            f"the corpus is {shortened(source)}; write a path as a string, and text as a list of lists of words"
        )
    try:
        sentences = iter(source)
    except TypeError:
        raise CorpusError(f"the corpus is {shortened(source)}; give a path, or an iterable of lists of words") from None
    add_sentences(sentences, options.lowercase, numbering)
    if sentences is source and not len(numbering.ids):
        raise CorpusError("the corpus has no words; an iterator that was read before is empty")
    return "the corpus"


def _check_for_sentences(options: TextOptions) -> None:
    for name, usual in (("encoding", None), ("column", None), ("tokenizer", Tokenizer.WHITESPACE)):
        if getattr(options, name) != usual:
            raise ConfigError(
                f"{name} is {getattr(options, name)!r}, which goes with files, not with sentences of words"
            )


def source_pieces(name: str, options: TextOptions) -> Iterator[bytes]:
    """The words of a file, between white space, piece by piece."""
    if _is_table(name, options):
        return column_pieces(name, options)
    pieces = text_pieces(name, options.encoding)
    return word_pieces(pieces, Tokenizer(options.tokenizer), options.lowercase, shown(name))


def add_file(name: str, options: TextOptions, numbering: Numbering) -> None:
    """Number all words of a file."""
    if _is_table(name, options):
        add_column(name, options, numbering)
        return
    for piece in source_pieces(name, options):
        numbering.add_text(piece)
    numbering.end_sentence()


def _is_table(name: str, options: TextOptions) -> bool:
    """Whether a file is Parquet; raises a ConfigError for a column of another."""
    table = (is_remote(name) or os.path.isfile(name)) and is_parquet(name)
    if options.column is not None and not table:
        raise ConfigError(f"column is {options.column!r}, but {shown(name)} is no Parquet file")
    return table
