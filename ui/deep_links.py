"""Links into an article at the quoted words: browsers scroll to a text fragment, and mark it.

https://wicg.github.io/scroll-to-text-fragment/ says how they look for one: without regard to case and to how much
space there is, from the top of the page. Each term must stand within one paragraph.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from index.validate import is_web_address

# Longer quotations are named by their first and last words: what lies between may be broken by a link or a picture.
LONGEST_WHOLE = 10
FEWEST_AT_AN_END = 4
MOST_AT_AN_END = 10
MOST_AROUND = 8


def deep_link(url: str | None, text: str, start: int, end: int) -> str | None:
    """The article's address with a fragment that selects `text[start:end]`; None where it has no web address."""
    if url is None or not is_web_address(url):
        return None
    page = url.split(":~:", 1)[0].removesuffix("#")
    fragment = text_fragment(text, start, end)
    if not fragment:
        return page
    return page + ("" if "#" in page else "#") + ":~:text=" + fragment


def text_fragment(text: str, start: int, end: int) -> str:
    """What stands after `:~:text=`: the shortest of the ways to name the words that names no others."""
    quoted = text[start:end].split("\n")
    lines = [line.split() for line in quoted if line.strip()]
    if not lines:
        return ""
    page = _folded(text[:start].split()), _folded(text[start:end].split()), _folded(text[end:].split())
    before, after = _line_before(text, start), _line_after(text, end)
    fragment = _Fragment([], [], [], [])
    for fragment in _fragments(lines, before, after):
        if fragment.selects(*page):
            break
    return str(fragment)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """The words of its terms; `last` is empty where `first` is the whole of what is selected."""

    prefix: list[str]
    first: list[str]
    last: list[str]
    suffix: list[str]

    def selects(self, before: str, quoted: str, after: str) -> bool:
        """Whether a browser that looks from the top of the text comes upon the quoted words, and no others."""
        page = " ".join(part for part in (before, quoted, after) if part)
        begins = len(before) + bool(before)
        prefix, first, last, suffix = map(_folded, (self.prefix, self.first, self.last, self.suffix))
        lead = f"{prefix} " if prefix else ""
        if not last:
            return page.find(f"{lead}{first} {suffix}".rstrip()) == begins - len(lead)
        if page.find(lead + first) != begins - len(lead):
            return False
        ends = begins + len(quoted)
        return page.find(f"{last} {suffix}".rstrip(), begins + len(first)) == ends - len(last)

    def __str__(self) -> str:
        terms = [_encoded(self.first)]
        if self.prefix:
            terms.insert(0, _encoded(self.prefix) + "-")
        if self.last:
            terms.append(_encoded(self.last))
        if self.suffix:
            terms.append("-" + _encoded(self.suffix))
        return ",".join(terms)


def _fragments(lines: list[list[str]], before: list[str], after: list[str]) -> Iterator[_Fragment]:
    """From the shortest on, with ever more of the words at the ends and of those around."""
    words = [word for line in lines for word in line]
    whole = len(lines) == 1 and len(words) <= LONGEST_WHOLE
    for around in range(MOST_AROUND + 1):
        prefix, suffix = before[len(before) - min(around, len(before)) :], after[:around]
        sides = [([], []), (prefix, []), ([], suffix), (prefix, suffix)] if around else [([], [])]
        for left, right in sides:
            if whole:
                yield _Fragment(left, words, [], right)
                continue
            for count in range(FEWEST_AT_AN_END, MOST_AT_AN_END + 1):
                # The terms must not overlap where both stand in one line.
                most = len(words) // 2 if len(lines) == 1 else count
                yield _Fragment(left, lines[0][: min(count, most)], lines[-1][-min(count, most) :], right)


def _line_before(text: str, start: int) -> list[str]:
    """The words before, in their line; at the start of a line those of the line above."""
    return next((line.split() for line in reversed(text[:start].split("\n")) if line.strip()), [])


def _line_after(text: str, end: int) -> list[str]:
    return next((line.split() for line in text[end:].split("\n") if line.strip()), [])


def _folded(words: list[str]) -> str:
    return " ".join(words).casefold()


def _encoded(words: list[str]) -> str:
    """Percent-encoded, with the hyphen too, which stands for something in a fragment."""
    return quote(" ".join(words), safe="").replace("-", "%2D")
