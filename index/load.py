"""Files and folders → articles, one at a time; what cannot be taken comes back with the reason."""

import codecs
import gzip
import json
import lzma
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import IO, Any

from index.errors import BadArticle, BadInput
from index.fields import article_from, with_plain_newlines
from index.types import Article, Rejection

__all__ = ["LOADERS", "load_articles"]

Loaded = Iterator[Article | Rejection]
# Takes the file and its name below the folder that was asked for, without extension; may raise BadArticle.
Loader = Callable[[Path, str], Loaded]

LARGEST_BYTES = 64 * 2**20  # of a file that is one article, and of a line of JSON
# What other tools call the fields of an article.
OTHER_NAMES = {"date": "published", "lang": "language", "link": "url", "permalink": "url", "authors": "author"}
LARGEST_YAML = 64 * 2**10  # characters: its parser is slow

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# "LICENSE-MIT" goes with the articles; "license-renewed.txt" may well be one.
COMPANION = re.compile(r"(?i:readme|licen[cs]e)(\.\w+)?|(README|LICEN[CS]E)([-_.]\w+)+")
# What front matter says, of which an article has some: without any of it, words between two rules are text.
USUAL = {
    *("id", "title", "text", "url", "source", "section", "author", "published", "language", "lang", "date", "updated"),
    *("modified", "tag", "tags", "category", "categories", "keywords", "description", "summary", "subtitle"),
    *("excerpt", "layout", "slug", "permalink", "draft", "image", "authors", "link"),
}
# A line break may be only where a width ended. Shorter lines, as of verse and addresses, stay, and longer ones too.
SHORTEST_WRAPPED = 50
LONGEST_WRAPPED = 100
# In Markdown it is only that anyway. In plain text where so many of the longer lines, and so large a part of them, had
# no room for the next one's first word, and so large a part of these next ones goes on in the middle of a sentence:
# lists and verse have lines of one width too.
FEWEST_FULL = 3
MOST = 0.75
GOING_ON = 0.34
COLUMNS = re.compile(r"\S(?: {3,}|\t| ?\|)|\.{4}")
ENDS_A_PARAGRAPH = re.compile(r"[.!?…:;»”\"]\W*$")
BREAKS_THE_LINE = re.compile(r"  $|\\$")
BEGINS_ANEW = re.compile(r"\s|$|[#|`~=+*-]|<")
CODE = re.compile(r" {4}|\t")
QUOTED = re.compile(r" {0,3}> ?")
ITEM = re.compile(r"\s*(\d{1,9})[.)]\s")
SHORTEST_GOING_ON = 30
FRONT_MATTER = re.compile(r"\n*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def load_articles(*paths: str | Path) -> Loaded:
    """Every article in these files and folders, and a Rejection for all that cannot be one.

    Folders are walked in sorted order, past hidden files, README, LICENSE and sets of questions. Raises
    BadInput for a path that is not there: at once, before anything is read.
    """
    for path in paths:
        try:
            # Path("") would be the current folder, which nobody means by an empty argument.
            Path(path or "\0").stat()
        except (OSError, ValueError) as problem:
            raise BadInput(f"{str(path)!r} cannot be loaded: {_why(problem)}; check the path") from None
    return _load_all([Path(path) for path in paths])


# Files and folders


def _load_all(paths: list[Path]) -> Loaded:
    nothing = True
    named: dict[str, Path] = {}
    for path in paths:
        for found in _load_path(path, named):
            nothing = False
            yield found
    # What is passed over in silence must not be all there was.
    if nothing:
        for path in paths:
            passed_over = "sets of questions, README, LICENSE and hidden files are passed over"
            yield Rejection(_origin(path), f"holds no article: {passed_over}")


def _load_path(top: Path, named: dict[str, Path]) -> Loaded:
    """`named`: the files of the articles that have only their file's name for an id."""
    entered: set[tuple[int, int]] = set()
    waiting = [top]
    while waiting:
        path = waiting.pop()
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                # A link can lead back to a folder above it.
                if (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    visible = [child for child in path.iterdir() if not child.name.startswith(".")]
                    waiting += sorted(visible, reverse=True)
            elif path == top:  # what was named is read, whatever it is called, a pipe included
                yield from _load_file(path, path.name, named)
            elif not stat.S_ISREG(status.st_mode):
                yield Rejection(_origin(path), "is neither a file nor a folder")
            elif not COMPANION.fullmatch(path.name):
                yield from _load_file(path, path.relative_to(top).as_posix(), named)
        except OSError as problem:
            yield Rejection(_origin(path), f"cannot be read: {_why(problem)}")


def _load_file(path: Path, name: str, named: dict[str, Path]) -> Loaded:
    extension = next((known for known in LOADERS if path.name.lower().endswith(known)), None)
    try:
        if extension is None:
            raise BadArticle(f"is of a type that cannot be read; {_readable()}")
        name = name[: -len(extension)] or name
        for found in LOADERS[extension](path, name):
            # Two files of one name, in two folders that were named or with two extensions, are two articles.
            is_named = isinstance(found, Article) and re.fullmatch(re.escape(name) + r"(:\d+)?", found.id)
            if isinstance(found, Article) and is_named and not named.setdefault(found.id, path).samefile(path):
                taken = f"its id, {found.id!r} after its name, is also that of {_origin(named[found.id])}"
                yield Rejection(_origin(path), f"{taken}; give it an id, a url or another name")
            else:
                yield found
    except BadArticle as problem:
        yield Rejection(_origin(path), str(problem))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as problem:
        yield Rejection(_origin(path), f"cannot be read: {_why(problem)}")


def _load_text(path: Path, name: str) -> Loaded:
    text = _read(path)
    yield article_from({**_sidecar(path), "text": _unwrapped(text, _by_width(text))}, name)


def _load_markdown(path: Path, name: str) -> Loaded:
    front_matter, text = _split_front_matter(_read(path))
    opening = text.lstrip()[:1000].partition("\n")[0]
    title = opening[2:].strip().rstrip("#").rstrip() if opening.startswith("# ") else None
    yield article_from(
        {"title": title, **_sidecar(path), **front_matter, "text": _unwrapped(text, _in_markdown(text))}, name
    )


def _unwrapped(text: str, are_one: Callable[[str, str], bool]) -> str:
    """With lines joined that `are_one`: a line, and the one after it."""
    lines = text.split("\n")
    joined = [lines[:1]]
    for before, line in pairwise(lines):
        if are_one(before, line):
            joined[-1].append(QUOTED.sub("", line) if QUOTED.match(before) else line)
        else:
            joined.append([line])
    return "\n".join(" ".join([first.rstrip(), *map(str.strip, rest)]) if rest else first for first, *rest in joined)


def _in_markdown(text: str) -> Callable[[str, str], bool]:
    """For `_unwrapped`."""
    begins_anew = _beginnings(text)

    def are_one(before: str, line: str) -> bool:
        if QUOTED.match(before) and QUOTED.match(line):
            before, line = QUOTED.sub("", before), QUOTED.sub("", line)
        elif QUOTED.match(line):
            return False
        if not before.strip() or BREAKS_THE_LINE.search(before) or re.match(r"\s*[#|`~=<]", before) or CODE.match(line):
            return False
        if line.lstrip()[:1].islower():
            return len(before) >= SHORTEST_GOING_ON
        if len(before) > LONGEST_WRAPPED and ENDS_A_PARAGRAPH.search(before):
            return False
        return len(before) >= SHORTEST_WRAPPED and not begins_anew(before) and not begins_anew(line)

    return are_one


def _by_width(text: str) -> Callable[[str, str], bool]:
    """For `_unwrapped`, of plain text."""
    begins_anew = _beginnings(text)
    lines = [line.rstrip() for line in text.split("\n")]

    def may_be_one(before: str, line: str) -> bool:
        before = before.rstrip()
        if not (SHORTEST_WRAPPED <= len(before) <= LONGEST_WRAPPED and " " in before.strip()):
            return False
        if begins_anew(line.lstrip()) or len(line) - len(line.lstrip()) > len(before) - len(before.lstrip()):
            return False
        if before == lines[0] and line.lstrip()[:1].isupper():  # a headline
            return False
        return not COLUMNS.search(before) and not COLUMNS.search(line)

    def is_full(before: str, line: str) -> bool:
        return len(before) <= width < len(before) + 1 + len(line.split(maxsplit=1)[0])

    pairs = [pair for pair in pairwise(lines) if may_be_one(*pair)]
    width = max((len(before) for before, _ in pairs), default=0)
    full = [line for before, line in pairs if is_full(before, line)]
    going_on = sum(line.lstrip()[0].isalpha() and not line.lstrip()[0].isupper() for line in full)
    if len(full) < max(FEWEST_FULL, MOST * len(pairs)) or going_on < GOING_ON * len(full):
        return lambda _before, _line: False
    return lambda before, line: may_be_one(before, line) and is_full(before.rstrip(), line)


def _beginnings(text: str) -> Callable[[str], bool]:
    """Says of a line whether something begins there: "17. Oktober" is no item where there is no sixteenth."""
    numbers = {int(found[1]) for line in text.split("\n") if (found := ITEM.match(line))}

    def begins_anew(line: str) -> bool:
        if item := ITEM.match(line):
            return int(item[1]) <= 1 or int(item[1]) - 1 in numbers
        return BEGINS_ANEW.match(line) is not None

    return begins_anew


def _load_sidecar(path: Path, _name: str) -> Loaded:
    if not (_beside(path, ".txt") or _beside(path, ".md")):
        raise BadArticle(f"describes no article: there is no {path.stem}.txt or {path.stem}.md beside it")
    yield from ()


def _load_lines(path: Path, name: str) -> Loaded:
    """Each line an article; where no line has a text, one Rejection, or none for a set of questions."""
    lines = questions = articles = 0
    without_text: list[int] = []
    origin = _origin(path)
    with _open(path) as file:
        for number, line in _numbered_lines(file):
            lines += 1
            try:
                fields = _parsed_line(line)
                if fields.get("text") is None:
                    without_text.append(number)
                    questions += "question" in fields
                    continue
                found: Article | Rejection = article_from(fields, f"{name}:{number}")
                articles += 1
            except BadArticle as problem:
                found = Rejection(f"{origin}:{number}", str(problem))
            if articles:
                yield from _textless(origin, without_text)
                without_text.clear()
            yield found
    if not lines:
        raise BadArticle("is empty: each line is to be an article, as JSON")
    if articles:
        yield from _textless(origin, without_text)
    elif without_text and questions < lines:
        raise BadArticle(f'none of its {lines} lines is an article: each needs a "text"')


def _textless(origin: str, numbers: list[int]) -> Loaded:
    for number in numbers:
        yield Rejection(f"{origin}:{number}", f'line {number} has no "text"')


LOADERS: dict[str, Loader] = {
    ".txt": _load_text,
    ".md": _load_markdown,
    ".jsonl": _load_lines,
    ".jsonl.gz": _load_lines,
    ".jsonl.xz": _load_lines,
    ".yaml": _load_sidecar,
}


# Bytes → text and fields


def _open(path: Path) -> IO[bytes]:
    openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
    file: IO[bytes] = openers.get(path.suffix.lower(), open)(path, "rb")
    return file


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank; one above the limit comes cut to just above it."""
    for number in count(1):
        line = file.readline(LARGEST_BYTES + 1)
        if not line:
            return
        if number == 1 and line.startswith(UTF16_MARKS):
            raise BadArticle("is UTF-16: convert it, for example with `iconv -f UTF-16 -t UTF-8 old > new`")
        rest = line
        while len(rest) > LARGEST_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(LARGEST_BYTES + 1)
        if line.strip():
            yield number, line


def _parsed_line(line: bytes) -> dict[str, object]:
    if len(line) > LARGEST_BYTES:
        raise BadArticle("is larger than 64 MiB, which no article is: each line holds one article")
    try:
        found = json.loads(_decoded(line), parse_constant=lambda _nan: None)
    except json.JSONDecodeError as problem:
        raise BadArticle(
            f"is not JSON: {problem.msg} at character {problem.colno}; each line is to be one JSON object"
        ) from None
    except (ValueError, RecursionError) as problem:
        raise BadArticle(f"is not JSON that can be read: {problem}") from None
    return _renamed(found) if isinstance(found, dict) else {}


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise BadArticle("is larger than 64 MiB, which no article is: one file holds one article")
    return with_plain_newlines(_decoded(data))


def _decoded(data: bytes) -> str:
    encoding = "UTF-16" if data.startswith(UTF16_MARKS) else "UTF-8"
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as problem:
        place = f"byte 0x{data[problem.start]:02x} at offset {problem.start}"
        mend = "convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 old > new`"
        raise BadArticle(f"{place} is not {encoding}: {mend}") from None


def _split_front_matter(text: str) -> tuple[dict[str, object], str]:
    found = FRONT_MATTER.match(text[:LARGEST_YAML])
    if found is None:
        if re.match(r"\n*---[ \t]*\n\w+:", text):
            raise BadArticle("its front matter has no end: put a line of three hyphens below it")
        return {}, text
    fields = _parsed_yaml(found[1])
    # Between two rules there may also stand plain words, and "Update: …" is a field of nothing.
    is_matter = isinstance(fields, dict) and (not fields or any(str(key).lower() in USUAL for key in fields))
    return (_renamed(fields), text[found.end() :]) if isinstance(fields, dict) and is_matter else ({}, text)


def _sidecar(path: Path) -> dict[str, object]:
    beside = _beside(path, ".yaml")
    if beside is None:
        return {}
    try:
        fields = _parsed_yaml(_read(beside))
        if not isinstance(fields, dict):
            raise BadArticle("expected lines such as `title: The news`")
    except BadArticle as problem:
        raise BadArticle(f"{beside.name}: {problem}") from None
    return _renamed(fields)


def _beside(path: Path, extension: str) -> Path | None:
    """The file of that extension, in small or capital letters, and otherwise of the same name."""
    named = (path.with_suffix(form) for form in (extension, extension.upper(), extension.title()))
    return next((other for other in named if other.exists()), None)


def _renamed(fields: dict[str, object]) -> dict[str, object]:
    """With the names that an article's fields have; `permalink` is often only a path, which is no address."""
    named = {str(key).lower(): value for key, value in fields.items()}
    for other, name in OTHER_NAMES.items():
        value = named.get(other)
        if named.get(name) in (None, "") and (name != "url" or re.match(r"https?://", str(value))):
            named[name] = value
    authors = named.get("author")
    if isinstance(authors, list) and all(isinstance(each, str) for each in authors):
        named["author"] = ", ".join(authors)
    return named


def _parsed_yaml(source: str) -> object:
    import yaml

    if len(source) > LARGEST_YAML:
        raise BadArticle(
            f"its fields are longer than {LARGEST_YAML} characters; the text goes below them, or into a file beside"
        )
    try:
        # BaseLoader makes only words, lists and mappings: `language: no` stays Norwegian, 007 stays 007.
        found = yaml.load(source, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as problem:
        raise BadArticle(f"its fields are not YAML: {' '.join(str(problem).split())}") from None
    if isinstance(found, dict):
        return {key: value for key, value in found.items() if value not in ("", "~", "null")}
    return {} if found is None else found


def _origin(path: Path) -> str:
    """The path with whatever could upset a terminal, or is no Unicode, escaped."""
    return UNSHOWABLE.sub(lambda bad: repr(bad[0])[1:-1], str(path))


def _readable() -> str:
    extensions = [extension for extension in LOADERS if extension != ".yaml"]
    return f"the types that can be read are {', '.join(extensions)}"


def _why(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem)
