"""A path of solutions as one JSON object."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lagrangian.numeric.path_solution import PathEnd, PathPiece, SolutionPath


def path_as_json(path: "SolutionPath") -> dict[str, Any]:
    """The path as one JSON object: its pieces with their ends, segments and events, and the arrays as lists."""
    return {
        "parameter": str(path.parameter),
        "pieces": [_piece(piece) for piece in path.pieces],
        "gaps": [{"low": g.low, "high": g.high, "solutions_found": g.found_some} for g in path.gaps],
        "jumps": list(path.jumps),
        "better": path.better.tolist(),
        "p": path.p.tolist(),
        "x": {str(variable): path[variable].tolist() for variable in path.problem.over},
        "value": path.value.tolist(),
        "slope": path.slope.tolist(),
        "multipliers": {str(c): path.multipliers[:, i].tolist() for i, c in enumerate(path.constraints)},
        "residual": path.residual.tolist(),
    }


def _piece(piece: "PathPiece") -> dict[str, Any]:
    return {
        "start": _end(piece.start),
        "end": _end(piece.end),
        "segments": [{"low": s.low, "high": s.high, "active": [str(c) for c in s.active_set]} for s in piece.segments],
        "events": [
            {
                "parameter": e.parameter,
                "error": e.error,
                "entering": [str(c) for c in e.entering],
                "leaving": [str(c) for c in e.leaving],
            }
            for e in piece.events
        ],
    }


def _end(end: "PathEnd") -> dict[str, Any]:
    error = end.error if np.isfinite(end.error) else None
    return {"parameter": end.parameter, "error": error, "reason": end.reason.name.lower(), "text": end.reason.value}
