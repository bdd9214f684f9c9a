"""Text in any encoding as UTF-8."""

import codecs
import warnings
from collections.abc import Iterable, Iterator

from w2v.corpora.controls import controls_in, may_be_no_text
from w2v.errors import ConfigError, SourceError, W2VWarning

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def check_encoding(encoding: str) -> None:
    """Raise a ConfigError where Python knows no such encoding of text."""
    try:
        known = codecs.lookup(encoding)._is_text_encoding
    except (LookupError, TypeError, ValueError):
        known = False
    if not known:
        raise ConfigError(f"encoding is {encoding!r}, which is not known; write for example 'latin-1' or 'utf-16'")


def as_utf8(blocks: Iterable[bytes], encoding: str | None, name: str) -> Iterator[bytes]:
    """The text of blocks in UTF-8, without a byte order mark; any bytes pass as they are where no encoding is given.

    Raises
    ------
    SourceError
        For bytes that are not in the encoding, and without one for what is evidently UTF-16 or UTF-32.
    """
    if encoding is None:
        yield from _checked(blocks, name)
        return
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    done, first = 0, True
    try:
        for block in blocks:
            text = decoder.decode(block)
            yield _encoded(text.removeprefix("\ufeff") if first else text, name)
            first = first and not text
            done += len(block)
        yield _encoded(decoder.decode(b"", True), name)
    except UnicodeError as error:
        raise SourceError(f"cannot read {name}: it is not {encoding}, near byte {done:,} ({error})") from error


def _encoded(text: str, name: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _checked(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    first = True
    for block in blocks:
        if first and block:
            first = False
            _refuse_wide(block, name)
            _doubt_binary(block, name)
            block = block.removeprefix(codecs.BOM_UTF8)
        yield block


def _refuse_wide(block: bytes, name: str) -> None:
    """Text of two or four bytes a character would be read as words of single letters and zeros."""
    for mark, encoding in _MARKS:
        if block.startswith(mark):
            raise SourceError(
                f"cannot read {name}: it begins with the byte order mark of {encoding.upper()}; "
                f"give encoding='{encoding}' (--encoding {encoding})"
            )
    head = block[:4096]
    if len(head) >= 16 and head.count(0) * 10 >= len(head) * 3:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        raise SourceError(
            f"cannot read {name}: {head.count(0)} of its first {len(head)} bytes are zeros, as in UTF-16; "
            f"if it is text, give encoding='{encoding}' (--encoding {encoding})"
        )


def _doubt_binary(block: bytes, name: str) -> None:
    """Any bytes are taken for text, but not in silence where one in thirty is a control character that text does not have."""
    head = block[:4096]
    if may_be_no_text(head):
        warnings.warn(
            f"{name} may be no text: {controls_in(head):,} of its first {len(head):,} bytes are control characters",
            W2VWarning,
            stacklevel=2,
        )
