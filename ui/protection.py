"""Stands before the API and the pages: who may ask, how often, how much; and what a browser may do with the pages."""

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.problems import Refusal, document_of, problem, problem_of, response_of
from ui.settings import EVERYWHERE

if TYPE_CHECKING:
    from ui.service import Service
    from ui.settings import Settings, SiteKey

KEY_HEADER = "X-Site-Key"
SESSION_HEADER = "X-Session-Id"
LONGEST_SESSION = 64
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
# Whoever watches over the server asks often, and pages load their files together.
UNCOUNTED = frozenset({"/api/health", "/metrics", "/widget.js", "/logo"})
FILES = "/web/"
# What pages look up by themselves, again and again, must not use up what their readers may ask.
LOOKED_UP = frozenset({"/api/about", "/api/suggestions"})
CLIENT_GONE = 499  # nginx's status for it; nobody is there to read it


class Origins(CORSMiddleware):
    """Starlette's, which says why with a problem document as everything else does."""

    def preflight_response(self, request_headers: Headers) -> Response:
        response = super().preflight_response(request_headers)
        if response.status_code < 400:
            return response
        wrong = bytes(response.body).decode().removeprefix("Disallowed CORS ")
        page = request_headers["origin"][:200]
        detail = f"pages of {page} may not ask like this ({wrong}); allowed_origins and site_keys name those that may"
        told = problem(response.status_code, "RefusedPreflight", detail)
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return document_of(told, headers)


class Protection:
    """Refuses what is too much or from elsewhere, tells what fails, times everything."""

    def __init__(self, app: ASGIApp, service: "Service") -> None:
        self.app = app
        self.service = service
        self.settings = service.settings
        self.headers = page_headers(service.settings)
        self.keys = {key.key: key for key in service.settings.site_keys}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        method = scope["method"] if scope["method"] in METHODS else "other"
        if method == "HEAD":  # answered like GET; the server leaves the body out
            scope = {**scope, "method": "GET"}

        async def send_protected(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._let_in(Request(scope))
            await self.app(scope, self._at_most(scope, receive), send_protected)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:
            told, headers = problem_of(error)
            self.service.metrics.error(told.kind)
            if status:
                raise  # half an answer is out already
            await response_of(Request(scope), told, headers)(scope, receive, send_protected)
        finally:
            self.service.metrics.request(method, _route(scope), status, time.perf_counter() - began)

    def _let_in(self, request: Request) -> None:
        """Refusal where the request is not to be looked at."""
        path: str = request.scope["path"]
        host = request.client.host if request.client else ""
        if path in UNCOUNTED or path.startswith(FILES):
            return
        looked_up = path in LOOKED_UP
        self.service.count_address(host, looked_up)
        if path.startswith("/api/"):
            key = self._key_of(request)
            if looked_up:
                return
            if key:
                self.service.count_key(key)
            if session := request.headers.get(SESSION_HEADER):
                self.service.count_session(host, session[:LONGEST_SESSION])

    def _key_of(self, request: Request) -> "SiteKey | None":
        """The site's key, where it names one; Refusal where it is none, or the page's origin may not ask."""
        origin, named = request.headers.get("origin"), request.headers.get(KEY_HEADER)
        key = self.keys.get(named) if named else None
        if named and key is None:
            raise Refusal(403, "UnknownKey", "this site key is not known here; copy it again from whoever gave it")
        allowed = key.origins if key else self.settings.allowed_origins
        if origin is None or EVERYWHERE in allowed or origin in allowed or self._is_own(request, origin):
            return key
        advice = "name it in the key's origins" if key else "name it in allowed_origins, or send a site key"
        raise Refusal(403, "RefusedOrigin", f"pages of {origin[:200]} may not ask here; {advice} ({KEY_HEADER})")

    def _is_own(self, request: Request, origin: str) -> bool:
        # Without the scheme, which a proxy may change.
        place = origin.partition("://")[2]
        public = self.settings.public_url
        return bool(place) and place in (request.headers.get("host"), urlsplit(public).netloc if public else "")

    def _at_most(self, scope: Scope, receive: Receive) -> Receive:
        """The request's body, up to the most that it may have; HTTPException 413 beyond."""
        most = self.settings.largest_body
        if scope["method"] == "PUT" and self.settings.admin_key:
            most = self.settings.largest_article
        received = 0

        async def receive_at_most() -> Message:
            nonlocal received
            if _announced(scope) > most:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413)
            return message

        return receive_at_most


def page_headers(settings: "Settings") -> dict[str, str]:
    """What browsers are told of every page: nothing from elsewhere, and in nobody's frame but the allowed sites'."""
    ancestors = " ".join(["'self'", *settings.origins])
    policy = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "require-trusted-types-for": "'script'",
        "frame-ancestors": ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _route(scope: Scope) -> str:
    """The route's pattern, not the path: there would be a figure for each article."""
    return getattr(scope.get("route"), "path", "") or "other"
