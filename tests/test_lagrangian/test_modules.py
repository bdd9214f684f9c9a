"""Generated modules on disk: written once, whole, for one user, and taken again by the next process."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USE = """
import numpy as np
from sympy import symbols
from lagrangian import Problem
from lagrangian.numeric.compiled import compile_problem
x, y = symbols("x y")
compiled = compile_problem(Problem(x**2 + 3 * y**2, [x + y >= 1], over=[x, y]))
assert compiled.objective(np.array([1.0, 2.0]), np.empty(0)) == 13.0
stats = compiled.objective.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def command(folder: Path | None, **environment: str) -> subprocess.Popen:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    settings.pop("NUMBA_CACHE_DIR", None)
    if folder is not None:
        settings["LAGRANGIAN_CACHE_DIR"] = str(folder)
    return subprocess.Popen([sys.executable, "-c", USE], env=settings, stdout=subprocess.PIPE, text=True)


def hits_and_misses(process: subprocess.Popen) -> list[int]:
    text, _ = process.communicate()
    assert process.returncode == 0
    return [int(word) for word in text.split()]


def test_a_second_process_compiles_nothing_and_two_at_once_are_safe(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    together = [command(folder), command(folder)]
    assert all(sum(hits_and_misses(process)) == 1 for process in together)
    (file,) = folder.glob("*.py")
    assert hits_and_misses(command(folder)) == [1, 0]
    # what a third one finds cut off is written again
    text = file.read_bytes()
    file.write_bytes(text[: len(text) // 2])
    assert sum(hits_and_misses(command(folder))) == 1
    assert file.read_bytes() == text
    # nothing half written is left, and others may not write there
    assert [path.name for path in folder.iterdir() if path.is_file()] == [file.name]
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(file.stat().st_mode) & 0o022 == 0


@pytest.mark.parametrize("is_file", [True, False])
def test_where_the_folder_cannot_be_made_the_process_has_its_own(tmp_path: Path, is_file: bool) -> None:
    (tmp_path / "taken").write_text("")
    folder = tmp_path / "taken" if is_file else Path("/proc/none/cache")
    assert hits_and_misses(command(folder, TMPDIR=str(tmp_path))) == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert hits_and_misses(command(tmp_path)) == [0, 1]
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_that_of_the_users_caches(tmp_path: Path) -> None:
    process = command(None, XDG_CACHE_HOME=str(tmp_path), LAGRANGIAN_CACHE_DIR="")
    assert hits_and_misses(process) == [0, 1]
    if sys.platform == "linux":
        assert list((tmp_path / "lagrangian").glob("*.py"))
