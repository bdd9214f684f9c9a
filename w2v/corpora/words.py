"""What a word is: what stands between white space, or what Unicode calls letters, marks and numbers."""

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part
from w2v.errors import SourceError

_BETWEEN, _WORD, _INNER = 0, 1, 2
_INNER_CHARACTERS = "'\N{RIGHT SINGLE QUOTATION MARK}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
_SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_SPACE = 32


class Tokenizer(StrEnum):
    """How text becomes words."""

    WHITESPACE = "whitespace"
    WORDS = "words"


def tokenize(text: str, tokenizer: Tokenizer | str = Tokenizer.WORDS, *, lowercase: bool = False) -> list[str]:
    """The words of a string, as `read_corpus` takes them from a file with the same options.

    With "words" a word is a longest run of characters that Unicode calls letters, marks or numbers (general categories L, M and
    N). An apostrophe (U+0027 or U+2019) or a joiner (U+200C, U+200D) between two of them belongs to the word; soft hyphens
    are dropped. With "whitespace" a word is what stands between ASCII white space. `lowercase` applies `str.lower` before.

    Parameters
    ----------
    text : str
    tokenizer : Tokenizer or str
        "words" or "whitespace".
    lowercase : bool

    Raises
    ------
    ValueError
        For a tokenizer of another name.

    Examples
    --------
    >>> tokenize("Don't panic: it's 42, naïve-looking!", lowercase=True)
    ["don't", 'panic', "it's", '42', 'naïve', 'looking']
    >>> tokenize("Don't panic!", "whitespace")
    ["Don't", 'panic!']
    """
    piece = text.encode("utf-8", "surrogatepass")
    (tokens,) = word_pieces([piece], Tokenizer(tokenizer), lowercase, "the text", "surrogatepass")
    return [word.decode("utf-8", "surrogatepass") for word in tokens.split()]


def word_pieces(
    pieces: Iterable[bytes], tokenizer: Tokenizer, lowercase: bool, name: str, errors: str = "strict"
) -> Iterator[bytes]:
    """Pieces of text of which only words and white space are left, between which newlines stay where they are.

    Raises
    ------
    SourceError
        When words are wanted of what is not UTF-8.
    """
    if tokenizer is Tokenizer.WHITESPACE and not lowercase:
        yield from pieces
        return
    words = tokenizer is Tokenizer.WORDS
    done = 0
    for piece in pieces:
        try:
            text = piece.decode("utf-8", errors if words else "surrogateescape")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"cannot read {name}: byte {done + error.start:,} of its text is not UTF-8; give its encoding, such as "
                "encoding='latin-1' (--encoding latin-1)"
            ) from None
        done += len(piece)
        yield _words_of(text, lowercase, errors) if words else text.lower().encode("utf-8", "surrogateescape")


def _words_of(text: str, lowercase: bool, errors: str) -> bytes:
    text = text.replace(_SOFT_HYPHEN, "")
    letters = bytearray((text.lower() if lowercase else text).encode("utf-8", errors))
    if letters:
        _blank(np.frombuffer(letters, np.uint8), _kinds())
    return bytes(letters)


@cache
def _kinds() -> NDArray[np.uint8]:
    """For each character whether it is of a word, inside of words, or between them."""
    categories = (unicodedata.category(chr(code))[0] for code in range(sys.maxunicode + 1))
    kinds = np.fromiter((category in "LMN" for category in categories), np.uint8, sys.maxunicode + 1)
    for character in _INNER_CHARACTERS:
        kinds[ord(character)] = _INNER
    return kinds


@kernel_part
def _length(byte: int) -> int:
    """The bytes of the UTF-8 character that begins with a byte."""
    return 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4


@kernel_part
def _kind(text: NDArray[np.uint8], start: int, kinds: NDArray[np.uint8]) -> int:
    """The kind of the character that starts at a place; behind the end of the text, as between words."""
    kind: Any = _BETWEEN
    if start < text.shape[0]:
        length = _length(text[start])
        code = np.int64(text[start]) & (0x7F if length == 1 else 0xFF >> (length + 1))
        for i in range(1, length):
            code = (code << 6) | (np.int64(text[start + i]) & 0x3F)
        kind = np.int64(kinds[code])
    return kind


@kernel
def _blank(text: NDArray[np.uint8], kinds: NDArray[np.uint8]) -> None:
    """Overwrite by blanks all that is not of a word, but newlines."""
    start = 0
    before = _BETWEEN
    kind = _kind(text, 0, kinds)
    while start < text.shape[0]:
        stop = start + _length(text[start])
        after = _kind(text, stop, kinds)
        of_word = kind == _WORD or (kind == _INNER and before == _WORD and after == _WORD)
        if not of_word and text[start] != 10:
            for i in range(start, stop):
                text[i] = _SPACE
        start = stop
        before = kind
        kind = after
