"""The web application: the REST API under /api, the chat and the other pages, all behind one protection."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from ipaddress import ip_address
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from ui.admin import admin_routes
from ui.api import routes, watch_routes
from ui.openapi import describe
from ui.pages import page_routes, pinned_widget_line, widget_line
from ui.problems import tell_problems
from ui.protection import KEY_HEADER, METHODS, SESSION_HEADER, Origins, Protection
from ui.sending import Compression
from ui.service import Service

if TYPE_CHECKING:
    from qa.assistant import Assistant
    from ui.settings import Settings


def create_app(assistant: "Assistant", settings: "Settings") -> FastAPI:
    """The API and the pages."""
    service = Service(assistant, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        service.suggestions.now()  # begun now, they are there for the first reader
        yield
        service.suggestions.stop()

    app = FastAPI(
        title=settings.title,
        version=version("groundwire"),
        openapi_url="/api/openapi.json",
        docs_url=None,  # these pages load their scripts from another host
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    routers = [routes(service), watch_routes(service)]
    if settings.admin_key:
        routers.append(admin_routes(service, settings.admin_key))
    for router in routers:
        app.include_router(router)
    pages, app.state.problem_page = page_routes(service)
    app.include_router(pages)
    _logo(app, settings)
    _nothing_else(app, [route for router in routers for route in router.routes])
    tell_problems(app, service.metrics.error)
    describe(app, settings.public_url)
    app.add_middleware(Protection, service=service)
    app.add_middleware(Compression)
    # Outermost, so that refusals can be read too.
    app.add_middleware(
        Origins,
        allow_origins=list(settings.origins),
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["Content-Type", "If-None-Match", KEY_HEADER, SESSION_HEADER],
        expose_headers=["ETag", "Retry-After"],
        max_age=3600,
    )
    return app


def _logo(app: FastAPI, settings: "Settings") -> None:
    if logo := settings.logo:

        @app.get("/logo", include_in_schema=False)
        def picture() -> FileResponse:
            return FileResponse(logo, headers={"Cache-Control": "max-age=3600"})


def _nothing_else(app: FastAPI, known: list[BaseRoute]) -> None:
    """404 or 405 for the rest of /api; Starlette's own 405 names the methods of one route only."""

    @app.api_route("/metrics", methods=sorted(METHODS), include_in_schema=False)
    @app.api_route("/api/{rest:path}", methods=sorted(METHODS), include_in_schema=False)
    def nothing(request: Request) -> None:
        allowed = {
            method
            for route in known
            if route.matches(dict(request.scope))[0] is Match.PARTIAL
            for method in getattr(route, "methods", None) or ()
        }
        if allowed:
            allowed |= {"HEAD"} if "GET" in allowed else set()
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)


def _is_everywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:  # a name
        return False


def serve(assistant: "Assistant", settings: "Settings") -> None:
    """Serve until it is stopped."""
    import uvicorn

    host, port = settings.host, settings.port
    app = create_app(assistant, settings)
    shown = f"[{host}]" if ":" in host else host
    address = settings.public_url or f"http://{shown}:{port}"
    print(f"Groundwire answers at {address} (Ctrl-C stops it)")
    if settings.public_url is None and _is_everywhere(host):
        print("On your pages: set public_url to where readers reach this server, and the widget's line is printed here")
    else:
        print(f"On your pages: {widget_line(address)}")
        print(f"Or this version alone, to be renewed after each update: {pinned_widget_line(settings, address)}")
    sys.stdout.flush()
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        proxy_headers=True,
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=5,
    )
