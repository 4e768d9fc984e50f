"""What readers said of answers, in a SQLite file beside the archive."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import apsw

from index.database import BUSY_MILLISECONDS, foreign_errors

Verdict = Literal["good", "bad"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    answer TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('good', 'bad')),
    question TEXT,
    comment TEXT,
    revision INTEGER NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one reader said of one answer, and of which revision of the archive that answer was."""

    answer: str
    verdict: Verdict
    question: str | None
    comment: str | None
    revision: int
    at: datetime


class FeedbackBook:
    """Keeps feedback; apart from the archive, so that neither stands in the way of the other."""

    def __init__(self, path: Path) -> None:
        """`path`: of a file that is made with the first feedback."""
        self.path = path

    def add(
        self,
        answer: str,
        verdict: Verdict,
        *,
        question: str | None = None,
        comment: str | None = None,
        revision: int = 0,
    ) -> int:
        """Keep one; its number. ArchiveError where the file cannot be written."""
        row = (datetime.now(UTC).isoformat(), answer, verdict, question, comment, revision)
        with self._connected() as connection:
            connection.execute(
                "INSERT INTO feedback (at, answer, verdict, question, comment, revision) VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            return connection.last_insert_rowid()

    def __iter__(self) -> Iterator[Feedback]:
        """All that was said, the oldest first."""
        if not self.path.exists():
            return
        with self._connected() as connection:
            rows: list[Any] = connection.execute(
                "SELECT answer, verdict, question, comment, revision, at FROM feedback ORDER BY id"
            ).fetchall()
        for answer, verdict, question, comment, revision, at in rows:
            yield Feedback(answer, verdict, question, comment, revision, datetime.fromisoformat(at))

    @contextmanager
    def _connected(self) -> Iterator[apsw.Connection]:
        with foreign_errors(self.path), closing(apsw.Connection(str(self.path))) as connection:
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            connection.execute(SCHEMA)
            yield connection
