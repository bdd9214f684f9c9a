"""The common face of all certificates: a claim, the kind of proof, and a check that can be repeated at any time."""

from abc import ABC, abstractmethod
from enum import Enum
from functools import cached_property

from lagrangian.logic import Truth
from lagrangian.shown import Displayed, Shown
from lagrangian.status import Status


class Claim(Displayed, Enum):
    """What a certificate certifies; of a local optimum alone the claim is local.

    >>> [claim.value for claim in Claim if claim.scope == "global"]
    ['global optimum', 'infeasible', 'unbounded', 'not attained']
    """

    GLOBAL_OPTIMUM = "global optimum"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NOT_ATTAINED = "not attained"
    LOCAL_OPTIMUM = "local optimum"

    @property
    def scope(self) -> str:
        return "local" if self is Claim.LOCAL_OPTIMUM else "global"


CLAIMS = {
    Status.OPTIMAL: Claim.GLOBAL_OPTIMUM,
    Status.INFEASIBLE: Claim.INFEASIBLE,
    Status.UNBOUNDED: Claim.UNBOUNDED,
    Status.NOT_ATTAINED: Claim.NOT_ATTAINED,
    Status.LOCAL: Claim.LOCAL_OPTIMUM,
}


class Certificate(Shown, ABC):
    """A proof of one claim about one problem, as data: which rule, and with which numbers.

    Attributes:
        kind: the rule in a word or two, such as "convexity" or "enumeration".
        claim: what it proves.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> certificate = minimize(x**2, [x >= 1], over=[x]).certificate
    >>> certificate.kind, certificate.claim.value, certificate.verify()
    ('convexity', 'global optimum', True)
    """

    kind: str
    claim: Claim

    @abstractmethod
    def verify(self) -> Truth:
        """Check the proof again, without the solver: True, or False if a step fails, or None if a step could not be decided."""

    @cached_property
    def verified(self) -> Truth:
        """The outcome of the first check of this object, which is not done twice."""
        return self.verify()

    @abstractmethod
    def explanation(self) -> tuple[str, ...]:
        """The argument in sentences, a step each."""
