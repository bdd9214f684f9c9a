"""The kernels on other processors than this one, and their machine code on disk."""

import json
import os
import platform
import subprocess
import sys

import pytest


def one_block(cache, *arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment |= {"NUMBA_CACHE_DIR": str(cache), **variables}
    command = [sys.executable, "-m", "tests.test_w2v.one_block", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["worst"] < 1e-5
    return result


x86 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="names x86 processors")


@x86
@pytest.mark.parametrize(
    ("name", "features", "shape"),
    [("haswell", "+avx,+avx2,+fma", [8, 2]), ("generic", "", [4, 2]), ("x86-64", "", [4, 2])],
)
def test_processors_without_avx512(tmp_path, name, features, shape):
    result = one_block(tmp_path, NUMBA_CPU_NAME=name, NUMBA_CPU_FEATURES=features)
    assert result["shape"] == shape


def test_the_tile_shape_of_arm(tmp_path):
    assert one_block(tmp_path, "aarch64-unknown-linux-gnu")["shape"] == [4, 4]


def test_machine_code_is_kept_for_the_next_process_but_not_for_another_processor(tmp_path):
    first = one_block(tmp_path)
    assert first["hits"] == 0 and first["prefetches"] > 0 and first["counted_references"] == 0
    again = one_block(tmp_path)
    assert again["hits"] == 2
    assert again["first_call_s"] < 1.0
    if platform.machine() in ("x86_64", "AMD64"):
        assert one_block(tmp_path, NUMBA_CPU_NAME="generic")["hits"] == 0


def test_kernels_work_where_no_folder_can_be_written():
    code = """
from numba.core.caching import CacheImpl
CacheImpl._locator_classes = []
from w2v import Word2Vec
assert Word2Vec([["a", "b", "c"]] * 50, vector_size=4, epochs=1).wv.vectors.any()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
