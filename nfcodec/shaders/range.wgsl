// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
// first two words of the output.

var<workgroup> least: array<f32, 256>;
var<workgroup> greatest: array<f32, 256>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let count = params.cells.xyz;
    if (id.x >= params.chosen.w) {
        return;
    }
    let cell = vec3<u32>(id.x % count.x, (id.x / count.x) % count.y, id.x / (count.x * count.y));
    let u = (vec3<f32>(cell) + 0.5) / vec3<f32>(count) * 2.0 - 1.0;
    run_at(u);
    output[id.x] = bitcast<u32>(value(params.chosen.y));
}

@compute @workgroup_size(256)
fn reduce(@builtin(local_invocation_index) thread: u32) {
    var low = bitcast<f32>(output[0]);
    var high = low;
    for (var i = thread; i < params.chosen.w; i += 256u) {
        let value = bitcast<f32>(output[i]);
        low = min(low, value);
        high = max(high, value);
    }
    least[thread] = low;
    greatest[thread] = high;
    workgroupBarrier();
    if (thread == 0u) {
        for (var i = 1u; i < 256u; i++) {
            low = min(low, least[i]);
            high = max(high, greatest[i]);
        }
        // A constant field, but for rounding, gets a range of one around its value.
        if (high - low <= 1e-5 * max(abs(low), abs(high))) {
            low -= 0.5;
            high += 0.5;
        }
        output[0] = bitcast<u32>(low);
        output[1] = bitcast<u32>(high);
    }
}
