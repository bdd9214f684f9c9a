"""docs/command-line.md: every command is run where its files are, and prints what the page shows."""

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from lagrangian import cli as lagrangian_command
from w2v import cli as w2v_command

PAGE = Path(__file__).resolve().parent.parent / "docs" / "command-line.md"
COMMANDS = {"lagrangian": lagrangian_command.main, "w2v": w2v_command.main}


def blocks() -> list[str]:
    return re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def steps(block: str) -> Iterator[tuple[list[str], str]]:
    """The commands of a block, in words, and what they print."""
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, printed = piece.partition("\n")
        yield shlex.split(line), printed


def printed_by(words: list[str]) -> str:
    """What a command prints, errors too."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        try:
            COMMANDS[words[0]](words[1:])
        except SystemExit as ended:
            assert ended.code == 2
    return out.getvalue()


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.splitlines()[0][2:40])
def test_the_page_shows_what_is_printed(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for (_, name), content in (step for other in blocks() for step in steps(other) if step[0][0] == "cat"):
        Path(name).write_text(content, encoding="utf-8")
    for words, shown in steps(block):
        if words[0] != "cat":
            pattern = ".*".join(re.escape(part) for part in shown.rstrip("\n").split("..."))
            assert re.fullmatch(pattern, printed_by(words).rstrip("\n"), re.DOTALL), words
