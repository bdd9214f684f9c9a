"""The errors of the package: what is wrong with the input is raised here, what is open about an answer is a Status."""

from lagrangian.shown import Displayed


class LagrangianError(Displayed, Exception):
    """The base of every error that this package raises on purpose."""


class ProblemError(LagrangianError, ValueError):
    """The problem as stated makes no sense: the message shows the value, its place and the remedy."""


class TextError(LagrangianError, ValueError):
    """A text is not what it should be.

    Attributes:
        text: the offending text, or the line of a file; None where the error is about no single text.
        position: where in the text, counted from 1; one more than its length where it ends too early.
        length: how many characters are meant.
        names: the names that may occur in the text, if that is known.
    """

    def __init__(
        self,
        message: str,
        text: str | None = None,
        position: int | None = None,
        length: int = 1,
        names: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(message)
        self.text, self.position, self.length, self.names = text, position, length, names


class ParseError(TextError):
    """A text is not an expression or a relation of the package's own grammar."""


class ProblemFileError(TextError):
    """A problem file cannot be read or does not have the documented form."""

    @classmethod
    def about(cls, place: str, error: TextError) -> "ProblemFileError":
        """What is wrong at a place of a file."""
        return cls(f"{place}: {error}", error.text, error.position, error.length, error.names)


class CertificateFileError(LagrangianError, ValueError):
    """A stored certificate cannot be written, cannot be read, or does not have the documented form."""


class ReportFileError(LagrangianError, ValueError):
    """A report cannot be written to the file that is named."""


class MissingExtraError(LagrangianError, ImportError):
    """An optional package is not installed; the message says how to install it."""


class MethodFailedWarning(RuntimeWarning):
    """A method ended with an error that is a defect of this package; other methods have gone on."""
