"""The losses of a run while it goes on, at evenly spaced times."""

from collections.abc import Callable

from w2v.progress import Progress

MOST = 1000


class LossHistory:
    """Keeps what a training run tells about the loss of its latest blocks; a callback for `on_progress`.

    Of a long run every second, then every fourth of the losses is kept, and so on: never more than 1,000.

    Parameters
    ----------
    then : function of a Progress, optional
        Called with all that this one is called with.

    Examples
    --------
    >>> history = LossHistory()
    >>> for done in (100, 200):
    ...     history(Progress(done, 400, 0.01, loss=600 / done, tokens_per_s=1.0, epochs=2))
    >>> history.points
    [(0.5, 6.0), (1.0, 3.0)]
    """

    def __init__(self, then: Callable[[Progress], object] | None = None) -> None:
        self.points: list[tuple[float, float]] = []
        self._then = then
        self._every = 1
        self._heard = 0

    def __call__(self, progress: Progress) -> None:
        """Keep (epochs done, loss), if it is its turn."""
        if progress.tokens_done:
            if self._heard % self._every == 0:
                self._keep(progress)
            self._heard += 1
        if self._then is not None:
            self._then(progress)

    def _keep(self, progress: Progress) -> None:
        self.points.append((progress.tokens_done / progress.tokens_total * progress.epochs, progress.loss))
        if len(self.points) == MOST:
            self.points = self.points[::2]
            self._every *= 2
