// The features at a point: every level in use, interpolated and combined.

// Adds four channels, or multiplies by them, from `channel` on; those beyond `count` are left.
fn combine(channel: u32, count: u32, value: vec4<f32>, product: bool) {
    let at = channel >> 2u;
    let shift = channel & 3u;
    if (!product && shift == 0u) {
        memory[at] += value;  // beyond `count` it is zero
        return;
    }
    for (var i = 0u; i < min(count, 4u); i++) {
        let place = channel + i;
        let old = memory[place >> 2u][place & 3u];
        memory[place >> 2u][place & 3u] = select(old + value[i], old * value[i], product);
    }
}

fn add_level(level: Level, u: vec3<f32>) {
    let point = vec4<f32>(u, 1.0);
    let v = vec3<f32>(
        dot(level.x, point),
        dot(level.y, point),
        dot(level.z, point));
    var corners = locate(level, v);
    let present = dot(corners.weights0 + corners.weights1, vec4<f32>(1.0));
    let product = level.multiplies != 0u && params.chosen.x + 1u >= level.multiplies;
    if (present == 0.0 && !product) {
        return;  // outside the level, which adds nothing there
    }
    corners.rows0 = addresses(level, corners.rows0);
    if (level.corners == 8u) {
        corners.rows1 = addresses(level, corners.rows1);
    }
    let features = level.features;
    let lowrank = level.code_tag == CODE_LOWRANK;
    if (lowrank) {
        let rank = level.rank;
        for (var block = 0u; 4u * block < rank; block++) {
            memory[WHOLE.scratch + block] = mixed_block(level, corners, block, rank);
        }
    }
    for (var block = 0u; 4u * block < features; block++) {
        var value: vec4<f32>;
        if (lowrank) {
            value = expanded_block(level, present, block);
        } else {
            value = mixed_block(level, corners, block, features);
        }
        combine(level.channel + 4u * block, features - 4u * block, value, product);
    }
}

// Forgets the features of the last point.
fn clear_features() {
    for (var block = 0u; block < WHOLE.feature_blocks; block++) {
        memory[block] = vec4<f32>(0.0);
    }
}
