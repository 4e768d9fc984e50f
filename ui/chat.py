"""A plain web chat: ask, and read the answer with its quotations."""

import os
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.errors import GroundwireError
from ui.languages import dateline

if TYPE_CHECKING:
    from index.archive import Archive
    from qa.assistant import Assistant
    from qa.types import Answer, Excerpt

TITLE = "Groundwire"
STYLE = """
.gradio-container { max-width: 46rem !important; margin: 0 auto !important; }
.gw-answer { font: 1.35rem/1.35 Georgia, "Times New Roman", serif; margin: 0 0 .75rem; }
.gw-quote { border-left: 3px solid #b4552d; margin: .75rem 0; padding: .1rem 0 .1rem .9rem; }
.gw-quote p { margin: 0; line-height: 1.5; }
.gw-quote mark { background: #fbe7a1; color: #1d1a14; padding: 0 .1em; border-radius: 2px; }
.gw-from { font-size: .85rem; opacity: .8; margin-top: .35rem !important; }
footer { display: none !important; }
button.primary { background: #a3471f !important; color: #fff !important; border: 0 !important; }
"""
NOT_SAID = {
    "fr": "Les articles ne le disent pas.",
    "es": "Los artículos no lo dicen.",
    "de": "Die Artikel sagen es nicht.",
}
NOT_CERTAIN = {
    "en": "Not certain: the nearest that the articles come.",
    "fr": "Sans certitude : ce que les articles disent de plus proche.",
    "es": "Sin certeza: lo más cercano que dicen los artículos.",
    "de": "Nicht sicher: das Nächste, was die Artikel sagen.",
}
RELATED = {"fr": "À lire sur le sujet :", "es": "Para leer sobre el tema:", "de": "Zum Weiterlesen:"}
# Requests that wait beyond this are refused at once instead of hanging.
LONGEST_QUEUE = 32


def answer_as_html(answer: "Answer") -> str:
    """The answer with its quotations; whatever comes from an article is escaped, and stands on one line."""
    if answer.found:
        head = f'<p class="gw-answer">{_plain(answer.text)}</p>'
        if not answer.certain:
            head += f'<p class="gw-from">{NOT_CERTAIN.get(answer.language, NOT_CERTAIN["en"])}</p>'
        return "".join([head, *(_quotation(excerpt, n) for n, excerpt in enumerate(answer.excerpts, 1))])
    head = f'<p class="gw-answer">{NOT_SAID.get(answer.language, "The articles do not say.")}</p>'
    if not answer.related:
        return head
    related = RELATED.get(answer.language, "Related reading:")
    return "".join([head, f"<p>{related}</p>", *(_quotation(excerpt) for excerpt in answer.related)])


def _quotation(excerpt: "Excerpt", number: int | None = None) -> str:
    words = "".join(
        f"<mark>{_plain(piece.text)}</mark>" if piece.mark else _plain(piece.text) for piece in excerpt.pieces
    )
    article = excerpt.article
    title = _plain(article.title)
    if article.url and urlsplit(article.url).scheme in ("http", "https"):
        title = f'<a href="{_plain(article.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'
    source = " · ".join(part for part in (title, _plain(dateline(article))) if part)
    label = f"[{number}] " if number else ""
    return f'<div class="gw-quote"><p>{label}{words}</p><p class="gw-from">{source}</p></div>'


def _plain(text: str) -> str:
    return escape(" ".join(text.split()) if "\n" in text else text, quote=True)


def build_chat(assistant: "Assistant") -> Any:
    """The chat as a `gradio.Blocks`."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    def respond(question: str, history: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        history = [*history, {"role": "user", "content": escape(question)}]
        yield "", [*history, {"role": "assistant", "content": "Reading the articles …"}]
        try:
            said = answer_as_html(assistant.ask(question))
        except GroundwireError as error:
            said = f"<p>{escape(str(error))}</p>"
        yield "", [*history, {"role": "assistant", "content": said}]

    with gr.Blocks(title=TITLE, analytics_enabled=False) as page:
        stats = assistant.archive.stats()
        plural = "article" if stats.articles == 1 else "articles"
        gr.Markdown(f"# {TITLE}\nAsk; the answer is quoted from {stats.articles:,} {plural}, word for word.")
        conversation = gr.Chatbot(
            show_label=False,
            sanitize_html=True,
            layout="panel",
            buttons=["copy"],  # the share button would send the conversation to another host
            latex_delimiters=[],
            height="62vh",
            placeholder="Ask a question in any language."
            if stats.articles
            else "The archive is empty: add articles first.",
        )
        with gr.Row():
            question = gr.Textbox(
                placeholder="Ask a question", show_label=False, max_length=2000, scale=8, autofocus=True, lines=1
            )
            ask = gr.Button("Ask", variant="primary", scale=1, min_width=80)
        for event in (question.submit, ask.click):
            event(respond, [question, conversation], [question, conversation], concurrency_limit=4, api_name=False)
    page.queue(max_size=LONGEST_QUEUE)
    return page


def serve(archive: "Archive", host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the chat until it is stopped; GroundwireError where the address cannot be used."""
    import socket

    # Before the seconds that the imports below take.
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise GroundwireError(
                f"{host}:{port} cannot be used ({error.strerror}); is another chat running? Choose another --port"
            ) from error

    import uvicorn

    app = create_app(archive)
    shown = f"[{host}]" if ":" in host else host
    print(f"Groundwire answers at http://{shown}:{port} (Ctrl-C stops it)", flush=True)
    uvicorn.run(app, host=host, port=port, log_level="warning")


def create_app(archive: "Archive") -> Any:
    """The web application: the chat at `/`, and no way to upload files, which nothing here asks for."""
    from qa.assistant import Assistant

    page = build_chat(Assistant(archive))
    import gradio as gr
    from fastapi import FastAPI, Request
    from fastapi.responses import PlainTextResponse, Response

    app = FastAPI(openapi_url=None)

    @app.middleware("http")
    async def refuse_uploads(request: Request, call_next: Any) -> Response:
        if request.url.path.endswith("/upload"):
            return PlainTextResponse("This chat takes no files.", status_code=404)
        response: Response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return gr.mount_gradio_app(
        app, page, path="/", css=STYLE, theme=gr.themes.Base(), footer_links=[], run_history=False
    )
