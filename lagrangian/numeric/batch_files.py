"""Solutions of batches as tables and files; a file is complete or it is not there."""

import os
import tempfile
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from lagrangian.errors import MissingExtraError

if TYPE_CHECKING:
    import pyarrow

    from lagrangian.numeric.batch_solution import BatchSolution


def write_npz(solution: "BatchSolution", path: str | PathLike[str]) -> None:
    """All arrays of a solution, and the names of their columns as arrays of text."""
    names = {
        "variable_names": [str(v) for v in solution.variables],
        "constraint_names": [str(c) for c in solution.constraints],
        "parameter_names": [str(p) for p in solution.restoration.problem.parameters],
    }
    arrays: dict[str, Any] = {name: np.array(texts, dtype=np.str_) for name, texts in names.items()}
    for name in ("x", "value", "multipliers", "shadow_prices", "active_set", "residual"):
        arrays[name] = getattr(solution, name)
    for name in ("status", "passes", "strict_minimum", "parameters"):
        arrays[name] = getattr(solution, name)
    _replace(path, lambda file: np.savez(file, **arrays))


def arrow_table(solution: "BatchSolution") -> "pyarrow.Table":
    """One row for each instance, with columns named after what they hold."""
    from lagrangian.numeric.batch_solution import BatchStatus  # that module's methods call this one

    arrow = _arrow("pyarrow")
    columns: dict[str, Any] = {}
    for i, parameter in enumerate(solution.restoration.problem.parameters):
        columns[f"parameter {parameter}"] = solution.parameters[:, i]
    for i, variable in enumerate(solution.variables):
        columns[f"variable {variable}"] = solution.x[:, i]
    columns["value"] = solution.value
    prices = solution.shadow_prices
    for i, constraint in enumerate(solution.constraints):
        columns[f"shadow price {i}: {constraint}"] = prices[:, i]
    for i, constraint in enumerate(solution.constraints[: solution.active_set.shape[1]]):
        columns[f"active {i}: {constraint}"] = solution.active_set[:, i]
    for name in ("residual", "passes", "strict_minimum"):
        columns[name] = getattr(solution, name)
    texts = [status.name.lower() for status in BatchStatus]
    places = arrow.array(solution.status.astype(np.int8) - 1)
    columns["status"] = arrow.DictionaryArray.from_arrays(places, texts)
    return arrow.table(columns)


def write_parquet(solution: "BatchSolution", path: str | PathLike[str]) -> None:
    """The table of a solution as a Parquet file."""
    parquet = _arrow("pyarrow.parquet")
    table = arrow_table(solution)
    _replace(path, lambda file: parquet.write_table(table, file))


def _arrow(name: str) -> ModuleType:
    try:
        import importlib  # for an optional extra only

        return importlib.import_module(name)
    except ImportError:
        raise MissingExtraError(
            "Arrow tables and Parquet files need pyarrow; install it with: pip install 'lagrangian-w2v[arrow]'"
        ) from None


def _replace(path: str | PathLike[str], write: Callable[[IO[bytes]], Any]) -> None:
    """Write a file beside the one that is wanted, and put it in its place when it is complete."""
    target = Path(path)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}", delete=False) as file:
        part = Path(file.name)
        try:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    os.replace(part, target)
