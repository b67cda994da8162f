// What a level's vectors are, from its codes as they are stored.

// The words at which the vectors of four rows begin.
fn addresses(level: Level, rows: vec4<u32>) -> vec4<u32> {
    var at = rows;
    if (level.code_tag == CODE_VQ) {
        let buffer = level.codes_buffer;
        let bits = level.bits;
        let bit = rows * bits;
        let shift = bit & vec4<u32>(31u);
        let first = (bit >> vec4<u32>(5u)) + level.codes;
        at = vec4<u32>(
            word(buffer, first.x), word(buffer, first.y),
            word(buffer, first.z), word(buffer, first.w)) >> shift;
        if (32u % bits != 0u) {
            let next = vec4<u32>(
                word(buffer, first.x + 1u), word(buffer, first.y + 1u),
                word(buffer, first.z + 1u), word(buffer, first.w + 1u));
            at |= (next << vec4<u32>(1u)) << (31u - shift);
        }
        at &= vec4<u32>((1u << bits) - 1u);
    }
    return at * level.pitch + level.vectors;
}

fn halves(buffer: u32, at: u32) -> vec2<f32> {
    return unpack2x16float(word(buffer, at));
}

// Two channels of the mean of four vectors of halves.
fn mixed_halves(buffer: u32, at: vec4<u32>, weights: vec4<f32>) -> vec2<f32> {
    return weights.x * halves(buffer, at.x) + weights.y * halves(buffer, at.y)
        + weights.z * halves(buffer, at.z) + weights.w * halves(buffer, at.w);
}

fn floats(buffer: u32, at: u32) -> vec2<f32> {
    return vec2<f32>(bitcast<f32>(word(buffer, at)), bitcast<f32>(word(buffer, at + 1u)));
}

fn mixed_floats(buffer: u32, at: vec4<u32>, weights: vec4<f32>) -> vec2<f32> {
    return weights.x * floats(buffer, at.x) + weights.y * floats(buffer, at.y)
        + weights.z * floats(buffer, at.z) + weights.w * floats(buffer, at.w);
}

// Channels 2 * pair and 2 * pair + 1 of what is stored for the corners of a level.
fn mixed_pair(level: Level, corners: Corners, pair: u32) -> vec2<f32> {
    let buffer = level.vectors_buffer;
    if (level.code_tag == CODE_FLOAT32) {
        var sum = mixed_floats(buffer, corners.rows0 + 2u * pair, corners.weights0);
        if (level.corners == 8u) {
            sum += mixed_floats(buffer, corners.rows1 + 2u * pair, corners.weights1);
        }
        return sum;
    }
    var sum = mixed_halves(buffer, corners.rows0 + pair, corners.weights0);
    if (level.corners == 8u) {
        sum += mixed_halves(buffer, corners.rows1 + pair, corners.weights1);
    }
    return sum;
}

// Four channels of what is stored, from 4 * block on; zero beyond `width`.
fn mixed_block(level: Level, corners: Corners, block: u32, width: u32) -> vec4<f32> {
    var high = vec2<f32>(0.0);
    if (4u * block + 2u < width) {
        high = mixed_pair(level, corners, 2u * block + 1u);
    }
    return vec4<f32>(mixed_pair(level, corners, 2u * block), high);
}

// Four channels, from 4 * block on, of the mean and the basis, once scratch has the coefficients.
// Interpolation is linear: the coefficients are mixed, then the basis multiplies them once.
fn expanded_block(level: Level, present: f32, block: u32) -> vec4<f32> {
    let buffer = level.basis_buffer;
    let pairs = (level.features + 1u) / 2u;
    let both = 2u * block + 1u < pairs;
    var at = level.basis + 2u * block;
    var low = present * halves(buffer, at);
    var high = vec2<f32>(0.0);
    if (both) {
        high = present * halves(buffer, at + 1u);
    }
    for (var r = 0u; r < level.rank; r++) {
        at += pairs;
        let coefficient = memory[WHOLE.scratch + (r >> 2u)][r & 3u];
        low += coefficient * halves(buffer, at);
        if (both) {
            high += coefficient * halves(buffer, at + 1u);
        }
    }
    return vec4<f32>(low, high);
}
