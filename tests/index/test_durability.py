"""What is left after kill -9, Ctrl+C, a power cut, a full disk, a second writer, and damage to the derived indexes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import apsw
import pytest

import index.archive
import index.database
from index.archive import Archive
from index.derived import DerivedVectors, DerivedWords
from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, NotFound
from index.types import Article, FoundBy, Progress
from tests.conftest import BagOfWords, article
from tests.index.test_archive import EVERY_WAY, assert_sound, ids
from tests.index.test_store import forkserver

CODE = str(Path(index.archive.__file__).parent)


class ShortPassages(BagOfWords):
    """Four passages an article, so that there would be halves."""

    max_tokens = 9


def version(name: str, number: int) -> Article:
    lines = [f"Sentence {line} of {name} in its version{number}." for line in range(4)]
    return article(name, "\n".join(lines), source="S")


OLD = [version(f"name{number}", 1) for number in range(6)]
NEW = [version(f"name{number}", 2) for number in range(18)]


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive that holds the old versions; to be copied."""
    folder = tmp_path_factory.mktemp("begun")
    with Archive.open(folder / "news.db", ShortPassages()) as archive:
        archive.add(OLD)
    return folder


def assert_whole(archive: Archive, acknowledged: int, removed: str | None = None) -> None:
    """All that was acknowledged is there, and nothing is half there, however it is looked at."""
    held: dict[str, Article] = {}
    for number, new in enumerate(NEW):
        try:
            held[new.id] = archive.get(new.id)
        except NotFound:
            assert number >= acknowledged or new.id == removed
            continue
        assert held[new.id] in ([new] if number < acknowledged else [new, *OLD])
        passages = archive.passages_of(new.id)
        assert len(passages) == 4
        assert " ".join(each.text for each in passages).split() == held[new.id].text.split()
    assert {each.id: each for each in archive.articles()} == held
    assert_sound(archive)
    for by in EVERY_WAY:
        hits = archive.search("sentence version1 version2", limit=1000, by=by)
        assert sorted(ids(hits)) == sorted(name for name in held for _ in range(4))
        assert all(held[hit.passage.article_id].text[hit.passage.start : hit.passage.end] for hit in hits)


def finish(archive: Archive, acknowledged: int) -> None:
    """The same call goes on with the rest."""
    present = sum(each.id in {held.id for held in archive.articles()} for each in NEW)
    report = archive.add(NEW)
    assert report.unchanged >= acknowledged
    assert report.unchanged + report.updated == present
    assert report.added == len(NEW) - present
    assert_whole(archive, len(NEW))


# kill -9


def die_at(moment: int) -> Callable[[], int]:
    """kill -9 this process before the line of our own code with that number, counted from now; how many so far."""
    lines = 0

    def local(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == moment:
                os.kill(os.getpid(), signal.SIGKILL)
        return local

    def every(frame: FrameType, _event: str, _argument: object) -> Any:
        return local if frame.f_code.co_filename.startswith(CODE) else None

    sys.settrace(every)
    return lambda: lines


def work(file: Path, told: Connection, moment: int) -> None:
    """In a process of its own: tells of everything acknowledged, until it is killed."""
    index.archive.BATCH_PASSAGES = 12  # three articles
    lines = die_at(moment)
    with Archive.open(file, ShortPassages()) as archive:
        archive.add(NEW, progress=lambda progress: told.send(progress.articles))
        told.send("remove")
        archive.remove("name0")
        told.send("removed")
        archive.rebuild()
    sys.settrace(None)
    told.send(("lines", lines()))


def killed(file: Path, moment: int, acknowledgements: int = 10**6, milliseconds: float = 0) -> list[Any]:
    """All that the worker told before it died: at that line, or this long after that many acknowledgements."""
    context = forkserver()
    heard, told = context.Pipe(duplex=False)
    worker = context.Process(target=work, args=(file, told, moment))
    worker.start()
    told.close()
    messages: list[Any] = []
    try:
        while len(messages) < acknowledgements:
            messages.append(heard.recv())
        heard.poll(milliseconds / 1000)
        worker.kill()
        while True:
            messages.append(heard.recv())
    except EOFError:
        worker.join()
    assert worker.exitcode in (-signal.SIGKILL, 0)
    return messages


def examine(file: Path, messages: list[Any]) -> None:
    acknowledged = max((each for each in messages if isinstance(each, int)), default=0)
    with Archive.open(file, ShortPassages()) as archive:
        if "removed" in messages:
            with pytest.raises(NotFound):
                archive.get("name0")
        if "remove" in messages:
            assert_whole(archive, acknowledged, removed="name0")
            acknowledged = 0
        else:
            assert_whole(archive, acknowledged)
        finish(archive, acknowledged)


@pytest.mark.parametrize("with_old", [False, True])
def test_kill_9_at_any_line_loses_nothing_acknowledged_and_leaves_nothing_half(
    tmp_path: Path, begun: Path, with_old: bool
) -> None:
    def folder(name: str) -> Path:
        place = tmp_path / name
        shutil.copytree(begun, place) if with_old else place.mkdir()
        return place / "news.db"

    messages = killed(folder("undisturbed"), moment=-1)
    *_, (_, lines) = messages
    assert messages[:-1] == [*range(3, 19, 3), "remove", "removed"]
    draw = random.Random(with_old)
    for number in range(8):  # one in each eighth of the work
        moment = int((number + draw.random()) / 8 * lines)
        file = folder(str(number))
        messages = killed(file, moment)
        assert ("lines", lines) not in messages
        examine(file, messages)


def test_kill_9_again_and_again_at_any_instant(tmp_path: Path) -> None:
    file = tmp_path / "news.db"
    draw = random.Random(9)
    acknowledged = 0
    for number in range(8):
        messages = killed(file, moment=-1, acknowledgements=number // 2, milliseconds=draw.uniform(0, 30))
        if "remove" in messages:  # it was faster: the next begins anew
            examine(file, messages)
            file = tmp_path / f"{number}.db"
            acknowledged = 0
            continue
        if file.exists():
            with Archive.open(file, ShortPassages()) as archive:
                acknowledged = max(acknowledged, *(each for each in messages if isinstance(each, int)), 0)
                assert_whole(archive, acknowledged)
    with Archive.open(file, ShortPassages()) as archive:
        finish(archive, acknowledged)


def copy_live(folder: Path, to: Path) -> None:
    """Tantivy's own threads go on writing: a temporary file that is listed may be gone when it is to be copied."""

    def copy(file: str, to: str) -> str:
        with suppress(FileNotFoundError):
            shutil.copy2(file, to)
        return to

    shutil.copytree(folder, to, copy_function=copy)


def test_a_crash_between_the_commit_and_the_indexes_is_caught_up(
    tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(begun, tmp_path / "0")
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 12)
    crashes: list[Path] = []

    def crash_before(part: type, method: str) -> None:
        real = getattr(part, method)

        def copy_first(self: Any, *arguments: Any) -> Any:
            crashes.append(tmp_path / f"crash {len(crashes)}")
            copy_live(tmp_path / "0", crashes[-1])  # as it would be found after a crash at this point
            return real(self, *arguments)

        monkeypatch.setattr(part, method, copy_first)

    acknowledged: dict[Path, int] = {}

    def progress(told: Progress) -> None:
        acknowledged.update((crash, told.articles) for crash in crashes if crash not in acknowledged)

    with Archive.open(tmp_path / "0" / "news.db", ShortPassages()) as archive, monkeypatch.context():
        for part in (DerivedVectors, DerivedWords):
            crash_before(part, "apply")
            crash_before(part, "save")
        archive.add(NEW[:6], progress)
    monkeypatch.undo()
    assert len(crashes) >= 8
    for crash in crashes:
        with Archive.open(crash / "news.db", ShortPassages()) as archive:
            # What was copied after a commit holds it, though nobody had been told of it yet.
            assert_whole(archive, acknowledged.get(crash, 6) - 3)
            finish(archive, 0)


# Ctrl+C


@contextmanager
def interrupted_at(moment: int) -> Iterator[Callable[[], int]]:
    """KeyboardInterrupt as one of our functions begins, which is where Python looks for signals."""
    calls = 0

    def every(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        is_generator = frame.f_code.co_flags & 0x20
        if event == "call" and not is_generator and frame.f_code.co_filename.startswith(CODE):
            calls += 1
            if calls == moment:
                sys.settrace(None)
                raise KeyboardInterrupt

    sys.settrace(every)
    try:
        yield lambda: calls
    finally:
        sys.settrace(None)


@pytest.mark.parametrize(("action", "moments"), [("add", 14), ("remove", 5), ("rebuild", 5)])
def test_ctrl_c_anywhere_keeps_what_was_acknowledged_and_the_indexes_in_step(
    tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch, action: str, moments: int
) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 12)
    told: list[int] = []

    def act(archive: Archive, moment: int) -> int:
        told[:] = [0]
        with interrupted_at(moment) as calls:
            try:
                if action == "add":
                    archive.add(NEW, progress=lambda progress: told.append(progress.articles))
                elif action == "remove":
                    archive.remove("name3")
                else:
                    archive.rebuild()
            except KeyboardInterrupt:
                assert moment > 0
            return calls()

    def folder(name: str) -> Path:
        return Path(shutil.copytree(begun, tmp_path / name)) / "news.db"

    with Archive.open(folder("undisturbed"), ShortPassages()) as archive:
        calls = act(archive, -1)
    draw = random.Random(1)
    for number in range(moments):
        file = folder(str(number))
        with Archive.open(file, ShortPassages()) as archive:
            act(archive, int((number + draw.random()) / moments * calls) + 1)
            assert_whole(archive, told[-1])
            # Another process finds them in step too, with nothing to mend.
            with Archive.open(file, ShortPassages()) as other:
                assert_whole(other, told[-1])
                assert all("on opening" not in finding.detail for finding in other.check())
            finish(archive, told[-1])


# A power cut: what was written, but not yet flushed to the disk, is gone in part or as a whole


class Disk:
    """Remembers of every file what has reached the disk for certain, and what was written since."""

    def __init__(self, folder: Path) -> None:
        self.safe: dict[str, bytearray] = {}
        self.pending: dict[str, list[tuple[int, bytes] | int]] = {}
        self.on_event: Callable[[], None] = lambda: None
        for path in folder.iterdir():
            if path.is_file():
                self.safe[path.name] = bytearray(path.read_bytes())

    def write(self, name: str, step: tuple[int, bytes] | int) -> None:
        self.pending.setdefault(name, []).append(step)
        self.on_event()

    def flush(self, name: str) -> None:
        self.safe[name] = self._with(name, self.pending.pop(name, []))
        self.on_event()

    def delete(self, name: str) -> None:
        self.safe.pop(name, None)
        self.pending.pop(name, None)

    def _with(self, name: str, steps: list[tuple[int, bytes] | int]) -> bytearray:
        content = bytearray(self.safe.get(name, b""))
        for step in steps:
            if isinstance(step, int):
                del content[step:]
            else:
                offset, data = step
                content.extend(bytes(max(0, offset - len(content))))
                content[offset : offset + len(data)] = data
        return content

    def after_a_power_cut(self, folder: Path, draw: random.Random | None) -> None:
        """Nothing of what was pending, or any part of it in any order, some of it torn."""
        folder.mkdir()
        for name in {*self.safe, *self.pending}:
            steps: list[tuple[int, bytes] | int] = []
            for step in self.pending.get(name, []):
                if draw and draw.random() < 0.6:
                    is_torn = not isinstance(step, int) and draw.random() < 0.3
                    steps.append((step[0], step[1][: 512 * draw.randrange(8)]) if is_torn else step)  # type: ignore[index]
            (folder / name).write_bytes(self._with(name, steps))


class RecordingFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: Any) -> None:
        self.disk = disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.name = Path(path).name if path else ""
        super().__init__("unix", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self.disk.write(self.name, (offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.write(self.name, size)
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self.disk.flush(self.name)


class RecordingSystem(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__("recording", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: Any) -> RecordingFile:  # noqa: N802
        return RecordingFile(self.disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        super().xDelete(name, sync)
        self.disk.delete(Path(name).name)


def test_a_power_cut_loses_nothing_acknowledged_and_leaves_nothing_half(
    tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 12)
    folder = Path(shutil.copytree(begun, tmp_path / "live"))
    disk = Disk(folder)
    draw = random.Random(3)
    acknowledged = 0
    cuts: list[tuple[Path, int]] = []

    def cut(draw: random.Random | None) -> None:
        place = tmp_path / f"cut {len(cuts)}"
        disk.after_a_power_cut(place, draw)
        cuts.append((place, acknowledged))

    def on_event() -> None:
        if draw.random() < 0.1:
            cut(draw)

    def progress(told: Progress) -> None:
        nonlocal acknowledged
        acknowledged = told.articles
        cut(None)

    system = RecordingSystem(disk)
    try:
        with Archive.open(folder / "news.db", ShortPassages()) as archive:
            # Often, so that the log is taken into the file while it is used.
            archive._store._connection.execute("PRAGMA wal_autocheckpoint = 20")
            disk.on_event = on_event
            archive.add(NEW, progress)
    finally:
        system.unregister()
    assert acknowledged == len(NEW)
    assert len(cuts) >= 15
    for place, told in cuts:
        with Archive.open(place / "news.db", ShortPassages()) as archive:
            assert_whole(archive, told)
    with Archive.open(cuts[-1][0] / "news.db", ShortPassages()) as archive:
        finish(archive, cuts[-1][1])


# A full disk


def test_a_full_disk_is_told_and_harms_nothing(tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.archive, "BATCH_PASSAGES", 12)
    file = Path(shutil.copytree(begun, tmp_path / "full")) / "news.db"
    told = [0]
    with Archive.open(file, ShortPassages()) as archive:
        connection = archive._store._connection
        pages = connection.execute("PRAGMA page_count").get
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        many = [*NEW[:6], *(version(f"more{number}", 1) for number in range(200)), *NEW[6:]]
        with pytest.raises(ArchiveError, match=r"no space is left for .*news\.db; nothing was lost: free some and try"):
            archive.add(many, progress=lambda progress: told.append(progress.articles))
        stored = [each.id for each in archive.articles()]
        assert {each.id for each in many[: told[-1]]} <= set(stored)
        assert_sound(archive)
        connection.execute("PRAGMA max_page_count = 100000")
        archive.add(many)
        assert len(list(archive.articles())) == len(many)
        assert_sound(archive)


ON_A_SMALL_DISK = """
import sys
from pathlib import Path
import index.archive
from index.archive import Archive
from index.errors import ArchiveError
from tests.index.test_durability import NEW, ShortPassages, assert_whole, finish

index.archive.BATCH_PASSAGES = 12
folder = Path(sys.argv[1])
failed = 0
for number, left in enumerate([0, 8, 40, 90, 130, 170, 230, 300]):
    file, filler = folder / f"{number}.db", folder / "filler"
    if number % 2:
        Archive.open(file, ShortPassages()).close()
    told = [0]
    with filler.open("wb", buffering=0) as stream:
        try:
            while stream.write(bytes(1024)): pass
        except OSError:
            stream.truncate(max(0, stream.tell() - left * 1024))
    try:
        with Archive.open(file, ShortPassages()) as archive:
            archive.add(NEW, progress=lambda progress: told.append(progress.articles))
    except ArchiveError as error:
        failed += 1
        assert "rights and its disk" in str(error) or "space" in str(error) or "disk full" in str(error), error
    filler.unlink()
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, told[-1])
        finish(archive, told[-1])
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
print("failed", failed)
"""


def test_a_disk_that_is_really_full_is_told_and_harms_nothing(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=1200k none {tmp_path} && exec "
    namespace = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        subprocess.run([*namespace, f"{mount} true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody mount a small disk")
    done = subprocess.run(
        [*namespace, f'{mount} "$0" "$@"', sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)],
        cwd=Path(CODE).parent, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 4


def test_an_embedder_that_fails_leaves_what_was_acknowledged(tmp_path: Path, begun: Path) -> None:
    class Failing(ShortPassages):
        def embed_passages(self, texts: Any) -> Any:
            if len(self.embedded) >= 24:
                raise MemoryError("no memory for the model")
            return super().embed_passages(texts)

    file = Path(shutil.copytree(begun, tmp_path / "failing")) / "news.db"
    with pytest.MonkeyPatch.context() as patch, Archive.open(file, Failing()) as archive:
        patch.setattr(index.archive, "BATCH_PASSAGES", 12)
        with pytest.raises(MemoryError, match="no memory for the model"):
            archive.add(NEW)
        assert_whole(archive, 6)
    with Archive.open(file, ShortPassages()) as archive:
        finish(archive, 6)


# Two processes


def add_slowly(file: Path, told: Connection) -> None:
    index.archive.BATCH_PASSAGES = 12
    with Archive.open(file, ShortPassages()) as archive:

        def progress(progress: Progress) -> None:
            told.send(progress.articles)
            told.recv()

        archive.add(NEW, progress)
        told.send("done")


@contextmanager
def slow_writer(file: Path) -> Iterator[Connection]:
    """A process that adds, and after each batch waits to be told to go on."""
    context = forkserver()
    ours, theirs = context.Pipe()
    worker = context.Process(target=add_slowly, args=(file, theirs))
    worker.start()
    theirs.close()
    try:
        yield ours
    finally:
        worker.kill()
        worker.join()


def test_a_second_writer_is_told_to_wait_and_nothing_is_lost(
    tmp_path: Path, begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "two")) / "news.db"
    extra = version("extra", 1)
    with Archive.open(file, ShortPassages()) as archive, slow_writer(file) as writer:
        assert writer.recv() == 3
        with monkeypatch.context() as patch:
            patch.setattr(index.archive, "WRITER_WAIT_SECONDS", 0.05)
            uses: list[Callable[[], object]] = [
                lambda: archive.add([extra]),
                lambda: archive.remove("name1"),
                archive.rebuild,
            ]
            for use in uses:
                with pytest.raises(ArchiveBusy, match=r"another process is writing to .*; try again when it has"):
                    use()
        assert archive.get("name0") == NEW[0]  # reading goes on
        assert len(archive.search("sentence of name1", limit=4)) == 4
        assert_sound(archive)

        waiting = threading.Thread(target=archive.add, args=([extra],))  # and this one has the patience
        waiting.start()
        for acknowledged in (6, 9, 12, 15, 18, "done"):
            writer.send("go on")
            assert writer.recv() == acknowledged
        waiting.join(120)
        assert archive.get("extra") == extra
        archive.remove("extra")
        assert_whole(archive, len(NEW))
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, len(NEW))


def test_a_reader_sees_the_old_version_or_the_new_one_while_another_process_writes(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "read")) / "news.db"
    acknowledged: list[Any] = [0]
    failures: list[BaseException] = []

    def read(reader: Archive, by: FoundBy) -> None:
        try:
            while acknowledged[-1] != "done":
                before = acknowledged[-1]
                versions: dict[str, set[str]] = {}
                hits = reader.search("sentence version1 version2", limit=1000, by=by)
                for hit in hits:
                    versions.setdefault(hit.passage.article_id, set()).add(hit.passage.text.split()[-1])
                assert all(len(each) == 1 for each in versions.values())
                if by == "words":  # these follow a moment later
                    continue
                assert len(hits) == 4 * len(versions)
                assert {each.id for each in OLD} <= set(versions)
                assert all(versions[new.id] == {"version2."} for new in NEW[:before])
        except BaseException as error:
            failures.append(error)

    with Archive.open(file, ShortPassages()) as reader, slow_writer(file) as writer:
        threads = [threading.Thread(target=read, args=(reader, by)) for by in EVERY_WAY]
        for thread in threads:
            thread.start()
        while acknowledged[-1] != "done":
            acknowledged.append(writer.recv())
            if acknowledged[-1] != "done":
                writer.send("go on")
        for thread in threads:
            thread.join(120)
        assert failures == []
        assert_whole(reader, len(NEW))


def test_a_reader_opened_while_another_process_writes_follows_it(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "follow")) / "news.db"
    with slow_writer(file) as writer:
        assert writer.recv() == 3
        with Archive.open(file, ShortPassages()) as reader:
            assert len(reader.search("sentence of name1 version2", limit=4, by="vectors")) == 4
            assert_sound(reader)
            for acknowledged in (6, 9, 12, 15, 18, "done"):
                writer.send("go on")
                assert writer.recv() == acknowledged
            assert_whole(reader, len(NEW))


def test_a_reader_follows_when_the_writer_was_killed(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "orphan")) / "news.db"
    with Archive.open(file, ShortPassages()) as reader:
        with slow_writer(file) as writer:
            assert writer.recv() == 3
            writer.send("go on")
            assert writer.recv() == 6
        assert_whole(reader, 6)


# Damage to what is derived


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garble(path: Path) -> None:
    path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes()))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def as_list(path: Path) -> None:
    path.write_text("[]")


def of_another(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "archive": "f" * 32}))


def set_back(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "revision": 1}))


def set_forward(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "revision": 10**9}))


def of_nonsense(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "revision": "many"}))


ANY_FILE = (cut, empty, garble, delete)
MANIFEST = (*ANY_FILE, as_list, of_another, set_forward, of_nonsense)
DAMAGE = [
    *((damage, "vectors.faiss", "vectors") for damage in (*ANY_FILE, flip)),
    *((damage, "vectors.json", "vectors") for damage in (*MANIFEST, set_back)),
    *((damage, "words.json", "words") for damage in MANIFEST),
    *((damage, "words/meta.json", "words") for damage in ANY_FILE),
    *((damage, f"words/*.{kind}", "words") for damage in (*ANY_FILE, flip) for kind in ("idx", "fast", "store")),
    (delete, "words", "words"),
    (delete, ".", "words"),
    (delete, ".", "vectors"),
]


@pytest.mark.parametrize(
    ("damage", "what", "part"), DAMAGE, ids=[f"{damage.__name__} {what} {part}" for damage, what, part in DAMAGE]
)
def test_damage_to_an_index_is_mended_on_opening_and_told(
    tmp_path: Path, begun: Path, damage: Callable[[Path], None], what: str, part: str
) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "damaged")) / "news.db"
    folder = Path(f"{file}.index")
    with Archive.open(file, ShortPassages()) as archive:
        before = [archive.search("sentence 2 of name3", by=by) for by in EVERY_WAY]
    for path in [folder] if what == "." else list(folder.glob(what)):
        damage(path)
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 0)
        assert [archive.search("sentence 2 of name3", by=by) for by in EVERY_WAY] == before
        (told,) = [finding.detail for finding in archive.check() if finding.part == part]
        assert "24 of 24 passages" in told
        assert "; on opening, " in told
        assert told.endswith(": rebuilt")
    with Archive.open(file, ShortPassages()) as archive:  # once is enough
        assert all("on opening" not in finding.detail for finding in archive.check())
        archive.add(NEW[4:7])
        assert ids(archive.search("name6", limit=1, by="words")) == ["name6"]
        assert_sound(archive)


def test_words_whose_manifest_was_set_back_are_caught_up(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "back")) / "news.db"
    set_back(Path(f"{file}.index") / "words.json")
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 0)


@pytest.mark.parametrize("lagging", [("vectors.faiss", "vectors.json"), ("words", "words.json"), ()])
@pytest.mark.parametrize("is_newer", [False, True])
def test_indexes_from_another_time_are_brought_to_the_present(
    tmp_path: Path, begun: Path, lagging: tuple[str, ...], is_newer: bool
) -> None:
    """As when a backup was put back in part."""
    later = Path(shutil.copytree(begun, tmp_path / "later")) / "news.db"
    with Archive.open(later, ShortPassages()) as archive:
        archive.add(NEW[:9])
        archive.remove("name3")
        archive.add(NEW[3:4])
    older = Path(shutil.copytree(begun, tmp_path / "older")) / "news.db"
    file, source = (older, later) if is_newer else (later, older)
    for name in lagging or ("vectors.faiss", "vectors.json", "words", "words.json"):
        path, origin = Path(f"{file}.index") / name, Path(f"{source}.index") / name
        delete(path)
        shutil.copytree(origin, path) if origin.is_dir() else shutil.copy(origin, path)
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 0 if is_newer else 9)
        finish(archive, 0)


def test_what_a_crash_left_of_a_commit_does_not_stand_in_the_way_of_the_next(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "left")) / "news.db"
    words = Path(f"{file}.index") / "words"
    state = json.loads((words / "meta.json").read_bytes())
    for segment in state["segments"]:
        for number in range(state["opstamp"], state["opstamp"] + 200):
            (words / f"{segment['segment_id'].replace('-', '')}.{number}.del").touch()
    with Archive.open(file, ShortPassages()) as archive:
        finish(archive, 0)
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, len(NEW))


def test_an_archive_put_in_anothers_place_does_not_get_its_indexes(tmp_path: Path, begun: Path) -> None:
    file = tmp_path / "news.db"
    with Archive.open(file, ShortPassages()) as archive:
        archive.add([article("other", f"Of something else, number {number}.") for number in range(24)])
    shutil.copy(begun / "news.db", file)
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 0)
        told = [finding.detail for finding in archive.check() if "of another archive" in finding.detail]
        assert len(told) == 2


def test_a_reader_that_finds_the_words_damaged_while_another_writes_says_what_to_do(
    tmp_path: Path, begun: Path
) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "damaged")) / "news.db"
    with slow_writer(file) as writer:
        assert writer.recv() == 3
        garble(Path(f"{file}.index") / "words" / "meta.json")
        with pytest.raises(ArchiveDamaged, match="`groundwire rebuild` mends it"):
            Archive.open(file, ShortPassages())
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 3)


def test_an_index_folder_that_cannot_be_made_is_told(tmp_path: Path, begun: Path) -> None:
    file = Path(shutil.copytree(begun, tmp_path / "blocked")) / "news.db"
    folder = Path(f"{file}.index")
    delete(folder)
    folder.write_text("a file stands where the folder should be")
    with pytest.raises(ArchiveError, match=r"news\.db\.index.* cannot be written or read .*no article was lost"):
        Archive.open(file, ShortPassages())
    folder.unlink()
    with Archive.open(file, ShortPassages()) as archive:
        assert_whole(archive, 0)
