"""Articles, addresses and questions that are markup: they are shown as they are written, and nothing else happens.

`visitor` sees to it that no dialog opened and that nothing was asked of another host.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from index.types import Article
from index.validate import is_web_address
from tests.browser.payloads import ADDRESSES, ARTICLES, BATCH, EVIL, NO_ADDRESSES, PAYLOADS, marked
from tests.browser.servers import Server, Site
from tests.browser.talking import ELEMENT, coded, host_page, script
from tests.browser.visitor import Visitor

# All that an answer may consist of, and all that may stand in its tags.
TAGS = {"div", "p", "ol", "li", "blockquote", "mark", "a", "span", "time"}
ATTRIBUTES = {"class", "lang", "dir", "cite", "href", "target", "datetime"}
NOWHERE = "http://127.0.0.1:9"
BATCHES = range(0, len(PAYLOADS), BATCH)
ELEMENTS = """() => {
    const all = node => [...node.querySelectorAll("*")].flatMap(
        each => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])]);
    return all(document).map(each => ({
        tag: each.localName,
        attributes: Object.fromEntries([...each.attributes].map(({ name, value }) => [name, value])),
    }));
}"""
CARDS = """cards => cards.map(card => [card, ...card.querySelectorAll("*")].map(each => ({
    tag: each.localName,
    attributes: Object.fromEntries([...each.attributes].map(({ name, value }) => [name, value])),
})))"""


@pytest.fixture(scope="module")
def hostile(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("hostile")
    settings = {"ALLOWED_ORIGINS": site.url, "TITLE": PAYLOADS[8], "GREETING": PAYLOADS[9]}
    suggested = "|".join([each for each in PAYLOADS if "|" not in each and ";" not in each][:20])
    server = Server.by_hand("hostile", folder, QUESTIONS=suggested, **settings).start()
    yield server
    server.stop()


def holds(card: list[dict[str, Any]], articles: tuple[Article, ...]) -> None:
    """The card of an answer consists of what it should, so many times as there are quotations."""
    tags = [each["tag"] for each in card]
    assert set(tags) <= TAGS
    assert {name for each in card for name in each["attributes"]} <= ATTRIBUTES
    for tag in ("li", "blockquote", "mark", "time"):
        assert tags.count(tag) == len(articles), tag
    assert tags.count("ol") == 1
    assert tags.count("a") <= 3 * len(articles)
    for each in card:
        for name in ("href", "cite"):
            if address := each["attributes"].get(name):
                assert address.lower().startswith(("https://example.org/", "https://user:", "http://127.0.0.1:")), (
                    address
                )


def shows(page: Page, selector: str, articles: tuple[Article, ...]) -> None:
    """The payloads can be read in the card, every character of them."""
    texts = page.locator(selector).last.locator("mark").all_text_contents()
    assert texts == [article.text[slice(*marked(article))] for article in articles]
    titles = page.locator(selector).last.locator(".gw-title").all_text_contents()
    assert titles == [article.title for article in articles]
    datelines = page.locator(selector).last.locator(".gw-from").all_text_contents()
    for article, dateline in zip(articles, datelines, strict=True):
        assert article.source and article.source in dateline


def nothing_injected(page: Page) -> None:
    """In the whole page, shadow trees too, stands no element that a payload would have made."""
    for element in page.evaluate(ELEMENTS):
        assert element["tag"] not in {
            "iframe", "object", "embed", "base", "video", "audio", "image", "use", "animate", "math", "marquee",
            "template", "applet", "frame", "svg", "img", "style",
        }, element  # fmt: skip
        if element["tag"] == "script":
            assert "src" in element["attributes"] or element["attributes"].get("type") == "application/json", element
        for name, value in element["attributes"].items():
            assert not name.startswith("on"), element
            assert name not in {"srcdoc", "ping", "srcset", "formaction"}, element
            if name == "style":  # the widget's own
                assert "root" in element["attributes"]["class"] and "url" not in value, element
            if name in {"src", "href", "action", "data"}:
                assert not value.strip().lower().startswith(("javascript", "vbscript", "file", EVIL, "//")), element


def batch(number: int) -> tuple[Article, ...]:
    return (*ARTICLES[number:], *ARTICLES)[:BATCH]


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 40
    assert all(map(is_web_address, ADDRESSES))
    assert not any(map(is_web_address, NO_ADDRESSES))


def test_answers_in_the_chat(visitor: Visitor, hostile: Server) -> None:
    page = visitor.opens(hostile.url)
    for number in BATCHES:
        page.locator("#question").fill(f"what is {number}?")
        page.locator("#question").press("Enter")
        expect(page.locator(".turn")).to_have_count(number // BATCH + 1)
        expect(page.locator(".turn .tools")).to_have_count(number // BATCH + 1)
        shows(page, ".gw-answer", batch(number))
    for card, number in zip(page.locator(".gw-answer").evaluate_all(CARDS), BATCHES, strict=True):
        holds(card, batch(number))
    nothing_injected(page)


def test_related_reading_in_the_chat(visitor: Visitor, hostile: Server) -> None:
    page = visitor.opens(hostile.url)
    for turn, number in enumerate(BATCHES, 1):
        page.locator("#question").fill(f"none of {number}?")
        page.locator("#question").press("Enter")
        expect(page.locator(".turn .right")).to_have_count(turn)
        expect(page.locator(".gw-head").last).to_have_text("The articles do not say.")
        shows(page, ".gw-answer", batch(number))
    for card, number in zip(page.locator(".gw-answer").evaluate_all(CARDS), BATCHES, strict=True):
        holds(card, batch(number))
    nothing_injected(page)


def test_questions_in_the_chat(visitor: Visitor, hostile: Server) -> None:
    """The second of each is about the one before, which is shown too."""
    page = visitor.opens(hostile.url)
    for turn, payload in enumerate(PAYLOADS, 1):
        page.locator("#question").fill(payload)
        page.locator("#question").press("Enter")
        expect(page.locator(".turn .tools")).to_have_count(turn)
    asked = page.locator(".turn h2").all_text_contents()
    assert asked == [payload.strip() for payload in PAYLOADS]
    abouts = page.locator(".turn .about").all_text_contents()
    assert len(abouts) == len(PAYLOADS) - 1
    for about, before in zip(abouts, asked[:-1], strict=True):
        assert about.startswith(f"about: {before}")
    nothing_injected(page)


def test_links_to_hostile_answers(visitor: Visitor, hostile: Server) -> None:
    page = visitor.browser().new_page()
    for number in BATCHES:
        articles = batch(number)
        citations = [
            [each.id, each.content_hash, 0, len(each.text), "-".join(map(str, marked(each)))] for each in articles
        ]
        payload = articles[0].title
        kept = {"question": payload, "asked": payload, "about": payload, "certain": payload, "citations": citations}
        page.goto("about:blank")
        page.goto(f"{hostile.url}/#a={coded(kept)}")
        expect(page.locator(".turn .tools")).to_be_visible()
        assert page.locator(".turn h2").text_content() == payload
        shows(page, ".gw-answer", articles)
        (card,) = page.locator(".gw-answer").evaluate_all(CARDS)
        holds(card, articles)
        nothing_injected(page)


def test_links_with_anything_in_them(visitor: Visitor, hostile: Server) -> None:
    visitor.expects("4(04|22)")
    page = visitor.browser().new_page()
    good = [ARTICLES[0].id, ARTICLES[0].content_hash, 0, 9, "0-3"]
    strange: list[Any] = [
        5, "text", [], {}, {"question": {}}, {"question": "a", "citations": "abc"}, {"question": "a", "citations": [5]},
        {"question": "a", "citations": [[PAYLOADS[5]] * 5]}, {"question": "a", "citations": [[None] * 9]},
        {"question": "a", "citations": [good], "about": {"toString": "x"}, "asked": [PAYLOADS[5]], "certain": {}},
        {"question": "a", "citations": [["../../api/metrics?x=", "&y=#", "1e9", -1, "<b>"]]},
        {"question": "a", "citations": {"length": 1, "0": good}}, {"__proto__": {"question": "a"}},
    ]  # fmt: skip
    for kept in strange:
        page.goto("about:blank")
        page.goto(f"{hostile.url}/#a={coded(kept)}")
        expect(page.locator(".turn .tools, .turn .problem, #state:not(:empty)").first).to_be_visible()
        nothing_injected(page)


def test_around_the_conversation(visitor: Visitor, hostile: Server) -> None:
    """The archive's name, its greeting, its suggestions and its sources."""
    page = visitor.opens(hostile.url)
    assert page.locator("h1").text_content() == PAYLOADS[8]
    assert page.title() == PAYLOADS[8]
    expect(page.locator("#invitation")).to_have_text(PAYLOADS[9])
    expect(page.locator("#suggestions button").first).to_be_visible()
    assert set(page.locator("#suggestions button").all_text_contents()) <= set(PAYLOADS)
    sources = page.locator("#source option").evaluate_all("options => options.map(each => each.value)")
    assert set(sources) == {"", *PAYLOADS}
    page.locator("#filters summary").click()
    page.locator("#source").select_option(PAYLOADS[5])
    expect(page.locator("#chosen")).to_have_text(f"Only: {PAYLOADS[5]}")
    nothing_injected(page)
    page.locator("#suggestions button").first.click()
    expect(page.locator(".turn .tools")).to_be_visible()
    nothing_injected(page)


def test_answers_are_copied_as_text(visitor: Visitor, hostile: Server) -> None:
    page = visitor.opens(hostile.url, permissions=["clipboard-read", "clipboard-write"])
    page.locator("#question").fill("what is 0?")
    page.locator("#question").press("Enter")
    page.locator("button.copy-markdown").click()
    expect(page.locator("#state")).to_have_text("Copied.")
    markdown = page.evaluate("() => navigator.clipboard.readText()")
    unescaped = markdown.replace("\\<", "")
    assert "<script" not in unescaped and "<img" not in unescaped and "<iframe" not in unescaped, markdown
    assert page.evaluate("() => navigator.clipboard.read().then(items => items[0].types)") == ["text/plain"]


def test_the_article_page(visitor: Visitor, hostile: Server) -> None:
    page = visitor.browser().new_page()
    for article in ARTICLES:
        start, end = marked(article)
        query = {"id": article.id, "version": article.content_hash, "start": start, "end": end}
        page.goto(f"{hostile.url}/article?{urlencode(query)}#quoted")
        title, quoted, dateline, text, inside = page.evaluate(
            """() => [
                ...["h1", "#quoted", ".dateline", "article"].map(name => document.querySelector(name).textContent),
                [...document.querySelectorAll("article *")].map(each => each.localName),
            ]"""
        )
        assert (title, quoted) == (article.title, article.text[start:end])
        assert article.source and article.source in dateline
        assert "Nobody <b>objected</b>." in text
        assert set(inside) == {"h1", "mark", "p"} and inside.count("mark") == 1
        nothing_injected(page)


def test_the_address_of_the_article_page(visitor: Visitor, hostile: Server) -> None:
    visitor.expects("4(04|22)")
    page = visitor.browser().new_page()
    for payload in PAYLOADS[::3]:
        page.goto(f"{hostile.url}/article?{urlencode({'id': payload, 'version': payload, 'start': 0, 'end': 5})}")
        nothing_injected(page)


def test_the_widget(visitor: Visitor, hostile: Server, site: Site) -> None:
    page = visitor.opens(host_page(site, script(hostile, open="true"), path="/hostile.html"))
    for number in BATCHES:
        page.evaluate("question => document.querySelector('groundwire-chat').ask(question)", f"what is {number}?")
        expect(page.locator(f"{ELEMENT} .gw-quotes")).to_have_count(number // BATCH + 1)
    cards = page.locator(f"{ELEMENT} .gw-answer")
    drawn = cards.evaluate_all(CARDS)
    assert len(drawn) == len(BATCHES)
    for number, card in zip(BATCHES, drawn, strict=True):
        holds(card, batch(number))
        texts = cards.nth(number // BATCH).locator("mark").all_text_contents()
        assert texts == [article.text[slice(*marked(article))] for article in batch(number)]
    suggested = page.locator(f"{ELEMENT} .tips button").all_text_contents()
    assert suggested and set(suggested) <= set(PAYLOADS)
    page.evaluate("() => document.querySelector('groundwire-chat').clear()")
    for payload in PAYLOADS:
        answered = page.evaluate("question => document.querySelector('groundwire-chat').ask(question)", payload)
        assert answered["found"], payload
    assert page.locator(f"{ELEMENT} h3").all_text_contents() == [payload.strip() for payload in PAYLOADS]
    nothing_injected(page)


def test_words_of_the_widgets_page(visitor: Visitor, hostile: Server, site: Site) -> None:
    """A publisher's system may have put anything into the widget's texts."""
    page = visitor.opens(host_page(site, script(hostile), path="/options.html"))
    expect(page.locator(ELEMENT)).to_be_attached()
    for payload in (*PAYLOADS, *NO_ADDRESSES):
        texts, links = page.evaluate(
            """payload => {
                document.querySelector("groundwire-chat").remove();
                const widget = document.createElement("groundwire-chat");
                for (const name of ["heading", "greeting", "placeholder", "privacy", "questions", "theme", "position",
                                    "lang", "max-length"]) widget.setAttribute(name, payload);
                widget.setAttribute("open", "");
                document.body.append(widget);
                const shadow = widget.shadowRoot;
                return [shadow.textContent, [...shadow.querySelectorAll("a")].map(each => each.getAttribute("href"))];
            }""",
            payload,
        )
        assert texts.count(payload) >= 2
        assert all(urlsplit(each).scheme in {"http", "https", ""} for each in links if each), links
        nothing_injected(page)


def test_a_server_that_lies_about_addresses(visitor: Visitor, hostile: Server, site: Site) -> None:
    """What the archive would never take: no link leads there all the same."""
    page = visitor.opens(host_page(site, script(hostile), path="/lying.html"))
    expect(page.locator(ELEMENT)).to_be_attached()
    for address in NO_ADDRESSES:
        quotation = {
            "article": {
                "id": address, "title": "A title", "url": address, "source": "S", "section": None,
                "published": address, "language": address, "content_hash": address,
            },
            "start": 0, "end": 4, "text": "They", "pieces": [{"text": "They", "mark": True}], "deep_link": address,
        }  # fmt: skip
        links = page.evaluate(
            """([quotation, api]) => {
                const draw = customElements.get("groundwire-chat").draw;
                const answer = { found: true, certain: true, text: "They [1]", excerpts: [quotation], related: [] };
                const drawn = draw(answer, { lang: "en", api });
                return [...drawn.querySelectorAll("a, [cite]")].map(
                    each => each.getAttribute("href") || each.getAttribute("cite") || "");
            }""",
            [quotation, NOWHERE],
        )
        elsewhere = [each for each in links if each and not each.startswith(f"{NOWHERE}/article?")]
        assert set(elsewhere) <= {"https://"}, address  # which leads nowhere
