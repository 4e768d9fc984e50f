"""The OpenAPI document: errors as the problem documents that they are, an example of whatever is told."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ui import documents
from ui.problems import MEDIA_TYPE
from ui.protection import KEY_HEADER, LONGEST_SESSION, SESSION_HEADER, UNCOUNTED
from ui.schemas import Json

ABOUT = """Answers questions from the publisher's own articles, and quotes the exact words that say so.

Every quotation is cut from the stored article: `article.text[start:end] == excerpt.text`, in Unicode code points.
Draw the `pieces`; nobody needs to slice.

Pages of other sites may ask where the server allows their origin, or with a public site key.
Requests are counted by address, by site key, and by conversation where a header names one."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}
SITE_KEY = {
    "type": "apiKey",
    "in": "header",
    "name": KEY_HEADER,
    "description": "The public key of a site that the server knows: no secret, and needed by other sites' pages alone.",
}
SESSION = {
    "in": "header",
    "name": SESSION_HEADER,
    "description": f"Names a conversation, in any words; {LONGEST_SESSION} characters count.",
    "schema": {"type": "string"},
    "example": "3c9f-41aa",
}


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
    components = made["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for name, schema in components["schemas"].items():
        # FastAPI leaves out what is null in an example, although it must be told.
        schema.update(getattr(getattr(documents, name, None), "model_config", {}).get("json_schema_extra", {}))
    components.setdefault("securitySchemes", {})["SiteKey"] = SITE_KEY
    components["parameters"] = {"Session": SESSION}
    for name, path in made["paths"].items():
        for operation in path.values():
            for status, response in operation["responses"].items():
                _as_problem(response)
                if status.startswith("2"):
                    _with_example(response, components["schemas"])
            if name not in UNCOUNTED:
                _counted(operation)
    return made


def _counted(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/Session"})
    others: list[Json] = operation.get("security", [{}])
    operation["security"] = [*others, *({**each, "SiteKey": []} for each in others)]


def _with_example(response: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The schema's example beside it too, where most tools look for it."""
    for media in response.get("content", {}).values():
        schema = schemas.get(media["schema"].get("$ref", "").rsplit("/", 1)[-1], {})
        if "example" in schema:
            media.setdefault("example", schema["example"])


def _as_problem(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    if any(media.get("schema") == PROBLEM for media in content.values()):
        response["content"] = {MEDIA_TYPE: {"schema": PROBLEM}}
