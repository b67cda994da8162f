import{a as v,b as je,c as Ke,d as z,e as qe,g as Ye,h as Xe,i as Ze}from"./chunk-WL35INJ5.js";var H={viridis:"44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",magma:"00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf",inferno:"00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",cividis:"00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",turbo:"30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd1ad4d018ddc21ae4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34dbe236e5d938eecf3af5c53afaba39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706ce2d04c32503b71d02a916019b0f018b09027a0403",coolwarm:"3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff9dbdffa3c2feaac7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3f0cdbbf2c9b4f5c4acf6bea4f7b89cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426",gray:"000000ffffff"},ve=256;function G(n){let e=H[n];if(e===void 0)throw new RangeError(`there is no color map "${n}"`);let t=e.length/6,r=new Uint8ClampedArray(4*ve);for(let s=0;s<ve;s++){let o=s/(ve-1)*(t-1),a=Math.min(t-2,Math.floor(o));for(let i=0;i<3;i++){let l=u=>parseInt(e.slice(6*u+2*i,6*u+2*i+2),16),c=l(a);r[4*s+i]=c+(l(a+1)-c)*(o-a)}r[4*s+3]=255}return r}var Je=`// What a program reads and writes. docs/renderer.md has the layout of every buffer.

struct Params {
    eye: vec4<f32>,         // the eye, in box coordinates u
    right: vec4<f32>,       // the camera's axes, in the field's own
    up: vec4<f32>,
    back: vec4<f32>,
    lens: vec4<f32>,        // fx, fy, cx, cy in pixels
    distortion: vec4<f32>,  // k1, k2, p1, p2
    scale: vec4<f32>,       // u per unit of length along x, y, z
    background: vec4<f32>,  // display-referred red, green, blue
    march: vec4<f32>,       // step; the box's nearest and farthest distance to the eye; slope bound
    surface: vec4<f32>,     // shortest step, step of normals (lengths), iso value; unused
    transfer: vec4<f32>,    // low and high value, optical depth of one step at the high one; unused
    tile: vec4<u32>,        // left, top, width, height: the pixels of this dispatch
    image: vec4<u32>,     // width, height, rays along a pixel's side, mode
    chosen: vec4<u32>,      // LOD, channel, flags, number of points
    cells: vec4<u32>,       // cells along x, y, z; first word of their bitmap
    blocks: vec4<u32>,      // first word of the bitmap of blocks of cells; unused
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
//#if reads_points
@group(0) @binding(3) var<storage, read> points: array<vec4<f32>>;
//#end
//#if reads_table
@group(0) @binding(3) var<storage, read> table: array<vec4<f32>>;
//#end
//#for buffer in buffers
//#if buffer.is_words
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<u32>;
//#end
//#if buffer.is_sites
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<vec4<u32>>;
//#end
//#if buffer.is_weights
@group(0) @binding(\${buffer.binding}) var<storage, read> \${buffer.name}: array<vec4<f32>>;
//#end
//#if buffer.is_uniform
@group(0) @binding(\${buffer.binding}) var<uniform> \${buffer.name}: array<vec4<f32>, \${buffer.length}>;
//#end
//#end

const MODE_DEPTH = 1u;
const MODE_NORMALS = 2u;
const MODE_ISO = 3u;
const MODE_MATCAP = 4u;
const FLAG_DISTORTED = 1u;
const FLAG_EXACT_DISTANCE = 2u;
`;var Qe=`// Puts a finished image on the page's canvas, pixel by pixel.

@group(0) @binding(0) var<storage, read> image: array<vec2<u32>>;
@group(0) @binding(1) var<uniform> size: vec4<u32>;  // width, height, unused

@vertex
fn corner(@builtin(vertex_index) number: u32) -> @builtin(position) vec4<f32> {
    // One triangle that covers everything.
    return vec4<f32>(f32(number & 1u) * 4.0 - 1.0, f32(number >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn pixel(@builtin(position) place: vec4<f32>) -> @location(0) vec4<f32> {
    let at = min(vec2<u32>(place.xy), size.xy - 1u);
    let halves = image[at.y * size.x + at.x];
    return vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y).x, 1.0);
}
`;var et=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

// Negative inside.
fn distance_at(u: vec3<f32>) -> f32 {
    run_at(u);
//#if kind_scalar
    return params.surface.z - value(params.chosen.y);
//#else
    return value(0u);
//#end
}

// Central differences along an axis end here: \`side\` -1 or 1 step of \`step\` units, in the box.
fn moved(u: vec3<f32>, axis: u32, side: f32, step: f32) -> vec3<f32> {
    let towards = vec3<f32>(vec3<u32>(axis) == vec3<u32>(0u, 1u, 2u));
    return clamp(u + side * step * params.scale.xyz * towards, vec3<f32>(-1.0), vec3<f32>(1.0));
}
`;var tt=`// Interpolated feature vectors: one function for each level, from its codes as they are stored.

//#if features
var<private> features: array<vec4<f32>, \${features}>;
// The vector, or the low-rank coefficients, of the level in hand, two channels each.
var<private> mixed: array<vec2<f32>, \${mixed}>;
//#end
//#if octrees

// The row of lattice site \`site\` of the octree whose blocks begin at \`first\`, and whether it (1)
// and its upper neighbor along x (2) have one. A block is the number of rows before it and the
// bits of 96 sites. The neighbor's row is the next one.
fn find_rows(first: u32, site: u32) -> vec2<u32> {
    let number = first + site / 96u;
    let block = sites[number];
    let inner = site % 96u;
    let bit = inner & 31u;
    let below = (1u << bit) - 1u;
    var row = block.x;
    var word: u32;
    var after: u32;
    if (inner < 32u) {
        word = block.y;
        after = block.z;
        row += countOneBits(block.y & below);
    } else if (inner < 64u) {
        word = block.z;
        after = block.w;
        row += countOneBits(block.y) + countOneBits(block.z & below);
    } else {
        word = block.w;
        after = 0u;
        row += countOneBits(block.y) + countOneBits(block.z) + countOneBits(block.w & below);
        if (inner == 95u) {
            after = sites[number + 1u].y;
        }
    }
    let next = select(word >> (bit + 1u), after, bit == 31u);
    return vec2<u32>(row, ((word >> bit) & 1u) | ((next & 1u) << 1u));
}
//#end
//#for level in levels

// Adds \`weight\` times vector \`row\` of level \${level.index}.
fn add_row_\${level.index}(row: u32, weight: f32) {
//#if level.vq
    let bit = row * \${level.bits}u;
    let word = \${level.codes.offset}u + (bit >> 5u);
    var code = \${level.codes.buffer}[word] >> (bit & 31u);
//#if level.straddles
    code |= (\${level.codes.buffer}[word + 1u] << 1u) << (31u - (bit & 31u));
//#end
    let at = \${level.vectors.offset}u + (code & \${level.mask}u) * \${level.pitch}u;
//#else
    let at = \${level.vectors.offset}u + row * \${level.pitch}u;
//#end
//#for pair in level.pairs
//#if level.float32
    mixed[\${pair.index}] += weight * vec2<f32>(
        bitcast<f32>(\${level.vectors.buffer}[at + \${pair.first}u]),
        bitcast<f32>(\${level.vectors.buffer}[at + \${pair.second}u]),
    );
//#else
    mixed[\${pair.index}] += weight * unpack2x16float(\${level.vectors.buffer}[at + \${pair.index}u]);
//#end
//#end
}

// Adds level \${level.index} at v in [-1, 1]^3 to the features.
fn add_level_\${level.index}(v: vec3<f32>) {
    mixed = array<vec2<f32>, \${mixed}>();
//#if level.lowrank
    var present = 0.0;
//#end
//#if level.octree
    let place = clamp((v + 1.0) * \${level.half}, vec3<f32>(0.0), vec3<f32>(\${level.last}.0));
    let base = min(vec3<u32>(place), vec3<u32>(\${level.last}u - 1u));
    let part = place - vec3<f32>(base);
    for (var side = 0u; side < 4u; side++) {
        let upper = vec2<u32>(side & 1u, side >> 1u);
        let line = (base.z + upper.y) * (\${level.last}u + 1u) + base.y + upper.x;
        let found = find_rows(\${level.sites.offset}u, line * (\${level.last}u + 1u) + base.x);
        let weight = select(1.0 - part.y, part.y, upper.x == 1u)
            * select(1.0 - part.z, part.z, upper.y == 1u);
        if ((found.y & 1u) != 0u) {
            add_row_\${level.index}(found.x, weight * (1.0 - part.x));
//#if level.lowrank
            present += weight * (1.0 - part.x);
//#end
        }
        if ((found.y & 2u) != 0u) {
            add_row_\${level.index}(found.x + (found.y & 1u), weight * part.x);
//#if level.lowrank
            present += weight * part.x;
//#end
        }
    }
//#else
    let size = vec3<i32>(\${level.size});
    let free = (v + 1.0) * vec3<f32>(\${level.half}) - \${level.shift};
//#if level.clamps
    let place = clamp(free, vec3<f32>(0.0), vec3<f32>(size - 1));
    let base = min(vec3<i32>(place), max(size - 2, vec3<i32>(0)));
//#else
    let place = clamp(free, vec3<f32>(-2.0), vec3<f32>(size + 1));
    let base = vec3<i32>(floor(place));
//#end
    let part = place - vec3<f32>(base);
    for (var corner = 0u; corner < \${level.corners}u; corner++) {
        let upper = vec3<u32>(corner & 1u, (corner >> 1u) & 1u, corner >> 2u);
        let at = base + vec3<i32>(upper);
        if (all(at >= vec3<i32>(0)) && all(at < size)) {
            let sides = select(1.0 - part, part, upper == vec3<u32>(1u));
            let weight = sides.x * sides.y * sides.z;
            add_row_\${level.index}(u32((at.z * size.y + at.y) * size.x + at.x), weight);
//#if level.lowrank
            present += weight;
//#end
        }
    }
//#end
//#if level.lowrank
    // Interpolation is linear: the coefficients are mixed, then the basis multiplies them once.
//#for pair in level.finish
    let whole_\${pair.index} = present * unpack2x16float(\${level.basis.buffer}[\${pair.mean}u])
//#for term in pair.terms
        + \${term.coefficient} * unpack2x16float(\${level.basis.buffer}[\${term.at}u])
//#end
        ;
//#end
//#for pair in level.finish
    mixed[\${pair.index}] = whole_\${pair.index};
//#end
//#end
//#for line in level.stores
    \${line}
//#end
}
//#end

// The features of all grids at u, with what levels the LOD in use has.
fn read_features(u: vec3<f32>) {
//#if features
    features = array<vec4<f32>, \${features}>();
//#end
//#for grid in grids
//#if grid.transform
    let v_\${grid.index} = vec3<f32>(
//#for row in grid.transform
        \${row},
//#end
    );
//#else
    let v_\${grid.index} = u;
//#end
//#for level in grid.levels
    if (params.chosen.x >= \${level.lod}u) {
        add_level_\${level.index}(v_\${grid.index});
    }
//#end
//#end
}
`;var nt=`// Encodings, activations and the decoder networks.

var<private> position: vec3<f32>;
var<private> direction: vec3<f32>;
//#for network in networks
var<private> out_\${network.index}: array<vec4<f32>, \${network.outputs}>;
//#end

// sin(r) for r in [-pi / 2, pi / 2], or its negative where \`turns\` is odd.
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

// Network \${network.index} of the field.
fn run_network_\${network.index}() {
//#for encoded in network.encoded
    let \${encoded.name} = \${encoded.value};
//#end
//#for block in network.entry
    let entry_\${block.index} = \${block.value};
//#end
//#for name in network.scratch
    var \${name}: array<vec4<f32>, \${network.hidden}>;
//#end
//#for layer in network.layers
//#if layer.single
    {
        let at = \${layer.weights.offset}u;
        var sum = \${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += \${layer.weights.buffer}[at + \${column.index}u] * \${column.value};
//#end
        \${layer.target}[0] = activate_\${layer.activation}(sum\${layer.gain});
    }
//#else
    for (var row = 0u; row < \${layer.rows}u; row++) {
        let at = \${layer.weights.offset}u + row * \${layer.stride}u;
        var sum = \${layer.weights.buffer}[at];
//#for column in layer.columns
        sum += \${layer.weights.buffer}[at + \${column.index}u] * \${column.value};
//#end
        \${layer.target}[row] = activate_\${layer.activation}(sum\${layer.gain});
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
    run_network_\${network.index}();
//#end
}
//#if kind_nerf

// After run_at(u).
fn density() -> f32 {
    return out_\${density_network}[0].x;
}

// After run_at(u): the color seen along \`towards\`.
fn color(towards: vec3<f32>) -> vec3<f32> {
    direction = towards;
//#for network in last_networks
    run_network_\${network.index}();
//#end
    return out_\${last_network}[0].xyz;
}
//#else

// After run_at(u).
fn value(channel: u32) -> f32 {
    return out_\${last_network}[channel >> 2u][channel & 3u];
}
//#end
`;var rt=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include transfer.wgsl

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
`;var st=`// Values at points: params.chosen.w of them, each a position u and a direction.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#if kind_nerf
//#include rays.wgsl
//#end

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
//#if kind_nerf
    let seen = color(points[2u * number + 1u].xyz);
    output[4u * number] = bitcast<u32>(select(0.0, density(), occupied(u)));
    output[4u * number + 1u] = bitcast<u32>(seen.x);
    output[4u * number + 2u] = bitcast<u32>(seen.y);
    output[4u * number + 3u] = bitcast<u32>(seen.z);
//#else
    for (var channel = 0u; channel < \${channels}u; channel++) {
        output[number * \${channels}u + channel] = bitcast<u32>(value(channel));
    }
//#end
}
`;var ot=`// An image of a radiance field: emission and absorption along rays (docs/conventions.md, 5).
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl

// The same as in nfcodec/render/volume.py.
const MIN_WEIGHT = 1e-4;
const MIN_TRANSMITTANCE = 1e-3;

fn draw_ray(ray: Ray) -> vec3<f32> {
    let step = params.march.x;
    var seen = vec3<f32>(0.0);
    var depth = 0.0;
    var transmittance = 1.0;
    var k = 0u;
    loop {
        k = next_sample(ray, k);
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || transmittance <= MIN_TRANSMITTANCE || k >= MAX_SAMPLES) {
            break;
        }
        run_at(ray.start + ray.slope * t);
        let alpha = 1.0 - exp(-density() * step);
        let weight = transmittance * alpha;
        if (weight > MIN_WEIGHT) {
            depth += weight * t;
            if (params.image.w != MODE_DEPTH) {
                seen += weight * color(ray.direction);
            }
        }
        transmittance *= 1.0 - alpha;
        k += 1u;
    }
    if (params.image.w == MODE_DEPTH) {
        let opacity = 1.0 - transmittance;
        return depth_color(depth / max(opacity, 1e-6), opacity);
    }
    return seen + transmittance * params.background.xyz;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var at=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
// first two words of the output.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl

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
`;var it=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
// are in box coordinates u; t is the distance along a ray in the field's units.

struct Ray {
    start: vec3<f32>,
    slope: vec3<f32>,      // u per unit of t
    direction: vec3<f32>,  // of length one, in the field's axes
    enter: f32,
    leave: f32,
}

// Undoes OpenCV's k1, k2, p1, p2 by Newton's method.
fn undistort(distorted: vec2<f32>) -> vec2<f32> {
    let k = params.distortion;
    var at = distorted;
    for (var step = 0u; step < 8u; step++) {
        let r2 = dot(at, at);
        let radial = 1.0 + r2 * (k.x + r2 * k.y);
        let slope = 2.0 * k.x + 4.0 * k.y * r2;
        let cross = 2.0 * at.x * at.y;
        let excess = vec2<f32>(
            at.x * radial + k.z * cross + k.w * (r2 + 2.0 * at.x * at.x),
            at.y * radial + k.z * (r2 + 2.0 * at.y * at.y) + k.w * cross,
        ) - distorted;
        let xx = radial + slope * at.x * at.x + 2.0 * k.z * at.y + 6.0 * k.w * at.x;
        let yy = radial + slope * at.y * at.y + 6.0 * k.z * at.y + 2.0 * k.w * at.x;
        let xy = slope * at.x * at.y + 2.0 * k.z * at.x + 2.0 * k.w * at.y;
        let free = xx * yy - xy * xy;
        let det = select(free, 1e-12, abs(free) < 1e-12);
        let shift = vec2<f32>(yy * excess.x - xy * excess.y, xx * excess.y - xy * excess.x) / det;
        at -= clamp(shift, vec2<f32>(-1.0), vec2<f32>(1.0));
    }
    return at;
}

// The ray through an image position in pixels; the center of the first pixel is (0.5, 0.5).
fn ray_through(pixel: vec2<f32>) -> Ray {
    var plane = (pixel - params.lens.zw) / params.lens.xy;
    if ((params.chosen.z & FLAG_DISTORTED) != 0u) {
        plane = undistort(plane);
    }
    var ray: Ray;
    ray.direction = normalize(
        plane.x * params.right.xyz - plane.y * params.up.xyz - params.back.xyz);
    ray.start = params.eye.xyz;
    ray.slope = ray.direction * params.scale.xyz;
    let tiny = abs(ray.slope) < vec3<f32>(1e-12);
    let inverse = 1.0 / select(ray.slope, vec3<f32>(1e-12), tiny);
    let one = (-1.0 - ray.start) * inverse;
    let two = (1.0 - ray.start) * inverse;
    let near = min(one, two);
    let far = max(one, two);
    ray.enter = max(max(near.x, near.y), max(near.z, 0.0));
    ray.leave = min(far.x, min(far.y, far.z));
    return ray;
}

// Where ray \`number\` of n x n of a pixel crosses the image.
fn place_in_pixel(pixel: vec2<u32>, number: u32) -> vec2<f32> {
    let n = params.image.z;
    let part = vec2<f32>(vec2<u32>(number % n, number / n)) + 0.5;
    return vec2<f32>(pixel) + part / f32(n);
}

// The mean of a pixel's rays, as four halves.
fn write_pixel(pixel: vec2<u32>, sum: vec3<f32>) {
    let rays = f32(params.image.z * params.image.z);
    let mean = clamp(sum / rays, vec3<f32>(0.0), vec3<f32>(1.0));
    let at = 2u * (pixel.y * params.image.x + pixel.x);
    output[at] = pack2x16float(mean.xy);
    output[at + 1u] = pack2x16float(vec2<f32>(mean.z, 1.0));
}

// White at the near end of the box, black at its far end.
fn depth_color(depth: f32, opacity: f32) -> vec3<f32> {
    let place = (depth - params.march.y) / (params.march.z - params.march.y);
    return opacity * vec3<f32>(1.0 - clamp(place, 0.0, 1.0))
        + (1.0 - opacity) * params.background.xyz;
}
//#if cells

struct Cell {
    occupied: bool,
    end: f32,  // the distance at which the ray leaves it
}

// The cell at distance t of a bitmap that begins at word \`first\`; \`shift\` > 0: the block of
// 2^shift cells a side that it lies in.
fn cell_at(ray: Ray, t: f32, first: u32, shift: u32) -> Cell {
    let count = vec3<i32>(params.cells.xyz);
    let half = 0.5 * vec3<f32>(count);
    let at = (ray.start + ray.slope * t + 1.0) * half;
    let cell = clamp(vec3<i32>(at), vec3<i32>(0), count - 1) >> vec3<u32>(shift);
    let blocks = ((count - 1) >> vec3<u32>(shift)) + 1;
    let upward = select(vec3<i32>(0), vec3<i32>(1), ray.slope > vec3<f32>(0.0));
    let edge = vec3<f32>((cell + upward) << vec3<u32>(shift));
    let still = abs(ray.slope) < vec3<f32>(1e-12);
    let ends = select(t + (edge - at) / (half * ray.slope), vec3<f32>(3.0e38), still);
    let site = u32((cell.z * blocks.y + cell.y) * blocks.x + cell.x);
    let bit = (\${cells}[first + (site >> 5u)] >> (site & 31u)) & 1u;
    return Cell(bit != 0u, min(ends.x, min(ends.y, ends.z)));
}

// A ray ends here, however short a file says that its steps are.
const MAX_SAMPLES = 1048576u;

// The number of the first sample from \`number\` on that lies in an occupied cell, or that is
// behind the box. Sample k lies at enter + (k + 1/2) step.
fn next_sample(ray: Ray, number: u32) -> u32 {
    let step = params.march.x;
    var k = number;
    loop {
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || k >= MAX_SAMPLES) {
            break;
        }
        var cell = cell_at(ray, t, params.blocks.x, 3u);
        if (cell.occupied) {
            cell = cell_at(ray, t, params.cells.w, 0u);
        }
        if (cell.occupied) {
            break;
        }
        let behind = ceil(min((cell.end - ray.enter) / step - 0.5, 1e9));
        k = max(k + 1u, u32(max(behind, 0.0)));
    }
    return k;
}

// Whether u lies in the box and in an occupied cell.
fn occupied(u: vec3<f32>) -> bool {
    let count = vec3<i32>(params.cells.xyz);
    let cell = clamp(vec3<i32>(floor((u + 1.0) * 0.5 * vec3<f32>(count))), vec3<i32>(0), count - 1);
    let site = u32((cell.z * count.y + cell.y) * count.x + cell.x);
    let bit = (\${cells}[params.cells.w + (site >> 5u)] >> (site & 31u)) & 1u;
    return all(abs(u) <= vec3<f32>(1.0)) && bit != 0u;
}
//#end
`;var lt=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
// scattered (the R sequence, Roberts 2018), and of their slopes the 99th percentile where values
// are distances, else the greatest and half as much again: the first word of the output.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include distance.wgsl

var<workgroup> counts: array<u32, 256>;
var<workgroup> bound: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x >= params.chosen.w) {
        return;
    }
    // Parts of one, times 2^32: the powers 1, 2, 3 of 1 / 1.2207440846, and a half to begin with.
    let place = vec3<u32>(0x80000000u) + id.x * vec3<u32>(3518319155u, 2882110345u, 2360945575u);
    let u = vec3<f32>(place >> vec3<u32>(8u)) / 8388608.0 - 1.0;
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    for (var end = 0u; end < 6u; end++) {
        let axis = end >> 1u;
        let value = distance_at(moved(u, axis, select(-1.0, 1.0, (end & 1u) == 0u), params.surface.y));
        if ((end & 1u) == 0u) {
            first = value;
        } else {
            let run = moved(u, axis, 1.0, params.surface.y) - moved(u, axis, -1.0, params.surface.y);
            gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
        }
    }
    output[id.x] = bitcast<u32>(length(gradient));
}

// The value below which \`rank\` others lie. Floats that are not negative are in order as integers.
fn ranked(thread: u32, rank: u32) -> f32 {
    if (thread == 0u) {
        bound = 0u;
    }
    for (var bit = 0u; bit < 31u; bit++) {
        workgroupBarrier();
        let candidate = bound | (1u << (30u - bit));
        var below = 0u;
        for (var i = thread; i < params.chosen.w; i += 256u) {
            below += select(0u, 1u, output[i] < candidate);
        }
        counts[thread] = below;
        workgroupBarrier();
        if (thread == 0u) {
            var sum = 0u;
            for (var i = 0u; i < 256u; i++) {
                sum += counts[i];
            }
            if (sum <= rank) {
                bound = candidate;
            }
        }
    }
    let found = workgroupUniformLoad(&bound);
    return bitcast<f32>(found);
}

@compute @workgroup_size(256)
fn reduce(@builtin(local_invocation_index) thread: u32) {
    let last = params.chosen.w - 1u;
    let greatest = ranked(thread, last);
    let at = 0.99 * f32(last);
    let lower = ranked(thread, u32(at));
    let upper = ranked(thread, min(u32(at) + 1u, last));
    if (thread == 0u) {
        var slope = 1.5 * greatest;
        if ((params.chosen.z & FLAG_EXACT_DISTANCE) != 0u) {
            slope = mix(lower, upper, fract(at));
        }
        output[0] = bitcast<u32>(max(slope, 1e-6));
    }
}
`;var ct=`// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
// central differences. The same steps as nfcodec/render/surface.py takes.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include distance.wgsl

const TOLERANCE = 1e-3;
const REFINEMENTS = 16u;
const WRAP = 0.2;

const ENTERING = 0u;
const MARCHING = 1u;
const REFINING = 2u;
const TURNING = 3u;
const HIT = 4u;
const MISSED = 5u;

struct Hit {
    found: bool,
    t: f32,
    normal: vec3<f32>,
}

// The normal of the face of the box that a ray came in by, or against the ray from an eye inside.
fn cut_normal(ray: Ray, u: vec3<f32>) -> vec3<f32> {
    let face = select(vec3<f32>(1.0), vec3<f32>(-1.0), ray.direction > vec3<f32>(0.0));
    let still = ray.direction == vec3<f32>(0.0);
    let gap = select(0.5 * abs(u - face), vec3<f32>(3.0e38), still);
    if (min(gap.x, min(gap.y, gap.z)) >= 1e-4) {
        return -ray.direction;
    }
    if (gap.x <= gap.y && gap.x <= gap.z) {
        return vec3<f32>(face.x, 0.0, 0.0);
    }
    if (gap.y <= gap.z) {
        return vec3<f32>(0.0, face.y, 0.0);
    }
    return vec3<f32>(0.0, 0.0, face.z);
}

// One loop over what a ray goes through, so that the field is evaluated in one place.
fn trace(ray: Ray) -> Hit {
    let slope = params.march.w;
    let shortest = params.surface.x;
    var hit = Hit(false, 0.0, vec3<f32>(0.0));
    var state = ENTERING;
    if (ray.enter >= ray.leave) {
        state = MISSED;
    }
    var t = ray.enter;       // where the field is evaluated next
    var near = ray.enter;    // the last place known to be outside, and the value there
    var above = 0.0;
    var far = 0.0;           // a place inside, and the value there
    var below = 0.0;
    var side = 0.0;
    var count = 0u;          // refinements, then ends of differences, so far
    var surface = vec3<f32>(0.0);
    var gradient = vec3<f32>(0.0);
    var first = 0.0;
    while (state < HIT) {
        var u = ray.start + ray.slope * t;
        if (state == TURNING) {
            let away = select(-1.0, 1.0, (count & 1u) == 0u);
            u = moved(surface, count >> 1u, away, params.surface.y);
        }
        let value = distance_at(u);
        if (state == ENTERING && value <= 0.0) {
            hit = Hit(true, t, cut_normal(ray, u));
            state = HIT;
        } else if (state <= MARCHING) {
            if (value <= 0.0) {
                far = t;
                below = value;
                state = REFINING;
            } else if (state == MARCHING && t >= ray.leave) {
                state = MISSED;
            } else {
                near = t;
                above = value;
                t = min(t + max(value / slope, shortest), ray.leave);
                // Seen from very far away a step can be less than the place can tell.
                state = select(MISSED, MARCHING, t > near);
            }
        } else if (state == REFINING) {
            // Illinois: the end that stays for a second time has its value halved.
            if (value <= 0.0) {
                above = select(above, 0.5 * above, side > 0.0);
                far = t;
                below = value;
                side = 1.0;
            } else {
                below = select(below, 0.5 * below, side < 0.0);
                near = t;
                above = value;
                side = -1.0;
            }
            count += 1u;
            if (abs(value) <= TOLERANCE * slope * shortest || count == REFINEMENTS) {
                hit = Hit(true, t, vec3<f32>(0.0));
                surface = u;
                count = 0u;
                state = select(TURNING, HIT, params.image.w == MODE_DEPTH);
            }
        } else {
            if ((count & 1u) == 0u) {
                first = value;
            } else {
                let axis = count >> 1u;
                let run = moved(surface, axis, 1.0, params.surface.y)
                    - moved(surface, axis, -1.0, params.surface.y);
                gradient[axis] = (first - value) * params.scale[axis] / max(run[axis], 1e-12);
            }
            count += 1u;
            if (count == 6u) {
                let size = length(gradient);
                hit.normal = select(-ray.direction, gradient / max(size, 1e-12), size > 1e-12);
                state = HIT;
            }
        }
        if (state == REFINING) {
            t = near + (far - near) * (above / (above - below));
        }
    }
    return hit;
}

fn to_srgb(linear: vec3<f32>) -> vec3<f32> {
    let x = clamp(linear, vec3<f32>(0.0), vec3<f32>(1.0));
    let curved = 1.055 * pow(max(x, vec3<f32>(1e-8)), vec3<f32>(1.0 / 2.4)) - 0.055;
    return select(curved, 12.92 * x, x <= vec3<f32>(0.0031308));
}

// A clay-like surface lit from the camera's upper left: a warm key light, a cool fill light and a
// sky above a ground, all of which move with the camera.
fn shade(normal: vec3<f32>, towards: vec3<f32>) -> vec3<f32> {
    let axes = mat3x3<f32>(params.right.xyz, params.up.xyz, params.back.xyz);
    let n = normal * axes;
    let view = -towards * axes;
    let up = 0.5 + 0.5 * n.y;
    var light = mix(vec3<f32>(0.07, 0.06, 0.055), vec3<f32>(0.19, 0.21, 0.25), up);
    var shine = 0.0;
    for (var lamp = 0u; lamp < 2u; lamp++) {
        let key = lamp == 0u;
        let place = normalize(select(vec3<f32>(0.85, 0.05, 0.40), vec3<f32>(-0.55, 0.65, 0.55), key));
        let tint = select(vec3<f32>(0.22, 0.27, 0.35), vec3<f32>(1.05, 1.00, 0.93), key);
        let facing = max((dot(n, place) + WRAP) / (1.0 + WRAP), 0.0);
        light += tint * facing * sqrt(facing);
        let half = view + place;
        let mirrored = max(dot(n, half / max(length(half), 1e-12)), 0.0);
        shine += select(0.04, 0.14, key) * pow(max(mirrored, 1e-8), 48.0);
    }
    return to_srgb(vec3<f32>(0.56, 0.53, 0.49) * light + shine);
}

fn lit(n: vec3<f32>, towards: vec3<f32>, around: f32) -> f32 {
    return max((dot(n, normalize(towards)) + around) / (1.0 + around), 0.0);
}

// Terracotta in a studio, which the normal alone decides: a large warm lamp at the camera's upper
// left with its soft reflection, a cool one at the right, a bright edge towards the upper right.
fn matcap(normal: vec3<f32>) -> vec3<f32> {
    let n = normal * mat3x3<f32>(params.right.xyz, params.up.xyz, params.back.xyz);
    let up = 0.5 + 0.5 * n.y;
    let lamp = vec3<f32>(-0.50, 0.62, 0.60);
    let key = lit(n, lamp, 0.30);
    let fill = lit(n, vec3<f32>(0.80, -0.15, 0.58), 0.40);
    let light = mix(vec3<f32>(0.10, 0.07, 0.06), vec3<f32>(0.22, 0.24, 0.30), up)
        + vec3<f32>(1.12, 1.02, 0.90) * key * sqrt(key)
        + vec3<f32>(0.16, 0.20, 0.30) * fill * fill;
    let clay = mix(vec3<f32>(0.20, 0.05, 0.03), vec3<f32>(0.58, 0.24, 0.13), key);
    let away = dot(n, normalize(normalize(lamp) + vec3<f32>(0.0, 0.0, 1.0))) - 1.0;
    let shine = 0.30 * exp(60.0 * away) + 0.07 * exp(9.0 * away);
    let turned = 1.0 - max(n.z, 0.0);
    let edge = turned * turned * turned * lit(n, vec3<f32>(0.75, 0.45, -0.48), 0.55);
    return to_srgb(
        clay * light + vec3<f32>(1.00, 0.95, 0.88) * shine + vec3<f32>(0.50, 0.56, 0.66) * edge);
}

fn draw_ray(ray: Ray) -> vec3<f32> {
    let hit = trace(ray);
    if (params.image.w == MODE_DEPTH) {
        return depth_color(hit.t, select(0.0, 1.0, hit.found));
    }
    if (!hit.found) {
        return params.background.xyz;
    }
    if (params.image.w == MODE_NORMALS) {
        return 0.5 + 0.5 * hit.normal;
    }
    if (params.image.w == MODE_MATCAP) {
        return matcap(hit.normal);
    }
    return shade(hit.normal, ray.direction);
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var ut=`// From values to colors.

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
`;var dt=`// An image of a scalar volume through a color map: emission and absorption, in display-referred
// colors so that the color bar holds. As nfcodec/render/scalar.py.
//#include bindings.wgsl
//#include grids.wgsl
//#include networks.wgsl
//#include rays.wgsl
//#include transfer.wgsl

const MIN_TRANSMITTANCE = 1e-3;

fn draw_ray(ray: Ray) -> vec3<f32> {
    let step = params.march.x;
    var seen = vec3<f32>(0.0);
    var transmittance = 1.0;
    var k = 0u;
    loop {
        k = next_sample(ray, k);
        let t = ray.enter + (f32(k) + 0.5) * step;
        if (t >= ray.leave || transmittance <= MIN_TRANSMITTANCE || k >= MAX_SAMPLES) {
            break;
        }
        run_at(ray.start + ray.slope * t);
        let place = place_of(value(params.chosen.y));
        let alpha = 1.0 - exp(-place * place * params.transfer.z);
        seen += transmittance * alpha * table_color(place);
        transmittance *= 1.0 - alpha;
        k += 1u;
    }
    return seen + transmittance * params.background.xyz;
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (any(id.xy >= params.tile.zw)) {
        return;
    }
    let pixel = params.tile.xy + id.xy;
    var sum = vec3<f32>(0.0);
    for (var number = 0u; number < params.image.z * params.image.z; number++) {
        sum += draw_ray(ray_through(place_in_pixel(pixel, number)));
    }
    write_pixel(pixel, sum);
}
`;var W={"bindings.wgsl":Je,"blit.wgsl":Qe,"distance.wgsl":et,"grids.wgsl":tt,"networks.wgsl":nt,"plane.wgsl":rt,"points.wgsl":st,"radiance.wgsl":ot,"range.wgsl":at,"rays.wgsl":it,"slope.wgsl":lt,"surface.wgsl":ct,"transfer.wgsl":ut,"volume.wgsl":dt};var j=class{#e;#t;#r;#s;#n;constructor(e,t){let r=e.getContext("webgpu");if(r===null)throw new Error("this canvas cannot show what WebGPU draws");let s=navigator.gpu.getPreferredCanvasFormat();r.configure({device:t,format:s,alphaMode:"opaque"});let o=t.createShaderModule({label:"blit",code:W["blit.wgsl"]});this.#e=e,this.#t=t,this.#r=r,this.#s=t.createRenderPipeline({layout:"auto",vertex:{module:o,entryPoint:"corner"},fragment:{module:o,entryPoint:"pixel",targets:[{format:s}]},primitive:{topology:"triangle-list"}}),this.#n=t.createBuffer({size:16,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST})}async show(e,t,r){this.#e.width!==t&&(this.#e.width=t),this.#e.height!==r&&(this.#e.height=r),this.#t.queue.writeBuffer(this.#n,0,Uint32Array.of(t,r,0,0));let s=this.#t.createBindGroup({layout:this.#s.getBindGroupLayout(0),entries:[{binding:0,resource:{buffer:e.buffer("output")}},{binding:1,resource:{buffer:this.#n}}]}),o=this.#t.createCommandEncoder(),a=this.#r.getCurrentTexture().createView(),i=o.beginRenderPass({colorAttachments:[{view:a,loadOp:"clear",storeOp:"store"}]});i.setPipeline(this.#s),i.setBindGroup(0,s),i.draw(3),i.end(),this.#t.queue.submit([o.finish()])}},K=class{#e;constructor(e){let t=e.getContext("2d",{alpha:!1});if(t===null)throw new Error("this canvas cannot show images");this.#e=t}async show(e,t,r){let s=await e.pixels(t,r);Object.assign(this.#e.canvas,{width:t,height:r}),this.#e.putImageData(new ImageData(s,t,r),0,0)}};var we=8192,ft=16e3,[Fn,In,zn,Cn]=[100,2,10,4];function mt(n){let e=Nn(n);if(e>ft)throw new v("limit",`the field's levels and networks make GPU programs of size ${e}; the limit is ${ft}`)}function Nn(n){let e=0;for(let{form:t,features:r}of n.grids.flatMap(s=>s.levels))e+=Fn+In*r+(t.kind==="lowrank"?t.rank*r:0);for(let{layers:t}of n.networks){e+=Cn*t[0].inputs;for(let r of t)e+=zn+r.inputs}return e}function pt(n,e,t,r){let s=[],o=[],a=0,i=0;n.grids.forEach((b,g)=>{let k=[];for(let E of b.levels){let $=s.length,We=Un($,E,e[$],a);i=Math.max(i,We.width),s.push(We),k.push({index:$,lod:E.lod}),b.combine==="concat"&&(a+=E.features)}b.combine==="sum"&&(a+=b.levels[0].features),o.push({index:g,levels:k,transform:Dn(b,n.dims)})});let l=new Map([["features",a],["position",n.dims],["direction",3]]),c=n.networks.map((b,g)=>{let k=Bn(g,b,n,l,t[g]);return l.set(b.name,b.layers[b.layers.length-1].outputs),k}),u=Math.ceil(a/4),d=c.reduce((b,g)=>b+g.outputs,0),f=b=>16*b.hidden*b.scratch.length;if(16*(u+d+2)+8*i>we||c.some(b=>f(b)>we))throw new v("unsupported",`the field's vectors or networks are wider than a GPU program can hold (${we} bytes)`);let p=n.networks.map(b=>b.name),m=n.kind==="nerf"?p.indexOf("density")+1:p.length,y=n.networks[n.networks.length-1].layers;return{kind_nerf:n.kind==="nerf",kind_scalar:n.kind==="scalar",channels:y[y.length-1].outputs,features:u,mixed:i,octrees:s.some(b=>b.octree),levels:s,grids:o,networks:c,harmonics:c.some(b=>b.harmonics),first_networks:c.slice(0,m),last_networks:c.slice(m),density_network:m-1,last_network:c.length-1,buffers:r.map(({name:b,binding:g,length:k,kind:E})=>({name:b,binding:g,length:k,is_words:E==="words",is_sites:E==="sites",is_weights:E==="weights",is_uniform:E==="uniform"}))}}function Un(n,e,t,r){let s=e.form,o=Math.ceil(e.features/2),a=s.kind==="lowrank"?Math.ceil(s.rank/2):o,i={index:n,vq:s.kind==="vq",lowrank:s.kind==="lowrank",float32:!1,vectors:C(t.vectors),pitch:a,pairs:O(a).map(c=>({index:c,first:2*c,second:2*c+1})),width:Math.max(o,a),stores:Vn(e.features,r)};if(s.kind==="vq"&&(i.bits=s.bits,i.mask=2**s.bits-1,i.straddles=32%s.bits!==0,i.codes=C(t.codes)),s.kind==="lowrank"){let c=t.basis.offset;i.basis=C(t.basis),i.finish=O(o).map(u=>({index:u,mean:c+u,terms:O(s.rank).map(d=>({coefficient:`mixed[${d>>1}].${"xy"[d&1]}`,at:c+(1+d)*o+u}))}))}let l=e.layout;if(i.octree=l.kind==="octree",l.kind==="dense"){let c=[...l.shape].reverse();for(;c.length<3;)c.push(1);let u=c.map(d=>l.alignCorners?d-1:d);i.size=c.join(", "),i.half=u.map(ht).join(", "),i.shift=l.alignCorners?"0.0":"0.5",i.clamps=l.padding==="border",i.corners=1<<l.shape.length}else{let c=2**l.depth;i.last=c,i.half=ht(c),i.sites=C(t.sites)}return i}function C(n){return{buffer:n.buffer,offset:n.offset}}function O(n){return Array.from({length:n},(e,t)=>t)}function ht(n){return`${n>>1}.${5*(n&1)}`}function Vn(n,e){let t=[],r=0;for(;r<n;){let s=e+r;if(s%4===0&&r%2===0&&r+4<=n){let o=`mixed[${r>>1}], mixed[${(r>>1)+1}]`;t.push(`features[${s>>2}] += vec4<f32>(${o});`),r+=4}else t.push(`${q("features",s)} += ${q("mixed",r,2)};`),r+=1}return t}function q(n,e,t=4){return`${n}[${Math.floor(e/t)}].${"xyzw"[e%t]}`}function xe(n){if(!Number.isFinite(Math.fround(n)))throw new v("unsupported",`an encoding or a layer has the factor ${n}, which is beyond the float32 that a GPU computes in`);return`bitcast<f32>(0x${new Uint32Array(Float32Array.of(n).buffer)[0].toString(16).padStart(8,"0")}u)`}function Dn(n,e){if(n.transform===null)return[];let t=[];for(let r=0;r<e;r++){let s=[...n.transform.subarray(r*(e+1),(r+1)*(e+1))].map(xe),o=s.slice(0,e);for(;o.length<3;)o.push("0.0");t.push(`dot(vec3<f32>(${o.join(", ")}), u) + ${s[e]}`)}for(;t.length<3;)t.push("0.0");return t}function Bn(n,e,t,r,s){let o=new Map(t.networks.slice(0,n).map((m,y)=>[m.name,`out_${y}`])),a=[],i=[];for(let m of e.inputs){let y=O(r.get(m.source)),b=m.source==="position"||m.source==="direction",g=o.get(m.source)??"features",k=y.map(E=>b?`${m.source}.${"xyz"[E]}`:q(g,E));m.slice!==null&&(k=k.slice(m.slice[0],m.slice[1])),i.push(...Hn(k,m.encoding,a))}let l=[...i];for(;l.length%4!==0;)l.push("0.0");let c=O(l.length/4).map(m=>({index:m,value:`vec4<f32>(${l.slice(4*m,4*m+4).join(", ")})`})),u=i.map((m,y)=>`entry_${y>>2}.${"xyzw"[y&3]}`),d=e.layers.slice(0,-1).map(m=>Math.ceil(m.outputs/4)),f=u,p=e.layers.map((m,y)=>{e.skips.includes(y)&&(f=[...f,...u]);let b=y===e.layers.length-1?`out_${n}`:"ab"[y&1],g={rows:Math.ceil(m.outputs/4),single:m.outputs<=4,stride:m.inputs+1,weights:C(s[y]),columns:f.map((k,E)=>({index:1+E,value:k})),activation:m.activation,gain:m.gain===1?"":` * ${xe(m.gain)}`,target:b};return f=O(m.outputs).map(k=>q(b,k)),g});return{index:n,encoded:a,entry:c,scratch:["a","b"].slice(0,d.length),hidden:Math.max(0,...d),layers:p,outputs:Math.ceil(e.layers[e.layers.length-1].outputs/4),harmonics:e.inputs.some(m=>m.encoding.kind==="spherical_harmonics")}}function Hn(n,e,t){let r=o=>{let a=`encoded_${t.length}`;return t.push({name:a,value:o}),a};if(e.kind==="identity")return n;if(e.kind==="spherical_harmonics"){let o=e.degree**2,a=O(Math.ceil(o/4)).map(i=>r(`harmonics_${i}(vec3<f32>(${n.join(", ")}))`));return O(o).map(i=>`${a[i>>2]}.${"xyzw"[i&3]}`)}let s=e.includeInput?[...n]:[];for(let o=0;o<e.frequencies;o++){let a=xe(e.scale*2**o);for(let i of["sine","cosine"])for(let l=0;l<n.length;l+=4){let c=n.slice(l,l+4),u=[...c];for(;u.length<4;)u.push("0.0");let d=r(`${i}(vec4<f32>(${u.join(", ")}) * ${a})`);s.push(...c.map((f,p)=>`${d}.${"xyzw"[p]}`))}}return s}var Gn=/\$\{([a-z0-9_.]+)\}/g;function bt(n,e,t){let r=[];return Y(yt(n,t),e,t,r),r.join(`
`)+`
`}function yt(n,e){let t=e[n];if(t===void 0)throw new Error(`there is no shader file ${n}`);return t.replace(/\n$/,"").split(`
`)}function Y(n,e,t,r){for(let s=0;s<n.length;s++){let o=n[s];if(!o.startsWith("//#")){r.push(o.replace(Gn,(d,f)=>String(ke(f,e))));continue}let[a,...i]=o.slice(3).trim().split(/\s+/);if(a==="include"){Y(yt(i[0],t),e,t,r);continue}let[l,c]=Wn(n,s),u=n.slice(s+1,l);if(a==="for")for(let d of ke(i[2],e))Y(u,{...e,[i[0]]:d},t,r);else if(a==="if"){let d=jn(ke(i[0],e))?u:n.slice(l+1,c);Y(d,e,t,r)}else throw new Error(`unknown directive ${o}`);s=c}}function Wn(n,e){let t=0,r=-1;for(let s=e;s<n.length;s++)if(n[s].startsWith("//#for")||n[s].startsWith("//#if"))t++;else if(n[s].startsWith("//#else")&&t===1)r=s;else if(n[s].startsWith("//#end")&&--t===0)return[r<0?s:r,s];throw new Error(`no end of ${n[e]}`)}function ke(n,e){let t=e;for(let r of n.split(".")){let s=t[r];if(s===void 0)throw new Error(`templates know no ${n}`);t=s}return t}function jn(n){return Array.isArray(n)?n.length>0:!!n}var Kn=1<<27,qn=65536,gt=3,vt=8,N=96,U=4,F=3,Yn=4,Xn=5,Zn=8,Jn=9;function L(n){return n.grids.flatMap(e=>e.levels)}function Ee(n,e=Kn){mt(n);let t=new Me(e),[r,s]=tr(n,t),o=L(n).map(l=>rr(l,t)),a=n.networks.map(l=>l.layers.map(c=>t.weights(er(c)))),i=t.buffers();return{buffers:i,levels:o,layers:a,occupancies:r,occupancyOfLod:s,programs:Qn(n),description:pt(n,o,a,i),bytes:i.reduce((l,c)=>l+c.bytes,0)}}function wt(n,e,t){let s=(e==="radiance"||e==="volume"||e==="points")&&n.occupancies.length>0?n.occupancies[0].cells.buffer:"",o={...n.description,reads_points:e==="points",reads_table:e==="volume"||e==="plane",cells:s};return bt(`${e}.wgsl`,o,t)}function Qn(n){return n.kind==="nerf"?["points","radiance"]:n.kind==="sdf"?n.dims===3?["points","surface","slope"]:["points"]:n.dims===2?["points","plane","range"]:["points","volume","surface","slope","range"]}function er(n){return Math.ceil(n.outputs/4)*(n.inputs+1)}var Me=class{constructor(e){this.maxStorage=e}maxStorage;#e=new Map;words(e){let t=Array.from({length:gt},(r,s)=>`words${s}`);return this.#t(t,e,Math.floor(this.maxStorage/4))}sites(e){return this.#t(["sites"],e,Math.floor(this.maxStorage/16))}weights(e){for(let t=0;t<vt;t++){let r=`uniform${t}`;if((this.#e.get(r)??0)+e<=qn/16)return this.#r(r,e)}return this.#t(["weights"],e,Math.floor(this.maxStorage/16))}#t(e,t,r){for(let s of e)if((this.#e.get(s)??0)+t<=r)return this.#r(s,t);throw new v("limit",`the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this adapter offers`)}#r(e,t){let r=this.#e.get(e)??0;return this.#e.set(e,r+t),{buffer:e,offset:r,length:t}}buffers(){let e=[["sites","sites",Yn]];for(let t=0;t<gt;t++)e.push([`words${t}`,"words",Xn+t]);e.push(["weights","weights",Zn]);for(let t=0;t<vt;t++)e.push([`uniform${t}`,"uniform",Jn+t]);return e.filter(([t])=>this.#e.has(t)).map(([t,r,s])=>{let o=Math.max(this.#e.get(t),1),a=r==="words"?4:16,i=Math.max(16,Math.ceil(o*a/16)*16);return{name:t,kind:r,binding:s,length:o,elementBytes:a,bytes:i}})}};function tr(n,e){if(n.kind==="sdf"||n.dims===2)return[[],[]];let t=[],r=[],s=1<<F;for(let o=0;o<n.lods;o++){let[a,i]=nr(n,o),l=t.findIndex(c=>c.level===a);if(l<0){let[c,u,d]=i,f=e.words(Math.ceil(c*u*d/32)),p=Math.ceil(c/s)*Math.ceil(u/s)*Math.ceil(d/s),m=e.words(Math.ceil(p/32));l=t.push({shape:i,level:a,cells:f,blocks:m})-1}r.push(l)}if(t.some(o=>o.cells.buffer!=="words0"||o.blocks.buffer!=="words0"))throw new v("limit","the field's occupancy does not fit into one GPU buffer");return[t,r]}function nr(n,e){let t=-1,r=-1;if(L(n).forEach((i,l)=>{let c=i.layout;c.kind==="octree"&&i.lod<=e&&c.depth>r&&(t=l,r=c.depth)}),t>=0)return[t,[1<<r,1<<r,1<<r]];if(n.occupancy===null)return[-1,[1,1,1]];let[s,o,a]=n.occupancy.shape;return[-1,[a,o,s]]}function rr(n,e){let t=null;if(n.layout.kind==="octree"){let a=2**n.layout.depth+1;t=e.sites(Math.ceil(a**3/N))}let r=Math.ceil(n.features/2),s=n.form;if(s.kind==="float16")return{vectors:e.words(n.rows*r),sites:t,codes:null,basis:null};if(s.kind==="vq"){let a=32%s.bits!==0?1:0,i=e.words(Math.ceil(n.rows*s.bits/32)+a);return{vectors:e.words(s.numCodes*r),sites:t,codes:i,basis:null}}return{vectors:e.words(n.rows*Math.ceil(s.rank/2)),sites:t,codes:null,basis:e.words((1+s.rank)*r)}}function xt(n,e){return e.layout.kind==="octree"?[[n.sites,sr(e.layout)]]:[]}function kt(n,e){let t=e.code,r=[];if(t.kind==="float16")r.push([n.vectors,X(t.values,e.features)]);else if(t.kind==="vq"){let s=new Uint32Array(n.codes.length);s.set(t.packed),r.push([n.codes,s],[n.vectors,X(t.codebook,e.features)])}else{let s=new Uint16Array(t.mean.length+t.basis.length);s.set(t.mean),s.set(t.basis,t.mean.length),r.push([n.vectors,X(t.coefficients,t.rank)],[n.basis,X(s,e.features)])}return r}function X(n,e){let t=e+(e&1),r=n.length/e,s=new Uint16Array(r*t);if(t===e)s.set(n);else for(let o=0;o<r;o++)s.set(n.subarray(o*e,(o+1)*e),o*t);return new Uint32Array(s.buffer)}function sr(n){let e=2**n.depth+1,t=Math.ceil(e**3/N),r=new Uint32Array(t*U),s=n.corners,o=0;for(let a=0;a<s.length;a++){let i=s[a],l=Math.floor(i/N);for(;o<l;)r[++o*U]=a;let c=i-l*N;r[l*U+1+(c>>5)]|=1<<(c&31)}for(;o<t-1;)r[++o*U]=s.length;return r}function Mt(n){let{inputs:e,outputs:t}=n,r=4*(e+1),s=new Float32Array(Math.ceil(t/4)*r);for(let o=0;o<t;o++){let a=(o>>2)*r+(o&3);n.bias!==null&&(s[a]=n.bias[o]);for(let i=0;i<e;i++)s[a+4*(i+1)]=n.weight[o*e+i]}return new Uint32Array(s.buffer)}function _e(n,e){let[t,r,s]=n.shape,o=new Uint32Array(n.cells.length),a=new Uint32Array(n.blocks.length),i=Math.ceil(t/(1<<F)),l=Math.ceil(r/(1<<F)),c=(u,d,f)=>{let p=(f*r+d)*t+u;o[p>>>5]|=1<<(p&31);let m=((f>>F)*l+(d>>F))*i+(u>>F);a[m>>>5]|=1<<(m&31)};if(n.level>=0){let u=L(e)[n.level].layout;for(let d of u.voxels)c(z(d),z(d>>>1),z(d>>>2))}else if(e.occupancy!==null){let u=e.occupancy.cells;for(let d=0,f=0;d<s;d++)for(let p=0;p<r;p++)for(let m=0;m<t;m++,f++)u[f>>>3]>>(f&7)&1&&c(m,p,d)}else c(0,0,0);return[[n.cells,o],[n.blocks,a]]}var Pe=256,or=256*16,ar=500,Z=class n{plan;#e;#t;#r=new Map;#s=new Map;#n=new Map;#a=null;#l=void 0;constructor(e,t){this.#e=e,this.plan=Ee(t,e.limits.maxStorageBufferBindingSize),this.#t=Et(this.plan)}static async create(e,t){let r=new n(e,t),{UNIFORM:s,STORAGE:o}=GPUBufferUsage;return await r.#i([...r.plan.buffers.map(({name:a,kind:i,bytes:l})=>[a,l,i==="uniform"?s:o]),["params",Pe,s],["table",or,o]]),r}fits(e){let t=Ee(e,this.#e.limits.maxStorageBufferBindingSize);return Et(t)===this.#t}update(e){if(L(e).forEach((t,r)=>{let s=this.#n.get(r);if(!(t.code===null||s?.code===t.code)&&(this.#n.set(r,{code:t.code,layout:t.layout}),this.#o(kt(this.plan.levels[r],t)),s?.layout!==t.layout)){this.#o(xt(this.plan.levels[r],t));for(let o of this.plan.occupancies)o.level===r&&this.#o(_e(o,e))}}),e.lodsDecoded!==0){if(e.occupancy!==this.#l){this.#l=e.occupancy;for(let t of this.plan.occupancies)t.level<0&&this.#o(_e(t,e))}e.networks!==this.#a&&(this.#a=e.networks,e.networks.forEach((t,r)=>{t.layers.forEach((s,o)=>{this.#o([[this.plan.layers[r][o],Mt(s)]])})}))}}#o(e){for(let[t,r]of e){let s=this.plan.buffers.find(o=>o.name===t.buffer).elementBytes;r.length>0&&this.write(t.buffer,r,t.offset*s)}}async#i(e){this.#e.pushErrorScope("out-of-memory");for(let[r,s,o]of e){this.#r.get(r)?.destroy();let a=o|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;this.#r.set(r,this.#e.createBuffer({label:r,size:s,usage:a}))}if(await this.#c(this.#e.popErrorScope())===null)return;for(let[r]of e)this.#r.get(r).destroy(),this.#r.delete(r);let t=e.reduce((r,[,s])=>r+s,0);throw new v("limit",`the image needs ${t} bytes of GPU memory that are not free`)}buffer(e){return this.#r.get(e)}write(e,t,r=0){this.#e.queue.writeBuffer(this.buffer(e),r,t)}async reserve(e,t){let r=Math.max(256,Math.ceil(t/256)*256);(this.#r.get(e)?.size??0)<r&&await this.#i([[e,r,GPUBufferUsage.STORAGE]])}async read(e){let t=Math.ceil(e/4)*4,r=GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST,s=this.#e.createBuffer({size:t,usage:r}),o=this.#e.createCommandEncoder();o.copyBufferToBuffer(this.buffer("output"),0,s,0,t),this.#e.queue.submit([o.finish()]),await this.#c(s.mapAsync(GPUMapMode.READ));let a=s.getMappedRange().slice(0);return s.destroy(),a}async pixels(e,t){let r=new Uint16Array(await this.read(8*e*t)),s=new Uint8ClampedArray(4*e*t);for(let o=0;o<s.length;o++)s[o]=255*ir(r[o]);return s}prepare(e,t="main"){let r=`${e} ${t}`,s=this.#s.get(r);return s===void 0&&(s=this.#d(e,t),this.#s.set(r,s),s.catch(()=>this.#s.delete(r))),s}run(e,t,r){let s=[[0,"params"],[1,"output"]];t==="points"&&s.push([3,"points"]),(t==="volume"||t==="plane")&&s.push([3,"table"]);for(let l of this.plan.buffers)s.push([l.binding,l.name]);let o=this.#e.createBindGroup({layout:e.layout,entries:s.map(([l,c])=>({binding:l,resource:{buffer:this.buffer(c)}}))}),a=this.#e.createCommandEncoder(),i=a.beginComputePass();i.setPipeline(e.pipeline),i.setBindGroup(0,o),i.dispatchWorkgroups(r[0],r[1]),i.end(),this.#e.queue.submit([a.finish()])}async finished(){await this.#c(this.#e.queue.onSubmittedWorkDone())}async#c(e){let t=setInterval(()=>this.#e.queue.submit([]),ar);try{return await e}finally{clearInterval(t)}}async#d(e,t){let r=new Map([[0,"uniform"],[1,"storage"]]);["points","volume","plane"].includes(e)&&r.set(3,"read-only-storage");for(let{binding:l,kind:c}of this.plan.buffers)r.set(l,c==="uniform"?"uniform":"read-only-storage");let s=this.#e.createBindGroupLayout({entries:[...r].map(([l,c])=>({binding:l,visibility:GPUShaderStage.COMPUTE,buffer:{type:c}}))}),o=this.#e.createShaderModule({label:e,code:wt(this.plan,e,W)}),a=this.#e.createComputePipelineAsync({label:e,layout:this.#e.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:o,entryPoint:t}});return{pipeline:await this.#c(a),layout:s}}get bytes(){let e=0;for(let t of this.#r.values())e+=t.size;return e}destroy(){for(let e of this.#r.values())e.destroy();this.#r.clear()}};function Et(n){return JSON.stringify([n.description,n.occupancies])}function ir(n){let e=n>>10;return e===0?n*2**-24:(1024+(n&1023))*2**(e-25)}var lr=.25,cr=1/512,ur=256,Pt=.5,Lt=4096,dr=192,Tt=60,At={2:256,3:40};function S(n){return Array.from({length:n.dims},(e,t)=>n.bounds[n.dims+t]-n.bounds[t])}function St(n,e,t){let r=-1;for(let o of L(n))o.layout.kind==="octree"&&o.lod<=e&&(r=Math.max(r,o.layout.depth));let s=t??fr(n);return Math.max(...S(n))/2**(r<0?7:r)/s}function fr(n){let e=n.metadata.render;if(typeof e!="object"||e===null)return 1;let t=e.samples_per_voxel;return typeof t!="number"||!(t>0)||!Number.isFinite(t)?1:Math.min(Math.max(t,1/16),16)}function J(n,e){let t=S(n),r=1/0;for(let s of n.grids)for(let o of s.levels)if(!(o.lod>e))for(let a=0;a<n.dims;a++){let i=hr(o,a)*mr(s,n.dims,a);r=Math.min(r,t[a]/i)}return r===1/0?Math.max(...t)/ur:r}function hr(n,e){let t=n.layout;if(t.kind==="octree")return 2**t.depth;let r=t.shape[t.shape.length-1-e];return t.alignCorners?Math.max(r-1,1):r}function mr(n,e,t){if(n.transform===null)return 1;let r=n.transform.subarray(t*(e+1),t*(e+1)+e);return Math.max(1e-6,Math.hypot(...r))}function Rt(n,e){return Math.min(lr*e,cr*Math.max(...S(n)))}function $t(n,e){return Math.min(J(n,e),Math.max(...S(n))/dr)}function Ot(n,e){let t=[],r=[];for(let s=0;s<3;s++){let o=n.bounds[s],a=n.bounds[n.dims+s];t.push(Math.min(Math.max(e[s],o),a)-e[s]),r.push(Math.max(Math.abs(e[s]-o),Math.abs(e[s]-a)))}return[Math.hypot(...t),Math.hypot(...r)]}function Ft(n,e,t){let r=_t([n[0]-e[0],n[1]-e[1],n[2]-e[2]]),s=Le(t,r);return Math.hypot(...s)<1e-9&&(s=Le(Math.abs(r[1])<.9?[0,1,0]:[1,0,0],r)),s=_t(s),[s,Le(r,s),r]}function Le(n,e){return[n[1]*e[2]-n[2]*e[1],n[2]*e[0]-n[0]*e[2],n[0]*e[1]-n[1]*e[0]]}function _t(n){let e=Math.hypot(...n);return[n[0]/e,n[1]/e,n[2]/e]}var Q=["eye","right","up","back","lens","distortion","scale","background","march","surface","transfer"],Te=["tile","image","chosen","cells","blocks"],I=class{words;#e;#t;constructor(e,t,r,s){let o=new ArrayBuffer(Pe);if(this.words=new Uint32Array(o),this.#e=new Float32Array(o),this.#t=e,this.floats("scale",S(e).map(a=>2/a)),this.integers("chosen",[r,s]),t.occupancies.length>0){let a=t.occupancies[t.occupancyOfLod[r]];this.integers("cells",[...a.shape,a.cells.offset]),this.integers("blocks",[a.blocks.offset])}}floats(e,t){this.#e.set(t,4*Q.indexOf(e))}integers(e,t){this.words.set(t,4*(Q.length+Te.indexOf(e)))}set flags(e){this.words[4*(Q.length+Te.indexOf("chosen"))+2]=e}set points(e){this.words[4*(Q.length+Te.indexOf("chosen"))+3]=e}camera(e,t,r){let{bounds:s,dims:o}=this.#t,a=S(this.#t);this.floats("eye",e.eye.map((d,f)=>(d-s[f])/a[f]*2-1).slice(0,o));let[i,l,c]=Ft(e.eye,e.target,e.up);this.floats("right",i),this.floats("up",l),this.floats("back",c);let u=.5*r/Math.tan(.5*e.verticalFov);this.floats("lens",[u,u,t/2,r/2])}plane(e,t,r){let{bounds:s}=this.#t,o=S(this.#t),i=Math.hypot(...e.eye.map((l,c)=>l-e.target[c]))*Math.max(o[0]/t,o[1]/r);this.floats("lens",o.map(l=>i*2/l)),this.floats("eye",o.map((l,c)=>(e.target[c]-s[c])/l*2-1))}};var br={shaded:0,depth:1,normals:2,iso:3,matcap:4},yr=2,It=64,zt=.1,gr=4096,vr=256,ee=class n{device;#e;#t;#r=null;#s=null;#n=0;#a=0;#l=[];#o=0;#i=gr/zt;#c=0;#d=new Map;#f=Promise.resolve();constructor(e,t,r){this.device=e,this.#e=t,this.#t=r}static async create(e,t={}){let r=t.device??await wr(),s=null,o=r.adapterInfo?.isFallbackAdapter===!0;return e!==null&&(s=o?new K(e):new j(e,r)),new n(r,t.device===void 0,s)}get lods(){return this.#n}get drawnLod(){return this.#a}get drawnLayer(){return this.#o}setField(e){return this.#c++,this.#u(async()=>{this.#d.clear(),(this.#r===null||!this.#r.fits(e))&&this.#h(),this.#r??=await Z.create(this.device,e),this.#r.update(e),this.#s=e,this.#n=e.lodsDecoded;let t=L(e);this.#l=Array.from({length:this.#n},(r,s)=>Ke(t,s))})}render(e,t){let r=++this.#c,s=()=>r===this.#c;return this.#u(async()=>this.#s!==null&&s()&&await this.#m(e,t,s)?(this.#a=this.#y(t.lod),this.#o=this.#l[this.#a]??0,await this.#t?.show(this.#r,t.width,t.height),!0):!1)}renderPixels(e,t){return this.#u(async()=>(await this.#m(e,t,()=>!0),this.#r.pixels(t.width,t.height)))}#u(e){let t=this.#f.then(e);return this.#f=t.catch(()=>{}),t}#h(){this.#r?.destroy(),this.#r=this.#s=null,this.#n=0}async#m(e,t,r){let s=this.#s,o=this.#r;if(s===null||o===null)throw new Error("there is no field to draw yet");let{width:a,height:i}=t,l=this.device.limits.maxStorageBufferBindingSize;if(!(a>=1&&i>=1&&8*a*i<=l))throw new RangeError(`an image of ${a} x ${i} pixels is not possible`);let[c,u]=await this.#p(s,o,e,t),d=await o.prepare(c);await o.reserve("output",8*a*i);for(let f=0;f<i;){let[p,m]=this.#k(a,i-f,t.antialias??1);for(let y=0;y<a;y+=p){if(!r())return!1;let b=[y,f,Math.min(p,a-y),m];u.integers("tile",b),o.write("params",u.words);let g=performance.now();o.run(d,c,[Math.ceil(b[2]/8),Math.ceil(m/8)]),await o.finished(),this.#x(b[2]*m*(t.antialias??1)**2,performance.now()-g)}f+=m}return r()}async#p(e,t,r,s){let{width:o,height:a}=s,i=s.mode??"shaded",l=s.channel??0,c=this.#y(s.lod);if(Ae(e),!Ct(e).includes(i))throw new RangeError(`mode "${i}" is not possible for this field`);let u=new I(e,t.plan,c,l);u.floats("background",(s.background??[1,1,1]).map(g=>Math.min(1,Math.max(0,g)))),u.integers("image",[o,a,s.antialias??1,br[i]]);let d=[0,1];if(e.kind==="scalar"&&(d=s.range??await this.#g(c,l),u.floats("transfer",d),t.write("table",xr(s.colormap??"viridis"))),e.dims===2)return u.plane(r,o,a),["plane",u];u.camera(r,o,a);let[f,p]=Ot(e,r.eye);if(e.kind==="nerf"){let g=St(e,c,s.samplesPerVoxel??void 0);return u.floats("march",[g,f,p]),["radiance",u]}if(e.kind==="scalar"&&i==="shaded"){let g=$t(e,c),k=Math.hypot(...S(e)),E=(s.opacity??1)*Tt*g/k;return u.floats("transfer",[d[0],d[1],E]),u.floats("march",[g,f,p]),["volume",u]}let m=e.kind==="sdf"?0:s.isoLevel??.5*(d[0]+d[1]),y=J(e,c),b=Rt(e,y);return u.floats("surface",[b,Pt*y,m]),u.floats("march",[0,f,p,await this.#v(c,m,l)]),["surface",u]}valueRange(e,t=0){return this.#u(()=>this.#g(e,t))}async#g(e,t){let r=this.#s;if(r===null)throw new v("limit","there is no field whose values could be told");let s=t===0?r.metadata.value_range:null;if(Array.isArray(s)&&s.length===2){let[l,c]=s;if(Number.isFinite(l)&&Number.isFinite(c)&&l<c)return[l,c]}let o=At[r.dims],a=new I(r,this.#r.plan,e,t);a.integers("cells",[o,o,r.dims===3?o:1]);let i=await this.#b(`range ${e} ${t}`,"range",a,o**r.dims);return[i[0],i[1]]}async#v(e,t,r){let s=this.#s,o=new I(s,this.#r.plan,e,r);o.floats("surface",[0,J(s,e),t]),o.flags=s.kind==="sdf"?yr:0;let a=`slope ${e} ${t} ${r}`;return(await this.#b(a,"slope",o,Lt))[0]}async#b(e,t,r,s){let o=this.#d.get(e);if(o===void 0){let a=this.#r,[i,l]=[await a.prepare(t),await a.prepare(t,"reduce")];r.points=s,await a.reserve("output",4*s),a.write("params",r.words),a.run(i,t,[Math.ceil(s/It),1]),a.run(l,t,[1,1]),o=[...new Float32Array(await a.read(8))],this.#d.set(e,o)}return o}evaluate(e,t=null,r=null){return this.#u(()=>this.#w(e,t,r))}async#w(e,t,r){let s=this.#s,o=this.#r,{dims:a,bounds:i}=s,l=e.length/a,c=o.plan.description.channels+(s.kind==="nerf"?1:0),u=new Float32Array(8*l);for(let f=0;f<l;f++){for(let p=0;p<a;p++){let m=i[p];u[8*f+p]=(e[a*f+p]-m)/(i[a+p]-m)*2-1}t!==null&&u.set(t.subarray(3*f,3*f+3),8*f+4)}let d=new I(s,o.plan,this.#y(r),0);return d.points=l,await o.reserve("points",u.byteLength),await o.reserve("output",4*l*c),o.write("points",u),o.write("params",d.words),o.run(await o.prepare("points"),"points",[Math.ceil(l/It),1]),new Float32Array(await o.read(4*l*c),0,l*c)}get bytes(){return this.#r?.bytes??0}destroy(){this.#c++,this.#h(),this.#e&&this.device.destroy()}#y(e){let t=Math.max(0,this.#n-1);return Math.min(t,Math.max(0,e??t))}#k(e,t,r){let s=Math.max(vr,this.#i*zt),o=Math.max(64,s/r**2),a=Math.min(Math.max(8,Math.floor(o/e/8)*8),t);return[Math.min(Math.max(8,Math.floor(o/a/8)*8),e),a]}#x(e,t){let r=1e3*e/Math.max(t,.1);this.#i=Math.min(r,4*this.#i)}};function Ae(n){if(!(Ct(n).length>0))throw new v("unsupported",`a 2-D ${n.kind} field has no image; \`nfcodec decode --resolution\` to .npz or .h5 writes its values`)}function Ct(n){return n.dims===2?n.kind==="scalar"?["shaded"]:[]:n.kind==="nerf"?["shaded","depth"]:n.kind==="sdf"?["shaded","matcap","normals","depth"]:["shaded","iso"]}async function wr(){if(!("gpu"in navigator)||navigator.gpu===void 0){let r=globalThis.isSecureContext!==!1;throw new Error(r?"WebGPU is missing here":"WebGPU is only there on pages served over https")}let n=await navigator.gpu.requestAdapter({powerPreference:"high-performance"});if(n===null)throw new Error("WebGPU is there, but no graphics adapter for it");let{maxStorageBufferBindingSize:e,maxBufferSize:t}=n.limits;return n.requestDevice({requiredLimits:{maxStorageBufferBindingSize:e,maxBufferSize:t}})}function xr(n){let e=new Float32Array(1024);return G(n).forEach((t,r)=>e[r]=t/255),e}async function Nt(n,e={}){let{onProgress:t,onLod:r,signal:s,worker:o,...a}=e;s?.throwIfAborted();let i=n instanceof Blob?n:kr(n),l={progress:u=>t?.(u),lod:(u,d)=>r?.(u,d)};if(o!==null&&(o!==void 0||typeof Worker<"u"))return Er((o??Mr)(),{source:i,options:a},l,s);let c=typeof i=="string"?new qe(i,s===void 0?{}:{signal:s}):new Ze(i,s);return Xe(c,l,a)}function kr(n){let e=typeof document>"u"?globalThis.location?.href:document.baseURI;return new URL(n,e).href}function Mr(){return new Worker(new URL("./worker.js",import.meta.url),{type:"module"})}function Er(n,e,t,r){let s=()=>{};return new Promise((o,a)=>{let i=null;s=()=>a(r?.reason),r?.addEventListener("abort",s,{once:!0}),n.onerror=l=>{l.preventDefault();let c=l.message?` (${l.message})`:"";a(new v("network",`the decoder could not be loaded or has failed${c}`))},n.onmessageerror=()=>a(new v("limit","there is not enough memory for what was decoded")),n.onmessage=({data:l})=>{if(!r?.aborted)try{if(l.type==="progress")t.progress(l.progress);else if(l.type==="lod")i=Ye(i,l.update),t.lod(i,l.update.changed.map(({position:c})=>c));else if(l.type==="done"){let c=i;c.metadata=l.metadata,o(c)}else{let{code:c,message:u}=l;a(c===null?new Error(u):new v(c,u))}}catch(c){a(c)}},n.postMessage(e)}).finally(()=>{r?.removeEventListener("abort",s),n.terminate()})}var _=(n,e)=>[n[0]+e[0],n[1]+e[1],n[2]+e[2]],x=(n,e)=>[n[0]-e[0],n[1]-e[1],n[2]-e[2]],M=(n,e)=>[n[0]*e,n[1]*e,n[2]*e],T=(n,e)=>n[0]*e[0]+n[1]*e[1]+n[2]*e[2],w=n=>Math.hypot(n[0],n[1],n[2]),A=(n,e)=>[n[1]*e[2]-n[2]*e[1],n[2]*e[0]-n[0]*e[2],n[0]*e[1]-n[1]*e[0]],P=n=>M(n,1/w(n));function Ut(n,e,t){let r=Math.cos(t),s=M(e,T(e,n)*(1-r));return _(_(M(n,r),M(A(e,n),Math.sin(t))),s)}function te(n){return P(A(Math.abs(n[1])<.9?[0,1,0]:[1,0,0],n))}var _r=35*Math.PI/180,Pr=.05,Vt=35*Math.PI/180,Dt=20*Math.PI/180,Bt=.002,Lr=1e6;function Tr(n){let{width:e,height:t}=$e(n);return typeof e=="number"&&typeof t=="number"&&e>0&&t>0?e/t:null}function Ht(n){return ne(n,"eye")!==null&&ne(n,"target")!==null}function Gt(n,e){let t=$e(n),r=t.vertical_fov,s=typeof r=="number"&&r>.001&&r<Math.PI-.001?r:_r,o=$r(t.up)??Se(n),a=Re(n),i=ne(n,"target")??Kt(a),l=ne(n,"eye"),c=Math.max(...x(a[1],a[0]));if(l!==null&&w(x(l,i))>1e-9*c){let f=Tr(n)??1;return e<f&&(s=2*Math.atan(Math.tan(s/2)*f/e),s=Math.min(s,2.6)),{eye:l,target:i,up:o,verticalFov:s}}let u=Or(o),d=Fr(a,i,u,o,s,e);return{eye:_(i,M(u,d)),target:i,up:o,verticalFov:s}}function Se(n){return n.kind==="sdf"?[0,1,0]:[0,0,1]}function Re(n){let[e,t]=Wt(n),r=Ar(n);if(r===null)return[e,t];let s=[[],[]];return r.forEach((o,a)=>{let[i,l]=Rr(o),c=t[a]-e[a];s[0].push(e[a]+c*i),s[1].push(e[a]+c*l)}),s}function Ar(n){let e=null;for(let l of n.grids)for(let{layout:c,code:u}of l.levels)c.kind==="octree"&&u!==null&&c.depth>(e?.depth??-1)&&(e=c);if(e!==null&&e.voxels.length>0)return Sr(e);let t=n.occupancy;if(t===null||t.shape.length!==3)return null;let[r,s,o]=t.shape,a=[new Float64Array(o),new Float64Array(s),new Float64Array(r)],i=!1;for(let l=0;l<o*s*r;l++)t.cells[l>>3]>>(l&7)&1&&(i=!0,a[0][l%o]+=1,a[1][Math.floor(l/o)%s]+=1,a[2][Math.floor(l/(o*s))]+=1);return i?a:null}function Sr(n){let e=[0,1,2].map(()=>new Float64Array(2**n.depth));for(let t of n.voxels)for(let r=0;r<3;r++)e[r][z(t>>>r)]+=1;return e}function Rr(n){let e=n.reduce((o,a)=>o+a,0),t=0,r=-1,s=n.length-1;for(let o=0;o<n.length;o++)if(t+=n[o],r<0&&t>Bt*e&&(r=o),t>=(1-Bt)*e){s=o;break}return[Math.max(r,0)/n.length,(s+1)/n.length]}function $e(n){let e=n.metadata.camera;return typeof e=="object"&&e!==null&&!Array.isArray(e)?e:{}}function ne(n,e){let t=jt($e(n)[e]),[r,s]=Wt(n),o=Lr*w(x(s,r));return t!==null&&w(x(t,Kt([r,s])))<=o?t:null}function Wt(n){let e=t=>[...n.bounds.subarray(t,t+3)];return[e(0),e(3)]}function jt(n){return!Array.isArray(n)||n.length!==3?null:n.every(e=>typeof e=="number"&&Number.isFinite(e))?n:null}function $r(n){let e=jt(n),t=e===null?0:w(e);return e!==null&&t>1e-12&&t<1/0?P(e):null}function Kt([n,e]){return M(_(n,e),.5)}function Or(n){let e=Math.max(...n.map(Math.abs)),r=Math.abs(n[2])===e?[0,-1,0]:[0,0,1],s=P(x(r,M(n,T(r,n)))),o=_(M(s,Math.cos(Vt)),M(A(n,s),Math.sin(Vt)));return _(M(o,Math.cos(Dt)),M(n,Math.sin(Dt)))}function Fr(n,e,t,r,s,o){let a=P(A(r,t)),i=A(t,a),l=Math.tan(s/2),c=0;for(let u=0;u<8;u++){let d=m=>n[u>>m&1][m],f=x([d(0),d(1),d(2)],e),p=Math.max(Math.abs(T(f,a))/(l*o),Math.abs(T(f,i))/l);c=Math.max(c,T(f,t)+p)}return c*(1+Pr)}var qt=Math.PI,re=Math.PI/24,se=1/24,V=1.1,Ir=.0015,zr=.01,Cr=16,Nr=300,Yt=24;function Xt(n,e){let t=new Map,r=!1,s=0,o=null,a={time:-1/0,x:0,y:0},i=(u,d,f={})=>n.addEventListener(u,d,f),l=()=>{clearTimeout(s),s=window.setTimeout(()=>e.rest(),200)};i("pointerdown",u=>{n.focus({preventScroll:!0}),n.setPointerCapture(u.pointerId),t.set(u.pointerId,{x:u.clientX,y:u.clientY}),o=t.size===1?{x:u.clientX,y:u.clientY}:null,r=u.button!==0||u.shiftKey||u.ctrlKey||u.metaKey,u.button===1&&u.preventDefault()}),i("pointermove",u=>{let d=t.get(u.pointerId);if(d===void 0)return;let f={x:u.clientX,y:u.clientY},[p,m]=[f.x-d.x,f.y-d.y];o!==null&&Math.hypot(f.x-o.x,f.y-o.y)>Yt/2&&(o=null);let y=n.clientHeight||1;if(t.size===1)r?e.pan(p/y,m/y):e.turn(p/y*qt,m/y*qt);else if(t.size===2){let b=[...t].find(([$])=>$!==u.pointerId)[1],g=$=>Math.hypot($.x-b.x,$.y-b.y),[k,E]=[g(d),g(f)];k>1&&E>1&&e.zoom(k/E),e.pan(p/2/y,m/2/y)}t.set(u.pointerId,f)});let c=u=>{t.delete(u.pointerId)&&t.size===0&&e.rest()};i("pointerup",u=>{let{timeStamp:d,clientX:f,clientY:p}=u,m=Math.hypot(f-a.x,p-a.y)<Yt;o!==null&&u.pointerType==="touch"&&(m&&d-a.time<Nr&&e.reset(),a={time:d,x:f,y:p}),c(u)}),i("pointercancel",c),i("dblclick",()=>e.reset()),i("contextmenu",u=>u.preventDefault()),i("wheel",u=>{u.preventDefault();let d=u.deltaMode===WheelEvent.DOM_DELTA_PIXEL?1:Cr,f=Math.max(-400,Math.min(400,u.deltaY*d));e.zoom(Math.exp(f*(u.ctrlKey?zr:Ir))),l()},{passive:!1}),i("keydown",u=>{if(u.ctrlKey||u.metaKey||u.altKey)return;let f={ArrowLeft:()=>u.shiftKey?e.pan(-se,0):e.turn(-re,0),ArrowRight:()=>u.shiftKey?e.pan(se,0):e.turn(re,0),ArrowUp:()=>u.shiftKey?e.pan(0,-se):e.turn(0,-re),ArrowDown:()=>u.shiftKey?e.pan(0,se):e.turn(0,re),"+":()=>e.zoom(1/V),"=":()=>e.zoom(1/V),"-":()=>e.zoom(V),PageUp:()=>e.zoom(1/V),PageDown:()=>e.zoom(V),Home:()=>e.reset(),0:()=>e.reset()}[u.key];f!==void 0&&(u.preventDefault(),f(),l())})}var oe=class{#e=new Set;#t=null;constructor(e){e.then(t=>{this.#t=t;for(let r of this.#e)r(t)})}async during(e){let t=()=>{};try{return await new Promise((r,s)=>{t=s,this.#e.add(t),this.#t!==null&&s(this.#t),e.then(r,s)})}finally{this.#e.delete(t)}}};var Ur=200,R=class extends Error{},D=class n{renderer;#e;constructor(e){this.renderer=e,this.#e=new oe(e.device.lost.then(({message:t})=>new R(t)))}static async create(e){let t=document.createElement("canvas"),r=await ee.create(t);return e.replaceChildren(t),new n(r)}async whileThere(e){try{return await this.#e.during(e)}catch(t){throw t instanceof R||t instanceof v||t instanceof RangeError||await this.#e.during(new Promise(s=>setTimeout(s,Ur))),t}}};function Zt(n){let e=[];if(n.view!==void 0){let{eye:t,target:r,up:s,verticalFov:o}=n.view;e.push(`camera=${[...t,...r,...s,o].map(Oe).join(",")}`)}return n.lod!==void 0&&e.push(`lod=${n.lod}`),n.mode!==void 0&&e.push(`mode=${encodeURIComponent(n.mode)}`),n.colormap!==void 0&&e.push(`colormap=${encodeURIComponent(n.colormap)}`),n.range!==void 0&&e.push(`range=${n.range.map(Oe).join(",")}`),n.level!==void 0&&e.push(`level=${Oe(n.level)}`),n.background!==void 0&&e.push(`background=${le(n.background)}`),e.length>0?`#${e.join("&")}`:""}function ie(n){let e=new URLSearchParams(n.replace(/^#/,"")),t={},r=ae(e.get("camera"),10);if(r!==null){let[u,d,f]=[0,3,6].map(g=>r.slice(g,g+3)),p=r[9],m=Math.max(Math.hypot(...u),Math.hypot(...d));Math.hypot(...u.map((g,k)=>g-d[k]))>1e-9*m&&Math.hypot(...f)>1e-9&&p>.001&&p<3&&(t.view={eye:u,target:d,up:f,verticalFov:p})}let s=ae(e.get("lod"),1);s!==null&&Number.isInteger(s[0])&&s[0]>=0&&(t.lod=s[0]);let o=e.get("mode");o!==null&&(t.mode=o);let a=e.get("colormap");a!==null&&(t.colormap=a);let i=ae(e.get("range"),2);i!==null&&i[0]<i[1]&&(t.range=i);let l=ae(e.get("level"),1);l!==null&&(t.level=l[0]);let c=/^[0-9a-f]{6}$/i.exec(e.get("background")??"")?.[0];if(c!==void 0){let u=d=>parseInt(c.slice(d,d+2),16)/255;t.background=[u(0),u(2),u(4)]}return t}var Vr=/[^\p{L}\p{N} _.~()+,=@!&;'$*-]|^ | $/gu;function Jt(n){return`?src=${encodeURIComponent(n.replace(Vr,encodeURIComponent))}`}function Fe(n){let e=n.searchParams.get("src");if(e===null||e==="")return null;let t=new URL(e,n);if(t.protocol!=="http:"&&t.protocol!=="https:")throw new TypeError(`"${e}" is not the address of a file on a web server`);return t}function Qt(n){let e=n.pathname.split("/").pop()??"";try{return decodeURIComponent(e)||n.host}catch{return e}}function ae(n,e){if(n===null)return null;let t=n.split(",").map(r=>r.trim()===""?NaN:Number(r));return t.length===e&&t.every(r=>Math.abs(r)<=1e30)?t:null}function le(n){return n.map(e=>Math.round(255*e).toString(16).padStart(2,"0")).join("")}function Oe(n){return String(Number(n.toPrecision(8)))}function Ie(n,e){if(n instanceof TypeError)return Dr(n.message);let t=tn(n),r=Ce(n instanceof Error?n.message:String(n));switch(t){case"damaged":return{title:`${e} cannot be read`,text:r,remedy:"Copy or download the file again as binary. If you have it on disk, \u201Cnfcodec verify\u201D says whether it is sound."};case"unsupported":return{title:`${e} cannot be shown by this viewer`,text:r,remedy:"\u201Cnfcodec info\u201D says what is in it. If it needs a newer version, update nfcodec and, if this page is an export, export it anew."};case"limit":return{title:`${e} is too large`,text:r,remedy:"Encode the field with fewer levels of detail, or look at a smaller one."};case"network":return{title:`${e} could not be loaded`,text:r,remedy:"Check the name and the connection. A file on another server needs that server's permission (CORS)."};default:return{title:`${e} could not be shown`,text:r,remedy:"This is a defect of the viewer: please report it with this text."}}}function en(n){return tn(n)!=="network"?"The rest of the file cannot be read.":"The rest of the file did not arrive."}function tn(n){return n instanceof v?n.code:n?.code}function Dr(n){return{title:"This address names no file",text:Ce(n),remedy:"Put the file beside this page and open ?src=name.nfc, or drop it here."}}function ze(n,e){return{title:"This browser cannot draw the field",text:Ce(n)+(e?" This is the preview stored in the file.":""),remedy:"The viewer needs WebGPU: a current Chrome, Edge, Firefox or Safari, with graphics acceleration switched on, on a page served over https or from this machine."}}var nn={title:"Drop a .nfc file here, or open one",text:"It is drawn while it is read, on this machine; nothing is sent anywhere.",remedy:"A file beside this page opens with ?\u2060src=name.nfc in the address."};function Ce(n){let e=n.trim();if(e==="")return"The reason is not known.";let t=/[.!?]$/.test(e)?e:`${e}.`;return t[0].toUpperCase()+t.slice(1)}function B(n){if(n<1e3)return`${n} B`;let e=n,t="";for(t of["kB","MB","GB"])if(e/=1e3,e<999.5)break;return`${e<9.95?e.toFixed(1):Math.round(e)} ${t}`}var Br=.01,Hr=.02,Gr=40,Wr=.03,ce=class{#e;#t;#r;#s;#n;constructor(e,t,r){this.#e=e;let s=w(x(e.eye,e.target));this.#r=Math.min(Hr*r,s),this.#s=Math.max(Gr*r,s);let o=P(x(e.eye,e.target)),a=A(e.up,o),i=w(a)>1e-6?P(a):te(o),l=T(A(o,i),t)>0;this.#t=l&&Math.abs(T(i,t))<Wr?t:e.up,this.#n=e}get view(){return this.#n}set view(e){let t=x(e.eye,e.target);if(!(w(x(e.target,this.#e.target))<=2*this.#s&&Number.isFinite(w(t))))return;let s=w(t),o=this.#a(s);this.#n=o===s?e:{...e,eye:_(e.target,M(t,o/s))}}#a(e){return Math.min(this.#s,Math.max(this.#r,e))}get isHome(){return this.#n===this.#e}reset(){this.#n=this.#e}turn(e,t){let{eye:r,target:s}=this.#n,o=Ut(x(r,s),this.#t,-e),a=w(o),i=Math.min(1,Math.max(-1,T(o,this.#t)/a)),l=Math.PI/2-Br,c=Math.asin(i),u=Math.min(l,Math.max(-l,c+t)),d=x(o,M(this.#t,T(o,this.#t))),f=w(d)>1e-9*a?P(d):te(this.#t),p=_(M(f,Math.cos(u)),M(this.#t,Math.sin(u)));this.#n={...this.#n,eye:_(s,M(p,a)),up:this.#t}}pan(e,t){let{eye:r,target:s,up:o,verticalFov:a}=this.#n,i=x(r,s),l=2*w(i)*Math.tan(a/2),c=A(o,i),u=w(c)>1e-6*w(i)?P(c):te(P(i)),d=P(A(i,u)),f=_(M(u,-e*l),M(d,t*l));this.#n={...this.#n,eye:_(r,f),target:_(s,f)}}zoom(e){let{eye:t,target:r}=this.#n,s=x(t,r),o=this.#a(w(s)*e);this.#n={...this.#n,eye:_(r,M(P(s),o))}}};function h(n,e=HTMLElement){let t=document.getElementById(n);if(!(t instanceof e))throw new Error(`the page has no ${e.name} "${n}"`);return t}var rn=0;function ue(n){let e=h("toast");e.textContent=n,e.classList.add("seen"),clearTimeout(rn),rn=window.setTimeout(()=>e.classList.remove("seen"),2500)}var jr={nerf:[["shaded","Radiance"],["depth","Depth"]],sdf:[["shaded","Light"],["matcap","Clay"],["normals","Normals"],["depth","Depth"]],scalar:[["shaded","Volume"],["iso","Surface"]]};function Ne(n){return n.dims===2?[["shaded","Plane"]]:jr[n.kind]}function Ue(n){let e=n.metadata.background;return!Array.isArray(e)||e.length!==3||!e.every(t=>typeof t=="number"&&Number.isFinite(t))?null:e.map(t=>Math.min(1,Math.max(0,t)))}function sn(n){let e=n.metadata.value_range;if(!Array.isArray(e)||e.length!==2)return null;let[t,r]=e;return typeof t!="number"||typeof r!="number"?null:Number.isFinite(t)&&Number.isFinite(r)&&t<r?[t,r]:null}var on=[1,1,1],Kr=[20/255,23/255,28/255],qr=[0,0,0],de=class{#e;#t;#r=null;#s="shaded";#n=null;#a="page";#l=null;#o=null;#i=null;constructor(e,t){this.#e=e,this.#t=t;let r=h("colormap",HTMLSelectElement);for(let s of Object.keys(H))r.add(new Option(s,s));h("panel",HTMLFormElement).addEventListener("submit",s=>s.preventDefault()),h("lod",HTMLInputElement).addEventListener("input",()=>{this.#c(Number(h("lod",HTMLInputElement).value))}),h("auto",HTMLInputElement).addEventListener("change",()=>{let s=h("auto",HTMLInputElement).checked;this.#c(s?null:Number(h("lod",HTMLInputElement).value))}),r.addEventListener("change",()=>this.#d());for(let s of["low","high"])h(s,HTMLInputElement).addEventListener("change",()=>this.#d());h("level",HTMLInputElement).addEventListener("input",()=>{this.#i=Number(h("level",HTMLInputElement).value)/1e3,this.#d()})}get look(){let e=this.#h();return{lod:this.#n,mode:this.#s,background:this.#m()[this.#a],colormap:h("colormap",HTMLSelectElement).value,range:e,isoLevel:this.#i===null?null:this.#u()}}open(e,t){this.#r=e;let r=Ne(e),s=r.some(([p])=>p===t.mode);this.#s=s?t.mode:r[0][0],this.#n=t.lod==null?null:Math.min(t.lod,e.lods-1),an("modes",r,this.#s,p=>{this.#s=p,this.#d()});let o=Ue(e),a=[["page","Page\u2019s"],["white","White"],["black","Black"]];o!==null&&a.unshift(["file","File\u2019s"]),this.#a=a[0][0];let i=t.background;if(i!==void 0){let p=a.find(([m])=>le(this.#m()[m])===le(i));this.#l=p===void 0?i:null,p===void 0&&a.push(["link","Link\u2019s"]),this.#a=p?.[0]??"link"}an("backgrounds",a,this.#a,p=>{this.#a=p,this.#d()});let l=h("colormap",HTMLSelectElement);l.value=t.colormap!==void 0&&Object.hasOwn(H,t.colormap)?t.colormap:"viridis";let c=t.range??sn(e);h("low",HTMLInputElement).value=c===null?"":String(c[0]),h("high",HTMLInputElement).value=c===null?"":String(c[1]);for(let p of["low","high"])h(p,HTMLInputElement).placeholder="";this.#o=c;let[u,d]=c??[0,1];this.#i=t.isoLevel==null?null:(t.isoLevel-u)/(d-u);let f=Math.min(1,Math.max(0,this.#i??.5));h("level",HTMLInputElement).value=String(Math.round(1e3*f)),h("lod",HTMLInputElement).max=String(e.lods-1),h("detail").hidden=e.lods<2,this.#d()}arrived(e){this.#r=e,this.#f()}get lacksRange(){return this.#r?.kind==="scalar"&&this.#o===null}set measuredRange(e){let t=this.#i===null?null:this.#u();this.#o=e,h("low",HTMLInputElement).placeholder=Ve(e[0]),h("high",HTMLInputElement).placeholder=Ve(e[1]),t!==null&&(this.#i=(t-e[0])/(e[1]-e[0])),this.#f()}step(e){if(this.#r===null)return;let t=this.#r.lods-1,r=this.#n??Math.max(0,this.#r.lodsDecoded-1),s=Math.max(0,r+e);this.#c(s>t?null:s)}automatic(){this.#c(null)}nextMode(){if(this.#r===null)return;let e=Ne(this.#r).map(([r])=>r);this.#s=e[(e.indexOf(this.#s)+1)%e.length];let t=document.querySelector(`#modes input[value="${this.#s}"]`);t!==null&&(t.checked=!0),this.#d()}themeChanged(){this.#r!==null&&this.#d()}#c(e){this.#n=e,this.#d()}#d(){this.#f(),this.#e(this.look)}#f(){let e=this.#r;if(e===null)return;let t=Math.max(0,e.lodsDecoded-1),r=Math.min(t,this.#n??t);h("lod",HTMLInputElement).value=String(this.#n??t),h("auto",HTMLInputElement).checked=this.#n===null;let s=this.#n!==null&&this.#n>t?", waiting":"";h("lod-value").textContent=`${r} of 0\u2013${e.lods-1}${s}`;let o=e.kind==="scalar",a=this.#s==="iso";h("colors").hidden=!o,h("range").hidden=!o,h("surface").hidden=!a,h("level-value").textContent=this.#o===null?"":Ve(this.#u()),o&&Yr(h("colormap",HTMLSelectElement).value)}#u(){let[e,t]=this.#h()??this.#o??[0,1];return e+(t-e)*(this.#i??.5)}#h(){let e=[h("low",HTMLInputElement).value,h("high",HTMLInputElement).value];if(e.every(s=>s===""))return null;let[t,r]=e.map((s,o)=>s===""?this.#o?.[o]:Number(s));return t===void 0||r===void 0?null:Number.isFinite(t)&&Number.isFinite(r)&&t<r?[t,r]:null}#m(){let e=this.#t()?Kr:on;return{file:(this.#r===null?null:Ue(this.#r))??e,page:e,white:on,black:qr,link:this.#l??e}}};function an(n,e,t,r){let s=h(n);s.replaceChildren(...e.map(([o,a])=>{let i=document.createElement("label"),l=document.createElement("input");return Object.assign(l,{type:"radio",name:n,value:o,checked:o===t}),l.addEventListener("change",()=>r(o)),i.append(l,a),i})),s.closest("fieldset").hidden=e.length<2}function Yr(n){let e=h("ramp",HTMLCanvasElement),t=new ImageData(G(n),256,1);e.getContext("2d").putImageData(t,0,0)}function Ve(n){return String(Number(n.toPrecision(4)))}var Xr=.001,Zr=4,fe=class{#e;#t;#r;#s;constructor(e,t){this.#e=e,this.#t=t;let[r,s,o,a]=e.bounds;this.#r=ln((r+o)/2,(s+a)/2,1),this.#s=this.#r}get view(){return this.#s}set view({eye:e,target:t}){this.#n(t[0],t[1],w(x(e,t)))}get isHome(){return this.#s===this.#r}reset(){this.#s=this.#r}turn(e,t){this.pan(e/Math.PI,t/Math.PI)}pan(e,t){let[r,s,o,a]=this.#e.bounds,{target:i,eye:l}=this.#s,c=w(x(l,i)),u=c*Math.max((o-r)/this.#t(),a-s);this.#n(i[0]-e*u,i[1]+t*u,c)}zoom(e){let{target:t,eye:r}=this.#s;this.#n(t[0],t[1],w(x(r,t))*e)}#n(e,t,r){let[s,o,a,i]=this.#e.bounds,l=(c,u,d)=>Math.min(d,Math.max(u,c));this.#s=ln(l(e,s,a),l(t,o,i),l(r,Xr,Zr))}};function ln(n,e,t){return{eye:[n,e,t],target:[n,e,0],up:[0,1,0],verticalFov:.6}}var Jr=[137,78,70,67,13,10,26,10],De=20,cn=12,Qr=4096,es=1<<20,ts=416;async function un(n,e){let t=await Be(n,0,Qr,e);if(t.length<De||Jr.some((c,u)=>t[u]!==c))throw new v("damaged","this is not a .nfc file (no signature at its start)");let r=new DataView(t.buffer,t.byteOffset),s=r.getUint16(10,!0),o=De+cn*s,a=Math.ceil((o+r.getUint32(12,!0))/4)*4;if(t.length<o&&(t=await Be(n,0,o,e)),t.length<o)return null;let i=new DataView(t.buffer,t.byteOffset),l=a;for(let c=De;c<o;c+=cn){let u=String.fromCharCode(...t.subarray(c,c+4)),d=i.getUint32(c+4,!0);if(u==="prev")return d<4||d>es?null:ns(await Be(n,l,d,e),d);l+=d}return null}function ns(n,e){if(n.length<e)return null;let t=new DataView(n.buffer,n.byteOffset).getUint32(0,!0);return t>e-4?null:new Blob([n.subarray(4,4+t)])}async function Be(n,e,t,r){if(n instanceof Blob)return new Uint8Array(await n.slice(e,e+t).arrayBuffer());try{let s=`bytes=${e}-${e+t-1}`,o=await fetch(n,{headers:{range:s},signal:r});if(o.status===ts)return new Uint8Array(0);if(!o.ok){let a=`${o.status} ${o.statusText}`.trim();throw new v("network",`the server answered ${a}`)}return await rs(o,o.status===206?0:e,t)}catch(s){throw r.aborted||s instanceof v?s:new v("network","the server could not be reached, or the connection was lost")}}async function rs({body:n},e,t){let r=new Uint8Array(t),s=n?.getReader(),o=e,a=0;for(;s!==void 0&&a<t;){let{done:i,value:l}=await s.read();if(i)break;let c=l.subarray(Math.min(o,l.length));o-=l.length-c.length;let u=c.subarray(0,t-a);r.set(u,a),a+=u.length}return await s?.cancel(),r.slice(0,a)}var he=class{#e=0;progress(e,t,r){h("readout").hidden=!1;let s=t===null||t===0?0:Math.min(1,e/t);h("fill").style.transform=`scaleX(${s})`,h("bar").setAttribute("aria-valuenow",String(Math.round(100*s))),h("received").textContent=t===null?B(e):`${B(e)} / ${B(t)}`;let o=h("ticks"),a=t===null?[]:r.slice(0,-1);o.childElementCount!==a.length&&o.replaceChildren(...a.map(i=>{let l=document.createElement("i");return l.style.left=`${100*i/t}%`,l}))}shown(e){h("level-shown").textContent=`${e.lod} of 0\u2013${e.lods-1}`,h("pixels").textContent=`${e.width} \xD7 ${e.height}`+(e.share<1?` (${Math.round(100*e.share)} %)`:""),h("memory").textContent=B(e.gpuBytes),this.#t(e.framesPerSecond)}#t(e){let t=h("frames");if(clearTimeout(this.#e),e===null){t.textContent="still";return}t.textContent=`${e.toFixed(e<10?1:0)} / s`,this.#e=window.setTimeout(()=>t.textContent="still",1200)}};var ss=33.333333333333336,os=150,dn=.125,as=2,me=class{#e=0;learn(e,t){if(e<=0||t<=0)return;let r=t/e;this.#e=this.#e===0?r:.7*this.#e+.3*r}forget(){this.#e=0}moving(e){return this.#e===0?Math.min(1,Math.max(dn,Math.sqrt(65536/e))):this.#t(ss,e)}refined(e,t){let r=this.#e===0?0:this.#t(os,t);return Math.min(1,Math.max(as*e,r))}#t(e,t){let r=Math.sqrt(e/(this.#e*t));return Math.min(1,Math.max(dn,r))}},pe=class{#e=[];shown(e){for(this.#e.push(e);this.#e.length>0&&e-this.#e[0]>1e3;)this.#e.shift()}read(e){let t=this.#e.filter(r=>e-r<=1e3);return t.length<2||e-t[t.length-1]>500?null:(t.length-1)/((t[t.length-1]-t[0])/1e3)}};var is=4096,ls=3,cs=250,us=2,be=class n{#e;#t;#r=new me;#s=new pe;#n;#a=null;#l=null;#o=null;#i=!1;#c=0;#d=!1;#f=null;#u=[];constructor(e,t,r){this.#e=e,this.#t=t,this.#n=r,this.#w(r),new ResizeObserver(()=>{this.#t.resized(),this.draw()}).observe(e)}static async create(e,t){return new n(e,t,await D.create(e))}get aspect(){return(this.#e.clientWidth||1)/(this.#e.clientHeight||1)}async open(e,t,r){this.#a=e,this.#l=t,this.#o=r,await this.#h(e)}async arrived(){let e=this.#a;for(;this.#f!==null&&!this.#f.patient;)await this.#f.done;e!==null&&e===this.#a&&await this.#h(e)}async#h(e){let t=this.#n;this.#r.forget();try{await t.whileThere(t.renderer.setField(e))}catch(r){if(r instanceof R)return;throw e===this.#a&&(this.#a=null),r}this.draw()}set view(e){this.#l=e,this.draw()}set look(e){this.#o=e,this.draw()}set moving(e){this.#i!==e&&(this.#i=e,this.draw())}draw(){this.#c=0,this.#t.changed(),this.#m()}#m(){if(this.#d)return;this.#d=!0;let e=!1,t=()=>{e||(e=!0,this.#d=!1,(this.#f===null||this.#f.patient)&&this.#p())};requestAnimationFrame(t),setTimeout(()=>{document.hidden||t()},cs)}async image(){let[e,t]=this.#b(),r=this.#n,s=this.#v(e,t),o=await r.whileThere(r.renderer.renderPixels(this.#l,s)),a=new OffscreenCanvas(e,t);return a.getContext("2d").putImageData(new ImageData(o,e,t),0,0),a.convertToBlob({type:"image/png"})}valueRange(){let e=this.#n;return e.whileThere(e.renderer.valueRange(e.renderer.lods-1))}#p(){let e=this.#e.clientWidth>0&&this.#e.clientHeight>0;if(this.#a===null||this.#l===null||this.#o===null||!e||this.#c===1)return;let[t,r]=this.#b(),s=t*r,o=this.#c>0&&!this.#i,a=o?this.#r.refined(this.#c,s):this.#r.moving(s),i=Math.max(1,Math.round(t*a)),l=Math.max(1,Math.round(r*a));this.#c=a;let c={done:Promise.resolve(),patient:o};c.done=this.#g(i,l,a).then(u=>{if(this.#f!==c)return;this.#f=null;let d=this.#c===0||this.#c<1&&!this.#i;u&&d&&this.#m()}),this.#f=c}async#g(e,t,r){let s=this.#n,o=this.#a,a=this.#v(e,t);try{let i=performance.now();if(!await s.whileThere(s.renderer.render(this.#l,a)))return!0;let l=performance.now();return this.#r.learn(e*t,l-i),this.#s.shown(l),this.#t.shown({field:o,lod:s.renderer.drawnLod,lods:o.lods,layer:s.renderer.drawnLayer,layers:je(L(o),s.renderer.drawnLod)+1,width:e,height:t,share:r,sharp:r===1&&this.#c===1,framesPerSecond:this.#s.read(l),gpuBytes:s.renderer.bytes}),!0}catch(i){return i instanceof R||this.#t.failed(i,o),!1}}#v(e,t){let r=Math.max(0,this.#n.renderer.lods-1),s=this.#o;return{...s,lod:Math.min(r,s.lod??r),width:e,height:t}}#b(){let e=Math.min(us,window.devicePixelRatio||1),t=Math.max(1,Math.round(this.#e.clientWidth*e)),r=Math.max(1,Math.round(this.#e.clientHeight*e)),s=Math.min(1,is/Math.max(t,r));return[Math.max(1,Math.round(t*s)),Math.max(1,Math.round(r*s))]}#w(e){let{device:t}=e.renderer,r=!0;t.addEventListener("uncapturederror",({error:s})=>{if(!r||e!==this.#n)return;r=!1;let o=this.#a;this.#t.failed(s,o),o!==null&&(this.#a=null,t.destroy())}),t.lost.then(s=>{let o=r?s.message:null;r=!1,e===this.#n&&this.#y(o)})}async#y(e){let t=performance.now();e!==null&&(this.#u=[...this.#u.filter(s=>t-s<6e4),t]);let r=null;try{if(this.#u.length>ls)throw new Error(`the GPU was lost (${e})`);this.#n=await D.create(this.#e),this.#w(this.#n),this.#f=null,r=this.#a,r!==null&&await this.#h(r)}catch(s){this.#t.failed(s,r)}}};var fn="nfcodec-theme",hn=window.matchMedia("(prefers-color-scheme: dark)");function He(){let n=document.documentElement.dataset.theme;return n===void 0?hn.matches:n==="dark"}function mn(n){let e=ds();(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e),hn.addEventListener("change",n)}function pn(){let n=He()?"light":"dark";document.documentElement.dataset.theme=n;try{localStorage.setItem(fn,n)}catch{}}function ds(){try{return localStorage.getItem(fn)}catch{return null}}var fs={nerf:"Radiance field",sdf:"Signed distance",scalar:"Scalar field"},ye=class{#e=new he;#t;#r;#s=new AbortController;#n=null;#a="";#l=null;#o=null;opened=()=>{};#i=null;constructor(){mn(()=>this.#t.themeChanged()),this.#t=new de(e=>{this.#u(t=>{t.look=e})},He),this.#r=be.create(h("image"),{changed:()=>document.body.dataset.sharp="false",shown:e=>this.#b(e),resized:()=>this.#k(),failed:(e,t)=>{t===null?this.#h(e):t===this.#l&&this.#m(e)}}),this.#r.catch(e=>this.#_(e)),this.#I()}get source(){return this.#n}async open(e,t){this.#s.abort();let r=this.#s=new AbortController,{signal:s}=r;if(this.#n=e,this.#a=t,this.#l=null,this.opened(),h("notice").hidden=!0,this.#c(t),this.#i!==null){await this.#M(this.#i);return}let o=null;this.#d("loading");try{let a=await Nt(e,{signal:s,worker:hs,onProgress:({received:l,total:c,lodEnds:u})=>{s.aborted||this.#e.progress(l,c,u)},onLod:(l,c)=>{if(s.aborted)return;let u=l.grids.flatMap(f=>f.levels),d=c.some(f=>u[f].layer>0);performance.mark(`nfc-${d?"refined":"decoded"}-${l.lodsDecoded-1}`),o=o===null?this.#g(l,s):o.then(f=>f&&this.#v(l,s))}}),i=await o;!s.aborted&&i&&ms(a)&&this.#F(a)}catch(a){if(s.aborted)return;o===null?this.fail(a,t):await o&&!s.aborted&&this.#O(a)}}#c(e){document.title=`${e} \xB7 nfcodec`,h("name").textContent=e,h("name").title=e,h("kind").hidden=!0}fail(e,t){this.say("failed",Ie(e,t))}say(e,t){h("message-title").textContent=t.title,h("message-text").textContent=t.text,h("message-remedy").textContent=t.remedy,h("retry").hidden=e==="welcome"||this.#n===null,this.#d(e)}#d(e){document.body.dataset.state=e,h("message").hidden=e!=="welcome"&&e!=="failed",h("panel").hidden=e!=="showing"||!this.#f,h("preview").hidden=!0,delete document.body.dataset.preview,e==="showing"&&(document.body.dataset.image=""),(e==="welcome"||e==="failed")&&(h("readout").hidden=!0,delete document.body.dataset.image),e==="loading"&&(delete document.body.dataset.lod,delete document.body.dataset.sharp)}get#f(){return h("settings").getAttribute("aria-expanded")==="true"}async#u(e,t=this.#s.signal){if(this.#i!==null)return!1;try{let r=await this.#r;return t.aborted?!1:(await e(r),!t.aborted)}catch(r){return t.aborted||this.#h(r),!1}}#h(e){e instanceof R||(e instanceof v||e instanceof RangeError?(this.#p(),this.fail(e,this.#a)):this.#_(e))}#m(e){if(e instanceof v||e instanceof RangeError){this.#h(e);return}this.#p(),this.#M(yn(e))}#p(){this.#l=null,this.#s.abort(),this.#s=new AbortController}#g(e,t){return this.#u(async r=>{Ae(e);let s=e.metadata.name;typeof s=="string"&&s!==""&&(h("name").textContent=s),h("kind").textContent=fs[e.kind],h("kind").hidden=!1,this.#l=e;let o=this.#y(e,r);this.#t.open(e,gn()),await r.open(e,o,this.#t.look)},t)}#v(e,t){return this.#u(r=>(this.#t.arrived(e),Ht(e)||this.#x(e,r),r.arrived()),t)}#b(e){e.field===this.#l&&(document.body.dataset.state==="loading"&&this.#d("showing"),this.#e.shown(e),document.body.dataset.lod=String(e.lod),document.body.dataset.layer=String(e.layer),document.body.dataset.layers=String(e.layers),performance.mark(`nfc-shown-${e.lod}`),document.body.dataset.sharp=String(e.sharp),e.sharp&&this.#t.lacksRange&&this.#w(e.field))}async#w(e){await this.#u(async t=>{let r=await t.valueRange();e===this.#l&&(this.#t.measuredRange=r)})}#y(e,t){this.#o=bn(e,t);let{view:r}=ie(location.hash);return r!==void 0&&(this.#o.view=r),this.#o.view}#k(){let e=this.#l;e!==null&&this.#u(t=>this.#x(e,t))}#x(e,t){let r=this.#o;if(r===null||e.dims===2)return;let{view:s,isHome:o}=r;this.#o=bn(e,t),o?t.view=this.#o.view:this.#o.view=s}#O(e){this.#E(en(e),Ie(e,this.#a).text)}#F(e){let{lodsDecoded:t,lods:r}=e,s=t===1?"level 0":`levels 0\u2013${t-1}`,o=vn(e)?", the last of them only coarsely":"";this.#E("The file is cut.",`It holds ${s} of 0\u2013${r-1}${o}.`)}#E(e,t){h("notice-title").textContent=e,h("notice-text").textContent=t,h("notice").hidden=!1}#_(e){this.#i===null&&(this.#i=yn(e),this.#p(),this.#M(this.#i))}async#M(e){this.say("failed",ze(e,!1));let t=this.#n,{signal:r}=this.#s;if(t!==null)try{let s=await un(t,r);if(s===null||r.aborted)return;let o=h("preview",HTMLImageElement),a=URL.createObjectURL(s);if(o.src=a,await o.decode().finally(()=>URL.revokeObjectURL(a)),r.aborted)return;this.say("failed",ze(e,!0)),o.hidden=!1,document.body.dataset.preview=""}catch(s){!r.aborted&&!(s instanceof DOMException)&&this.fail(s,this.#a)}}#P(){this.#i!==null&&!(this.#n instanceof Blob)?location.reload():this.#n!==null&&this.open(this.#n,this.#a)}#I(){let e=r=>{if(this.#o===null)return;r(this.#o);let{view:s}=this.#o;this.#u(o=>{o.moving=!0,o.view=s})};Xt(h("image"),{turn:(r,s)=>e(o=>o.turn(r,s)),pan:(r,s)=>e(o=>o.pan(r,s)),zoom:r=>e(s=>s.zoom(r)),reset:()=>this.#T(),rest:()=>{this.#u(r=>{r.moving=!1})}});let t=(r,s)=>h(r).addEventListener("click",s);t("reset",()=>this.#T()),t("share",()=>{this.#R()}),t("screenshot",()=>{this.#$()}),t("theme",()=>this.#S()),t("help",()=>h("keys",HTMLDialogElement).showModal()),t("settings",()=>this.#A()),t("retry",()=>this.#P()),t("notice-retry",()=>this.#P()),h("pick",HTMLInputElement).addEventListener("change",r=>{let s=r.target.files?.[0];s!==void 0&&this.#L(s)}),window.addEventListener("hashchange",()=>this.#N()),document.addEventListener("keydown",r=>this.#z(r)),this.#C(),window.innerWidth<=640&&this.#A()}#z(e){let{target:t}=e,s=t instanceof HTMLInputElement&&t.type==="number"||t instanceof HTMLSelectElement,o=e.ctrlKey||e.metaKey||e.altKey;if(s||o||h("keys",HTMLDialogElement).open)return;let i={"[":()=>this.#t.step(-1),"]":()=>this.#t.step(1),a:()=>this.#t.automatic(),m:()=>this.#t.nextMode(),s:()=>{this.#$()},l:()=>{this.#R()},t:()=>this.#S(),h:()=>document.body.toggleAttribute("data-bare"),"?":()=>h("keys",HTMLDialogElement).showModal()}[e.key.length===1?e.key.toLowerCase():e.key];i!==void 0&&(e.preventDefault(),i())}#C(){let e=r=>document.body.toggleAttribute("data-dropping",r),t=r=>r.dataTransfer?.types.includes("Files")??!1;document.addEventListener("dragover",r=>{r.preventDefault(),e(t(r))}),document.addEventListener("dragleave",r=>{r.relatedTarget===null&&e(!1)}),document.addEventListener("drop",r=>{r.preventDefault(),e(!1);let s=r.dataTransfer?.files[0];s!==void 0&&this.#L(s)})}#L(e){let t=new URL(location.href);t.search=t.hash="",history.replaceState(null,"",t),this.open(e,e.name)}#T(){if(this.#o===null)return;this.#o.reset();let{view:e}=this.#o;this.#u(t=>{t.moving=!1,t.view=e})}#A(){let e=!this.#f;h("settings").setAttribute("aria-expanded",String(e)),h("panel").hidden=!e||document.body.dataset.state!=="showing"}#S(){pn(),this.#t.themeChanged()}#N(){if(this.#l===null||this.#o===null)return;let{view:e}=ie(location.hash);e!==void 0&&(this.#o.view=e),this.#t.open(this.#l,gn());let t=this.#o.view;this.#u(r=>{r.view=t})}async#R(){if(this.#o===null||this.#l===null)return;let{lod:e,mode:t,colormap:r,range:s,isoLevel:o,background:a}=this.#t.look,i=new URL(location.href);i.hash=Zt({view:this.#o.view,mode:t,background:a,...e!==null&&{lod:e},...h("colors").hidden?{}:{colormap:r,...s!==null&&{range:s}},...t==="iso"&&o!==null&&{level:o}}),history.replaceState(null,"",i);try{await navigator.clipboard.writeText(i.href),ue(this.#n instanceof Blob?"Link to this view copied; the file is not in it":"Link copied")}catch{ue("The link is in the address bar")}}async#$(){document.body.dataset.state==="showing"&&await this.#u(async e=>{let t=document.createElement("a");t.href=URL.createObjectURL(await e.image()),t.download=`${this.#a.replace(/\.nfc$/i,"")}.png`,t.click(),setTimeout(()=>URL.revokeObjectURL(t.href),1e4),ue("Image saved")})}};function bn(n,e){if(n.dims===2)return new fe(n,()=>e.aspect);let{aspect:t}=e;return new ce(Gt(n,t),Se(n),w(x(...Re(n))))}function yn(n){let e=n?.message??n;return String(e).split(`
`)[0]}function gn(){let{view:n,level:e,...t}=ie(location.hash);return e===void 0?t:{...t,isoLevel:e}}function hs(){let n=new URL(import.meta.url).search;return new Worker(new URL(`./worker.js${n}`,import.meta.url),{type:"module"})}function ms(n){return n.lodsDecoded<n.lods||vn(n)}function vn(n){return n.grids.flatMap(t=>t.levels).some(({code:t,form:r,layer:s})=>t!==null&&r.kind==="vq"&&s<r.layers.length-1)}async function ps(){try{let n=await fetch("files.json");if(!n.ok)return[];let e=await n.json();return(Array.isArray(e.files)?e.files:[]).filter(r=>typeof r?.name=="string")}catch{return[]}}function Ge(n){let e=new URL(location.href);return e.search=Jt(n.name),e.hash="",e.href}function ge(n){try{let e=Fe(new URL(location.href));if(e===null)return!1;let t=n.source;t instanceof URL&&t.href===e.href||n.open(e,Qt(e))}catch(e){n.fail(e,"The file")}return!0}function bs(n,e){if(n.length<2)return;let t=h("file",HTMLSelectElement);t.replaceChildren(...n.map(({name:s})=>new Option(s,s)));let r=()=>{let s=e.source,o=n.find(a=>Fe(new URL(Ge(a)))?.href===String(s));t.value=o?.name??""};r(),h("files").hidden=!1,t.addEventListener("change",()=>{history.pushState(null,"",Ge({name:t.value})),ge(e)}),e.opened=r,window.addEventListener("popstate",()=>{ge(e)})}async function ys(){let n=new ye,e=ge(n),t=await ps();e||(t.length>0?(history.replaceState(null,"",Ge(t[0])+location.hash),ge(n)):n.say("welcome",nn)),bs(t,n)}ys();
