"""Imports go down the layers, and never to the sibling package."""

import ast
from pathlib import Path

import w2v

LAYERS = [
    {"cli"},
    {"commands.project", "commands.plot", "commands.completion"},
    {
        "commands.train",
        "commands.phrases",
        "commands.convert",
        "commands.queries",
        "commands.index",
        "commands.evaluate",
    },
    {"commands.checkpoints", "commands.cluster"},
    {"commands.starting"},
    {"commands.corpora"},
    {"commands.parsing", "commands.interrupts", "model", "estimator"},
    {"commands.colors", "commands.examples"},
    {"pictures.loss", "pictures.similarity"},
    {"pictures.picture"},
    {"pictures.drawing"},
    {"pictures.items"},
    {"page.tensorboard"},
    {"page.html"},
    {"page.facts"},
    {"page.projection"},
    {"page.plane", "page.clusters"},
    {"page.nearest"},
    {"distributed.training"},
    {"distributed.ray_crew", "distributed.run"},
    {"distributed.companies"},
    {"distributed.member"},
    {"distributed.replica"},
    {"distributed.merging"},
    {"distributed.merge_kernels", "distributed.shares", "distributed.counting", "distributed.reading"},
    {"distributed.pieces"},
    {"trainer", "single_step"},
    {"checkpoint", "callbacks"},
    {"checkpoint_files", "fingerprint", "progress_bar"},
    {"run"},
    {"passes", "parameters"},
    {"continuing", "arguments"},
    {"starting", "growth"},
    {"deterministic"},
    {"round_steps"},
    {"crowding", "subword_steps", "rounds"},
    {"subword_kernels", "steps"},
    {"architectures"},
    {"weights", "kernels", "held_out", "objectives"},
    {"tiles", "candidates", "order"},
    {"gensim_models"},
    {"corpus", "formats", "schedule", "workspace", "sampling", "huffman", "ngram_table"},
    {"copying"},
    {"corpora.phrase_learning"},
    {"corpora.phrases"},
    {"corpora.folder", "corpora.renumbering"},
    {"corpora.sources"},
    {"storage.records", "storage.counts", "storage.fasttext"},
    {"storage.choice", "storage.archive", "storage.safetensors"},
    {"storage.word2vec", "storage.container"},
    {"storage.letters", "storage.decimals", "storage.ngram_buckets", "compression"},
    {"comparison"},
    {"evaluation"},
    {"outcomes", "resampling"},
    {"question_files", "correlation"},
    {"embeddings", "simd", "draws", "corpora.parquet", "corpora.sentences"},
    {"query"},
    {"queries.neighbors"},
    {"queries.similarities"},
    {"queries.lookup"},
    {"index", "queries.asked"},
    {"indices.recall"},
    {"indices.graph", "indices.digests"},
    {"search", "gensim_names", "transport"},
    {"option_names"},
    {"corpora.numbering", "corpora.options", "corpora.pair_counts"},
    {"corpora.spilled", "corpora.words", "corpora.files"},
    {"corpora.word_table", "corpora.pairs"},
    {"corpora.growing", "corpora.frequent", "corpora.compression", "corpora.encodings"},
    {"corpora.scratch", "corpora.controls", "corpora.remote", "distributed.address"},
    {"loss_history"},
    {"progress"},
    {"subwords", "crew", "config", "vocabulary", "files", "docstrings", "compilation", "extras"},
    {"tables"},
    {"readable"},
    {"errors", "arrays"},
]
LEVEL = {module: level for level, modules in enumerate(LAYERS) for module in modules}
FOLDER = Path(w2v.__file__).parent


def imported(module):
    tree = ast.parse((FOLDER / f"{module.replace('.', '/')}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            inner = [f"{node.module}.{alias.name}" for alias in node.names if is_module(node.module, alias.name)]
            yield from inner or [node.module]


def is_module(package, name):
    return (FOLDER.parent / package.replace(".", "/") / f"{name}.py").exists()


def modules():
    paths = [path.relative_to(FOLDER).with_suffix("") for path in FOLDER.rglob("*.py") if path.stem != "__init__"]
    return {".".join(path.parts) for path in paths}


def test_every_module_has_its_layer():
    assert set(LEVEL) == modules()


def test_imports_go_down():
    for module, level in LEVEL.items():
        for name in imported(module):
            package, _, part = name.partition(".")
            assert package != "lagrangian", module
            if package == "w2v":
                assert LEVEL[part] > level, f"{module} imports {part}"


def test_all_names_of_the_package_are_there():
    assert all(getattr(w2v, name) for name in w2v.__all__)
    assert set(w2v.__all__) <= set(dir(w2v))
