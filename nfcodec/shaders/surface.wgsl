// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
// central differences. The same steps as nfcodec/render/surface.py takes.


const ENTERING = 0u;
const MARCHING = 1u;
const REFINING = 2u;
const TURNING = 3u;
const HIT = 4u;
const MISSED = 5u;

struct Hit {
    found: bool,
    t: f32,
    normal: vec3<f32>,
}

// The normal of the face of the box that a ray came in by, or against the ray from an eye inside.
fn cut_normal(ray: Ray, u: vec3<f32>) -> vec3<f32> {
    let face = select(vec3<f32>(1.0), vec3<f32>(-1.0), ray.direction > vec3<f32>(0.0));
    let still = ray.direction == vec3<f32>(0.0);
    let gap = select(0.5 * abs(u - face), vec3<f32>(3.0e38), still);
    if (min(gap.x, min(gap.y, gap.z)) >= 1e-4) {
        return -ray.direction;
    }
    if (gap.x <= gap.y && gap.x <= gap.z) {
        return vec3<f32>(face.x, 0.0, 0.0);
    }
    if (gap.y <= gap.z) {
        return vec3<f32>(0.0, face.y, 0.0);
    }
    return vec3<f32>(0.0, 0.0, face.z);
}

// One loop over what a ray goes through, so that the field is evaluated in one place.
fn trace(ray: Ray) -> Hit {
    let slope = params.march.w;
    let shortest = params.surface.x;
    var hit = Hit(false, 0.0, vec3<f32>(0.0));
    var state = ENTERING;
    if (ray.enter >= ray.leave) {
        state = MISSED;
    }
    var t = ray.enter;       // where the field is evaluated next
    var near = ray.enter;    // the last place known to be outside, and the value there
    var above = 0.0;
    var far = 0.0;           // a place inside, and the value there
    var below = 0.0;
    var side = 0.0;
    var count = 0u;          // refinements, then ends of differences, so far
    var surface = vec3<f32>(0.0);
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    while (state < HIT) {
        var u = ray.start + ray.slope * t;
        if (state == TURNING) {
            let away = select(-1.0, 1.0, (count & 1u) == 0u);
            u = moved(surface, count >> 1u, away, params.surface.y);
        }
        let value = distance_at(u);
        if (state == ENTERING && value <= 0.0) {
            hit = Hit(true, t, cut_normal(ray, u));
            state = HIT;
        } else if (state <= MARCHING) {
            if (value <= 0.0) {
                far = t;
                below = value;
                state = REFINING;
            } else if (state == MARCHING && t >= ray.leave) {
                state = MISSED;
            } else {
                near = t;
                above = value;
                t = min(t + max(value / slope, shortest), ray.leave);
                // Seen from very far away a step can be less than the place can tell.
                state = select(MISSED, MARCHING, t > near);
            }
        } else if (state == REFINING) {
            // Illinois: the end that stays for a second time has its value halved.
            if (value <= 0.0) {
                above = select(above, 0.5 * above, side > 0.0);
                far = t;
                below = value;
                side = 1.0;
            } else {
                below = select(below, 0.5 * below, side < 0.0);
                near = t;
                above = value;
                side = -1.0;
            }
            count += 1u;
            if (abs(value) <= TOLERANCE * slope * shortest || count == REFINEMENTS) {
                hit = Hit(true, t, vec3<f32>(0.0));
                surface = u;
                count = 0u;
                state = select(TURNING, HIT, params.image.w == MODE_DEPTH);
            }
        } else {
            if ((count & 1u) == 0u) {
                first = value;
            } else {
                let axis = count >> 1u;
                let run = moved(surface, axis, 1.0, params.surface.y)
                    - moved(surface, axis, -1.0, params.surface.y);
                gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
            }
            count += 1u;
            if (count == 6u) {
                let size = length(gradient);
                hit.normal = select(-ray.direction, gradient / max(size, 1e-12), size > 1e-12);
                state = HIT;
            }
        }
        if (state == REFINING) {
            t = near + (far - near) * (above / (above - below));
        }
    }
    return hit;
}

fn to_srgb(linear: vec3<f32>) -> vec3<f32> {
    let x = clamp(linear, vec3<f32>(0.0), vec3<f32>(1.0));
    let curved = 1.055 * pow(max(x, vec3<f32>(1e-8)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curved, 12.92 * x, x <= vec3<f32>(0.0031308));
}

// A clay-like surface lit from the camera's upper left: a warm key light, a cool fill light and a
// sky above a ground, all of which move with the camera.
fn shade(normal: vec3<f32>, towards: vec3<f32>) -> vec3<f32> {
    let axes = mat3x3<f32>(params.right.xyz, params.up.xyz, params.back.xyz);
    let n = normal * axes;
    let view = -towards * axes;
    let up = 0.5 + 0.5 * n.y;
    var light = mix(vec3<f32>(0.07, 0.06, 0.055), vec3<f32>(0.19, 0.21, 0.25), up);
    var shine = 0.0;
    for (var lamp = 0u; lamp < 2u; lamp++) {
        let key = lamp == 0u;
        let place = normalize(select(vec3<f32>(0.85, 0.05, 0.40), vec3<f32>(-0.55, 0.65, 0.55), key));
        let tint = select(vec3<f32>(0.22, 0.27, 0.35), vec3<f32>(1.05, 1.00, 0.93), key);
        let facing = max((dot(n, place) + WRAP) / (1.0 + WRAP), 0.0);
        light += tint * facing * sqrt(facing);
        let half = view + place;
        let mirrored = max(dot(n, half / max(length(half), 1e-12)), 0.0);
        shine += select(0.04, 0.14, key) * pow(max(mirrored, 1e-8), 48.0);
    }
    return to_srgb(vec3<f32>(0.56, 0.53, 0.49) * light + shine);
}

fn lit(n: vec3<f32>, towards: vec3<f32>, around: f32) -> f32 {
    return max((dot(n, normalize(towards)) + around) / (1.0 + around), 0.0);
}

// Terracotta in a studio, which the normal alone decides: a large warm lamp at the camera's upper
// left with its soft reflection, a cool one at the right, a bright edge towards the upper right.
fn matcap(normal: vec3<f32>) -> vec3<f32> {
    let n = normal * mat3x3<f32>(params.right.xyz, params.up.xyz, params.back.xyz);
    let up = 0.5 + 0.5 * n.y;
    let lamp = vec3<f32>(-0.50, 0.62, 0.60);
    let key = lit(n, lamp, 0.30);
    let fill = lit(n, vec3<f32>(0.80, -0.15, 0.58), 0.40);
    let light = mix(vec3<f32>(0.10, 0.07, 0.06), vec3<f32>(0.22, 0.24, 0.30), up)
        + vec3<f32>(1.12, 1.02, 0.90) * key * sqrt(key)
        + vec3<f32>(0.16, 0.20, 0.30) * fill * fill;
    let clay = mix(vec3<f32>(0.20, 0.05, 0.03), vec3<f32>(0.58, 0.24, 0.13), key);
    let away = dot(n, normalize(normalize(lamp) + vec3<f32>(0.0, 0.0, 1.0))) - 1.0;
    let shine = 0.30 * exp(60.0 * away) + 0.07 * exp(9.0 * away);
    let turned = 1.0 - max(n.z, 0.0);
    let edge = turned * turned * turned * lit(n, vec3<f32>(0.75, 0.45, -0.48), 0.55);
    return to_srgb(
        clay * light + vec3<f32>(1.00, 0.95, 0.88) * shine + vec3<f32>(0.50, 0.56, 0.66) * edge);
}

fn draw_ray(ray: Ray) -> vec3<f32> {
    let hit = trace(ray);
    if (params.image.w == MODE_DEPTH) {
        return depth_color(hit.t, select(0.0, 1.0, hit.found));
    }
    if (!hit.found) {
        return params.background.xyz;
    }
    if (params.image.w == MODE_NORMALS) {
        return 0.5 + 0.5 * hit.normal;
    }
    if (params.image.w == MODE_MATCAP) {
        return matcap(hit.normal);
    }
    return shade(hit.normal, ray.direction);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
