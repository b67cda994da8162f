// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

// Negative inside.
fn distance_at(u: vec3<f32>) -> f32 {
    run_at(u);
    return params.surface.z + params.surface.w * value(params.chosen.y);
}

// Central differences along an axis end here: `side` -1 or 1 step of `step` units, in the box.
fn moved(u: vec3<f32>, axis: u32, side: f32, step: f32) -> vec3<f32> {
    let towards = vec3<f32>(vec3<u32>(axis) == vec3<u32>(0u, 1u, 2u));
    return clamp(u + side * step * params.scale.xyz * towards, vec3<f32>(-1.0), vec3<f32>(1.0));
}
