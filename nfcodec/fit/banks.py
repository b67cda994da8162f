"""What a field is fitted to, prepared once: views of a teacher, its values, a mesh's distances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from nfcodec.data.sdf import SurfaceDistance, in_precision, sample
from nfcodec.errors import UsageError
from nfcodec.evaluate import FieldModule
from nfcodec.fit.points import PointBank, numerical_gradient, values_at
from nfcodec.fit.rays import RayBank
from nfcodec.fit.viewpoints import recall
from nfcodec.model.field import Field
from nfcodec.model.kinds import kind_of
from nfcodec.progress import Progress, Silent
from nfcodec.render.volume import render_rays

#: Views of the teacher at most, and their longest side in pixels.
TEACHER_VIEWS, TEACHER_SIZE = 80, 200
#: Points at which a teacher's values are taken, at most.
TEACHER_POINTS = 1 << 19

Floats = npt.NDArray[np.float64]


def distance_bank(surface: SurfaceDistance, bounds: Floats, count: int, seed: int) -> PointBank:
    """Points on, near and away from the surface with distances and their gradients."""
    samples = sample(surface, bounds, count, seed)
    points = samples.points.astype(np.float64)
    closest = surface.closest(points)
    away = points - closest.points
    # Right at the surface the direction to it is rounding noise; its normal is the gradient.
    near = closest.distances < 1e-4 * float((bounds[1] - bounds[0]).max())
    length = np.maximum(closest.distances, 1e-30)[:, None]
    sign = np.sign(samples.distances)[:, None]
    gradients = np.where(near[:, None], closest.normals, away / length * sign)
    return PointBank(
        torch.from_numpy(samples.points),
        torch.from_numpy(samples.distances[:, None]),
        torch.from_numpy(gradients.astype(np.float32)),
    )


def teacher_views(
    teacher: FieldModule,
    field: Field,
    seed: int,
    progress: Progress | None = None,
    views: int = TEACHER_VIEWS,
) -> RayBank:
    """Pixels of a radiance field rendered from where it was trained, or from all around."""
    progress = progress or Silent()
    rng = np.random.default_rng(seed)
    cameras = recall(field, views, TEACHER_SIZE, rng)
    progress.start("rendering the field", len(cameras))
    targets = []
    for i, camera in enumerate(cameras):
        origins, directions = (torch.from_numpy(a).to(teacher.device) for a in camera.rays())
        black = torch.zeros(3, device=teacher.device)
        seen = render_rays(teacher, origins, directions, background=black)
        alpha = seen.opacity[:, None]
        straight = seen.color / alpha.clamp_min(1e-4)
        pixels = torch.cat([straight.clamp(0.0, 1.0), alpha], dim=1)
        targets.append(pixels.half().cpu().numpy().reshape(camera.height, camera.width, 4))
        progress.update(i + 1)
    progress.finish()
    return RayBank(cameras, np.stack(targets), teacher.device)


def teacher_points(
    teacher: FieldModule,
    field: Field,
    seed: int,
    reach: float | None = None,
    count: int = TEACHER_POINTS,
) -> PointBank:
    """``count`` values of a distance or scalar field where they matter.

    Half of the points are spread evenly. The others are, for a distance, near its zero and, for a
    scalar field, where values change: candidates are kept with a probability that rises with the
    difference to a neighboring point. ``reach``: take slopes too, over this distance. UsageError
    if the field's values are not finite.
    """
    rng = np.random.default_rng(seed)
    low, high = field.bounds
    even = rng.uniform(low, high, (count // 2, field.dims))
    pool = rng.uniform(low, high, (4 * count, field.dims))
    values = values_at(teacher, pool).cpu().numpy().astype(np.float64)
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise UsageError(
            f"the field gives NaN or infinity at {1.0 - finite.mean():.2%} of its points, so that "
            "codes cannot learn from it; mend its weights, or choose a method without steps"
        )
    if kind_of(field).is_distance:
        width = 0.02 * float((high - low).max())
        score = np.exp(-np.abs(values[:, 0]) / width)
    else:
        step = rng.normal(scale=0.01, size=pool.shape) * (high - low)
        other = values_at(teacher, np.clip(pool + step, low, high)).cpu().numpy()
        score = np.abs(other - values).mean(axis=1)
    if score.sum() <= 0.0:
        score = np.ones(len(pool))
    chosen = rng.choice(len(pool), count - len(even), p=score / score.sum())
    points = in_precision(np.concatenate([even, pool[chosen]]), field.bounds)
    gradients = None
    at = torch.from_numpy(points).to(teacher.device)
    if reach is not None:
        with torch.no_grad():
            gradients = torch.cat(
                [numerical_gradient(teacher, part, reach) for part in torch.split(at, 1 << 15)]
            )
    return PointBank(at, values_at(teacher, points), gradients)
