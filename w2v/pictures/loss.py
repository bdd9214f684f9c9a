"""Losses of training runs as pictures."""

import json
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from w2v.errors import ConfigError, VectorFileError
from w2v.files import Path, reading
from w2v.loss_history import LossHistory
from w2v.pictures.items import Item, Line, Panel, Role
from w2v.pictures.picture import Picture, saved
from w2v.progress import TrainingReport


@dataclass(frozen=True, slots=True)
class LossRecord:
    """The losses of a run: of each epoch, of held-out text after each, and of the latest blocks as (epochs done, loss)."""

    label: str
    epoch_losses: tuple[float, ...]
    held_out_losses: tuple[float, ...] = ()
    recent: tuple[tuple[float, float], ...] = ()


def loss_record(report: TrainingReport, history: LossHistory | None = None, label: str = "") -> LossRecord:
    """The losses of a training run.

    Parameters
    ----------
    report : TrainingReport
        As `train` returns it.
    history : LossHistory, optional
        That which heard of the run's progress, as `on_progress`.
    label : str
        The run's name, where several are drawn.
    """
    recent = () if history is None else tuple(history.points)
    return LossRecord(label, report.epoch_losses, report.held_out_losses, recent)


def read_loss_record(path: Path) -> LossRecord:
    """The losses in a report that `w2v train --report` wrote.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is no such report.
    """
    with reading(path) as stream:
        content = stream.read()
    try:
        report: dict[str, Any] = json.loads(content)
        epochs, held_out = (tuple(map(float, report[name])) for name in ("epoch_losses", "held_out_losses"))
        recent = tuple((float(done), float(loss)) for done, loss in report.get("recent_losses", ()))
    except (ValueError, KeyError, TypeError) as error:
        raise VectorFileError(f"{os.fspath(path)} is no report of w2v train: {error!r}") from None
    return LossRecord(os.path.basename(os.fspath(path)), epochs, held_out, recent)


def plot_loss(*runs: LossRecord | TrainingReport, file: Path | None = None) -> Picture:
    """The losses over the epochs, in nats a pair: of the latest blocks, of each epoch, and of held-out text.

    An epoch's mean stands in its middle, the loss of held-out text where it was measured, at the epoch's end.

    Parameters
    ----------
    runs : LossRecord or TrainingReport
        One or several, told apart by color.
    file : path, optional
        Where to save the picture too.

    Raises
    ------
    ConfigError
        When there is no run, or one is something else.
    MissingExtraError, SourceError
        As `Picture.save` does, where a file is named.

    Examples
    --------
    >>> picture = plot_loss(LossRecord("first", (2.5, 2.0), (2.25, 2.125)))
    >>> [(line.label, line.points.tolist()) for line in picture.panels[0].items]
    [('first, epochs', [[0.5, 2.5], [1.5, 2.0]]), ('first, held-out', [[1.0, 2.25], [2.0, 2.125]])]
    """
    if not runs:
        raise ConfigError("there is no training run to draw")
    records = [_record(run) for run in runs]
    items = [item for shade, record in enumerate(records) for item in _lines(record, shade)]
    return saved(Picture("Loss in training", (Panel(("epochs", "loss a pair"), tuple(items)),)), file)


def _record(run: LossRecord | TrainingReport) -> LossRecord:
    if isinstance(run, TrainingReport):
        return loss_record(run)
    if not isinstance(run, LossRecord):
        raise ConfigError(f"{run!r:.60} is no training run; give what train returns as its report, or a LossRecord")
    return run


def _lines(record: LossRecord, shade: int) -> list[Item]:
    name = f"{record.label}, " if record.label else ""
    middles = np.arange(len(record.epoch_losses)) + 0.5
    ends = np.arange(len(record.held_out_losses)) + 1.0
    lines = [
        Line(np.array(record.recent).reshape(-1, 2), f"{name}latest blocks", Role.RECENT, shade),
        Line(np.column_stack([middles, record.epoch_losses]), f"{name}epochs", Role.EPOCH, shade),
        Line(np.column_stack([ends, record.held_out_losses]), f"{name}held-out", Role.HELD_OUT, shade),
    ]
    return [line for line in lines if len(line.points)]
