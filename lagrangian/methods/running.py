"""The schedule is gone through in other processes, which are watched: each turn ends in time, and what was found is kept."""

import time
import warnings
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from lagrangian.errors import LagrangianError, MethodFailedWarning
from lagrangian.methods.schedule import SCHEDULE
from lagrangian.methods.task import Finding, Known, Task, best_candidate, checked, nothing_known, prepare
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import Event, Lost, Raised, Returned, Told, call_with_limit, events, tell
from lagrangian.progress import Progress, Report
from lagrangian.restore import is_clearly_better, restore_numeric
from lagrangian.restore_local import closed_certificate, local_certificate, restore_local
from lagrangian.solution import Solution

# how long a method may take beyond its turn for writing down what it has found (a share of the turn), and beyond the time limit
LEAST_GRACE_S, GRACE_S, GRACE_SHARE = 0.3, 2.5, 0.5
LATEST_S = 1.5
# the least time for stating the problem
LEAST_PREPARATION_S = 1.0
# after a turn that was longer the next one begins in another process, with its memory clean
LONG_TURN_S = 1.0
# what proving a point in floating point to be a local optimum, and looking for its closed form, may take when time is over
LOCAL_PROOF_S = 1.0


@dataclass(frozen=True, eq=False)
class Prepared:
    """The problem is stated in all its forms."""

    task: Task


@dataclass(frozen=True)
class Began:
    """The turn at this place of the schedule has begun and should end by then."""

    place: int
    until: float


@dataclass(frozen=True, eq=False)
class Found:
    """What came of the turn that began last."""

    finding: Finding


def take_turns(problem: Problem, task: Task | None, known: Known, first: int, deadline: float) -> int:
    """Take the turns of the schedule from a place on, telling what is found, until one was long; the place of the next."""
    if task is None:
        task = prepare(problem)
        tell(Prepared(task))
    for place, turn in enumerate(SCHEDULE[first:], start=first):
        now = time.monotonic()
        if known.is_decided or now > deadline:
            break
        if not turn.applies(task):
            continue
        until = now + turn.seconds(deadline - now)
        tell(Began(place, until))
        finding = checked(turn.method(task, known, until), turn.name, until)
        tell(Found(finding))
        known = known.after(finding)
        if time.monotonic() - now > LONG_TURN_S:
            return place + 1
    return len(SCHEDULE)


@dataclass(eq=False)
class Run:
    """One pass through the schedule: what is known, whose turn it is, and when the process that takes it is ended."""

    problem: Problem
    deadline: float
    memory_limit_mb: int | None = None
    report: Report | None = None
    task: Task | None = None
    place: int = 0
    began: bool = False
    stage: str = "stating the problem"
    known: Known = field(init=False)
    # a point in floating point that the turn has told of, and may yet take back
    provisional: tuple[NumericCandidate, ...] = ()

    def __post_init__(self) -> None:
        self.known = nothing_known(self.problem)
        self.started = time.monotonic()
        self.latest = max(self.deadline + LATEST_S, self.started + LEAST_PREPARATION_S)
        self.until = self.latest

    def go(self) -> None:
        """Take turns until the problem is decided, the schedule is at its end, or time is over."""
        while self.place < len(SCHEDULE) and not self.known.is_decided:
            if self.place > 0:
                # quick problems do not need it; for others, all further processes would have to import it again
                import scipy.optimize  # noqa: F401
            arguments = (self.problem, self.task, self.known, self.place, self.deadline)
            with closing(events(take_turns, arguments, lambda: self.until, self.memory_limit_mb)) as happening:
                for event in happening:
                    self._take(event)
                    self._say()

    def _say(self) -> None:
        if self.report is not None:
            self.report(Progress(self.stage, time.monotonic() - self.started, self._best_value()))

    def _best_value(self) -> float | None:
        """The best value known, of an answer or of a point in floating point, in the stated sense."""
        if self.task is None:
            return None
        best = best_candidate(self.task, self.known.after(Finding(candidates=self.provisional)))
        return None if best is None else float(self.task.restoration.value(best.value))

    def _take(self, event: Event) -> None:
        if isinstance(event, Told):
            self._hear(event.message)
        elif isinstance(event, Returned):
            self.place = event.value
        elif isinstance(event, Raised):
            self._fail(f"{type(event.error).__name__}: {event.error}", event.error)
        elif isinstance(event, Lost):
            self._fail(event.reason)

    def _hear(self, message: Any) -> None:
        if isinstance(message, Prepared):
            self.task = message.task
        elif isinstance(message, Began):
            self.place, self.began, self.stage = message.place, True, SCHEDULE[message.place].name
            grace_s = min(GRACE_S, max(LEAST_GRACE_S, GRACE_SHARE * (message.until - time.monotonic())))
            self.until = min(message.until + grace_s, self.latest)
        elif isinstance(message, Found):
            self.known, self.began = self.known.after(message.finding), False
            self.until, self.provisional = self.latest, ()
        elif isinstance(message, NumericCandidate):
            self.provisional = (message,)
        elif isinstance(message, Finding):
            self.known = self.known.after(message)

    def _fail(self, reason: str, error: Exception | None = None) -> None:
        """The turn has failed: its reason is kept, and the next one is up; where none had begun, nothing can be done."""
        if isinstance(error, LagrangianError):
            raise error
        name = self.stage
        self.known = self.known.after(Finding(candidates=self.provisional, reason=f"{name}: {reason}"))
        self.provisional = ()
        if error is not None:
            notes = "\n".join(getattr(error, "__notes__", []))
            warnings.warn(f"{name}: {reason}\n{notes}", MethodFailedWarning, stacklevel=5)
        self.place = self.place + 1 if self.began else len(SCHEDULE)
        self.until, self.began = self.latest, False

    def answer(self) -> Solution:
        """The best answer that is known: where nothing is decided, the best point in floating point may be it."""
        solution = self.known.solution
        if self.known.is_decided:
            return solution
        if self.task is not None and self.task.is_continuous:
            known = self.known.after(Finding(candidates=self.provisional))
            solution = _with_estimate(solution, next(iter(known.candidates), None), self.task)
        if solution.missing:
            return solution
        late = time.monotonic() > self.deadline
        missing = "any answer: the time limit came before" if late else "any answer: all that was tried has failed"
        return replace(solution, missing=(missing,))


def _with_estimate(solution: Solution, estimate: NumericCandidate | None, task: Task) -> Solution:
    """The answer with a better point in floating point: as a local optimum where that is proved in a moment."""
    if estimate is not None and is_clearly_better(estimate, solution, task.restoration):
        until = time.monotonic() + LOCAL_PROOF_S
        certificate = call_with_limit(local_certificate, (task.canonical, estimate), LOCAL_PROOF_S)
        if certificate is not None:
            left = max(until - time.monotonic(), 0.0)
            closed = call_with_limit(closed_certificate, (certificate,), left, may_fail=True)
            return restore_local(solution, estimate, closed or certificate, task.restoration)
    return restore_numeric(solution, estimate, task.restoration, 0.0)
