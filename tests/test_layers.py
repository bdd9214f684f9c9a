"""Imports go one way: down the layers, without cycles, and the proofs reach no solver."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# bottom to top; a module may import from its own place (but not in a cycle) and from those before it
LAGRANGIAN_LAYERS = [
    ("errors", "shown", "logic", "status", "progress", "screen"),
    ("algebra",),
    ("processes",),
    ("problem",),
    ("conditions",),
    ("changes",),
    ("proof", "candidates", "numeric"),
    ("relaxations",),
    ("exact_numbers", "solution", "outcome", "checking"),
    ("stored", "stored_duality", "stored_text", "verification"),
    (
        "classification",
        "prove_records",
        "prove_local",
        "prove_attempts",
        "prove",
        "prove_cases",
        "prove_dynamically",
        "prove_integrality",
        "prove_symbolic",
        "prove_quadratic",
        "prove_relaxing",
        "prove_spatial",
        "prove_squares",
        "prove_intervals",
        "prove_factorable",
        "prove_growth",
        "prove_line",
        "prove_stationary",
    ),
    ("restore", "restore_multipliers", "restore_points", "setting"),
    ("prove_changed",),
    (
        "restore_cases",
        "restore_intervals",
        "restore_line",
        "restore_local",
        "restore_parts",
        "restore_reduced",
        "restore_factorable",
        "restore_stationary",
    ),
    ("methods",),
    ("solve",),
    ("duality",),
    ("report",),
    ("commands",),
    ("cli",),
]
# the modules with plot() and what draws for them; Problem and Solution share one
PLOT_DOORS = {
    "lagrangian.problem.problem": "lagrangian.report.solution_plot",
    "lagrangian.solution": "lagrangian.report.solution_plot",
    "lagrangian.duality.dual_problem": "lagrangian.report.dual_plot",
    "lagrangian.duality.dual_gap": "lagrangian.report.dual_plot",
    "lagrangian.duality.parametric_solution": "lagrangian.report.parametric_plot",
    "lagrangian.duality.relaxation": "lagrangian.report.relaxation_plot",
    "lagrangian.numeric.path_solution": "lagrangian.report.path_plot",
}
# imports inside functions that go up on purpose, each with its reason where it stands
DOORS = {
    ("lagrangian.shown", "lagrangian.report.display"),
    ("lagrangian.problem.problem", "lagrangian.conditions.lagrange"),
    ("lagrangian.problem.problem", "lagrangian.conditions.kkt"),
    ("lagrangian.problem.problem", "lagrangian.duality.dual_problem"),
    ("lagrangian.solution", "lagrangian.report.steps"),
    ("lagrangian.solution", "lagrangian.stored"),
    ("lagrangian.solution", "lagrangian.report.page"),
    ("lagrangian.solution", "lagrangian.duality.sensitivity"),
    ("lagrangian.duality.sensitivity", "lagrangian.report.sensitivity_steps"),
    ("lagrangian.solution", "lagrangian.duality.dual_gap"),
    ("lagrangian.report.steps", "lagrangian.report"),
    ("lagrangian.duality.parametric_solution", "lagrangian.report.parametric_steps"),
    *((door, "lagrangian.report.picture") for door in PLOT_DOORS),
    *PLOT_DOORS.items(),
    *(
        ("lagrangian.solution", f"lagrangian.report.{drawn}_plot")
        for drawn in ("surface", "gradient", "right_side", "value")
    ),
}


def modules(package: str) -> dict[str, Path]:
    files = sorted((ROOT / package).rglob("*.py"))
    return {
        str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__"): path for path in files
    }


def imports(path: Path, package: str) -> set[tuple[str, bool]]:
    """The modules of the package that a file imports, and whether inside a function or for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(node)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef)
        or (isinstance(outer, ast.If) and ast.unparse(outer.test) == "TYPE_CHECKING")
        for node in ast.walk(outer)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            found.add((node.module, id(node) in inner))
        elif isinstance(node, ast.Import):
            found |= {(name.name, id(node) in inner) for name in node.names if name.name.split(".")[0] == package}
    return found


@pytest.mark.parametrize("package", ["lagrangian", "w2v"])
def test_there_are_no_import_cycles(package: str) -> None:
    graph = {
        name: {target for target, inner in imports(path, package) if not inner}
        for name, path in modules(package).items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, f"import cycle: {' -> '.join((*trail, name))}"
        if name not in done:
            for target in sorted(graph.get(name, ())):
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def layer(name: str) -> int:
    part = name.split(".")[1]
    return next(level for level, parts in enumerate(LAGRANGIAN_LAYERS) if part in parts)


def test_lagrangian_imports_go_down() -> None:
    for name, path in modules("lagrangian").items():
        if name == "lagrangian":
            continue
        for target, inner in imports(path, "lagrangian"):
            if inner and (name, target) in DOORS:
                continue
            assert layer(target) <= layer(name), f"{name} imports {target}, which lies above it"


def test_proofs_reach_no_solver() -> None:
    for name, path in modules("lagrangian.proof".replace(".", "/")).items():
        for target, _ in imports(path, "lagrangian"):
            assert not target.startswith(("lagrangian.candidates", "lagrangian.prove", "lagrangian.solve")), (
                f"{name}: {target}"
            )


def test_the_packages_do_not_know_each_other() -> None:
    for package, other in (("lagrangian", "w2v"), ("w2v", "lagrangian")):
        for name, path in modules(package).items():
            assert not imports(path, other), f"{name} imports {other}"


def test_text_never_reaches_evaluation() -> None:
    """No eval, exec or pickle, and sympify only in its strict form, which takes no text."""
    for package in ("lagrangian", "w2v"):
        for name, path in modules(package).items():
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                called = ast.unparse(node.func).split(".")[-1]
                plain = isinstance(node.func, ast.Name)
                assert not (plain and called in {"eval", "exec", "compile"}), name
                assert called not in {"parse_expr", "literal_eval"}, name
                if called == "sympify":
                    assert any(k.arg == "strict" and ast.unparse(k.value) == "True" for k in node.keywords), name
