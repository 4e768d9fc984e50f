"""The routes of the REST API."""

import asyncio
import hashlib
import platform
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from index.errors import ArchiveError
from index.types import FoundBy
from ui import documents as told
from ui import metrics, schemas
from ui.asked import EVENT_STREAM, STREAM_HEADERS, answering, events, filters_of, while_there
from ui.examples import FIGURES, ID
from ui.pages import about
from ui.problems import Problem, Refusal
from ui.sending import VARY, knows, weighed
from ui.service import Service
from ui.verify import check

NO_STORE = {"Cache-Control": "no-store"}
# To be asked for again each time, which costs little while nothing has changed.
ASK_AGAIN = "no-cache"
# A version never changes, but an article may have to go.
VERSION_FOR = "private, max-age=3600"
LATEST_SKIP = 10_000_000

RETRY: dict[str, Any] = {
    "headers": {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer", "minimum": 1}}}
}
ArticleId = Annotated[str, Path(min_length=1, max_length=500, examples=[ID])]
FAILURES: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": description, **(RETRY if "Retry-After" in description else {})}
    for code, description in {
        400: "It cannot be read at all.",
        403: "The page's origin, or the site key, may not ask here.",
        413: "The request is too large.",
        422: "Something in it cannot be used; `errors` says what.",
        429: "Too many requests; `Retry-After` says how long to wait.",
        500: "The server failed.",
        503: "Too many questions at once, or the archive is busy; `Retry-After` says how long to wait.",
    }.items()
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such article."}}
TAGGED: dict[str, Any] = {"ETag": {"description": "Names what was told.", "schema": {"type": "string"}}}
UNCHANGED: dict[int | str, dict[str, Any]] = {
    200: {"headers": TAGGED},
    304: {"description": "It is as `If-None-Match` knows it.", "headers": TAGGED},
}
STREAM = {
    "description": "The answer; as events `sources`, `token`…, `done` (or `error`) where `Accept` prefers them.",
    "content": {
        EVENT_STREAM: {
            "schema": {"type": "string"},
            "example": 'event: token\ndata: {"text": "Budapest"}\n\nevent: done\ndata: {"found": true, "…": "…"}\n\n',
        }
    },
}


def filters_given(
    language: told.Language | None = None,
    source: told.Name | None = None,
    section: told.Name | None = None,
    since: told.Day | None = None,
    until: told.Day | None = None,
) -> told.FiltersTaken:
    """Only articles that pass all of these; a day counts whole."""
    return told.FiltersTaken(language=language, source=source, section=section, since=since, until=until)


Given = Annotated[told.FiltersTaken, Depends(filters_given)]


def routes(service: Service) -> APIRouter:
    """Everything that anybody may ask for."""
    router = APIRouter(prefix="/api", responses=FAILURES)
    _asking(router, service)
    _looking(router, service)
    _telling_back(router, service)
    _watching(router, service)
    return router


def _asking(router: APIRouter, service: Service) -> None:
    @router.post("/ask", response_model=told.AnswerTold, responses={200: STREAM}, tags=["answers"])
    async def ask(request: Request, taken: told.Ask) -> Response:
        """Answer a question with quotations from the articles."""
        task = asyncio.ensure_future(service.queue.run(answering(service, taken)))
        await asyncio.sleep(0)  # by now it has its place, or is refused while a status can still say so
        if task.done():
            task.result()
        if not wants_events(request.headers.get("accept", "")):
            return JSONResponse(await while_there(request, task), headers=NO_STORE)
        return StreamingResponse(events(task, service.metrics.error), headers=STREAM_HEADERS, media_type=EVENT_STREAM)

    @router.get("/suggestions", response_model=told.SuggestionsTold, responses=UNCHANGED, tags=["answers"])
    def suggestions(request: Request) -> Response:
        """Questions that the articles answer with certainty; after a change they are begun when they are asked for."""
        found, complete = service.suggestions.now()
        document = {
            "suggestions": [{"question": each.question, "language": each.language} for each in found],
            "complete": complete,
            "revision": service.archive.revision,
        }
        return unless_known(request, tag_of(document), lambda: document)


def _looking(router: APIRouter, service: Service) -> None:
    archive = service.archive

    def tag(route: str, *asked: object) -> str:
        # Revisions are counted anew in an archive that is made anew, and an update may tell the same otherwise.
        return tag_of([route, versions()["groundwire"], archive.id, archive.revision, *asked])

    def found(query: str, by: FoundBy, limit: int, filters: told.FiltersTaken) -> schemas.Json:
        hits = archive.search(query, limit, by, filters_of(filters))
        return schemas.hits_as_json(query, [(hit, archive.get(hit.passage.article_id)) for hit in hits])

    @router.get("/search", response_model=told.HitsTold, responses=UNCHANGED, tags=["articles"], name="search")
    def search(
        request: Request,
        filters: Given,
        query: Annotated[str, Query(min_length=1, max_length=told.LONGEST_QUESTION, examples=["Tomahawk"])],
        by: Annotated[Literal["fused", "vectors", "words"], Query()] = "fused",
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
    ) -> Response:
        """The passages nearest to some words, without answering."""
        return unless_known(
            request,
            tag("search", query, by, limit, filters.model_dump()),
            lambda: found(query, by, limit, filters),
        )

    @router.post("/search", response_model=told.HitsTold, tags=["articles"], name="search_by_post")
    def search_by_post(taken: told.Search) -> Response:
        """The same, for what is too long for an address or should not stand in a log."""
        return JSONResponse(found(taken.query, taken.by, taken.limit, taken.filters), headers=NO_STORE)

    @router.get("/articles", response_model=told.ArticlesTold, responses=UNCHANGED, tags=["articles"])
    def articles(
        request: Request,
        filters: Given,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        skip: Annotated[int, Query(ge=0, le=LATEST_SKIP)] = 0,
    ) -> Response:
        """The articles, the newest first, a page at a time."""
        chosen = filters_of(filters)
        return unless_known(
            request,
            tag("articles", limit, skip, filters.model_dump()),
            lambda: schemas.articles_as_json(archive.articles(chosen, limit, skip), archive.count(chosen)),
        )

    @router.get(
        "/articles/{article_id:path}",
        response_model=told.ArticleTold,
        responses={**NOT_FOUND, **UNCHANGED},
        tags=["articles"],
    )
    def article(
        request: Request,
        article_id: ArticleId,
        version: Annotated[
            str | None, Query(min_length=1, max_length=64, description="An earlier version, by its content_hash.")
        ] = None,
    ) -> Response:
        """A whole article, as it is now or in an earlier version."""
        stored = archive.get(article_id, version)
        return unless_known(
            request,
            f'W/"{stored.content_hash}"',
            lambda: schemas.article_as_json(stored),
            VERSION_FOR if version else ASK_AGAIN,
        )

    @router.get(
        "/quotation",
        response_model=told.QuotationTold,
        responses={**NOT_FOUND, **UNCHANGED},
        tags=["articles"],
    )
    def quotation(
        request: Request,
        article_id: Annotated[str, Query(alias="id", min_length=1, max_length=500, examples=[ID])],
        version: Annotated[str, Query(min_length=1, max_length=64, description="The content_hash.")],
        start: told.Offset,
        end: told.Offset,
        marks: Annotated[
            str,
            Query(
                max_length=1000, pattern="^([0-9]{1,9}-[0-9]{1,9}(,[0-9]{1,9}-[0-9]{1,9})*)?$", examples=["12-20,30-33"]
            ),
        ] = "",
    ) -> Response:
        """A quotation again, by its place: what a link to an answer is made of."""
        stored = archive.get(article_id, version)
        spans = [
            (int(first), int(last)) for first, _, last in (each.partition("-") for each in marks.split(",") if each)
        ]
        document = schemas.stored_quotation_as_json(stored, start, end, spans)
        return unless_known(request, tag_of(document), lambda: document, VERSION_FOR)


def _telling_back(router: APIRouter, service: Service) -> None:
    @router.post("/verify", response_model=told.CheckedAll, tags=["answers"])
    def verify(taken: told.Citations) -> Response:
        """Whether each citation is true of the stored article, character by character."""
        checked = [check(service.archive, citation) for citation in taken.citations]
        document = told.CheckedAll(true=all(each.true for each in checked), citations=checked)
        return JSONResponse(document.model_dump(), headers=NO_STORE)

    @router.post("/feedback", response_model=told.Kept, status_code=201, tags=["answers"])
    def feedback(taken: told.FeedbackTaken) -> Response:
        """Keep what a reader says of an answer."""
        service.feedback.add(
            taken.answer,
            taken.verdict,
            question=taken.question,
            comment=taken.comment,
            revision=service.archive.revision,
        )
        service.metrics.feedback(taken.verdict)
        return JSONResponse({"kept": True}, 201, NO_STORE)


def _watching(router: APIRouter, service: Service) -> None:
    @router.get("/about", response_model=told.About, tags=["server"], name="about")
    def about_archive() -> Response:
        """What the archive holds, and how its pages look."""
        return JSONResponse(about(service).model_dump(), headers=NO_STORE)

    @router.get("/health", response_model=told.Health, tags=["server"])
    def health() -> Response:
        """That the server lives, and that it can answer: 503 where it cannot."""
        archive = service.archive
        try:
            newest = next(archive.articles(limit=1), None)
            document = told.Health(
                version=version("groundwire"),
                versions=versions(),
                revision=archive.revision,
                articles=archive.count(),
                newest=newest.published.isoformat() if newest and newest.published else None,
            )
        except ArchiveError as error:
            reason = f"the server lives, but its archive cannot be read ({type(error).__name__})"
            raise Refusal(503, "NotReady", f"{reason}; run `groundwire check`", retry_after=30) from error
        return JSONResponse(document.model_dump(), headers=NO_STORE)


def watch_routes(service: Service) -> APIRouter:
    """What Prometheus reads, where it looks for it."""
    router = APIRouter(responses={500: FAILURES[500]})
    plain = {"text/plain": {"schema": {"type": "string"}, "example": FIGURES}}

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "In Prometheus' text format.", "content": plain}},
        tags=["server"],
        name="metrics",
    )
    def measured() -> Response:
        """Latencies, abstentions, errors and the queue."""
        return Response(service.metrics.text(), headers=NO_STORE, media_type=metrics.MEDIA_TYPE)

    return router


@cache
def versions() -> dict[str, str]:
    packages = ("groundwire", "fastapi", "faiss-cpu", "tantivy", "apsw", "onnxruntime")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def wants_events(accept: str) -> bool:
    """Whether the client takes server-sent events, and prefers them to JSON if it takes that too."""
    wanted = [name for name, weight in weighed(accept).items() if weight > 0]
    return next((name for name in wanted if name in (EVENT_STREAM, "application/json")), "") == EVENT_STREAM


# What has not changed is not sent again


def tag_of(what: object) -> str:
    return f'W/"{hashlib.sha256(repr(what).encode("utf-8", "replace")).hexdigest()[:32]}"'


def unless_known(
    request: Request, tag: str, tell: Callable[[], schemas.Json], cache_control: str = ASK_AGAIN
) -> Response:
    """The document; or 304, and nothing looked up, where the client says that it knows it already."""
    headers = {"ETag": tag, "Cache-Control": cache_control}
    if knows(request, tag):
        return Response(status_code=304, headers=headers | VARY)
    return JSONResponse(tell(), headers=headers)
