"""Generated modules on disk: written once, named by a hash of their text, compiled once by Numba.

They lie in the user's cache folder, or in the folder that the environment variable LAGRANGIAN_CACHE_DIR names; where it cannot be
written, or where other users could write too, in a folder of this process that is deleted at its end. Nothing is deleted from the
cache: a problem of some variables takes 0.1 to 0.3 MB with its machine code. Deleting the folder is safe at any time.
"""

import hashlib
import importlib.util
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

import platformdirs

VARIABLE = "LAGRANGIAN_CACHE_DIR"
# what generated modules import: when one of these changes, what was compiled with it is stale
_SOURCES = ("lanes.py", "emission.py", "source.py", "special_functions.py")


def load_module(text: str) -> ModuleType:
    """The module with this text, from memory or from disk if it has been made before.

    Args:
        text: source that this package has made; nothing else is ever executed.
    """
    name = f"lagrangian_generated_{hashlib.sha256((_sources() + text).encode()).hexdigest()[:32]}"
    if name not in sys.modules:
        path = _written(name, text)
        specification = importlib.util.spec_from_file_location(name, path)
        assert specification is not None and specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


@cache
def _sources() -> str:
    return "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in _SOURCES)


def _written(name: str, text: str) -> Path:
    """The file, which holds this text and no other: a file that was cut off or changed is written again."""
    path = folder() / f"{name}.py"
    data = text.encode()
    if not path.is_file() or path.read_bytes() != data:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{name}", delete=False) as file:
            file.write(data)
        os.replace(file.name, path)
    return path


@cache
def folder() -> Path:
    """Where generated modules lie."""
    wanted = Path(os.environ.get(VARIABLE) or platformdirs.user_cache_dir("lagrangian", appauthor=False))
    try:
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            # machine code is loaded from there as it is
            return wanted if _is_ours_alone(wanted) else Path(_own_folder().name)
    except OSError:
        return Path(_own_folder().name)


def _is_ours_alone(path: Path) -> bool:
    if os.name != "posix":
        return True
    found = path.stat()
    return found.st_uid == os.getuid() and not found.st_mode & stat.S_IWOTH


@cache
def _own_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="lagrangian-")
