"""What stands behind the API and the chat alike: one assistant, one queue, one count of everything."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from index.errors import BadQuestion
from index.types import EVERYTHING, Filters
from qa.question import checked
from ui.command import feedback_of
from ui.limits import Queue, Rate, address_of
from ui.metrics import Metrics
from ui.suggestions import Suggestions

if TYPE_CHECKING:
    from index.types import Stats
    from qa.assistant import Assistant
    from qa.types import Answer, Turn
    from ui.settings import Settings, SiteKey


class Service:
    """An assistant with its limits; use it from one event loop."""

    def __init__(self, assistant: "Assistant", settings: "Settings") -> None:
        self.assistant = assistant
        self.archive = assistant.archive
        self.settings = settings
        self.queue = Queue(settings.asks_at_once, settings.asks_waiting, settings.longest_wait)
        self.metrics = Metrics(self.queue)
        # Many readers ask the same. A revision never comes back: what was kept of earlier ones is not found again.
        self._kept = lru_cache(settings.answers_kept)(self._of_revision)
        self.feedback = feedback_of(self.archive)
        self.suggestions = Suggestions(assistant, settings.questions, busy=lambda: self.queue.running > 0)
        self._stats: Stats | None = None
        self._per_ip = Rate(settings.per_ip, "your address")
        self._looked_up = Rate(settings.per_ip, "your address")
        self._per_session = Rate(settings.per_session, "this conversation")
        self._per_key = {key.key: Rate(key.per_minute, "this site") for key in settings.site_keys}

    def checked(self, question: str) -> str:
        """The question as it can be asked; BadQuestion where it cannot, before it takes anybody's place."""
        question = checked(question)
        if len(question) > self.settings.longest_question:
            raise BadQuestion(
                f"the question has {len(question)} characters, more than {self.settings.longest_question}; "
                "ask for one thing at a time"
            )
        return question

    def ask(
        self, question: str, history: Sequence["Turn"] = (), filters: Filters = EVERYTHING, limit: int = 3
    ) -> "Answer":
        """The answer, counted. Takes its time, unless the archive has given it before: call it by the queue."""
        if history:  # hardly ever the same
            answer = self._made(question, history, filters, limit)
        else:
            answer = self._kept(self.archive.revision, question, filters, limit)
        self.metrics.answer(answer)
        return answer

    def _of_revision(self, _revision: int, question: str, filters: Filters, limit: int) -> "Answer":
        return self._made(question, (), filters, limit)

    def _made(self, question: str, history: Sequence["Turn"], filters: Filters, limit: int) -> "Answer":
        answer = self.assistant.ask(question, history=history, filters=filters, limit=limit)
        self.metrics.steps(answer)
        return answer

    def stats(self) -> "Stats":
        """What the archive holds; counted once for each revision."""
        if self._stats is None or self._stats.revision != self.archive.revision:
            self._stats = self.archive.stats()
        return self._stats

    # Counting requests: each raises Refusal where it is one too many.

    def count_address(self, host: str, looked_up: bool = False) -> None:
        """`looked_up`: by a page of its own accord; as many a minute again."""
        (self._looked_up if looked_up else self._per_ip).take(address_of(host))

    def count_session(self, host: str, session: str) -> None:
        # With the address: nobody uses up what a stranger may ask.
        self._per_session.take(f"{address_of(host)} {session}")

    def count_key(self, key: "SiteKey") -> None:
        self._per_key[key.key].take(key.key)
