"""What browsers open: the chat at /, the widget, a demo of it, and each stored article with the words that are quoted.

The files in `web/` are sent as they stand. None of the pages has a script or a style in it, so that the strictest
policy holds for all of them.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from index.errors import NotFound
from index.validate import is_web_address
from ui import documents as told
from ui.deep_links import deep_link
from ui.languages import WEB, day, texts
from ui.problems import Problem
from ui.sending import File, weighed
from ui.settings import THEMES

if TYPE_CHECKING:
    from index.types import Article
    from ui.service import Service
    from ui.settings import Settings

ACCENT = "#a3471f"  # in the style sheets, where the settings name another
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
KINDS = {"chat.js": SCRIPT, "chat.css": STYLE, "demo.css": STYLE}
LIGHTEST_UNDER_WHITE = 0.179  # luminance at which white and black are read equally well


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of an article in three parts, the middle one quoted; `first` where the quotation begins."""

    before: str
    quoted: str
    after: str
    first: bool


def page_routes(service: "Service") -> tuple[APIRouter, Callable[[Request, Problem], str]]:
    """Everything that is not for programs, and the page that tells a person of a problem."""
    router = APIRouter(include_in_schema=False)
    settings = service.settings
    files = {name: styled(name, settings) for name in KINDS}
    widget = styled("widget.js", settings)
    pages = environment(settings, {**files, "widget.js": widget})

    def language_of(request: Request, named: str = "") -> str:
        accepted = request.headers.get("accept-language", "")
        return named if named in texts() else preferred(accepted, settings.languages)

    def problem_page(request: Request, problem: Problem) -> str:
        language = language_of(request, request.query_params.get("lang", ""))
        # As the browser counts, which sees %2F as no step; never from /, for a proxy may serve this under a path.
        home = "../" * (request.scope["raw_path"].count(b"/") - 1) or "./"
        look = {"settings": settings, "words": texts()[language], "language": language, "home": home}
        return pages.get_template("article.html").render(look, article=None, message=worded(problem, texts()[language]))

    @router.get("/")
    def chat(request: Request) -> Response:
        language = language_of(request)
        known = {"about": about(service).model_dump(), "texts": texts()}
        return HTMLResponse(
            pages.get_template("chat.html").render(words=texts()[language], language=language, known=known),
            headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"},
        )

    @router.get("/web/{name}")
    def file(request: Request, name: str, v: str = "") -> Response:
        if name not in files:
            raise NotFound(f"there is no page file {name!r}")
        return files[name].sent(request, KINDS[name], v)

    @router.get("/widget.js")
    def widget_script(request: Request, v: str = "") -> Response:
        # For pages of every origin: whether they may ask is decided when they do.
        allowed = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return widget.sent(request, SCRIPT, v, allowed)

    @router.get("/demo")
    def demo() -> Response:
        return HTMLResponse(pages.get_template("demo.html").render(), headers={"Cache-Control": "no-cache"})

    @router.get("/article")
    def article(
        request: Request,
        article_id: Annotated[str, Query(alias="id", min_length=1, max_length=500)],
        version: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
        start: told.Offset = 0,
        end: told.Offset = 0,
        lang: str = "",
        theme: str = "",
    ) -> Response:
        spoken = language_of(request, lang)
        words = texts()[spoken]
        look = {
            "settings": settings.model_copy(update={"theme": theme}) if theme in THEMES else settings,
            "words": words,
            "language": spoken,
            "home": "./",
        }
        headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
        try:
            stored = service.archive.get(article_id, version)
        except NotFound:
            page = pages.get_template("article.html").render(look, article=None, message=words["missing"])
            return HTMLResponse(page, 404, headers)
        page = pages.get_template("article.html").render(
            look,
            article=stored,
            day=day(stored.published, spoken),
            paragraphs=list(paragraphs(stored.text, start, end)),
            link=publisher_link(stored, start, end),
            is_current=service.archive.get(article_id).content_hash == stored.content_hash,
        )
        return HTMLResponse(page, headers=headers)

    return router, problem_page


def worded(problem: Problem, words: dict[str, str]) -> str:
    """What a person is told of it."""
    known = {404: "nowhere", 429: "limit", 500: "defect", 503: "busy"}.get(problem.status, "failed")
    seconds = problem.retry_after or 1
    text = words[known] if seconds > 1 else words.get(f"{known}_one", words[known])
    return text.format(seconds=seconds, detail=problem.detail)


def about(service: "Service") -> told.About:
    """What the archive holds, and how its pages look."""
    settings, held = service.settings, service.stats()
    return told.About(
        title=settings.title,
        tagline=settings.tagline,
        greeting=settings.greeting,
        articles=held.articles,
        oldest=held.oldest.isoformat() if held.oldest else None,
        newest=held.newest.isoformat() if held.newest else None,
        languages=held.languages,
        sources={name: count for name, count in held.sources.items() if name},
        interface=list(settings.languages),
        theme=settings.theme,
        accent=settings.accent,
        longest_question=settings.longest_question,
        revision=held.revision,
        writing=service.archive.is_being_written,
    )


def widget_line(address: str) -> str:
    """The line that a publisher pastes."""
    return f'<script src="{address}/widget.js" async></script>'


def pinned_widget_line(settings: "Settings", address: str) -> str:
    """The same for this very version of the widget: browsers run no other."""
    widget = styled("widget.js", settings)
    place = f"{address}/widget.js?v={widget.version}"
    return f'<script src="{place}" integrity="{widget.integrity}" crossorigin="anonymous" async></script>'


def styled(name: str, settings: "Settings") -> File:
    """The file with the publisher's accent in it, and what is read on it."""
    content = (WEB / name).read_bytes().replace(ACCENT.encode(), settings.accent.encode())
    if name.endswith(".css"):
        content = content.replace(b"--on-accent: #fff", f"--on-accent: {readable_on(settings.accent)}".encode())
    return File.of(content)


def readable_on(colour: str) -> str:
    """Black or white, whichever is read better on the colour (WCAG's relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#fff" if luminance < LIGHTEST_UNDER_WHITE else "#000"


def environment(settings: "Settings", files: dict[str, File]) -> Environment:
    pages = Environment(
        loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages.globals["settings"] = settings
    pages.globals["address_of"] = lambda name: f"{'' if name == 'widget.js' else 'web/'}{name}?v={files[name].version}"
    pages.filters["json"] = json_in_html
    return pages


def json_in_html(value: Any) -> Markup:
    """JSON that cannot end the element that it stands in."""
    text = json.dumps(value, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def preferred(accepted: str, offered: tuple[str, ...]) -> str:
    """Of the languages that are offered, and that the pages speak, the one that the browser likes best."""
    spoken = [each for each in offered if each in texts()] or ["en"]
    wanted = [name.partition("-")[0] for name, weight in weighed(accepted).items() if weight > 0]
    return next((name for name in wanted if name in spoken), spoken[0])


def paragraphs(text: str, start: int, end: int) -> Iterator[Paragraph]:
    """The article's paragraphs; of each, what stands between `start` and `end`."""
    place, is_first = 0, True
    for line in text.split("\n"):
        left, right = (min(max(edge - place, 0), len(line)) for edge in (start, max(start, end)))
        quoted = line[left:right]
        if line.strip():
            yield Paragraph(line[:left], quoted, line[right:], first=bool(quoted) and is_first)
        is_first = is_first and not quoted
        place += len(line) + 1


def publisher_link(article: "Article", start: int, end: int) -> str | None:
    """Where the publisher has the article, at the quoted words."""
    if not article.url or not is_web_address(article.url):
        return None
    return deep_link(article.url, article.text, start, end) if start < end <= len(article.text) else article.url
