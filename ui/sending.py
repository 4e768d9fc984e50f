"""How what browsers ask for is sent: compressed where they take that, and not at all where they have it already."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

FOR_A_YEAR = "public, max-age=31536000, immutable"  # its address changes with it
FOR_AN_HOUR = "public, max-age=3600"
ACCEPTED = b"accept-encoding"
VARY = {"Vary": "Accept-Encoding"}
# Streams are sent as they come. A picture has a strong ETag, which must not name two encodings.
NOT_COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "image/*")


class Compression(GZipMiddleware):
    """Starlette's, told by a header with nothing but `gzip` in it, or by none: it knows of no weights."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, compresslevel=6, exclude_content_types=NOT_COMPRESSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            accepted = ",".join(Headers(scope=scope).getlist("accept-encoding"))
            others = [(name, value) for name, value in scope["headers"] if name != ACCEPTED]
            scope = {**scope, "headers": [*others, (ACCEPTED, b"gzip")] if takes_gzip(accepted) else others}
        await super().__call__(scope, receive, send)


def takes_gzip(accepted: str) -> bool:
    """Whether Accept-Encoding names gzip, or all there are, with a weight above 0."""
    weights = weighed(accepted)
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def weighed(accepted: str) -> dict[str, float]:
    """What an `Accept…` header names, in small letters, each with its weight, 0 to 1; the most wanted first."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weight = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if name and re.fullmatch(r"[01](\.\d*)?", weight):  # what cannot be read is not taken
            weights[name] = float(weight)
    return dict(sorted(weights.items(), key=lambda each: -each[1]))


def knows(request: Request, tag: str) -> bool:
    """Whether the client says that it has what the ETag names."""
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in known


@dataclass(frozen=True)
class File:
    """A file as it is sent, plain and packed; `version` names its content, `integrity` is of the plain one."""

    content: bytes
    packed: bytes
    version: str
    integrity: str

    @classmethod
    def of(cls, content: bytes) -> "File":
        digest = hashlib.sha384(content)
        integrity = f"sha384-{base64.b64encode(digest.digest()).decode('ascii')}"
        return cls(content, gzip.compress(content, 9, mtime=0), digest.hexdigest()[:12], integrity)

    def sent(self, request: Request, kind: str, version: str, headers: dict[str, str] | None = None) -> Response:
        """The answer to a request for it behind `Compression`; `version`: the one that its address names."""
        told = {
            **(headers or {}),
            "Cache-Control": FOR_A_YEAR if version == self.version else FOR_AN_HOUR,
            "ETag": f'W/"{self.version}"',  # weak: of both encodings
        }
        if knows(request, told["ETag"]):
            return Response(status_code=304, headers=told | VARY)
        if "accept-encoding" not in request.headers:
            return Response(self.content, headers=told, media_type=kind)
        return Response(self.packed, headers=told | VARY | {"Content-Encoding": "gzip"}, media_type=kind)
