var ae=class extends Error{code;constructor(t,r){super(r),this.name="NfcError",this.code=t}};var Ue={headerBytes:1048576,metadataBytes:16777216,items:1e6,chunks:4096,lods:64,grids:4096,levels:4096,vectors:268435456,voxels:268435456,values:4294967296,depth:10,side:65536,features:4096,networks:16,inputs:16,layers:64,width:16384,frequencies:32,cells:1073741824,work:{most:1073741824,free:2097152,perByte:256},memory:{most:4294967296,voxel:16,corner:8,index:2,value:2,weight:8,readingVoxel:64,readingIndex:48,readingCode:16,readingSlot:4,readingCell:80}};function p(e){throw new ae("damaged",e)}function G(e){throw new ae("unsupported",`${e}; a newer decoder may read it`)}function ie(e){throw new ae("limit",e)}var g=Ue,rt=Ue.memory.most;function I(e,t,r){e>t&&ie(`${e} ${r}: at most ${t} are supported`)}var Or=Lr();function Lr(){let e=new Int32Array(2048);for(let t=0;t<256;t++){let r=t;for(let n=0;n<8;n++)r=r&1?r>>>1^2197175160:r>>>1;e[t]=r}for(let t=256;t<e.length;t++){let r=e[t-256];e[t]=r>>>8^e[r&255]}return e}function Re(e,t=0){let r=Or,n=~t,o=0;for(let s=e.length-7;o<s;o+=8)n^=e[o]|e[o+1]<<8|e[o+2]<<16|e[o+3]<<24,n=r[1792+(n&255)]^r[1536+(n>>>8&255)]^r[1280+(n>>>16&255)]^r[1024+(n>>>24)]^r[768+e[o+4]]^r[512+e[o+5]]^r[256+e[o+6]]^r[e[o+7]];for(;o<e.length;o++)n=n>>>8^r[(n^e[o])&255];return~n>>>0}var fe=class{#e;#t=new Map;#r=new Map;constructor(t,r){this.#e=t;for(let n of r)this.add(n)}add(t){if(this.#t.has(t.tag)||this.#r.has(t.kind))throw new Error(`${this.#e} ${t.tag}, ${t.kind}, is registered already`);this.#t.set(t.tag,t),this.#r.set(t.kind,t)}remove(t){this.#t.delete(t.tag),this.#r.delete(t.kind)}tagged(t,r){return this.#t.get(t)??G(`${r} is ${t}`)}of({kind:t}){let r=this.#r.get(t);if(r===void 0)throw new Error(`there is no ${this.#e} ${t}`);return r}[Symbol.iterator](){return this.#t.values()}};var Fe={about:"The numbers that images are drawn with, for Python, the page and the WGSL programs alike. A constant is [value, type, unit and reason].",constants:{RADIANCE_VOXELS_WITHOUT_OCTREE:[128,"u32","samples of a radiance field without an octree along the longest side of the box"],VOXELS_WITHOUT_GRID:[256,"u32","voxels that a field without grids counts as having along the longest side of the box"],MIN_STEP_VOXELS:[.25,"f32","shortest step of sphere tracing, in voxels of the finest level"],MIN_STEP_SHARE:[.001953125,"f32","and as a share of the longest side of the box: 1/512"],SAMPLES_PER_SIDE:[192,"u32","least samples of a scalar volume along the longest side: a decoder adds detail of its own to a coarse grid"],FULL_DEPTH:[60,"f32","optical depth of the box's diagonal where a scalar field has its highest value, times opacity"],NORMAL_STEP_VOXELS:[.5,"f32","normals are differences over plus and minus this many voxels"],SLOPE_POINTS:[4096,"u32","points at which the slope of a field is measured"],MAX_SLOPE:[4,"f32","the steepest slope that a file may state: more makes drawing slow"],RANGE_POINTS_2D:[256,"u32","points along each axis at which the range of a 2-D scalar field is measured"],RANGE_POINTS_3D:[40,"u32","and of a 3-D one"],MIN_SAMPLES_PER_VOXEL:[.0625,"f32","bounds of the density of samples that a file may ask for"],MAX_SAMPLES_PER_VOXEL:[16,"f32",""],MIN_WEIGHT:[1e-4,"f32","samples of a radiance field that add less than this have no color computed"],MIN_TRANSMITTANCE:[.001,"f32","a ray ends once less than this passes"],MAX_SAMPLES:[1048576,"u32","a ray ends after this many samples, however short a file says its steps are"],WRAP:[.2,"f32","how far light reaches around a shape: the cosine beyond the terminator"],TOLERANCE:[.001,"f32","a hit is this close to the surface, in shortest steps times the slope bound"],REFINEMENTS:[16,"u32","most steps of regula falsi for one hit"],COLORS:[256,"u32","colors of a color map"],BLOCK_SHIFT:[3,"u32","blocks of the coarse occupancy bitmap have 2^3 cells a side"],SITES_PER_BLOCK:[96,"u32","lattice sites in a block of an octree's corner index"]}};var ue={about:"What the WGSL programs share with the code that makes constants and fills buffers for them. docs/renderer.md explains it. A member is [name, type, meaning].",structs:{Params:[["eye","vec4<f32>","the eye, in box coordinates u"],["right","vec4<f32>","the camera's axes, in the field's own"],["up","vec4<f32>",""],["back","vec4<f32>",""],["lens","vec4<f32>","fx, fy, cx, cy in pixels"],["distortion","vec4<f32>","k1, k2, p1, p2"],["scale","vec4<f32>","u per unit of length along x, y, z"],["background","vec4<f32>","display-referred red, green, blue"],["march","vec4<f32>","step; nearest and farthest distance of the box to the eye; slope bound"],["surface","vec4<f32>","shortest step, step of normals (lengths); distance = z + w * value"],["transfer","vec4<f32>","low and high value, optical depth of one step at the high one; unused"],["tile","vec4<u32>","left, top, width, height: the pixels of this dispatch"],["image","vec4<u32>","width, height, rays along a pixel's side, mode"],["chosen","vec4<u32>","LOD, channel, flags, number of points"],["cells","vec4<u32>","cells along x, y, z; first word of their bitmap"],["blocks","vec4<u32>","first word of the bitmap of blocks of cells; unused"]],Whole:[["feature_blocks","u32","vectors of four that hold the features, from memory[0] on"],["position","u32","where memory holds u"],["direction","u32","where memory holds the direction seen along"],["scratch","u32","where memory holds low-rank coefficients"],["density","u32","where memory holds the density"],["output","u32","where memory holds the last network's outputs"],["channels","u32","number of those outputs"],["radiance","u32","1 for a field with a density and colors"]],Input:[["encoding","u32","ENCODING_..."],["source","u32","where memory holds the source"],["begin","u32","the source's channels that enter"],["end","u32",""],["result","u32","where memory takes the encoded values"],["raw","u32","1 if the values themselves come before their sines"],["frequencies","u32","number of frequencies, or of blocks of spherical harmonics"],["scale","f32","the lowest frequency"]],Layer:[["input","u32","where memory holds its input"],["columns","u32","vectors of four of that"],["entry","u32","where memory holds the network's encoded input"],["entry_columns","u32","vectors of four of that; 0 unless the input is appended"],["output","u32","where memory takes its output"],["rows","u32","vectors of four of that"],["weights","u32","first vector of its weights"],["activation","u32","ACTIVATION_..."],["gain","f32","factor before the activation"]],Level:[["x","vec4<f32>","rows of the transform from the box to the level"],["y","vec4<f32>",""],["z","vec4<f32>",""],["layout_tag","u32","LAYOUT_..."],["code_tag","u32","CODE_..."],["lod","u32","the LOD that adds it"],["multiplies","u32","1 + the LOD from which it multiplies what earlier levels gave; 0: never"],["features","u32","number of channels"],["channel","u32","its first channel among all features"],["size_x","u32","lattice sites along x, y, z"],["size_y","u32",""],["size_z","u32",""],["aligned","u32","1 if u = -1 and u = 1 lie on the first and last site"],["border","u32","1 if points outside take the value at the border"],["corners","u32","sites that surround a point: 2, 4 or 8"],["sites","u32","octree: first block of the corner index"],["vectors_buffer","u32","words: vectors, codebook or coefficients"],["vectors","u32",""],["pitch","u32","words from one vector to the next"],["codes_buffer","u32","words: packed indices"],["codes","u32",""],["bits","u32","bits of an index"],["basis_buffer","u32","words: the mean, then the basis"],["basis","u32",""],["rank","u32","number of basis vectors"]]},programs:{points:["layouts","codes","levels","networks","rays","points"],radiance:["layouts","codes","levels","networks","rays","radiance"],surface:["layouts","codes","levels","networks","rays","distance","surface"],volume:["layouts","codes","levels","networks","rays","transfer","volume"],plane:["layouts","codes","levels","networks","rays","transfer","plane"],slope:["layouts","codes","levels","networks","distance","slope"],range:["layouts","codes","levels","networks","range"]},constants:{LAYOUT_DENSE:0,LAYOUT_OCTREE:1,CODE_FLOAT16:0,CODE_VQ:1,CODE_LOWRANK:2,CODE_FLOAT32:3,ENCODING_IDENTITY:0,ENCODING_FREQUENCY:1,ENCODING_SPHERICAL_HARMONICS:2,ACTIVATION_NONE:0,ACTIVATION_RELU:1,ACTIVATION_LEAKY_RELU:2,ACTIVATION_SINE:3,ACTIVATION_SOFTPLUS:4,ACTIVATION_EXP:5,ACTIVATION_SIGMOID:6,ACTIVATION_TANH:7,ACTIVATION_SNAKE_ALT:8,ACTIVATION_ELU:9,ACTIVATION_SILU:10,MODE_SHADED:0,MODE_DEPTH:1,MODE_NORMALS:2,MODE_ISO:3,MODE_MATCAP:4,FLAG_DISTORTED:1,FLAG_EXACT_DISTANCE:2}};var nt=`// What every program reads and writes. Above this text stand the structs of tables.json, the
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
`;var ot=`// Puts a finished image on the page's canvas, pixel by pixel.

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
`;var st=`// What a level's vectors are, from its codes as they are stored.

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
`;var at=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

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
`;var it=`// Where a level's vectors sit: a function for each layout, and a case for it in \`locate\`.

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
`;var lt=`// The features at a point: every level in use, interpolated and combined.

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
`;var ct=`// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
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
`;var ut=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

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
`;var ft=`// Values at points: params.chosen.w of them, each a position u and a direction.

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
`;var mt=`// An image of a radiance field: emission and absorption along rays (formats/nfc-v1-evaluation.md, E9).



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
`;var ht=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
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
`;var dt=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
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
// after the box. Sample k lies at enter + (k + 1/2) step.
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
`;var pt=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
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
`;var bt=`// From values to colors.

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
`;var gt=`// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
`;var wt=`// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
`;var xt=`// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
`;var kt=`// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
`;var At={"bindings.wgsl":nt,"blit.wgsl":ot,"codes.wgsl":st,"distance.wgsl":at,"layouts.wgsl":it,"levels.wgsl":lt,"networks.wgsl":ct,"plane.wgsl":ut,"points.wgsl":ft,"radiance.wgsl":mt,"range.wgsl":ht,"rays.wgsl":dt,"slope.wgsl":pt,"surface.wgsl":yt,"transfer.wgsl":bt,"volume.wgsl":vt,"weights_storage.wgsl":gt,"weights_uniform.wgsl":wt,"words_one.wgsl":xt,"words_three.wgsl":kt};var _e=Object.fromEntries(Object.entries(Fe.constants).map(([e,[t]])=>[e,t]));function Q(e,t){return ue.constants[`${e}_${t.toUpperCase()}`]}function ns(e){let t=new Map,r=0;for(let[n,o]of ue.structs[e])t.set(n,r),r+=o.startsWith("vec4")?4:1;return{at:t,count:r}}function os(e,t,r){let o=["bindings",...r,...ue.programs[e]].map(s=>At[`${s}.wgsl`]);return[...Zr(),...en(t),...o,...tn(t)].join(`
`)+`
`}function*Zr(){for(let[e,t]of Object.entries(ue.structs)){yield`struct ${e} {`;for(let[r,n]of t)yield`    ${r}: ${n},`;yield"}"}}function*en(e){for(let[r,n]of Object.entries({...ue.constants,...e.sizes}))yield`const ${r} = ${n}u;`;for(let[r,[n,o]]of Object.entries(Fe.constants))yield`const ${r}: ${o} = ${n};`;yield`const WHOLE = ${_t("Whole",e.whole)};`;let t=[["Level",e.levels],["Input",e.inputs],["Layer",e.layers]];for(let[r,n]of t)for(let[o,s]of n.entries())yield`const ${r.toUpperCase()}_${o} = ${_t(r,s)};`}function _t(e,t){let r=ue.structs[e].map(([n,o])=>{let s=t[n]??0;return typeof s!="number"?`${o}(${s.map(Et).join(", ")})`:o==="u32"?`${s}u`:Et(s)});return`${e}(${r.join(", ")})`}function Et(e){let t=String(Math.fround(e));return/[.e]/.test(t)?t:`${t}.0`}function*tn(e){yield"fn read_features(u: vec3<f32>) {",yield"    clear_features();";for(let[s,{lod:a,until:i}]of e.levels.entries()){let l=i===void 0?"":` && params.chosen.x < ${i}u`;yield`    if (params.chosen.x >= ${a}u${l}) {`,yield`        add_level(LEVEL_${s}, u);`,yield"    }"}yield"}";let t=0,r=0,n=e.firstNetworks,o={first:e.calls.slice(0,n),last:e.calls.slice(n)};for(let[s,a]of Object.entries(o)){yield`fn run_${s}_networks() {`;for(let[i,l]of a){for(let f=0;f<i;f++)yield`    encode(INPUT_${t++});`;for(let f=0;f<l;f++)yield`    run_layer(LAYER_${r++});`}yield"}"}}function q(e){return Math.ceil(e/2)}function ne(e,t){let r=t+(t&1),n=e.length/t,o=new Uint16Array(n*r);if(r===t)o.set(e);else for(let s=0;s<n;s++)o.set(e.subarray(s*t,(s+1)*t),s*r);return new Uint32Array(o.buffer)}var Tt={tag:0,kind:"float16",readForm(e){return e.fields(3,e.array(3),1),{kind:"float16"}},read:(e,t,{rows:r,features:n})=>({kind:"float16",values:e.halves(r*n)}),layers:()=>1,refine:e=>e.reject("float16 vectors in layers"),memory:(e,t,r)=>({held:g.memory.value*t*r,step:0}),gpu:{members:(e,t)=>({code_tag:Q("CODE","float16"),pitch:q(t)}),lengths:(e,t,r)=>[["vectors",t*q(r)]],words:({values:e},t)=>[["vectors",ne(e,t)]]}};function De(e){let t=e&32768?-1:1,r=e>>>10&31,n=e&1023;return r===31?n?NaN:t*(1/0):r===0?t*n*2**-24:t*(1024+n)*2**(r-25)}function fs(e){for(let t=0;t<e.length;t++)if((e[t]&31744)===31744)return!1;return!0}function ms(e){let t=new Float32Array(e.length);for(let r=0;r<e.length;r++)t[r]=De(e[r]);return t}function Ct(e,t){if(e===0)return 0;let r=e<0?32768:0,n=Math.abs(e),o=31-Math.clz32(n)+t;if(o<10)return r|n*2**t;let s=n*2**(t-o+10);return r|(o-9<<10)+s-1024}function It(e){let t=new Uint16Array(e.length),r=new Uint32Array(e.buffer,e.byteOffset,e.length);for(let n=0;n<e.length;n++){let o=r[n]>>>16&32768,s=r[n]&2147483647;if(s<947912704){let a=Math.abs(e[n])*16777216,i=Math.floor(a),l=a-i>.5||a-i===.5&&i%2===1;t[n]=o|i+(l?1:0)}else{let a=s-939524096+4095+(s>>>13&1)>>>13;t[n]=o|Math.min(a,31743)}}return t}var je=[22,36,60,98,162,267,439,720,1179,1921,3108,4971,7812,11955,17625,24743,32768,40793,47911,53581,57724,60565,62428,63615,64357,64816,65097,65269,65374,65438,65476,65500,65514],Ot=6,rn=[1,2,3,5,10,25,80],Ve=Int32Array.from({length:4096},(e,t)=>{let r=t&127;return je[t>>7]*(128-r)+je[(t>>7)+1]*r+64>>7}),Lt=new Int16Array(4096).fill(2047);for(let e=2047;e>=-2047;e--){let t=e>-2047?(Ve[e+2047]>>4)+1:0;for(let r=t;r<=Ve[e+2048]>>4;r++)Lt[r]=e}var nn=Int32Array.from({length:256},(e,t)=>Math.floor(20480/(10*t+16))),on=Int32Array.from({length:256},(e,t)=>rn.filter(r=>t>=r).length),le=class{payload;bytes;next=4;state=Uint32Array.of(0,4294967295);slots;weights;corrections;constructor(t,r,n,o){this.payload=t,this.bytes=t.byteArray(t.u32());let[s,a,i,l]=this.bytes;this.state[0]=s<<24|a<<16|i<<8|l,(this.bytes.length<4||this.state[0]===4294967295)&&t.reject("bytes of a range coder cannot begin like this"),this.slots=new Int32Array(r),this.weights=new Int32Array(n*Ot*8),this.corrections=new Int32Array(33*o),this.reset()}reset(){this.slots.fill(1<<27),this.weights.fill(4096),this.corrections.forEach((t,r,n)=>n[r]=je[r%33])}decide(t,r,n,o,s,a,i,l){let{slots:f,weights:c,corrections:m,state:u,bytes:h}=this,d=Lt,y=on,b=nn,w=i*Ot*8,T=f[t],C=f[r],k=f[n],A=f[o],E=f[s],_=f[a],S=d[T>>16],V=d[C>>16],N=d[k>>16],O=d[A>>16],Z=d[E>>16],ee=d[_>>16],P=w+y[T&255],H=w+8+y[C&255],B=w+16+y[k&255],Y=w+24+y[A&255],F=w+32+y[E&255],x=w+40+y[_&255],W=Math.imul(c[P],S)+Math.imul(c[H],V)+Math.imul(c[B],N)+Math.imul(c[Y],O)+Math.imul(c[F],Z)+Math.imul(c[x],ee)|0,M=Math.min(Math.max(W>>14,-2047),2047)+2048,U=Ve[M],D=M&127,v=l*33+(M>>7),$=Math.imul(m[v],128-D)+Math.imul(m[v+1],D)>>7,R=Math.min(Math.max(U+$+1>>1,16),65520),z=u[0],L=u[1],j=Math.imul(L>>>16,R)>>>0,X=0;for(z<j?(X=1,L=j):(z-=j,L-=j);L<16777216;)L=L<<8>>>0,z=(z<<8|(this.next<h.length?h[this.next]:0))>>>0,this.next++;u[0]=z,u[1]=L,D>=64&&v++,m[v]+=65535*X-m[v]>>6;let te=(X<<16)-U,se=1048575*X;return c[P]=me(c[P],S,te),c[H]=me(c[H],V,te),c[B]=me(c[B],N,te),c[Y]=me(c[Y],O,te),c[F]=me(c[F],Z,te),c[x]=me(c[x],ee,te),f[t]=he(T,se,b),f[r]=he(C,se,b),f[n]=he(k,se,b),f[o]=he(A,se,b),f[s]=he(E,se,b),f[a]=he(_,se,b),X}descend(t,r,n,o,s,a,i,l,f){for(let c=0;n>=r;c++){let m=n-r,u=c<3?c:3;n=t[2*m+this.decide(o+m,s+m,a+m,i+m,l+m,f+m,u,m)]}return n}finish(){(this.state[0]!==0||this.next!==this.bytes.length)&&this.payload.reject("its range coder's bytes do not end where its decisions do")}};function me(e,t,r){let n=e+(Math.imul(t,r)+65536>>17)|0;return n>131071?131071:n<-131071?-131071:n}function he(e,t,r){let n=e&255,o=e>>8;return o+(Math.imul(t-o,r[n])>>11)<<8|(n<80?n+1:80)}var Pe=1<<24,sn=24,an=4,ln=2,cn=25,un=50,oe=51,He=[196,108,54,75,135,196],de=He.map((e,t)=>oe*He.slice(0,t).reduce((r,n)=>r+n,0)),fn=oe*He.reduce((e,t)=>e+t,0),mn=[[0,0,0],[0,0,1],[0,1,0],[1,0,0],[0,1,1],[1,0,1],[1,1,0],[1,1,1]];function Te(e,t){let[r,n,o]=e;for(let s=0;s<t;s++)r=r+1>>1,n=n+1>>1,o=o+1>>1;return[r,n,o]}function zt(e,t,r,n,o){let s=new le(e,fn,an,oe),a=n.map((i,l)=>{l>0&&s.reset();for(let c=0;c<t.length;c++){let[m,u,h]=Te(r,t.length-1-c);o.add(Math.floor(m*u*h/16),e.where)}let f=i;return t.forEach((c,m)=>{let u=Te(r,t.length-1-m);f={values:new Be(s,u,c,o,e.where).read(f),sides:u,step:c.step||(f?.step??0)}}),f.values});return s.finish(),a}var Be=class{constructor(t,r,n,o,s){this.mixer=t;this.sides=r;this.octave=n;this.work=o;this.where=s;let[a,i,l]=r;this.values=new Int32Array(a*i*l),this.steps=new Int32Array(n.step===0?0:a*i*l),this.plane=i*l,this.limit=n.reach===0?Pe:n.reach}mixer;sides;octave;work;where;values;steps;plane;limit;read(t){if(t===null)return this.work.add(this.values.length,this.where),this.code(0,0,0,1),this.values;this.spread(t);for(let[r,n,o]of mn){let s=r+n+o===0;s||this.predict(r,n,o),!(this.octave.step===0||s&&this.octave.step>=t.step)&&(this.work.add(this.near(r,n,o),this.where),this.code(r,n,o,2))}return this.values}spread({values:t,sides:[r,n,o]}){let s=this.sides[2];for(let a=0,i=0;a<r;a++)for(let l=0;l<n;l++){let f=2*a*this.plane+2*l*s;for(let c=0;c<o;c++)this.values[f+2*c]=t[i++]}}predict(t,r,n){let{values:o,plane:s}=this,[a,i,l]=this.sides,f=t+r+n;for(let c=t;c<a;c+=2)for(let m=r;m<i;m+=2){let u=c*s+m*l;for(let h=n;h<l;h+=2){let d=8*f;n&&(d+=Ee(o,u+h,h,l,1)),r&&(d+=Ee(o,u+h,m,i,l)),t&&(d+=Ee(o,u+h,c,a,s)),o[u+h]=St(Math.floor(d/(16*f)))}}}near(t,r,n){let{values:o,plane:s,limit:a}=this,[i,l,f]=this.sides,c=0;for(let m=t;m<i;m+=2)for(let u=r;u<l;u+=2){let h=m*s+u*f;for(let d=n;d<f;d+=2)Math.abs(o[h+d])<=a&&c++}return c}code(t,r,n,o){let{values:s,steps:a,plane:i,limit:l}=this,{step:f}=this.octave,[c,m,u]=this.sides,h=t+r+n;for(let d=t;d<c;d+=o)for(let y=r;y<m;y+=o)for(let b=n;b<u;b+=o){let w=d*i+y*u+b,T=s[w];if(Math.abs(T)>l)continue;let C=1/0,k=-1/0,A=0,E=0,_=0,S=0;for(let x=0;x<3;x++){if(!(x===0?n:x===1?r:t))continue;let W=x===0?b:x===1?y:d,M=x===0?u:x===1?m:c,U=x===0?1:x===1?u:i,D=Ee(s,w,W,M,U);if(C=Math.min(C,D),k=Math.max(k,D),W>=3&&W+3<M){let v=D-8*(s[w-U]+s[w+U]);A+=Math.abs(v),E+=v}_+=Math.abs(a[w-U]),S+=a[w-U],W+1<M&&(_+=Math.abs(a[w+U]),S+=a[w+U])}let V=0;h>0&&(_=Math.floor((2*_+h-1)/h),A=Math.floor(A/h),V=k-C);let N=b>=o?a[w-o]:0,O=y>=o?a[w-o*u]:0,Z=d>=o?a[w-o*i]:0,ee=Mt(Math.abs(N)+Math.abs(O)+Math.abs(Z)),P=T>0?1:T<0?2:0,H=E>0?1:E<0?2:0,B=$t(Math.floor(A/4),f),Y=Math.floor(6*Math.abs(T)/(l+1)),F=this.difference(de[0]+oe*((h*7+Mt(_))*7+ee),de[1]+oe*((B*4+h)*3+H),de[2]+oe*($t(Math.floor(V/8),f)*6+Y),de[3]+oe*((ge(N,2)*5+ge(O,2))*3+P),de[4]+oe*((ge(Z,2)*9+B)*3+H),de[5]+oe*((ge(S,3)*7+ge(N+O+Z,3))*4+h));F!==0&&(a[w]=F,s[w]=St(T+F*f))}}difference(t,r,n,o,s,a){let{mixer:i}=this,l=(u,h)=>i.decide(t+u,r+u,n+u,o+u,s+u,a+u,h,u);if(!l(0,0))return 0;let f=l(1,1),c=0;for(;c<sn&&l(ln+c,c===0?2:3);)c++;let m=1;for(let u=0;u<c;u++)m=2*m+l(u===0?cn+c:un,3);return f?-m:m}};function Ee(e,t,r,n,o){let s=e[t-o];if(r+1>=n)return r>=3?24*s-8*e[t-3*o]:16*s;let a=s+e[t+o];return r<3||r+3>=n?8*a:9*a-e[t-3*o]-e[t+3*o]}function St(e){return Math.min(Math.max(e,-Pe),Pe)}function Mt(e){return e<=2?e:e<=4?3:e<=8?4:e<=16?5:6}function $t(e,t){return 32-Math.clz32(Math.min(Math.floor(8*e/t),255))}function ge(e,t){return Math.min(Math.max(e,-t),t)+t}var hn=17,dn=1<<24,Ut={tag:3,kind:"lattice",readForm(e){let t=e.array(3),r=(t.length-4)/2;(!Number.isInteger(r)||r<1||r>hn)&&p(`${e.where}: ${t.length} items in the code of a lattice`);let n=Nt(e,1),o=Nt(e,2);n<=0&&p(`${e.where}: a unit of ${n}`);let s=t[3];typeof s!="boolean"&&p(`${e.where}: whether a lattice goes on`);let a=t.slice(4).map((l,f)=>{let c=e.item(3,4+f,0);return c>dn&&p(`${e.where}: a step or reach of ${c}`),c}),i=Array.from({length:r},(l,f)=>({step:a[2*f],reach:a[2*f+1]}));return!s&&i[0].step===0&&p(`${e.where}: a first step of 0`),{kind:"lattice",unit:n,offset:o,continues:s,octaves:i}},read(e,t,{rows:r,features:n,lattice:{nz:o,ny:s,nx:a},before:i,work:l}){let{octaves:f,unit:c,offset:m}=t,u=[o,s,a];o*s*a!==r&&e.reject("a lattice with gaps");let h=Array.from({length:n},()=>null);if(t.continues){let b=Te(u,f.length);if(i?.kind!=="lattice")return e.reject("a lattice goes on from a level that is none");(!i.sides.every((C,k)=>C===b[k])||i.values.length!==n)&&e.reject("a lattice goes on from one of other sides or features");let{lastStep:T}=i;h=i.values.map(C=>({values:C,sides:b,step:T}))}let d=zt(e,f,u,h,l),y=f.reduce((b,w)=>w.step||b,h[0]?.step??0);return{kind:"lattice",unit:c,offset:m,sides:u,lastStep:y,values:d}},layers:()=>1,refine:e=>e.reject("a lattice in layers"),memory:(e,t,r)=>({held:4*g.memory.value*t*r,step:4*g.memory.value*t}),gpu:{members:(e,t)=>({code_tag:Q("CODE","float16"),pitch:q(t)}),lengths:(e,t,r)=>[["vectors",t*q(r)]],words:(e,t)=>[["vectors",ne(It(pn(e)),t)]]}};function pn({unit:e,offset:t,values:r}){let n=r.length,o=new Float32Array(n*r[0].length);return r.forEach((s,a)=>{for(let i=0;i<s.length;i++)o[i*n+a]=t+Math.fround(e*s[i])}),o}function Nt(e,t){let r=e.floatItem(3,t);return Math.fround(r)!==r&&p(`${e.where}: ${r} is no f32`),r}var Rt={tag:2,kind:"lowrank",readForm(e,t){e.fields(3,e.array(3),2);let r=e.item(3,1,1);return r>t&&p(`${e.where}: rank ${r} of ${t} features`),{kind:"lowrank",rank:r}},read(e,{rank:t},{rows:r,features:n}){let o=e.halves(n),s=e.halves(t*n),a=e.halves(r*t);return{kind:"lowrank",rank:t,mean:o,basis:s,coefficients:a}},layers:()=>1,refine:e=>e.reject("low-rank vectors in layers"),memory:({rank:e},t,r)=>({held:g.memory.value*(t*e+r*(e+1)),step:0}),gpu:{members:({rank:e})=>({code_tag:Q("CODE","lowrank"),rank:e,pitch:q(e)}),lengths:({rank:e},t,r)=>[["vectors",t*q(e)],["basis",(1+e)*q(r)]],words({rank:e,mean:t,basis:r,coefficients:n},o){let s=new Uint16Array(t.length+r.length);return s.set(t),s.set(r,t.length),[["vectors",ne(n,e)],["basis",ne(s,o)]]}}};function Ft({ny:e,nx:t}){return e*t}function We(e){return e.nz*e.ny*e.nx}var we=Uint8Array.from({length:256},(e,t)=>{let r=0;for(let n=t;n>0;n>>=1)r+=n&1;return r}),Ke={count:1,x:new Uint16Array(1),y:new Uint16Array(1),z:new Uint16Array(1)};function Dt(e,t,r){let n=0;for(let l=0;l<e.count;l++)n+=we[t[l]];r(n);let o=new Uint16Array(n),s=new Uint16Array(n),a=new Uint16Array(n),i=0;for(let l=0;l<e.count;l++)for(let f=0;f<8;f++)(t[l]>>f&1)!==0&&(o[i]=2*e.x[l]+(f&1),s[i]=2*e.y[l]+(f>>1&1),a[i]=2*e.z[l]+(f>>2),i++);return{count:n,x:o,y:s,z:a}}function jt(e){return{count:e.length,x:Uint16Array.from(e,t=>J(t)),y:Uint16Array.from(e,t=>J(t>>>1)),z:Uint16Array.from(e,t=>J(t>>>2))}}function Ge(e){return e=(e|e<<16)&50331903,e=(e|e<<8)&50393103,e=(e|e<<4)&51130563,(e|e<<2)&153391689}function J(e){let t=e&153391689;return t=(t|t>>>2)&51130563,t=(t|t>>>4)&50393103,t=(t|t>>>8)&50331903,(t|t>>>16)&1023}function Vt({count:e,x:t,y:r,z:n}){let o=new Uint32Array(e);for(let s=0;s<e;s++)o[s]=Ge(t[s])|Ge(r[s])<<1|Ge(n[s])<<2;return o}var yn=32;function bn({count:e,x:t,y:r,z:n},o){let s=new Uint32Array(8*e);for(let a=0;a<e;a++){let i=(n[a]*o+r[a])*o+t[a];for(let l=0;l<8;l++)s[8*a+l]=i+(l&1)+(l>>1&1)*o+(l>>2)*o*o}return s.sort(),s.filter((a,i)=>i===0||a!==s[i-1])}function Pt(e,t){let r=2**t+1;if(yn*e.count<r*r)return bn(e,r);let n=Math.ceil(r/32),o=new Uint32Array(r*r),s=0;for(let m=0;m<e.count;m++){let u=e.z[m]*r+e.y[m];o[u]===0&&(o[u]=++s),o[u+1]===0&&(o[u+1]=++s),o[u+r]===0&&(o[u+r]=++s),o[u+r+1]===0&&(o[u+r+1]=++s)}let a=new Uint32Array((s+1)*n),i=(m,u)=>{let h=o[m]*n+(u>>>5);a[h]|=3<<(u&31),(u&31)===31&&(a[h+1]|=1)};for(let m=0;m<e.count;m++){let u=e.z[m]*r+e.y[m];i(u,e.x[m]),i(u+1,e.x[m]),i(u+r,e.x[m]),i(u+r+1,e.x[m])}let l=0;for(let m=0;m<a.length;m++)l+=vn(a[m]);let f=new Uint32Array(l),c=0;for(let m=0;m<o.length;m++)if(o[m]!==0)for(let u=0;u<n;u++){let h=a[o[m]*n+u],d=m*r+32*u;for(;h!==0;)f[c++]=d+31-Math.clz32(h&-h),h&=h-1}return f}function vn(e){return we[e&255]+we[e>>>8&255]+we[e>>>16&255]+we[e>>>24]}var Ce=class{nx;corners;starts;here;above;z=0;constructor({nz:t,ny:r,nx:n},o){if(this.nx=n,this.corners=o===null?null:new Uint32Array(o.length),this.starts=new Uint32Array(t+1),this.here=new Uint8Array(o===null?0:r*n),this.above=this.here.slice(),o===null||this.corners===null)return;for(let a of o)this.starts[J(a>>>2)+1]++;for(let a=0;a<t;a++)this.starts[a+1]+=this.starts[a];let s=this.starts.slice();for(let a of o)this.corners[s[J(a>>>2)]++]=J(a>>>1)*n+J(a)}next(){let{corners:t,nx:r,starts:n,z:o}=this;if(t===null)return null;let s=this.above,a=this.here;for(let i=n[o];i<n[o+1];i++){let l=t[i];s[l]|=128,s[l+1]|=64,s[l+r]|=32,s[l+r+1]|=16,a[l]|=8,a[l+1]|=4,a[l+r]|=2,a[l+r+1]|=1}return this.here=s,this.above=a,this.z++,s}};function Ie(e){return e<8?e:4+(e&3)<<(e>>2)-1}var Ht=Uint32Array.from({length:64},(e,t)=>Ie(t));function Bt(e){let t=0,r=0;for(let h=0;h<e.length;h++)t+=Ht[e[h]],e[h]>0&&r++;if(t===0||t>16777216)return null;let n=new Uint32Array(r+1),o=new Uint16Array(r),s=0,a=0,i=0,l=0;for(let h=0;h<e.length;h++)e[h]!==0&&(o[s]=h,e[h]>i&&(i=e[h],a=s),l+=Math.floor(Ht[e[h]]*16777216/t),n[++s]=l);for(let h=a+1;h<=r;h++)n[h]+=16777216-l;let f=Math.min(Math.max(34-Math.clz32(r),4),12),c=24-f,m=new Uint16Array(1<<f),u=0;for(let h=0;h<m.length;h++){for(;n[u+1]<=h<<c;)u++;m[h]=u}return{starts:n,symbols:o,lookup:m,shift:c}}function Wt(e,t,r){let n=()=>{let o=0;for(let a=1;a<e.length;a++){let{weight:i,node:l}=e[a],f=e[o];(i<f.weight||i===f.weight&&l<f.node)&&(o=a)}let[s]=e.splice(o,1);return s};for(;e.length>1;){let o=n(),s=n();e.push({weight:o.weight+s.weight,node:t+r.length/2,depth:Math.max(o.depth,s.depth)+1}),r.push(s.node,o.node)}return e[0]}var ke=3,Xe=256,gn=2**28,xe=3,Gt=28,Kt=256,wn=4,xn=32,kn=4,An=8;function Oe(e){return 1+3*xe*(e+1)+Gt+Kt}function Le({numCodes:e,depth:t},r){let{rows:n}=r;return n+Math.floor(Ft(r)/xn)+Math.floor(n*t/kn)+Math.floor(e*Oe(e)/An)}function Se(e,t,r,n){let o=e.u8(),s=e.u8(),a=e.u16();o>ke&&G(`${e.where}: symbol section of form ${o}`),(o!==ke||s<1||s>6||a!==0)&&e.reject(`a symbol section of form ${o} with width ${s} and ${a}`),(r>Xe||We(n)>gn)&&e.reject(`${r} codes beside their neighbors on ${We(n)} sites`);let i=t>1?e.below(r,t,"group"):null,l=e.integers(r,s,64,"level"),f=Array.from({length:t},()=>[]),c=0,m=0;for(let y=0;y<r;y++){let b=Ie(l[y]);c+=b,b>Ie(l[m])&&(m=y),b>0&&f[i===null?0:i[y]].push({weight:b,node:y,depth:0})}(c===0||c>2**24)&&e.reject("weights that make no trees of codes");let u=[],h=new Int16Array(t).fill(-1),d=0;return f.forEach((y,b)=>{if(y.length===0)return;let w=Wt(y,r,u);h[b]=w.node,d=Math.max(d,w.depth)}),{numCodes:r,children:Uint16Array.from(u),roots:h,top:m,depth:d}}function Me(e,t,r,n,o){let{numCodes:s,children:a,roots:i,top:l}=t,f=i.length,{nz:c,ny:m,nx:u,sites:h,rows:d}=n,y=r??new Uint16Array(d);for(let v of y)i[v]<0&&e.reject(`group ${v} is used but has no codes`);let b=a.length/2,w=new le(e,b*Oe(s),wn,b),T=new Uint16Array(d),C=u+2,k=m*u,A=new Uint16Array((m+2)*C).fill(s),E=A.slice(),_=new Uint16Array((m+2)*C).fill(f),S=_.slice(),V=v=>{let $=Math.floor(v/u);return($+1)*C+v-$*u+1},N=(v,$,R,z,L)=>{for(let j=R;j<z;j++)v[V((h===null?j:h[j])-L*k)]=$},O=0,Z=(v,$)=>{for(;O<d;O++){let R=(h===null?O:h[O])-$;if(R>=k)break;v[V(R)]=y[O]}};Z(S,0);let ee=new Ce(n,o),P=xe*(s+1),H=1,B=H+P,Y=B+P,F=Y+P,x=F+Gt,W=(v,$)=>v===f?0:v===$?1:2,M=0,U=0,D=0;for(let v=0;v<c;v++){[A,E]=[E,A],[_,S]=[S,_],N(A,s,D,U,v-2),N(S,f,U,M,v-1),[D,U]=[U,M];let $=v*k;Z(S,$+k);let R=ee.next();for(;M<d;M++){let z=(h===null?M:h[M])-$;if(z>=k)break;let L=V(z),j=y[M],X=i[j];if(X>=s){let te=H+xe*A[L-1]+W(_[L+1],j),se=B+xe*A[L-C]+W(_[L+C],j),Er=Y+xe*E[L]+W(S[L],j),Tr=F+_n(A,E,L,C,l,s),Cr=x+(R===null?Kt-1:R[z]);X=w.descend(a,s,X,0,te*b,se*b,Er*b,Tr*b,Cr*b)}R!==null&&(R[z]=0),T[M]=X,A[L]=X}}return w.finish(),T}function _n(e,t,r,n,o,s){let a=i=>i!==o&&i!==s?1:0;return 7*(a(e[r-1])+a(e[r-n])+a(t[r]))+a(e[r-n-1])+a(e[r-n+1])+a(t[r-1])+a(t[r+1])+a(t[r-n])+a(t[r+n])}function Xt(e){return e<=2?1:32-Math.clz32(e-1)}function En(e,t){return Math.ceil(e*t/32)}function qt(e,t,r){let n=new Uint16Array(t),o=(1<<r)-1,s=0,a=0;for(let i=0;i<t;i++){let l=e[s]>>>a;a+=r,a>=32&&(a-=32,s++,a>0&&(l|=e[s]<<r-a)),n[i]=l&o}return n}function qe(e,t){let r=new Uint32Array(En(e.length,t)),n=0,o=0,s=0;for(let a=0;a<e.length;a++)s|=e[a]<<o,o+=t,o>=32&&(r[n++]=s,o-=32,s=o>0?e[a]>>>t-o:0);return o>0&&(r[n]=s),r}var $e=class{payload;words;next=0;high=0;low=0;constructor(t){this.payload=t,this.words=t.words(t.u32()),this.words.length>0&&(this.words[0]===0&&t.reject("the first ANS word is 0"),this.low=this.words[this.next++]),this.words.length>1&&(this.high=this.low,this.low=this.words[this.next++])}decode(t,r){let{starts:n,symbols:o,lookup:s,shift:a}=t,i=this.words,l=i.length,f=this.next,c=this.high,m=this.low;for(let u=0;u<r.length;u++){let h=m&16777215,d=s[h>>>a];for(;n[d+1]<=h;)d++;let y=n[d],b=n[d+1]-y,w=c>>>24,T=(c<<8|m>>>24)>>>0,C=Math.imul(b,T)>>>0;c=(b*T-C)*2**-32+.5+b*w>>>0,C+=h-y,C>=4294967296&&(c=c+1>>>0),m=C>>>0,c===0&&f<l&&(c=m,m=i[f++]),r[u]=o[d]}this.next=f,this.high=c,this.low=m}finish(){(this.high!==0||this.low!==0||this.next!==this.words.length)&&this.payload.reject("its ANS words do not end where its symbols do")}};var Yt=g.work.most,Jt=8,Qt=class{#e=0;#t=0;get done(){return this.#e}takeBackTo(t){this.#e=t}reach(t){this.#t=t}add(t,r){this.#e+=t;let{free:n,perByte:o}=g.work,s=Math.min(Yt,n+o*this.#t);if(this.#e>s){let a=s===Yt?"":` for a file of ${this.#t} bytes so far`;ie(`${r}: the work of decoding so far is ${this.#e}, the limit is ${s}${a}`)}}};function pe(e,t,r,n){let o=e.peek();if(o===ke){if(n===null)return e.reject("symbols beside neighbors without sites");let{lattice:c,voxels:m,work:u}=n,h=Se(e,1,r,c);return u.add(Le(h,c),e.where),Me(e,h,null,c,m)}e.u8();let s=e.u8(),a=e.u16();if(o>ke&&G(`${e.where}: symbol section of form ${o}`),(o===2?s<1||s>6:s!==0)&&e.reject(`a symbol section of form ${o} with width ${s}`),o!==0&&a!==0&&e.reject(`a symbol section of form ${o} with ${a} where 0 belongs`),n?.work.add(o===0?Math.floor(t/Jt):t,e.where),o===0)return a>=r&&e.reject(`symbol ${a} is not below ${r}`),new Uint16Array(t).fill(a);if(o===1)return e.below(t,r,"symbol");let i=Bt(e.integers(r,s,64,"level"));if(i===null)return e.reject("the weights of the table");let l=new $e(e),f=new Uint16Array(t);return l.decode(i,f),l.finish(),f}function Ye(e,t,r){let n=e.u32();if(n===0)return e.halves(t);if(n===2)return r.add(t,e.where),Tn(e,t);n!==1&&G(`${e.where}: float16 section of form ${n}`);let o=pe(e,t,256,null),s=e.byteArray(t);for(let a=0;a<t;a++)o[a]=o[a]<<8|s[a],(o[a]&31744)===31744&&e.reject("a float16 value is not a finite number");return o}function Tn(e,t){let r=e.u32();(r<1||r>4096)&&e.reject(`${r} blocks of steps`);let n=new Uint16Array(t),o=0;for(let s=0;s<r;s++){let[a,i,l]=[e.u32(),e.u16(),e.u16()],f=e.byteArray(1)[0];if(!(i>=1&&i<=l+2049&&l<=2048)||a>t-o||f>28){let u=`of ${i}, origin ${l}, exponent ${f}`;e.reject(`an impossible block of ${a} steps (${u})`)}let m=pe(e,a,i,null);for(let u of m)n[o++]=Ct(u-l,f)}return o!==t&&e.reject(`${o} values in steps where ${t} belong`),n}var ye=g.memory,Zt=8,Cn=16,er={tag:1,kind:"vq",readForm(e){let r=e.array(3).slice(1).map((o,s)=>e.item(3,1+s,1));(r.length<1||r.length>Zt)&&p(`${e.where}: ${r.length} layers (1 to ${Zt} are allowed)`);let n=r[r.length-1];return n>(r.length>1?Xe:2**Cn)&&p(`${e.where}: ${n} codes in ${r.length} layers`),r.some((o,s)=>s>0&&o<=r[s-1])&&p(`${e.where}: layers that do not grow: ${r.join(", ")} codes`),{kind:"vq",bits:Xt(n),numCodes:n,layers:r}},read(e,{bits:t,layers:r},n){let[o]=r,s=Ye(e,o*n.features,n.work),a=pe(e,n.rows,o,n);return{kind:"vq",bits:t,numCodes:o,codebook:s,packed:qe(a,t)}},layers:({layers:e})=>e.length,refine(e,{bits:t,layers:r},n,o,{rows:s,features:a,lattice:i,voxels:l,work:f}){let c=r[o],m=Ye(e,c*a,f),u=Se(e,r[o-1],c,i);f.add(Le(u,i),e.where);let h=qt(n.packed,s,t),d=Me(e,u,h,i,l);return{kind:"vq",bits:t,numCodes:c,codebook:m,packed:qe(d,t)}},memory({numCodes:e,layers:t},r,n){let o=e*n,s=ye.index*r+ye.value*o,a=ye.readingIndex*r+ye.readingCode*o;return t.length===1?{held:s,step:a}:{held:s+ye.index*r,step:a+ye.readingSlot*e*Oe(e)}},gpu:{members:({bits:e},t)=>({code_tag:Q("CODE","vq"),bits:e,pitch:q(t)}),lengths({bits:e,numCodes:t},r,n){let o=32%e!==0?1:0;return[["codes",Math.ceil(r*e/32)+o],["vectors",t*q(n)]]},words:({packed:e,codebook:t},r)=>[["codes",new Uint32Array(e)],["vectors",ne(t,r)]]}};var Qe=new fe("code",[Tt,er,Rt,Ut]);function ze(e){return Qe.of(e)}function be(e){return e.reduce((t,r)=>t*r,1)}var tr=["zeros","border"],rr={tag:0,kind:"dense",readHeader(e,t){let r=e.array(1);e.fields(1,r,3+t);let n=r[1];typeof n!="boolean"&&p(`${e.where}: align_corners`);let o=tr[e.choiceAt(1,2,tr.length)],s=r.slice(3).map((a,i)=>e.item(1,3+i,1));for(let a of s)I(a,g.side,"points along a side");return{layout:{kind:"dense",alignCorners:n,padding:o,shape:s},rows:be(s)}},read:()=>{},memory:()=>({held:0,step:0}),empty:e=>e,lattice({shape:e},t){let[r,n=1,o=1]=[...e].reverse();return{nz:o,ny:n,nx:r,sites:null,rows:t}},voxels:()=>null,resolution:({shape:e,alignCorners:t})=>[...e].reverse().map(r=>t?Math.max(r-1,1):r),cellsAlong:()=>null,cells:()=>[],gpu:{members({shape:e,alignCorners:t,padding:r}){let[n,o=1,s=1]=[...e].reverse();return{layout_tag:Q("LAYOUT","dense"),size_x:n,size_y:o,size_z:s,aligned:t?1:0,border:r==="border"?1:0,corners:1<<e.length}},numBlocks:()=>0,blocks:()=>new Uint32Array(0)}};function or(e,t,r){let[n,o,s]=r,{count:a,x:i,y:l,z:f}=t,c=new Uint8Array(a),m=nr(l,o,Uint32Array.from({length:a},(k,A)=>A)).order,{order:u,starts:h}=nr(f,s,m),d=n+2,y=2*n+3,b=Array.from({length:3},()=>new Uint8Array(d*(o+2))),w=Array.from({length:3},()=>new Uint8Array(y*(2*o+3))),T=(k,A)=>{for(let E=h[k];E<h[k+1];E++){let _=u[E];b[k%3][(l[_]+1)*d+i[_]+1]=A}},C=k=>{let A=k>>1;for(let E=h[A];E<h[A+1];E++){let _=(2*l[u[E]]+2)*y+2*i[u[E]]+2;w[k%3].fill(0,_,_+2).fill(0,_+y,_+y+2)}};T(0,1);for(let k=0;k<s;k++){k>=2&&T(k-2,0),k+1<s&&T(k+1,1);let A=b[k%3],E=b[(k+2)%3],_=b[(k+1)%3];for(let S=0;S<2;S++){let V=2*k+S;V>=3&&C(V-3);let N=w[V%3],O=w[(V+2)%3],Z=w[(V+1)%3],ee=S===1?_:E;for(let P=h[k],H=P;P<h[k+1];P=H){for(;H<h[k+1]&&l[u[H]]===l[u[P]];)H++;for(let B=0;B<2;B++)for(let Y=P;Y<H;Y++){let F=u[Y],x=(l[F]+1)*d+i[F]+1,W=x+(B===1?d:-d),M=A[x-1]|A[x+1]<<1|A[x-d]<<2|A[x+d]<<3|E[x]<<4|_[x]<<5,U=A[x-d-1]|A[x-d+1]<<1|A[x+d-1]<<2|A[x+d+1]<<3|E[x-1]<<4|E[x+1]<<5|E[x-d]<<6|E[x+d]<<7|_[x-1]<<8|_[x+1]<<9|_[x-d]<<10|_[x+d]<<11;for(let D=0;D<2;D++){let v=(2*l[F]+2+B)*y+2*i[F]+2+D,$=D===1?1:-1,R=D|B<<1|S<<2,z=N[v-1]|N[v-y]<<1|O[v]<<2,L=N[v-y-1]|N[v-y+1]<<1|O[v-1]<<2|O[v+1]<<3|O[v-y]<<4|O[v+y]<<5,j=O[v-y-1]|O[v-y+1]<<1|O[v+y-1]<<2|O[v+y+1]<<3|N[v-2]<<4|N[v-2*y]<<5|Z[v]<<6,X=A[x+$]|A[W]<<1|ee[x]<<2|A[W+$]<<3|ee[x+$]<<4|ee[W]<<5|ee[W+$]<<6,te=e.decide(z<<3|R,64+(z|L<<3),576+(z|L<<3|j<<9),66112+(M<<6|z<<3|R),70208+(X<<6|z<<3|R),78400+(U<<3|R),0,0);N[v]=te,c[F]|=te<<R}}}}}return c}function nr(e,t,r){let n=new Uint32Array(t+1);for(let a of r)n[e[a]+1]++;for(let a=0;a<t;a++)n[a+1]+=n[a];let o=n.slice(),s=new Uint32Array(r.length);for(let a of r)s[o[e[a]]++]=a;return{order:s,starts:n}}var In=65535,On=0,ar=1;function ir(e,t){let r=e.u16(),n=e.u8(),o=e.u8(),s=r===In?null:t.base(r);n>ar&&G(`${e.where}: a topology of form ${n}`);let a=s===null?0:s.depth;if((o!==0||a>t.depth||a===t.depth&&n!==On)&&e.reject(`a topology of form ${n} from depth ${a} to ${t.depth}`),s!==null&&a===t.depth)return{same:s};if(t.work(t.places),a===t.depth)return Ke;let i=n===ar?Sn(e,t):Ln(e,t),l=s===null?Ke:jt(s.voxels);for(;a<t.depth;a++)l=Dt(l,i.read(l),f=>{f<=t.maxVoxels||e.reject(`an octree has ${f} voxels at depth ${a+1}, more than there may be`)});return i.finish(),l}function Ln(e,{work:t}){return{read:({count:r})=>(t(2*r),Uint8Array.from(pe(e,r,256,null))),finish:()=>{}}}function Sn(e,{work:t}){t(Math.floor(111168/8));let r=new le(e,111168,1,1);return{read:n=>{let o=Mn(n);return t(8*n.count+Math.floor(o[0]*o[1]/2)),or(r,n,o)},finish:()=>r.finish()}}function Mn({count:e,x:t,y:r,z:n}){return[t,r,n].map(o=>{let s=-1;for(let a=0;a<e;a++)s=Math.max(s,o[a]);return s+1})}var Je=g.memory,Ne=4,cr={tag:1,kind:"octree",readHeader(e,t){e.fields(1,e.array(1),4),t!==3&&p(`${e.where}: an octree in ${t} dimensions`);let r=e.item(1,1,0);I(r,g.depth,"as an octree's depth");let n=e.item(1,2,1);I(n,g.voxels,"voxels in a level");let o=e.item(1,3,0);(o<8||o>8*n)&&p(`${e.where}: ${o} corners of ${n} voxels`);let s={voxels:new Uint32Array(0),corners:new Uint32Array(0)};return{layout:{kind:"octree",depth:r,voxelCount:n,...s},rows:o}},read(e,t,{rows:r,where:n,work:o,earlier:s}){let{depth:a,voxelCount:i}=t,l=ir(e,{depth:a,places:i+r,work:m=>o.add(m,n),maxVoxels:i,base(m){let u=s(m);return u!==null&&$n(u)?u:e.reject(`position ${m} is no octree that came earlier`)}}),f="same"in l?l.same.voxelCount:l.count;f!==i&&p(`${n}: its octree has ${f} voxels, but the header says ${i}`);let c="same"in l?l.same.corners:Pt(l,a);c.length!==r&&p(`${n}: its octree has ${c.length} corners, but the header says ${r}`),t.corners=c,t.voxels="same"in l?l.same.voxels:Vt(l)},memory:({voxelCount:e},t)=>({held:Je.voxel*e+Je.corner*t,step:Je.readingVoxel*e}),empty:e=>({...e,voxels:new Uint32Array(0),corners:new Uint32Array(0)}),lattice({depth:e,corners:t},r){let n=2**e+1;return{nz:n,ny:n,nx:n,sites:t,rows:r}},voxels:({voxels:e})=>e,resolution:({depth:e})=>[2**e,2**e,2**e],cellsAlong:({depth:e})=>[2**e,2**e,2**e],*cells({voxels:e}){for(let t of e)yield[J(t),J(t>>>1),J(t>>>2)]},gpu:{members({depth:e}){let t=2**e+1;return{layout_tag:Q("LAYOUT","octree"),size_x:t,size_y:t,size_z:t,corners:8}},numBlocks:lr,blocks(e){let t=lr(e),r=new Uint32Array(t*Ne),{corners:n}=e,o=0;for(let s=0;s<n.length;s++){let a=n[s],i=Math.floor(a/_e.SITES_PER_BLOCK);for(;o<i;)r[++o*Ne]=s;let l=a-i*_e.SITES_PER_BLOCK;r[i*Ne+1+(l>>5)]|=1<<(l&31)}for(;o<t-1;)r[++o*Ne]=n.length;return r}}};function $n(e){return e.kind==="octree"}function lr({depth:e}){return Math.ceil((2**e+1)**3/_e.SITES_PER_BLOCK)}var Ze=new fe("layout",[rr,cr]);function ur(e){return Ze.of(e)}var fr=g.memory;function mr(e){let t=0;for(let o of e.field.networks)for(let{outputs:s,inputs:a}of o.layers)t+=s*(a+1);let r=fr.weight*t,n=e.occupancy===null?0:fr.readingCell*be(e.occupancy);for(let{layout:o,rows:s,features:a,form:i}of e.levels){let l=ze(i).memory(i,s,a),f=ur(o).memory(o,s);r+=l.held+f.held,n=Math.max(n,l.step+f.step)}return 2*r+n}var hr=40,ve=class{value;constructor(t){this.value=t}};function pr(e,t,r={count:0}){let n=new et(e,t,r),o=n.item(1),s=e.subarray(n.at);return(s.length>3||s.some(a=>a!==0))&&n.reject("more follows the item"),o}function dr(e,t){if(e instanceof ve)return e.value;if(e instanceof Uint8Array)return p(`${t}: a byte string`);if(Array.isArray(e))return e.map(r=>dr(r,t));if(e instanceof Map){let r=Object.create(null);for(let[n,o]of e)typeof n!="string"&&p(`${t}: a number for a key`),r[n]=dr(o,t);return r}return e}var zn=new TextDecoder("utf-8",{fatal:!0,ignoreBOM:!0}),et=class{at=0;items;bytes;view;where;constructor(t,r,n){this.items=n,this.bytes=t,this.view=new DataView(t.buffer,t.byteOffset,t.length),this.where=r}reject(t){p(`${this.where}: CBOR at byte ${this.at}: ${t}`)}take(t){t>this.bytes.length-this.at&&this.reject("it ends too early");let r=this.at;return this.at+=t,r}argument(t){if(t<24)return t;let r,n;if(t===24)r=this.bytes[this.take(1)],n=24;else if(t===25)r=this.view.getUint16(this.take(2)),n=2**8;else if(t===26)r=this.view.getUint32(this.take(4)),n=2**16;else if(t===27){let o=this.view.getBigUint64(this.take(8));r=o<=Number.MAX_SAFE_INTEGER?Number(o):o,n=2**32}else return this.reject("an indefinite length or a reserved form");return r<n&&this.reject("a number is not in its shortest form"),r}length(t){let r=this.argument(t);return r>this.bytes.length-this.at&&this.reject("it ends too early"),Number(r)}item(t){++this.items.count>g.items&&ie(`${this.where}: more than ${g.items} CBOR items`),t>hr&&this.reject(`it is nested deeper than ${hr}`);let r=this.bytes[this.take(1)],n=r>>5,o=r&31;switch(n){case 0:return this.argument(o);case 1:{let s=-1n-BigInt(this.argument(o));return s>=Number.MIN_SAFE_INTEGER?Number(s):s}case 2:{let s=this.length(o),a=this.take(s);return this.bytes.slice(a,a+s)}case 3:return this.text(o);case 4:{let s=[];for(let a=this.length(o);a>0;a--)s.push(this.item(t+1));return s}case 5:return this.map(o,t);case 6:return this.reject("a tag");default:return this.simple(o)}}text(t){let r=this.length(t),n=this.take(r);try{return zn.decode(this.bytes.subarray(n,n+r))}catch{return this.reject("a text that is not UTF-8")}}map(t,r){let n=new Map,o=null,s=null;for(let a=this.length(t);a>0;a--){let i=this.at,l=this.bytes[this.take(1)]>>5;l!==0&&l!==3&&this.reject("a key is neither a text nor unsigned"),this.at=i;let f=this.item(r+1),c=this.bytes.subarray(i,this.at),m=l===3?"text":"number";s!==null&&s!==m&&this.reject("a map has texts and numbers for keys"),o!==null&&Un(o,c)>=0&&this.reject("the keys of a map are not in order, or equal"),s=m,o=c,n.set(f,this.item(r+1))}return n}simple(t){if(t===20)return!1;if(t===21)return!0;if(t===22)return null;let r,n=!1;if(t===25)r=De(this.view.getUint16(this.take(2)));else if(t===26)r=this.view.getFloat32(this.take(4)),n=Nn(r);else if(t===27)r=this.view.getFloat64(this.take(8)),n=Math.fround(r)===r;else return this.reject("a simple value other than true, false and null");return Number.isFinite(r)||this.reject("a float is not finite"),n&&this.reject("a float is not in its shortest form"),new ve(r)}};function Nn(e){let t=Math.abs(e);if(t>65504)return!1;let r=Math.max(Math.floor(Math.log2(t||1)),-14);return[r-1,r,r+1].some(n=>{let o=t/2**(Math.max(n,-14)-10);return Number.isInteger(o)&&o<2048})}function Un(e,t){let r=Math.min(e.length,t.length);for(let n=0;n<r;n++)if(e[n]!==t[n])return e[n]-t[n];return e.length-t.length}function ce(e,t,r){e instanceof Map||p(`${t} is not a map`);for(let n of e.keys())typeof n=="string"&&p(`${t} has the text ${JSON.stringify(n)} for a key`),r.includes(n)||G(`${t} has an entry ${n}`);return new tt(e,t)}var tt=class{where;map;constructor(t,r){this.map=t,this.where=r}has(t){return this.map.has(t)}get(t){let r=this.map.get(t);return r===void 0?p(`${this.where} has no entry ${t}`):r}asInteger(t,r,n){let o=typeof t=="bigint"?Number(t):t;return typeof o!="number"?p(`${this.where}: ${r} is not an integer`):(o<n&&p(`${this.where}: ${r} is ${o}, below ${n}`),o)}integer(t,r=0){return this.asInteger(this.get(t),`entry ${t}`,r)}name(t,r){return r[this.oneOf(this.get(t),r.length,`entry ${t}`)]}bytes(t){let r=this.get(t);return r instanceof Uint8Array?r:p(`${this.where}: entry ${t} is not a byte string`)}text(t){let r=this.get(t);return typeof r=="string"?r:p(`${this.where}: entry ${t} is not a text`)}boolean(t){let r=this.get(t);return typeof r=="boolean"?r:p(`${this.where}: entry ${t} is neither true nor false`)}float(t){return this.asFloat(this.get(t),`entry ${t}`)}asFloat(t,r){return!(t instanceof ve)||Math.abs(t.value)>1e30?p(`${this.where}: ${r} is not a float of at most 1e30`):t.value}array(t){let r=this.get(t);return Array.isArray(r)?r:p(`${this.where}: entry ${t} is not an array`)}item(t,r,n){return this.asInteger(this.array(t)[r],`item ${r} of entry ${t}`,n)}floatItem(t,r){return this.asFloat(this.array(t)[r],`item ${r} of entry ${t}`)}choice(t,r,n){return r.length===0&&p(`${this.where}: entry ${t} is empty`),this.choiceAt(t,0,n)}id(t){let r=this.array(t);return r.length===0&&p(`${this.where}: entry ${t} is empty`),this.asInteger(r[0],`item 0 of entry ${t}`,0)}whereId(t){return`${this.where}: item 0 of entry ${t}`}choiceAt(t,r,n){return this.oneOf(this.array(t)[r],n,`item ${r} of entry ${t}`)}oneOf(t,r,n){let o=this.asInteger(t,n,0);return o>=r&&G(`${this.where}: ${n} is ${o}`),o}fields(t,r,n){r.length!==n&&p(`${this.where}: entry ${t} has ${r.length} items instead of ${n}`)}};var Rn=["none","relu","leaky_relu","sine","softplus","exp","sigmoid","tanh","snake_alt","elu","silu"],yr=new Float32Array(0),Fn=["features","position","direction"];function vr(e,t,r,n){let o=e.array(3);o.length===0&&p("header: no networks"),I(o.length,g.networks,"networks");let s=new Map([["position",r]]);n>0&&s.set("features",n),t==="nerf"&&s.set("direction",3);let a=[];o.forEach((f,c)=>{let m=ce(f,`header: network ${c}`,[0,1,2,3]),u=Dn(m,s);(Fn.includes(u.name)||s.has(u.name))&&p(`${m.where}: the name ${JSON.stringify(u.name)} is taken`),a.push(u),s.set(u.name,br(u))});let i=br(a[a.length-1]),l={nerf:3,sdf:1,scalar:null}[t];return l!==null&&i!==l&&p(`header: the last network of a field of kind ${t} has ${i} outputs`),t==="nerf"&&r!==3&&p("header: a field of kind nerf in 2-D"),t==="nerf"&&!a.some(({name:f})=>f==="density")&&p('header: a field of kind nerf has no network "density"'),a}function br({layers:e}){return e[e.length-1].outputs}function Dn(e,t){let{where:r}=e,n=e.text(0),o=[...n].length;(o<1||o>64)&&p(`${r}: a name of ${o} characters`);let s=e.array(1);s.length===0&&p(`${r} has no inputs`),I(s.length,g.inputs,"inputs of a network");let a=0,i=s.map((u,h)=>{let{input:d,width:y}=jn(ce(u,`${r}, input ${h}`,[0,1,2]),t);return a+=y,d}),l=e.array(2);l.length===0&&p(`${r} has no layers`),I(l.length,g.layers,"layers of a network");let f=e.has(3)?e.array(3).map((u,h)=>e.item(3,h,1)):[];for(let u of f)u>=l.length&&p(`${r}: a skip to layer ${u}, which is not there`);new Set(f).size!==f.length&&p(`${r}: a skip is listed twice`);let c=a,m=l.map((u,h)=>{let d=Pn(ce(u,`${r}, layer ${h}`,[0,1,2,3,4]));return f.includes(h)&&(c+=a),d.inputs!==c&&p(`${r}, layer ${h}: ${d.inputs} inputs, but ${c} values enter it`),c=d.outputs,d});return{name:n,inputs:i,layers:m,skips:f.sort((u,h)=>u-h)}}function jn(e,t){let{where:r}=e,n=e.text(0),o=t.get(n);if(o===void 0)return p(`${r}: there is no source ${JSON.stringify(n)}`);let s=null,a=o;e.has(2)&&(e.fields(2,e.array(2),2),s=[e.item(2,0,0),e.item(2,1,0)],(s[0]>=s[1]||s[1]>o)&&p(`${r}: channels ${s[0]} to ${s[1]} of ${o}`),a=s[1]-s[0]);let{encoding:i,width:l}=Vn(e,a);return{input:{source:n,encoding:i,slice:s},width:l}}function Vn(e,t){let{where:r}=e,n=e.array(1),o=e.choice(1,n,3);if(o===0)return e.fields(1,n,1),{encoding:{kind:"identity"},width:t};if(o===1){e.fields(1,n,4);let a=e.item(1,1,0);I(a,g.frequencies,"frequencies");let i=e.floatItem(1,2),l=n[3];return typeof l!="boolean"?p(`${r}: include_input`):{encoding:{kind:"frequency",frequencies:a,scale:i,includeInput:l},width:t*(2*a+(l?1:0))}}e.fields(1,n,2);let s=e.item(1,1,1);return s>4&&p(`${r}: spherical harmonics of degree ${s}`),t!==3&&p(`${r}: spherical harmonics of ${t} channels`),{encoding:{kind:"spherical_harmonics",degree:s},width:s*s}}function Pn(e){let t=e.integer(0,1),r=e.integer(1,1);I(Math.max(t,r),g.width,"values of a layer");let n=e.name(2,Rn),o=e.boolean(3)?yr:null;return{outputs:t,inputs:r,activation:n,gain:e.float(4),weight:yr,bias:o}}var Hn=["nerf","sdf","scalar"],Bn=["sum","concat","product","finest"];function gr(e){let t=ce(pr(e,"header"),"header",[0,1,2,3,4]),r=t.name(0,Hn),n=Wn(t),o=n.length/2,s=[],a=t.array(2);I(a.length,g.grids,"grids");let i=a.map((d,y)=>Gn(ce(d,`header: grid ${y}`,[0,1,2]),o,s)),l=new Set(s.map(({lod:d})=>d)).add(0),f=Math.max(...l)+1;(l.size!==f||s.length>0&&!s.some(({lod:d})=>d===0))&&p(`header: its levels do not have the LODs 0 to ${f-1}, each at least once`);let c=s.reduce((d,{rows:y,features:b})=>d+y*b,0);I(c,g.values,"feature values");let m=null;if(t.has(4)){m=t.array(4).map((d,y)=>t.item(4,y,1)),m.length!==o&&p("header: the occupancy has another number of axes");for(let d of m)I(d,g.side,"occupancy cells along a side");I(be(m),g.cells,"occupancy cells")}let u=vr(t,r,o,qn(i));return{field:{kind:r,dims:o,bounds:n,lods:f,lodsDecoded:0,grids:i,networks:u,occupancy:null,metadata:{}},levels:s,occupancy:m}}function Wn(e){let t=e.bytes(1);t.length!==32&&t.length!==48&&p(`header: bounds of ${t.length} bytes (32 or 48 are needed)`);let r=new Float64Array(t.slice().buffer),n=r.length/2;for(let o=0;o<n;o++){let s=r[o],a=r[n+o],i=Math.max(Math.abs(s),Math.abs(a));(!(i<=1e30)||!(a-s>Math.max(1e-30,1e-6*i)))&&p(`header: the bounds from ${s} to ${a} are no range`)}return r}function Gn(e,t,r){let n=e.name(0,Bn),o=e.array(1);o.length===0&&p(`${e.where} has no levels`),I(o.length+r.length,g.levels,"levels");let s=e.has(2)?wr(e,2,t):null,a=o.map((l,f)=>{let c=ce(l,`${e.where}, level ${f}`,[0,1,2,3,4]),m=Kn(c,t,r.length,s);return r.push(m),m}),i=a.some(l=>l.features!==a[0].features);return n!=="concat"&&i&&p(`${e.where}: levels that share channels differ in their number of features`),{combine:n,levels:a}}function wr(e,t,r){let n=e.bytes(t),o=n.length/(4*(r+1));(!Number.isInteger(o)||o<1||o>r)&&p(`${e.where}: a transform of ${n.length} bytes`);let s=new Float32Array(n.slice().buffer);return s.every(Number.isFinite)||p(`${e.where}: the transform is not finite`),s}function Kn(e,t,r,n){let o=n;e.has(4)&&(n!==null&&p(`${e.where} has a transform although its grid has one`),o=wr(e,4,t));let s=o===null?t:o.length/(t+1),a=e.integer(0);I(a,g.lods-1,"as the number of an LOD");let i=e.integer(2,1);I(i,g.features,"features");let l=Ze.tagged(e.id(1),e.whereId(1)),{layout:f,rows:c}=l.readHeader(e,s);I(c,g.vectors,"vectors in a level");let u=Qe.tagged(e.id(3),e.whereId(3)).readForm(e,i);return{lod:a,position:r,layout:f,transform:o,rows:c,features:i,form:u,code:null,layer:0}}function Xn(e,t){switch(e){case"sum":case"product":case"finest":return t[0].features;case"concat":return t.reduce((n,{features:o})=>n+o,0)}return e}function qn(e){let t=0;for(let{combine:r,levels:n}of e)t+=Xn(r,n);return t}function xr(e,t){let r=0;for(let{lod:n,form:o}of e)n===t&&(r=Math.max(r,ze(o).layers(o)-1));return r}function ci(e,t){return e.reduce((r,{lod:n,layer:o})=>n===t?Math.max(r,o):r,0)}var kr=[137,78,70,67,13,10,26,10],Ae=20,_r=12;function Yn(e){return ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e)}function vi(e,t={}){let r=Yn(e);if(Qn(r),r.length<Ae)return{need:Ae};let n=new DataView(r.buffer,r.byteOffset,r.length),o=r[8],s=r[9];o===0&&p("major version 0 in byte 8"),o>1&&G(`the file is of format version ${o}.${s}`);let a=n.getUint16(10,!0),i=n.getUint32(12,!0);I(a,g.chunks,"chunks"),I(i,g.headerBytes,"bytes of header");let l=Ae+_r*a,f=Math.ceil((l+i)/4)*4;if(r.length<f)return{need:f};Re(r.subarray(Ae,f),Re(r.subarray(0,16)))!==n.getUint32(16,!0)&&p("the front of the file fails its checksum"),r.subarray(l+i,f).some(T=>T!==0)&&p("the padding of the header is not zero");let m=Jn(n,a,f),u=gr(r.subarray(l,l+i)),h=Zn(m,u),d=mr(u),y=t.memory??rt;d>y&&ie(`decoding may take ${Ar(d)} MiB of memory, above the limit of ${Ar(y)} MiB`);let b=m[m.length-1],w=b.offset+b.length;return{version:[o,s],chunks:m,header:u,length:f,totalBytes:w,lodEnds:h}}function Qn(e){let t=Math.min(e.length,kr.length);for(let r=0;r<t;r++){if(e[r]===kr[r])continue;let o=String.fromCharCode(...e.subarray(0,200)).trimStart().startsWith("<")?" but an HTML or XML page":"";p(`this is not a .nfc file${o} (its first bytes are not the signature)`)}}function Jn(e,t,r){let n=[],o=r,s=0,a=0;for(let i=0;i<t;i++){let l=Ae+_r*i,f=[0,1,2,3].map(y=>e.getUint8(l+y)),c=String.fromCharCode(...f);/^[A-Za-z]{4}$/.test(c)||p(`the type of chunk ${i} is not four letters`);let m=e.getUint32(l+4,!0);m%4!==0&&p(`the length of chunk ${i} (${c}) is not a multiple of 4`);let u=["NETW","OCCU","LEVL","REFN","meta"].includes(c);if(c==="PICT")throw new ae("unsupported","this is a vq-nerf field, whose images come from networks that are not run here; `nfcodec render` draws it");!u&&/^[A-Z]/.test(c)&&G(`chunk ${i} is a critical chunk ${c}`),c==="meta"&&I(m,g.metadataBytes,"bytes of metadata in a chunk"),c==="LEVL"&&s++,c==="LEVL"&&(a=0),c==="REFN"&&a++;let d=c==="LEVL"||c==="REFN"?{lod:s-1,layer:a}:{lod:null,layer:0};n.push({type:c,offset:o,length:m,crc:e.getUint32(l+8,!0),known:u,...d}),o+=m}return n.filter(({type:i})=>i==="prev").length>1&&p("there are two prev chunks"),n}function Zn(e,t){let r=e.filter(({type:c})=>c!=="meta"&&/^[A-Z]/.test(c)),n=r.findIndex(({lod:c})=>c!==null),o=r.slice(0,n<0?r.length:n).map(({type:c})=>c),s=n<0?[]:r.slice(n),a=t.occupancy===null?["NETW"]:["NETW","OCCU"];(o.sort().join()!==a.join()||s.some(({lod:c})=>c===null))&&p(`${a.join(" and ")} are not there once each, in front of the levels`);let{lods:i}=t.field,l=s.filter(({type:c})=>c==="LEVL").length;l!==i&&p(`there are ${l} LEVL chunks for ${i} LODs`);let f=[];for(let c=0,m=0;c<i;c++){let u=xr(t.levels,c)+1,h=s.slice(m,m+=u),d=s.length-m;(h.some((w,T)=>w.lod!==c||w.layer!==T)||h.length<u)&&p(`LOD ${c} has other REFN chunks than the ${u-1} that its levels ask for`),c===i-1&&d>0&&p(`${d} REFN chunks too many`);let{offset:y,length:b}=h[u-1];f.push(y+b)}return f}function Ar(e){return Math.ceil(e/2**20)}export{ae as a,p as b,rt as c,At as d,_e as e,Q as f,ns as g,os as h,fs as i,ms as j,Xt as k,En as l,qt as m,Qt as n,Ye as o,ze as p,xr as q,ci as r,be as s,ir as t,ur as u,pr as v,dr as w,Xn as x,Re as y,Yn as z,vi as A};
