"""Make a small .nfc file of any Python function: here of a ball with a colored shell."""

import sys

import numpy as np

import nfcodec


def ball(points, directions):  # (P, 3) and (P, 3) -> densities (P,), colors (P, 3)
    radius = np.linalg.norm(points, axis=1)
    return 80.0 * (np.abs(radius - 0.7) < 0.06), 0.5 + 0.5 * points / radius[:, None].clip(1e-6)


steps = int(sys.argv[2]) if len(sys.argv) > 2 else 600
field = nfcodec.refit(ball, bounds=[[-1, -1, -1], [1, 1, 1]], kind="nerf", steps=steps)
nfcodec.save(nfcodec.encode(field, method="kmeans", bits=6), sys.argv[1])
