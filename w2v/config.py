"""How to train: every option with its range."""

import math
from dataclasses import dataclass, fields
from enum import StrEnum
from numbers import Integral, Real

from w2v.errors import ConfigError
from w2v.tables import Tabular


class Loss(StrEnum):
    """What is minimized; docs/w2v.md has the options that belong to each.

    With the scores s_v = x . y_v of a context's input row x, the logistic function sigma, the center w, its k negatives or
    candidates n_j and their distribution q, the loss of a pair is

        negative-sampling      -log sigma(s_w) - sum_j log sigma(-s_nj)
        noise-contrastive      -log sigma(s_w - log k q_w) - sum_j log sigma(log k q_nj - s_nj)
        sampled-softmax        -log(exp(s_w - log k q_w) / (exp(s_w - log k q_w) + sum_j exp(s_nj - log k q_nj)))
        full-softmax           -log(exp(s_w) / sum_v exp(s_v)), over all words v
        hierarchical-softmax   -sum_n log sigma(+-s_n), over the nodes n above w in Huffman's tree

    Sources: Mikolov et al. (2013), equations 2 and 4 and section 2.2; Gutmann and Hyvärinen (2010); Bengio and Senécal (2008);
    Morin and Bengio (2005).

    Examples
    --------
    >>> [str(loss) for loss in Loss][:2]
    ['negative-sampling', 'sampled-softmax']
    """

    NEGATIVE_SAMPLING = "negative-sampling"
    SAMPLED_SOFTMAX = "sampled-softmax"
    FULL_SOFTMAX = "full-softmax"
    HIERARCHICAL_SOFTMAX = "hierarchical-softmax"
    NOISE_CONTRASTIVE = "noise-contrastive"


class Architecture(StrEnum):
    """What predicts a center: each of its contexts by itself (skip-gram), or the mean or sum of all of them (CBOW).

    Source: Mikolov, Chen, Corrado and Dean (2013).

    Examples
    --------
    >>> TrainingConfig(architecture="cbow").architecture is Architecture.CBOW
    True
    """

    SKIP_GRAM = "skip-gram"
    CBOW = "cbow"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(Tabular):
    """The options of a training run, under gensim's names and with its defaults.

    Parameters
    ----------
    vector_size : int, at least 1
        Numbers in a vector.
    window : int, at least 1
        The greatest distance between a center and its contexts; each center draws its own from 1 to this.
    shrink_windows : bool
        Whether centers draw their windows, so that near contexts count more; if not, every window is `window`.
    min_count : int, at least 1
        Words that occur more rarely are left out.
    max_final_vocab : int, at least 1, or None
        How many words are kept at most: the most frequent ones, without those that occur as often as the first one beyond.
    sample : float, at least 0
        The share of the corpus above which words are dropped at random; 0 keeps all.
    negative : int, at least 1
        Negatives of a center, or for sampled softmax and noise-contrastive estimation its candidates. A vocabulary too small
        for so many distinct ones gets as many as it has. The other losses have none.
    ns_exponent : float
        The power of a word's count to which its chance to be a negative is proportional.
    alpha, min_alpha : float, alpha > 0 and 0 <= min_alpha <= alpha
        The learning rate falls from alpha towards 0 in proportion to the words done, but not below min_alpha.
    epochs : int, at least 1
        Passes over the corpus.
    shuffle : bool
        Whether the sentences are trained in a random order, which follows from the seed and is the same in every epoch, or
        in that of the text.
    seed : int, 0 to 2**64 - 1
        With one thread, and with `deterministic`, the same seed gives the same vectors, bit for bit, on processors of one kind.
    threads : int, at least 1
        Threads that train on one set of weights without locks (Niu et al. 2011).
    held_out : float, 0 <= held_out < 1
        The share of the sentences that is not trained on, whose loss is reported after each epoch (`w2v.held_out`).
    subwords : bool
        Whether a word's input row is the mean of its own and its character n-grams' rows (Bojanowski et al. 2017).
    min_n, max_n : int, 1 <= min_n <= max_n
        The least and the greatest number of characters of an n-gram; the word's two brackets count.
    bucket : int, at least 1
        How many buckets n-grams are hashed to; those of one bucket share a row.
    deterministic : bool
        Whether the same seed gives the same vectors, bit for bit, with any number of threads (on processors of one kind):
        training in rounds of blocks that do not see each other's updates, at about a third of the speed (`w2v.rounds`).
    loss : Loss, or its value as a string
    architecture : Architecture, or its value as a string
    cbow_mean : int, 0 or 1
        Whether CBOW takes the mean of the contexts' rows (1) or their sum (0).
    cbow_exact : bool
        Whether CBOW's contexts get the gradient of the loss as it is. If not, it is multiplied by the number of contexts for
        the mean, and divided by it for the sum, as word2vec.c and gensim do.
    shared_candidates : int, at least 0
        How many centers in a row share the candidates drawn for the first of them; 0 for all of a block.
    distinct_candidates : bool
        Whether candidates are drawn without replacement.
    uncorrected_center : bool
        Whether sampled softmax subtracts log k q from the scores of candidates only, and not from the center's.

    Raises
    ------
    ConfigError
        For a value out of its range or of another type, and for an option that the loss or the architecture does not have.

    Examples
    --------
    >>> TrainingConfig(vector_size=50).window
    5
    >>> TrainingConfig(window=0)
    Traceback (most recent call last):
    w2v.errors.ConfigError: window is 0; it must be a whole number from 1 to 10000
    """

    vector_size: int = 100
    window: int = 5
    shrink_windows: bool = True
    min_count: int = 5
    max_final_vocab: int | None = None
    sample: float = 1e-3
    negative: int = 5
    ns_exponent: float = 0.75
    alpha: float = 0.025
    min_alpha: float = 0.0001
    epochs: int = 5
    shuffle: bool = True
    seed: int = 1
    threads: int = 1
    held_out: float = 0.0
    subwords: bool = False
    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000
    deterministic: bool = False
    loss: Loss | str = Loss.NEGATIVE_SAMPLING
    architecture: Architecture | str = Architecture.SKIP_GRAM
    cbow_mean: int = 1
    cbow_exact: bool = False
    shared_candidates: int = 1
    distinct_candidates: bool = False
    uncorrected_center: bool = False

    def __post_init__(self) -> None:
        for name, kind in _CHOICE.items():
            value = getattr(self, name)
            if value not in list(kind):
                raise ConfigError(f"{name} is {value!r}; it must be one of {', '.join(kind)}")
            object.__setattr__(self, name, kind(value))
        for name in _YES_OR_NO:
            value = getattr(self, name)
            if not isinstance(value, bool):
                raise ConfigError(f"{name} is {value!r}; it must be True or False")
        for name, (low, high) in _WHOLE.items():
            value = getattr(self, name)
            if name == "max_final_vocab" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
                raise ConfigError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
        for name, least in _REAL.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < least:
                at_least = "" if least == -math.inf else f" of at least {least:g}"
                raise ConfigError(f"{name} is {value!r}; it must be a finite number{at_least}")
        if self.alpha == 0 or self.min_alpha > self.alpha:
            raise ConfigError(
                f"alpha is {self.alpha!r} and min_alpha {self.min_alpha!r}; alpha must be positive and the greater"
            )
        if self.held_out >= 1:
            raise ConfigError(f"held_out is {self.held_out!r}; it is a share of the sentences and must be below 1")
        if self.min_n > self.max_n:
            raise ConfigError(f"min_n is {self.min_n} and max_n {self.max_n}; min_n must not be the greater")
        _check_that_options_are_met(self)

    @property
    def has_kernel_of_its_own(self) -> bool:
        """Whether this is skip-gram with negative sampling."""
        return self.loss is Loss.NEGATIVE_SAMPLING and self.architecture is Architecture.SKIP_GRAM


def _check_that_options_are_met(config: TrainingConfig) -> None:
    """No option is ignored in silence."""
    sampled = (Loss.SAMPLED_SOFTMAX, Loss.NOISE_CONTRASTIVE)
    for name, usual, losses in (
        ("shared_candidates", 1, sampled),
        ("distinct_candidates", False, sampled),
        ("uncorrected_center", False, sampled[:1]),
    ):
        value = getattr(config, name)
        if value != usual and config.loss not in losses:
            raise ConfigError(f"{name} is {value!r}, but the loss is {config.loss}; it goes with {' or '.join(losses)}")
    for name, usual in (("cbow_mean", 1), ("cbow_exact", False)):
        value = getattr(config, name)
        if value != usual and config.architecture is not Architecture.CBOW:
            raise ConfigError(f"{name} is {value!r}, but the architecture is {config.architecture}; it goes with cbow")


_WHOLE = {
    "vector_size": (1, 100_000),
    "window": (1, 10_000),
    "min_count": (1, 2**62),
    "max_final_vocab": (1, 2**31 - 1),
    "negative": (1, 10_000),
    "epochs": (1, 1_000_000),
    "seed": (0, 2**64 - 1),
    "threads": (1, 1024),
    "min_n": (1, 1000),
    "max_n": (1, 1000),
    "bucket": (1, 2**31 - 1),
    "cbow_mean": (0, 1),
    "shared_candidates": (0, 1_000_000),
}
_REAL = {"sample": 0.0, "ns_exponent": -math.inf, "alpha": 0.0, "min_alpha": 0.0, "held_out": 0.0}
_CHOICE: dict[str, type[StrEnum]] = {"loss": Loss, "architecture": Architecture}
_YES_OR_NO = (
    "shrink_windows",
    "shuffle",
    "subwords",
    "deterministic",
    "cbow_exact",
    "distinct_candidates",
    "uncorrected_center",
)
OPTION_NAMES = tuple(field.name for field in fields(TrainingConfig))
