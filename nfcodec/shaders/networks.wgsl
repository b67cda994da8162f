// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
// vectors of four; weights of channels that are not there are zero.

// sin(r) for r in [-pi / 2, pi / 2], or its negative where `turns` is odd.
fn sine_of(r: vec4<f32>, turns: vec4<f32>) -> vec4<f32> {
    let s = r * r;
    var p = fma(s, vec4<f32>(2.60005462e-6), vec4<f32>(-1.98066151e-4));
    p = fma(s, p, vec4<f32>(8.33301729e-3));
    p = fma(s, p, vec4<f32>(-1.66666571e-1));
    let value = fma(r * s, p, r);
    return select(value, -value, (vec4<i32>(turns) & vec4<i32>(1)) != vec4<i32>(0));
}

// x - times pi, with pi in three parts of few bits (Cody and Waite).
fn less_pi(x: vec4<f32>, times: vec4<f32>) -> vec4<f32> {
    let r = fma(times, vec4<f32>(-3.140625), x);
    return fma(times, vec4<f32>(-1.509957990978376432e-7),
        fma(times, vec4<f32>(-9.67502593994140625e-4), r));
}

// The built-in functions promise little beyond [-pi, pi], and that to 2^-11 only.
fn sine(x: vec4<f32>) -> vec4<f32> {
    let turns = round(x * 0.31830988618379067);
    return sine_of(less_pi(x, turns), turns);
}

fn cosine(x: vec4<f32>) -> vec4<f32> {
    let turns = floor(x * 0.31830988618379067) + 1.0;
    return sine_of(less_pi(x, turns - 0.5), turns);
}

fn activate(kind: u32, x: vec4<f32>) -> vec4<f32> {
    switch (kind) {
        case ACTIVATION_RELU: { return max(x, vec4<f32>(0.0)); }
        case ACTIVATION_LEAKY_RELU: { return select(0.01 * x, x, x > vec4<f32>(0.0)); }
        case ACTIVATION_SINE: { return sine(x); }
        case ACTIVATION_SOFTPLUS: { return max(x, vec4<f32>(0.0)) + log(1.0 + exp(-abs(x))); }
        case ACTIVATION_EXP: { return exp(min(x, vec4<f32>(15.0))); }
        // Exponents are kept where float32 does not overflow: the result of that is not defined.
        case ACTIVATION_SIGMOID: { return 1.0 / (1.0 + exp(-max(x, vec4<f32>(-80.0)))); }
        case ACTIVATION_TANH: {
            return 1.0 - 2.0 / (1.0 + exp(2.0 * min(x, vec4<f32>(40.0))));
        }
        case ACTIVATION_SNAKE_ALT: {
            let s = sine(x);
            return 0.5 * x + s * s;
        }
        case ACTIVATION_ELU: {
            return select(exp(min(x, vec4<f32>(0.0))) - 1.0, x, x > vec4<f32>(0.0));
        }
        case ACTIVATION_SILU: { return x / (1.0 + exp(-max(x, vec4<f32>(-80.0)))); }
        default: { return x; }
    }
}

// Real spherical harmonics, numbered as in formats/nfc-v1-evaluation.md, four at a time.
fn harmonics_0(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.28209479177387814, -0.48860251190291987 * d.y,
        0.48860251190291987 * d.z, -0.48860251190291987 * d.x);
}

fn harmonics_1(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(1.0925484305920792 * d.x * d.y, -1.0925484305920792 * d.y * d.z,
        0.94617469575755997 * d.z * d.z - 0.31539156525251999, -1.0925484305920792 * d.x * d.z);
}

fn harmonics_2(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.54627421529603959 * (d.x * d.x - d.y * d.y),
        0.59004358992664352 * d.y * (d.y * d.y - 3.0 * d.x * d.x),
        2.8906114426405538 * d.x * d.y * d.z,
        0.45704579946446572 * d.y * (1.0 - 5.0 * d.z * d.z));
}

fn harmonics_3(d: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(0.3731763325901154 * d.z * (5.0 * d.z * d.z - 3.0),
        0.45704579946446572 * d.x * (1.0 - 5.0 * d.z * d.z),
        1.4453057213202769 * d.z * (d.x * d.x - d.y * d.y),
        0.59004358992664352 * d.x * (3.0 * d.y * d.y - d.x * d.x));
}

fn harmonics(d: vec3<f32>, block: u32) -> vec4<f32> {
    switch (block) {
        case 0u: { return harmonics_0(d); }
        case 1u: { return harmonics_1(d); }
        case 2u: { return harmonics_2(d); }
        default: { return harmonics_3(d); }
    }
}

// Four of the channels that enter a network, zero for those outside its slice.
fn input_block(item: Input, block: u32) -> vec4<f32> {
    let value = memory[item.source + block];
    let channel = 4u * block + vec4<u32>(0u, 1u, 2u, 3u);
    let inside = (channel >= vec4<u32>(item.begin))
        & (channel < vec4<u32>(item.end));
    return select(vec4<f32>(0.0), value, inside);
}

fn input_channel(item: Input, i: u32) -> f32 {
    let channel = item.begin + i;
    return memory[item.source + (channel >> 2u)][channel & 3u];
}

// Encodes one input of a network.
fn encode(item: Input) {
    var result_at = item.result;
    if (item.encoding == ENCODING_SPHERICAL_HARMONICS) {
        let d = vec3<f32>(
            input_channel(item, 0u), input_channel(item, 1u), input_channel(item, 2u));
        for (var block = 0u; block < item.frequencies; block++) {
            memory[result_at + block] = harmonics(d, block);
        }
        return;
    }
    let first = item.begin / 4u;
    let last = (item.end + 3u) / 4u;
    if (item.raw != 0u) {
        for (var block = first; block < last; block++) {
            memory[result_at] = input_block(item, block);
            result_at += 1u;
        }
    }
    var factor = item.scale;
    for (var k = 0u; k < item.frequencies; k++) {
        for (var block = first; block < last; block++) {
            let x = input_block(item, block) * factor;
            memory[result_at] = sine(x);
            memory[result_at + last - first] = cosine(x);
            result_at += 1u;
        }
        result_at += last - first;
        factor *= 2.0;
    }
}

// Four outputs' sums over `columns` vectors of four from memory[input] on.
fn dot_columns(first: vec4<f32>, weights_at: u32, input: u32, columns: u32) -> vec4<f32> {
    var sum = first;
    var at = weights_at;
    for (var column = 0u; column < columns; column++) {
        let x = memory[input + column];
        sum += weights[at] * x.x + weights[at + 1u] * x.y
            + weights[at + 2u] * x.z + weights[at + 3u] * x.w;
        at += 4u;
    }
    return sum;
}

fn run_layer(layer: Layer) {
    let columns = layer.columns;
    let entry_columns = layer.entry_columns;
    let output_at = layer.output;
    var at = layer.weights;
    for (var row = 0u; row < layer.rows; row++) {
        var sum = dot_columns(weights[at], at + 1u, layer.input, columns);
        at += 1u + 4u * columns;
        if (entry_columns > 0u) {
            sum = dot_columns(sum, at, layer.entry, entry_columns);
            at += 4u * entry_columns;
        }
        memory[output_at + row] =
            activate(layer.activation, sum * layer.gain);
    }
}

// Runs what a density, or the value of a field without one, needs, at u.
fn run_at(u: vec3<f32>) {
    read_features(u);
    memory[WHOLE.position] = vec4<f32>(u, 0.0);
    run_first_networks();
    if (WHOLE.radiance == 0u) {
        for (var block = 0u; block < OUTPUTS; block++) {
            outputs[block] = memory[WHOLE.output + block];
        }
    }
}

// After run_at(u).
fn density() -> f32 {
    return memory[WHOLE.density].x;
}

// After run_at(u): the color seen along `towards`.
fn color(towards: vec3<f32>) -> vec3<f32> {
    memory[WHOLE.direction] = vec4<f32>(towards, 0.0);
    run_last_networks();
    return memory[WHOLE.output].xyz;
}

// After run_at(u), for a field without a density.
fn value(channel: u32) -> f32 {
    return outputs[channel >> 2u][channel & 3u];
}
