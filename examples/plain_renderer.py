"""A coded field inside somebody else's renderer: a plain ray-marching loop in PyTorch.

    python examples/plain_renderer.py lego.nfc -o view.png [--device cuda]

``nfcodec.module(nfcodec.open(path), device)`` is a torch module that takes points and directions to
density, r, g, b. It reads packed indices and is differentiable in the points. The loop below knows
nothing else of the codec, and can be exchanged for nerfacc's or any other. At the end the camera,
moved aside a little, finds its way back by gradient descent through the file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

import nfcodec
from nfcodec.render.views import camera as first_view


def render(field: torch.nn.Module, origins: Tensor, directions: Tensor, samples: int) -> Tensor:
    """(R, 3) colors of R rays over white, from ``samples`` even steps through the field's box."""
    low, high = field.low, field.high
    inverse = 1.0 / torch.where(directions == 0, torch.full_like(directions, 1e-9), directions)
    a, b = (low - origins) * inverse, (high - origins) * inverse
    near = torch.minimum(a, b).amax(dim=1).clamp_min(0.0)
    far = torch.maximum(a, b).amin(dim=1)
    step = ((far - near) / samples).clamp_min(0.0)
    t = near[:, None] + (torch.arange(samples, device=origins.device) + 0.5) * step[:, None]
    points = origins[:, None] + t[..., None] * directions[:, None]
    along = directions[:, None].expand_as(points)
    values = field(points.reshape(-1, 3), along.reshape(-1, 3)).reshape(-1, samples, 4)
    opacity = 1.0 - torch.exp(-values[..., 0] * step[:, None])
    passed = torch.cumprod(1.0 - opacity + 1e-10, dim=1)
    weights = opacity * torch.cat([torch.ones_like(passed[:, :1]), passed[:, :-1]], dim=1)
    color = (weights[..., None] * values[..., 1:]).sum(dim=1)
    return color + 1.0 - weights.sum(dim=1, keepdim=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("field", type=Path, help="a coded radiance field (.nfc)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="image to write")
    parser.add_argument("--size", type=int, default=160, help="pixels a side")
    parser.add_argument("--samples", type=int, default=192, help="samples on a ray")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    options = parser.parse_args()

    coded = nfcodec.open(options.field)
    field = nfcodec.module(coded, options.device)
    view = first_view(coded, size=(options.size, options.size))
    origins, directions = (torch.from_numpy(a.copy()).to(field.device) for a in view.rays())

    with torch.no_grad():
        parts = zip(origins.split(4096), directions.split(4096), strict=True)
        image = torch.cat([render(field, o, d, options.samples) for o, d in parts])
    pixels = (image.reshape(options.size, options.size, 3).clamp(0, 1) * 255 + 0.5).byte()
    Image.fromarray(pixels.cpu().numpy()).save(options.output)
    print(f"{options.output}: {options.size} x {options.size}, drawn on {field.device}")

    some = torch.randperm(len(origins), generator=torch.Generator().manual_seed(0))[:1024]
    size = float((field.high - field.low).max())
    shift = torch.full((3,), 0.01 * size, device=field.device, requires_grad=True)
    before = float(shift.detach().norm())
    optimizer = torch.optim.Adam([shift], lr=0.001 * size)
    for _ in range(40):
        seen = render(field, origins[some] + shift, directions[some], options.samples)
        loss = (seen - image[some]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    after = float(shift.detach().norm())
    print(f"camera off by {before / size:.2%} of the box; found to {after / size:.2%}")


if __name__ == "__main__":
    main()
