// Values at points: params.chosen.w of them, each a position u and a direction.

@group(0) @binding(3) var<storage, read> points: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let number = id.y * groups.x * 64u + id.x;
    if (number >= params.chosen.w) {
        return;
    }
    let u = points[2u * number].xyz;
    run_at(u);
    if (WHOLE.radiance != 0u) {
        let seen = color(points[2u * number + 1u].xyz);
        output[4u * number] = bitcast<u32>(select(0.0, density(), occupied(u)));
        output[4u * number + 1u] = bitcast<u32>(seen.x);
        output[4u * number + 2u] = bitcast<u32>(seen.y);
        output[4u * number + 3u] = bitcast<u32>(seen.z);
        return;
    }
    let channels = WHOLE.channels;
    for (var channel = 0u; channel < channels; channel++) {
        output[number * channels + channel] = bitcast<u32>(value(channel));
    }
}
