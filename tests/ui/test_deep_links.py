"""Links that open an article at the quoted words, and at no others."""

from urllib.parse import unquote

import pytest

from ui.deep_links import deep_link, text_fragment

URL = "https://example.org/news/1"


def link(text: str, quoted: str, url: str | None = URL, occurrence: int = 1) -> str | None:
    start = -1
    for _ in range(occurrence):
        start = text.index(quoted, start + 1)
    return deep_link(url, text, start, start + len(quoted))


def test_a_short_quotation_is_named_whole() -> None:
    found = link("It rained. The summit is in Budapest. Nobody came.", "The summit is in Budapest.")
    assert found == f"{URL}#:~:text=The%20summit%20is%20in%20Budapest."


def test_signs_that_mean_something_in_a_fragment_are_encoded() -> None:
    assert link("So: black-and-white, “R&D” 50%.", "black-and-white, “R&D” 50%.") == (
        f"{URL}#:~:text=black%2Dand%2Dwhite%2C%20%E2%80%9CR%26D%E2%80%9D%2050%25."
    )


def test_a_long_quotation_is_named_by_its_ends() -> None:
    sentence = "One two three four five six seven eight nine ten eleven twelve."
    assert link(f"Before. {sentence} After.", sentence) == (
        f"{URL}#:~:text=One%20two%20three%20four,nine%20ten%20eleven%20twelve."
    )


def test_a_quotation_over_two_paragraphs_is_named_by_its_ends() -> None:
    text = "Title\nHe said: yes.\n\nShe said: no.\nEnd"
    assert link(text, "He said: yes.\n\nShe said: no.") == f"{URL}#:~:text=He%20said%3A%20yes.,She%20said%3A%20no."


def test_words_that_occur_twice_are_told_apart_by_those_around() -> None:
    text = "He said yes. Then no. She said yes. Then he left."
    assert unquote(str(link(text, "said yes.", occurrence=1))) == f"{URL}#:~:text=said yes."
    assert unquote(str(link(text, "said yes.", occurrence=2))) == f"{URL}#:~:text=She-,said yes."


def test_where_what_stands_before_is_the_same_what_follows_decides() -> None:
    text = "A b c. A b d."
    assert text_fragment("A b c. x A b d.", 0, 3) == "A%20b"
    assert text_fragment(text, 7, 10) == "c.-,A%20b"
    assert text_fragment("a x, a x. a x!", 5, 6) == "x%2C-,a"


def test_a_long_quotation_that_begins_as_another_does() -> None:
    again = "The minister of the interior said on Monday that the roads were closed until further notice by the police."
    other = "The minister of the interior said on Monday that schools would open again in the coming week, all of them."
    fragment = unquote(text_fragment(f"{other} {again}", len(other) + 1, len(other) + 1 + len(again)))
    assert fragment.startswith("them.-,The minister of the")
    assert fragment.endswith("by the police.")


def test_words_around_are_of_one_paragraph_each() -> None:
    assert text_fragment("Yes.\nOne two.\nYes.", 14, 18) == "two.-,Yes."


@pytest.mark.parametrize(
    "url", [None, "", "ftp://example.org/x", "javascript:alert(1)", "file:///etc/passwd", "no url"]
)
def test_without_a_web_address_there_is_no_link(url: str | None) -> None:
    assert link("Some words here.", "words", url) is None


def test_an_address_keeps_its_own_fragment() -> None:
    assert link("Some words here.", "words", f"{URL}?page=2#top") == f"{URL}?page=2#top:~:text=words"
    assert link("Some words here.", "words", f"{URL}#:~:text=other") == f"{URL}#:~:text=words"


def test_every_sentence_of_a_repetitive_text_gets_its_own_fragment() -> None:
    text = "\n".join(f"Line {number}: it is said that nothing is new. It is so." for number in range(20))
    spans = [(start, start + 9) for start in range(len(text)) if text.startswith("It is so.", start)]
    fragments = [text_fragment(text, *span) for span in spans]
    assert len(set(fragments)) == 20
