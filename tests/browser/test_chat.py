"""The chat page as a reader meets it, in a real browser, over the real model."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image
from playwright.sync_api import Page, Route, expect

from index.types import Article
from qa.followup import TURNS_READ
from tests.browser.conftest import ServedByHand
from tests.browser.news import ANSWER, HIGHLIGHT, QUESTION, TITLE, Newspaper
from tests.browser.servers import Server, Site
from tests.browser.talking import ask, coded, focus_shows, focused, host_page, press_until, sent
from tests.browser.visitor import Visitor, luminance, runs_leftwards, violations
from tests.ui.answers import ARTICLE, END, START, archive_with
from tests.ui.answers import HIGHLIGHT as MARKED

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
SUGGESTED = {"suggestions": [{"question": "Where is the summit?", "language": "en"}], "complete": True}
AUSTRALIA = "What is the capital of Australia?"
CITATION = [ARTICLE.id, ARTICLE.content_hash, START, END, "-".join(map(str, MARKED))]
FOLLOW_UP = {
    "question": "et quand ?",
    "asked": "Et quand le sommet se tiendra-t-il, where?",
    "about": "le sommet",
    "certain": True,
    "citations": [CITATION],
}


def copied(page: Page) -> str:
    text: str = page.evaluate("() => navigator.clipboard.readText()")
    return text


def quotations(page: Page) -> list[str]:
    """Each quotation of the last answer, its marks as asterisks."""
    told: list[str] = (
        page.locator(".turn")
        .last.locator("blockquote")
        .evaluate_all(
            """quotes => quotes.map(quote => [...quote.childNodes]
            .map(node => node.nodeName === "MARK" ? `*${node.textContent}*` : node.textContent).join(""))"""
        )
    )
    return told


# A question and its answer


def test_the_sample_question_is_answered_with_a_quotation(
    visitor: Visitor, server: Server, newspaper: Newspaper
) -> None:
    page = visitor.opens(server.url)
    expect(page).to_have_title("The Harbour Archive")
    expect(page.locator("#tagline")).to_contain_text("2 articles")
    expect(page.locator("#tagline")).to_contain_text("17 Oct 2025")
    turn = ask(page, QUESTION)
    expect(turn.locator("h2")).to_have_text(QUESTION)
    expect(turn.locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    expect(turn.locator(".gw-sure")).to_have_text(re.compile("stated directly|several articles agree|only indirectly"))
    quote = turn.locator(".gw-quote").first
    expect(quote.locator("blockquote mark")).to_have_text(ANSWER)
    expect(quote.locator("blockquote")).to_have_attribute("lang", "fr")
    expect(quote.locator(".gw-title")).to_contain_text(TITLE)
    link = quote.get_by_role("link", name="open at this passage")
    expect(link).to_have_attribute("href", re.compile(re.escape(newspaper.address) + "#:~:text=."))
    expect(quote.locator(".gw-title a")).to_have_attribute("target", "_blank")
    expect(quote.locator(".gw-from")).to_have_text(
        re.compile(r"^Epoch Times · 17 Oct 2025, .+ old · French · open at this passage · open in the archive$")
    )
    expect(quote.locator("time")).to_have_attribute("datetime", re.compile("^2025-10-17"))
    expect(page.locator("#state")).not_to_be_empty()
    expect(page.locator("#question")).to_be_empty()
    expect(page.locator("#question")).to_be_focused()


def test_the_answer_is_the_largest_thing_in_its_turn(visitor: Visitor, server: Server) -> None:
    turn = ask(visitor.opens(server.url), QUESTION)
    sizes = turn.evaluate(
        "turn => [...turn.querySelectorAll('*')].map(e => [e.className, parseFloat(getComputedStyle(e).fontSize)])"
    )
    largest = max(size for _, size in sizes)
    assert [name for name, size in sizes if size == largest] == ["gw-head"]


def test_in_french(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, locale="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#ask")).to_have_text("Demander")
    turn = ask(page, "Où se tiendra le sommet ?")
    marked = turn.locator("mark").first.inner_text()
    assert "Budapest" in marked
    expect(turn.locator(".gw-head")).to_have_text(re.compile(rf"^«\s{re.escape(marked)}\s»$"))
    dateline = turn.locator(".gw-quote").first.locator(".gw-from")
    expect(dateline).to_contain_text("17 oct. 2025")
    expect(dateline).to_contain_text("français")
    expect(dateline).to_contain_text("ouvrir à ce passage")
    expect(ask(page, "Quelle est la capitale de l’Australie ?").locator(".gw-head")).to_have_text(
        "Les articles ne le disent pas."
    )


def test_the_language_of_the_page_can_be_changed(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    turn = ask(page, QUESTION)
    page.locator("#interface").select_option("fr")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#ask")).to_have_text("Demander")
    expect(turn.locator(".gw-from").first).to_contain_text("ouvrir à ce passage")
    expect(turn.locator(".copy")).to_have_text("Copier")
    expect(page.locator("#state"), "nothing stays that was said in the other").to_be_empty()
    page.reload()
    expect(page.locator("#ask")).to_have_text("Demander")


def test_what_the_articles_do_not_say_is_not_answered(visitor: Visitor, server: Server) -> None:
    turn = ask(visitor.opens(server.url), AUSTRALIA)
    expect(turn.locator(".gw-head")).to_have_text("The articles do not say.")
    expect(turn.locator(".gw-sure")).to_have_count(0)
    expect(turn.locator(".copy")).to_have_count(0)
    if turn.locator(".gw-quote").count():
        expect(turn.locator(".gw-label")).to_have_text("Related reading")


def test_an_answer_takes_shape_while_it_is_read(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("slow where read?")
    page.locator("#ask").click()
    expect(page.locator(".turn h2")).to_have_text("slow where read?")
    expect(page.locator("#state")).to_have_text("Reading the articles …")
    expect(page.locator(".turn")).to_have_attribute("aria-busy", "true")
    waiting.go()
    expect(page.locator(".turn .gw-head")).to_have_text("“Budapest”")
    expect(page.locator(".turn")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#question")).to_be_focused()


def test_an_answer_takes_no_focus_from_elsewhere(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("slow where else?")
    page.locator("#question").press("Enter")
    page.locator("#filters summary").focus()
    waiting.go()
    expect(page.locator(".turn .tools")).to_be_visible()
    assert focused(page).startswith("summary")


def test_an_answer_scrolls_nobody_back_who_reads_elsewhere(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url, viewport={"width": 360, "height": 480}, reduced_motion="reduce")
    for number in range(3):
        ask(page, f"where {number}?")
    waiting.hold()
    page.locator("#question").fill("slow where last?")
    page.locator("#question").press("Enter")
    waiting.wait_for("slow where last?")
    expect(page.locator(".turn").last.locator("h2")).to_be_in_viewport()
    page.evaluate("() => scrollTo(0, 0)")
    waiting.go()
    expect(page.locator(".turn").last.locator(".tools")).to_be_attached()
    assert page.evaluate("() => scrollY") == 0
    ask(page, "where then?")
    expect(page.locator(".turn").last.locator(".gw-head")).to_be_in_viewport()


def test_the_second_click_of_a_double_one_stops_nothing(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("slow where twice?")
    page.locator("#ask").dblclick()
    waiting.wait_for("slow where twice?")
    expect(page.locator(".turn .waiting")).to_be_visible()
    waiting.go()
    expect(page.locator(".turn .gw-head")).to_have_text("“Budapest”")


# A conversation


def test_a_second_turn_leans_on_the_first_until_it_is_undone(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, **CLIPBOARD)
    ask(page, "Où se tiendra le sommet ?")
    turn = ask(page, "et quand ?")
    expect(turn.locator(".about")).to_contain_text(re.compile("^about: .*sommet", re.IGNORECASE))
    turn.locator("button.link").click()
    expect(page).to_have_url(re.compile("#a="))
    with page.expect_request("**/api/ask") as asked:
        turn.locator("button.alone").click()
    assert sent(asked.value)["question"] == "et quand ?"
    assert sent(asked.value)["history"] == []
    expect(turn.locator(".tools")).to_be_visible()
    expect(turn.locator(".about")).to_have_count(0)
    assert page.url == f"{server.url}/", "what it linked to is not there any more"
    expect(page.locator(".turn")).to_have_count(2)


def test_a_question_that_stands_alone_is_not_dragged_along(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    ask(page, "Où se tiendra le sommet ?")
    turn = ask(page, "What will a single ticket for the ferry cost?")
    expect(turn.locator(".about")).to_have_count(0)
    expect(turn.locator(".gw-head")).to_contain_text("35 euros")


def test_asking_again_leans_on_no_more_than_before_and_goes_by_the_filters_of_now(
    visitor: Visitor, waiting: Server
) -> None:
    visitor.expects("ERR_FAILED")
    page = visitor.opens(waiting.url)
    ask(page, "where?")
    turn = ask(page, "where now?")
    page.route("**/api/ask", lambda route: route.abort(), times=1)
    turn.locator("button.alone").click()
    expect(turn.locator(".problem")).to_be_visible()
    page.locator("#filters summary").click()
    page.locator("#language").select_option("en")
    with page.expect_request("**/api/ask") as asked:
        turn.locator("button.again").click()
    assert (sent(asked.value)["history"], sent(asked.value)["filters"]) == ([], {"language": "en"})
    expect(turn.locator(".tools")).to_be_visible()


def test_no_more_turns_are_sent_than_are_read(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url)
    for number in range(TURNS_READ + 1):
        ask(page, f"where {number}?")
    with page.expect_request("**/api/ask") as asked:
        ask(page, "where?")
    assert [turn["question"] for turn in sent(asked.value)["history"]] == ["where 1?", "where 2?", "where 3?"]


def test_a_new_conversation_forgets_the_old_one(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    expect(page.locator("#new")).to_be_hidden()
    ask(page, "Où se tiendra le sommet ?")
    page.locator("#new").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#question")).to_be_focused()
    expect(ask(page, "et quand ?").locator(".about")).to_have_count(0)


def test_a_question_can_be_stopped(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("slow where stopped?")
    page.locator("#question").press("Enter")
    waiting.wait_for("slow where stopped?")
    page.locator("#ask").click()
    expect(page.locator(".problem")).to_contain_text("Stopped")
    expect(page.locator("#state")).to_contain_text("Stopped")
    waiting.go()
    page.locator("button.again").click()
    expect(page.locator(".gw-head")).to_have_text("“Budapest”")


def test_a_new_conversation_says_nothing_of_what_it_stopped(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("slow where left?")
    page.locator("#question").press("Enter")
    waiting.wait_for("slow where left?")
    page.locator("#new").click()
    expect(page.locator("#ask")).to_have_text("Ask")
    expect(page.locator("#state")).to_be_empty()
    waiting.go()


def test_a_new_conversation_suggests_questions_again(visitor: Visitor, waiting: Server) -> None:
    """Also where there were none yet when the reader asked, and where a link has led here."""
    page = visitor.browser().new_page()
    page.route("**/api/suggestions", lambda route: route.fulfill(json={"suggestions": [], "complete": False}), times=1)
    page.goto(waiting.url)
    ask(page, "where?")
    page.route("**/api/suggestions", lambda route: route.fulfill(json=SUGGESTED))
    page.locator("#new").click()
    expect(page.locator("#suggestions button")).to_have_text("Where is the summit?")
    page.goto("about:blank")
    page.goto(f"{waiting.url}/#a={coded(FOLLOW_UP)}")
    expect(page.locator(".turn .gw-head")).to_have_text("“Budapest”")
    page.locator("#new").click()
    expect(page.locator("#suggestions button")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{waiting.url}/#a=damaged")
    expect(page.locator("#suggestions button")).to_be_visible()
    expect(page.locator("#state")).to_contain_text("damaged")


def test_suggestions_are_questions_that_are_answered(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    suggestion = page.locator("#suggestions button").first
    expect(suggestion).to_be_visible()
    question = suggestion.inner_text()
    suggestion.click()
    expect(page.locator(".turn h2")).to_have_text(question)
    expect(page.locator(".turn .gw-quote mark").first).to_be_visible()
    expect(page.locator("#suggestions")).to_be_hidden()


def test_filters_choose_the_articles(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    page.locator("#filters summary").click()
    expect(page.locator("#language option")).to_contain_text(["Any", re.compile("English|French"), "(1)"])
    page.locator("#language").select_option("en")
    expect(page.locator("#chosen")).to_have_text("Only: English")
    with page.expect_request("**/api/ask") as asked:
        turn = ask(page, QUESTION)
    assert sent(asked.value)["filters"] == {"language": "en"}
    expect(turn.locator(".gw-head")).to_have_text("The articles do not say.")
    expect(turn.locator('blockquote[lang="fr"]')).to_have_count(0)
    page.locator("#language").select_option("")
    page.locator("#source").select_option("Epoch Times")
    page.locator("#since").fill("2025-10-01")
    expect(ask(page, QUESTION).locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    page.locator("#until").fill("2025-10-02")
    expect(ask(page, QUESTION).locator(".gw-head")).to_have_text("The articles do not say.")
    page.locator("#clear-filters").press("Enter")
    expect(page.locator("#chosen")).to_be_empty()
    assert focused(page).startswith("summary")
    expect(ask(page, QUESTION).locator(".gw-head")).to_have_text(f"“{ANSWER}”")


def test_days_in_the_wrong_order(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#filters summary").click()
    page.locator("#since").fill("2025-10-18")
    page.locator("#until").fill("2025-10-17")
    page.locator("#question").fill("where?")
    page.locator("#question").press("Enter")
    expect(page.locator("#state")).to_contain_text("The first day is after the last one")
    assert page.locator("#question").input_value() == "where?", "nothing that was typed is lost"
    assert not [url for url in asked if "/api/ask" in url]


# Keeping and checking an answer


def test_an_answer_is_copied_with_its_citations(visitor: Visitor, server: Server, newspaper: Newspaper) -> None:
    page = visitor.opens(server.url, **CLIPBOARD)
    turn = ask(page, QUESTION)
    quoted = " ".join(turn.locator("blockquote").first.inner_text().split())
    turn.locator("button.copy").click()
    expect(page.locator("#state")).to_have_text("Copied.")
    plain = copied(page)
    for part in (QUESTION, f"“{ANSWER}”", quoted, TITLE, "Epoch Times", "17 Oct 2025", newspaper.address):
        assert part in plain, plain
    assert "**" not in plain
    turn.locator("button.copy-markdown").click()
    page.wait_for_function("plain => navigator.clipboard.readText().then(text => text !== plain)", arg=plain)
    markdown = copied(page)
    for part in (f"“{ANSWER}”", f"**{ANSWER}**", f"[{TITLE}", f"](<{newspaper.address}", "Epoch Times", "17 Oct 2025"):
        assert part in markdown, markdown
    assert quoted in markdown.replace("**", "")


def test_a_link_to_an_answer_shows_the_same_citations(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, **CLIPBOARD)
    turn = ask(page, QUESTION)
    turn.locator("button.link").click()
    expect(page.locator("#state")).to_contain_text("copied")
    address = copied(page)
    assert address.startswith(f"{server.url}/#a=") and address == page.url
    other = visitor.browser().new_page()
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    other.goto(address)
    again = other.locator(".turn")
    expect(again.locator(".tools")).to_be_visible()
    expect(again.locator("h2")).to_have_text(QUESTION)
    expect(again.locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    assert quotations(other) == quotations(page)
    assert "*" in quotations(other)[0]
    assert again.locator(".gw-from").all_inner_texts() == turn.locator(".gw-from").all_inner_texts()
    assert again.locator(".gw-sure").inner_text() == turn.locator(".gw-sure").inner_text()
    assert [url for url in asked if "/api/quotation" in url] and not [url for url in asked if "/api/ask" in url]
    again.locator("button.again").click()
    expect(again.locator("button.copy")).to_be_visible()
    expect(again.locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    assert other.url == f"{server.url}/"


@pytest.mark.parametrize(
    ("others", "sure"), [("in BUDAPEST, Hungary", "several articles agree"), ("Bucharest", "stated directly")]
)
def test_a_link_tells_who_agrees_as_the_answer_did(visitor: Visitor, waiting: Server, others: str, sure: str) -> None:
    page = visitor.browser().new_page()

    def from_another_article(route: Route) -> None:
        told = route.fetch(url=route.request.url.replace("version=other", f"version={ARTICLE.content_hash}")).json()
        told["article"]["id"] = "other"
        told["pieces"] = [{"text": others, "mark": True}]
        route.fulfill(json=told)

    page.route("**/api/quotation?*version=other*", from_another_article)
    other = [ARTICLE.id, "other", START, END, CITATION[-1]]
    page.goto(f"{waiting.url}/#a={coded(FOLLOW_UP | {'citations': [CITATION, other]})}")
    expect(page.locator(".gw-sure")).to_have_text(sure)


def test_back_from_a_link_is_the_page_before_it(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url)
    page.goto(f"{waiting.url}/#a={coded(FOLLOW_UP)}")
    expect(page.locator(".turn .gw-head")).to_have_text("“Budapest”")
    page.go_back()
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)


def test_a_follow_up_from_a_link_is_asked_whole(visitor: Visitor, waiting: Server) -> None:
    """What it leaned on is not in the link."""
    page = visitor.opens(f"{waiting.url}/#a={coded(FOLLOW_UP)}")
    turn = page.locator(".turn")
    expect(turn.locator(".gw-head")).to_have_text("“Budapest”")
    expect(turn.locator("h2")).to_have_text("et quand ?")
    with page.expect_request("**/api/ask") as asked:
        turn.locator("button.again").click()
    assert (sent(asked.value)["question"], sent(asked.value)["history"]) == (FOLLOW_UP["asked"], [])
    expect(turn.locator("button.copy")).to_be_visible()
    expect(turn.locator("h2")).to_have_text(str(FOLLOW_UP["asked"]))


def test_a_link_to_an_answer_when_the_server_is_busy_or_away(visitor: Visitor, waiting: Server) -> None:
    visitor.expects("429|ERR_FAILED")
    page = visitor.browser().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    limit = {"status": 429, "headers": {"Retry-After": "7"}, "json": {"detail": "too many"}}
    page.route("**/api/quotation?*", lambda route: route.abort(), times=1)
    page.goto(f"{waiting.url}/#a={coded(FOLLOW_UP)}")
    turn = page.locator(".turn")
    expect(turn.locator(".problem")).to_contain_text("The server cannot be reached.")
    expect(page.locator("#state")).to_have_text("The server is back.")
    page.route("**/api/quotation?*", lambda route: route.fulfill(**limit), times=1)
    turn.locator("button.again").click()
    expect(turn.locator(".problem")).to_contain_text("Too many questions in a short time. Wait 7 seconds")
    expect(page.locator("#state")).to_contain_text("Too many questions in a short time. Wait 7 seconds")
    turn.locator("button.again").click()
    expect(turn.locator(".gw-head")).to_have_text("“Budapest”")
    expect(page.locator("#state")).to_have_text("Answered. “Budapest”")
    assert violations(page) == []
    expect(turn.locator(".notice")).to_contain_text("From a link")
    assert not [url for url in asked if "/api/ask" in url]


def test_the_words_of_a_link_come_from_the_archive_only(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, **CLIPBOARD)
    ask(page, QUESTION).locator("button.link").click()
    expect(page.locator("#state")).to_contain_text("copied")
    changed = page.evaluate(
        """() => {
            const kept = JSON.parse(new TextDecoder().decode(Uint8Array.from(
                atob(location.hash.slice(3).replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0))));
            const told = { ...kept, text: "Elsewhere", answer: "Elsewhere", excerpts: [{ text: "Elsewhere" }] };
            told.citations[0][1] = "0".repeat(64);
            return [told, { ...kept, citations: [] }].map(each => btoa(JSON.stringify(each)));
        }"""
    )
    visitor.expects("404")  # there is no such version
    for code, said in zip(changed, ("no longer in the archive", "damaged"), strict=True):
        other = visitor.opens(f"{server.url}/#a={code}")
        expect(other.locator("body")).to_contain_text(said)
        expect(other.locator("body")).not_to_contain_text("Elsewhere")
        expect(other.locator(".gw-quote")).to_have_count(0)


def test_a_damaged_link_says_so(visitor: Visitor, server: Server) -> None:
    page = visitor.browser().new_page()
    for code in ("", "!!!", "bm90IGpzb24", "eyJxdWVzdGlvbiI6NX0", "bnVsbA"):
        page.goto("about:blank")
        page.goto(f"{server.url}/#a={code}")
        expect(page.locator("#state")).to_contain_text("damaged")
    expect(ask(page, QUESTION).locator(".gw-head")).to_have_text(f"“{ANSWER}”")


def test_a_link_with_more_than_an_answer_has_fetches_nothing(visitor: Visitor, waiting: Server) -> None:
    page = visitor.browser().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{waiting.url}/#a={coded({**FOLLOW_UP, 'citations': [CITATION] * 11})}")
    expect(page.locator("#state")).to_contain_text("damaged")
    expect(page.locator(".turn")).to_have_count(0)
    assert not [url for url in asked if "/api/quotation" in url]


def test_the_archive_looks_as_the_reader_chose(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url)
    turn = ask(page, "where?")
    for theme in ("light", "dark"):
        page.locator("#theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        with page.context.expect_page() as opened:
            turn.locator("a.gw-archive").click()
        expect(opened.value.locator("html")).to_have_attribute("data-theme", theme)
        expect(opened.value.locator("#quoted")).to_be_in_viewport()


def test_the_archive_opens_at_the_quoted_words(visitor: Visitor, server: Server, newspaper: Newspaper) -> None:
    page = visitor.opens(server.url, viewport={"width": 900, "height": 500})
    turn = ask(page, "What is the Tomahawk, and who wants to take one?")
    quote = turn.locator(".gw-quote").first
    quoted = quote.locator("blockquote").inner_text()
    with page.context.expect_page() as opened:
        quote.locator("a.gw-archive").click()
    article = opened.value
    article.wait_for_load_state()
    assert article.url.startswith(f"{server.url}/article?") and article.url.endswith("#quoted")
    expect(article.locator("h1")).to_contain_text(TITLE)
    expect(article.locator("#quoted")).to_be_in_viewport()
    assert article.evaluate("() => scrollY") > 0
    assert " ".join(article.locator("article mark").all_inner_texts()).split() == quoted.split()
    whole = " ".join(article.locator("article").inner_text().split())
    assert "WASHINGTON — Le président américain" in whole and "négociations sur un accord unique" in whole
    expect(article.get_by_role("link", name="Read it at the publisher")).to_have_attribute(
        "href", re.compile(re.escape(newspaper.address) + "#:~:text=")
    )


def test_the_publishers_page_opens_at_the_quoted_words(visitor: Visitor, server: Server, newspaper: Newspaper) -> None:
    page = visitor.opens(server.url, viewport={"width": 900, "height": 600})
    quote = ask(page, QUESTION).locator(".gw-quote").first
    quoted = quote.locator("blockquote").inner_text()
    with page.context.expect_page() as opened:
        quote.get_by_role("link", name="open at this passage").click()
    article = opened.value
    article.wait_for_load_state()
    assert article.evaluate("() => location.href") == newspaper.address, "the words are the browser's to find"
    article.wait_for_function("() => scrollY > 0")
    box = article.evaluate(
        """quoted => {
            const words = quoted.trim().split(/\\s+/).slice(0, 6).join(" ");
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.replace(/\\s/g, " ").indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(walker.currentNode, at);
                range.setEnd(walker.currentNode, at + words.length);
                const { left, top, right, bottom } = range.getClientRects()[0];
                return [left, top, right, bottom];
            }
        }""",
        quoted,
    )
    assert box is not None and 0 <= box[1] < 600, box
    shot = Image.open(BytesIO(article.screenshot())).convert("RGB")
    highlighted = sum(count for count, colour in shot.crop(box).getcolors(1 << 20) or () if colour == HIGHLIGHT)
    assert highlighted > 0.5 * (box[2] - box[0]) * (box[3] - box[1])
    above = shot.crop((0, 0, shot.width, int(box[1]) - 20))
    assert HIGHLIGHT not in {colour for _, colour in above.getcolors(1 << 20) or ()}, "only what is quoted is marked"


def test_thumbs_are_kept(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    turn = ask(page, QUESTION)
    before = {
        verdict: server.figure(f'groundwire_feedback_total{{verdict="{verdict}"}}') for verdict in ("good", "bad")
    }
    for name, verdict in (("right", "good"), ("wrong", "bad")):
        thumb = turn.locator(f"button.{name}")
        expect(thumb).to_have_attribute("aria-pressed", "false")
        thumb.click()
        expect(thumb).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#state")).to_contain_text("Thank you")
        assert server.figure(f'groundwire_feedback_total{{verdict="{verdict}"}}') == before[verdict] + 1
    expect(turn.locator("button.right")).to_have_attribute("aria-pressed", "false")
    expect(turn.locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    turn.locator("button.wrong").click()
    turn.locator("button.right").click()
    expect(turn.locator("button.right")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#state")).to_contain_text("Thank you")
    figures = [server.figure(f'groundwire_feedback_total{{verdict="{verdict}"}}') for verdict in ("good", "bad")]
    assert figures == [before["good"] + 2, before["bad"] + 1], "what is pressed already is not sent again"


def test_a_thumb_when_the_server_is_away(visitor: Visitor, waiting: Server) -> None:
    visitor.expects("ERR_FAILED")
    page = visitor.opens(waiting.url)
    thumb = ask(page, "where?").locator("button.right")
    page.route("**/api/feedback", lambda route: route.abort(), times=1)
    thumb.click()
    expect(page.locator("#state")).to_contain_text("The server cannot be reached.")
    expect(thumb).to_have_attribute("aria-pressed", "false")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")


def test_a_thumb_that_is_not_taken(visitor: Visitor, waiting: Server) -> None:
    visitor.expects("400|429|500")
    page = visitor.opens(waiting.url, locale="fr-FR")
    thumb = ask(page, "where?").locator("button.right")
    refusals: dict[str, dict[str, Any]] = {
        "Attendez 3 secondes": {"status": 429, "headers": {"Retry-After": "9"}, "json": {"retry_after": 3}},
        "Attendez 1 seconde, puis": {"status": 429, "headers": {"Retry-After": "1"}, "json": {}},
        "Le serveur a échoué.": {"status": 500, "json": {"kind": "ArchiveDamaged", "detail": "it failed"}},
        "Cela n’a pas marché : who knows": {"status": 400, "json": {"kind": "Other", "detail": "who knows"}},
    }
    told = iter(refusals.values())
    page.route("**/api/feedback", lambda route: route.fulfill(**next(told)))
    for said in refusals:
        thumb.click()
        expect(page.locator("#state")).to_contain_text(said)


# When something stands in the way


def test_too_many_questions(visitor: Visitor, by_hand: ServedByHand) -> None:
    visitor.expects("429")
    server = by_hand("waiting", PER_IP="6")
    page = visitor.opens(server.url)
    expect(ask(page, "where?").locator(".gw-head")).to_have_text("“Budapest”")
    server.use_up()
    turn = ask(page, "where?")
    problem = turn.locator(".problem")
    expect(problem).to_contain_text(re.compile(r"Too many questions.* Wait \d+ second"))
    expect(page.locator("#state")).to_contain_text("Too many questions")  # for those who hear the page
    assert violations(page) == []
    seconds = int(re.findall(r"\d+", problem.inner_text())[0])
    assert 1 <= seconds <= 10
    page.wait_for_timeout((seconds + 3) * 1000)  # the page may have looked for suggestions once more
    turn.locator("button.again").click()
    expect(turn.locator(".gw-head")).to_have_text("“Budapest”")


def test_a_full_queue(visitor: Visitor, by_hand: ServedByHand) -> None:
    visitor.expects("503")
    server = by_hand("waiting", ASKS_AT_ONCE="1", ASKS_WAITING="0")
    first, second = visitor.opens(server.url), visitor.opens(server.url)
    first.locator("#question").fill("slow where?")
    first.locator("#question").press("Enter")
    server.wait_for("slow where?")
    turn = ask(second, "where?")
    expect(turn.locator(".problem")).to_contain_text(re.compile(r"Ask again in \d+ second"))
    server.go()
    expect(first.locator(".gw-head")).to_have_text("“Budapest”")
    turn.locator("button.again").click()
    expect(turn.locator(".gw-head")).to_have_text("“Budapest”")


def test_a_server_that_is_killed_in_the_middle_of_an_answer(visitor: Visitor, by_hand: ServedByHand) -> None:
    visitor.expects("ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE)")
    server = by_hand("waiting")
    page = visitor.opens(server.url)
    ask(page, "where?")
    page.locator("#question").fill("slow where?")
    page.locator("#question").press("Enter")
    server.wait_for("slow where?")
    server.kill()
    turn = page.locator(".turn").last
    expect(turn.locator(".problem")).to_contain_text("The server stopped in the middle of the answer.")
    turn.locator("button.again").click()
    expect(turn.locator(".problem")).to_contain_text("The server cannot be reached.")
    expect(page.locator(".turn").first.locator(".gw-head")).to_have_text("“Budapest”")
    server.go()
    server.start()
    expect(page.locator("#state")).to_have_text("The server is back.")
    turn.locator("button.again").click()
    expect(turn.locator(".gw-head")).to_have_text("“Budapest”")
    expect(turn.locator(".problem")).to_have_count(0)


def test_a_lost_network(visitor: Visitor, server: Server) -> None:
    visitor.expects("ERR_INTERNET_DISCONNECTED")
    page = visitor.opens(server.url)
    page.context.set_offline(True)
    turn = ask(page, QUESTION)
    expect(turn.locator(".problem")).to_contain_text("You are offline.")
    page.context.set_offline(False)
    turn.locator("button.again").click()
    expect(turn.locator(".gw-head")).to_have_text(f"“{ANSWER}”")


@pytest.mark.parametrize("kind", ["waiting", "empty"])
def test_what_is_refused_does_not_break_the_page(visitor: Visitor, by_hand: ServedByHand, kind: str) -> None:
    """Nor do the requests that the page makes by itself."""
    visitor.expects("429")
    server = by_hand(kind, PER_IP="1")
    page = visitor.browser().new_page()
    page.clock.install()
    page.goto(server.url)  # all that this address may ask for
    tagline = page.locator("#tagline").inner_text()
    page.clock.run_for(16_000)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#tagline")).to_have_text(tagline)
    assert "NaN" not in tagline


def test_an_empty_archive(visitor: Visitor, by_hand: ServedByHand) -> None:
    page = visitor.opens(by_hand("empty").url)
    expect(page.locator("#tagline")).to_have_text("The archive is empty.")
    expect(page.locator("#state")).to_contain_text("There are no articles yet.")
    expect(page.locator("#suggestions")).to_be_hidden()
    expect(ask(page, "where?").locator(".gw-head, .problem")).to_be_visible()


def test_articles_that_are_being_added(visitor: Visitor, by_hand: ServedByHand, tmp_path: Path) -> None:
    server = by_hand("waiting")
    lock = FileLock(f"{tmp_path / 'news.db'}.lock")
    with lock:
        page = visitor.opens(server.url)
        expect(page.locator("#state")).to_contain_text("Articles are being added right now")
        expect(ask(page, "where?").locator(".gw-head")).to_have_text("“Budapest”")
    again = visitor.opens(server.url)
    expect(again.locator("#question")).to_be_visible()
    expect(again.locator("#state")).to_be_empty()


def test_what_is_said_stays_while_articles_are_added(visitor: Visitor, by_hand: ServedByHand, tmp_path: Path) -> None:
    """Nothing is said again and again, and no open menu is closed."""
    server = by_hand("waiting")
    with FileLock(f"{tmp_path / 'news.db'}.lock"):
        page = visitor.browser().new_page()
        page.clock.install()

        def look() -> None:
            with page.expect_response("**/api/about") as told:
                page.clock.run_for(5_000)
            told.value.finished()
            page.evaluate("() => fetch('api/health').then(health => health.text())")  # until what came is drawn

        page.goto(server.url)
        expect(page.locator("#state")).to_contain_text("Articles are being added right now")
        page.evaluate(
            """() => {
                window.changes = 0;
                window.option = document.querySelector("#language").lastElementChild;
                const observer = new MutationObserver(found => (window.changes += found.length));
                const all = { childList: true, characterData: true, subtree: true };
                for (const each of document.querySelectorAll("#state, #language, #source")) observer.observe(each, all);
            }"""
        )
        look()
        look()
        assert page.evaluate("() => window.changes") == 0
        ask(page, "where?")
        page.route("**/api/about", lambda route: route.fulfill(json=route.fetch().json() | {"languages": {"en": 5}}))
        look()
        expect(page.locator("#state")).to_contain_text("Answered.")
        assert page.evaluate("() => [window.option.isConnected, window.option.textContent]") == [True, "English (5)"]


def test_the_publishers_tagline_stands_before_the_number_of_articles(visitor: Visitor, by_hand: ServedByHand) -> None:
    page = visitor.opens(by_hand("waiting", TAGLINE="Everything we have printed since 1998").url)
    assert page.locator("#tagline").inner_text().splitlines() == [
        "Everything we have printed since 1998",
        "Answers from one article, word for word. It is of 17 Oct 2025.",
    ]


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "has no word in it"), ("fr-FR", "ne contient aucun mot")])
def test_a_question_without_a_word(visitor: Visitor, waiting: Server, locale: str, said: str) -> None:
    page = visitor.opens(waiting.url, locale=locale)
    page.locator("#question").fill("???")
    page.locator("#question").press("Enter")
    expect(page.locator("#state")).to_contain_text(said)
    assert page.locator("#question").input_value() == "???", "nothing that was typed is lost"


def test_a_question_that_is_too_long(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    page.locator("#question").fill("why " * 600)
    page.locator("#question").press("Enter")
    expect(page.locator("#state")).to_contain_text("399 characters too many")
    assert page.locator("#question").input_value().startswith("why why"), "nothing that was typed is lost"


# How it looks, and for whom


def test_on_a_phone(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, **PHONE)
    for asked in (None, QUESTION, AUSTRALIA):
        if asked:
            ask(page, asked)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390, asked
        expect(page.locator("#question")).to_be_in_viewport()
        expect(page.locator("#ask")).to_be_in_viewport()
    page.locator("#filters summary").tap()
    ask(page, QUESTION)
    expect(page.locator("#language"), "the filters leave the answer its room").to_be_hidden()
    page.locator("#filters summary").tap()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, textarea, input")]
            .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 24)
            .map(each => each.id || each.className || each.localName)"""
    )
    assert small == [], "too small for a finger (WCAG 2.2, 2.5.8)"
    zoomed = page.locator("select, input, textarea").evaluate_all(
        "fields => fields.filter(each => parseFloat(getComputedStyle(each).fontSize) < 16).map(each => each.id)"
    )
    assert zoomed == [], "Safari zooms into what is smaller"


def test_dark(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, color_scheme="dark")
    turn = ask(page, QUESTION)
    assert luminance(page) < 0.05
    assert luminance(page, "document.querySelector('blockquote')") < 0.05
    assert luminance(page, "document.querySelector('#question')") < 0.05
    light = turn.locator(".gw-head").evaluate("head => getComputedStyle(head).color.match(/\\d+/g).map(Number)")
    assert min(light[:3]) > 180
    assert violations(page) == []


def test_the_theme_can_be_changed(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, color_scheme="light")
    assert luminance(page) > 0.85
    dark = page.locator("#theme")
    for _ in range(3):
        if page.locator("html").get_attribute("data-theme") == "dark":
            break
        dark.click()
    expect(dark).to_contain_text("Dark")
    assert luminance(page) < 0.05
    page.reload()
    assert luminance(page) < 0.05, "it is remembered"
    assert page.context.cookies() == []


def test_with_the_keyboard_alone(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    expect(page.locator("#question")).to_be_focused()
    assert focus_shows(page)
    page.keyboard.type(QUESTION)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("(in which city)")
    assert page.locator("#question").input_value() == f"{QUESTION}\n(in which city)"
    page.keyboard.press("Enter")
    expect(page.locator(".turn .tools")).to_be_visible()
    expect(page.locator("#question")).to_be_focused()
    for wanted in ("wrong apart", "wrong"):
        if page.locator(f"button[class='{wanted}']").count():
            passed = press_until(page, "Shift+Tab", wanted)
    assert focus_shows(page)
    passed = press_until(page, "Shift+Tab", "new")
    assert {"copy", "copy-markdown", "link"} <= set(passed)
    assert any("gw-archive" in each for each in passed) and any(each.startswith("a ") for each in passed)
    press_until(page, "Shift+Tab", "skip")
    assert focus_shows(page)
    page.keyboard.press("Enter")
    expect(page.locator("#question")).to_be_focused()
    press_until(page, "Tab", "ask")
    press_until(page, "Tab", "summary Filters ")
    page.keyboard.press("Enter")
    assert {"language", "source", "since"} <= set(press_until(page, "Tab", "until"))
    for control in ("theme", "interface", "language", "source"):
        page.locator(f"#{control}").focus()
        assert focused(page) == control and focus_shows(page), control


def test_filters_with_the_keyboard_alone(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    press_until(page, "Tab", "summary Filters ")
    assert focus_shows(page)
    page.keyboard.press("Enter")
    press_until(page, "Tab", "language")
    page.keyboard.type("Fr")
    expect(page.locator("#language")).to_have_value("fr")


def test_enter_that_ends_a_composed_word_asks_nothing(visitor: Visitor, waiting: Server) -> None:
    page = visitor.opens(waiting.url)
    page.locator("#question").fill("where?")
    page.locator("#question").evaluate(
        """box => {
            for (const how of [{ keyCode: 229 }, { keyCode: 13, isComposing: true }])
                box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...how }));
        }"""
    )
    expect(page.locator(".turn")).to_have_count(0)
    page.locator("#question").press("Enter")
    expect(page.locator(".turn .gw-head")).to_have_text("“Budapest”")


def test_escape_stops_a_question(visitor: Visitor, waiting: Server) -> None:
    waiting.hold()
    page = visitor.opens(waiting.url)
    page.keyboard.type("slow where question?")
    page.keyboard.press("Enter")
    waiting.wait_for("slow where question?")
    page.keyboard.press("Escape")
    expect(page.locator(".problem")).to_contain_text("Stopped")
    expect(page.locator("#question")).to_be_focused()
    waiting.go()


def test_nothing_is_wrong_with_the_page_for_those_who_hear_it(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    expect(page.locator("#suggestions button").first).to_be_visible()
    assert violations(page) == []
    ask(page, QUESTION)
    ask(page, "et quand ?")
    ask(page, AUSTRALIA)
    page.locator("#filters summary").click()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_with_the_article_and_the_demo(visitor: Visitor, server: Server, scheme: str) -> None:
    page = visitor.opens(server.url, color_scheme=scheme)
    href = ask(page, QUESTION).locator("a.gw-archive").first.get_attribute("href")
    assert href
    page.goto(href)
    expect(page.locator("#quoted")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{server.url}/demo")
    assert violations(page) == []


def test_from_right_to_left(visitor: Visitor, by_hand: ServedByHand, tmp_path: Path) -> None:
    """Also on the page of an article, and whatever is asked."""
    arabic = Article("ar", "ستعقد القمة في بودابست.", "قمة في بودابست", language="ar")
    archive_with(tmp_path / "news.db", arabic).close()
    server = by_hand("waiting", QUESTIONS="أين where?")
    page = visitor.opens(server.url)
    suggestion = page.locator("#suggestions button")
    expect(suggestion).to_be_visible()
    assert runs_leftwards(suggestion)
    assert runs_leftwards(ask(page, "أين where?").locator("h2"))
    page.locator("#question").fill("أين")
    expect(page.locator("#question")).to_have_css("direction", "rtl")
    page.goto(f"{server.url}/article?id=ar")
    for block in ("h1", "article p:last-child"):
        assert runs_leftwards(page.locator(block)), block


def test_an_article_that_is_not_there(visitor: Visitor, server: Server) -> None:
    visitor.expects("404")
    page = visitor.opens(f"{server.url}/article?id=nothing", locale="fr-FR")
    expect(page.locator("h1")).to_have_text("Cet article n’est pas, ou plus, dans les archives.")
    assert violations(page) == []


def test_the_finished_answer_is_announced_once(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    page.evaluate(
        """() => {
            const state = document.getElementById("state");
            window.announced = [];
            new MutationObserver(() => window.announced.push(state.textContent)).observe(
                state, { childList: true, characterData: true, subtree: true });
        }"""
    )
    ask(page, QUESTION)
    announced = [each for each in page.evaluate("() => window.announced") if each]
    assert announced == ["Reading the articles …", f"Answered. “{ANSWER}”"]


# The page and what is around it


def test_the_page_runs_nothing_that_stands_in_it(visitor: Visitor, server: Server) -> None:
    page = visitor.browser().new_page()
    response = page.goto(server.url)
    assert response
    told = response.header_value("content-security-policy") or ""
    policy = {name: value for name, _, value in (part.strip().partition(" ") for part in told.split(";"))}
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert page.locator("script:not([src]):not([type='application/json']), style, [style], [onclick]").count() == 0


def test_an_allowed_site_may_frame_the_chat_and_no_other(
    visitor: Visitor, server: Server, site: Site, elsewhere: Site
) -> None:
    frame = f'<iframe src="{server.url}/" title="Ask the archive" width="600" height="600"></iframe>'
    page = visitor.opens(host_page(site, frame, path="/frame.html"))
    chat = page.frame_locator("iframe")
    chat.locator("#question").fill(QUESTION)
    chat.locator("#ask").click()
    expect(chat.locator(".gw-head")).to_have_text(f"“{ANSWER}”")
    visitor.expects("frame-ancestors|[Cc]lipboard")
    chat.locator("button.link").click()
    field = chat.locator(".to-copy")
    expect(field).to_be_focused()
    selected = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
    assert selected.startswith(f"{server.url}/#a="), "such a frame may not write to the clipboard"
    expect(chat.locator("#state")).to_contain_text("does not let this page copy")
    refused = visitor.opens(host_page(elsewhere, frame, path="/frame.html"))
    expect(refused.frame_locator("iframe").locator("#question")).to_have_count(0)


def test_without_javascript_the_page_says_what_it_needs(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url, java_script_enabled=False)
    expect(page.locator("noscript p")).to_contain_text("needs JavaScript")


def test_what_the_page_keeps_is_the_look_only(visitor: Visitor, server: Server) -> None:
    page = visitor.opens(server.url)
    ask(page, QUESTION)
    assert page.context.cookies() == []
    assert page.evaluate("() => [JSON.stringify(localStorage), JSON.stringify(sessionStorage)]") == ["{}", "{}"]
    assert json.dumps(page.evaluate("() => indexedDB.databases()")) == "[]"
