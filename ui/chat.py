"""A plain web chat: ask, and read the answer with its quotations."""

import os
from collections.abc import AsyncIterator
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ui.languages import dateline
from ui.problems import problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from qa.types import Answer, Excerpt
    from ui.service import Service

INVITATION = "Ask a question in any language."
LONGEST_SHOWN = 2000  # characters of a question, whatever comes
ACCENT = "#a3471f"  # in STYLE, where the settings name another
STYLE = """
.gradio-container { width: 100%; max-width: 46rem !important; margin: 0 auto !important; }
.gw-answer { font: 1.35rem/1.35 Georgia, "Times New Roman", serif; margin: 0 0 .75rem; }
.gw-quote { border-left: 3px solid #a3471f; margin: .75rem 0; padding: .1rem 0 .1rem .9rem; }
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


def build_chat(service: "Service") -> Any:
    """The chat as a `gradio.Blocks`."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr

    settings = service.settings

    # gradio passes the request by its annotation, which must be no string.
    async def respond(question: str, history: list[dict[str, Any]], request: gr.Request) -> AsyncIterator[Any]:
        history = [*history, {"role": "user", "content": escape(question[:LONGEST_SHOWN])}]
        yield "", [*history, {"role": "assistant", "content": "Reading the articles …"}]
        host = request.client.host if request.client else ""
        said = await answered(service, question, host, request.session_hash or "")
        yield "", [*history, {"role": "assistant", "content": said}]

    with gr.Blocks(title=settings.title, analytics_enabled=False) as page:
        articles = service.archive.count()
        plural = "article" if articles == 1 else "articles"
        gr.Markdown(f"# {settings.title}\nAsk; the answer is quoted from {articles:,} {plural}, word for word.")
        conversation = gr.Chatbot(
            show_label=False,
            sanitize_html=True,
            layout="panel",
            buttons=["copy"],  # the share button would send the conversation to another host
            latex_delimiters=[],
            height="62vh",
            placeholder=settings.greeting or (INVITATION if articles else "The archive is empty: add articles first."),
        )
        with gr.Row():
            question = gr.Textbox(
                placeholder="Ask a question",
                show_label=False,
                max_length=settings.longest_question,
                scale=8,
                autofocus=True,
                lines=1,
            )
            ask = gr.Button("Ask", variant="primary", scale=1, min_width=80)
        for event in (question.submit, ask.click):
            # The service has its own queue, which the API shares: gradio's lets in as many as that can hold.
            event(respond, [question, conversation], [question, conversation], concurrency_limit=None, api_name=False)
    page.queue(max_size=settings.asks_at_once + settings.asks_waiting)
    return page


async def answered(service: "Service", question: str, host: str, session: str) -> str:
    """The answer as HTML, or what stands in its way, in words."""
    try:
        service.count_session(host, session)
        asked = service.checked(question)
        return answer_as_html(await service.queue.run(lambda: service.ask(asked)))
    except Exception as error:  # gradio would show what a defect says to whoever asks
        told, _ = problem_of(error)
        service.metrics.error(told.kind)
        return f"<p>{escape(told.detail)}</p>"


def mount_chat(app: "FastAPI", service: "Service") -> "FastAPI":
    """The app with the chat at /."""
    page = build_chat(service)
    import gradio as gr

    style = STYLE.replace(ACCENT, service.settings.accent)
    mounted: FastAPI = gr.mount_gradio_app(
        app, page, path="/", css=style, theme=gr.themes.Base(), footer_links=[], run_history=False
    )
    return mounted
