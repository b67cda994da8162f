// From values to colors.

@group(0) @binding(3) var<storage, read> table: array<vec4<f32>>;

// The place of a value in the range that the colors cover, 0 to 1.
fn place_of(value: f32) -> f32 {
    let low = params.transfer.x;
    return clamp((value - low) / (params.transfer.y - low), 0.0, 1.0);
}

fn table_color(place: f32) -> vec3<f32> {
    let at = place * f32(COLORS - 1u);
    let below = min(u32(at), COLORS - 2u);
    return mix(table[below].xyz, table[below + 1u].xyz, at - f32(below));
}
