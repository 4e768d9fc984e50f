"""The OpenAPI document: errors as the problem documents that they are."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ui.problems import MEDIA_TYPE
from ui.schemas import Json

ABOUT = """Answers questions from the publisher's own articles, and quotes the exact words that say so.

Every quotation is cut from the stored article: `article.text[start:end] == excerpt.text`, in Unicode code points.
Draw the `pieces`; nobody needs to slice.

Pages of other sites may ask where the server allows their origin, or with a public site key in the header `X-Site-Key`.
Requests are counted by address, by site key, and by conversation where the header `X-Session-Id` names one."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def describe(app: FastAPI, public_url: str | None) -> None:
    """Have the app tell its document, made once, when it is first asked for."""

    def openapi() -> Json:
        if not app.openapi_schema:
            app.openapi_schema = document(app, public_url)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def document(app: FastAPI, public_url: str | None) -> Json:
    servers = [{"url": public_url}] if public_url else None
    made: Json = get_openapi(
        title=app.title, version=app.version, description=ABOUT, routes=app.routes, servers=servers
    )
    for path in made["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                _as_problem(response)
    for unused in ("HTTPValidationError", "ValidationError"):
        made["components"]["schemas"].pop(unused, None)
    return made


def _as_problem(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    if any(media.get("schema") == PROBLEM for media in content.values()):
        response["content"] = {MEDIA_TYPE: {"schema": PROBLEM}}
