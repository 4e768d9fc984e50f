"""Builds the encoder as an ONNX graph straight from its weights, so that no torch is needed.

One text is read at a time: without padding there is no attention mask, activations are quantised for one
text alone (its vector never depends on its neighbours), and several texts run on as many threads.

Input: `input_ids`, int64 (1, tokens). Output of the embedding model: `embedding`, float32 (1, hidden), the mean
over the tokens, of length 1. Of the span model: `scores`, float32 (1, tokens, 3), see `index/spans.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.e5_file import BLOCK, E5File

OPSET = 20  # the first with Gelu
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators: fused attention, 8-bit products
# Processors without VNNI add pairs of 8-bit products in 16 bits: up to 63, no pair can overflow.
LARGEST_WEIGHT = 63
SCALE_OF_ADAPTERS = 2.0
# Inputs of the feed-forward matrices that are, in any text, up to eleven times as large as the fifth largest: they
# would take the range of the 8 bits for themselves (Dettmers et al., "LLM.int8()", 2022). `python -m bench.eight_bits`
# finds them.
OUTLIERS_AFTER_ATTENTION = (15, 35)  # the same in all layers
# They need not stay out: a third of them, with three times their weights, leaves 8 bits nearly as exact (their weights
# are smaller than others) and takes an eighth of the time less. The embedding model keeps them apart all the same: so
# were the vectors made that users' archives hold.
WEAKENED = 3.0
OUTLIERS_INSIDE = {0: 318, 1: 1462, 2: 354, 4: 778, 5: 658, 6: 1152, 7: 413, 8: 563}  # by layer


class GraphBuilder:
    """Collects nodes and weights; every method returns the name of what it computes."""

    def __init__(
        self,
        source: E5File,
        changes: Mapping[str, NDArray[np.float32]] | None = None,
        exact: bool = False,
        weakened: bool = False,
    ) -> None:
        """`changes`: added to matrices of the encoder, by names such as `l3.fi`; shape (outputs, inputs).

        `exact`: in float32 throughout, to measure what 8 bits cost. `weakened`: the outliers after attention, instead
        of being kept out of the 8 bits.
        """
        self.source = source
        self.exact = exact
        self.weakened = weakened
        self.changes = changes or {}
        self.nodes: list[Any] = []
        self.weights: dict[str, Any] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        if name not in self.weights:
            self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def node(self, kind: str, inputs: list[str], outputs: int = 1, domain: str = "", **attributes: Any) -> str:
        name = f"{kind}_{len(self.nodes)}"
        names = [name if i == 0 else f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name=name, domain=domain, **attributes))
        return name

    def embed(self) -> str:
        """Rows of the embedding matrix, kept in its own 4 bits: exact, and a quarter of int8's file."""
        word = self.source.matrices["emb.word"]
        rows, columns = word.nibbles.shape
        blocks = word.nibbles.reshape(rows, columns // BLOCK, BLOCK)
        packed = (blocks[:, :, :16] | (blocks[:, :, 16:] << 4)).reshape(rows, columns // 2)
        looked_up = self.node("Gather", [self.constant("word.packed", packed), "input_ids"])
        scales = self.node("Gather", [self.constant("word.scales", word.scales), "input_ids"])
        four = self.constant("four", np.array(4, dtype=np.uint8))
        low_bits = self.constant("low_bits", np.array(15, dtype=np.uint8))
        low = self.node("BitwiseAnd", [looked_up, low_bits])
        high = self.node("BitShift", [looked_up, four], direction="RIGHT")
        shape = self.constant("blocks", np.array([0, 0, columns // BLOCK, BLOCK // 2]))
        halves = [self.node("Reshape", [half, shape]) for half in (low, high)]
        nibbles = self.node("Cast", [self.node("Concat", halves, axis=3)], to=TensorProto.FLOAT)
        centred = self.node("Sub", [nibbles, self.constant("eight", np.array(8, dtype=np.float32))])
        scales = self.node("Cast", [scales], to=TensorProto.FLOAT)
        scales = self.node("Unsqueeze", [scales, self.constant("last", np.array([3]))])
        values = self.node("Mul", [centred, scales])
        return self.node("Reshape", [values, self.constant("rows", np.array([0, 0, columns]))])

    def linear(
        self,
        hidden: str,
        name: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        outliers: Sequence[int] = (),
        weakened: Sequence[int] = (),
    ) -> str:
        """hidden @ weight.T + bias, in 8-bit integers but for the inputs in `outliers`, the `weakened` ones smaller."""
        if name in self.changes:
            weight = weight + self.changes[name]
        if self.exact:
            product = self.node("MatMul", [hidden, self.constant(f"{name}.weight", weight.T)])
            return self.node("Add", [product, self.constant(f"{name}.bias", bias)])
        if outliers:
            channels = self.constant(f"{name}.outliers", np.array(outliers))
            loud = self.node("Gather", [hidden, channels], axis=2)
            apart = self.node("MatMul", [loud, self.constant(f"{name}.of_outliers", weight[:, outliers].T)])
            others = np.ones(weight.shape[1], dtype=np.float32)
            others[[*outliers]] = 0
            hidden = self.node("Mul", [hidden, self.constant(f"{name}.others", others)])
            return self.node("Add", [apart, self.quantised(hidden, name, weight * others, bias)])
        if weakened:
            factors = np.ones(weight.shape[1], dtype=np.float32)
            factors[[*weakened]] = WEAKENED
            hidden = self.node("Mul", [hidden, self.constant(f"{name}.weakened", 1 / factors)])
            weight = weight * factors
        return self.quantised(hidden, name, weight, bias)

    def quantised(self, hidden: str, name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        """hidden @ weight.T + bias in 8-bit integers; those of `hidden` share one scale."""
        scales = np.abs(weight).max(axis=1) / LARGEST_WEIGHT
        quantised = np.rint(weight / scales[:, None]).astype(np.int8)
        inputs = [
            hidden,
            self.constant(f"{name}.weight", quantised.T),
            self.constant(f"{name}.scales", scales.astype(np.float32)),
            self.constant(f"zeros.{len(scales)}", np.zeros(len(scales), dtype=np.int8)),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("DynamicQuantizeMatMul", inputs, domain=MICROSOFT)

    def add_and_normalise(self, hidden: str, change: str, name: str) -> str:
        vectors = self.source.vectors
        scale = self.constant(f"{name}.scale", vectors[f"{name}.w"])
        shift = self.constant(f"{name}.shift", vectors[f"{name}.b"])
        epsilon = self.source.shape.layer_norm_eps
        total = self.node("Add", [hidden, change])
        return self.node("LayerNormalization", [total, scale, shift], axis=-1, epsilon=epsilon)

    def layer(self, hidden: str, number: int) -> str:
        matrices, vectors, at = self.source.matrices, self.source.vectors, f"l{number}"

        def dense(name: str) -> NDArray[np.float32]:
            return matrices[f"{at}.{name}.w"].dense()

        weight = np.concatenate([dense(name) for name in "qkv"])
        bias = np.concatenate([vectors[f"{at}.{name}.b"] for name in "qkv"])
        thirds = self.linear(hidden, f"{at}.qkv", weight, bias)
        split = self.node("Split", [thirds], outputs=3, axis=2, num_outputs=3)
        attended = self.node(
            "MultiHeadAttention",
            [split, f"{split}_1", f"{split}_2"],
            domain=MICROSOFT,
            num_heads=self.source.shape.num_attention_heads,
        )
        attended = self.linear(attended, f"{at}.ao", dense("ao"), vectors[f"{at}.ao.b"])
        hidden = self.add_and_normalise(hidden, attended, f"{at}.aln")
        apart, weakened = ((), OUTLIERS_AFTER_ATTENTION) if self.weakened else (OUTLIERS_AFTER_ATTENTION, ())
        inner = self.linear(hidden, f"{at}.fi", dense("fi"), vectors[f"{at}.fi.b"], apart, weakened)
        inner = self.node("Gelu", [inner])
        outliers = [OUTLIERS_INSIDE[number]] if number in OUTLIERS_INSIDE else []
        change = self.linear(inner, f"{at}.fo", dense("fo"), vectors[f"{at}.fo.b"], outliers)
        return self.add_and_normalise(hidden, change, f"{at}.oln")

    def encoder(self) -> str:
        """The last hidden state, float32 (1, tokens, hidden)."""
        vectors, shape = self.source.vectors, self.source.shape
        positions = vectors["emb.pos"].reshape(-1, shape.hidden_size) + vectors["emb.type"][: shape.hidden_size]
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        start = self.constant("zero", np.array([0]))
        first = self.node("Slice", [self.constant("positions", positions), start, length])
        hidden = self.add_and_normalise(self.embed(), first, "emb.ln")
        for number in range(shape.num_hidden_layers):
            hidden = self.layer(hidden, number)
        return hidden

    def mean_pool(self, hidden: str) -> str:
        mean = self.node("ReduceMean", [hidden, self.constant("second", np.array([1]))], keepdims=0)
        self.nodes.append(helper.make_node("LpNormalization", [mean], ["embedding"], axis=1, p=2))
        return "embedding"

    def score_spans(self, hidden: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
        product = self.node("MatMul", [hidden, self.constant("head.weight", weight.T)])
        self.nodes.append(helper.make_node("Add", [product, self.constant("head.bias", bias)], ["scores"]))
        return "scores"

    def model(self, output: str, shape: list[str | int]) -> Any:
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])]
        outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.weights.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="groundwire")


def embedding_model(source: E5File) -> Any:
    """The whole graph, ready to be saved (an `onnx.ModelProto`)."""
    builder = GraphBuilder(source)
    output = builder.mean_pool(builder.encoder())
    return builder.model(output, [1, source.shape.hidden_size])


def span_model(source: E5File, trained: Mapping[str, NDArray[np.float32]], exact: bool = False) -> Any:
    """The graph of a span reader. `trained`: its adapters and head, by the names that `training/` gives them."""
    builder = GraphBuilder(source, changes_of(trained), exact, weakened=True)
    output = builder.score_spans(builder.encoder(), trained["head.weight"], trained["head.bias"])
    return builder.model(output, [1, "tokens", len(trained["head.bias"])])


def changes_of(trained: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """What adapters change, by the names of the matrices: for `GraphBuilder`."""
    changes: dict[str, NDArray[np.float32]] = {}
    for name, up in trained.items():
        if name.endswith("_up"):  # layers.3.fi_up
            at = name.removesuffix("_up")
            changes[f"l{at.removeprefix('layers.')}"] = SCALE_OF_ADAPTERS * (up @ trained[f"{at}_down"])
    return changes
