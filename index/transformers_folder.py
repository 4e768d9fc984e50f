"""Writes the encoder as a sentence-transformers model folder, for that library and for training."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file

from index.e5_file import E5File
from index.model import MAX_TOKENS, PROMPTS
from index.tokenizer import BEGIN, END, MASK, PAD, UNKNOWN

LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
PARTS = {"w": "weight", "b": "bias"}


def write_transformers_folder(source: E5File, folder: Path) -> None:
    """Adds weights and settings to a folder that already holds `tokenizer.json`."""
    try:
        save_file(_state(source), str(folder / "model.safetensors"), metadata={"format": "pt"})
    except SafetensorError as error:  # a full disk, told in the library's own way
        raise OSError(str(error)) from error
    for name, content in _settings(source).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _state(source: E5File) -> dict[str, NDArray[np.float32]]:
    hidden = source.shape.hidden_size
    state = {
        "embeddings.word_embeddings.weight": source.matrices["emb.word"].dense(),
        "embeddings.position_embeddings.weight": source.vectors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": source.vectors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": source.vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": source.vectors["emb.ln.b"],
    }
    for number in range(source.shape.num_hidden_layers):
        for short, long in LAYER_NAMES.items():
            for part, name in PARTS.items():
                key = f"l{number}.{short}.{part}"
                values = source.matrices[key].dense() if key in source.matrices else source.vectors[key]
                state[f"encoder.layer.{number}.{long}.{name}"] = values
    return state


def _settings(source: E5File) -> dict[str, Any]:
    shape = vars(source.shape)
    library = "sentence_transformers.models"
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    special = {
        "bos_token": BEGIN, "eos_token": END, "unk_token": UNKNOWN,
        "sep_token": END, "pad_token": PAD, "cls_token": BEGIN, "mask_token": MASK,
    }  # fmt: skip
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "pad_token_id": 1,
            "attention_probs_dropout_prob": 0.1,
            "hidden_dropout_prob": 0.1,
            "dtype": "float32",
            **shape,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": MAX_TOKENS,
            **special,
        },
        "special_tokens_map.json": special,
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"{library}.{kind}"}
            for number, (path, kind) in enumerate(modules)
        ],
        "sentence_bert_config.json": {
            "max_seq_length": MAX_TOKENS,
            "do_lower_case": False,
            "model_args": {"add_pooling_layer": False},  # E5 has none: it takes the mean
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": source.shape.hidden_size,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    }
