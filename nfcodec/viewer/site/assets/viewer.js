import{a as y,b as Qe,c as Je,d as $,e as ke,f as et,h as tt,i as rt,j as nt}from"./chunk-LNAFPZ25.js";var W={viridis:"44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",magma:"00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf",inferno:"00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",cividis:"00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",turbo:"30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd1ad4d018ddc21ae4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34dbe236e5d938eecf3af5c53afaba39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706ce2d04c32503b71d02a916019b0f018b09027a0403",coolwarm:"3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff9dbdffa3c2feaac7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3f0cdbbf2c9b4f5c4acf6bea4f7b89cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426",gray:"000000ffffff"},_e=256;function K(r){let e=W[r];if(e===void 0)throw new RangeError(`there is no color map "${r}"`);let t=e.length/6,n=new Uint8ClampedArray(4*_e);for(let o=0;o<_e;o++){let s=o/(_e-1)*(t-1),a=Math.min(t-2,Math.floor(s));for(let i=0;i<3;i++){let l=c=>parseInt(e.slice(6*c+2*i,6*c+2*i+2),16),u=l(a);n[4*o+i]=u+(l(a+1)-u)*(s-a)}n[4*o+3]=255}return n}var ot=`// What every program reads and writes. Above this text stand the structs of tables.json, the
// constants of both JSON files, and one field's levels and layers as constants of these structs;
// at the end of the program stand the calls that go through them. docs/renderer.md has an example,
// and the layout of every buffer.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
// Corner indices of octrees, a block each: the rows before it, and the bits of 96 sites.
@group(0) @binding(4) var<storage, read> sites: array<vec4<u32>>;
// Occupancy, then codes, codebooks and vectors.
@group(0) @binding(5) var<storage, read> words0: array<u32>;

// The features, inputs and outputs of networks at the point in hand; Whole, Input and Layer say
// what lies where.
var<private> memory: array<vec4<f32>, MEMORY>;
// The values of a field without a density. They are read at an index that is not known beforehand:
// in memory that would keep all of it out of registers.
var<private> outputs: array<vec4<f32>, OUTPUTS>;
`;var st=`// Puts a finished image on the page's canvas, pixel by pixel.

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
`;var at=`// What a level's vectors are, from its codes as they are stored.

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

// Four channels of what is stored, from 4 * block on; zero beyond \`width\`.
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
`;var it=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

// Negative inside.
fn distance_at(u: vec3<f32>) -> f32 {
    run_at(u);
    return params.surface.z + params.surface.w * value(params.chosen.y);
}

// Central differences along an axis end here: \`side\` -1 or 1 step of \`step\` units, in the box.
fn moved(u: vec3<f32>, axis: u32, side: f32, step: f32) -> vec3<f32> {
    let towards = vec3<f32>(vec3<u32>(axis) == vec3<u32>(0u, 1u, 2u));
    return clamp(u + side * step * params.scale.xyz * towards, vec3<f32>(-1.0), vec3<f32>(1.0));
}
`;var lt=`// Where a level's vectors sit: a function for each layout, and a case for it in \`locate\`.

// The up to eight rows around a point and their weights, x fastest; a corner without a row has row
// 0 and the weight zero.
struct Corners {
    rows0: vec4<u32>,
    rows1: vec4<u32>,
    weights0: vec4<f32>,
    weights1: vec4<f32>,
}

// Weights of the corners around a place, x fastest, lower z and upper z.
fn corner_weights(part: vec3<f32>) -> mat2x4<f32> {
    let x = vec4<f32>(1.0 - part.x, part.x, 1.0 - part.x, part.x);
    let xy = x * vec4<f32>(vec2<f32>(1.0 - part.y), vec2<f32>(part.y));
    return mat2x4<f32>(xy * (1.0 - part.z), xy * part.z);
}

fn locate_dense(level: Level, v: vec3<f32>) -> Corners {
    let size = vec3<i32>(vec3<u32>(
        level.size_x, level.size_y, level.size_z));
    let aligned = level.aligned != 0u;
    let spans = select(size, size - 1, aligned);
    let free = (v + 1.0) * (0.5 * vec3<f32>(spans)) - select(0.5, 0.0, aligned);
    var place: vec3<f32>;
    var base: vec3<i32>;
    if (level.border != 0u) {
        place = clamp(free, vec3<f32>(0.0), vec3<f32>(size - 1));
        base = min(vec3<i32>(place), max(size - 2, vec3<i32>(0)));
    } else {
        place = clamp(free, vec3<f32>(-2.0), vec3<f32>(size + 1));
        base = vec3<i32>(floor(place));
    }
    let weights = corner_weights(place - vec3<f32>(base));
    let x = vec4<i32>(0, 1, 0, 1) + base.x;
    let y = vec4<i32>(0, 0, 1, 1) + base.y;
    let inside = (x >= vec4<i32>(0)) & (x < vec4<i32>(size.x))
        & (y >= vec4<i32>(0)) & (y < vec4<i32>(size.y));
    let inside0 = inside & vec4<bool>(base.z >= 0 && base.z < size.z);
    let inside1 = inside & vec4<bool>(base.z >= -1 && base.z + 1 < size.z);
    let rows = (base.z * size.y + y) * size.x + x;
    return Corners(
        vec4<u32>(select(vec4<i32>(0), rows, inside0)),
        vec4<u32>(select(vec4<i32>(0), rows + size.x * size.y, inside1)),
        select(vec4<f32>(0.0), weights[0], inside0),
        select(vec4<f32>(0.0), weights[1], inside1),
    );
}

// The row of lattice site \`site\` of the octree whose blocks begin at \`first\`, and whether it (1)
// and its upper neighbor along x (2) have one. A block is the number of rows before it and the
// bits of 96 sites. The neighbor's row is the next one.
fn find_rows(first: u32, site: u32) -> vec2<u32> {
    let number = first + site / SITES_PER_BLOCK;
    let block = sites[number];
    let inner = site % SITES_PER_BLOCK;
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

fn locate_octree(level: Level, v: vec3<f32>) -> Corners {
    let n = level.size_x;
    let last = f32(n - 1u);
    let place = clamp((v + 1.0) * (0.5 * last), vec3<f32>(0.0), vec3<f32>(last));
    let base = min(vec3<u32>(place), vec3<u32>(n - 2u));
    let weights = corner_weights(place - vec3<f32>(base));
    let first = level.sites;
    let site = (base.z * n + base.y) * n + base.x;
    let a = find_rows(first, site);
    let b = find_rows(first, site + n);
    let c = find_rows(first, site + n * n);
    let d = find_rows(first, site + n * n + n);
    let there0 = vec4<u32>(a.y & 1u, a.y >> 1u, b.y & 1u, b.y >> 1u) != vec4<u32>(0u);
    let there1 = vec4<u32>(c.y & 1u, c.y >> 1u, d.y & 1u, d.y >> 1u) != vec4<u32>(0u);
    return Corners(
        select(vec4<u32>(0u), vec4<u32>(a.x, a.x + (a.y & 1u), b.x, b.x + (b.y & 1u)), there0),
        select(vec4<u32>(0u), vec4<u32>(c.x, c.x + (c.y & 1u), d.x, d.x + (d.y & 1u)), there1),
        select(vec4<f32>(0.0), weights[0], there0),
        select(vec4<f32>(0.0), weights[1], there1),
    );
}

// The rows of a level around v in [-1, 1]^3.
fn locate(level: Level, v: vec3<f32>) -> Corners {
    switch (level.layout_tag) {
        case LAYOUT_OCTREE: { return locate_octree(level, v); }
        default: { return locate_dense(level, v); }
    }
}
`;var ct=`// The features at a point: every level in use, interpolated and combined.

// Adds four channels, or multiplies by them, from \`channel\` on; those beyond \`count\` are left.
fn combine(channel: u32, count: u32, value: vec4<f32>, product: bool) {
    let at = channel >> 2u;
    let shift = channel & 3u;
    if (!product && shift == 0u) {
        memory[at] += value;  // beyond \`count\` it is zero
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
`;var ut=`// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
// vectors of four; weights of channels that are not there are zero.

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

// Four outputs' sums over \`columns\` vectors of four from memory[input] on.
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

// After run_at(u): the color seen along \`towards\`.
fn color(towards: vec3<f32>) -> vec3<f32> {
    memory[WHOLE.direction] = vec4<f32>(towards, 0.0);
    run_last_networks();
    return memory[WHOLE.output].xyz;
}

// After run_at(u), for a field without a density.
fn value(channel: u32) -> f32 {
    return outputs[channel >> 2u][channel & 3u];
}
`;var ft=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

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
`;var dt=`// Values at points: params.chosen.w of them, each a position u and a direction.

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
`;var ht=`// An image of a radiance field: emission and absorption along rays (formats/nfc-v1-evaluation.md, E9).



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
`;var mt=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
// first two words of the output.

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
`;var pt=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
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
    let bit = (words0[first + (site >> 5u)] >> (site & 31u)) & 1u;
    return Cell(bit != 0u, min(ends.x, min(ends.y, ends.z)));
}

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
        var cell = cell_at(ray, t, params.blocks.x, BLOCK_SHIFT);
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
    let bit = (words0[params.cells.w + (site >> 5u)] >> (site & 31u)) & 1u;
    return all(abs(u) <= vec3<f32>(1.0)) && bit != 0u;
}
`;var bt=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
// scattered (the R sequence, Roberts 2018), and of their slopes the 99th percentile where values
// are distances, else the greatest and half as much again: the first word of the output.

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
`;var yt=`// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
// central differences. The same steps as nfcodec/render/surface.py takes.


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
`;var gt=`// From values to colors.

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
`;var vt=`// An image of a scalar volume through a color map: emission and absorption, in display-referred
// colors so that the color bar holds. As nfcodec/render/scalar.py.


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
`;var wt=`// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
`;var xt=`// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
`;var kt=`// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
`;var _t=`// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
`;var j={"bindings.wgsl":ot,"blit.wgsl":st,"codes.wgsl":at,"distance.wgsl":it,"layouts.wgsl":lt,"levels.wgsl":ct,"networks.wgsl":ut,"plane.wgsl":ft,"points.wgsl":dt,"radiance.wgsl":ht,"range.wgsl":mt,"rays.wgsl":pt,"slope.wgsl":bt,"surface.wgsl":yt,"transfer.wgsl":gt,"volume.wgsl":vt,"weights_storage.wgsl":wt,"weights_uniform.wgsl":xt,"words_one.wgsl":kt,"words_three.wgsl":_t};var Y=class{#e;#t;#n;#o;#r;constructor(e,t){let n=e.getContext("webgpu");if(n===null)throw new Error("this canvas cannot show what WebGPU draws");let o=navigator.gpu.getPreferredCanvasFormat();n.configure({device:t,format:o,alphaMode:"opaque"});let s=t.createShaderModule({label:"blit",code:j["blit.wgsl"]});this.#e=e,this.#t=t,this.#n=n,this.#o=t.createRenderPipeline({layout:"auto",vertex:{module:s,entryPoint:"corner"},fragment:{module:s,entryPoint:"pixel",targets:[{format:o}]},primitive:{topology:"triangle-list"}}),this.#r=t.createBuffer({size:16,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST})}async show(e,t,n){this.#e.width!==t&&(this.#e.width=t),this.#e.height!==n&&(this.#e.height=n),this.#t.queue.writeBuffer(this.#r,0,Uint32Array.of(t,n,0,0));let o=this.#t.createBindGroup({layout:this.#o.getBindGroupLayout(0),entries:[{binding:0,resource:{buffer:e.buffer("output")}},{binding:1,resource:{buffer:this.#r}}]}),s=this.#t.createCommandEncoder(),a=this.#n.getCurrentTexture().createView(),i=s.beginRenderPass({colorAttachments:[{view:a,loadOp:"clear",storeOp:"store"}]});i.setPipeline(this.#o),i.setBindGroup(0,o),i.draw(3),i.end(),this.#t.queue.submit([s.finish()])}},X=class{#e;constructor(e){let t=e.getContext("2d",{alpha:!1});if(t===null)throw new Error("this canvas cannot show images");this.#e=t}async show(e,t,n){let o=await e.pixels(t,n);Object.assign(this.#e.canvas,{width:t,height:n}),this.#e.putImageData(new ImageData(o,t,n),0,0)}};var Ee={about:"The numbers that images are drawn with, for Python, the page and the WGSL programs alike. A constant is [value, type, unit and reason].",constants:{RADIANCE_VOXELS_WITHOUT_OCTREE:[128,"u32","samples of a radiance field without an octree along the longest side of the box"],VOXELS_WITHOUT_GRID:[256,"u32","voxels that a field without grids counts as having along the longest side of the box"],MIN_STEP_VOXELS:[.25,"f32","shortest step of sphere tracing, in voxels of the finest level"],MIN_STEP_SHARE:[.001953125,"f32","and as a share of the longest side of the box: 1/512"],SAMPLES_PER_SIDE:[192,"u32","least samples of a scalar volume along the longest side: a decoder adds detail of its own to a coarse grid"],FULL_DEPTH:[60,"f32","optical depth of the box's diagonal where a scalar field has its highest value, times opacity"],NORMAL_STEP_VOXELS:[.5,"f32","normals are differences over plus and minus this many voxels"],SLOPE_POINTS:[4096,"u32","points at which the slope of a field is measured"],RANGE_POINTS_2D:[256,"u32","points along each axis at which the range of a 2-D scalar field is measured"],RANGE_POINTS_3D:[40,"u32","and of a 3-D one"],MIN_SAMPLES_PER_VOXEL:[.0625,"f32","bounds of the density of samples that a file may ask for"],MAX_SAMPLES_PER_VOXEL:[16,"f32",""],MIN_WEIGHT:[1e-4,"f32","samples of a radiance field that add less than this have no color computed"],MIN_TRANSMITTANCE:[.001,"f32","a ray ends once less than this passes"],MAX_SAMPLES:[1048576,"u32","a ray ends after this many samples, however short a file says its steps are"],WRAP:[.2,"f32","how far light reaches around a shape: the cosine beyond the terminator"],TOLERANCE:[.001,"f32","a hit is this close to the surface, in shortest steps times the slope bound"],REFINEMENTS:[16,"u32","most steps of regula falsi for one hit"],COLORS:[256,"u32","colors of a color map"],BLOCK_SHIFT:[3,"u32","blocks of the coarse occupancy bitmap have 2^3 cells a side"],SITES_PER_BLOCK:[96,"u32","lattice sites in a block of an octree's corner index"]}};var F={about:"What the WGSL programs share with the code that makes constants and fills buffers for them. docs/renderer.md explains it. A member is [name, type, meaning].",structs:{Params:[["eye","vec4<f32>","the eye, in box coordinates u"],["right","vec4<f32>","the camera's axes, in the field's own"],["up","vec4<f32>",""],["back","vec4<f32>",""],["lens","vec4<f32>","fx, fy, cx, cy in pixels"],["distortion","vec4<f32>","k1, k2, p1, p2"],["scale","vec4<f32>","u per unit of length along x, y, z"],["background","vec4<f32>","display-referred red, green, blue"],["march","vec4<f32>","step; nearest and farthest distance of the box to the eye; slope bound"],["surface","vec4<f32>","shortest step, step of normals (lengths); distance = z + w * value"],["transfer","vec4<f32>","low and high value, optical depth of one step at the high one; unused"],["tile","vec4<u32>","left, top, width, height: the pixels of this dispatch"],["image","vec4<u32>","width, height, rays along a pixel's side, mode"],["chosen","vec4<u32>","LOD, channel, flags, number of points"],["cells","vec4<u32>","cells along x, y, z; first word of their bitmap"],["blocks","vec4<u32>","first word of the bitmap of blocks of cells; unused"]],Whole:[["feature_blocks","u32","vectors of four that hold the features, from memory[0] on"],["position","u32","where memory holds u"],["direction","u32","where memory holds the direction seen along"],["scratch","u32","where memory holds low-rank coefficients"],["density","u32","where memory holds the density"],["output","u32","where memory holds the last network's outputs"],["channels","u32","number of those outputs"],["radiance","u32","1 for a field with a density and colors"]],Input:[["encoding","u32","ENCODING_..."],["source","u32","where memory holds the source"],["begin","u32","the source's channels that enter"],["end","u32",""],["result","u32","where memory takes the encoded values"],["raw","u32","1 if the values themselves come before their sines"],["frequencies","u32","number of frequencies, or of blocks of spherical harmonics"],["scale","f32","the lowest frequency"]],Layer:[["input","u32","where memory holds its input"],["columns","u32","vectors of four of that"],["entry","u32","where memory holds the network's encoded input"],["entry_columns","u32","vectors of four of that; 0 unless the input is appended"],["output","u32","where memory takes its output"],["rows","u32","vectors of four of that"],["weights","u32","first vector of its weights"],["activation","u32","ACTIVATION_..."],["gain","f32","factor before the activation"]],Level:[["x","vec4<f32>","rows of the transform from the box to the level"],["y","vec4<f32>",""],["z","vec4<f32>",""],["layout_tag","u32","LAYOUT_..."],["code_tag","u32","CODE_..."],["lod","u32","the LOD that adds it"],["multiplies","u32","1 + the LOD from which it multiplies what earlier levels gave; 0: never"],["features","u32","number of channels"],["channel","u32","its first channel among all features"],["size_x","u32","lattice sites along x, y, z"],["size_y","u32",""],["size_z","u32",""],["aligned","u32","1 if u = -1 and u = 1 lie on the first and last site"],["border","u32","1 if points outside take the value at the border"],["corners","u32","sites that surround a point: 2, 4 or 8"],["sites","u32","octree: first block of the corner index"],["vectors_buffer","u32","words: vectors, codebook or coefficients"],["vectors","u32",""],["pitch","u32","words from one vector to the next"],["codes_buffer","u32","words: packed indices"],["codes","u32",""],["bits","u32","bits of an index"],["basis_buffer","u32","words: the mean, then the basis"],["basis","u32",""],["rank","u32","number of basis vectors"]]},programs:{points:["layouts","codes","levels","networks","rays","points"],radiance:["layouts","codes","levels","networks","rays","radiance"],surface:["layouts","codes","levels","networks","rays","distance","surface"],volume:["layouts","codes","levels","networks","rays","transfer","volume"],plane:["layouts","codes","levels","networks","rays","transfer","plane"],slope:["layouts","codes","levels","networks","distance","slope"],range:["layouts","codes","levels","networks","range"]},constants:{LAYOUT_DENSE:0,LAYOUT_OCTREE:1,CODE_FLOAT16:0,CODE_VQ:1,CODE_LOWRANK:2,CODE_FLOAT32:3,ENCODING_IDENTITY:0,ENCODING_FREQUENCY:1,ENCODING_SPHERICAL_HARMONICS:2,ACTIVATION_NONE:0,ACTIVATION_RELU:1,ACTIVATION_LEAKY_RELU:2,ACTIVATION_SINE:3,ACTIVATION_SOFTPLUS:4,ACTIVATION_EXP:5,ACTIVATION_SIGMOID:6,ACTIVATION_TANH:7,ACTIVATION_SNAKE_ALT:8,MODE_SHADED:0,MODE_DEPTH:1,MODE_NORMALS:2,MODE_ISO:3,MODE_MATCAP:4,FLAG_DISTORTED:1,FLAG_EXACT_DISTANCE:2}};var v=Object.fromEntries(Object.entries(Ee.constants).map(([r,[e]])=>[r,e]));function T(r,e){return F.constants[`${r}_${e.toUpperCase()}`]}function Lt(r){let e=new Map,t=0;for(let[n,o]of F.structs[r])e.set(n,t),t+=o.startsWith("vec4")?4:1;return{at:e,count:t}}function Tt(r,e,t){let o=["bindings",...t,...F.programs[r]].map(s=>j[`${s}.wgsl`]);return[...en(),...tn(e),...o,...rn(e)].join(`
`)+`
`}function*en(){for(let[r,e]of Object.entries(F.structs)){yield`struct ${r} {`;for(let[t,n]of e)yield`    ${t}: ${n},`;yield"}"}}function*tn(r){for(let[t,n]of Object.entries({...F.constants,...r.sizes}))yield`const ${t} = ${n}u;`;for(let[t,[n,o]]of Object.entries(Ee.constants))yield`const ${t}: ${o} = ${n};`;yield`const WHOLE = ${Et("Whole",r.whole)};`;let e=[["Level",r.levels],["Input",r.inputs],["Layer",r.layers]];for(let[t,n]of e)for(let[o,s]of n.entries())yield`const ${t.toUpperCase()}_${o} = ${Et(t,s)};`}function Et(r,e){let t=F.structs[r].map(([n,o])=>{let s=e[n]??0;return typeof s!="number"?`${o}(${s.map(Mt).join(", ")})`:o==="u32"?`${s}u`:Mt(s)});return`${r}(${t.join(", ")})`}function Mt(r){let e=String(Math.fround(r));return/[.e]/.test(e)?e:`${e}.0`}function*rn(r){yield"fn read_features(u: vec3<f32>) {",yield"    clear_features();";for(let[s,{lod:a}]of r.levels.entries())yield`    if (params.chosen.x >= ${a}u) {`,yield`        add_level(LEVEL_${s}, u);`,yield"    }";yield"}";let e=0,t=0,n=r.firstNetworks,o={first:r.calls.slice(0,n),last:r.calls.slice(n)};for(let[s,a]of Object.entries(o)){yield`fn run_${s}_networks() {`;for(let[i,l]of a){for(let u=0;u<i;u++)yield`    encode(INPUT_${e++});`;for(let u=0;u<l;u++)yield`    run_layer(LAYER_${t++});`}yield"}"}}var q=4,nn={members({shape:r,alignCorners:e,padding:t}){let[n,o,s]=[...r].reverse();return{layout_tag:T("LAYOUT","dense"),size_x:n,size_y:o??1,size_z:s??1,aligned:e?1:0,border:t==="border"?1:0,corners:1<<r.length}},resolution:({shape:r,alignCorners:e})=>[...r].reverse().map(t=>e?Math.max(t-1,1):t),numBlocks:()=>0,blocks:()=>new Uint32Array(0),cellsAlong:()=>null,cells:()=>[]},Pt={members({depth:r}){let e=2**r+1;return{layout_tag:T("LAYOUT","octree"),size_x:e,size_y:e,size_z:e,corners:8}},resolution:({depth:r})=>[2**r,2**r,2**r],numBlocks:({depth:r})=>Math.ceil((2**r+1)**3/v.SITES_PER_BLOCK),blocks(r){let e=Pt.numBlocks(r),t=new Uint32Array(e*q),{corners:n}=r,o=0;for(let s=0;s<n.length;s++){let a=n[s],i=Math.floor(a/v.SITES_PER_BLOCK);for(;o<i;)t[++o*q]=s;let l=a-i*v.SITES_PER_BLOCK;t[i*q+1+(l>>5)]|=1<<(l&31)}for(;o<e-1;)t[++o*q]=n.length;return t},cellsAlong:({depth:r})=>[1<<r,1<<r,1<<r],*cells({voxels:r}){for(let e of r)yield[$(e),$(e>>>1),$(e>>>2)]}},on={dense:nn,octree:Pt};function S(r){return on[r.kind]}function M(r){return r.grids.flatMap(e=>e.levels)}function Me(r,e){let t=null,n=0;for(let o of r){let[s,a,i]=S(o.layout).cellsAlong(o.layout)??[0,0,0];o.lod<=e&&o.transform===null&&s*a*i>n&&(t=o,n=s*a*i)}return t}function Z(r,e,t=M(r)){let n=Me(t,e);if(n!==null)return{level:n,shape:S(n.layout).cellsAlong(n.layout)};if(r.occupancy===null||r.occupancy.shape.length!==3)return null;let[o,s,a]=r.occupancy.shape;return{level:null,shape:[a,s,o]}}function*Q(r,{level:e,shape:t}){if(e!==null){yield*S(e.layout).cells(e.layout);return}let{cells:n}=r.occupancy,[o,s,a]=t;for(let i=0,l=0;i<a;i++)for(let u=0;u<s;u++)for(let c=0;c<o;c++,l++)n[l>>>3]>>(l&7)&1&&(yield[c,u,i])}function R(r){return Array.from({length:r.dims},(e,t)=>r.bounds[r.dims+t]-r.bounds[t])}function St(r,e,t){let n=Me(M(r),e),o=n===null?v.RADIANCE_VOXELS_WITHOUT_OCTREE:Math.max(...S(n.layout).resolution(n.layout));return Math.max(...R(r))/o/(t??sn(r))}function sn(r){let e=r.metadata.render;if(typeof e!="object"||e===null)return 1;let t=e.samples_per_voxel;return typeof t!="number"||!(t>0)||!Number.isFinite(t)?1:Math.min(Math.max(t,v.MIN_SAMPLES_PER_VOXEL),v.MAX_SAMPLES_PER_VOXEL)}function J(r,e){let t=R(r),n=1/0;for(let o of M(r))o.lod<=e&&(n=Math.min(n,...an(o,t)));return n===1/0?Math.max(...t)/v.VOXELS_WITHOUT_GRID:n}function an({layout:r,transform:e},t){let n=t.length,o=S(r).resolution(r);return o.map((s,a)=>{if(e===null)return t[a]/s;let i=[...e.subarray(a*(n+1),a*(n+1)+n)],l=i.map(Math.abs),u=o.length===n?a:l.indexOf(Math.max(...l));return t[u]/(s*Math.max(1e-6,Math.hypot(...i)))})}function Ot(r,e){return Math.min(v.MIN_STEP_VOXELS*e,v.MIN_STEP_SHARE*Math.max(...R(r)))}function Ct(r,e){return Math.min(J(r,e),Math.max(...R(r))/v.SAMPLES_PER_SIDE)}function It(r,e){let t=[],n=[];for(let o=0;o<3;o++){let s=r.bounds[o],a=r.bounds[r.dims+o];t.push(Math.min(Math.max(e[o],s),a)-e[o]),n.push(Math.max(Math.abs(e[o]-s),Math.abs(e[o]-a)))}return[Math.hypot(...t),Math.hypot(...n)]}function Rt(r,e,t){let n=At([r[0]-e[0],r[1]-e[1],r[2]-e[2]]),o=Le(t,n);return Math.hypot(...o)<1e-9&&(o=Le(Math.abs(n[1])<.9?[0,1,0]:[1,0,0],n)),o=At(o),[o,Le(n,o),n]}function Le(r,e){return[r[1]*e[2]-r[2]*e[1],r[2]*e[0]-r[0]*e[2],r[0]*e[1]-r[1]*e[0]]}function At(r){let e=Math.hypot(...r);return[r[0]/e,r[1]/e,r[2]/e]}var V=Lt("Params"),Te=4*V.count,U=class{words;#e;#t;constructor(e,t,n,o){let s=new ArrayBuffer(Te);if(this.words=new Uint32Array(s),this.#e=new Float32Array(s),this.#t=e,this.floats("scale",R(e).map(a=>2/a)),this.integers("chosen",[n,o]),t.occupancies.length>0){let a=t.occupancies[t.occupancyOfLod[n]];this.integers("cells",[...a.shape,a.cells.offset]),this.integers("blocks",[a.blocks.offset])}}floats(e,t){this.#e.set(t,V.at.get(e))}integers(e,t){this.words.set(t,V.at.get(e))}set flags(e){this.words[V.at.get("chosen")+2]=e}set points(e){this.words[V.at.get("chosen")+3]=e}camera(e,t,n){let{bounds:o,dims:s}=this.#t,a=R(this.#t);this.floats("eye",e.eye.map((f,d)=>(f-o[d])/a[d]*2-1).slice(0,s));let[i,l,u]=Rt(e.eye,e.target,e.up);this.floats("right",i),this.floats("up",l),this.floats("back",u);let c=.5*n/Math.tan(.5*e.verticalFov);this.floats("lens",[c,c,t/2,n/2])}plane(e,t,n){let{bounds:o}=this.#t,s=R(this.#t),i=Math.hypot(...e.eye.map((l,u)=>l-e.target[u]))*Math.max(s[0]/t,s[1]/n);this.floats("lens",s.map(l=>i*2/l)),this.floats("eye",s.map((l,u)=>(e.target[u]-o[u])/l*2-1))}};var cn={members:(r,e)=>({code_tag:T("CODE","float16"),pitch:D(e)}),lengths:(r,e,t)=>[["vectors",e*D(t)]],words:({values:r},e)=>[["vectors",ee(r,e)]]},un={members:({bits:r},e)=>({code_tag:T("CODE","vq"),bits:r,pitch:D(e)}),lengths({bits:r,numCodes:e},t,n){let o=32%r!==0?1:0;return[["codes",Math.ceil(t*r/32)+o],["vectors",e*D(n)]]},words:({packed:r,codebook:e},t)=>[["codes",new Uint32Array(r)],["vectors",ee(e,t)]]},fn={members:({rank:r})=>({code_tag:T("CODE","lowrank"),rank:r,pitch:D(r)}),lengths:({rank:r},e,t)=>[["vectors",e*D(r)],["basis",(1+r)*D(t)]],words({rank:r,mean:e,basis:t,coefficients:n},o){let s=new Uint16Array(e.length+t.length);return s.set(e),s.set(t,e.length),[["vectors",ee(n,r)],["basis",ee(s,o)]]}},dn={float16:cn,vq:un,lowrank:fn};function te(r){return dn[r]}function D(r){return Math.ceil(r/2)}function ee(r,e){let t=e+(e&1),n=r.length/e,o=new Uint16Array(n*t);if(t===e)o.set(r);else for(let s=0;s<n;s++)o.set(r.subarray(s*e,(s+1)*e),s*t);return new Uint32Array(o.buffer)}function Nt(r,e,t){let n=new Map(e);for(let{name:c,layers:f}of r){let d=f[f.length-1].outputs;n.set(c,{place:t,width:d}),t+=A(d)}let o=[],s=[],a=[],i=[],l=t,u=0;for(let c of r){let f=[],d=0;for(let b of c.inputs){let[E,I]=hn(b,n.get(b.source));o.push({...E,result:t+f.length/4}),f.push(...Pe(I,d)),d+=zt(I)}let m=Math.max(0,...c.layers.slice(0,-1).map(b=>A(b.outputs))),p=t+f.length/4;l=Math.max(l,p+2*m);let g=t,_=f;i.push(c.layers.map((b,E)=>{let I=c.skips.includes(E),N=A(b.outputs),Xe=E===c.layers.length-1?n.get(c.name).place:p+(E&1)*m,qe=I?[..._,...Pe(f,zt(_))]:_;s.push({input:g,columns:_.length/4,entry:t,entry_columns:I?f.length/4:0,output:Xe,rows:N,weights:u,activation:T("ACTIVATION",b.activation),gain:Ae(b.gain)});let Ze={lanes:qe,weights:u,length:N*(1+qe.length)};return u+=Ze.length,g=Xe,_=Ft(b.outputs),Ze})),a.push([c.inputs.length,c.layers.length])}return{inputs:o,entries:s,calls:a,layers:i,memory:l,weights:u,outputs:n}}function hn(r,e){let[t,n]=r.slice??[0,e.width],{encoding:o}=r,s={encoding:T("ENCODING",o.kind),source:e.place,begin:t,end:n};if(o.kind==="spherical_harmonics"){let d=o.degree**2;return[{...s,frequencies:A(d)},Ft(d)]}let a=[];for(let d=t-t%4;d<4*A(n);d++)a.push(d>=t&&d<n?d-t:-1);if(o.kind==="identity")return[{...s,raw:1},a];let{frequencies:i,scale:l,includeInput:u}=o,c=u?1:0;Ae(l*2**Math.max(i-1,0));let f=[];for(let d=0;d<c+2*i;d++)f.push(...Pe(a,d*(n-t)));return[{...s,raw:c,frequencies:i,scale:Ae(l)},f]}function Pe(r,e){return r.map(t=>t<0?-1:t+e)}function Ft(r){return Array.from({length:4*A(r)},(e,t)=>t<r?t:-1)}function zt(r){return r.reduce((e,t)=>Math.max(e,t+1),0)}function A(r){return Math.ceil(r/4)}function Ae(r){if(!Number.isFinite(Math.fround(r)))throw new y("unsupported",`an encoding or a layer has the factor ${r}, which is beyond the float32 that a GPU computes in`);return r}function Ut(r,e){let{inputs:t,outputs:n}=r,o=4*(e.length+1),s=new Float32Array(A(n)*o);for(let a=0;a<n;a++){let i=(a>>2)*o+(a&3);r.bias!==null&&(s[i]=r.bias[a]);for(let[l,u]of e.entries())u>=0&&(s[i+4*(l+1)]=r.weight[a*t+u])}return new Uint32Array(s.buffer)}function Dt(r,e){let t=r.get("sites");return t===void 0?[]:[[t,S(e.layout).blocks(e.layout)]]}function Vt(r,e){let t=e.code;return te(t.kind).words(t,e.features).map(([n,o])=>[r.get(n),o])}function Ht(r,e){return e.networks.flatMap((t,n)=>t.layers.map((o,s)=>{let{lanes:a,weights:i,length:l}=r.networks.layers[n][s];return[{buffer:"weights",offset:i,length:l},Ut(o,a)]}))}function Se(r,e){let[t,n]=r.shape,o=v.BLOCK_SHIFT,s=new Uint32Array(r.cells.length),a=new Uint32Array(r.blocks.length),i=Math.ceil(t/(1<<o)),l=Math.ceil(n/(1<<o)),u=(f,d,m)=>{let p=(m*n+d)*t+f;s[p>>>5]|=1<<(p&31);let g=((m>>o)*l+(d>>o))*i+(f>>o);a[g>>>5]|=1<<(g&31)},c=r.level>=0?M(e)[r.level]:null;if(c===null&&e.occupancy===null)u(0,0,0);else for(let f of Q(e,{level:c,shape:r.shape}))u(...f);return[[r.cells,s],[r.blocks,a]]}var mn=1<<27,pn=65536,Bt=8192,Gt=3,$t=16e3,[bn,yn,gn]=[100,2,10],vn={sites:4,words0:5,words1:6,words2:7,weights:8};function Ce(r,e=mn){let t=new Oe(e),[n,o]=Tn(r,t),[s,a]=_n(r,t),i=r.grids.reduce((b,E)=>b+ke(E.combine,E.levels),0),l=A(i),u=Math.max(0,...s.map(({rank:b})=>A(b??0))),c=new Map([["features",{place:0,width:i}],["position",{place:l,width:r.dims}],["direction",{place:l+1,width:3}]]),f=Nt(r.networks,c,l+2+u),d=r.networks.map(b=>b.name),m=r.kind==="nerf",p=f.outputs.get(d[d.length-1]),g={whole:{feature_blocks:l,position:l,direction:l+1,scratch:l+2,density:m?f.outputs.get("density").place:0,output:p.place,channels:p.width,radiance:m?1:0},levels:s,inputs:f.inputs,layers:f.entries,calls:f.calls,firstNetworks:m?d.indexOf("density")+1:d.length,sizes:{MEMORY:f.memory,OUTPUTS:A(p.width),WEIGHTS:Math.max(1,f.weights)}};if(wn(g),16*(f.memory+A(p.width))>Bt)throw new y("unsupported",`the field's vectors or networks are wider than a GPU program can hold (${Bt} bytes)`);let _=t.buffers(f.weights);return{buffers:_,levels:a,networks:f,occupancies:n,occupancyOfLod:o,programs:kn(r),rows:g,bytes:_.reduce((b,E)=>b+E.bytes,0)}}function Wt(r,e){let t=new Map(r.buffers.map(({name:s,kind:a})=>[s,a])),n=t.has("words1")?"words_three":"words_one",o=t.get("weights")==="uniform"?"weights_uniform":"weights_storage";return Tt(e,r.rows,[n,o])}function wn(r){let e=xn(r);if(e>$t)throw new y("limit",`the field's levels and networks make GPU programs of size ${e}; the limit is ${$t}`)}function xn(r){let e=0;for(let{features:t,rank:n}of r.levels)e+=bn+(yn+(n??0))*t;for(let{columns:t,entry_columns:n}of r.layers)e+=gn+4*(t+n);return e}function kn(r){return r.kind==="nerf"?["points","radiance"]:r.kind==="sdf"?r.dims===3?["points","surface","slope"]:["points"]:r.dims===2?["points","plane","range"]:["points","volume","surface","slope","range"]}var Oe=class{constructor(e){this.maxStorage=e}maxStorage;#e=new Map([["sites",0],["words0",0]]);words(e){let t=Array.from({length:Gt},(n,o)=>`words${o}`);return this.#t(t,e,Math.floor(this.maxStorage/4))}sites(e){return this.#t(["sites"],e,Math.floor(this.maxStorage/16))}#t(e,t,n){for(let o of e){let s=this.#e.get(o)??0;if(s+t<=n)return this.#e.set(o,s+t),{buffer:o,offset:s,length:t}}return this.#n()}#n(){throw new y("limit",`the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this adapter offers`)}buffers(e){let t=[this.#o("sites","sites")],n=this.#e.has("words1")||this.#e.has("words2");for(let o=0;o<(n?Gt:1);o++)t.push(this.#o(`words${o}`,"words"));return 16*e>this.maxStorage&&this.#n(),this.#e.set("weights",e),t.push(this.#o("weights",16*e<=pn?"uniform":"weights")),t}#o(e,t){let n=Math.max(this.#e.get(e)??0,1),o=t==="words"?4:16,s=Math.max(16,Math.ceil(n*o/16)*16);return{name:e,kind:t,binding:vn[e],length:n,elementBytes:o,bytes:s}}};function _n(r,e){let t=[],n=[],o=0;for(let s of r.grids){let a=0;for(let[i,l]of s.levels.entries()){let[u,c,f]=Mn(l,r.dims),[d,m]=Ln(l,e),p=En(s,i);t.push({...d,channel:o+a,multiplies:p,x:u,y:c,z:f}),n.push(m),s.combine==="concat"&&(a+=l.features)}o+=ke(s.combine,s.levels)}return[t,n]}function En({combine:r,levels:e},t){return r!=="product"||t===0?0:1+Math.min(...e.slice(0,t).map(({lod:n})=>n))}function Mn({transform:r},e){return Array.from({length:3},(t,n)=>{if(r===null)return[0,1,2,3].map(s=>n===s&&n<e?1:0);let o=[...r.subarray(n*(e+1),(n+1)*(e+1))];return o.length===0?[0,0,0,0]:[o[0],o[1],e===3?o[2]:0,o[e]]})}function Ln(r,e){let t=new Map,n=S(r.layout),o=te(r.form.kind),s={lod:r.lod,features:r.features,...n.members(r.layout),...o.members(r.form,r.features)},a=n.numBlocks(r.layout);if(a>0){let i=e.sites(a);t.set("sites",i),s.sites=i.offset}for(let[i,l]of o.lengths(r.form,r.rows,r.features)){let u=e.words(l);t.set(i,u),s[i]=u.offset,s[`${i}_buffer`]=Number(u.buffer.slice(5))}return[s,t]}function Tn(r,e){if(r.kind==="sdf"||r.dims===2)return[[],[]];let t=[],n=[],o=1<<v.BLOCK_SHIFT;for(let s=0;s<r.lods;s++){let a=Z(r,s),i=a?.level?.position??-1,l=a?.shape??[1,1,1],u=t.findIndex(c=>c.level===i);if(u<0){let[c,f,d]=l,m=e.words(Math.ceil(c*f*d/32)),p=Math.ceil(c/o)*Math.ceil(f/o)*Math.ceil(d/o),g=e.words(Math.ceil(p/32));u=t.push({shape:l,level:i,cells:m,blocks:g})-1}n.push(u)}if(t.some(s=>s.cells.buffer!=="words0"||s.blocks.buffer!=="words0"))throw new y("limit","the field's occupancy does not fit into one GPU buffer");return[t,n]}var Pn=v.COLORS*16,An=500,re=class r{plan;#e;#t;#n=new Map;#o=new Map;#r=new Map;#a=null;#l=void 0;constructor(e,t){this.#e=e,this.plan=Ce(t,e.limits.maxStorageBufferBindingSize),this.#t=Kt(this.plan)}static async create(e,t){let n=new r(e,t),{UNIFORM:o,STORAGE:s}=GPUBufferUsage;return await n.#i([...n.plan.buffers.map(({name:a,kind:i,bytes:l})=>[a,l,i==="uniform"?o:s]),["params",Te,o],["table",Pn,s]]),n}fits(e){let t=Ce(e,this.#e.limits.maxStorageBufferBindingSize);return Kt(t)===this.#t}update(e){if(M(e).forEach((t,n)=>{let o=this.#r.get(n);if(!(t.code===null||o?.code===t.code)&&(this.#r.set(n,{code:t.code,layout:t.layout}),this.#s(Vt(this.plan.levels[n],t)),o?.layout!==t.layout)){this.#s(Dt(this.plan.levels[n],t));for(let s of this.plan.occupancies)s.level===n&&this.#s(Se(s,e))}}),e.lodsDecoded!==0){if(e.occupancy!==this.#l){this.#l=e.occupancy;for(let t of this.plan.occupancies)t.level<0&&this.#s(Se(t,e))}e.networks!==this.#a&&(this.#a=e.networks,this.#s(Ht(this.plan,e)))}}#s(e){for(let[t,n]of e){let o=this.plan.buffers.find(s=>s.name===t.buffer).elementBytes;n.length>0&&this.write(t.buffer,n,t.offset*o)}}async#i(e){this.#e.pushErrorScope("out-of-memory");for(let[n,o,s]of e){this.#n.get(n)?.destroy();let a=s|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;this.#n.set(n,this.#e.createBuffer({label:n,size:o,usage:a}))}if(await this.#c(this.#e.popErrorScope())===null)return;for(let[n]of e)this.#n.get(n).destroy(),this.#n.delete(n);let t=e.reduce((n,[,o])=>n+o,0);throw new y("limit",`the image needs ${t} bytes of GPU memory that are not free`)}buffer(e){return this.#n.get(e)}write(e,t,n=0){this.#e.queue.writeBuffer(this.buffer(e),n,t)}async reserve(e,t){let n=Math.max(256,Math.ceil(t/256)*256);(this.#n.get(e)?.size??0)<n&&await this.#i([[e,n,GPUBufferUsage.STORAGE]])}async read(e){let t=Math.ceil(e/4)*4,n=GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST,o=this.#e.createBuffer({size:t,usage:n}),s=this.#e.createCommandEncoder();s.copyBufferToBuffer(this.buffer("output"),0,o,0,t),this.#e.queue.submit([s.finish()]),await this.#c(o.mapAsync(GPUMapMode.READ));let a=o.getMappedRange().slice(0);return o.destroy(),a}async pixels(e,t){let n=new Uint16Array(await this.read(8*e*t)),o=new Uint8ClampedArray(4*e*t);for(let s=0;s<o.length;s++)o[s]=255*Sn(n[s]);return o}prepare(e,t="main"){let n=`${e} ${t}`,o=this.#o.get(n);return o===void 0&&(o=this.#f(e,t),this.#o.set(n,o),o.catch(()=>this.#o.delete(n))),o}run(e,t,n){let o=[[0,"params"],[1,"output"]];t==="points"&&o.push([3,"points"]),(t==="volume"||t==="plane")&&o.push([3,"table"]);for(let l of this.plan.buffers)o.push([l.binding,l.name]);let s=this.#e.createBindGroup({layout:e.layout,entries:o.map(([l,u])=>({binding:l,resource:{buffer:this.buffer(u)}}))}),a=this.#e.createCommandEncoder(),i=a.beginComputePass();i.setPipeline(e.pipeline),i.setBindGroup(0,s),i.dispatchWorkgroups(n[0],n[1]),i.end(),this.#e.queue.submit([a.finish()])}async finished(){await this.#c(this.#e.queue.onSubmittedWorkDone())}async#c(e){let t=setInterval(()=>this.#e.queue.submit([]),An);try{return await e}finally{clearInterval(t)}}async#f(e,t){let n=new Map([[0,"uniform"],[1,"storage"]]);["points","volume","plane"].includes(e)&&n.set(3,"read-only-storage");for(let{binding:l,kind:u}of this.plan.buffers)n.set(l,u==="uniform"?"uniform":"read-only-storage");let o=this.#e.createBindGroupLayout({entries:[...n].map(([l,u])=>({binding:l,visibility:GPUShaderStage.COMPUTE,buffer:{type:u}}))}),s=this.#e.createShaderModule({label:e,code:Wt(this.plan,e)}),a=this.#e.createComputePipelineAsync({label:e,layout:this.#e.createPipelineLayout({bindGroupLayouts:[o]}),compute:{module:s,entryPoint:t}});return{pipeline:await this.#c(a),layout:o}}get bytes(){let e=0;for(let t of this.#n.values())e+=t.size;return e}destroy(){for(let e of this.#n.values())e.destroy();this.#n.clear()}};function Kt(r){return JSON.stringify([r.rows,r.buffers,r.occupancies])}function Sn(r){let e=r>>10;return e===0?r*2**-24:(1024+(r&1023))*2**(e-25)}var On=T("FLAG","exact_distance"),jt=64,Yt=.1,Cn=4096,In=256,ne=class r{device;#e;#t;#n=null;#o=null;#r=0;#a=0;#l=[];#s=0;#i=Cn/Yt;#c=0;#f=new Map;#d=Promise.resolve();constructor(e,t,n){this.device=e,this.#e=t,this.#t=n}static async create(e,t={}){let n=t.device??await Rn(),o=null,s=n.adapterInfo?.isFallbackAdapter===!0;return e!==null&&(o=s?new X(e):new Y(e,n)),new r(n,t.device===void 0,o)}get lods(){return this.#r}get drawnLod(){return this.#a}get drawnLayer(){return this.#s}setField(e){return this.#c++,this.#u(async()=>{this.#f.clear(),(this.#n===null||!this.#n.fits(e))&&this.#h(),this.#n??=await re.create(this.device,e),this.#n.update(e),this.#o=e,this.#r=e.lodsDecoded;let t=M(e);this.#l=Array.from({length:this.#r},(n,o)=>Je(t,o))})}render(e,t){let n=++this.#c,o=()=>n===this.#c;return this.#u(async()=>this.#o!==null&&o()&&await this.#m(e,t,o)?(this.#a=this.#y(t.lod),this.#s=this.#l[this.#a]??0,await this.#t?.show(this.#n,t.width,t.height),!0):!1)}renderPixels(e,t){return this.#u(async()=>(await this.#m(e,t,()=>!0),this.#n.pixels(t.width,t.height)))}#u(e){let t=this.#d.then(e);return this.#d=t.catch(()=>{}),t}#h(){this.#n?.destroy(),this.#n=this.#o=null,this.#r=0}async#m(e,t,n){let o=this.#o,s=this.#n;if(o===null||s===null)throw new Error("there is no field to draw yet");let{width:a,height:i}=t,l=this.device.limits.maxStorageBufferBindingSize;if(!(a>=1&&i>=1&&8*a*i<=l))throw new RangeError(`an image of ${a} x ${i} pixels is not possible`);let[u,c]=await this.#p(o,s,e,t),f=await s.prepare(u);await s.reserve("output",8*a*i);for(let d=0;d<i;){let[m,p]=this.#k(a,i-d,t.antialias??1);for(let g=0;g<a;g+=m){if(!n())return!1;let _=[g,d,Math.min(m,a-g),p];c.integers("tile",_),s.write("params",c.words);let b=performance.now();s.run(f,u,[Math.ceil(_[2]/8),Math.ceil(p/8)]),await s.finished(),this.#x(_[2]*p*(t.antialias??1)**2,performance.now()-b)}d+=p}return n()}async#p(e,t,n,o){let{width:s,height:a}=o,i=o.mode??"shaded",l=o.channel??0,u=this.#y(o.lod);if(Ie(e),!qt(e).includes(i))throw new RangeError(`mode "${i}" is not possible for this field`);let c=new U(e,t.plan,u,l);c.floats("background",(o.background??[1,1,1]).map(b=>Math.min(1,Math.max(0,b)))),c.integers("image",[s,a,o.antialias??1,T("MODE",i)]);let f=[0,1];if(e.kind==="scalar"&&(f=o.range??await this.#g(u,l),c.floats("transfer",f),t.write("table",zn(o.colormap??"viridis"))),e.dims===2)return c.plane(n,s,a),["plane",c];c.camera(n,s,a);let[d,m]=It(e,n.eye);if(e.kind==="nerf"){let b=St(e,u,o.samplesPerVoxel??void 0);return c.floats("march",[b,d,m]),["radiance",c]}if(e.kind==="scalar"&&i==="shaded"){let b=Ct(e,u),E=Math.hypot(...R(e)),I=(o.opacity??1)*v.FULL_DEPTH*b/E;return c.floats("transfer",[f[0],f[1],I]),c.floats("march",[b,d,m]),["volume",c]}let p=e.kind==="sdf"?0:o.isoLevel??.5*(f[0]+f[1]),g=J(e,u),_=Ot(e,g);return c.floats("surface",[_,v.NORMAL_STEP_VOXELS*g,...Xt(e,p)]),c.floats("march",[0,d,m,await this.#v(u,p,l)]),["surface",c]}valueRange(e,t=0){return this.#u(()=>this.#g(e,t))}async#g(e,t){let n=this.#o;if(n===null)throw new y("limit","there is no field whose values could be told");let o=t===0?n.metadata.value_range:null;if(Array.isArray(o)&&o.length===2){let[l,u]=o;if(Number.isFinite(l)&&Number.isFinite(u)&&l<u)return[l,u]}let s=n.dims===3?v.RANGE_POINTS_3D:v.RANGE_POINTS_2D,a=new U(n,this.#n.plan,e,t);a.integers("cells",[s,s,n.dims===3?s:1]);let i=await this.#b(`range ${e} ${t}`,"range",a,s**n.dims);return[i[0],i[1]]}async#v(e,t,n){let o=this.#o,s=new U(o,this.#n.plan,e,n);s.floats("surface",[0,J(o,e),...Xt(o,t)]),s.flags=o.kind==="sdf"?On:0;let a=`slope ${e} ${t} ${n}`;return(await this.#b(a,"slope",s,v.SLOPE_POINTS))[0]}async#b(e,t,n,o){let s=this.#f.get(e);if(s===void 0){let a=this.#n,[i,l]=[await a.prepare(t),await a.prepare(t,"reduce")];n.points=o,await a.reserve("output",4*o),a.write("params",n.words),a.run(i,t,[Math.ceil(o/jt),1]),a.run(l,t,[1,1]),s=[...new Float32Array(await a.read(8))],this.#f.set(e,s)}return s}evaluate(e,t=null,n=null){return this.#u(()=>this.#w(e,t,n))}async#w(e,t,n){let o=this.#o,s=this.#n,{dims:a,bounds:i}=o,l=e.length/a,u=s.plan.rows.whole.channels+(o.kind==="nerf"?1:0),c=new Float32Array(8*l);for(let d=0;d<l;d++){for(let m=0;m<a;m++){let p=i[m];c[8*d+m]=(e[a*d+m]-p)/(i[a+m]-p)*2-1}t!==null&&c.set(t.subarray(3*d,3*d+3),8*d+4)}let f=new U(o,s.plan,this.#y(n),0);return f.points=l,await s.reserve("points",c.byteLength),await s.reserve("output",4*l*u),s.write("points",c),s.write("params",f.words),s.run(await s.prepare("points"),"points",[Math.ceil(l/jt),1]),new Float32Array(await s.read(4*l*u),0,l*u)}get bytes(){return this.#n?.bytes??0}destroy(){this.#c++,this.#h(),this.#e&&this.device.destroy()}#y(e){let t=Math.max(0,this.#r-1);return Math.min(t,Math.max(0,e??t))}#k(e,t,n){let o=Math.max(In,this.#i*Yt),s=Math.max(64,o/n**2),a=Math.min(Math.max(8,Math.floor(s/e/8)*8),t);return[Math.min(Math.max(8,Math.floor(s/a/8)*8),e),a]}#x(e,t){let n=1e3*e/Math.max(t,.1);this.#i=Math.min(n,4*this.#i)}};function Ie(r){if(!(qt(r).length>0))throw new y("unsupported",`a 2-D ${r.kind} field has no image; \`nfcodec decode --resolution\` to .npz or .h5 writes its values`)}function qt(r){return r.dims===2?r.kind==="scalar"?["shaded"]:[]:r.kind==="nerf"?["shaded","depth"]:r.kind==="sdf"?["shaded","matcap","normals","depth"]:["shaded","iso"]}function Xt(r,e){return r.kind==="sdf"?[0,1]:[e,-1]}async function Rn(){if(!("gpu"in navigator)||navigator.gpu===void 0){let n=globalThis.isSecureContext!==!1;throw new Error(n?"WebGPU is missing here":"WebGPU is only there on pages served over https")}let r=await navigator.gpu.requestAdapter({powerPreference:"high-performance"});if(r===null)throw new Error("WebGPU is there, but no graphics adapter for it");let{maxStorageBufferBindingSize:e,maxBufferSize:t}=r.limits;return r.requestDevice({requiredLimits:{maxStorageBufferBindingSize:e,maxBufferSize:t}})}function zn(r){let e=new Float32Array(4*v.COLORS);return K(r).forEach((t,n)=>e[n]=t/255),e}async function Zt(r,e={}){let{onProgress:t,onLod:n,signal:o,worker:s,...a}=e;o?.throwIfAborted();let i=r instanceof Blob?r:Nn(r),l={progress:c=>t?.(c),lod:(c,f)=>n?.(c,f)};if(s!==null&&(s!==void 0||typeof Worker<"u"))return Un((s??Fn)(),{source:i,options:a},l,o);let u=typeof i=="string"?new et(i,o===void 0?{}:{signal:o}):new nt(i,o);return rt(u,l,a)}function Nn(r){let e=typeof document>"u"?globalThis.location?.href:document.baseURI;return new URL(r,e).href}function Fn(){return new Worker(new URL("./worker.js",import.meta.url),{type:"module"})}function Un(r,e,t,n){let o=()=>{};return new Promise((s,a)=>{let i=null;o=()=>a(n?.reason),n?.addEventListener("abort",o,{once:!0}),r.onerror=l=>{l.preventDefault();let u=l.message?` (${l.message})`:"";a(new y("network",`the decoder could not be loaded or has failed${u}`))},r.onmessageerror=()=>a(new y("limit","there is not enough memory for what was decoded")),r.onmessage=({data:l})=>{if(!n?.aborted)try{if(l.type==="progress")t.progress(l.progress);else if(l.type==="lod")i=tt(i,l.update),t.lod(i,l.update.changed.map(({position:u})=>u));else if(l.type==="done"){let u=i;u.metadata=l.metadata,s(u)}else{let{code:u,message:c}=l;a(u===null?new Error(c):new y(u,c))}}catch(u){a(u)}},r.postMessage(e)}).finally(()=>{n?.removeEventListener("abort",o),r.terminate()})}var L=(r,e)=>[r[0]+e[0],r[1]+e[1],r[2]+e[2]],x=(r,e)=>[r[0]-e[0],r[1]-e[1],r[2]-e[2]],k=(r,e)=>[r[0]*e,r[1]*e,r[2]*e],O=(r,e)=>r[0]*e[0]+r[1]*e[1]+r[2]*e[2],w=r=>Math.hypot(r[0],r[1],r[2]),C=(r,e)=>[r[1]*e[2]-r[2]*e[1],r[2]*e[0]-r[0]*e[2],r[0]*e[1]-r[1]*e[0]],P=r=>k(r,1/w(r));function Qt(r,e,t){let n=Math.cos(t),o=k(e,O(e,r)*(1-n));return L(L(k(r,n),k(C(e,r),Math.sin(t))),o)}function oe(r){return P(C(Math.abs(r[1])<.9?[0,1,0]:[1,0,0],r))}var Dn=35*Math.PI/180,Vn=.05,Jt=35*Math.PI/180,er=20*Math.PI/180,tr=.002,Hn=1e6;function Bn(r){let{width:e,height:t}=Ne(r);return typeof e=="number"&&typeof t=="number"&&e>0&&t>0?e/t:null}function rr(r){return se(r,"eye")!==null&&se(r,"target")!==null}function nr(r,e){let t=Ne(r),n=t.vertical_fov,o=typeof n=="number"&&n>.001&&n<Math.PI-.001?n:Dn,s=Wn(t.up)??Re(r),a=ze(r),i=se(r,"target")??ar(a),l=se(r,"eye"),u=Math.max(...x(a[1],a[0]));if(l!==null&&w(x(l,i))>1e-9*u){let d=Bn(r)??1;return e<d&&(o=2*Math.atan(Math.tan(o/2)*d/e),o=Math.min(o,2.6)),{eye:l,target:i,up:s,verticalFov:o}}let c=Kn(s),f=jn(a,i,c,s,o,e);return{eye:L(i,k(c,f)),target:i,up:s,verticalFov:o}}function Re(r){return r.kind==="sdf"?[0,1,0]:[0,0,1]}function ze(r){let[e,t]=or(r),n=Gn(r);if(n===null)return[e,t];let o=[[],[]];return n.forEach((s,a)=>{let[i,l]=$n(s),u=t[a]-e[a];o[0].push(e[a]+u*i),o[1].push(e[a]+u*l)}),o}function Gn(r){let e=M(r).filter(s=>s.code!==null),t=Z(r,1/0,e);if(t===null)return null;let n=t.shape.map(s=>new Float64Array(s)),o=!1;for(let s of Q(r,t)){for(let a=0;a<3;a++)n[a][s[a]]+=1;o=!0}return o?n:null}function $n(r){let e=r.reduce((s,a)=>s+a,0),t=0,n=-1,o=r.length-1;for(let s=0;s<r.length;s++)if(t+=r[s],n<0&&t>tr*e&&(n=s),t>=(1-tr)*e){o=s;break}return[Math.max(n,0)/r.length,(o+1)/r.length]}function Ne(r){let e=r.metadata.camera;return typeof e=="object"&&e!==null&&!Array.isArray(e)?e:{}}function se(r,e){let t=sr(Ne(r)[e]),[n,o]=or(r),s=Hn*w(x(o,n));return t!==null&&w(x(t,ar([n,o])))<=s?t:null}function or(r){let e=t=>[...r.bounds.subarray(t,t+3)];return[e(0),e(3)]}function sr(r){return!Array.isArray(r)||r.length!==3?null:r.every(e=>typeof e=="number"&&Number.isFinite(e))?r:null}function Wn(r){let e=sr(r),t=e===null?0:w(e);return e!==null&&t>1e-12&&t<1/0?P(e):null}function ar([r,e]){return k(L(r,e),.5)}function Kn(r){let e=Math.max(...r.map(Math.abs)),n=Math.abs(r[2])===e?[0,-1,0]:[0,0,1],o=P(x(n,k(r,O(n,r)))),s=L(k(o,Math.cos(Jt)),k(C(r,o),Math.sin(Jt)));return L(k(s,Math.cos(er)),k(r,Math.sin(er)))}function jn(r,e,t,n,o,s){let a=P(C(n,t)),i=C(t,a),l=Math.tan(o/2),u=0;for(let c=0;c<8;c++){let f=p=>r[c>>p&1][p],d=x([f(0),f(1),f(2)],e),m=Math.max(Math.abs(O(d,a))/(l*s),Math.abs(O(d,i))/l);u=Math.max(u,O(d,t)+m)}return u*(1+Vn)}var ir=Math.PI,ae=Math.PI/24,ie=1/24,H=1.1,Yn=.0015,Xn=.01,qn=16,Zn=300,lr=24;function cr(r,e){let t=new Map,n=!1,o=0,s=null,a={time:-1/0,x:0,y:0},i=(c,f,d={})=>r.addEventListener(c,f,d),l=()=>{clearTimeout(o),o=window.setTimeout(()=>e.rest(),200)};i("pointerdown",c=>{r.focus({preventScroll:!0}),r.setPointerCapture(c.pointerId),t.set(c.pointerId,{x:c.clientX,y:c.clientY}),s=t.size===1?{x:c.clientX,y:c.clientY}:null,n=c.button!==0||c.shiftKey||c.ctrlKey||c.metaKey,c.button===1&&c.preventDefault()}),i("pointermove",c=>{let f=t.get(c.pointerId);if(f===void 0)return;let d={x:c.clientX,y:c.clientY},[m,p]=[d.x-f.x,d.y-f.y];s!==null&&Math.hypot(d.x-s.x,d.y-s.y)>lr/2&&(s=null);let g=r.clientHeight||1;if(t.size===1)n?e.pan(m/g,p/g):e.turn(m/g*ir,p/g*ir);else if(t.size===2){let _=[...t].find(([N])=>N!==c.pointerId)[1],b=N=>Math.hypot(N.x-_.x,N.y-_.y),[E,I]=[b(f),b(d)];E>1&&I>1&&e.zoom(E/I),e.pan(m/2/g,p/2/g)}t.set(c.pointerId,d)});let u=c=>{t.delete(c.pointerId)&&t.size===0&&e.rest()};i("pointerup",c=>{let{timeStamp:f,clientX:d,clientY:m}=c,p=Math.hypot(d-a.x,m-a.y)<lr;s!==null&&c.pointerType==="touch"&&(p&&f-a.time<Zn&&e.reset(),a={time:f,x:d,y:m}),u(c)}),i("pointercancel",u),i("dblclick",()=>e.reset()),i("contextmenu",c=>c.preventDefault()),i("wheel",c=>{c.preventDefault();let f=c.deltaMode===WheelEvent.DOM_DELTA_PIXEL?1:qn,d=Math.max(-400,Math.min(400,c.deltaY*f));e.zoom(Math.exp(d*(c.ctrlKey?Xn:Yn))),l()},{passive:!1}),i("keydown",c=>{if(c.ctrlKey||c.metaKey||c.altKey)return;let d={ArrowLeft:()=>c.shiftKey?e.pan(-ie,0):e.turn(-ae,0),ArrowRight:()=>c.shiftKey?e.pan(ie,0):e.turn(ae,0),ArrowUp:()=>c.shiftKey?e.pan(0,-ie):e.turn(0,-ae),ArrowDown:()=>c.shiftKey?e.pan(0,ie):e.turn(0,ae),"+":()=>e.zoom(1/H),"=":()=>e.zoom(1/H),"-":()=>e.zoom(H),PageUp:()=>e.zoom(1/H),PageDown:()=>e.zoom(H),Home:()=>e.reset(),0:()=>e.reset()}[c.key];d!==void 0&&(c.preventDefault(),d(),l())})}var le=class{#e=new Set;#t=null;constructor(e){e.then(t=>{this.#t=t;for(let n of this.#e)n(t)})}async during(e){let t=()=>{};try{return await new Promise((n,o)=>{t=o,this.#e.add(t),this.#t!==null&&o(this.#t),e.then(n,o)})}finally{this.#e.delete(t)}}};var Qn=200,z=class extends Error{},B=class r{renderer;#e;constructor(e){this.renderer=e,this.#e=new le(e.device.lost.then(({message:t})=>new z(t)))}static async create(e){let t=document.createElement("canvas"),n=await ne.create(t);return e.replaceChildren(t),new r(n)}async whileThere(e){try{return await this.#e.during(e)}catch(t){throw t instanceof z||t instanceof y||t instanceof RangeError||await this.#e.during(new Promise(o=>setTimeout(o,Qn))),t}}};function ur(r){let e=[];if(r.view!==void 0){let{eye:t,target:n,up:o,verticalFov:s}=r.view;e.push(`camera=${[...t,...n,...o,s].map(Fe).join(",")}`)}return r.lod!==void 0&&e.push(`lod=${r.lod}`),r.mode!==void 0&&e.push(`mode=${encodeURIComponent(r.mode)}`),r.colormap!==void 0&&e.push(`colormap=${encodeURIComponent(r.colormap)}`),r.range!==void 0&&e.push(`range=${r.range.map(Fe).join(",")}`),r.level!==void 0&&e.push(`level=${Fe(r.level)}`),r.background!==void 0&&e.push(`background=${fe(r.background)}`),e.length>0?`#${e.join("&")}`:""}function ue(r){let e=new URLSearchParams(r.replace(/^#/,"")),t={},n=ce(e.get("camera"),10);if(n!==null){let[c,f,d]=[0,3,6].map(b=>n.slice(b,b+3)),m=n[9],p=Math.max(Math.hypot(...c),Math.hypot(...f));Math.hypot(...c.map((b,E)=>b-f[E]))>1e-9*p&&Math.hypot(...d)>1e-9&&m>.001&&m<3&&(t.view={eye:c,target:f,up:d,verticalFov:m})}let o=ce(e.get("lod"),1);o!==null&&Number.isInteger(o[0])&&o[0]>=0&&(t.lod=o[0]);let s=e.get("mode");s!==null&&(t.mode=s);let a=e.get("colormap");a!==null&&(t.colormap=a);let i=ce(e.get("range"),2);i!==null&&i[0]<i[1]&&(t.range=i);let l=ce(e.get("level"),1);l!==null&&(t.level=l[0]);let u=/^[0-9a-f]{6}$/i.exec(e.get("background")??"")?.[0];if(u!==void 0){let c=f=>parseInt(u.slice(f,f+2),16)/255;t.background=[c(0),c(2),c(4)]}return t}var Jn=/[^\p{L}\p{N} _.~()+,=@!&;'$*-]|^ | $/gu;function fr(r){return`?src=${encodeURIComponent(r.replace(Jn,encodeURIComponent))}`}function Ue(r){let e=r.searchParams.get("src");if(e===null||e==="")return null;let t=new URL(e,r);if(t.protocol!=="http:"&&t.protocol!=="https:")throw new TypeError(`"${e}" is not the address of a file on a web server`);return t}function dr(r){let e=r.pathname.split("/").pop()??"";try{return decodeURIComponent(e)||r.host}catch{return e}}function ce(r,e){if(r===null)return null;let t=r.split(",").map(n=>n.trim()===""?NaN:Number(n));return t.length===e&&t.every(n=>Math.abs(n)<=1e30)?t:null}function fe(r){return r.map(e=>Math.round(255*e).toString(16).padStart(2,"0")).join("")}function Fe(r){return String(Number(r.toPrecision(8)))}function De(r,e){if(r instanceof TypeError)return eo(r.message);let t=mr(r),n=He(r instanceof Error?r.message:String(r));switch(t){case"damaged":return{title:`${e} cannot be read`,text:n,remedy:"Copy or download the file again as binary. If you have it on disk, \u201Cnfcodec verify\u201D says whether it is sound."};case"unsupported":return{title:`${e} cannot be shown by this viewer`,text:n,remedy:"\u201Cnfcodec info\u201D says what is in it. If it needs a newer version, update nfcodec and, if this page is an export, export it anew."};case"limit":return{title:`${e} is too large`,text:n,remedy:"Encode the field with fewer levels of detail, or look at a smaller one."};case"network":return{title:`${e} could not be loaded`,text:n,remedy:"Check the name and the connection. A file on another server needs that server's permission (CORS)."};default:return{title:`${e} could not be shown`,text:n,remedy:"This is a defect of the viewer: please report it with this text."}}}function hr(r){return mr(r)!=="network"?"The rest of the file cannot be read.":"The rest of the file did not arrive."}function mr(r){return r instanceof y?r.code:r?.code}function eo(r){return{title:"This address names no file",text:He(r),remedy:"Put the file beside this page and open ?src=name.nfc, or drop it here."}}function Ve(r,e){return{title:"This browser cannot draw the field",text:He(r)+(e?" This is the preview stored in the file.":""),remedy:"The viewer needs WebGPU: a current Chrome, Edge, Firefox or Safari, with graphics acceleration switched on, on a page served over https or from this machine."}}var pr={title:"Drop a .nfc file here, or open one",text:"It is drawn while it is read, on this machine; nothing is sent anywhere.",remedy:"A file beside this page opens with ?\u2060src=name.nfc in the address."};function He(r){let e=r.trim();if(e==="")return"The reason is not known.";let t=/[.!?]$/.test(e)?e:`${e}.`;return t[0].toUpperCase()+t.slice(1)}function G(r){if(r<1e3)return`${r} B`;let e=r,t="";for(t of["kB","MB","GB"])if(e/=1e3,e<999.5)break;return`${e<9.95?e.toFixed(1):Math.round(e)} ${t}`}var to=.01,ro=.02,no=40,oo=.03,de=class{#e;#t;#n;#o;#r;constructor(e,t,n){this.#e=e;let o=w(x(e.eye,e.target));this.#n=Math.min(ro*n,o),this.#o=Math.max(no*n,o);let s=P(x(e.eye,e.target)),a=C(e.up,s),i=w(a)>1e-6?P(a):oe(s),l=O(C(s,i),t)>0;this.#t=l&&Math.abs(O(i,t))<oo?t:e.up,this.#r=e}get view(){return this.#r}set view(e){let t=x(e.eye,e.target);if(!(w(x(e.target,this.#e.target))<=2*this.#o&&Number.isFinite(w(t))))return;let o=w(t),s=this.#a(o);this.#r=s===o?e:{...e,eye:L(e.target,k(t,s/o))}}#a(e){return Math.min(this.#o,Math.max(this.#n,e))}get isHome(){return this.#r===this.#e}reset(){this.#r=this.#e}turn(e,t){let{eye:n,target:o}=this.#r,s=Qt(x(n,o),this.#t,-e),a=w(s),i=Math.min(1,Math.max(-1,O(s,this.#t)/a)),l=Math.PI/2-to,u=Math.asin(i),c=Math.min(l,Math.max(-l,u+t)),f=x(s,k(this.#t,O(s,this.#t))),d=w(f)>1e-9*a?P(f):oe(this.#t),m=L(k(d,Math.cos(c)),k(this.#t,Math.sin(c)));this.#r={...this.#r,eye:L(o,k(m,a)),up:this.#t}}pan(e,t){let{eye:n,target:o,up:s,verticalFov:a}=this.#r,i=x(n,o),l=2*w(i)*Math.tan(a/2),u=C(s,i),c=w(u)>1e-6*w(i)?P(u):oe(P(i)),f=P(C(i,c)),d=L(k(c,-e*l),k(f,t*l));this.#r={...this.#r,eye:L(n,d),target:L(o,d)}}zoom(e){let{eye:t,target:n}=this.#r,o=x(t,n),s=this.#a(w(o)*e);this.#r={...this.#r,eye:L(n,k(P(o),s))}}};function h(r,e=HTMLElement){let t=document.getElementById(r);if(!(t instanceof e))throw new Error(`the page has no ${e.name} "${r}"`);return t}var br=0;function he(r){let e=h("toast");e.textContent=r,e.classList.add("seen"),clearTimeout(br),br=window.setTimeout(()=>e.classList.remove("seen"),2500)}var so={nerf:[["shaded","Radiance"],["depth","Depth"]],sdf:[["shaded","Light"],["matcap","Clay"],["normals","Normals"],["depth","Depth"]],scalar:[["shaded","Volume"],["iso","Surface"]]};function Be(r){return r.dims===2?[["shaded","Plane"]]:so[r.kind]}function Ge(r){let e=r.metadata.background;return!Array.isArray(e)||e.length!==3||!e.every(t=>typeof t=="number"&&Number.isFinite(t))?null:e.map(t=>Math.min(1,Math.max(0,t)))}function yr(r){let e=r.metadata.value_range;if(!Array.isArray(e)||e.length!==2)return null;let[t,n]=e;return typeof t!="number"||typeof n!="number"?null:Number.isFinite(t)&&Number.isFinite(n)&&t<n?[t,n]:null}var gr=[1,1,1],ao=[20/255,23/255,28/255],io=[0,0,0],me=class{#e;#t;#n=null;#o="shaded";#r=null;#a="page";#l=null;#s=null;#i=null;constructor(e,t){this.#e=e,this.#t=t;let n=h("colormap",HTMLSelectElement);for(let o of Object.keys(W))n.add(new Option(o,o));h("panel",HTMLFormElement).addEventListener("submit",o=>o.preventDefault()),h("lod",HTMLInputElement).addEventListener("input",()=>{this.#c(Number(h("lod",HTMLInputElement).value))}),h("auto",HTMLInputElement).addEventListener("change",()=>{let o=h("auto",HTMLInputElement).checked;this.#c(o?null:Number(h("lod",HTMLInputElement).value))}),n.addEventListener("change",()=>this.#f());for(let o of["low","high"])h(o,HTMLInputElement).addEventListener("change",()=>this.#f());h("level",HTMLInputElement).addEventListener("input",()=>{this.#i=Number(h("level",HTMLInputElement).value)/1e3,this.#f()})}get look(){let e=this.#h();return{lod:this.#r,mode:this.#o,background:this.#m()[this.#a],colormap:h("colormap",HTMLSelectElement).value,range:e,isoLevel:this.#i===null?null:this.#u()}}open(e,t){this.#n=e;let n=Be(e),o=n.some(([m])=>m===t.mode);this.#o=o?t.mode:n[0][0],this.#r=t.lod==null?null:Math.min(t.lod,e.lods-1),vr("modes",n,this.#o,m=>{this.#o=m,this.#f()});let s=Ge(e),a=[["page","Page\u2019s"],["white","White"],["black","Black"]];s!==null&&a.unshift(["file","File\u2019s"]),this.#a=a[0][0];let i=t.background;if(i!==void 0){let m=a.find(([p])=>fe(this.#m()[p])===fe(i));this.#l=m===void 0?i:null,m===void 0&&a.push(["link","Link\u2019s"]),this.#a=m?.[0]??"link"}vr("backgrounds",a,this.#a,m=>{this.#a=m,this.#f()});let l=h("colormap",HTMLSelectElement);l.value=t.colormap!==void 0&&Object.hasOwn(W,t.colormap)?t.colormap:"viridis";let u=t.range??yr(e);h("low",HTMLInputElement).value=u===null?"":String(u[0]),h("high",HTMLInputElement).value=u===null?"":String(u[1]);for(let m of["low","high"])h(m,HTMLInputElement).placeholder="";this.#s=u;let[c,f]=u??[0,1];this.#i=t.isoLevel==null?null:(t.isoLevel-c)/(f-c);let d=Math.min(1,Math.max(0,this.#i??.5));h("level",HTMLInputElement).value=String(Math.round(1e3*d)),h("lod",HTMLInputElement).max=String(e.lods-1),h("detail").hidden=e.lods<2,this.#f()}arrived(e){this.#n=e,this.#d()}get lacksRange(){return this.#n?.kind==="scalar"&&this.#s===null}set measuredRange(e){let t=this.#i===null?null:this.#u();this.#s=e,h("low",HTMLInputElement).placeholder=$e(e[0]),h("high",HTMLInputElement).placeholder=$e(e[1]),t!==null&&(this.#i=(t-e[0])/(e[1]-e[0])),this.#d()}step(e){if(this.#n===null)return;let t=this.#n.lods-1,n=this.#r??Math.max(0,this.#n.lodsDecoded-1),o=Math.max(0,n+e);this.#c(o>t?null:o)}automatic(){this.#c(null)}nextMode(){if(this.#n===null)return;let e=Be(this.#n).map(([n])=>n);this.#o=e[(e.indexOf(this.#o)+1)%e.length];let t=document.querySelector(`#modes input[value="${this.#o}"]`);t!==null&&(t.checked=!0),this.#f()}themeChanged(){this.#n!==null&&this.#f()}#c(e){this.#r=e,this.#f()}#f(){this.#d(),this.#e(this.look)}#d(){let e=this.#n;if(e===null)return;let t=Math.max(0,e.lodsDecoded-1),n=Math.min(t,this.#r??t);h("lod",HTMLInputElement).value=String(this.#r??t),h("auto",HTMLInputElement).checked=this.#r===null;let o=this.#r!==null&&this.#r>t?", waiting":"";h("lod-value").textContent=`${n} of 0\u2013${e.lods-1}${o}`;let s=e.kind==="scalar",a=this.#o==="iso";h("colors").hidden=!s,h("range").hidden=!s,h("surface").hidden=!a,h("level-value").textContent=this.#s===null?"":$e(this.#u()),s&&lo(h("colormap",HTMLSelectElement).value)}#u(){let[e,t]=this.#h()??this.#s??[0,1];return e+(t-e)*(this.#i??.5)}#h(){let e=[h("low",HTMLInputElement).value,h("high",HTMLInputElement).value];if(e.every(o=>o===""))return null;let[t,n]=e.map((o,s)=>o===""?this.#s?.[s]:Number(o));return t===void 0||n===void 0?null:Number.isFinite(t)&&Number.isFinite(n)&&t<n?[t,n]:null}#m(){let e=this.#t()?ao:gr;return{file:(this.#n===null?null:Ge(this.#n))??e,page:e,white:gr,black:io,link:this.#l??e}}};function vr(r,e,t,n){let o=h(r);o.replaceChildren(...e.map(([s,a])=>{let i=document.createElement("label"),l=document.createElement("input");return Object.assign(l,{type:"radio",name:r,value:s,checked:s===t}),l.addEventListener("change",()=>n(s)),i.append(l,a),i})),o.closest("fieldset").hidden=e.length<2}function lo(r){let e=h("ramp",HTMLCanvasElement),t=new ImageData(K(r),256,1);e.getContext("2d").putImageData(t,0,0)}function $e(r){return String(Number(r.toPrecision(4)))}var co=.001,uo=4,pe=class{#e;#t;#n;#o;constructor(e,t){this.#e=e,this.#t=t;let[n,o,s,a]=e.bounds;this.#n=wr((n+s)/2,(o+a)/2,1),this.#o=this.#n}get view(){return this.#o}set view({eye:e,target:t}){this.#r(t[0],t[1],w(x(e,t)))}get isHome(){return this.#o===this.#n}reset(){this.#o=this.#n}turn(e,t){this.pan(e/Math.PI,t/Math.PI)}pan(e,t){let[n,o,s,a]=this.#e.bounds,{target:i,eye:l}=this.#o,u=w(x(l,i)),c=u*Math.max((s-n)/this.#t(),a-o);this.#r(i[0]-e*c,i[1]+t*c,u)}zoom(e){let{target:t,eye:n}=this.#o;this.#r(t[0],t[1],w(x(n,t))*e)}#r(e,t,n){let[o,s,a,i]=this.#e.bounds,l=(u,c,f)=>Math.min(f,Math.max(c,u));this.#o=wr(l(e,o,a),l(t,s,i),l(n,co,uo))}};function wr(r,e,t){return{eye:[r,e,t],target:[r,e,0],up:[0,1,0],verticalFov:.6}}var fo=[137,78,70,67,13,10,26,10],We=20,xr=12,ho=4096,mo=1<<20,po=416;async function kr(r,e){let t=await Ke(r,0,ho,e);if(t.length<We||fo.some((u,c)=>t[c]!==u))throw new y("damaged","this is not a .nfc file (no signature at its start)");let n=new DataView(t.buffer,t.byteOffset),o=n.getUint16(10,!0),s=We+xr*o,a=Math.ceil((s+n.getUint32(12,!0))/4)*4;if(t.length<s&&(t=await Ke(r,0,s,e)),t.length<s)return null;let i=new DataView(t.buffer,t.byteOffset),l=a;for(let u=We;u<s;u+=xr){let c=String.fromCharCode(...t.subarray(u,u+4)),f=i.getUint32(u+4,!0);if(c==="prev")return f<4||f>mo?null:bo(await Ke(r,l,f,e),f);l+=f}return null}function bo(r,e){if(r.length<e)return null;let t=new DataView(r.buffer,r.byteOffset).getUint32(0,!0);return t>e-4?null:new Blob([r.subarray(4,4+t)])}async function Ke(r,e,t,n){if(r instanceof Blob)return new Uint8Array(await r.slice(e,e+t).arrayBuffer());try{let o=`bytes=${e}-${e+t-1}`,s=await fetch(r,{headers:{range:o},signal:n});if(s.status===po)return new Uint8Array(0);if(!s.ok){let a=`${s.status} ${s.statusText}`.trim();throw new y("network",`the server answered ${a}`)}return await yo(s,s.status===206?0:e,t)}catch(o){throw n.aborted||o instanceof y?o:new y("network","the server could not be reached, or the connection was lost")}}async function yo({body:r},e,t){let n=new Uint8Array(t),o=r?.getReader(),s=e,a=0;for(;o!==void 0&&a<t;){let{done:i,value:l}=await o.read();if(i)break;let u=l.subarray(Math.min(s,l.length));s-=l.length-u.length;let c=u.subarray(0,t-a);n.set(c,a),a+=c.length}return await o?.cancel(),n.slice(0,a)}var be=class{#e=0;progress(e,t,n){h("readout").hidden=!1;let o=t===null||t===0?0:Math.min(1,e/t);h("fill").style.transform=`scaleX(${o})`,h("bar").setAttribute("aria-valuenow",String(Math.round(100*o))),h("received").textContent=t===null?G(e):`${G(e)} / ${G(t)}`;let s=h("ticks"),a=t===null?[]:n.slice(0,-1);s.childElementCount!==a.length&&s.replaceChildren(...a.map(i=>{let l=document.createElement("i");return l.style.left=`${100*i/t}%`,l}))}shown(e){h("level-shown").textContent=`${e.lod} of 0\u2013${e.lods-1}`,h("pixels").textContent=`${e.width} \xD7 ${e.height}`+(e.share<1?` (${Math.round(100*e.share)} %)`:""),h("memory").textContent=G(e.gpuBytes),this.#t(e.framesPerSecond)}#t(e){let t=h("frames");if(clearTimeout(this.#e),e===null){t.textContent="still";return}t.textContent=`${e.toFixed(e<10?1:0)} / s`,this.#e=window.setTimeout(()=>t.textContent="still",1200)}};var go=33.333333333333336,vo=150,_r=.125,wo=2,ye=class{#e=0;learn(e,t){if(e<=0||t<=0)return;let n=t/e;this.#e=this.#e===0?n:.7*this.#e+.3*n}forget(){this.#e=0}moving(e){return this.#e===0?Math.min(1,Math.max(_r,Math.sqrt(65536/e))):this.#t(go,e)}refined(e,t){let n=this.#e===0?0:this.#t(vo,t);return Math.min(1,Math.max(wo*e,n))}#t(e,t){let n=Math.sqrt(e/(this.#e*t));return Math.min(1,Math.max(_r,n))}},ge=class{#e=[];shown(e){for(this.#e.push(e);this.#e.length>0&&e-this.#e[0]>1e3;)this.#e.shift()}read(e){let t=this.#e.filter(n=>e-n<=1e3);return t.length<2||e-t[t.length-1]>500?null:(t.length-1)/((t[t.length-1]-t[0])/1e3)}};var xo=4096,ko=3,_o=250,Eo=2,ve=class r{#e;#t;#n=new ye;#o=new ge;#r;#a=null;#l=null;#s=null;#i=!1;#c=0;#f=!1;#d=null;#u=[];constructor(e,t,n){this.#e=e,this.#t=t,this.#r=n,this.#w(n),new ResizeObserver(()=>{this.#t.resized(),this.draw()}).observe(e)}static async create(e,t){return new r(e,t,await B.create(e))}get aspect(){return(this.#e.clientWidth||1)/(this.#e.clientHeight||1)}async open(e,t,n){this.#a=e,this.#l=t,this.#s=n,await this.#h(e)}async arrived(){let e=this.#a;for(;this.#d!==null&&!this.#d.patient;)await this.#d.done;e!==null&&e===this.#a&&await this.#h(e)}async#h(e){let t=this.#r;this.#n.forget();try{await t.whileThere(t.renderer.setField(e))}catch(n){if(n instanceof z)return;throw e===this.#a&&(this.#a=null),n}this.draw()}set view(e){this.#l=e,this.draw()}set look(e){this.#s=e,this.draw()}set moving(e){this.#i!==e&&(this.#i=e,this.draw())}draw(){this.#c=0,this.#t.changed(),this.#m()}#m(){if(this.#f)return;this.#f=!0;let e=!1,t=()=>{e||(e=!0,this.#f=!1,(this.#d===null||this.#d.patient)&&this.#p())};requestAnimationFrame(t),setTimeout(()=>{document.hidden||t()},_o)}async image(){let[e,t]=this.#b(),n=this.#r,o=this.#v(e,t),s=await n.whileThere(n.renderer.renderPixels(this.#l,o)),a=new OffscreenCanvas(e,t);return a.getContext("2d").putImageData(new ImageData(s,e,t),0,0),a.convertToBlob({type:"image/png"})}valueRange(){let e=this.#r;return e.whileThere(e.renderer.valueRange(e.renderer.lods-1))}#p(){let e=this.#e.clientWidth>0&&this.#e.clientHeight>0;if(this.#a===null||this.#l===null||this.#s===null||!e||this.#c===1)return;let[t,n]=this.#b(),o=t*n,s=this.#c>0&&!this.#i,a=s?this.#n.refined(this.#c,o):this.#n.moving(o),i=Math.max(1,Math.round(t*a)),l=Math.max(1,Math.round(n*a));this.#c=a;let u={done:Promise.resolve(),patient:s};u.done=this.#g(i,l,a).then(c=>{if(this.#d!==u)return;this.#d=null;let f=this.#c===0||this.#c<1&&!this.#i;c&&f&&this.#m()}),this.#d=u}async#g(e,t,n){let o=this.#r,s=this.#a,a=this.#v(e,t);try{let i=performance.now();if(!await o.whileThere(o.renderer.render(this.#l,a)))return!0;let l=performance.now();return this.#n.learn(e*t,l-i),this.#o.shown(l),this.#t.shown({field:s,lod:o.renderer.drawnLod,lods:s.lods,layer:o.renderer.drawnLayer,layers:Qe(M(s),o.renderer.drawnLod)+1,width:e,height:t,share:n,sharp:n===1&&this.#c===1,framesPerSecond:this.#o.read(l),gpuBytes:o.renderer.bytes}),!0}catch(i){return i instanceof z||this.#t.failed(i,s),!1}}#v(e,t){let n=Math.max(0,this.#r.renderer.lods-1),o=this.#s;return{...o,lod:Math.min(n,o.lod??n),width:e,height:t}}#b(){let e=Math.min(Eo,window.devicePixelRatio||1),t=Math.max(1,Math.round(this.#e.clientWidth*e)),n=Math.max(1,Math.round(this.#e.clientHeight*e)),o=Math.min(1,xo/Math.max(t,n));return[Math.max(1,Math.round(t*o)),Math.max(1,Math.round(n*o))]}#w(e){let{device:t}=e.renderer,n=!0;t.addEventListener("uncapturederror",({error:o})=>{if(!n||e!==this.#r)return;n=!1;let s=this.#a;this.#t.failed(o,s),s!==null&&(this.#a=null,t.destroy())}),t.lost.then(o=>{let s=n?o.message:null;n=!1,e===this.#r&&this.#y(s)})}async#y(e){let t=performance.now();e!==null&&(this.#u=[...this.#u.filter(o=>t-o<6e4),t]);let n=null;try{if(this.#u.length>ko)throw new Error(`the GPU was lost (${e})`);this.#r=await B.create(this.#e),this.#w(this.#r),this.#d=null,n=this.#a,n!==null&&await this.#h(n)}catch(o){this.#t.failed(o,n)}}};var Er="nfcodec-theme",Mr=window.matchMedia("(prefers-color-scheme: dark)");function je(){let r=document.documentElement.dataset.theme;return r===void 0?Mr.matches:r==="dark"}function Lr(r){let e=Mo();(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e),Mr.addEventListener("change",r)}function Tr(){let r=je()?"light":"dark";document.documentElement.dataset.theme=r;try{localStorage.setItem(Er,r)}catch{}}function Mo(){try{return localStorage.getItem(Er)}catch{return null}}var Lo={nerf:"Radiance field",sdf:"Signed distance",scalar:"Scalar field"},we=class{#e=new be;#t;#n;#o=new AbortController;#r=null;#a="";#l=null;#s=null;opened=()=>{};#i=null;constructor(){Lr(()=>this.#t.themeChanged()),this.#t=new me(e=>{this.#u(t=>{t.look=e})},je),this.#n=ve.create(h("image"),{changed:()=>document.body.dataset.sharp="false",shown:e=>this.#b(e),resized:()=>this.#k(),failed:(e,t)=>{t===null?this.#h(e):t===this.#l&&this.#m(e)}}),this.#n.catch(e=>this.#M(e)),this.#z()}get source(){return this.#r}async open(e,t){this.#o.abort();let n=this.#o=new AbortController,{signal:o}=n;if(this.#r=e,this.#a=t,this.#l=null,this.opened(),h("notice").hidden=!0,this.#c(t),this.#i!==null){await this.#_(this.#i);return}let s=null;this.#f("loading");try{let a=await Zt(e,{signal:o,worker:To,onProgress:({received:l,total:u,lodEnds:c})=>{o.aborted||this.#e.progress(l,u,c)},onLod:(l,u)=>{if(o.aborted)return;let c=l.grids.flatMap(d=>d.levels),f=u.some(d=>c[d].layer>0);performance.mark(`nfc-${f?"refined":"decoded"}-${l.lodsDecoded-1}`),s=s===null?this.#g(l,o):s.then(d=>d&&this.#v(l,o))}}),i=await s;!o.aborted&&i&&Po(a)&&this.#R(a)}catch(a){if(o.aborted)return;s===null?this.fail(a,t):await s&&!o.aborted&&this.#I(a)}}#c(e){document.title=`${e} \xB7 nfcodec`,h("name").textContent=e,h("name").title=e,h("kind").hidden=!0}fail(e,t){this.say("failed",De(e,t))}say(e,t){h("message-title").textContent=t.title,h("message-text").textContent=t.text,h("message-remedy").textContent=t.remedy,h("retry").hidden=e==="welcome"||this.#r===null,this.#f(e)}#f(e){document.body.dataset.state=e,h("message").hidden=e!=="welcome"&&e!=="failed",h("panel").hidden=e!=="showing"||!this.#d,h("preview").hidden=!0,delete document.body.dataset.preview,e==="showing"&&(document.body.dataset.image=""),(e==="welcome"||e==="failed")&&(h("readout").hidden=!0,delete document.body.dataset.image),e==="loading"&&(delete document.body.dataset.lod,delete document.body.dataset.sharp)}get#d(){return h("settings").getAttribute("aria-expanded")==="true"}async#u(e,t=this.#o.signal){if(this.#i!==null)return!1;try{let n=await this.#n;return t.aborted?!1:(await e(n),!t.aborted)}catch(n){return t.aborted||this.#h(n),!1}}#h(e){e instanceof z||(e instanceof y||e instanceof RangeError?(this.#p(),this.fail(e,this.#a)):this.#M(e))}#m(e){if(e instanceof y||e instanceof RangeError){this.#h(e);return}this.#p(),this.#_(Ar(e))}#p(){this.#l=null,this.#o.abort(),this.#o=new AbortController}#g(e,t){return this.#u(async n=>{Ie(e);let o=e.metadata.name;typeof o=="string"&&o!==""&&(h("name").textContent=o),h("kind").textContent=Lo[e.kind],h("kind").hidden=!1,this.#l=e;let s=this.#y(e,n);this.#t.open(e,Sr()),await n.open(e,s,this.#t.look)},t)}#v(e,t){return this.#u(n=>(this.#t.arrived(e),rr(e)||this.#x(e,n),n.arrived()),t)}#b(e){e.field===this.#l&&(document.body.dataset.state==="loading"&&this.#f("showing"),this.#e.shown(e),document.body.dataset.lod=String(e.lod),document.body.dataset.layer=String(e.layer),document.body.dataset.layers=String(e.layers),performance.mark(`nfc-shown-${e.lod}`),document.body.dataset.sharp=String(e.sharp),e.sharp&&this.#t.lacksRange&&this.#w(e.field))}async#w(e){await this.#u(async t=>{let n=await t.valueRange();e===this.#l&&(this.#t.measuredRange=n)})}#y(e,t){this.#s=Pr(e,t);let{view:n}=ue(location.hash);return n!==void 0&&(this.#s.view=n),this.#s.view}#k(){let e=this.#l;e!==null&&this.#u(t=>this.#x(e,t))}#x(e,t){let n=this.#s;if(n===null||e.dims===2)return;let{view:o,isHome:s}=n;this.#s=Pr(e,t),s?t.view=this.#s.view:this.#s.view=o}#I(e){this.#E(hr(e),De(e,this.#a).text)}#R(e){let{lodsDecoded:t,lods:n}=e,o=t===1?"level 0":`levels 0\u2013${t-1}`,s=Or(e)?", the last of them only coarsely":"";this.#E("The file is cut.",`It holds ${o} of 0\u2013${n-1}${s}.`)}#E(e,t){h("notice-title").textContent=e,h("notice-text").textContent=t,h("notice").hidden=!1}#M(e){this.#i===null&&(this.#i=Ar(e),this.#p(),this.#_(this.#i))}async#_(e){this.say("failed",Ve(e,!1));let t=this.#r,{signal:n}=this.#o;if(t!==null)try{let o=await kr(t,n);if(o===null||n.aborted)return;let s=h("preview",HTMLImageElement),a=URL.createObjectURL(o);if(s.src=a,await s.decode().finally(()=>URL.revokeObjectURL(a)),n.aborted)return;this.say("failed",Ve(e,!0)),s.hidden=!1,document.body.dataset.preview=""}catch(o){!n.aborted&&!(o instanceof DOMException)&&this.fail(o,this.#a)}}#L(){this.#i!==null&&!(this.#r instanceof Blob)?location.reload():this.#r!==null&&this.open(this.#r,this.#a)}#z(){let e=n=>{if(this.#s===null)return;n(this.#s);let{view:o}=this.#s;this.#u(s=>{s.moving=!0,s.view=o})};cr(h("image"),{turn:(n,o)=>e(s=>s.turn(n,o)),pan:(n,o)=>e(s=>s.pan(n,o)),zoom:n=>e(o=>o.zoom(n)),reset:()=>this.#P(),rest:()=>{this.#u(n=>{n.moving=!1})}});let t=(n,o)=>h(n).addEventListener("click",o);t("reset",()=>this.#P()),t("share",()=>{this.#O()}),t("screenshot",()=>{this.#C()}),t("theme",()=>this.#S()),t("help",()=>h("keys",HTMLDialogElement).showModal()),t("settings",()=>this.#A()),t("retry",()=>this.#L()),t("notice-retry",()=>this.#L()),h("pick",HTMLInputElement).addEventListener("change",n=>{let o=n.target.files?.[0];o!==void 0&&this.#T(o)}),window.addEventListener("hashchange",()=>this.#U()),document.addEventListener("keydown",n=>this.#N(n)),this.#F(),window.innerWidth<=640&&this.#A()}#N(e){let{target:t}=e,o=t instanceof HTMLInputElement&&t.type==="number"||t instanceof HTMLSelectElement,s=e.ctrlKey||e.metaKey||e.altKey;if(o||s||h("keys",HTMLDialogElement).open)return;let i={"[":()=>this.#t.step(-1),"]":()=>this.#t.step(1),a:()=>this.#t.automatic(),m:()=>this.#t.nextMode(),s:()=>{this.#C()},l:()=>{this.#O()},t:()=>this.#S(),h:()=>document.body.toggleAttribute("data-bare"),"?":()=>h("keys",HTMLDialogElement).showModal()}[e.key.length===1?e.key.toLowerCase():e.key];i!==void 0&&(e.preventDefault(),i())}#F(){let e=n=>document.body.toggleAttribute("data-dropping",n),t=n=>n.dataTransfer?.types.includes("Files")??!1;document.addEventListener("dragover",n=>{n.preventDefault(),e(t(n))}),document.addEventListener("dragleave",n=>{n.relatedTarget===null&&e(!1)}),document.addEventListener("drop",n=>{n.preventDefault(),e(!1);let o=n.dataTransfer?.files[0];o!==void 0&&this.#T(o)})}#T(e){let t=new URL(location.href);t.search=t.hash="",history.replaceState(null,"",t),this.open(e,e.name)}#P(){if(this.#s===null)return;this.#s.reset();let{view:e}=this.#s;this.#u(t=>{t.moving=!1,t.view=e})}#A(){let e=!this.#d;h("settings").setAttribute("aria-expanded",String(e)),h("panel").hidden=!e||document.body.dataset.state!=="showing"}#S(){Tr(),this.#t.themeChanged()}#U(){if(this.#l===null||this.#s===null)return;let{view:e}=ue(location.hash);e!==void 0&&(this.#s.view=e),this.#t.open(this.#l,Sr());let t=this.#s.view;this.#u(n=>{n.view=t})}async#O(){if(this.#s===null||this.#l===null)return;let{lod:e,mode:t,colormap:n,range:o,isoLevel:s,background:a}=this.#t.look,i=new URL(location.href);i.hash=ur({view:this.#s.view,mode:t,background:a,...e!==null&&{lod:e},...h("colors").hidden?{}:{colormap:n,...o!==null&&{range:o}},...t==="iso"&&s!==null&&{level:s}}),history.replaceState(null,"",i);try{await navigator.clipboard.writeText(i.href),he(this.#r instanceof Blob?"Link to this view copied; the file is not in it":"Link copied")}catch{he("The link is in the address bar")}}async#C(){document.body.dataset.state==="showing"&&await this.#u(async e=>{let t=document.createElement("a");t.href=URL.createObjectURL(await e.image()),t.download=`${this.#a.replace(/\.nfc$/i,"")}.png`,t.click(),setTimeout(()=>URL.revokeObjectURL(t.href),1e4),he("Image saved")})}};function Pr(r,e){if(r.dims===2)return new pe(r,()=>e.aspect);let{aspect:t}=e;return new de(nr(r,t),Re(r),w(x(...ze(r))))}function Ar(r){let e=r?.message??r;return String(e).split(`
`)[0]}function Sr(){let{view:r,level:e,...t}=ue(location.hash);return e===void 0?t:{...t,isoLevel:e}}function To(){let r=new URL(import.meta.url).search;return new Worker(new URL(`./worker.js${r}`,import.meta.url),{type:"module"})}function Po(r){return r.lodsDecoded<r.lods||Or(r)}function Or(r){return r.grids.flatMap(t=>t.levels).some(({code:t,form:n,layer:o})=>t!==null&&n.kind==="vq"&&o<n.layers.length-1)}async function Ao(){try{let r=await fetch("files.json");if(!r.ok)return[];let e=await r.json();return(Array.isArray(e.files)?e.files:[]).filter(n=>typeof n?.name=="string")}catch{return[]}}function Ye(r){let e=new URL(location.href);return e.search=fr(r.name),e.hash="",e.href}function xe(r){try{let e=Ue(new URL(location.href));if(e===null)return!1;let t=r.source;t instanceof URL&&t.href===e.href||r.open(e,dr(e))}catch(e){r.fail(e,"The file")}return!0}function So(r,e){if(r.length<2)return;let t=h("file",HTMLSelectElement);t.replaceChildren(...r.map(({name:o})=>new Option(o,o)));let n=()=>{let o=e.source,s=r.find(a=>Ue(new URL(Ye(a)))?.href===String(o));t.value=s?.name??""};n(),h("files").hidden=!1,t.addEventListener("change",()=>{history.pushState(null,"",Ye({name:t.value})),xe(e)}),e.opened=n,window.addEventListener("popstate",()=>{xe(e)})}async function Oo(){let r=new we,e=xe(r),t=await Ao();e||(t.length>0?(history.replaceState(null,"",Ye(t[0])+location.hash),xe(r)):r.say("welcome",pr)),So(t,r)}Oo();
