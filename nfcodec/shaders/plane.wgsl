// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        // params.lens.xy: u per pixel; params.eye.xy: u in the image's middle.
        let from_center = place_in_pixel(pixel, number) - 0.5 * vec2<f32>(params.image.xy);
        let u = from_center * params.lens.xy * vec2<f32>(1.0, -1.0) + params.eye.xy;
        if (all(abs(u) <= vec2<f32>(1.0))) {
            run_at(vec3<f32>(u, 0.0));
            sum += table_color(place_of(value(params.chosen.y)));
        } else {
            sum += params.background.xyz;
        }
    }
    write_pixel(pixel, sum);
}
