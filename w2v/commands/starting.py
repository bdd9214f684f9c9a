"""The options of `w2v train` for training that starts from a file."""

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from w2v.commands.parsing import Options
from w2v.config import TrainingConfig
from w2v.errors import ConfigError

if TYPE_CHECKING:
    from w2v.corpus import EncodedCorpus
    from w2v.embeddings import Embeddings


def add_start_options(parser: Options) -> None:
    """The options `--start` and `--update`."""
    parser.add_argument(
        "--start",
        metavar="FILE",
        help="go on from a model in .npz or .safetensors, with its words and options (but say --alpha); or, from another file, "
        "give words their first vectors",
    )
    parser.add_argument(
        "--update", action="store_true", help="add the words of the new text to those of the model that --start names"
    )


def check_start_options(options: argparse.Namespace) -> None:
    """Raise a ConfigError where --update makes no sense."""
    if options.update and options.memory_map is not None:
        raise ConfigError("--update numbers the words anew in memory; leave --memory-map out")
    if options.update and options.start is None:
        raise ConfigError("--update needs a model whose words are added to; add --start FILE")


class Start:
    """What the options say to start from.

    Attributes
    ----------
    config : TrainingConfig
        With a model that training goes on from, its options but for those that were given.
    embeddings : Embeddings or None
    """

    def __init__(self, options: argparse.Namespace, chosen: Mapping[str, Any]) -> None:
        from w2v.continuing import check_goes_on, continued_config
        from w2v.formats import read_config, read_vectors

        self.embeddings: Embeddings | None = None
        self._update, self._goes_on = options.update, False
        if options.start is None:
            self.config = TrainingConfig(**chosen)
            return
        self.embeddings = read_vectors(options.start)
        config = read_config(options.start)
        if config is not None:
            self._goes_on = True
            self.config = continued_config(config, chosen, "--alpha {:g}")
            check_goes_on(self.embeddings, self.config, update=options.update)
        elif options.update:
            raise ConfigError(
                f"{options.start} does not say how its vectors were trained, so its words cannot be added to; without --update "
                "the words of the text start with the vectors that they have there"
            )
        else:
            self.config = TrainingConfig(**chosen)

    def read(self, read: "Callable[..., EncodedCorpus]") -> "EncodedCorpus":
        """The text, by the words that are to be trained; `read` reads it, with options of `read_corpus`."""
        from w2v.continuing import read_more

        if self.embeddings is None or not self._goes_on:
            return read(min_count=self.config.min_count, max_final_vocab=self.config.max_final_vocab)
        return read_more(read, self.embeddings.vocabulary, self.config, update=self._update)
