"""Questions with the answers that are expected, from a file that somebody wrote or published."""

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeGuard

from index.errors import BadInput
from index.validate import shown
from qa.question import checked

GZIP = b"\x1f\x8b"
KNOWN = frozenset({"id", "question", "answers", "answerable", "language", "kind"})
A_LINE = '{"question": "Where was it?", "answers": [{"text": "in Geneva"}]}'


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """Words that answer; where it is known, the article that they are from, and their place in it.

    `start` and `end` count code points from 0, as everywhere; both are there, or neither.
    """

    text: str
    start: int | None = None
    end: int | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A question, and any of the answers that are right; none where silence is."""

    id: str
    question: str
    answers: tuple[ExpectedAnswer, ...] = ()
    language: str | None = None
    kind: str | None = None

    @property
    def answerable(self) -> bool:
        return bool(self.answers)


def load_questions(path: str | Path) -> list[Expected]:
    """The questions of a file of JSON Lines, or of SQuAD's JSON (1.1 and 2.0), either of them also gzipped.

    BadInput, with the line, for what cannot be asked or measured.
    """
    path = Path(path)
    text = _read(path)
    document = _document(text)
    questions = list(_lines(path, text)) if document is None else _squad(path, document)
    if not questions:
        raise BadInput(f"{path} holds no question; write one on each line, such as {A_LINE}")
    return questions


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(GZIP) else data).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        place = f"byte 0x{problem.object[problem.start]:02x} at offset {problem.start}"
        mend = "convert it, for example with `iconv -f WINDOWS-1252 -t UTF-8 old > new`"
        raise BadInput(f"{path}: {place} is not UTF-8: {mend}") from None
    except (OSError, EOFError, zlib.error) as problem:
        raise BadInput(f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}; check it") from None


def _document(text: str) -> dict[str, Any] | None:
    """The whole text as one object, unless that is a question or the text is JSON Lines."""
    with suppress(ValueError, RecursionError):
        document = json.loads(text)
        if isinstance(document, dict) and "question" not in document:
            return document
    return None


def _lines(path: Path, text: str) -> Iterator[Expected]:
    lines_of: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            expected = _expected(_parsed(line), f"{path.name}:{number}")
            if expected.id in lines_of:
                raise BadInput(f"its id {expected.id!r} is also that of line {lines_of[expected.id]}; give it another")
        except BadInput as problem:
            raise BadInput(f"{path}:{number}: {problem}") from None
        lines_of[expected.id] = number
        yield expected


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as problem:
        raise BadInput(f"is not JSON: {problem.msg} at character {problem.colno}; a line is like {A_LINE}") from None
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"is not JSON that can be read: {problem}") from None
    if not isinstance(found, dict):
        raise BadInput(f"expected an object, found {shown(found)}; a line is like {A_LINE}")
    return found


def _expected(fields: dict[str, Any], name: str) -> Expected:
    """The question of a line, which is called `name` where it has no id of its own."""
    if fields.get("question") is None:
        raise BadInput(f'it has no "question"; a line is like {A_LINE}')
    for name_of_field in fields.keys() - KNOWN:
        # Without its answers a question would pass for one that has none.
        if near := get_close_matches(name_of_field, KNOWN, 1, 0.75):
            raise BadInput(f'"{name_of_field}" is no field of a question; write "{near[0]}"')
    question = checked(fields["question"])
    answers = [] if fields.get("answers") is None else fields["answers"]
    if not isinstance(answers, list):
        raise BadInput(f'"answers": expected a list such as [{{"text": "in Geneva"}}], found {shown(answers)}')
    expected = tuple(_answer(answer, number) for number, answer in enumerate(answers, 1))
    answerable = fields.get("answerable")
    if answerable is not None and answerable is not bool(expected):
        said = f'"answerable" is {json.dumps(answerable, default=str)[:20]}, but "answers" holds {len(expected)}'
        raise BadInput(f"{said}; correct one of them, or leave answerable out")
    identifier = fields.get("id")
    return Expected(
        name if identifier is None else str(identifier), question, expected, _name(fields, "language"),
        _name(fields, "kind"),
    )  # fmt: skip


def _name(fields: dict[str, Any], field: str) -> str | None:
    value = fields.get(field)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise BadInput(f'"{field}": expected a word, found {shown(value)}; correct it, or leave it out')
    return value


def _answer(value: object, number: int) -> ExpectedAnswer:
    fields = {"text": value} if isinstance(value, str) else value
    what = f"answer {number}"
    if not isinstance(fields, dict):
        raise BadInput(f'{what}: expected an object such as {{"text": "in Geneva"}}, found {shown(value)}')
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadInput(f'{what}: "text": expected the words that answer, found {shown(text)}')
    start, end = fields.get("start"), fields.get("end")
    if start is None and end is None:
        return ExpectedAnswer(text, article=_name(fields, "article"))
    if not _is_place(start) or not _is_place(end):
        raise BadInput(
            f"{what}: expected start and end as whole numbers from 0, or neither; found {shown(start)} and {shown(end)}"
        )
    if end - start != len(text):
        said = f"{start} to {end} are {end - start} characters, but {shown(text)} has {len(text)}"
        raise BadInput(f"{what}: {said}; offsets count code points, and `end` is the first one after the answer")
    return ExpectedAnswer(text, start, end, _name(fields, "article"))


def _is_place(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _squad(path: Path, document: dict[str, Any]) -> list[Expected]:
    """SQuAD's questions; its places are those in a paragraph, which say nothing of the articles of an archive."""
    try:
        return [
            _squad_question(asked)
            for article in document["data"]
            for paragraph in article["paragraphs"]
            for asked in paragraph["qas"]
        ]
    except BadInput as problem:
        raise BadInput(f"{path}: {problem}") from None
    except (KeyError, TypeError) as problem:
        missing = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)
        raise BadInput(
            f"{path} is neither JSON Lines nor of SQuAD's form (data, paragraphs, qas, question, answers, text): "
            f"{missing}; a line of JSON Lines is like {A_LINE}"
        ) from None


def _squad_question(asked: dict[str, Any]) -> Expected:
    answers = asked["answers"]
    try:
        expected = dict.fromkeys(_answer({"text": each["text"]}, number) for number, each in enumerate(answers, 1))
        return Expected(str(asked["id"]), checked(asked["question"]), tuple(expected))
    except BadInput as problem:
        raise BadInput(f"the question {asked['id']!r}: {problem}") from None
