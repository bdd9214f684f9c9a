"""Columns of Parquet files: text, or lists of words."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from w2v.corpora.files import opened
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.words import Tokenizer, word_pieces
from w2v.errors import ConfigError, CorpusError, SourceError, W2VError, W2VWarning
from w2v.extras import extra

if TYPE_CHECKING:
    import pyarrow

_MARK = b"PAR1"
_BATCH_ROWS = 1 << 13


def is_parquet(path: str) -> bool:
    """Whether a file begins as Parquet files do; raises SourceError when it cannot be read."""
    with opened(path) as stream:
        return stream.read(len(_MARK)) == _MARK


def add_column(path: str, options: TextOptions, numbering: Numbering) -> None:
    """Number the words of a column, in one pass over batches of rows.

    A row of text may have several lines, each a sentence; a row that is a list of words is a sentence. A row that is null is
    left out, with a warning that counts them.

    Raises
    ------
    SourceError
        When the file is damaged, or changes while it is read.
    MissingExtraError
        Without the package `pyarrow`.
    ConfigError
        When there is no such column, or none to choose by itself.
    CorpusError
        For a null among the words of a list.
    """
    with _damage_told(path):
        for values, name in _batches(path, options.column):
            _add(values, options, numbering, name)


def column_pieces(path: str, options: TextOptions) -> Iterator[bytes]:
    """The words of a column as text, a line for each row or each of its lines; raises as `add_column` does.

    Words of lists with white space in them are a CorpusError too: text would make several of each.
    """
    with _damage_told(path):
        for values, name in _batches(path, options.column):
            rows, tokenizer = values.to_pylist(), Tokenizer(options.tokenizer)
            if _is_words(values.type):
                rows, tokenizer = [_as_line(words, name) for words in rows], Tokenizer.WHITESPACE
            text = "".join(f"{row}\n" for row in rows).encode("utf-8", "surrogateescape")
            yield from word_pieces([text], tokenizer, options.lowercase, name)


def _as_line(words: list[str | None], name: str) -> str:
    for word in words:
        if word is None or (letters := word.encode()).split() != [letters]:
            raise CorpusError(f"{name}: {word!r} in a list of words is no single word of a text; leave it out")
    return " ".join(cast("list[str]", words))


@contextmanager
def _damage_told(path: str) -> Iterator[None]:
    """Turn what pyarrow raises into a SourceError."""
    extra("pyarrow.parquet", "arrow", f"reading {path}, a Parquet file,")
    import pyarrow  # an extra, which is there now

    try:
        yield
    except W2VError:
        raise
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read {path}: {' '.join(str(error).split())[:200]}") from error


def _batches(path: str, wanted: str | None) -> Iterator[tuple["pyarrow.Array", str]]:
    """The rows of a column that are not null, batch by batch, and what to call it."""
    from pyarrow import parquet  # an extra, which is there now

    nulls = rows = 0
    with opened(path) as stream, parquet.ParquetFile(stream) as file:
        column = _column(file.schema_arrow, wanted, path)
        for batch in file.iter_batches(_BATCH_ROWS, columns=[column]):
            values = batch.column(0)
            nulls, rows = nulls + values.null_count, rows + len(values)
            yield values.drop_null(), f"{path}, column {column!r}"
    if nulls:
        warnings.warn(
            f"{nulls:,} of {rows:,} rows of column {column!r} of {path} are null and left out", W2VWarning, stacklevel=2
        )


def _column(schema: "pyarrow.Schema", wanted: str | None, path: str) -> str:
    able = [field.name for field in schema if _is_text(field.type) or _is_words(field.type)]
    if wanted is None and len(able) == 1:
        return str(able[0])
    if wanted is None or wanted not in able:
        asked = "say which column" if wanted is None else f"there is no column {wanted!r} of text or lists of words"
        raise ConfigError(f"{asked} of {path} to read: {', '.join(map(repr, able)) or 'it has none with text'}")
    return wanted


def _is_text(kind: Any) -> bool:
    from pyarrow import types  # loaded before

    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_words(kind: Any) -> bool:
    from pyarrow import types  # loaded before

    return bool(types.is_list(kind) or types.is_large_list(kind)) and _is_text(kind.value_type)


def _add(values: "pyarrow.Array", options: TextOptions, numbering: Numbering, name: str) -> None:
    if not _is_words(values.type):
        pieces = ["\n".join(values.to_pylist()).encode("utf-8", "surrogateescape")] if len(values) else []
        for piece in word_pieces(pieces, Tokenizer(options.tokenizer), options.lowercase, name):
            numbering.add_text(piece)
        numbering.end_sentence()
        return
    words = values.flatten()
    if words.null_count:
        raise CorpusError(
            f"{name}: {words.null_count:,} words of a list are null; leave them out or write empty strings"
        )
    texts = words.to_pylist()
    encoded = [(word.lower() if options.lowercase else word).encode() for word in texts]
    stops = np.cumsum([0, *map(len, encoded)])
    before = len(numbering.ids)
    numbering.add_words(b"".join(encoded), stops[:-1], stops[1:])
    numbering.add_ends(before + np.cumsum(values.value_lengths().to_numpy(zero_copy_only=False)).astype(np.int64))
