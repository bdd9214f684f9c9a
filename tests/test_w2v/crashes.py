"""Run as a process: kill a process at each step of writing a checkpoint, and look at what it leaves. Prints JSON.

Steps are the calls that open, flush, rename and remove files. A child is made for each, writes the second checkpoint of a run
over the first one, and ends itself by SIGKILL before or after its step.
"""

import builtins
import json
import os
import signal
import sys
from pathlib import Path

from tests.test_w2v.planted import topics
from w2v import Checkpoints, TrainingConfig, TrainingRun, read_corpus
from w2v.checkpoint import keeping
from w2v.checkpoint_files import read_manifest

CONFIG = TrainingConfig(vector_size=5, epochs=2)


def killed_at(step, after):
    """Make the process end at its step number `step`, counted from 0."""
    left = [step]

    def dying(call):
        def wrapped(*arguments, **options):
            if left[0] == 0 and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = call(*arguments, **options)
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return result

        return wrapped

    for name in ("fsync", "replace", "remove"):
        setattr(os, name, dying(getattr(os, name)))
    builtins.open = dying(open)


def bits(run):
    return run.blocks_done, *(matrix.tobytes() for matrix in run.matrices.values()), run.results.tobytes()


def at(corpus, blocks):
    run = TrainingRun(corpus, CONFIG)
    run.advance(to=blocks)
    return run


def main(folder):
    corpus = read_corpus(topics(2_600))
    expected = {state.blocks_done: bits(state) for state in (at(corpus, 1), at(corpus, 3))}
    outcomes = []
    for after in (False, True):
        for step in range(1_000):
            place = folder / f"{step}-{after}"
            first = at(corpus, 1)
            with keeping(first, Checkpoints(place)) as kept:
                kept.write()
            run = TrainingRun(corpus, CONFIG)
            run.compile()
            child = os.fork()
            if not child:
                with keeping(run, Checkpoints(place, resume=True)) as kept:
                    run.advance(to=3)
                    killed_at(step, after)
                    kept.write()
                os._exit(0)
            status = os.waitpid(child, 0)[1]
            found = TrainingRun(corpus, CONFIG)
            with keeping(found, Checkpoints(place, resume=True)) as kept:
                assert bits(found) == expected[found.blocks_done]
                outcomes.append(found.blocks_done)
                found.advance(to=4)
                kept.write()
            generation = read_manifest(place)["generation"]
            left = {
                "checkpoint.json",
                "lock",
                *(f"{name}-{generation:06d}.npy" for name in ("inputs", "outputs", "results")),
            }
            assert {path.name for path in place.iterdir()} == left
            if not status:
                break
            assert os.WTERMSIG(status) == signal.SIGKILL
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
