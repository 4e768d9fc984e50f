"""Answers given before, given again as long as the archive has not changed: many readers ask the same.

Of questions that lean on no others; the turns of a conversation are hardly ever the same.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.types import Answer


class KeptAnswers:
    """The answers asked for last, `most` of them at most, all of one revision of the archive; for any threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._revision = -1
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, revision: int, asked: Hashable) -> "Answer | None":
        with self._lock:
            if revision != self._revision or asked not in self._answers:
                return None
            self._answers.move_to_end(asked)
            return self._answers[asked]

    def keep(self, revision: int, asked: Hashable, answer: "Answer") -> None:
        """`revision`: the archive's before the answer was looked for, and still after."""
        with self._lock:
            if revision < self._revision:
                return
            if revision > self._revision:
                self._answers.clear()
                self._revision = revision
            self._answers[asked] = answer
            self._answers.move_to_end(asked)
            while len(self._answers) > self.most:
                self._answers.popitem(last=False)
