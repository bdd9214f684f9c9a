"""What can be wrong with what w2v is given."""


class W2VError(Exception):
    """The base of all errors that this package raises on purpose."""


class ConfigError(W2VError, ValueError):
    """A training option is out of its range."""


class CorpusError(W2VError, ValueError):
    """A corpus has nothing to train on."""


class SourceError(W2VError, OSError):
    """A file cannot be read or written."""


class DivergenceError(W2VError, ArithmeticError):
    """Training led to numbers that are not finite."""


class InterruptedRunError(W2VError, RuntimeError):
    """A training run is in no state to go on."""


class CheckpointError(W2VError, ValueError):
    """A folder's checkpoint is damaged, of another run, or in use."""


class VectorFileError(W2VError, ValueError):
    """A file of vectors, or of evaluation questions, is not in its format."""


class VectorsError(W2VError, ValueError):
    """Words, counts and vectors do not fit together."""


class UnknownWordError(W2VError, KeyError):
    """A word has no vector."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the repr


class MissingExtraError(W2VError, ImportError):
    """A feature needs a package that is not installed; the message names the extra that brings it."""


class W2VWarning(UserWarning):
    """Something is not as it was asked for, and work goes on."""


class QueryError(W2VError, ValueError):
    """A question to vectors is not one."""


class StopTraining(Exception):
    """Raised by a callback to end training early; no error: what was trained so far is the result."""


class CheckpointWarning(W2VWarning):
    """A checkpoint could not be written; training goes on, and the one before is kept."""


class Interrupted(KeyboardInterrupt):
    """A signal ended training between two blocks; `remedy` says what is kept, and how to go on."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.remedy = "nothing was written"


class ClusterError(W2VError, RuntimeError):
    """A cluster cannot be reached, is too small, or loses its workers again and again."""
