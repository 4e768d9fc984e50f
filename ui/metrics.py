"""What Prometheus is told: how long things take, how often nothing was found, what failed, who waits."""

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from qa.types import Answer
    from ui.limits import Queue

MEDIA_TYPE = "text/plain; version=1.0.0; charset=utf-8"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """The figures of one server; each app has its own, so that several can live in one process."""

    def __init__(self, queue: "Queue") -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "groundwire_request_seconds",
            "How long requests took, by their route and their status.",
            ("method", "route", "status"),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._steps = Histogram(
            "groundwire_answer_seconds",
            "How long the steps of an answer took, where it was made and not given again.",
            ("step",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._answers = Counter(
            "groundwire_answers",
            "Answers: certain, uncertain, or none (an abstention).",
            ("outcome",),
            registry=self._registry,
        )
        self._errors = Counter(
            "groundwire_errors", "Requests that ended in an error, by its kind.", ("kind",), registry=self._registry
        )
        self._feedback = Counter("groundwire_feedback", "What readers said.", ("verdict",), registry=self._registry)
        for name, count in (("running", lambda: queue.running), ("waiting", lambda: queue.waiting)):
            gauge = Gauge(f"groundwire_questions_{name}", f"Questions {name} now.", registry=self._registry)
            gauge.set_function(count)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    def answer(self, answer: "Answer") -> None:
        outcome = ("certain" if answer.certain else "uncertain") if answer.found else "none"
        self._answers.labels(outcome).inc()

    def steps(self, answer: "Answer") -> None:
        """Of one that was made, and not given again."""
        for step, seconds in answer.timings.items():
            self._steps.labels(step).observe(seconds)

    def error(self, kind: str) -> None:
        self._errors.labels(kind).inc()

    def feedback(self, verdict: str) -> None:
        self._feedback.labels(verdict).inc()

    def text(self) -> bytes:
        return generate_latest(self._registry)
