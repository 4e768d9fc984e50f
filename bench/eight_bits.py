"""What 8 bits cost the bundled models, and why a few numbers stay out of them: `python -m bench.eight_bits`.

Over paragraphs in English and French. First the inputs of each layer's feed-forward matrices that are largest in any
text, beside the fifth largest: `index/onnx_graph.py` names those to keep apart. Then, with all inputs in 8 bits, with
those apart and with some of them weakened instead, how far embeddings and readers' scores lie from float32's, and how
long a paragraph takes.
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from bench.data import parser, squad, table
from index.e5_file import E5File, read_e5_file
from index.model import TOKENIZER_FILE, bundled_model, session, source_file
from index.onnx_graph import GraphBuilder, changes_of
from qa.read import WEIGHTS

Changes = dict[str, NDArray[np.float32]]

LARGEST = 3
FIFTH = 5


class AllInEightBits(GraphBuilder):
    """As if no input were an outlier."""

    def linear(
        self,
        hidden: str,
        name: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        outliers: Sequence[int] = (),
        weakened: Sequence[int] = (),
    ) -> str:
        return super().linear(hidden, name, weight, bias, outliers[:0], weakened[:0])


class Tapped(GraphBuilder):
    """In float32, remembering what each feed-forward matrix multiplies."""

    def __init__(self, source: E5File, changes: Changes) -> None:
        super().__init__(source, changes, exact=True)
        self.inputs: dict[str, str] = {}

    def linear(
        self,
        hidden: str,
        name: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        outliers: Sequence[int] = (),
        weakened: Sequence[int] = (),
    ) -> str:
        if name.endswith(("fi", "fo")):
            self.inputs[name] = hidden
        return super().linear(hidden, name, weight, bias, outliers, weakened)


def run(graph: Any, texts: list[list[int]]) -> tuple[list[NDArray[np.float32]], float]:
    """The first output for each text, and the milliseconds that one takes."""
    model = session(graph.SerializeToString())
    began = time.perf_counter()
    outputs = [model.run(None, {"input_ids": np.array([text])})[0][0] for text in texts]
    return outputs, 1000 * (time.perf_counter() - began) / len(texts)


def loudest(
    source: E5File,
    changes: dict[str, NDArray[np.float32]],
    head: dict[str, NDArray[np.float32]],
    texts: list[list[int]],
) -> list[list[str]]:
    """For each matrix: the channels of its input that are largest anywhere, and how large the fifth largest is."""
    builder = Tapped(source, changes)
    graph = builder.model(
        builder.score_spans(builder.encoder(), head["head.weight"], head["head.bias"]), [1, "tokens", 3]
    )
    graph.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in builder.inputs.values())
    model = session(graph.SerializeToString())
    largest: dict[str, NDArray[np.float32]] = {}
    for text in texts:
        outputs = model.run(list(builder.inputs.values()), {"input_ids": np.array([text])})
        for name, values in zip(builder.inputs, outputs, strict=True):
            largest[name] = np.maximum(np.abs(values[0]).max(axis=0), largest.get(name, np.float32(0)))
    rows = []
    for name, sizes in largest.items():
        order = np.argsort(-sizes)
        first = ", ".join(f"{channel}: {sizes[channel]:.1f}" for channel in order[:LARGEST])
        rows.append([name, first, f"{sizes[order[FIFTH - 1]]:.1f}"])
    return rows


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--paragraphs", type=int, default=60)
    options = arguments.parse_args()
    tokenizer = Tokenizer.from_file(str(bundled_model() / TOKENIZER_FILE))
    paragraphs = [
        text
        for file, part in (("squad-1.1-train-part", slice(None)), ("piaf-1.1", slice(0, 400)))
        for _, text in random.Random(0).sample(squad(options.data / "qa" / f"{file}.json.gz", part).paragraphs,
                                               options.paragraphs // 2)
    ]  # fmt: skip
    texts = [encoding.ids[:400] for encoding in tokenizer.encode_batch(paragraphs)]
    source = read_e5_file(source_file())
    trained = {name: values.astype(np.float32) for name, values in load_file(WEIGHTS).items()}
    changes = changes_of(trained)
    print(table(["matrix", f"its {LARGEST} largest inputs", "fifth"], loudest(source, changes, trained, texts)))

    rows = []
    builders: dict[str, Callable[[Changes], GraphBuilder]] = {
        "float32": lambda changes: GraphBuilder(source, changes, exact=True),
        "all in 8 bits": lambda changes: AllInEightBits(source, changes),
        "outliers apart": lambda changes: GraphBuilder(source, changes),
        "those after attention weakened": lambda changes: GraphBuilder(source, changes, weakened=True),
    }
    exact: list[list[NDArray[np.float32]]] = []
    for name, make in builders.items():
        embedder, reader = make({}), make(changes)
        vectors, _ = run(embedder.model(embedder.mean_pool(embedder.encoder()), [1, source.shape.hidden_size]), texts)
        head = trained["head.weight"], trained["head.bias"]
        scores, taken = run(reader.model(reader.score_spans(reader.encoder(), *head), [1, "tokens", 3]), texts)
        exact = exact or [vectors, scores]
        cosine = np.mean([one @ other for one, other in zip(vectors, exact[0], strict=True)])
        off = [np.square(one - other)[:, :2].mean() for one, other in zip(scores, exact[1], strict=True)]
        rows.append([name, f"{cosine:.4f}", f"{np.sqrt(np.mean(off)):.2f}", f"{taken:.0f}"])
    print(
        "\n" + table(["", "embeddings' cosine to float32", "scores' error (root mean square)", "ms a paragraph"], rows)
    )


if __name__ == "__main__":
    main()
