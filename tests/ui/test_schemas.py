"""What programs are told."""

import json
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone

from index.errors import NotFound
from index.types import AddReport, Article, Finding, Hit, Passage, Rejection, Stats
from qa.types import Answer
from tests.ui.answers import ARTICLE, END, EXCERPT, FOUND, NOT_FOUND, START
from ui import schemas

PARIS = datetime(2025, 10, 17, 19, 9, tzinfo=timezone(timedelta(hours=2)))


def stored(_article_id: str, _content_hash: str) -> Article:
    return ARTICLE


def removed(article_id: str, _content_hash: str) -> Article:
    raise NotFound(article_id)


def test_an_answer_tells_all_that_it_holds() -> None:
    told = schemas.answer_as_json(FOUND, stored)
    assert set(told) == {field.name for field in fields(Answer)} | {"id"}
    assert (told["found"], told["text"], told["as_of"]) == (True, "Budapest [1]", "2025-10-17T09:30:00+00:00")
    assert schemas.answer_as_json(NOT_FOUND, stored)["excerpts"] == []
    assert len(schemas.answer_as_json(NOT_FOUND, stored)["related"]) == 1


def test_a_quotation_comes_with_a_link_to_its_words() -> None:
    link = schemas.answer_as_json(FOUND, stored)["excerpts"][0]["deep_link"]
    assert (
        link == "https://example.org/summit#:~:text=The%20summit%20will%20be%20held%20in%20Budapest%2C%20they%20said."
    )
    assert schemas.answer_as_json(FOUND, removed)["excerpts"][0]["deep_link"] is None


def test_the_same_answer_has_the_same_id() -> None:
    same, another = replace(FOUND, timings={"read": 9.0}), replace(FOUND, question="Where then?")
    assert schemas.answer_id(FOUND) == schemas.answer_id(same) != schemas.answer_id(another)
    assert schemas.answer_id(FOUND) != schemas.answer_id(replace(FOUND, excerpts=()))


def test_an_excerpt_comes_in_pieces_that_make_up_its_text() -> None:
    told = schemas.excerpt_as_json(EXCERPT)
    assert told["pieces"] == [
        {"text": "The summit will be held in ", "mark": False},
        {"text": "Budapest", "mark": True},
        {"text": ", they said.", "mark": False},
    ]
    assert told["text"] == ARTICLE.text[START:END] == "".join(piece["text"] for piece in told["pieces"])
    assert (told["start"], told["end"]) == (START, END)
    assert told["article"]["content_hash"] == ARTICLE.content_hash


def test_an_article_tells_its_moment_with_its_offset() -> None:
    article = Article("id", "Text.", published=PARIS, url="https://example.org")
    told = schemas.article_as_json(article)
    assert told["published"] == "2025-10-17T19:09:00+02:00"
    assert told["author"] is None
    assert set(told) - set(schemas.head_as_json(article)) == {"text"}


def test_hits_are_ranked_from_one() -> None:
    hit = Hit(Passage(7, "summit", 0, 18, ARTICLE.text[:18]), 0.5, "fused")
    told = schemas.hits_as_json("talks", [(hit, ARTICLE), (hit, ARTICLE)])
    assert [one["rank"] for one in told["hits"]] == [1, 2]
    assert told["hits"][0]["passage"] == {"id": 7, "start": 0, "end": 18, "text": "The talks went on."}


def test_reports_findings_and_figures_are_plain_data() -> None:
    stats = Stats(1, 9, 1, 2, "model", 384, "exact", {"fr": 1}, {"Times": 1}, PARIS, None, 10)
    documents = [
        schemas.report_as_json(AddReport(1, 0, 0, 9, [Rejection("file", "reason")])),
        schemas.findings_as_json([Finding("words", False, "gone")]),
        schemas.stats_as_json(stats),
        schemas.removal_as_json(["a"], []),
        schemas.error_as_json("NotFound", "no article"),
        schemas.articles_as_json([ARTICLE], 3),
    ]
    for document in documents:
        assert json.loads(schemas.as_text(document)) == document
    assert documents[1]["ok"] is False
    assert documents[2]["oldest"] == "2025-10-17T19:09:00+02:00"


def test_json_is_readable_in_any_script_and_harmless_to_a_terminal() -> None:
    document = {"text": "l’été 你好 🇫🇷 \x1b[31m \x9b31m \x7f"}
    text = schemas.as_text(document)
    assert "l’été 你好 🇫🇷" in text
    assert not set(text) & set("\x1b\x9b\x7f")
    assert json.loads(text) == document
