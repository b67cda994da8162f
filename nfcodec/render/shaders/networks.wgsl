// Encodings, activations and the decoder networks.

var<private> position: vec3<f32>;
var<private> direction: vec3<f32>;
//#for network in networks
var<private> out_${network.index}: array<vec4<f32>, ${network.outputs}>;
//#end

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

fn activate_relu(x: vec4<f32>) -> vec4<f32> {
    return max(x, vec4<f32>(0.0));
}

fn activate_leaky_relu(x: vec4<f32>) -> vec4<f32> {
    return select(0.01 * x, x, x > vec4<f32>(0.0));
}

fn activate_sine(x: vec4<f32>) -> vec4<f32> {
    return sine(x);
}

fn activate_softplus(x: vec4<f32>) -> vec4<f32> {
    return max(x, vec4<f32>(0.0)) + log(1.0 + exp(-abs(x)));
}

fn activate_exp(x: vec4<f32>) -> vec4<f32> {
    return exp(min(x, vec4<f32>(15.0)));
}

// Exponents are kept where float32 does not overflow, as what comes of that is not defined.
fn activate_sigmoid(x: vec4<f32>) -> vec4<f32> {
    return 1.0 / (1.0 + exp(-max(x, vec4<f32>(-80.0))));
}

fn activate_tanh(x: vec4<f32>) -> vec4<f32> {
    return 1.0 - 2.0 / (1.0 + exp(2.0 * min(x, vec4<f32>(40.0))));
}

fn activate_snake_alt(x: vec4<f32>) -> vec4<f32> {
    let s = sine(x);
    return 0.5 * x + s * s;
}

fn activate_none(x: vec4<f32>) -> vec4<f32> {
    return x;
}
//#if harmonics

// Real spherical harmonics, numbered as in docs/conventions.md, four at a time.
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
//#end
//#for network in networks

// Network ${network.index} of the field.
fn run_network_${network.index}() {
//#for encoded in network.encoded
    let ${encoded.name} = ${encoded.value};
//#end
//#for block in network.entry
    let entry_${block.index} = ${block.value};
//#end
//#for name in network.scratch
    var ${name}: array<vec4<f32>, ${network.hidden}>;
//#end
//#for layer in network.layers
//#if layer.single
    {
        let at = ${layer.weights.offset}u;
        var sum = ${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += ${layer.weights.buffer}[at + ${column.index}u] * ${column.value};
//#end
        ${layer.target}[0] = activate_${layer.activation}(sum${layer.gain});
    }
//#else
    for (var row = 0u; row < ${layer.rows}u; row++) {
        let at = ${layer.weights.offset}u + row * ${layer.stride}u;
        var sum = ${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += ${layer.weights.buffer}[at + ${column.index}u] * ${column.value};
//#end
        ${layer.target}[row] = activate_${layer.activation}(sum${layer.gain});
    }
//#end
//#end
}
//#end

// Runs what a density, or the value of a field without one, needs, at u.
fn run_at(u: vec3<f32>) {
    position = u;
    read_features(u);
//#for network in first_networks
    run_network_${network.index}();
//#end
}
//#if kind_nerf

// After run_at(u).
fn density() -> f32 {
    return out_${density_network}[0].x;
}

// After run_at(u): the color seen along `towards`.
fn color(towards: vec3<f32>) -> vec3<f32> {
    direction = towards;
//#for network in last_networks
    run_network_${network.index}();
//#end
    return out_${last_network}[0].xyz;
}
//#else

// After run_at(u).
fn value(channel: u32) -> f32 {
    return out_${last_network}[channel >> 2u][channel & 3u];
}
//#end
