"""VQGAN's network (Esser et al. 2021) in PyTorch, under the names of diffusers and of
taming-transformers: what importing either is compared with.

Written from the published description of the network; that diffusers' own ``VQModel`` is imported
as well is a test of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

DIFFUSERS = {
    "down": "down_blocks", "up": "up_blocks", "block": "resnets", "attn": "attentions",
    "shortcut": "conv_shortcut", "norm_out": "conv_norm_out",
    "norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0",
}  # fmt: skip
GROUPS = 4


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, eps=1e-6)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, outputs, eps=1e-6)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.nin_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(functional.silu(self.norm1(x)))
        h = self.conv2(functional.silu(self.norm2(h)))
        return h + (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x)


class Attention(nn.Module):
    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv2d(channels, channels, 1) for _ in "qkvo")

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(x)
        q, k, v = (part(h).flatten(2) for part in (self.q, self.k, self.v))
        weights = torch.softmax(q.mT @ k * q.shape[1] ** -0.5, dim=2)
        return x + self.proj_out((v @ weights.mT).reshape(x.shape))


class Stage(nn.Module):
    def __init__(self, widths: Sequence[int], attends: bool, groups: int) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.block = nn.ModuleList(Block(a, b, groups) for a, b in pairs)
        self.attn = nn.ModuleList(Attention(b, groups) for _, b in pairs if attends)

    def forward(self, x: Tensor) -> Tensor:
        for i, block in enumerate(self.block):
            x = block(x)
            if self.attn:
                x = self.attn[i](x)
        return x


class Half(nn.Module):
    """Its last stage but one attends; so does its middle."""

    def __init__(self, channels: Sequence[int], layers: int, z: int, decodes: bool, groups: int):
        super().__init__()
        self.decodes = decodes
        last = channels[-1]
        self.conv_in = nn.Conv2d(z if decodes else 3, last if decodes else channels[0], 3, 1, 1)
        stages = []
        entering = last if decodes else channels[0]
        order = channels[::-1] if decodes else channels
        for i, width in enumerate(order):
            stage = Stage([entering] + [width] * layers, i == len(order) - 2, groups)
            if i < len(order) - 1:
                module = nn.Module()
                module.conv = nn.Conv2d(width, width, 3, 1 if decodes else 2, 1 if decodes else 0)
                setattr(stage, "upsample" if decodes else "downsample", module)
            stages.append(stage)
            entering = width
        # taming-transformers counts the decoder's stages from the finest.
        ordered = nn.ModuleList(stages[::-1] if decodes else stages)
        setattr(self, "up" if decodes else "down", ordered)
        self.mid = nn.Module()
        self.mid.block_1 = Block(last, last, groups)
        self.mid.attn_1 = Attention(last, groups)
        self.mid.block_2 = Block(last, last, groups)
        end = channels[0] if decodes else last
        self.norm_out = nn.GroupNorm(groups, end, eps=1e-6)
        self.conv_out = nn.Conv2d(end, 3 if decodes else z, 3, 1, 1)

    def middle(self, x: Tensor) -> Tensor:
        return self.mid.block_2(self.mid.attn_1(self.mid.block_1(x)))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_in(x)
        if self.decodes:
            x = self.middle(x)
        for stage in list(self.up)[::-1] if self.decodes else self.down:
            x = stage(x)
            if hasattr(stage, "upsample"):
                x = stage.upsample.conv(functional.interpolate(x, scale_factor=2.0))
            elif hasattr(stage, "downsample"):
                x = stage.downsample.conv(functional.pad(x, (0, 1, 0, 1)))
        if not self.decodes:
            x = self.middle(x)
        return self.conv_out(functional.silu(self.norm_out(x)))


class Vqgan(nn.Module):
    """Images in [-1, 1]; ``channels`` from the finest stage on."""

    def __init__(self, channels: Sequence[int] = (8, 8, 16), groups: int = GROUPS) -> None:
        super().__init__()
        self.encoder = Half(channels, 1, 4, False, groups)
        self.quant_conv = nn.Conv2d(4, 3, 1)
        self.quantize = nn.Module()
        self.quantize.embedding = nn.Embedding(16, 3)
        self.post_quant_conv = nn.Conv2d(3, 4, 1)
        self.decoder = Half(channels, 2, 4, True, groups)

    def encode(self, images: Tensor) -> Tensor:
        return self.quant_conv(self.encoder(images))

    def nearest(self, features: Tensor) -> Tensor:
        vectors = features.permute(0, 2, 3, 1).flatten(0, 2)
        found = torch.cdist(vectors, self.quantize.embedding.weight).argmin(dim=1)
        return found.reshape(features.shape[0], *features.shape[2:])

    def decode(self, indices: Tensor) -> Tensor:
        codes = self.quantize.embedding(indices).permute(0, 3, 1, 2)
        return self.decoder(self.post_quant_conv(codes))


def random_vqgan(**options: Any) -> Vqgan:
    """Weights under which every part matters and codes lie where features do."""
    torch.manual_seed(0)
    model = Vqgan(**options)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".norm" in name and name.endswith("weight"):
                parameter.uniform_(0.5, 1.5)
            elif name.endswith("bias"):
                parameter.normal_(std=0.2)
        features = model.encode(torch.rand((1, 3, 32, 32)) * 2 - 1)[0].flatten(1).T
        model.quantize.embedding.weight.copy_(features[torch.randperm(len(features))[:16]])
    return model.eval()


def as_diffusers(state: dict[str, Tensor], stages: int = 3, old: bool = False) -> dict[str, Tensor]:
    """Tensors by the names that diffusers gives them; ``old``: those of before version 0.18."""
    renamed = {}
    for name, value in state.items():
        parts = name.split(".")
        half = parts[0] in ("encoder", "decoder")
        attends = "attn" in parts or "attn_1" in parts
        if half and parts[1] == "mid":
            which = {"block_1": "resnets.0", "block_2": "resnets.1", "attn_1": "attentions.0"}
            parts[1:3] = ["mid_block", which[parts[2]]]
        elif half and parts[1] in ("down", "up"):
            number = int(parts[2])
            parts[2] = str(stages - 1 - number if parts[1] == "up" else number)
            parts[1] = DIFFUSERS[parts[1]]
            if parts[3] in ("downsample", "upsample"):
                parts[3] = parts[3].replace("sample", "samplers.0")
            else:
                parts[3] = DIFFUSERS[parts[3]]
        elif half and parts[1] == "norm_out":
            parts[1] = DIFFUSERS["norm_out"]
        if "nin_shortcut" in parts:
            parts[parts.index("nin_shortcut")] = DIFFUSERS["shortcut"]
        if attends:
            inner = parts[-2]
            parts[-2] = DIFFUSERS[inner]
            if inner != "norm":
                value = value[:, :, 0, 0] if value.ndim == 4 else value
                if old:
                    parts[-2] = {
                        "q": "query", "k": "key", "v": "value", "proj_out": "proj_attn",
                    }[inner]  # fmt: skip
        renamed[".".join(parts)] = value.clone()
    return renamed
