"""Passages: that they slice back, hold every word, fit the model, and cut nothing that belongs together."""

from itertools import pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from index.boilerplate import kind_of_boilerplate
from index.embed import FastEmbedder
from index.sentences import Span, paragraphs
from index.split import split
from index.types import Article

SAMPLE = Path(__file__).parents[2] / "seeds" / "trump-poutine-budapest.txt"
APPEAL = "Soutenez notre journal : faites un don, nous avons besoin de vous."
LANGUAGES = st.sampled_from(["en", "fr", "de", "ar", "zh", "th", "und"])
SIGNS = (
    *".,;!?…。，！«»“”\"' \n\u00a0\u200b\u200d\u0301Aaé5中文字بتไทย",
    "\n\n",
    ". ",
    "M. ",
    "guerre ",
    "mot-",
    "👨‍👩‍👧",
    "🇫🇷",
    f"\n{APPEAL}\n",
)
TEXTS = st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=400).map(
    "".join
)
EMBEDDER = FastEmbedder(threads=1)  # only its tokenizer is used


def split_and_check(text: str, language: str = "fr", max_tokens: int = EMBEDDER.max_tokens) -> list[str]:
    """The passages of the text, after everything that is promised of any text was looked at."""
    spans = split(Article("a", text, language=language), EMBEDDER.count_tokens, max_tokens)
    passages = [text[slice(*span)] for span in spans]
    assert_all_is_held(text, spans)
    for (_, end), (start, _) in pairwise(spans):
        if end == start:
            assert_nothing_is_cut(text, end, max_tokens)
    news = [(span, kind_of_boilerplate(text[slice(*span)]) is None) for span in paragraphs(text)]
    for (start, end), tokens in zip(spans, EMBEDDER.count_tokens(passages), strict=True):
        assert tokens <= max_tokens or len(regex.findall(r"\X", text[start:end])) == 1
        assert len({is_news for (first, last), is_news in news if first < end and start < last}) == 1
    return passages


def assert_all_is_held(text: str, spans: list[Span]) -> None:
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


def assert_nothing_is_cut(text: str, at: int, max_tokens: int) -> None:
    """Where two passages touch: no grapheme is cut, and a word only where it is too long by itself."""
    line_start, line_end = text.rfind("\n", 0, at) + 1, (text + "\n").index("\n", at)
    borders = {line_start + match.start() for match in regex.finditer(r"\X", text[line_start:line_end])}
    assert at in borders, text[at - 5 : at + 5]
    left, right = regex.search(r"\w*$", text[:at]), regex.match(r"\w*", text[at:])
    assert left and right
    if left.group() and right.group():
        piece_of_line = regex.search(r"\S*$", text[:at]), regex.match(r"\S*", text[at:])
        around = "".join(match.group() for match in piece_of_line if match)
        assert EMBEDDER.count_tokens([around])[0] > max_tokens, around


@settings(deadline=None, max_examples=100)
@given(TEXTS, LANGUAGES, st.sampled_from([20, 60, 125]))
def test_any_text(text: str, language: str, max_tokens: int) -> None:
    split_and_check(text, language, max_tokens)


@pytest.mark.parametrize("text", ["", " \n\n \u2028 ", "\n"])
def test_no_words_no_passages(text: str) -> None:
    assert split_and_check(text) == []


def test_the_sample_article() -> None:
    passages = split_and_check(SAMPLE.read_text(encoding="utf-8"))
    *news, appeal = passages
    assert [80 <= len(passage.split()) <= 150 for passage in passages] == [True] * len(passages)
    assert appeal.startswith("Soutenez Epoch Times")
    assert not any("Epoch Times est un média" in passage or "Soutenez" in passage for passage in news)
    assert news[-1].endswith("terrestres, aériennes et maritimes. »")


def test_boilerplate_inside_an_article_stands_apart() -> None:
    news = "Le sommet aura lieu à Budapest dans deux semaines."
    assert split_and_check(f"{news}\n\n{APPEAL}\n{APPEAL}\n\n{news}\n{news}") == [
        news,
        f"{APPEAL}\n{APPEAL}",
        f"{news}\n{news}",
    ]


def test_paragraph_borders_are_preferred() -> None:
    paragraph = "One sentence of seven words is here. " * 19
    text = "\n".join([paragraph.strip()] * 6)
    assert split_and_check(text, "en") == [paragraph.strip()] * 6


def test_short_lines_are_packed_together() -> None:
    assert split_and_check("- yes\n- no\n- perhaps", "en") == ["- yes\n- no\n- perhaps"]


def test_a_sentence_too_long_is_cut_where_it_hurts_least() -> None:
    clause = "the ministers of many countries met again in the old town hall of the city, "
    passages = split_and_check(clause * 20, "en", 60)
    assert len(passages) > 5
    assert {passage[-1] for passage in passages} == {","}
    quotation = "« " + "Il faut parler de la paix et du pain. " * 20 + "»"
    assert all(passage.removesuffix(" »").endswith(".") for passage in split_and_check(quotation, "fr", 60))


def test_a_word_is_cut_only_where_it_is_too_long_by_itself() -> None:
    long_word = "abcdefghij" * 100
    passages = split_and_check(f"Before it. {long_word} After it.", "en", 60)
    assert passages[0].startswith("Before it")
    assert passages[-1].endswith("After it.")
    assert "".join("".join(passages).split()) == f"Beforeit.{long_word}Afterit."


def test_a_grapheme_is_never_cut_whatever_it_counts() -> None:
    assert split_and_check("a" + "\u0301" * 500, "en", 20) == ["a" + "\u0301" * 500]
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert {len(passage) % len(family) for passage in split_and_check(family * 200, "und", 30)} == {0}
    flags = "🇫🇷🇩🇪"
    assert {len(passage) % 2 for passage in split_and_check(flags * 100, "und", 30)} == {0}


def test_languages_without_spaces_are_cut_at_their_own_signs() -> None:
    chinese = "中国政府宣布将在下周举行两国领导人会议，讨论贸易、安全和气候变化问题。" * 40
    assert {passage[-1] for passage in split_and_check(chinese, "zh")} == {"。"}
    assert {passage[-1] for passage in split_and_check(chinese, "und")} == {"。"}
    assert {passage[-1] for passage in split_and_check(chinese.replace("。", "，"), "zh")} == {"，"}
    thai = "รัฐบาลไทยประกาศว่าจะจัดการประชุมผู้นำในสัปดาห์หน้าที่กรุงเทพมหานคร " * 40
    assert all(passage.endswith("กรุงเทพมหานคร") for passage in split_and_check(thai, "th"))
    arabic = "أعلنت الحكومة عقد اجتماع القادة الأسبوع المقبل، لمناقشة التجارة والأمن. " * 40
    assert {passage[-1] for passage in split_and_check(arabic, "ar")} == {"."}


# Touching pieces may count more together than apart: each of these once made a passage too long.
@pytest.mark.parametrize(
    ("text", "max_tokens"),
    [
        ("Constructionasanindustrycomprisessixtoninepercentofthegrossdomesticproductofdevelopedcountries." * 2, 60),
        ("Сегодняонаизвестнакактеориямиазмов.Воздухвсеобщемреферендуме" * 5, 20),
        ("rbindungzumFlughafenGleninWalesdasDurchschnittJahrhunderts" * 5, 20),
    ],
)
def test_pieces_that_touch_fit_together(text: str, max_tokens: int) -> None:
    split_and_check(text, "en", max_tokens)


@pytest.mark.parametrize(
    "text",
    [
        "abcdefghij" * 20_000,
        "中国政府今天宣布将在下周举行" * 8_000,
        "👨\u200d👩\u200d👧\u200d👦" * 10_000,
        "«" * 100_000,
        "\u200b\n" * 5_000,
        "A short sentence. " * 8_000,
    ],
    ids=["no space", "no space, Chinese", "families of emoji", "quotation marks", "empty lines", "short sentences"],
)
def test_long_texts_take_no_square_of_time(text: str) -> None:
    article = Article("a", text, language="en")
    spans = split(article, EMBEDDER.count_tokens, EMBEDDER.max_tokens)  # minutes where time grows with the square
    assert_all_is_held(text, spans)
    assert max(EMBEDDER.count_tokens([text[slice(*span)] for span in spans])) <= EMBEDDER.max_tokens
