var ne=class extends Error{code;constructor(t,r){super(r),this.name="NfcError",this.code=t}};var $e={headerBytes:1048576,metadataBytes:16777216,items:1e6,chunks:4096,lods:64,grids:4096,levels:4096,vectors:268435456,voxels:268435456,values:4294967296,depth:10,side:65536,features:4096,networks:16,inputs:16,layers:64,width:16384,frequencies:32,cells:1073741824,work:{most:1073741824,free:2097152,perByte:256},memory:{most:4294967296,voxel:16,corner:8,index:2,value:2,weight:8,readingVoxel:64,readingIndex:48,readingCode:16,readingSlot:4,readingCell:80}};function d(e){throw new ne("damaged",e)}function U(e){throw new ne("unsupported",`${e}; a newer decoder may read it`)}function oe(e){throw new ne("limit",e)}var v=$e,Ye=$e.memory.most;function T(e,t,r){e>t&&oe(`${e} ${r}: at most ${t} are supported`)}var dr=pr();function pr(){let e=new Int32Array(2048);for(let t=0;t<256;t++){let r=t;for(let n=0;n<8;n++)r=r&1?r>>>1^2197175160:r>>>1;e[t]=r}for(let t=256;t<e.length;t++){let r=e[t-256];e[t]=r>>>8^e[r&255]}return e}function Se(e,t=0){let r=dr,n=~t,o=0;for(let s=e.length-7;o<s;o+=8)n^=e[o]|e[o+1]<<8|e[o+2]<<16|e[o+3]<<24,n=r[1792+(n&255)]^r[1536+(n>>>8&255)]^r[1280+(n>>>16&255)]^r[1024+(n>>>24)]^r[768+e[o+4]]^r[512+e[o+5]]^r[256+e[o+6]]^r[e[o+7]];for(;o<e.length;o++)n=n>>>8^r[(n^e[o])&255];return~n>>>0}var ce=class{#e;#t=new Map;#r=new Map;constructor(t,r){this.#e=t;for(let n of r)this.add(n)}add(t){if(this.#t.has(t.tag)||this.#r.has(t.kind))throw new Error(`${this.#e} ${t.tag}, ${t.kind}, is registered already`);this.#t.set(t.tag,t),this.#r.set(t.kind,t)}remove(t){this.#t.delete(t.tag),this.#r.delete(t.kind)}tagged(t,r){return this.#t.get(t)??U(`${r} is ${t}`)}of({kind:t}){let r=this.#r.get(t);if(r===void 0)throw new Error(`there is no ${this.#e} ${t}`);return r}[Symbol.iterator](){return this.#t.values()}};var ze={about:"The numbers that images are drawn with, for Python, the page and the WGSL programs alike. A constant is [value, type, unit and reason].",constants:{RADIANCE_VOXELS_WITHOUT_OCTREE:[128,"u32","samples of a radiance field without an octree along the longest side of the box"],VOXELS_WITHOUT_GRID:[256,"u32","voxels that a field without grids counts as having along the longest side of the box"],MIN_STEP_VOXELS:[.25,"f32","shortest step of sphere tracing, in voxels of the finest level"],MIN_STEP_SHARE:[.001953125,"f32","and as a share of the longest side of the box: 1/512"],SAMPLES_PER_SIDE:[192,"u32","least samples of a scalar volume along the longest side: a decoder adds detail of its own to a coarse grid"],FULL_DEPTH:[60,"f32","optical depth of the box's diagonal where a scalar field has its highest value, times opacity"],NORMAL_STEP_VOXELS:[.5,"f32","normals are differences over plus and minus this many voxels"],SLOPE_POINTS:[4096,"u32","points at which the slope of a field is measured"],RANGE_POINTS_2D:[256,"u32","points along each axis at which the range of a 2-D scalar field is measured"],RANGE_POINTS_3D:[40,"u32","and of a 3-D one"],MIN_SAMPLES_PER_VOXEL:[.0625,"f32","bounds of the density of samples that a file may ask for"],MAX_SAMPLES_PER_VOXEL:[16,"f32",""],MIN_WEIGHT:[1e-4,"f32","samples of a radiance field that add less than this have no color computed"],MIN_TRANSMITTANCE:[.001,"f32","a ray ends once less than this passes"],MAX_SAMPLES:[1048576,"u32","a ray ends after this many samples, however short a file says its steps are"],WRAP:[.2,"f32","how far light reaches around a shape: the cosine beyond the terminator"],TOLERANCE:[.001,"f32","a hit is this close to the surface, in shortest steps times the slope bound"],REFINEMENTS:[16,"u32","most steps of regula falsi for one hit"],COLORS:[256,"u32","colors of a color map"],BLOCK_SHIFT:[3,"u32","blocks of the coarse occupancy bitmap have 2^3 cells a side"],SITES_PER_BLOCK:[96,"u32","lattice sites in a block of an octree's corner index"]}};var ie={about:"What the WGSL programs share with the code that makes constants and fills buffers for them. docs/renderer.md explains it. A member is [name, type, meaning].",structs:{Params:[["eye","vec4<f32>","the eye, in box coordinates u"],["right","vec4<f32>","the camera's axes, in the field's own"],["up","vec4<f32>",""],["back","vec4<f32>",""],["lens","vec4<f32>","fx, fy, cx, cy in pixels"],["distortion","vec4<f32>","k1, k2, p1, p2"],["scale","vec4<f32>","u per unit of length along x, y, z"],["background","vec4<f32>","display-referred red, green, blue"],["march","vec4<f32>","step; nearest and farthest distance of the box to the eye; slope bound"],["surface","vec4<f32>","shortest step, step of normals (lengths); distance = z + w * value"],["transfer","vec4<f32>","low and high value, optical depth of one step at the high one; unused"],["tile","vec4<u32>","left, top, width, height: the pixels of this dispatch"],["image","vec4<u32>","width, height, rays along a pixel's side, mode"],["chosen","vec4<u32>","LOD, channel, flags, number of points"],["cells","vec4<u32>","cells along x, y, z; first word of their bitmap"],["blocks","vec4<u32>","first word of the bitmap of blocks of cells; unused"]],Whole:[["feature_blocks","u32","vectors of four that hold the features, from memory[0] on"],["position","u32","where memory holds u"],["direction","u32","where memory holds the direction seen along"],["scratch","u32","where memory holds low-rank coefficients"],["density","u32","where memory holds the density"],["output","u32","where memory holds the last network's outputs"],["channels","u32","number of those outputs"],["radiance","u32","1 for a field with a density and colors"]],Input:[["encoding","u32","ENCODING_..."],["source","u32","where memory holds the source"],["begin","u32","the source's channels that enter"],["end","u32",""],["result","u32","where memory takes the encoded values"],["raw","u32","1 if the values themselves come before their sines"],["frequencies","u32","number of frequencies, or of blocks of spherical harmonics"],["scale","f32","the lowest frequency"]],Layer:[["input","u32","where memory holds its input"],["columns","u32","vectors of four of that"],["entry","u32","where memory holds the network's encoded input"],["entry_columns","u32","vectors of four of that; 0 unless the input is appended"],["output","u32","where memory takes its output"],["rows","u32","vectors of four of that"],["weights","u32","first vector of its weights"],["activation","u32","ACTIVATION_..."],["gain","f32","factor before the activation"]],Level:[["x","vec4<f32>","rows of the transform from the box to the level"],["y","vec4<f32>",""],["z","vec4<f32>",""],["layout_tag","u32","LAYOUT_..."],["code_tag","u32","CODE_..."],["lod","u32","the LOD that adds it"],["multiplies","u32","1 + the LOD from which it multiplies what earlier levels gave; 0: never"],["features","u32","number of channels"],["channel","u32","its first channel among all features"],["size_x","u32","lattice sites along x, y, z"],["size_y","u32",""],["size_z","u32",""],["aligned","u32","1 if u = -1 and u = 1 lie on the first and last site"],["border","u32","1 if points outside take the value at the border"],["corners","u32","sites that surround a point: 2, 4 or 8"],["sites","u32","octree: first block of the corner index"],["vectors_buffer","u32","words: vectors, codebook or coefficients"],["vectors","u32",""],["pitch","u32","words from one vector to the next"],["codes_buffer","u32","words: packed indices"],["codes","u32",""],["bits","u32","bits of an index"],["basis_buffer","u32","words: the mean, then the basis"],["basis","u32",""],["rank","u32","number of basis vectors"]]},programs:{points:["layouts","codes","levels","networks","rays","points"],radiance:["layouts","codes","levels","networks","rays","radiance"],surface:["layouts","codes","levels","networks","rays","distance","surface"],volume:["layouts","codes","levels","networks","rays","transfer","volume"],plane:["layouts","codes","levels","networks","rays","transfer","plane"],slope:["layouts","codes","levels","networks","distance","slope"],range:["layouts","codes","levels","networks","range"]},constants:{LAYOUT_DENSE:0,LAYOUT_OCTREE:1,CODE_FLOAT16:0,CODE_VQ:1,CODE_LOWRANK:2,CODE_FLOAT32:3,ENCODING_IDENTITY:0,ENCODING_FREQUENCY:1,ENCODING_SPHERICAL_HARMONICS:2,ACTIVATION_NONE:0,ACTIVATION_RELU:1,ACTIVATION_LEAKY_RELU:2,ACTIVATION_SINE:3,ACTIVATION_SOFTPLUS:4,ACTIVATION_EXP:5,ACTIVATION_SIGMOID:6,ACTIVATION_TANH:7,ACTIVATION_SNAKE_ALT:8,ACTIVATION_ELU:9,ACTIVATION_SILU:10,MODE_SHADED:0,MODE_DEPTH:1,MODE_NORMALS:2,MODE_ISO:3,MODE_MATCAP:4,FLAG_DISTORTED:1,FLAG_EXACT_DISTANCE:2}};var Xe=`// What every program reads and writes. Above this text stand the structs of tables.json, the
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
`;var qe=`// Puts a finished image on the page's canvas, pixel by pixel.

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
`;var Qe=`// What a level's vectors are, from its codes as they are stored.

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
`;var Ze=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

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
`;var Je=`// Where a level's vectors sit: a function for each layout, and a case for it in \`locate\`.

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
`;var et=`// The features at a point: every level in use, interpolated and combined.

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
`;var tt=`// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
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
`;var rt=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

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
`;var nt=`// Values at points: params.chosen.w of them, each a position u and a direction.

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
`;var ot=`// An image of a radiance field: emission and absorption along rays (formats/nfc-v1-evaluation.md, E9).



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
`;var st=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
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
`;var at=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
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
`;var it=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
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
`;var lt=`// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
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
`;var ct=`// From values to colors.

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
`;var ut=`// An image of a scalar volume through a color map: emission and absorption, in display-referred
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
`;var ft=`// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
`;var mt=`// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
`;var ht=`// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
`;var dt=`// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
`;var pt={"bindings.wgsl":Xe,"blit.wgsl":qe,"codes.wgsl":Qe,"distance.wgsl":Ze,"layouts.wgsl":Je,"levels.wgsl":et,"networks.wgsl":tt,"plane.wgsl":rt,"points.wgsl":nt,"radiance.wgsl":ot,"range.wgsl":st,"rays.wgsl":at,"slope.wgsl":it,"surface.wgsl":lt,"transfer.wgsl":ct,"volume.wgsl":ut,"weights_storage.wgsl":ft,"weights_uniform.wgsl":mt,"words_one.wgsl":ht,"words_three.wgsl":dt};var xe=Object.fromEntries(Object.entries(ze.constants).map(([e,[t]])=>[e,t]));function Q(e,t){return ie.constants[`${e}_${t.toUpperCase()}`]}function So(e){let t=new Map,r=0;for(let[n,o]of ie.structs[e])t.set(n,r),r+=o.startsWith("vec4")?4:1;return{at:t,count:r}}function zo(e,t,r){let o=["bindings",...r,...ie.programs[e]].map(s=>pt[`${s}.wgsl`]);return[...Fr(),...Dr(t),...o,...Vr(t)].join(`
`)+`
`}function*Fr(){for(let[e,t]of Object.entries(ie.structs)){yield`struct ${e} {`;for(let[r,n]of t)yield`    ${r}: ${n},`;yield"}"}}function*Dr(e){for(let[r,n]of Object.entries({...ie.constants,...e.sizes}))yield`const ${r} = ${n}u;`;for(let[r,[n,o]]of Object.entries(ze.constants))yield`const ${r}: ${o} = ${n};`;yield`const WHOLE = ${yt("Whole",e.whole)};`;let t=[["Level",e.levels],["Input",e.inputs],["Layer",e.layers]];for(let[r,n]of t)for(let[o,s]of n.entries())yield`const ${r.toUpperCase()}_${o} = ${yt(r,s)};`}function yt(e,t){let r=ie.structs[e].map(([n,o])=>{let s=t[n]??0;return typeof s!="number"?`${o}(${s.map(bt).join(", ")})`:o==="u32"?`${s}u`:bt(s)});return`${e}(${r.join(", ")})`}function bt(e){let t=String(Math.fround(e));return/[.e]/.test(t)?t:`${t}.0`}function*Vr(e){yield"fn read_features(u: vec3<f32>) {",yield"    clear_features();";for(let[s,{lod:a}]of e.levels.entries())yield`    if (params.chosen.x >= ${a}u) {`,yield`        add_level(LEVEL_${s}, u);`,yield"    }";yield"}";let t=0,r=0,n=e.firstNetworks,o={first:e.calls.slice(0,n),last:e.calls.slice(n)};for(let[s,a]of Object.entries(o)){yield`fn run_${s}_networks() {`;for(let[l,i]of a){for(let f=0;f<l;f++)yield`    encode(INPUT_${t++});`;for(let f=0;f<i;f++)yield`    run_layer(LAYER_${r++});`}yield"}"}}function Z(e){return Math.ceil(e/2)}function le(e,t){let r=t+(t&1),n=e.length/t,o=new Uint16Array(n*r);if(r===t)o.set(e);else for(let s=0;s<n;s++)o.set(e.subarray(s*t,(s+1)*t),s*r);return new Uint32Array(o.buffer)}var vt={tag:0,kind:"float16",readForm(e){return e.fields(3,e.array(3),1),{kind:"float16"}},read:(e,t,{rows:r,features:n})=>({kind:"float16",values:e.halves(r*n)}),layers:()=>1,refine:e=>e.reject("float16 vectors in layers"),memory:(e,t,r)=>({held:v.memory.value*t*r,step:0}),gpu:{members:(e,t)=>({code_tag:Q("CODE","float16"),pitch:Z(t)}),lengths:(e,t,r)=>[["vectors",t*Z(r)]],words:({values:e},t)=>[["vectors",le(e,t)]]}};var gt={tag:2,kind:"lowrank",readForm(e,t){e.fields(3,e.array(3),2);let r=e.item(3,1,1);return r>t&&d(`${e.where}: rank ${r} of ${t} features`),{kind:"lowrank",rank:r}},read(e,{rank:t},{rows:r,features:n}){let o=e.halves(n),s=e.halves(t*n),a=e.halves(r*t);return{kind:"lowrank",rank:t,mean:o,basis:s,coefficients:a}},layers:()=>1,refine:e=>e.reject("low-rank vectors in layers"),memory:({rank:e},t,r)=>({held:v.memory.value*(t*e+r*(e+1)),step:0}),gpu:{members:({rank:e})=>({code_tag:Q("CODE","lowrank"),rank:e,pitch:Z(e)}),lengths:({rank:e},t,r)=>[["vectors",t*Z(e)],["basis",(1+e)*Z(r)]],words({rank:e,mean:t,basis:r,coefficients:n},o){let s=new Uint16Array(t.length+r.length);return s.set(t),s.set(r,t.length),[["vectors",le(n,e)],["basis",le(s,o)]]}}};function wt({ny:e,nx:t}){return e*t}function Ne(e){return e.nz*e.ny*e.nx}var Me=[22,36,60,98,162,267,439,720,1179,1921,3108,4971,7812,11955,17625,24743,32768,40793,47911,53581,57724,60565,62428,63615,64357,64816,65097,65269,65374,65438,65476,65500,65514],xt=6,Pr=[1,2,3,5,10,25,80],Ue=Int32Array.from({length:4096},(e,t)=>{let r=t&127;return Me[t>>7]*(128-r)+Me[(t>>7)+1]*r+64>>7}),kt=new Int16Array(4096).fill(2047);for(let e=2047;e>=-2047;e--){let t=e>-2047?(Ue[e+2047]>>4)+1:0;for(let r=t;r<=Ue[e+2048]>>4;r++)kt[r]=e}var jr=Int32Array.from({length:256},(e,t)=>Math.floor(20480/(10*t+16))),Hr=Int32Array.from({length:256},(e,t)=>Pr.filter(r=>t>=r).length),me=class{payload;bytes;next=4;state=Uint32Array.of(0,4294967295);slots;weights;corrections;constructor(t,r,n,o){this.payload=t,this.bytes=t.byteArray(t.u32());let[s,a,l,i]=this.bytes;this.state[0]=s<<24|a<<16|l<<8|i,(this.bytes.length<4||this.state[0]===4294967295)&&t.reject("bytes of a range coder cannot begin like this"),this.slots=new Int32Array(r).fill(1<<27),this.weights=new Int32Array(n*xt*8).fill(4096),this.corrections=Int32Array.from({length:33*o},(f,c)=>Me[c%33])}decide(t,r,n,o,s,a,l,i){let{slots:f,weights:c,corrections:u,state:m,bytes:h}=this,p=kt,y=Hr,g=jr,A=l*xt*8,$=f[t],S=f[r],w=f[n],x=f[o],_=f[s],E=f[a],M=p[$>>16],P=p[S>>16],F=p[w>>16],I=p[x>>16],ae=p[_>>16],ee=p[E>>16],D=A+y[$&255],j=A+8+y[S&255],H=A+16+y[w&255],X=A+24+y[x&255],B=A+32+y[_&255],k=A+40+y[E&255],q=Math.imul(c[D],M)+Math.imul(c[j],P)+Math.imul(c[H],F)+Math.imul(c[X],I)+Math.imul(c[B],ae)+Math.imul(c[k],ee)|0,R=Math.min(Math.max(q>>14,-2047),2047)+2048,te=Ue[R],W=R&127,b=i*33+(R>>7),O=Math.imul(u[b],128-W)+Math.imul(u[b+1],W)>>7,z=Math.min(Math.max(te+O+1>>1,16),65520),L=m[0],C=m[1],N=Math.imul(C>>>16,z)>>>0,V=0;for(L<N?(V=1,C=N):(L-=N,C-=N);C<16777216;)C=C<<8>>>0,L=(L<<8|(this.next<h.length?h[this.next]:0))>>>0,this.next++;m[0]=L,m[1]=C,W>=64&&b++,u[b]+=65535*V-u[b]>>6;let K=(V<<16)-te,re=1048575*V;return c[D]=ue(c[D],M,K),c[j]=ue(c[j],P,K),c[H]=ue(c[H],F,K),c[X]=ue(c[X],I,K),c[B]=ue(c[B],ae,K),c[k]=ue(c[k],ee,K),f[t]=fe($,re,g),f[r]=fe(S,re,g),f[n]=fe(w,re,g),f[o]=fe(x,re,g),f[s]=fe(_,re,g),f[a]=fe(E,re,g),V}descend(t,r,n,o,s,a,l,i,f){for(let c=0;n>=r;c++){let u=n-r,m=c<3?c:3;n=t[2*u+this.decide(o+u,s+u,a+u,l+u,i+u,f+u,m,u)]}return n}finish(){(this.state[0]!==0||this.next!==this.bytes.length)&&this.payload.reject("its range coder's bytes do not end where its decisions do")}};function ue(e,t,r){let n=e+(Math.imul(t,r)+65536>>17)|0;return n>131071?131071:n<-131071?-131071:n}function fe(e,t,r){let n=e&255,o=e>>8;return o+(Math.imul(t-o,r[n])>>11)<<8|(n<80?n+1:80)}var be=Uint8Array.from({length:256},(e,t)=>{let r=0;for(let n=t;n>0;n>>=1)r+=n&1;return r}),Fe={count:1,x:new Uint16Array(1),y:new Uint16Array(1),z:new Uint16Array(1)};function At(e,t,r){let n=0;for(let i=0;i<e.count;i++)n+=be[t[i]];r(n);let o=new Uint16Array(n),s=new Uint16Array(n),a=new Uint16Array(n),l=0;for(let i=0;i<e.count;i++)for(let f=0;f<8;f++)(t[i]>>f&1)!==0&&(o[l]=2*e.x[i]+(f&1),s[l]=2*e.y[i]+(f>>1&1),a[l]=2*e.z[i]+(f>>2),l++);return{count:n,x:o,y:s,z:a}}function _t(e){return{count:e.length,x:Uint16Array.from(e,t=>G(t)),y:Uint16Array.from(e,t=>G(t>>>1)),z:Uint16Array.from(e,t=>G(t>>>2))}}function Re(e){return e=(e|e<<16)&50331903,e=(e|e<<8)&50393103,e=(e|e<<4)&51130563,(e|e<<2)&153391689}function G(e){let t=e&153391689;return t=(t|t>>>2)&51130563,t=(t|t>>>4)&50393103,t=(t|t>>>8)&50331903,(t|t>>>16)&1023}function Et({count:e,x:t,y:r,z:n}){let o=new Uint32Array(e);for(let s=0;s<e;s++)o[s]=Re(t[s])|Re(r[s])<<1|Re(n[s])<<2;return o}var Br=32;function Wr({count:e,x:t,y:r,z:n},o){let s=new Uint32Array(8*e);for(let a=0;a<e;a++){let l=(n[a]*o+r[a])*o+t[a];for(let i=0;i<8;i++)s[8*a+i]=l+(i&1)+(i>>1&1)*o+(i>>2)*o*o}return s.sort(),s.filter((a,l)=>l===0||a!==s[l-1])}function Tt(e,t){let r=2**t+1;if(Br*e.count<r*r)return Wr(e,r);let n=Math.ceil(r/32),o=new Uint32Array(r*r),s=0;for(let u=0;u<e.count;u++){let m=e.z[u]*r+e.y[u];o[m]===0&&(o[m]=++s),o[m+1]===0&&(o[m+1]=++s),o[m+r]===0&&(o[m+r]=++s),o[m+r+1]===0&&(o[m+r+1]=++s)}let a=new Uint32Array((s+1)*n),l=(u,m)=>{let h=o[u]*n+(m>>>5);a[h]|=3<<(m&31),(m&31)===31&&(a[h+1]|=1)};for(let u=0;u<e.count;u++){let m=e.z[u]*r+e.y[u];l(m,e.x[u]),l(m+1,e.x[u]),l(m+r,e.x[u]),l(m+r+1,e.x[u])}let i=0;for(let u=0;u<a.length;u++)i+=Gr(a[u]);let f=new Uint32Array(i),c=0;for(let u=0;u<o.length;u++)if(o[u]!==0)for(let m=0;m<n;m++){let h=a[o[u]*n+m],p=u*r+32*m;for(;h!==0;)f[c++]=p+31-Math.clz32(h&-h),h&=h-1}return f}function Gr(e){return be[e&255]+be[e>>>8&255]+be[e>>>16&255]+be[e>>>24]}var ke=class{nx;corners;starts;here;above;z=0;constructor({nz:t,ny:r,nx:n},o){if(this.nx=n,this.corners=o===null?null:new Uint32Array(o.length),this.starts=new Uint32Array(t+1),this.here=new Uint8Array(o===null?0:r*n),this.above=this.here.slice(),o===null||this.corners===null)return;for(let a of o)this.starts[G(a>>>2)+1]++;for(let a=0;a<t;a++)this.starts[a+1]+=this.starts[a];let s=this.starts.slice();for(let a of o)this.corners[s[G(a>>>2)]++]=G(a>>>1)*n+G(a)}next(){let{corners:t,nx:r,starts:n,z:o}=this;if(t===null)return null;let s=this.above,a=this.here;for(let l=n[o];l<n[o+1];l++){let i=t[l];s[i]|=128,s[i+1]|=64,s[i+r]|=32,s[i+r+1]|=16,a[i]|=8,a[i+1]|=4,a[i+r]|=2,a[i+r+1]|=1}return this.here=s,this.above=a,this.z++,s}};function Ae(e){return e<8?e:4+(e&3)<<(e>>2)-1}var Ct=Uint32Array.from({length:64},(e,t)=>Ae(t));function It(e){let t=0,r=0;for(let h=0;h<e.length;h++)t+=Ct[e[h]],e[h]>0&&r++;if(t===0||t>16777216)return null;let n=new Uint32Array(r+1),o=new Uint16Array(r),s=0,a=0,l=0,i=0;for(let h=0;h<e.length;h++)e[h]!==0&&(o[s]=h,e[h]>l&&(l=e[h],a=s),i+=Math.floor(Ct[e[h]]*16777216/t),n[++s]=i);for(let h=a+1;h<=r;h++)n[h]+=16777216-i;let f=Math.min(Math.max(34-Math.clz32(r),4),12),c=24-f,u=new Uint16Array(1<<f),m=0;for(let h=0;h<u.length;h++){for(;n[m+1]<=h<<c;)m++;u[h]=m}return{starts:n,symbols:o,lookup:u,shift:c}}function Ot(e,t,r){let n=()=>{let o=0;for(let a=1;a<e.length;a++){let{weight:l,node:i}=e[a],f=e[o];(l<f.weight||l===f.weight&&i<f.node)&&(o=a)}let[s]=e.splice(o,1);return s};for(;e.length>1;){let o=n(),s=n();e.push({weight:o.weight+s.weight,node:t+r.length/2,depth:Math.max(o.depth,s.depth)+1}),r.push(s.node,o.node)}return e[0]}var ge=3,De=256,Kr=2**28,ve=3,Lt=28,$t=256,Yr=4,Xr=32,qr=4,Qr=8;function _e(e){return 1+3*ve*(e+1)+Lt+$t}function Ee({numCodes:e,depth:t},r){let{rows:n}=r;return n+Math.floor(wt(r)/Xr)+Math.floor(n*t/qr)+Math.floor(e*_e(e)/Qr)}function Te(e,t,r,n){let o=e.u8(),s=e.u8(),a=e.u16();o>ge&&U(`${e.where}: symbol section of form ${o}`),(o!==ge||s<1||s>6||a!==0)&&e.reject(`a symbol section of form ${o} with width ${s} and ${a}`),(r>De||Ne(n)>Kr)&&e.reject(`${r} codes beside their neighbors on ${Ne(n)} sites`);let l=t>1?e.below(r,t,"group"):null,i=e.integers(r,s,64,"level"),f=Array.from({length:t},()=>[]),c=0,u=0;for(let y=0;y<r;y++){let g=Ae(i[y]);c+=g,g>Ae(i[u])&&(u=y),g>0&&f[l===null?0:l[y]].push({weight:g,node:y,depth:0})}(c===0||c>2**24)&&e.reject("weights that make no trees of codes");let m=[],h=new Int16Array(t).fill(-1),p=0;return f.forEach((y,g)=>{if(y.length===0)return;let A=Ot(y,r,m);h[g]=A.node,p=Math.max(p,A.depth)}),{numCodes:r,children:Uint16Array.from(m),roots:h,top:u,depth:p}}function Ce(e,t,r,n,o){let{numCodes:s,children:a,roots:l,top:i}=t,f=l.length,{nz:c,ny:u,nx:m,sites:h,rows:p}=n,y=r??new Uint16Array(p);for(let b of y)l[b]<0&&e.reject(`group ${b} is used but has no codes`);let g=a.length/2,A=new me(e,g*_e(s),Yr,g),$=new Uint16Array(p),S=m+2,w=u*m,x=new Uint16Array((u+2)*S).fill(s),_=x.slice(),E=new Uint16Array((u+2)*S).fill(f),M=E.slice(),P=b=>{let O=Math.floor(b/m);return(O+1)*S+b-O*m+1},F=(b,O,z,L,C)=>{for(let N=z;N<L;N++)b[P((h===null?N:h[N])-C*w)]=O},I=0,ae=(b,O)=>{for(;I<p;I++){let z=(h===null?I:h[I])-O;if(z>=w)break;b[P(z)]=y[I]}};ae(M,0);let ee=new ke(n,o),D=ve*(s+1),j=1,H=j+D,X=H+D,B=X+D,k=B+Lt,q=(b,O)=>b===f?0:b===O?1:2,R=0,te=0,W=0;for(let b=0;b<c;b++){[x,_]=[_,x],[E,M]=[M,E],F(x,s,W,te,b-2),F(M,f,te,R,b-1),[W,te]=[te,R];let O=b*w;ae(M,O+w);let z=ee.next();for(;R<p;R++){let L=(h===null?R:h[R])-O;if(L>=w)break;let C=P(L),N=y[R],V=l[N];if(V>=s){let K=j+ve*x[C-1]+q(E[C+1],N),re=H+ve*x[C-S]+q(E[C+S],N),ur=X+ve*_[C]+q(M[C],N),fr=B+Zr(x,_,C,S,i,s),mr=k+(z===null?$t-1:z[L]);V=A.descend(a,s,V,0,K*g,re*g,ur*g,fr*g,mr*g)}z!==null&&(z[L]=0),$[R]=V,x[C]=V}}return A.finish(),$}function Zr(e,t,r,n,o,s){let a=l=>l!==o&&l!==s?1:0;return 7*(a(e[r-1])+a(e[r-n])+a(t[r]))+a(e[r-n-1])+a(e[r-n+1])+a(t[r-1])+a(t[r+1])+a(t[r-n])+a(t[r+n])}function St(e){return e<=2?1:32-Math.clz32(e-1)}function Jr(e,t){return Math.ceil(e*t/32)}function zt(e,t,r){let n=new Uint16Array(t),o=(1<<r)-1,s=0,a=0;for(let l=0;l<t;l++){let i=e[s]>>>a;a+=r,a>=32&&(a-=32,s++,a>0&&(i|=e[s]<<r-a)),n[l]=i&o}return n}function Ve(e,t){let r=new Uint32Array(Jr(e.length,t)),n=0,o=0,s=0;for(let a=0;a<e.length;a++)s|=e[a]<<o,o+=t,o>=32&&(r[n++]=s,o-=32,s=o>0?e[a]>>>t-o:0);return o>0&&(r[n]=s),r}var Ie=class{payload;words;next=0;high=0;low=0;constructor(t){this.payload=t,this.words=t.words(t.u32()),this.words.length>0&&(this.words[0]===0&&t.reject("the first ANS word is 0"),this.low=this.words[this.next++]),this.words.length>1&&(this.high=this.low,this.low=this.words[this.next++])}decode(t,r){let{starts:n,symbols:o,lookup:s,shift:a}=t,l=this.words,i=l.length,f=this.next,c=this.high,u=this.low;for(let m=0;m<r.length;m++){let h=u&16777215,p=s[h>>>a];for(;n[p+1]<=h;)p++;let y=n[p],g=n[p+1]-y,A=c>>>24,$=(c<<8|u>>>24)>>>0,S=Math.imul(g,$)>>>0;c=(g*$-S)*2**-32+.5+g*A>>>0,S+=h-y,S>=4294967296&&(c=c+1>>>0),u=S>>>0,c===0&&f<i&&(c=u,u=l[f++]),r[m]=o[p]}this.next=f,this.high=c,this.low=u}finish(){(this.high!==0||this.low!==0||this.next!==this.words.length)&&this.payload.reject("its ANS words do not end where its symbols do")}};function Pe(e){let t=e&32768?-1:1,r=e>>>10&31,n=e&1023;return r===31?n?NaN:t*(1/0):r===0?t*n*2**-24:t*(1024+n)*2**(r-25)}function is(e){for(let t=0;t<e.length;t++)if((e[t]&31744)===31744)return!1;return!0}function ls(e){let t=new Float32Array(e.length);for(let r=0;r<e.length;r++)t[r]=Pe(e[r]);return t}function Nt(e,t){if(e===0)return 0;let r=e<0?32768:0,n=Math.abs(e),o=31-Math.clz32(n)+t;if(o<10)return r|n*2**t;let s=n*2**(t-o+10);return r|(o-9<<10)+s-1024}var Mt=v.work.most,Rt=8,Ut=class{#e=0;#t=0;get done(){return this.#e}takeBackTo(t){this.#e=t}reach(t){this.#t=t}add(t,r){this.#e+=t;let{free:n,perByte:o}=v.work,s=Math.min(Mt,n+o*this.#t);if(this.#e>s){let a=s===Mt?"":` for a file of ${this.#t} bytes so far`;oe(`${r}: the work of decoding so far is ${this.#e}, the limit is ${s}${a}`)}}};function he(e,t,r,n){let o=e.peek();if(o===ge){if(n===null)return e.reject("symbols beside neighbors without sites");let{lattice:c,voxels:u,work:m}=n,h=Te(e,1,r,c);return m.add(Ee(h,c),e.where),Ce(e,h,null,c,u)}e.u8();let s=e.u8(),a=e.u16();if(o>ge&&U(`${e.where}: symbol section of form ${o}`),(o===2?s<1||s>6:s!==0)&&e.reject(`a symbol section of form ${o} with width ${s}`),o!==0&&a!==0&&e.reject(`a symbol section of form ${o} with ${a} where 0 belongs`),n?.work.add(o===0?Math.floor(t/Rt):t,e.where),o===0)return a>=r&&e.reject(`symbol ${a} is not below ${r}`),new Uint16Array(t).fill(a);if(o===1)return e.below(t,r,"symbol");let l=It(e.integers(r,s,64,"level"));if(l===null)return e.reject("the weights of the table");let i=new Ie(e),f=new Uint16Array(t);return i.decode(l,f),i.finish(),f}function je(e,t,r){let n=e.u32();if(n===0)return e.halves(t);if(n===2)return r.add(t,e.where),en(e,t);n!==1&&U(`${e.where}: float16 section of form ${n}`);let o=he(e,t,256,null),s=e.byteArray(t);for(let a=0;a<t;a++)o[a]=o[a]<<8|s[a],(o[a]&31744)===31744&&e.reject("a float16 value is not a finite number");return o}function en(e,t){let r=e.u32();(r<1||r>4096)&&e.reject(`${r} blocks of steps`);let n=new Uint16Array(t),o=0;for(let s=0;s<r;s++){let[a,l,i]=[e.u32(),e.u16(),e.u16()],f=e.byteArray(1)[0];if(!(l>=1&&l<=i+2049&&i<=2048)||a>t-o||f>28){let m=`of ${l}, origin ${i}, exponent ${f}`;e.reject(`an impossible block of ${a} steps (${m})`)}let u=he(e,a,l,null);for(let m of u)n[o++]=Nt(m-i,f)}return o!==t&&e.reject(`${o} values in steps where ${t} belong`),n}var de=v.memory,Ft=8,tn=16,Dt={tag:1,kind:"vq",readForm(e){let r=e.array(3).slice(1).map((o,s)=>e.item(3,1+s,1));(r.length<1||r.length>Ft)&&d(`${e.where}: ${r.length} layers (1 to ${Ft} are allowed)`);let n=r[r.length-1];return n>(r.length>1?De:2**tn)&&d(`${e.where}: ${n} codes in ${r.length} layers`),r.some((o,s)=>s>0&&o<=r[s-1])&&d(`${e.where}: layers that do not grow: ${r.join(", ")} codes`),{kind:"vq",bits:St(n),numCodes:n,layers:r}},read(e,{bits:t,layers:r},n){let[o]=r,s=je(e,o*n.features,n.work),a=he(e,n.rows,o,n);return{kind:"vq",bits:t,numCodes:o,codebook:s,packed:Ve(a,t)}},layers:({layers:e})=>e.length,refine(e,{bits:t,layers:r},n,o,{rows:s,features:a,lattice:l,voxels:i,work:f}){let c=r[o],u=je(e,c*a,f),m=Te(e,r[o-1],c,l);f.add(Ee(m,l),e.where);let h=zt(n.packed,s,t),p=Ce(e,m,h,l,i);return{kind:"vq",bits:t,numCodes:c,codebook:u,packed:Ve(p,t)}},memory({numCodes:e,layers:t},r,n){let o=e*n,s=de.index*r+de.value*o,a=de.readingIndex*r+de.readingCode*o;return t.length===1?{held:s,step:a}:{held:s+de.index*r,step:a+de.readingSlot*e*_e(e)}},gpu:{members:({bits:e},t)=>({code_tag:Q("CODE","vq"),bits:e,pitch:Z(t)}),lengths({bits:e,numCodes:t},r,n){let o=32%e!==0?1:0;return[["codes",Math.ceil(r*e/32)+o],["vectors",t*Z(n)]]},words:({packed:e,codebook:t},r)=>[["codes",new Uint32Array(e)],["vectors",le(t,r)]]}};var He=new ce("code",[vt,Dt,gt]);function Oe(e){return He.of(e)}function pe(e){return e.reduce((t,r)=>t*r,1)}var Vt=["zeros","border"],Pt={tag:0,kind:"dense",readHeader(e,t){let r=e.array(1);e.fields(1,r,3+t);let n=r[1];typeof n!="boolean"&&d(`${e.where}: align_corners`);let o=Vt[e.choiceAt(1,2,Vt.length)],s=r.slice(3).map((a,l)=>e.item(1,3+l,1));for(let a of s)T(a,v.side,"points along a side");return{layout:{kind:"dense",alignCorners:n,padding:o,shape:s},rows:pe(s)}},read:()=>{},memory:()=>({held:0,step:0}),empty:e=>e,lattice({shape:e},t){let[r,n=1,o=1]=[...e].reverse();return{nz:o,ny:n,nx:r,sites:null,rows:t}},voxels:()=>null,resolution:({shape:e,alignCorners:t})=>[...e].reverse().map(r=>t?Math.max(r-1,1):r),cellsAlong:()=>null,cells:()=>[],gpu:{members({shape:e,alignCorners:t,padding:r}){let[n,o=1,s=1]=[...e].reverse();return{layout_tag:Q("LAYOUT","dense"),size_x:n,size_y:o,size_z:s,aligned:t?1:0,border:r==="border"?1:0,corners:1<<e.length}},numBlocks:()=>0,blocks:()=>new Uint32Array(0)}};function Ht(e,t,r){let[n,o,s]=r,{count:a,x:l,y:i,z:f}=t,c=new Uint8Array(a),u=jt(i,o,Uint32Array.from({length:a},(w,x)=>x)).order,{order:m,starts:h}=jt(f,s,u),p=n+2,y=2*n+3,g=Array.from({length:3},()=>new Uint8Array(p*(o+2))),A=Array.from({length:3},()=>new Uint8Array(y*(2*o+3))),$=(w,x)=>{for(let _=h[w];_<h[w+1];_++){let E=m[_];g[w%3][(i[E]+1)*p+l[E]+1]=x}},S=w=>{let x=w>>1;for(let _=h[x];_<h[x+1];_++){let E=(2*i[m[_]]+2)*y+2*l[m[_]]+2;A[w%3].fill(0,E,E+2).fill(0,E+y,E+y+2)}};$(0,1);for(let w=0;w<s;w++){w>=2&&$(w-2,0),w+1<s&&$(w+1,1);let x=g[w%3],_=g[(w+2)%3],E=g[(w+1)%3];for(let M=0;M<2;M++){let P=2*w+M;P>=3&&S(P-3);let F=A[P%3],I=A[(P+2)%3],ae=A[(P+1)%3],ee=M===1?E:_;for(let D=h[w],j=D;D<h[w+1];D=j){for(;j<h[w+1]&&i[m[j]]===i[m[D]];)j++;for(let H=0;H<2;H++)for(let X=D;X<j;X++){let B=m[X],k=(i[B]+1)*p+l[B]+1,q=k+(H===1?p:-p),R=x[k-1]|x[k+1]<<1|x[k-p]<<2|x[k+p]<<3|_[k]<<4|E[k]<<5,te=x[k-p-1]|x[k-p+1]<<1|x[k+p-1]<<2|x[k+p+1]<<3|_[k-1]<<4|_[k+1]<<5|_[k-p]<<6|_[k+p]<<7|E[k-1]<<8|E[k+1]<<9|E[k-p]<<10|E[k+p]<<11;for(let W=0;W<2;W++){let b=(2*i[B]+2+H)*y+2*l[B]+2+W,O=W===1?1:-1,z=W|H<<1|M<<2,L=F[b-1]|F[b-y]<<1|I[b]<<2,C=F[b-y-1]|F[b-y+1]<<1|I[b-1]<<2|I[b+1]<<3|I[b-y]<<4|I[b+y]<<5,N=I[b-y-1]|I[b-y+1]<<1|I[b+y-1]<<2|I[b+y+1]<<3|F[b-2]<<4|F[b-2*y]<<5|ae[b]<<6,V=x[k+O]|x[q]<<1|ee[k]<<2|x[q+O]<<3|ee[k+O]<<4|ee[q]<<5|ee[q+O]<<6,K=e.decide(L<<3|z,64+(L|C<<3),576+(L|C<<3|N<<9),66112+(R<<6|L<<3|z),70208+(V<<6|L<<3|z),78400+(te<<3|z),0,0);F[b]=K,c[B]|=K<<z}}}}}return c}function jt(e,t,r){let n=new Uint32Array(t+1);for(let a of r)n[e[a]+1]++;for(let a=0;a<t;a++)n[a+1]+=n[a];let o=n.slice(),s=new Uint32Array(r.length);for(let a of r)s[o[e[a]]++]=a;return{order:s,starts:n}}var rn=65535,nn=0,Wt=1;function Gt(e,t){let r=e.u16(),n=e.u8(),o=e.u8(),s=r===rn?null:t.base(r);n>Wt&&U(`${e.where}: a topology of form ${n}`);let a=s===null?0:s.depth;if((o!==0||a>t.depth||a===t.depth&&n!==nn)&&e.reject(`a topology of form ${n} from depth ${a} to ${t.depth}`),s!==null&&a===t.depth)return{same:s};if(t.work(t.places),a===t.depth)return Fe;let l=n===Wt?sn(e,t):on(e,t),i=s===null?Fe:_t(s.voxels);for(;a<t.depth;a++)i=At(i,l.read(i),f=>{f<=t.maxVoxels||e.reject(`an octree has ${f} voxels at depth ${a+1}, more than there may be`)});return l.finish(),i}function on(e,{work:t}){return{read:({count:r})=>(t(2*r),Uint8Array.from(he(e,r,256,null))),finish:()=>{}}}function sn(e,{work:t}){t(Math.floor(111168/8));let r=new me(e,111168,1,1);return{read:n=>{let o=an(n);return t(8*n.count+Math.floor(o[0]*o[1]/2)),Ht(r,n,o)},finish:()=>r.finish()}}function an({count:e,x:t,y:r,z:n}){return[t,r,n].map(o=>{let s=-1;for(let a=0;a<e;a++)s=Math.max(s,o[a]);return s+1})}var Be=v.memory,Le=4,Yt={tag:1,kind:"octree",readHeader(e,t){e.fields(1,e.array(1),4),t!==3&&d(`${e.where}: an octree in ${t} dimensions`);let r=e.item(1,1,0);T(r,v.depth,"as an octree's depth");let n=e.item(1,2,1);T(n,v.voxels,"voxels in a level");let o=e.item(1,3,0);(o<8||o>8*n)&&d(`${e.where}: ${o} corners of ${n} voxels`);let s={voxels:new Uint32Array(0),corners:new Uint32Array(0)};return{layout:{kind:"octree",depth:r,voxelCount:n,...s},rows:o}},read(e,t,{rows:r,where:n,work:o,earlier:s}){let{depth:a,voxelCount:l}=t,i=Gt(e,{depth:a,places:l+r,work:u=>o.add(u,n),maxVoxels:l,base(u){let m=s(u);return m!==null&&ln(m)?m:e.reject(`position ${u} is no octree that came earlier`)}}),f="same"in i?i.same.voxelCount:i.count;f!==l&&d(`${n}: its octree has ${f} voxels, but the header says ${l}`);let c="same"in i?i.same.corners:Tt(i,a);c.length!==r&&d(`${n}: its octree has ${c.length} corners, but the header says ${r}`),t.corners=c,t.voxels="same"in i?i.same.voxels:Et(i)},memory:({voxelCount:e},t)=>({held:Be.voxel*e+Be.corner*t,step:Be.readingVoxel*e}),empty:e=>({...e,voxels:new Uint32Array(0),corners:new Uint32Array(0)}),lattice({depth:e,corners:t},r){let n=2**e+1;return{nz:n,ny:n,nx:n,sites:t,rows:r}},voxels:({voxels:e})=>e,resolution:({depth:e})=>[2**e,2**e,2**e],cellsAlong:({depth:e})=>[2**e,2**e,2**e],*cells({voxels:e}){for(let t of e)yield[G(t),G(t>>>1),G(t>>>2)]},gpu:{members({depth:e}){let t=2**e+1;return{layout_tag:Q("LAYOUT","octree"),size_x:t,size_y:t,size_z:t,corners:8}},numBlocks:Kt,blocks(e){let t=Kt(e),r=new Uint32Array(t*Le),{corners:n}=e,o=0;for(let s=0;s<n.length;s++){let a=n[s],l=Math.floor(a/xe.SITES_PER_BLOCK);for(;o<l;)r[++o*Le]=s;let i=a-l*xe.SITES_PER_BLOCK;r[l*Le+1+(i>>5)]|=1<<(i&31)}for(;o<t-1;)r[++o*Le]=n.length;return r}}};function ln(e){return e.kind==="octree"}function Kt({depth:e}){return Math.ceil((2**e+1)**3/xe.SITES_PER_BLOCK)}var We=new ce("layout",[Pt,Yt]);function Xt(e){return We.of(e)}var qt=v.memory;function Qt(e){let t=0;for(let o of e.field.networks)for(let{outputs:s,inputs:a}of o.layers)t+=s*(a+1);let r=qt.weight*t,n=e.occupancy===null?0:qt.readingCell*pe(e.occupancy);for(let{layout:o,rows:s,features:a,form:l}of e.levels){let i=Oe(l).memory(l,s,a),f=Xt(o).memory(o,s);r+=i.held+f.held,n=Math.max(n,i.step+f.step)}return 2*r+n}var Zt=40,ye=class{value;constructor(t){this.value=t}};function er(e,t,r={count:0}){let n=new Ge(e,t,r),o=n.item(1),s=e.subarray(n.at);return(s.length>3||s.some(a=>a!==0))&&n.reject("more follows the item"),o}function Jt(e,t){if(e instanceof ye)return e.value;if(e instanceof Uint8Array)return d(`${t}: a byte string`);if(Array.isArray(e))return e.map(r=>Jt(r,t));if(e instanceof Map){let r=Object.create(null);for(let[n,o]of e)typeof n!="string"&&d(`${t}: a number for a key`),r[n]=Jt(o,t);return r}return e}var cn=new TextDecoder("utf-8",{fatal:!0,ignoreBOM:!0}),Ge=class{at=0;items;bytes;view;where;constructor(t,r,n){this.items=n,this.bytes=t,this.view=new DataView(t.buffer,t.byteOffset,t.length),this.where=r}reject(t){d(`${this.where}: CBOR at byte ${this.at}: ${t}`)}take(t){t>this.bytes.length-this.at&&this.reject("it ends too early");let r=this.at;return this.at+=t,r}argument(t){if(t<24)return t;let r,n;if(t===24)r=this.bytes[this.take(1)],n=24;else if(t===25)r=this.view.getUint16(this.take(2)),n=2**8;else if(t===26)r=this.view.getUint32(this.take(4)),n=2**16;else if(t===27){let o=this.view.getBigUint64(this.take(8));r=o<=Number.MAX_SAFE_INTEGER?Number(o):o,n=2**32}else return this.reject("an indefinite length or a reserved form");return r<n&&this.reject("a number is not in its shortest form"),r}length(t){let r=this.argument(t);return r>this.bytes.length-this.at&&this.reject("it ends too early"),Number(r)}item(t){++this.items.count>v.items&&oe(`${this.where}: more than ${v.items} CBOR items`),t>Zt&&this.reject(`it is nested deeper than ${Zt}`);let r=this.bytes[this.take(1)],n=r>>5,o=r&31;switch(n){case 0:return this.argument(o);case 1:{let s=-1n-BigInt(this.argument(o));return s>=Number.MIN_SAFE_INTEGER?Number(s):s}case 2:{let s=this.length(o),a=this.take(s);return this.bytes.slice(a,a+s)}case 3:return this.text(o);case 4:{let s=[];for(let a=this.length(o);a>0;a--)s.push(this.item(t+1));return s}case 5:return this.map(o,t);case 6:return this.reject("a tag");default:return this.simple(o)}}text(t){let r=this.length(t),n=this.take(r);try{return cn.decode(this.bytes.subarray(n,n+r))}catch{return this.reject("a text that is not UTF-8")}}map(t,r){let n=new Map,o=null,s=null;for(let a=this.length(t);a>0;a--){let l=this.at,i=this.bytes[this.take(1)]>>5;i!==0&&i!==3&&this.reject("a key is neither a text nor unsigned"),this.at=l;let f=this.item(r+1),c=this.bytes.subarray(l,this.at),u=i===3?"text":"number";s!==null&&s!==u&&this.reject("a map has texts and numbers for keys"),o!==null&&fn(o,c)>=0&&this.reject("the keys of a map are not in order, or equal"),s=u,o=c,n.set(f,this.item(r+1))}return n}simple(t){if(t===20)return!1;if(t===21)return!0;if(t===22)return null;let r,n=!1;if(t===25)r=Pe(this.view.getUint16(this.take(2)));else if(t===26)r=this.view.getFloat32(this.take(4)),n=un(r);else if(t===27)r=this.view.getFloat64(this.take(8)),n=Math.fround(r)===r;else return this.reject("a simple value other than true, false and null");return Number.isFinite(r)||this.reject("a float is not finite"),n&&this.reject("a float is not in its shortest form"),new ye(r)}};function un(e){let t=Math.abs(e);if(t>65504)return!1;let r=Math.max(Math.floor(Math.log2(t||1)),-14);return[r-1,r,r+1].some(n=>{let o=t/2**(Math.max(n,-14)-10);return Number.isInteger(o)&&o<2048})}function fn(e,t){let r=Math.min(e.length,t.length);for(let n=0;n<r;n++)if(e[n]!==t[n])return e[n]-t[n];return e.length-t.length}function se(e,t,r){e instanceof Map||d(`${t} is not a map`);for(let n of e.keys())typeof n=="string"&&d(`${t} has the text ${JSON.stringify(n)} for a key`),r.includes(n)||U(`${t} has an entry ${n}`);return new Ke(e,t)}var Ke=class{where;map;constructor(t,r){this.map=t,this.where=r}has(t){return this.map.has(t)}get(t){let r=this.map.get(t);return r===void 0?d(`${this.where} has no entry ${t}`):r}asInteger(t,r,n){let o=typeof t=="bigint"?Number(t):t;return typeof o!="number"?d(`${this.where}: ${r} is not an integer`):(o<n&&d(`${this.where}: ${r} is ${o}, below ${n}`),o)}integer(t,r=0){return this.asInteger(this.get(t),`entry ${t}`,r)}name(t,r){return r[this.oneOf(this.get(t),r.length,`entry ${t}`)]}bytes(t){let r=this.get(t);return r instanceof Uint8Array?r:d(`${this.where}: entry ${t} is not a byte string`)}text(t){let r=this.get(t);return typeof r=="string"?r:d(`${this.where}: entry ${t} is not a text`)}boolean(t){let r=this.get(t);return typeof r=="boolean"?r:d(`${this.where}: entry ${t} is neither true nor false`)}float(t){return this.asFloat(this.get(t),`entry ${t}`)}asFloat(t,r){return!(t instanceof ye)||Math.abs(t.value)>1e30?d(`${this.where}: ${r} is not a float of at most 1e30`):t.value}array(t){let r=this.get(t);return Array.isArray(r)?r:d(`${this.where}: entry ${t} is not an array`)}item(t,r,n){return this.asInteger(this.array(t)[r],`item ${r} of entry ${t}`,n)}floatItem(t,r){return this.asFloat(this.array(t)[r],`item ${r} of entry ${t}`)}choice(t,r,n){return r.length===0&&d(`${this.where}: entry ${t} is empty`),this.choiceAt(t,0,n)}id(t){let r=this.array(t);return r.length===0&&d(`${this.where}: entry ${t} is empty`),this.asInteger(r[0],`item 0 of entry ${t}`,0)}whereId(t){return`${this.where}: item 0 of entry ${t}`}choiceAt(t,r,n){return this.oneOf(this.array(t)[r],n,`item ${r} of entry ${t}`)}oneOf(t,r,n){let o=this.asInteger(t,n,0);return o>=r&&U(`${this.where}: ${n} is ${o}`),o}fields(t,r,n){r.length!==n&&d(`${this.where}: entry ${t} has ${r.length} items instead of ${n}`)}};var mn=["none","relu","leaky_relu","sine","softplus","exp","sigmoid","tanh","snake_alt","elu","silu"],tr=new Float32Array(0),hn=["features","position","direction"];function nr(e,t,r,n){let o=e.array(3);o.length===0&&d("header: no networks"),T(o.length,v.networks,"networks");let s=new Map([["position",r]]);n>0&&s.set("features",n),t==="nerf"&&s.set("direction",3);let a=[];o.forEach((f,c)=>{let u=se(f,`header: network ${c}`,[0,1,2,3]),m=dn(u,s);(hn.includes(m.name)||s.has(m.name))&&d(`${u.where}: the name ${JSON.stringify(m.name)} is taken`),a.push(m),s.set(m.name,rr(m))});let l=rr(a[a.length-1]),i={nerf:3,sdf:1,scalar:null}[t];return i!==null&&l!==i&&d(`header: the last network of a field of kind ${t} has ${l} outputs`),t==="nerf"&&r!==3&&d("header: a field of kind nerf in 2-D"),t==="nerf"&&!a.some(({name:f})=>f==="density")&&d('header: a field of kind nerf has no network "density"'),a}function rr({layers:e}){return e[e.length-1].outputs}function dn(e,t){let{where:r}=e,n=e.text(0),o=[...n].length;(o<1||o>64)&&d(`${r}: a name of ${o} characters`);let s=e.array(1);s.length===0&&d(`${r} has no inputs`),T(s.length,v.inputs,"inputs of a network");let a=0,l=s.map((m,h)=>{let{input:p,width:y}=pn(se(m,`${r}, input ${h}`,[0,1,2]),t);return a+=y,p}),i=e.array(2);i.length===0&&d(`${r} has no layers`),T(i.length,v.layers,"layers of a network");let f=e.has(3)?e.array(3).map((m,h)=>e.item(3,h,1)):[];for(let m of f)m>=i.length&&d(`${r}: a skip to layer ${m}, which is not there`);new Set(f).size!==f.length&&d(`${r}: a skip is listed twice`);let c=a,u=i.map((m,h)=>{let p=bn(se(m,`${r}, layer ${h}`,[0,1,2,3,4]));return f.includes(h)&&(c+=a),p.inputs!==c&&d(`${r}, layer ${h}: ${p.inputs} inputs, but ${c} values enter it`),c=p.outputs,p});return{name:n,inputs:l,layers:u,skips:f.sort((m,h)=>m-h)}}function pn(e,t){let{where:r}=e,n=e.text(0),o=t.get(n);if(o===void 0)return d(`${r}: there is no source ${JSON.stringify(n)}`);let s=null,a=o;e.has(2)&&(e.fields(2,e.array(2),2),s=[e.item(2,0,0),e.item(2,1,0)],(s[0]>=s[1]||s[1]>o)&&d(`${r}: channels ${s[0]} to ${s[1]} of ${o}`),a=s[1]-s[0]);let{encoding:l,width:i}=yn(e,a);return{input:{source:n,encoding:l,slice:s},width:i}}function yn(e,t){let{where:r}=e,n=e.array(1),o=e.choice(1,n,3);if(o===0)return e.fields(1,n,1),{encoding:{kind:"identity"},width:t};if(o===1){e.fields(1,n,4);let a=e.item(1,1,0);T(a,v.frequencies,"frequencies");let l=e.floatItem(1,2),i=n[3];return typeof i!="boolean"?d(`${r}: include_input`):{encoding:{kind:"frequency",frequencies:a,scale:l,includeInput:i},width:t*(2*a+(i?1:0))}}e.fields(1,n,2);let s=e.item(1,1,1);return s>4&&d(`${r}: spherical harmonics of degree ${s}`),t!==3&&d(`${r}: spherical harmonics of ${t} channels`),{encoding:{kind:"spherical_harmonics",degree:s},width:s*s}}function bn(e){let t=e.integer(0,1),r=e.integer(1,1);T(Math.max(t,r),v.width,"values of a layer");let n=e.name(2,mn),o=e.boolean(3)?tr:null;return{outputs:t,inputs:r,activation:n,gain:e.float(4),weight:tr,bias:o}}var vn=["nerf","sdf","scalar"],gn=["sum","concat","product"];function or(e){let t=se(er(e,"header"),"header",[0,1,2,3,4]),r=t.name(0,vn),n=wn(t),o=n.length/2,s=[],a=t.array(2);T(a.length,v.grids,"grids");let l=a.map((p,y)=>xn(se(p,`header: grid ${y}`,[0,1,2]),o,s)),i=new Set(s.map(({lod:p})=>p)).add(0),f=Math.max(...i)+1;(i.size!==f||s.length>0&&!s.some(({lod:p})=>p===0))&&d(`header: its levels do not have the LODs 0 to ${f-1}, each at least once`);let c=s.reduce((p,{rows:y,features:g})=>p+y*g,0);T(c,v.values,"feature values");let u=null;if(t.has(4)){u=t.array(4).map((p,y)=>t.item(4,y,1)),u.length!==o&&d("header: the occupancy has another number of axes");for(let p of u)T(p,v.side,"occupancy cells along a side");T(pe(u),v.cells,"occupancy cells")}let m=nr(t,r,o,_n(l));return{field:{kind:r,dims:o,bounds:n,lods:f,lodsDecoded:0,grids:l,networks:m,occupancy:null,metadata:{}},levels:s,occupancy:u}}function wn(e){let t=e.bytes(1);t.length!==32&&t.length!==48&&d(`header: bounds of ${t.length} bytes (32 or 48 are needed)`);let r=new Float64Array(t.slice().buffer),n=r.length/2;for(let o=0;o<n;o++){let s=r[o],a=r[n+o],l=Math.max(Math.abs(s),Math.abs(a));(!(l<=1e30)||!(a-s>Math.max(1e-30,1e-6*l)))&&d(`header: the bounds from ${s} to ${a} are no range`)}return r}function xn(e,t,r){let n=e.name(0,gn),o=e.array(1);o.length===0&&d(`${e.where} has no levels`),T(o.length+r.length,v.levels,"levels");let s=e.has(2)?sr(e,2,t):null,a=o.map((i,f)=>{let c=se(i,`${e.where}, level ${f}`,[0,1,2,3,4]),u=kn(c,t,r.length,s);return r.push(u),u}),l=a.some(i=>i.features!==a[0].features);return n!=="concat"&&l&&d(`${e.where}: levels that share channels differ in their number of features`),{combine:n,levels:a}}function sr(e,t,r){let n=e.bytes(t),o=n.length/(4*(r+1));(!Number.isInteger(o)||o<1||o>r)&&d(`${e.where}: a transform of ${n.length} bytes`);let s=new Float32Array(n.slice().buffer);return s.every(Number.isFinite)||d(`${e.where}: the transform is not finite`),s}function kn(e,t,r,n){let o=n;e.has(4)&&(n!==null&&d(`${e.where} has a transform although its grid has one`),o=sr(e,4,t));let s=o===null?t:o.length/(t+1),a=e.integer(0);T(a,v.lods-1,"as the number of an LOD");let l=e.integer(2,1);T(l,v.features,"features");let i=We.tagged(e.id(1),e.whereId(1)),{layout:f,rows:c}=i.readHeader(e,s);T(c,v.vectors,"vectors in a level");let m=He.tagged(e.id(3),e.whereId(3)).readForm(e,l);return{lod:a,position:r,layout:f,transform:o,rows:c,features:l,form:m,code:null,layer:0}}function An(e,t){switch(e){case"sum":case"product":return t[0].features;case"concat":return t.reduce((n,{features:o})=>n+o,0)}return e}function _n(e){let t=0;for(let{combine:r,levels:n}of e)t+=An(r,n);return t}function ar(e,t){let r=0;for(let{lod:n,form:o}of e)n===t&&(r=Math.max(r,Oe(o).layers(o)-1));return r}function Ia(e,t){return e.reduce((r,{lod:n,layer:o})=>n===t?Math.max(r,o):r,0)}var ir=[137,78,70,67,13,10,26,10],we=20,cr=12;function En(e){return ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e)}function Ra(e,t={}){let r=En(e);if(Tn(r),r.length<we)return{need:we};let n=new DataView(r.buffer,r.byteOffset,r.length),o=r[8],s=r[9];o===0&&d("major version 0 in byte 8"),o>1&&U(`the file is of format version ${o}.${s}`);let a=n.getUint16(10,!0),l=n.getUint32(12,!0);T(a,v.chunks,"chunks"),T(l,v.headerBytes,"bytes of header");let i=we+cr*a,f=Math.ceil((i+l)/4)*4;if(r.length<f)return{need:f};Se(r.subarray(we,f),Se(r.subarray(0,16)))!==n.getUint32(16,!0)&&d("the front of the file fails its checksum"),r.subarray(i+l,f).some($=>$!==0)&&d("the padding of the header is not zero");let u=Cn(n,a,f),m=or(r.subarray(i,i+l)),h=In(u,m),p=Qt(m),y=t.memory??Ye;p>y&&oe(`decoding may take ${lr(p)} MiB of memory, above the limit of ${lr(y)} MiB`);let g=u[u.length-1],A=g.offset+g.length;return{version:[o,s],chunks:u,header:m,length:f,totalBytes:A,lodEnds:h}}function Tn(e){let t=Math.min(e.length,ir.length);for(let r=0;r<t;r++){if(e[r]===ir[r])continue;let o=String.fromCharCode(...e.subarray(0,200)).trimStart().startsWith("<")?" but an HTML or XML page":"";d(`this is not a .nfc file${o} (its first bytes are not the signature)`)}}function Cn(e,t,r){let n=[],o=r,s=0,a=0;for(let l=0;l<t;l++){let i=we+cr*l,f=[0,1,2,3].map(y=>e.getUint8(i+y)),c=String.fromCharCode(...f);/^[A-Za-z]{4}$/.test(c)||d(`the type of chunk ${l} is not four letters`);let u=e.getUint32(i+4,!0);u%4!==0&&d(`the length of chunk ${l} (${c}) is not a multiple of 4`);let m=["NETW","OCCU","LEVL","REFN","meta"].includes(c);if(c==="PICT")throw new ne("unsupported","this is a vq-nerf field, whose images come from networks that are not run here; `nfcodec render` draws it");!m&&/^[A-Z]/.test(c)&&U(`chunk ${l} is a critical chunk ${c}`),c==="meta"&&T(u,v.metadataBytes,"bytes of metadata in a chunk"),c==="LEVL"&&s++,c==="LEVL"&&(a=0),c==="REFN"&&a++;let p=c==="LEVL"||c==="REFN"?{lod:s-1,layer:a}:{lod:null,layer:0};n.push({type:c,offset:o,length:u,crc:e.getUint32(i+8,!0),known:m,...p}),o+=u}return n.filter(({type:l})=>l==="prev").length>1&&d("there are two prev chunks"),n}function In(e,t){let r=e.filter(({type:c})=>c!=="meta"&&/^[A-Z]/.test(c)),n=r.findIndex(({lod:c})=>c!==null),o=r.slice(0,n<0?r.length:n).map(({type:c})=>c),s=n<0?[]:r.slice(n),a=t.occupancy===null?["NETW"]:["NETW","OCCU"];(o.sort().join()!==a.join()||s.some(({lod:c})=>c===null))&&d(`${a.join(" and ")} are not there once each, in front of the levels`);let{lods:l}=t.field,i=s.filter(({type:c})=>c==="LEVL").length;i!==l&&d(`there are ${i} LEVL chunks for ${l} LODs`);let f=[];for(let c=0,u=0;c<l;c++){let m=ar(t.levels,c)+1,h=s.slice(u,u+=m),p=s.length-u;(h.some((A,$)=>A.lod!==c||A.layer!==$)||h.length<m)&&d(`LOD ${c} has other REFN chunks than the ${m-1} that its levels ask for`),c===l-1&&p>0&&d(`${p} REFN chunks too many`);let{offset:y,length:g}=h[m-1];f.push(y+g)}return f}function lr(e){return Math.ceil(e/2**20)}export{ne as a,d as b,Ye as c,pt as d,xe as e,Q as f,So as g,zo as h,St as i,Jr as j,zt as k,is as l,ls as m,Ut as n,je as o,Oe as p,ar as q,Ia as r,pe as s,Gt as t,Xt as u,er as v,Jt as w,An as x,Se as y,En as z,Ra as A};
