"""Lexical search over passages with tantivy; derived from the store, so it can always be rebuilt.

All languages share one field: a passage is stemmed by its own language, a question by every language that
the index holds. A field per language would be simpler, but tantivy scores each field by the passages and
the average length of the whole index, so the rarer language drowns: with 210 English passages beside
20,000 French ones, the mean reciprocal rank of English questions fell from 0.86 to 0.03. Here it is 0.84.
"""

import json
import math
import mmap
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Filter, Occur, Query, Tokenizer

from index.errors import ArchiveBusy, ArchiveDamaged, ArchiveError
from index.sentences import UNSEEN
from index.types import EVERYTHING, Filters

# Raise it whenever the same text would be stemmed otherwise: older indexes are then refused, and rebuilt.
ANALYSIS = 1

# Every stemmer that tantivy 0.27 has; other languages are searched unstemmed. Accents are folded first, which
# costs the Turkish one a fifth of the forms that it joins, and the others next to nothing.
STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nb": "norwegian", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip

# Folded. Left out on purpose is what names a thing in another language (German "war", "bin", "fur", "uber",
# French "son", "or", "ai", Spanish "sea"): two or three words say little about their language.
FUNCTION_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": """a about an and any are as at be been being both but by can could did do does during each for
            from had has have he her here him his how i if in into is it its just me much my no nor not of or
            our s shall she should so some such t than that the their them then there these they this those
            through to too was we were what when where whether which while who whom whose why with would you
            your""",
        "fr": """a alors au aux avec avait ce cela ces cet cette ceux ci comme comment combien d de depuis des
            dont du elle elles en entre es est et etaient etait etre il ils j je l la laquelle le les lequel
            lesquelles lesquels leur leurs lors lui m ma mais me meme mes mon n ne nos notre nous on ont ou
            par pas pendant peut pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa se selon
            sera ses si sont sous sur t te tes tous tout toute toutes tres tu un une vers vos votre vous y""",
        "de": """aber alle als am an auch auf aus bei bis bist da damit dann das dass dein dem den der des
            dich die dies diese diesem diesen dieser dieses du durch ein eine einem einen einer eines er es
            hatte hatten haben ich ihr ihre ihrem ihren ihrer im in ist jede jeder kann kein keine konnen
            mehr mein mich mir mit nach nicht noch nur oder ohne sehr sein seine seinem seinen seiner seit
            sich sie sind und uns unter vom von vor wann waren warum was wegen welche welchem welchen welcher
            welches wem wen wenn wer werden wessen wie wieviel wird wir wo wobei wodurch woher wohin worden
            wurde wurden zu zum zur zwischen""",
        "es": """al algo ante aunque como con cual cuales cuando cuanta cuantas cuanto cuantos cuya cuyo de
            del desde donde durante el ella ellas ellos en entre eran es esa ese eso esta estaba estan estas
            este esto estos fue fueron ha habia han hasta la las le les lo los mi muy nos o para pero por
            porque que quien quienes se ser si sido sobre su sus tambien te tiene un una unas unos y""",
        "it": """a agli al alla alle allo anche che chi ci come con cosa cui d da dagli dai dal dalla dalle
            dei del dell della delle dello di dove e ed erano essere furono gli ha hanno i il in l la le li
            lo loro ma mi ne nei nel nell nella nelle nello noi non o perche piu qual quale quali quando
            quanta quante quanti quanto quella quello questa queste questi questo se si sia sono stata stato
            su sua sui sul sulla suo suoi tra un una uno""",
        "pt": """a ao aos com como da das de dela dele do dos durante e ela elas ele eles em entre eram essa
            esse esta estao estas este foi foram ha isso isto ja la lhe mais mas mesmo muito na nao nas no
            nos o onde os ou para pela pelas pelo pelos por porque qual quais quando quanta quantas quanto
            quantos que quem se sem ser seu seus sao sobre sua suas tambem te tinha um uma""",
    }.items()
}

# How often a title counts as part of its passage. On SQuAD and PIAF 2 to 4 rank alike, and 1 or 0 worse; a
# field of its own was no better with the best boost, and much worse with a slightly higher one.
TITLE_WEIGHT = 2
MOST_OF_A_WORD = 2.2  # times its inverse document frequency: k1 + 1, in tantivy's BM25
MAX_WORDS = 64  # of a question; each is looked up once for every distinct stem
WRITER_BYTES = 64_000_000  # for one thread: a second indexed no faster

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Han, kana, hangul, Thai, Lao, Burmese and Khmer: few spaces, or none, between words.
_UNSPACED = re.compile(
    "[々〇\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)


def _analyzer(*last: Any) -> Any:
    # Marks belong to words: the simple tokenizer cuts Hindi and Tamil at every virama.
    builder = tantivy.TextAnalyzerBuilder(Tokenizer.regex(r"[\p{L}\p{M}\p{N}]+"))
    for token_filter in (Filter.ascii_fold(), Filter.remove_long(100), *last):
        builder = builder.filter(token_filter)
    return builder.build()


_SPLITTER = _analyzer()
_UNSTEMMED = _analyzer(Filter.lowercase())
_STEMMED = {name: _analyzer(Filter.lowercase(), Filter.stemmer(name)) for name in set(STEMMERS.values())}


@dataclass(frozen=True, slots=True)
class WordEntry:
    """What is indexed of one passage and its article; `language` is an ISO 639-1 code."""

    passage_id: int
    title: str
    text: str
    language: str
    source: str | None
    section: str | None
    published: datetime | None


class WordIndex:
    """Lexical search over passages; any number of handles read, one at a time writes.

    A handle sees what was committed when it was opened, reloaded or itself committed. Its searches may run
    in many threads, its writing in one.
    """

    def __init__(self, folder: Path, index: Any) -> None:
        self._folder = folder
        self._index = index
        self._schema = index.schema
        self._writer: Any = None
        self.reload()

    @classmethod
    def open(cls, folder: Path) -> "WordIndex":
        """Open the index, a new one if the folder is empty or missing; ArchiveDamaged if it is unsound."""
        folder.mkdir(parents=True, exist_ok=True)
        with _mapped(folder, ArchiveDamaged):
            if not (folder / "meta.json").exists() and any(folder.iterdir()):
                raise ValueError("meta.json is missing")
            index = tantivy.Index(_schema(), str(folder))
            _verify(folder)
            index.register_tokenizer(_TOKENIZER, _SPACES)
            index.config_reader("manual")
            return cls(folder, index)

    def add(self, entries: Iterable[WordEntry]) -> None:
        """Buffer passages until `commit`; an id that is already there is replaced.

        If this raises, everything buffered since the last commit is dropped; the same holds for `remove`.
        """
        with self._writing() as writer:
            for entry in entries:
                document = _document(entry)
                with _mapped(self._folder, ArchiveError):
                    writer.delete_documents_by_term("passage_id", entry.passage_id)
                    writer.add_document(document)

    def remove(self, passage_ids: Iterable[int]) -> None:
        """Buffer removals until `commit`; ids that are not there are ignored."""
        with self._writing() as writer:
            for passage_id in passage_ids:
                with _mapped(self._folder, ArchiveError):
                    writer.delete_documents_by_term("passage_id", passage_id)

    def commit(self) -> None:
        """Make what was buffered durable and visible here, and let other handles write."""
        if self._writer is not None:
            with self._writing() as writer, _mapped(self._folder, ArchiveError):
                writer.commit()
                self._writer = None
                writer.wait_merging_threads()
        self.reload()

    def reload(self) -> None:
        """See what other handles and processes have committed."""
        with _mapped(self._folder, ArchiveDamaged):
            self._index.reload()
            searcher = self._index.searcher()
            languages = [language for language, _ in searcher.terms_with_prefix("language", "")]
        self._view = (searcher, languages)  # together, for searches in other threads

    def count(self) -> int:
        """How many passages there are."""
        return int(self._view[0].num_docs)

    def search(self, text: str, limit: int, filters: Filters = EVERYTHING) -> list[tuple[int, float]]:
        """Passage ids with their BM25 scores, best first, equal scores by id; no text makes it raise."""
        searcher, languages = self._view
        words = _content_words(text)
        if not words or min(limit, searcher.num_docs) < 1:
            return []
        query = self._query(words, languages if filters.language is None else [filters.language], filters)
        fetch = min(limit + 1, searcher.num_docs)
        with _mapped(self._folder, ArchiveDamaged):
            while True:
                found = searcher.search(query, fetch, count=False).hits
                scores = [score for score, _ in found]
                if len(found) < fetch or fetch == searcher.num_docs or scores[-1] < scores[limit - 1]:
                    break
                # What ties with the last passage wanted may lie beyond it with a smaller id.
                fetch = min(fetch * 4, searcher.num_docs)
            ids = searcher.fast_field_values("passage_id", [address for _, address in found])
        ranked = sorted(zip(ids, scores, strict=True), key=lambda hit: (-hit[1], hit[0]))
        return ranked[:limit]

    def coverage(self, text: str, score: float) -> float:
        """How much of what the question's words could score at most a passage scored, 0 to 1.

        Words of another language are nowhere in the index: a passage that has but the names of such a
        question covers little of it.
        """
        searcher, languages = self._view
        analyzers = dict.fromkeys(map(_analyzer_of, languages))
        most = 0.0
        for word in _content_words(text):
            stems = {stem for analyzer in analyzers for stem in analyzer.analyze(word)}
            holding = max((searcher.doc_freq("words", stem) for stem in stems), default=0)
            most += math.log(1 + (searcher.num_docs - holding + 0.5) / (holding + 0.5))
        return min(1.0, score / (MOST_OF_A_WORD * most)) if most > 0 else 0.0

    def _query(self, words: list[str], languages: Iterable[str], filters: Filters) -> Any:
        analyzers = dict.fromkeys(map(_analyzer_of, languages))
        stems = dict.fromkeys(stem for each in analyzers for stem in each.analyze(" ".join(words)))
        query = Query.boolean_query([(Occur.Should, self._term("words", stem, "freq")) for stem in stems])
        exact = {"language": filters.language, "source": filters.source, "section": filters.section}
        conditions = [
            self._term(field, _encodable(value), "basic") for field, value in exact.items() if value is not None
        ]
        if filters.since or filters.until:
            bounds = [bound and _microseconds(bound) for bound in (filters.first, filters.last)]
            integer = tantivy.FieldType.Integer
            conditions.append(Query.range_query(self._schema, "published", integer, *bounds))
        unscored = [(Occur.Must, Query.const_score_query(condition, 0.0)) for condition in conditions]
        return Query.boolean_query([(Occur.Must, query), *unscored]) if unscored else query

    def _term(self, field: str, value: str, recorded: str) -> Any:
        return Query.term_query(self._schema, field, value, recorded)

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        if self._writer is None:
            with _mapped(self._folder, ArchiveError):
                self._writer = self._index.writer(WRITER_BYTES, 1)
        writer = self._writer
        try:
            yield writer
        except BaseException:
            self._writer = None
            with suppress(Exception):
                writer.wait_merging_threads()  # without a commit it forgets, and lets go of the lock
            raise


_TOKENIZER = f"stems_{ANALYSIS}"
_FOOTER_MAGIC = 1337  # closes every file that tantivy 0.2x writes
_SPACES = tantivy.TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage_id", indexed=True, fast=True)
    builder.add_integer_field("published", fast=True)
    builder.add_text_field("words", tokenizer_name=_TOKENIZER, index_option="freq")
    for field in ("language", "source", "section"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _document(entry: WordEntry) -> Any:
    document = tantivy.Document()
    document.add_integer("passage_id", entry.passage_id)
    if entry.published is not None:
        document.add_integer("published", _microseconds(entry.published))
    whole = "\n".join([*[entry.title] * TITLE_WEIGHT, entry.text])
    document.add_text("words", " ".join(_analyzer_of(entry.language).analyze(_prepare(whole))))
    for field in ("language", "source", "section"):
        if (value := getattr(entry, field)) is not None:
            document.add_text(field, _encodable(value))
    return document


def _microseconds(moment: datetime) -> int:
    """Since 1970; a moment without an offset is taken as UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def _analyzer_of(language: str) -> Any:
    stemmer = STEMMERS.get(language.partition("-")[0].lower())
    return _STEMMED[stemmer] if stemmer else _UNSTEMMED


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")  # tantivy refuses lone surrogates


def _prepare(text: str) -> str:
    """One spelling for one word: composed, without what nobody sees, and bigrams where words have no spaces."""
    composed = UNSEEN.sub("", unicodedata.normalize("NFKC", _encodable(text)))
    return _UNSPACED.sub(_bigrams, composed)


def _bigrams(run: re.Match[str]) -> str:
    text = run[0]
    return f" {' '.join(text[i : i + 2] for i in range(max(len(text) - 1, 1)))} "


def _content_words(question: str, most: float = MAX_WORDS) -> list[str]:
    """Its words, folded, without the function words of the language that it seems to be in.

    Function words stay where nothing else remains, and where capitals make them a name, as in "the WHO".
    """
    written = _SPLITTER.analyze(_prepare(question))
    words = list(dict.fromkeys(word.lower() for word in written))
    shouted = question.isupper()
    names = {word.lower() for word in written if len(word) > 1 and word.isupper() and not shouted}
    # A single letter is no evidence: "vitamin d" is not French.
    votes = {
        language: sum(len(word) > 1 and word in listed and word not in names for word in words)
        for language, listed in FUNCTION_WORDS.items()
    }
    top = max(votes.values())
    best = [FUNCTION_WORDS[language] for language, count in votes.items() if count == top]
    dropped = frozenset.intersection(*best) - names
    return ([word for word in words if word not in dropped] or words)[: int(min(most, len(words)))]


def content_stems(text: str, language: str) -> set[str]:
    """The distinct words of a text as the index of that language would look them up, function words left out."""
    return set(_analyzer_of(language).analyze(" ".join(_content_words(text, math.inf))))


@contextmanager
def _mapped(folder: Path, kind: type[ArchiveError]) -> Iterator[None]:
    """Turn what tantivy raises, panics included, into an error of the archive."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        if "LockBusy" in str(error):
            raise ArchiveBusy(
                f"the word index {folder} is being written by another process: try again later"
            ) from error
        hint = "`groundwire rebuild` mends it"
        if kind is not ArchiveDamaged:
            hint = f"is the disk full? Nothing since the last commit was kept; if it goes on, {hint}"
        raise kind(f"the word index {folder} failed ({error}): {hint}") from error


def _verify(folder: Path) -> None:
    """Hold every committed file against the checksum in its own footer, which tantivy itself never does."""
    for segment in json.loads((folder / "meta.json").read_bytes())["segments"]:
        name = segment["segment_id"].replace("-", "")
        deletes = f".{segment['deletes']['opstamp']}.del" if segment["deletes"] else None
        for path in folder.glob(f"{name}.*"):
            if path.suffix == ".del" and path.name != f"{name}{deletes}":
                continue  # of another commit, perhaps half written
            # A file that has just gone belongs to a commit that another process has replaced.
            with suppress(FileNotFoundError), path.open("rb") as file:
                content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                size, magic = struct.unpack("<II", content[-8:])
                footer = json.loads(bytes(content[-8 - size : -8])) if magic == _FOOTER_MAGIC else {}
                if zlib.crc32(content[: -8 - size]) != footer.get("crc"):
                    raise ValueError(f"{path.name} is not what was written")
