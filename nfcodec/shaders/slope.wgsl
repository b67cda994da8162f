// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
// scattered (the R sequence, Roberts 2018), and of their slopes the 99th percentile where values
// are distances, else the greatest and half as much again: the first word of the output.

var<workgroup> counts: array<u32, 256>;
var<workgroup> bound: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= params.chosen.w) {
        return;
    }
    // Parts of one, times 2^32: the powers 1, 2, 3 of 1 / 1.2207440846, and a half to begin with.
    let place = vec3<u32>(0x80000000u) + id.x * vec3<u32>(3518319155u, 2882110345u, 2360945575u);
    let u = vec3<f32>(place >> vec3<u32>(8u)) / 8388608.0 - 1.0;
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    for (var end = 0u; end < 6u; end++) {
        let axis = end >> 1u;
        let value = distance_at(moved(u, axis, select(-1.0, 1.0, (end & 1u) == 0u), params.surface.y));
        if ((end & 1u) == 0u) {
            first = value;
        } else {
            let run = moved(u, axis, 1.0, params.surface.y) - moved(u, axis, -1.0, params.surface.y);
            gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
        }
    }
    output[id.x] = bitcast<u32>(length(gradient));
}

// The value below which `rank` others lie. Floats that are not negative are in order as integers.
fn ranked(thread: u32, rank: u32) -> f32 {
    if (thread == 0u) {
        bound = 0u;
    }
    for (var bit = 0u; bit < 31u; bit++) {
        workgroupBarrier();
        let candidate = bound | (1u << (30u - bit));
        var below = 0u;
        for (var i = thread; i < params.chosen.w; i += 256u) {
            below += select(0u, 1u, output[i] < candidate);
        }
        counts[thread] = below;
        workgroupBarrier();
        if (thread == 0u) {
            var sum = 0u;
            for (var i = 0u; i < 256u; i++) {
                sum += counts[i];
            }
            if (sum <= rank) {
                bound = candidate;
            }
        }
    }
    let found = workgroupUniformLoad(&bound);
    return bitcast<f32>(found);
}

@compute @workgroup_size(256)
fn reduce(@builtin(local_invocation_index) thread: u32) {
    let last = params.chosen.w - 1u;
    let greatest = ranked(thread, last);
    let at = 0.99 * f32(last);
    let lower = ranked(thread, u32(at));
    let upper = ranked(thread, min(u32(at) + 1u, last));
    if (thread == 0u) {
        var slope = 1.5 * greatest;
        if ((params.chosen.z & FLAG_EXACT_DISTANCE) != 0u) {
            slope = mix(lower, upper, fract(at));
        }
        output[0] = bitcast<u32>(max(slope, 1e-6));
    }
}
