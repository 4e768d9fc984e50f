"""Rebuilds the bundled model's tokenizer (SentencePiece Unigram) in the tokenizers library."""

import io
from typing import Any

from index.e5_file import E5File

BEGIN, PAD, END, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
UNKNOWN_ID = 3


def character_map() -> bytes:
    """The nmt_nfkc normalisation rules; sentencepiece carries them, and any model trained by it holds them."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d"]),
        model_writer=trained,
        model_type="char",
        vocab_size=8,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(trained.getvalue())
    return bytes(model.normalizer_spec.precompiled_charsmap)


def build_tokenizer(source: E5File) -> Any:
    """A `tokenizers.Tokenizer` with the template `<s> … </s>`, pairs as `<s> A </s></s> B </s>`."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(source.pieces, unk_id=UNKNOWN_ID, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(character_map()), normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens([BEGIN, PAD, END, UNKNOWN, MASK])
    special = [(token, tokenizer.token_to_id(token)) for token in (BEGIN, END)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}", pair=f"{BEGIN} $A {END} {END} $B {END}", special_tokens=special
    )
    return tokenizer
