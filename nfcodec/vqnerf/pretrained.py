"""Pre-trained VQ-VAEs of other tools, converted to :mod:`nfcodec.vqnerf.model`.

- **diffusers**: the folder of a ``VQModel``: ``config.json`` and its weights,
  ``diffusion_pytorch_model.safetensors`` or ``.bin``.
- **taming-transformers**: a VQGAN checkpoint (``.ckpt``), which says by its tensors alone what it
  is; 32 groups of normalization and SiLU, as that code base has them throughout.

Both are the network of Esser et al. (2021) under different names, made for images in [-1, 1].
Ours are in [0, 1]: the encoder gets a first layer that stretches them, and the decoder's last
convolution gives [0, 1]. Nothing that a file brings along is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from nfcodec.arrays import FloatArray
from nfcodec.errors import DamagedFileError, UnsupportedError, UsageError
from nfcodec.untrusted.faults import printable, unreadable
from nfcodec.untrusted.source import InputFile, read_options
from nfcodec.untrusted.state_dicts import StateDict
from nfcodec.vqnerf import vqvae_file as own
from nfcodec.vqnerf.halves import check_vqvae
from nfcodec.vqnerf.model import (
    Activation,
    Attention,
    Convolution,
    GroupNorm,
    ImageDecoder,
    ImageEncoder,
    ImageLayer,
    Residual,
    Upsample,
    Vqvae,
)

_CONFIG = "config.json"
_WEIGHTS = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin")
#: Blocks and layers looked for in a network.
_MOST = 64
_EPSILON = 1e-6
_ACTIVATIONS = {"silu": "silu", "swish": "silu", "relu": "relu", "gelu": "gelu"}
_KNOWN_BLOCKS = {
    "DownEncoderBlock2D", "AttnDownEncoderBlock2D", "UpDecoderBlock2D", "AttnUpDecoderBlock2D",
}  # fmt: skip


@dataclass(frozen=True)
class _Names:
    """What the parts of the network are called. ``{}`` is a number, counted from 0."""

    down: str
    up: str
    ups_from_finest: bool
    residual: str
    attention: str
    smaller: str
    larger: str
    middle: tuple[str, str, str]
    shortcut: str
    #: Of attention: normalization, query, key, value, out.
    projections: tuple[str, str, str, str, str]
    norm_out: str


_DIFFUSERS = _Names(
    "down_blocks.{}", "up_blocks.{}", False, "resnets.{}", "attentions.{}", "downsamplers.0.conv",
    "upsamplers.0.conv", ("mid_block.resnets.0", "mid_block.attentions.0", "mid_block.resnets.1"),
    "conv_shortcut", ("group_norm", "to_q", "to_k", "to_v", "to_out.0"), "conv_norm_out",
)  # fmt: skip
_TAMING = _Names(
    "down.{}", "up.{}", True, "block.{}", "attn.{}", "downsample.conv", "upsample.conv",
    ("mid.block_1", "mid.attn_1", "mid.block_2"), "nin_shortcut",
    ("norm", "q", "k", "v", "proj_out"), "norm_out",
)  # fmt: skip
#: What attention's projections were called in diffusers before version 0.18.
_OLD_PROJECTIONS = {
    "query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0",
}  # fmt: skip


def load(path: str | Path) -> Vqvae:
    """The VQ-VAE in ``path``, of nfcodec, diffusers or taming-transformers, told by its content.

    Errors as :func:`nfcodec.vqnerf.vqvae_file.load`; UnsupportedError for a network with other
    parts than VQGAN's.
    """
    path = Path(path)
    if path.is_dir():
        return _diffusers(path)
    with InputFile(path) as file:
        if file.stated_format == own.FORMAT:
            return own.from_tree(file.checkpoint, file.name)
        if file.tensors(lambda tensors: "quantize.embed.weight" in tensors) is not None:
            raise UnsupportedError(
                f"{path}: a VQGAN with Gumbel quantization, which picks codes by a network of its "
                "own; those that take the nearest code can be converted"
            )
        state = file.tensors(_is_taming)
        if state is None:
            raise own.no_vqvae(
                file, "it is neither one of `nfcodec train vqvae`, nor a VQGAN checkpoint of "
                "taming-transformers, nor the folder of a diffusers VQModel"
            )  # fmt: skip
        network = _Network(state, _TAMING, 32, "silu", str(path))
        return _converted(network, {"method": "taming-transformers", "file": printable(path.name)})


def _is_taming(tensors: StateDict) -> bool:
    return "quantize.embedding.weight" in tensors and "decoder.conv_in.weight" in tensors


def _diffusers(folder: Path) -> Vqvae:
    if not (folder / _CONFIG).is_file():
        raise UsageError(
            f"{folder}: holds no {_CONFIG}; give the folder of a diffusers VQModel, or a file"
        )
    config = read_options(folder / _CONFIG)
    where = f"{folder / _CONFIG}"
    if config.get("_class_name") != "VQModel":
        raise DamagedFileError(
            f"{where}: describes a {str(config.get('_class_name'))[:60]}, not a VQModel; give the "
            "folder of the VQModel itself, such as a pipeline's vqvae/"
        )
    if config.get("norm_type", "group") != "group":
        raise UnsupportedError(
            f"{where}: norm_type {config['norm_type']!r}, whose decoder looks at the codes "
            "throughout (MoVQ); 'group' can be converted"
        )
    for key in ("down_block_types", "up_block_types"):
        kinds = config.get(key, [])
        if not isinstance(kinds, list) or not set(map(str, kinds)) <= _KNOWN_BLOCKS:
            raise UnsupportedError(f"{where}: {key} {kinds!r}; known are {sorted(_KNOWN_BLOCKS)}")
    groups, activation = config.get("norm_num_groups", 32), config.get("act_fn", "silu")
    if type(groups) is not int or str(activation) not in _ACTIVATIONS:
        raise UnsupportedError(
            f"{where}: norm_num_groups {groups!r} and act_fn {activation!r}; a number and one of "
            f"{', '.join(_ACTIVATIONS)} are needed"
        )
    file = next((folder / name for name in _WEIGHTS if (folder / name).is_file()), None)
    if file is None:
        raise DamagedFileError(f"{folder}: holds none of {', '.join(_WEIGHTS)}")
    state = {_present(name): value for name, value in _tensors(file).items()}
    network = _Network(state, _DIFFUSERS, groups, _ACTIVATIONS[str(activation)], str(file))
    return _converted(network, {"method": "diffusers VQModel", "file": printable(folder.name)})


def _tensors(file: Path) -> dict[str, Any]:
    if file.suffix == ".bin":
        with InputFile(file) as opened:
            tensors = opened.tensors(lambda tensors: "decoder.conv_in.weight" in tensors)
            if tensors is None:
                raise DamagedFileError(f"{file}: holds no tensor decoder.conv_in.weight")
            return dict(tensors)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        # Through PyTorch: NumPy has no bfloat16.
        return {name: tensor.float().numpy() for name, tensor in load_file(file).items()}
    except OSError as error:
        raise unreadable(file, error) from error
    except SafetensorError as error:
        raise DamagedFileError(f"{file}: cannot be read ({error})") from error


def _present(name: str) -> str:
    """The name that diffusers gives a tensor today."""
    head, _, rest = name.partition(".attentions.")
    parts = rest.split(".")
    if len(parts) == 3 and parts[1] in _OLD_PROJECTIONS:
        return f"{head}.attentions.{parts[0]}.{_OLD_PROJECTIONS[parts[1]]}.{parts[2]}"
    return name


def _converted(network: _Network, metadata: dict[str, Any]) -> Vqvae:
    """The VQ-VAE that ``network`` is; nothing of it may be left over."""
    encoder = (
        Convolution(2.0 * np.eye(3, dtype=np.float32)[:, :, None, None], -np.ones(3, np.float32)),
        *network.encoder(), network.convolution("quant_conv"),
    )  # fmt: skip
    *inner, last = network.decoder()
    last = cast(Convolution, last)
    bias = np.zeros(len(last.weight), np.float32) if last.bias is None else last.bias
    decoder = (
        network.convolution("post_quant_conv"), *inner,
        Convolution(last.weight * np.float32(0.5), bias * np.float32(0.5) + np.float32(0.5)),
    )  # fmt: skip
    scale = 2 ** sum(isinstance(layer, Upsample) for layer in inner)
    codebook = network.array("quantize.embedding.weight")
    left = sorted(name for name in network.left if name.startswith(("encoder.", "decoder.")))
    if left:
        raise UnsupportedError(
            f"{network.source}: parts that VQGAN does not have: {', '.join(left[:4])}"
            f"{', ...' if len(left) > 4 else ''}"
        )
    vqvae = Vqvae(
        ImageEncoder(scale, encoder), ImageDecoder(codebook, scale, decoder),
        {"training": metadata},
    )  # fmt: skip
    check_vqvae(vqvae, network.source)
    return vqvae


class _Network:
    """Takes a network's layers out of its tensors by name."""

    def __init__(
        self, state: Mapping[str, Any], names: _Names, groups: int, activation: str, source: str
    ) -> None:
        self.state, self.names, self.groups, self.source = state, names, groups, source
        self.activation = Activation(activation)
        self.left = set(state)

    def has(self, name: str) -> bool:
        return f"{name}.weight" in self.state

    def array(self, name: str) -> FloatArray:
        value = self.state.get(name)
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            raise DamagedFileError(f"{self.source}: holds no numbers called {name[:80]!r}")
        self.left.discard(name)
        return np.ascontiguousarray(value, np.float32)

    def convolution(self, name: str, stride: int = 1) -> Convolution:
        weight = self.array(f"{name}.weight")
        if weight.ndim == 2:  # a linear layer over the channels of every place
            weight = weight[:, :, None, None]
        bias = self.array(f"{name}.bias") if f"{name}.bias" in self.state else None
        return Convolution(weight, bias, stride)

    def resampling(self, name: str, stride: int = 1) -> Convolution:
        """The convolution that goes with each change of size; one without has no tensors."""
        if not self.has(name):
            raise UnsupportedError(
                f"{self.source}: has no {name}: a network that changes the size of images without "
                "a convolution; those with one can be converted"
            )
        return self.convolution(name, stride)

    def norm(self, name: str) -> GroupNorm:
        weight, bias = self.array(f"{name}.weight"), self.array(f"{name}.bias")
        return GroupNorm(weight, bias, self.groups, _EPSILON)

    def residual(self, at: str) -> Residual:
        layers = (
            self.norm(f"{at}.norm1"), self.activation, self.convolution(f"{at}.conv1"),
            self.norm(f"{at}.norm2"), self.activation, self.convolution(f"{at}.conv2"),
        )  # fmt: skip
        shortcut = f"{at}.{self.names.shortcut}"
        return Residual(layers, self.convolution(shortcut) if self.has(shortcut) else None)

    def attention(self, at: str) -> Residual:
        norm, *projections = (f"{at}.{name}" for name in self.names.projections)
        inner = Attention(*(self.convolution(name) for name in projections))
        return Residual((self.norm(norm), inner))

    def blocks(self, at: str) -> list[ImageLayer]:
        """Residual blocks, each followed by its attention, if it has one."""
        found: list[ImageLayer] = []
        for j in range(_MOST):
            block = f"{at}.{self.names.residual.format(j)}"
            if not self.has(f"{block}.conv1"):
                break
            found.append(self.residual(block))
            attention = f"{at}.{self.names.attention.format(j)}"
            if self.has(f"{attention}.{self.names.projections[0]}"):
                found.append(self.attention(attention))
        return found

    def stages(self, pattern: str) -> list[str]:
        """The names of a half's blocks of one size, in the order of their numbers."""
        count = 0
        while count < _MOST and any(
            name.startswith(pattern.format(count) + ".") for name in self.state
        ):
            count += 1
        return [pattern.format(i) for i in range(count)]

    def middle(self, half: str) -> list[ImageLayer]:
        first, attention, second = (f"{half}.{name}" for name in self.names.middle)
        found: list[ImageLayer] = [self.residual(first)]
        if self.has(f"{attention}.{self.names.projections[0]}"):
            found.append(self.attention(attention))
        return [*found, self.residual(second)]

    def end(self, half: str) -> list[ImageLayer]:
        # The last activation is SiLU regardless of the blocks have.
        return [
            self.norm(f"{half}.{self.names.norm_out}"), Activation("silu"),
            self.convolution(f"{half}.conv_out"),
        ]  # fmt: skip

    def encoder(self) -> list[ImageLayer]:
        layers: list[ImageLayer] = [self.convolution("encoder.conv_in")]
        stages = self.stages(f"encoder.{self.names.down}")
        for stage in stages:
            layers += self.blocks(stage)
            if stage != stages[-1]:
                layers.append(self.resampling(f"{stage}.{self.names.smaller}", stride=2))
        return [*layers, *self.middle("encoder"), *self.end("encoder")]

    def decoder(self) -> list[ImageLayer]:
        layers: list[ImageLayer] = [self.convolution("decoder.conv_in"), *self.middle("decoder")]
        stages = self.stages(f"decoder.{self.names.up}")
        if self.names.ups_from_finest:
            stages.reverse()
        for stage in stages:
            layers += self.blocks(stage)
            if stage != stages[-1]:
                layers += [Upsample(2), self.resampling(f"{stage}.{self.names.larger}")]
        return [*layers, *self.end("decoder")]
