"""What the OpenAPI document shows of the API: an answer from the sample article."""

from typing import Any

ID = "trump-poutine-budapest"
HASH = "9f2c4e0d6a1b8c7f5e3d2a1908f7e6d5c4b3a29180f7e6d5c4b3a29180f7e6d5"
SENTENCE = "Donald Trump et Vladimir Poutine vont se retrouver à Budapest, en Hongrie."
QUESTION = "Where will the summit be held?"
REFERENCE: dict[str, Any] = {
    "id": ID,
    "title": "Trump et Poutine se verront à Budapest",
    "url": "https://example.org/news/budapest",
    "source": "Example Times",
    "section": None,
    "published": "2025-10-17T09:30:00+00:00",
    "language": "fr",
    "content_hash": HASH,
}
EXCERPT: dict[str, Any] = {
    "article": REFERENCE,
    "start": 120,
    "end": 120 + len(SENTENCE),
    "text": SENTENCE,
    "pieces": [
        {"text": SENTENCE[:53], "mark": False},
        {"text": SENTENCE[53:73], "mark": True},
        {"text": SENTENCE[73:], "mark": False},
    ],
    "score": 0.93,
    "deep_link": "https://example.org/news/budapest#:~:text=Donald%20Trump%20et%20Vladimir,%C3%A0%20Budapest%2C%20en%20Hongrie.",
}
ANSWER: dict[str, Any] = {
    "id": "4f0c1d2e3b5a69788796a5b4",
    "question": QUESTION,
    "asked": QUESTION,
    "about": None,
    "found": True,
    "text": "Budapest, en Hongrie [1]",
    "confidence": 0.93,
    "certain": True,
    "excerpts": [EXCERPT],
    "related": [],
    "as_of": "2025-10-17T09:30:00+00:00",
    "language": "en",
    "timings": {"retrieve": 0.02, "read": 0.31, "cite": 0.001},
}
HEAD: dict[str, Any] = {**REFERENCE, "author": None}
QUOTATION: dict[str, Any] = {name: value for name, value in EXCERPT.items() if name != "score"}
HIT: dict[str, Any] = {
    "rank": 1,
    "score": 0.31,
    "by": "fused",
    "article": HEAD,
    "passage": {"id": 7, "start": EXCERPT["start"], "end": EXCERPT["end"], "text": SENTENCE},
    "deep_link": EXCERPT["deep_link"],
}
CHECKED: dict[str, Any] = {"true": True, "current": True, "reason": "it says so, word for word"}
ABOUT: dict[str, Any] = {
    "title": "Example Times",
    "tagline": "",
    "greeting": "",
    "articles": 36152,
    "oldest": "2023-01-02T06:00:00+00:00",
    "newest": "2025-10-17T09:30:00+00:00",
    "languages": {"fr": 36152},
    "sources": {"Example Times": 36152},
    "interface": ["en", "fr"],
    "theme": "auto",
    "accent": "#a3471f",
    "longest_question": 2000,
    "revision": 12,
    "writing": False,
}
HEALTH: dict[str, Any] = {
    "live": True,
    "ready": True,
    "version": "0.1.0",
    "versions": {"groundwire": "0.1.0", "python": "3.11.9"},
    "revision": 12,
    "articles": 36152,
    "newest": "2025-10-17T09:30:00+00:00",
}
FIGURES = 'groundwire_answers_total{outcome="certain"} 1024.0\ngroundwire_questions_waiting 0.0\n'
