"""How far a training run is, and what it did."""

from dataclasses import dataclass

from w2v.tables import Tabular


@dataclass(frozen=True, slots=True)
class Progress(Tabular):
    """How far a training run is: tokens done and to do over all epochs; `loss` is the mean a pair of the latest blocks.

    `tokens_per_s` is the mean since the start, or since the run was taken up again, over all threads, of wall time without
    that for held-out text. Tokens are those in the vocabulary. `held_out_loss` is that after the latest epoch; None before the
    first one's end, and where no text is held out.
    """

    tokens_done: int
    tokens_total: int
    learning_rate: float
    loss: float
    tokens_per_s: float
    held_out_loss: float | None = None
    epochs: int = 1

    @property
    def epoch(self) -> int:
        """The number of the epoch that is being trained, from 1 to `epochs`."""
        return min(self.tokens_done * self.epochs // self.tokens_total + 1, self.epochs)

    @property
    def seconds_left(self) -> float:
        """How long the rest takes at this speed, in seconds; infinite before anything is done.

        >>> Progress(tokens_done=300, tokens_total=400, learning_rate=0.01, loss=2.0, tokens_per_s=50.0).seconds_left
        2.0
        """
        left = self.tokens_total - self.tokens_done
        if not left:
            return 0.0
        return left / self.tokens_per_s if self.tokens_per_s > 0 else float("inf")


@dataclass(frozen=True, slots=True)
class TrainingReport(Tabular):
    """What a training run did, in seconds of wall time.

    A pair is a center and one of its contexts, or for CBOW a center with all of them. With negative sampling its loss is -log
    σ(x·y) - Σ log σ(-x·y'), over the center's output row y and its negatives' rows y'; with full and hierarchical softmax it
    is -log of the center's probability, with sampled softmax that among the candidates, each with its log k q subtracted from
    the score, and with noise-contrastive estimation that of telling the center from k words of noise (docs/w2v.md).
    `epoch_losses` are the means a pair of each epoch, the last one of what was trained of it, and `loss` is the last of them.
    `tokens` are the text's, `trained_tokens` those in the vocabulary; `tokens_per_s` counts the text's, those dropped by chance
    included. `held_out_losses` are those of held-out text after each epoch, as `held_out_loss` defines them; empty where there
    is none. `setup_s` goes into the tables and the first weights, `compile_s` into compiling the kernel or loading it from
    disk, `scoring_s` into held-out text, `checkpoints_s` into checkpoints, `training_s` into the rest; for a run that was taken
    up again, training and scoring are those of all its processes. `stopped_early` says whether a callback ended it.
    """

    tokens: int
    trained_tokens: int
    vocabulary_size: int
    epochs: int
    pairs: int
    loss: float
    epoch_losses: tuple[float, ...]
    held_out_losses: tuple[float, ...]
    setup_s: float
    compile_s: float
    training_s: float
    scoring_s: float
    tokens_per_s: float
    checkpoints_s: float = 0.0
    stopped_early: bool = False
