"""The dense lookup as a kernel of NVIDIA Warp, for :mod:`lookup`; nfcodec does not use Warp."""

import warp as wp

FEATURES = 16


# Warp reads the annotations of a kernel, so they cannot be postponed.
@wp.kernel
def interpolate_dense(
    points: wp.array(dtype=wp.vec3),
    values: wp.array2d(dtype=float),
    side: int,
    out: wp.array2d(dtype=float),
):
    """Trilinear interpolation at points in [-1, 1] of ``values`` (side^3, FEATURES)."""
    p = wp.tid()
    last = float(side - 1)
    gx = wp.clamp((points[p][0] + 1.0) * 0.5 * last, 0.0, last)
    gy = wp.clamp((points[p][1] + 1.0) * 0.5 * last, 0.0, last)
    gz = wp.clamp((points[p][2] + 1.0) * 0.5 * last, 0.0, last)
    x = wp.min(int(gx), side - 2)
    y = wp.min(int(gy), side - 2)
    z = wp.min(int(gz), side - 2)
    fx, fy, fz = gx - float(x), gy - float(y), gz - float(z)
    r = (z * side + y) * side + x
    for f in range(FEATURES):
        a = values[r, f] * (1.0 - fx) + values[r + 1, f] * fx
        b = values[r + side, f] * (1.0 - fx) + values[r + side + 1, f] * fx
        s = r + side * side
        c = values[s, f] * (1.0 - fx) + values[s + 1, f] * fx
        d = values[s + side, f] * (1.0 - fx) + values[s + side + 1, f] * fx
        low = a * (1.0 - fy) + b * fy
        high = c * (1.0 - fy) + d * fy
        out[p, f] = low * (1.0 - fz) + high * fz
