// From values to colors.

const TABLE_SIZE = 256u;

// The place of a value in the range that the colors cover, 0 to 1.
fn place_of(value: f32) -> f32 {
    let low = params.transfer.x;
    return clamp((value - low) / (params.transfer.y - low), 0.0, 1.0);
}

fn table_color(place: f32) -> vec3<f32> {
    let at = place * f32(TABLE_SIZE - 1u);
    let below = min(u32(at), TABLE_SIZE - 2u);
    return mix(table[below].xyz, table[below + 1u].xyz, at - f32(below));
}
