"""Linear and convex quadratic programs whose linear cost and right sides are affine functions of parameters.

    minimize x.Q x / 2 + c(t).x  subject to  A x <= b(t),  E x = e(t)

An affine function of the p parameters t is a row of p coefficients and a constant; b(t) is a matrix of such rows.
"""

from dataclasses import dataclass

from flint import fmpq_mat

from lagrangian.duality.parametric_cones import null_basis
from lagrangian.duality.parametric_polyhedra import Row
from lagrangian.duality.parametric_sets import ParameterSet


@dataclass(frozen=True, eq=False)
class ParametricProgram:
    """The data of a program, as exact matrices; ``strict`` says which inequalities are strict."""

    hessian: fmpq_mat
    slope: fmpq_mat
    rows: fmpq_mat
    right: fmpq_mat
    strict: tuple[bool, ...]
    equation_rows: fmpq_mat
    equation_right: fmpq_mat

    @property
    def dimension(self) -> int:
        return self.hessian.nrows()

    def on(self, parameters: ParameterSet) -> "ParametricProgram":
        """The same program for parameters in a set, without those that its equations express by others."""
        return ParametricProgram(
            self.hessian,
            parameters.reduced_matrix(self.slope),
            self.rows,
            parameters.reduced_matrix(self.right),
            self.strict,
            self.equation_rows,
            parameters.reduced_matrix(self.equation_right),
        )


@dataclass(frozen=True, eq=False)
class Coordinates:
    """x = offset(t) + basis z: the points that satisfy the equations, or those among them that z can reach."""

    offset: fmpq_mat
    basis: fmpq_mat

    def at(self, z: fmpq_mat) -> fmpq_mat:
        """x(t) for z(t), both as matrices of affine functions."""
        return self.offset + self.basis * z


def consistency(program: ParametricProgram) -> list[Row]:
    """The functions of the parameters that must vanish if E x = e(t) is to have a solution."""
    rank, table, _ = _echelon(program)
    width = program.dimension
    return [tuple(row[width:]) for row in table[rank:] if any(value != 0 for value in row[width:])]


def coordinates(program: ParametricProgram) -> Coordinates:
    """All solutions of E x = e(t), for parameters for which there are some."""
    rank, table, pivots = _echelon(program)
    count, parameters = program.dimension, program.slope.ncols()
    offset = fmpq_mat(count, parameters)
    for i in range(rank):
        for k in range(parameters):
            offset[pivots[i], k] = table[i][count + k]
    basis = null_basis(program.equation_rows)
    return Coordinates(offset, _columns(basis, count))


def _echelon(program: ParametricProgram) -> tuple[int, list[list], list[int]]:
    """The reduced echelon form of [E | e], the rank of E, and its pivots."""
    left, right = program.equation_rows, program.equation_right
    joined = [[*a, *b] for a, b in zip(left.tolist(), right.tolist(), strict=True)]
    rank = left.rank()
    if not joined:
        return 0, [], []
    matrix = fmpq_mat(len(joined), len(joined[0]), [value for row in joined for value in row])
    table = matrix.rref()[0].tolist()
    pivots = [next(j for j, value in enumerate(row) if value != 0) for row in table[:rank]]
    return rank, table, pivots


def _columns(vectors: list[Row], height: int) -> fmpq_mat:
    flat = [value for vector in vectors for value in vector]
    return fmpq_mat(len(vectors), height, flat).transpose()


def in_coordinates(program: ParametricProgram, frame: Coordinates) -> ParametricProgram:
    """The program in z: without equations."""
    transposed = frame.basis.transpose()
    empty = fmpq_mat(0, frame.basis.ncols())
    return ParametricProgram(
        transposed * program.hessian * frame.basis,
        transposed * (program.slope + program.hessian * frame.offset),
        program.rows * frame.basis,
        program.right - program.rows * frame.offset,
        program.strict,
        empty,
        fmpq_mat(0, program.slope.ncols()),
    )


def without_lines(frame: Coordinates, lines: list[Row]) -> Coordinates:
    """Coordinates that reach one point of each class modulo lines, by leaving out as many entries of z."""
    if not lines:
        return frame
    width = frame.basis.ncols()
    reduced, rank = fmpq_mat(len(lines), width, [v for line in lines for v in line]).rref()
    pivots = [next(j for j, value in enumerate(row) if value != 0) for row in reduced.tolist()[:rank]]
    kept = [j for j in range(width) if j not in pivots]
    table = frame.basis.tolist()
    entries = [row[j] for row in table for j in kept]
    return Coordinates(frame.offset, fmpq_mat(len(table), len(kept), entries))
