"""The errors of the package: what is wrong with the input is raised here, what is open about an answer is a Status."""


class LagrangianError(Exception):
    """The base of every error that this package raises on purpose."""


class ProblemError(LagrangianError, ValueError):
    """The problem as stated makes no sense: the message shows the value, its place and the remedy."""


class ParseError(LagrangianError, ValueError):
    """A text is not an expression or a relation of the package's own grammar."""


class ProblemFileError(LagrangianError, ValueError):
    """A problem file cannot be read or does not have the documented form."""


class CertificateFileError(LagrangianError, ValueError):
    """A stored certificate cannot be written, cannot be read, or does not have the documented form."""


class ReportFileError(LagrangianError, ValueError):
    """A report cannot be written to the file that is named."""


class MissingExtraError(LagrangianError, ImportError):
    """An optional package is not installed; the message says how to install it."""


class MethodFailedWarning(RuntimeWarning):
    """A method ended with an error that is a defect of this package; other methods have gone on."""
