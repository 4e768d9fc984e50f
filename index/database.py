"""One SQLite file: opened or made, brought to the current schema, read by many threads, written by one."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

import apsw
from filelock import FileLock, Timeout

from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveError, NotAnArchive
from index.migrations import APPLICATION_ID, MIGRATIONS

BUSY_MILLISECONDS = 30_000


class Database:
    """One SQLite file; each thread reads through a connection of its own, one writes."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it where there is none; NotAnArchive for any other file."""
        self.path = path
        self._connections = threading.local()
        # Weakly: the connection of a thread that has ended is closed with it.
        self._opened: WeakSet[apsw.Connection] = WeakSet()
        self._closed = False
        try:
            with foreign_errors(path):
                self._prepare()
        except BaseException:
            self.close()
            raise

    # Opening and closing

    def _prepare(self) -> None:
        self._create()
        connection = self._connection
        mark = single_value(connection, "PRAGMA application_id")
        if mark != APPLICATION_ID:
            raise NotAnArchive(
                f"{self.path} is not a Groundwire archive; name another file, or remove this one if it is not needed"
            )
        version = single_value(connection, "PRAGMA user_version")
        if version > len(MIGRATIONS):
            raise NotAnArchive(f"{self.path} was made by a newer Groundwire; update this one: git pull && make setup")
        if version < len(MIGRATIONS):
            self._migrate(connection)

    def _create(self) -> None:
        """Make a new archive where there is none; an empty file may be what is left of one, and is refused."""
        lock = FileLock(f"{self.path}.lock")
        while not self.path.exists():
            # Two processes may create it at once, and the faster one go on to hold the lock for long.
            with suppress(Timeout), lock.acquire(timeout=0.1):
                if not self.path.exists():
                    self._make()
        if self.path.is_file() and self.path.stat().st_size == 0:
            raise NotAnArchive(
                f"{self.path} is empty, which an archive never is; restore it from a copy, or remove it to "
                "begin a new one"
            )

    def _make(self) -> None:
        """A new archive gets its name when it is whole: killed on the way, this leaves no half of one."""
        new = self.path.with_name(self.path.name + ".new")
        beside = [Path(f"{file}-{part}") for file in (new, self.path) for part in ("journal", "wal", "shm")]
        for leftover in (new, *beside):
            leftover.unlink(missing_ok=True)
        with closing(apsw.Connection(str(new))) as connection:
            self._migrate(connection)
            # Only now: closing a log does not tell when it could not be taken into the file.
            single_value(connection, "PRAGMA journal_mode = WAL")
        new.replace(self.path)

    def _migrate(self, connection: apsw.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have been faster.
            for number in range(single_value(connection, "PRAGMA user_version"), len(MIGRATIONS)):
                connection.execute(MIGRATIONS[number])
                if number == 0:
                    connection.execute("INSERT INTO settings VALUES ('archive', ?)", (uuid.uuid4().hex,))
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @property
    def _connection(self) -> apsw.Connection:
        if self._closed:
            raise ArchiveError(f"the archive {self.path} has been closed; open it again")
        connection: apsw.Connection | None = getattr(self._connections, "mine", None)
        if connection is None:
            connection = apsw.Connection(str(self.path))
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            # FULL: what is committed survives a power cut, not only a crash of this process.
            connection.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON")
            self._connections.mine = connection
            self._opened.add(connection)
        return connection

    def close(self) -> None:
        self._closed = True
        for connection in list(self._opened):
            with suppress(apsw.ThreadingViolationError):  # in use this very moment: it goes with its thread
                connection.close()

    # Settings

    def setting(self, name: str) -> str | None:
        return next((row[0] for row in self.rows("SELECT value FROM settings WHERE name = ?", name)), None)

    def set_setting(self, name: str, value: str) -> None:
        self.rows("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, value)

    @property
    def revision(self) -> int:
        return int(self.setting("revision") or 0)

    # Transactions

    @contextmanager
    def transaction(self) -> Iterator[int]:
        """Everything inside becomes true at once, as the revision that is yielded, or not at all."""
        with foreign_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                revision = self.revision + 1
                self.set_setting("revision", str(revision))
                yield revision
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that this thread reads inside is of one revision."""
        connection = self._connection
        with foreign_errors(self.path):
            connection.execute("BEGIN")
            try:
                yield
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    # Statements

    def rows(self, sql: str, *parameters: Any) -> Iterator[tuple[Any, ...]]:
        with foreign_errors(self.path):
            cursor = self._connection.execute(sql, parameters)
        return self._guarded(cursor)

    def _guarded(self, cursor: Any) -> Iterator[tuple[Any, ...]]:
        with foreign_errors(self.path):
            yield from cursor


def single_value(connection: apsw.Connection, sql: str) -> Any:
    return connection.execute(sql).get


@contextmanager
def foreign_errors(path: Path) -> Iterator[None]:
    """apsw's errors as ours."""
    try:
        yield
    except apsw.BusyError as error:
        raise ArchiveBusy(f"another process is writing to {path}; try again when it has finished") from error
    except apsw.NotADBError as error:
        raise NotAnArchive(f"{path} is not a Groundwire archive; name another file") from error
    except (apsw.CorruptError, UnicodeDecodeError) as error:
        raise ArchiveDamaged(
            f"{path} is damaged ({error}); restore it from a copy, or add the articles to a new archive"
        ) from error
    except apsw.CantOpenError as error:
        raise ArchiveError(f"{path} cannot be opened ({error}); is its folder there, and yours to write to?") from error
    except apsw.FullError as error:
        raise ArchiveError(f"no space is left for {path}; nothing was lost: free some and try again") from error
    except (apsw.ConnectionClosedError, apsw.CursorClosedError) as error:
        raise ArchiveError(f"the archive {path} has been closed; open it again") from error
    except (apsw.Error, OSError) as error:
        raise ArchiveError(f"{path} cannot be written or read ({error}); look at its rights and its disk") from error
