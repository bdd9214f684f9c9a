"""Files for TensorBoard's embedding projector."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, SourceError
from w2v.files import Path, replacing
from w2v.page.projection import most_frequent
from w2v.readable import escaped, readable

TENSORS, METADATA, CONFIG = "tensors.tsv", "metadata.tsv", "projector_config.pbtxt"
_BREAKING = re.compile(r"\s")


def write_projector_files(embeddings: Embeddings, folder: Path, *, words: int = 20_000) -> int:
    r"""Write `tensors.tsv`, `metadata.tsv` and `projector_config.pbtxt` into a folder, for `tensorboard --logdir FOLDER`.

    Numbers have nine digits, from which every float32 comes back as it was. Where counts are known, the metadata are two columns
    under a heading, else words alone. White space and control characters in words become escapes such as \t, so that a word
    stays in its line and its column. The configuration is written last: TensorBoard sees all three files or none.

    Parameters
    ----------
    embeddings : Embeddings
    folder : path
        Made where it is not there yet; other files in it stay as they are.
    words : int
        How many, the most frequent first.

    Returns
    -------
    How many words were written.

    Raises
    ------
    ConfigError
        When `words` is below 1.
    SourceError
        When a file or the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from w2v.vocabulary import Vocabulary
    >>> embeddings = Embeddings(Vocabulary(("king", "queen"), [3, 2]), [[2, 0], [3, 1]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_projector_files(embeddings, folder)
    ...     print(open(folder + "/metadata.tsv").read().expandtabs(8), end="")
    word    count
    king    3
    queen   2
    """
    if words < 1:
        raise ConfigError(f"words is {words}; it must be at least 1")
    chosen = most_frequent(embeddings.vocabulary.counts, words)
    try:
        os.makedirs(folder, exist_ok=True)
        with suppress(FileNotFoundError):
            os.remove(os.path.join(folder, CONFIG))
    except OSError as error:
        raise SourceError(f"cannot write to {os.fspath(folder)}: {error.strerror or error}") from error
    for name, lines in (
        (TENSORS, _tensor_lines(embeddings, chosen)),
        (METADATA, _metadata_lines(embeddings, chosen)),
        (CONFIG, _config_lines(len(chosen), embeddings.vector_size)),
    ):
        with replacing(os.path.join(folder, name)) as stream:
            stream.writelines(f"{line}\n".encode() for line in lines)
    return len(chosen)


def _tensor_lines(embeddings: Embeddings, chosen: NDArray[np.int64]) -> Iterator[str]:
    line = "\t".join(["%.9g"] * embeddings.vector_size)
    for number in chosen:
        yield line % tuple(embeddings.vectors[number].tolist())


def _metadata_lines(embeddings: Embeddings, chosen: NDArray[np.int64]) -> Iterator[str]:
    vocabulary = embeddings.vocabulary
    words = (_in_a_column(vocabulary.words[number]) for number in chosen)
    if not vocabulary.counts.any():
        yield from words
        return
    yield "word\tcount"
    for word, count in zip(words, vocabulary.counts[chosen].tolist(), strict=True):
        yield f"{word}\t{count}"


def _in_a_column(word: str) -> str:
    """A word without what would end its line or its column, or leave its line blank."""
    return _BREAKING.sub(lambda found: escaped(found[0]), readable(word)) or "(empty)"


def _config_lines(words: int, size: int) -> Iterator[str]:
    yield "embeddings {"
    yield '  tensor_name: "word vectors"'
    yield f'  tensor_path: "{TENSORS}"'
    yield f"  tensor_shape: {words}"
    yield f"  tensor_shape: {size}"
    yield f'  metadata_path: "{METADATA}"'
    yield "}"
