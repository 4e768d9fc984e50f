"""An answer on its way: in line, in work, and told as JSON or as a stream of events; given up when the client goes."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.requests import ClientDisconnect

from qa.types import Turn
from ui.documents import Ask, FiltersTaken
from ui.options import filters_from
from ui.problems import problem_of
from ui.schemas import Json, answer_as_json

if TYPE_CHECKING:
    from index.types import Filters
    from ui.service import Service

Result = TypeVar("Result")

EVENT_STREAM = "text/event-stream"
# Proxies close what is silent, and keep back what they could send in one piece.
KEEPALIVE_SECONDS = 10.0
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def answering(service: "Service", taken: Ask) -> Callable[[], Json]:
    """The work that an ask asks for; BadQuestion or BadFilter where it makes no sense, before it is begun."""
    question = service.checked(taken.question)
    history = [Turn(turn.question, turn.answer_text) for turn in taken.history]
    filters = filters_of(taken.filters)

    def work() -> Json:
        return answer_as_json(service.ask(question, history, filters, taken.limit), service.archive.get)

    return work


def filters_of(taken: FiltersTaken) -> "Filters":
    """BadFilter where one of them makes no sense."""
    return filters_from(taken.language, taken.source, taken.section, taken.since, taken.until, sign="")


async def while_there(request: Request, work: Awaitable[Result]) -> Result:
    """What comes of the work; where the client goes away before, it is cancelled, and ClientDisconnect raised."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def events(task: "asyncio.Task[Json]", failed: Callable[[str], None]) -> AsyncIterator[bytes]:
    """`sources`, then `token`s that joined are the text, then `done` with the whole answer; or `error`.

    `failed` hears of the kind of error.
    """
    try:
        while not (await asyncio.wait({task}, timeout=KEEPALIVE_SECONDS))[0]:
            yield KEEPALIVE_COMMENT
        told = [_event(name, document) for name, document in _told(task.result())]
    except Exception as error:
        problem, _ = problem_of(error)
        failed(problem.kind)
        told = [_event("error", problem.model_dump(exclude_none=True))]
    finally:
        task.cancel()  # of no effect but where the client has gone
    for event in told:
        yield event


def _told(answer: Json) -> list[tuple[str, Json]]:
    sources = {name: answer[name] for name in ("id", "question", "found", "certain", "excerpts", "related")}
    tokens = re.findall(r"\s*\S+\s*$|\s*\S+", answer["text"])
    return [("sources", sources), *(("token", {"text": token}) for token in tokens), ("done", answer)]


def _event(name: str, document: Any) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(document, ensure_ascii=False))
