"""Every error as the same kind of document, RFC 9457: what was wrong and how to mend it."""

import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from index.errors import ArchiveBusy, BadInput, GroundwireError, NotFound
from index.validate import shown

MEDIA_TYPE = "application/problem+json"
RETRY_BUSY_SECONDS = 5
MOST_ERRORS = 20
log = logging.getLogger("groundwire")

TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # which older Pythons call otherwise
FAILED = "the server failed; try again, and tell whoever runs it, whose log says why"
ADVICE = {
    404: "nothing is at {path}; GET /api/openapi.json lists what there is",
    405: "{path} takes no {method}; the header Allow lists what it takes",
    413: "the request is larger than the server takes; send less",
}


class Refusal(Exception):
    """A request that is refused before anything is done for it."""

    def __init__(self, status: int, kind: str, detail: str, retry_after: int | None = None, **headers: str) -> None:
        """`retry_after`: seconds after which the same request may be taken."""
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.retry_after = retry_after
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Wrong(BaseModel):
    """One field that cannot be used."""

    where: str = Field(examples=["body.limit"])
    message: str = Field(examples=["input should be less than or equal to 10, found 11"])


class Problem(BaseModel):
    """What was wrong and how to mend it (RFC 9457); `kind` names the error as `groundwire --json` does.

    `retry_after`, in seconds, is what the header says too, which an event of a stream does not have.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "the question is empty; ask something, such as: where will the summit be held?",
                "kind": "BadQuestion",
            }
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    kind: str
    errors: list[Wrong] | None = None
    retry_after: int | None = Field(None, examples=[5])


def title_of(status: int) -> str:
    return TITLES.get(status) or HTTPStatus(status).phrase


def problem(
    status: int, kind: str, detail: str, errors: list[Wrong] | None = None, retry_after: int | None = None
) -> Problem:
    return Problem(
        title=title_of(status), status=status, detail=detail, kind=kind, errors=errors, retry_after=retry_after
    )


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """What a client is told of an error, and with which headers; a defect is logged, and told without its insides."""
    if isinstance(error, Refusal):
        return problem(error.status, error.kind, str(error), retry_after=error.retry_after), error.headers
    kind = type(error).__name__
    if isinstance(error, NotFound):
        return problem(404, kind, str(error)), {}
    if isinstance(error, BadInput):
        return problem(422, kind, str(error)), {}
    if isinstance(error, ArchiveBusy):
        detail = "the archive is being written to; try again in a moment"
        return problem(503, kind, detail, retry_after=RETRY_BUSY_SECONDS), {}
    log.error("%s", error, exc_info=error)
    return problem(500, kind if isinstance(error, GroundwireError) else "Defect", FAILED), {}


def response_of(request: Request, told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A page where a person opened one, else the document."""
    response = document_of(told, headers)
    if not _is_for_people(request):
        return response
    page: str = request.app.state.problem_page(request, told)
    others = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
    return HTMLResponse(page, told.status, others)


def document_of(told: Problem, headers: Mapping[str, str] | None = None) -> Response:
    headers = {**(headers or {}), "Cache-Control": "no-store"}
    if told.retry_after is not None:
        headers["Retry-After"] = str(told.retry_after)
    # ASCII: what was sent may hold half characters, which no encoding takes.
    return Response(json.dumps(told.model_dump(exclude_none=True)), told.status, headers, MEDIA_TYPE)


def _is_for_people(request: Request) -> bool:
    path: str = request.scope["path"]
    return "text/html" in request.headers.get("accept", "") and not path.startswith(("/api/", "/metrics"))


def tell_problems(app: FastAPI, failed: Callable[[str], None]) -> None:
    """Have the app answer every error with a problem document; `failed` hears of its kind."""

    def told(kind: type[Exception], document: Callable[[Request, Any], tuple[Problem, Mapping[str, str]]]) -> None:
        async def handler(request: Request, raised: Exception) -> Response:
            told, headers = document(request, raised)
            failed(told.kind)
            return response_of(request, told, headers)

        app.add_exception_handler(kind, handler)

    told(RequestValidationError, _invalid)
    told(HTTPException, _http)
    told(GroundwireError, lambda _request, error: problem_of(error))
    told(Refusal, lambda _request, error: problem_of(error))


def _http(request: Request, error: HTTPException) -> tuple[Problem, Mapping[str, str]]:
    advice = ADVICE.get(error.status_code)
    detail = advice.format(path=shown(request.scope["path"]), method=request.method) if advice else error.detail
    kind = title_of(error.status_code).title().replace(" ", "")
    return problem(error.status_code, kind, detail), error.headers or {}


def _invalid(_request: Request, error: RequestValidationError) -> tuple[Problem, Mapping[str, str]]:
    wrong = [_wrong(each) for each in error.errors()[:MOST_ERRORS]]
    detail = "; ".join(f"{each.where}: {each.message}" for each in wrong)
    return problem(422, "InvalidRequest", detail, wrong), {}


def _wrong(error: Any) -> Wrong:
    where = ".".join(map(str, error["loc"]))
    if error["type"] == "json_invalid":
        return Wrong(where="body", message=f"is no JSON ({error['ctx']['error']} at character {error['loc'][-1]})")
    if where == "body" and isinstance(error["input"], bytes):
        return Wrong(
            where=where, message="is not said to be JSON; send it with the header Content-Type: application/json"
        )
    message = error["msg"].removeprefix("Value error, ")
    found = "" if error["type"] == "missing" else f", found {shown(error['input'])}"
    return Wrong(where=where, message=message[:1].lower() + message[1:] + found)
