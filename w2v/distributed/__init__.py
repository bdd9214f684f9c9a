"""Training by several workers, each on its share of a corpus, who bring their rows together after every round."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from w2v.distributed.training import cluster_run as cluster_run
    from w2v.distributed.training import train as train

__all__ = ["cluster_run", "train"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import w2v.distributed.training as training  # when first asked for: it loads Numba

    return getattr(training, name)
