"""How the text of a corpus is read: every option that is not the corpus itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from w2v.corpora.encodings import check_encoding
from w2v.corpora.words import Tokenizer
from w2v.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOptions:
    """What is done to text before its words are counted.

    Parameters
    ----------
    encoding : str, optional
        That of files, a name that Python knows. Without it they are UTF-8, or any bytes that keep ASCII white space.
    tokenizer : Tokenizer or its value
        "whitespace" or "words" (`w2v.tokenize`).
    lowercase : bool
        Whether words are lower-cased, as `str.lower` does.
    column : str, optional
        The column of Parquet files; without it the only one with text or lists of words.

    Raises
    ------
    ConfigError
        For a value of another kind.
    """

    encoding: str | None = None
    tokenizer: Tokenizer | str = Tokenizer.WHITESPACE
    lowercase: bool = False
    column: str | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None:
            check_encoding(self.encoding)
        if self.tokenizer not in list(Tokenizer):
            raise ConfigError(f"tokenizer is {self.tokenizer!r}; it must be one of {', '.join(Tokenizer)}")
        if not isinstance(self.lowercase, bool):
            raise ConfigError(f"lowercase is {self.lowercase!r}; it must be True or False")
        if self.column is not None and not isinstance(self.column, str):
            raise ConfigError(f"column is {self.column!r}; it must be a name")
        object.__setattr__(self, "tokenizer", Tokenizer(self.tokenizer))

    @classmethod
    def given(cls, options: Mapping[str, Any]) -> "TextOptions":
        """The options of a call.

        >>> TextOptions.given({"lower": True})
        Traceback (most recent call last):
        w2v.errors.ConfigError: unknown option 'lower'; there are encoding, tokenizer, lowercase, column
        """
        names = [field.name for field in fields(cls)]
        for name in options:
            if name not in names:
                raise ConfigError(f"unknown option {name!r}; there are {', '.join(names)}")
        return cls(**options)

    def as_dict(self) -> dict[str, Any]:
        """The options by name."""
        return asdict(self)
