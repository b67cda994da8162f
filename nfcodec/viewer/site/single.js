"use strict";(()=>{var ji=Object.defineProperty;var v=(r,e,t)=>()=>{if(t)throw t[0];try{return r&&(e=r(r=0)),e}catch(n){throw t=[n],n}};var Gi=(r,e)=>{for(var t in e)ji(r,t,{get:e[t],enumerable:!0})};var x,Y=v(()=>{"use strict";x=class extends Error{code;constructor(e,t){super(t),this.name="NfcError",this.code=e}}});function y(r){throw new x("damaged",r)}function ne(r){throw new x("unsupported",`${r}; a newer decoder may read it`)}function Se(r){throw new x("limit",r)}var z=v(()=>{"use strict";Y()});var Re,fr=v(()=>{"use strict";z();Re=class{#e;#t=new Map;#r=new Map;constructor(e,t){this.#e=e;for(let n of t)this.add(n)}add(e){if(this.#t.has(e.tag)||this.#r.has(e.kind))throw new Error(`${this.#e} ${e.tag}, ${e.kind}, is registered already`);this.#t.set(e.tag,e),this.#r.set(e.kind,e)}remove(e){this.#t.delete(e.tag),this.#r.delete(e.kind)}tagged(e,t){return this.#t.get(e)??ne(`${t} is ${e}`)}of({kind:e}){let t=this.#r.get(e);if(t===void 0)throw new Error(`there is no ${this.#e} ${e}`);return t}[Symbol.iterator](){return this.#t.values()}}});function _e(r){return r.reduce((e,t)=>e*t,1)}var Ke=v(()=>{"use strict"});var dr,yn=v(()=>{dr={headerBytes:1048576,metadataBytes:16777216,items:1e6,chunks:4096,lods:64,grids:4096,levels:4096,vectors:268435456,voxels:268435456,values:4294967296,depth:10,side:65536,features:4096,networks:16,inputs:16,layers:64,width:16384,frequencies:32,cells:1073741824,work:{most:1073741824,free:2097152,perByte:256},memory:{most:4294967296,voxel:16,corner:8,index:2,value:2,weight:8,readingVoxel:64,readingIndex:48,readingCode:16,readingSlot:4,readingCell:80}}});function I(r,e,t){r>e&&Se(`${r} ${t}: at most ${e} are supported`)}var M,ct,ae=v(()=>{"use strict";yn();z();M=dr,ct=dr.memory.most});var hr,bn=v(()=>{hr={about:"The numbers that images are drawn with, for Python, the page and the WGSL programs alike. A constant is [value, type, unit and reason].",constants:{RADIANCE_VOXELS_WITHOUT_OCTREE:[128,"u32","samples of a radiance field without an octree along the longest side of the box"],VOXELS_WITHOUT_GRID:[256,"u32","voxels that a field without grids counts as having along the longest side of the box"],MIN_STEP_VOXELS:[.25,"f32","shortest step of sphere tracing, in voxels of the finest level"],MIN_STEP_SHARE:[.001953125,"f32","and as a share of the longest side of the box: 1/512"],SAMPLES_PER_SIDE:[192,"u32","least samples of a scalar volume along the longest side: a decoder adds detail of its own to a coarse grid"],FULL_DEPTH:[60,"f32","optical depth of the box's diagonal where a scalar field has its highest value, times opacity"],NORMAL_STEP_VOXELS:[.5,"f32","normals are differences over plus and minus this many voxels"],SLOPE_POINTS:[4096,"u32","points at which the slope of a field is measured"],MAX_SLOPE:[4,"f32","the steepest slope that a file may state: more makes drawing slow"],RANGE_POINTS_2D:[256,"u32","points along each axis at which the range of a 2-D scalar field is measured"],RANGE_POINTS_3D:[40,"u32","and of a 3-D one"],MIN_SAMPLES_PER_VOXEL:[.0625,"f32","bounds of the density of samples that a file may ask for"],MAX_SAMPLES_PER_VOXEL:[16,"f32",""],MIN_WEIGHT:[1e-4,"f32","samples of a radiance field that add less than this have no color computed"],MIN_TRANSMITTANCE:[.001,"f32","a ray ends once less than this passes"],MAX_SAMPLES:[1048576,"u32","a ray ends after this many samples, however short a file says its steps are"],WRAP:[.2,"f32","how far light reaches around a shape: the cosine beyond the terminator"],TOLERANCE:[.001,"f32","a hit is this close to the surface, in shortest steps times the slope bound"],REFINEMENTS:[16,"u32","most steps of regula falsi for one hit"],COLORS:[256,"u32","colors of a color map"],BLOCK_SHIFT:[3,"u32","blocks of the coarse occupancy bitmap have 2^3 cells a side"],SITES_PER_BLOCK:[96,"u32","lattice sites in a block of an octree's corner index"]}}});var Pe,gn=v(()=>{Pe={about:"What the WGSL programs share with the code that makes constants and fills buffers for them. docs/renderer.md explains it. A member is [name, type, meaning].",structs:{Params:[["eye","vec4<f32>","the eye, in box coordinates u"],["right","vec4<f32>","the camera's axes, in the field's own"],["up","vec4<f32>",""],["back","vec4<f32>",""],["lens","vec4<f32>","fx, fy, cx, cy in pixels"],["distortion","vec4<f32>","k1, k2, p1, p2"],["scale","vec4<f32>","u per unit of length along x, y, z"],["background","vec4<f32>","display-referred red, green, blue"],["march","vec4<f32>","step; nearest and farthest distance of the box to the eye; slope bound"],["surface","vec4<f32>","shortest step, step of normals (lengths); distance = z + w * value"],["transfer","vec4<f32>","low and high value, optical depth of one step at the high one; unused"],["tile","vec4<u32>","left, top, width, height: the pixels of this dispatch"],["image","vec4<u32>","width, height, rays along a pixel's side, mode"],["chosen","vec4<u32>","LOD, channel, flags, number of points"],["cells","vec4<u32>","cells along x, y, z; first word of their bitmap"],["blocks","vec4<u32>","first word of the bitmap of blocks of cells; unused"]],Whole:[["feature_blocks","u32","vectors of four that hold the features, from memory[0] on"],["position","u32","where memory holds u"],["direction","u32","where memory holds the direction seen along"],["scratch","u32","where memory holds low-rank coefficients"],["density","u32","where memory holds the density"],["output","u32","where memory holds the last network's outputs"],["channels","u32","number of those outputs"],["radiance","u32","1 for a field with a density and colors"]],Input:[["encoding","u32","ENCODING_..."],["source","u32","where memory holds the source"],["begin","u32","the source's channels that enter"],["end","u32",""],["result","u32","where memory takes the encoded values"],["raw","u32","1 if the values themselves come before their sines"],["frequencies","u32","number of frequencies, or of blocks of spherical harmonics"],["scale","f32","the lowest frequency"]],Layer:[["input","u32","where memory holds its input"],["columns","u32","vectors of four of that"],["entry","u32","where memory holds the network's encoded input"],["entry_columns","u32","vectors of four of that; 0 unless the input is appended"],["output","u32","where memory takes its output"],["rows","u32","vectors of four of that"],["weights","u32","first vector of its weights"],["activation","u32","ACTIVATION_..."],["gain","f32","factor before the activation"]],Level:[["x","vec4<f32>","rows of the transform from the box to the level"],["y","vec4<f32>",""],["z","vec4<f32>",""],["layout_tag","u32","LAYOUT_..."],["code_tag","u32","CODE_..."],["lod","u32","the LOD that adds it"],["multiplies","u32","1 + the LOD from which it multiplies what earlier levels gave; 0: never"],["features","u32","number of channels"],["channel","u32","its first channel among all features"],["size_x","u32","lattice sites along x, y, z"],["size_y","u32",""],["size_z","u32",""],["aligned","u32","1 if u = -1 and u = 1 lie on the first and last site"],["border","u32","1 if points outside take the value at the border"],["corners","u32","sites that surround a point: 2, 4 or 8"],["sites","u32","octree: first block of the corner index"],["vectors_buffer","u32","words: vectors, codebook or coefficients"],["vectors","u32",""],["pitch","u32","words from one vector to the next"],["codes_buffer","u32","words: packed indices"],["codes","u32",""],["bits","u32","bits of an index"],["basis_buffer","u32","words: the mean, then the basis"],["basis","u32",""],["rank","u32","number of basis vectors"]]},programs:{points:["layouts","codes","levels","networks","rays","points"],radiance:["layouts","codes","levels","networks","rays","radiance"],surface:["layouts","codes","levels","networks","rays","distance","surface"],volume:["layouts","codes","levels","networks","rays","transfer","volume"],plane:["layouts","codes","levels","networks","rays","transfer","plane"],slope:["layouts","codes","levels","networks","distance","slope"],range:["layouts","codes","levels","networks","range"]},constants:{LAYOUT_DENSE:0,LAYOUT_OCTREE:1,CODE_FLOAT16:0,CODE_VQ:1,CODE_LOWRANK:2,CODE_FLOAT32:3,ENCODING_IDENTITY:0,ENCODING_FREQUENCY:1,ENCODING_SPHERICAL_HARMONICS:2,ACTIVATION_NONE:0,ACTIVATION_RELU:1,ACTIVATION_LEAKY_RELU:2,ACTIVATION_SINE:3,ACTIVATION_SOFTPLUS:4,ACTIVATION_EXP:5,ACTIVATION_SIGMOID:6,ACTIVATION_TANH:7,ACTIVATION_SNAKE_ALT:8,ACTIVATION_ELU:9,ACTIVATION_SILU:10,MODE_SHADED:0,MODE_DEPTH:1,MODE_NORMALS:2,MODE_ISO:3,MODE_MATCAP:4,FLAG_DISTORTED:1,FLAG_EXACT_DISTANCE:2}}});var vn,wn=v(()=>{vn=`// What every program reads and writes. Above this text stand the structs of tables.json, the
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
`});var kn,xn=v(()=>{kn=`// Puts a finished image on the page's canvas, pixel by pixel.

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
`});var En,An=v(()=>{En=`// What a level's vectors are, from its codes as they are stored.

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
`});var Tn,Mn=v(()=>{Tn=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

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
`});var Sn,Ln=v(()=>{Sn=`// Where a level's vectors sit: a function for each layout, and a case for it in \`locate\`.

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
`});var On,_n=v(()=>{On=`// The features at a point: every level in use, interpolated and combined.

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
`});var In,Cn=v(()=>{In=`// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
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
`});var Un,Pn=v(()=>{Un=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

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
`});var $n,Fn=v(()=>{$n=`// Values at points: params.chosen.w of them, each a position u and a direction.

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
`});var Nn,Rn=v(()=>{Nn=`// An image of a radiance field: emission and absorption along rays (formats/nfc-v1-evaluation.md, E9).



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
`});var Dn,zn=v(()=>{Dn=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
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
`});var Vn,Bn=v(()=>{Vn=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
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
`});var jn,Hn=v(()=>{jn=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
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
`});var Wn,Gn=v(()=>{Wn=`// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
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
`});var Yn,Kn=v(()=>{Yn=`// From values to colors.

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
`});var qn,Xn=v(()=>{qn=`// An image of a scalar volume through a color map: emission and absorption, in display-referred
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
`});var Qn,Zn=v(()=>{Qn=`// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
`});var eo,Jn=v(()=>{eo=`// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
`});var ro,to=v(()=>{ro=`// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
`});var oo,no=v(()=>{oo=`// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
`});var ut,mr=v(()=>{"use strict";wn();xn();An();Mn();Ln();_n();Cn();Pn();Fn();Rn();zn();Bn();Hn();Gn();Kn();Xn();Zn();Jn();to();no();ut={"bindings.wgsl":vn,"blit.wgsl":kn,"codes.wgsl":En,"distance.wgsl":Tn,"layouts.wgsl":Sn,"levels.wgsl":On,"networks.wgsl":In,"plane.wgsl":Un,"points.wgsl":$n,"radiance.wgsl":Nn,"range.wgsl":Dn,"rays.wgsl":Vn,"slope.wgsl":jn,"surface.wgsl":Wn,"transfer.wgsl":Yn,"volume.wgsl":qn,"weights_storage.wgsl":Qn,"weights_uniform.wgsl":eo,"words_one.wgsl":ro,"words_three.wgsl":oo}});function H(r,e){return Pe.constants[`${r}_${e.toUpperCase()}`]}function ao(r){let e=new Map,t=0;for(let[n,o]of Pe.structs[r])e.set(n,t),t+=o.startsWith("vec4")?4:1;return{at:e,count:t}}function lo(r,e,t){let o=["bindings",...t,...Pe.programs[r]].map(s=>ut[`${s}.wgsl`]);return[...ba(),...ga(e),...o,...wa(e)].join(`
`)+`
`}function*ba(){for(let[r,e]of Object.entries(Pe.structs)){yield`struct ${r} {`;for(let[t,n]of e)yield`    ${t}: ${n},`;yield"}"}}function*ga(r){for(let[t,n]of Object.entries({...Pe.constants,...r.sizes}))yield`const ${t} = ${n}u;`;for(let[t,[n,o]]of Object.entries(hr.constants))yield`const ${t}: ${o} = ${n};`;yield`const WHOLE = ${so("Whole",r.whole)};`;let e=[["Level",r.levels],["Input",r.inputs],["Layer",r.layers]];for(let[t,n]of e)for(let[o,s]of n.entries())yield`const ${t.toUpperCase()}_${o} = ${so(t,s)};`}function so(r,e){let t=Pe.structs[r].map(([n,o])=>{let s=e[n]??0;return typeof s!="number"?`${o}(${s.map(io).join(", ")})`:o==="u32"?`${s}u`:io(s)});return`${r}(${t.join(", ")})`}function io(r){let e=String(Math.fround(r));return/[.e]/.test(e)?e:`${e}.0`}function*wa(r){yield"fn read_features(u: vec3<f32>) {",yield"    clear_features();";for(let[s,{lod:i,until:a}]of r.levels.entries()){let l=a===void 0?"":` && params.chosen.x < ${a}u`;yield`    if (params.chosen.x >= ${i}u${l}) {`,yield`        add_level(LEVEL_${s}, u);`,yield"    }"}yield"}";let e=0,t=0,n=r.firstNetworks,o={first:r.calls.slice(0,n),last:r.calls.slice(n)};for(let[s,i]of Object.entries(o)){yield`fn run_${s}_networks() {`;for(let[a,l]of i){for(let c=0;c<a;c++)yield`    encode(INPUT_${e++});`;for(let c=0;c<l;c++)yield`    run_layer(LAYER_${t++});`}yield"}"}}var C,le=v(()=>{"use strict";bn();gn();mr();C=Object.fromEntries(Object.entries(hr.constants).map(([r,[e]])=>[r,e]))});var co,uo,fo=v(()=>{"use strict";z();Ke();ae();le();co=["zeros","border"],uo={tag:0,kind:"dense",readHeader(r,e){let t=r.array(1);r.fields(1,t,3+e);let n=t[1];typeof n!="boolean"&&y(`${r.where}: align_corners`);let o=co[r.choiceAt(1,2,co.length)],s=t.slice(3).map((i,a)=>r.item(1,3+a,1));for(let i of s)I(i,M.side,"points along a side");return{layout:{kind:"dense",alignCorners:n,padding:o,shape:s},rows:_e(s)}},read:()=>{},memory:()=>({held:0,step:0}),empty:r=>r,lattice({shape:r},e){let[t,n=1,o=1]=[...r].reverse();return{nz:o,ny:n,nx:t,sites:null,rows:e}},voxels:()=>null,resolution:({shape:r,alignCorners:e})=>[...r].reverse().map(t=>e?Math.max(t-1,1):t),cellsAlong:()=>null,cells:()=>[],gpu:{members({shape:r,alignCorners:e,padding:t}){let[n,o=1,s=1]=[...r].reverse();return{layout_tag:H("LAYOUT","dense"),size_x:n,size_y:o,size_z:s,aligned:e?1:0,border:t==="border"?1:0,corners:1<<r.length}},numBlocks:()=>0,blocks:()=>new Uint32Array(0)}}});function mo(r,e,t){let[n,o,s]=t,{count:i,x:a,y:l,z:c}=e,u=new Uint8Array(i),d=ho(l,o,Uint32Array.from({length:i},(E,T)=>T)).order,{order:f,starts:h}=ho(c,s,d),m=n+2,p=2*n+3,w=Array.from({length:3},()=>new Uint8Array(m*(o+2))),b=Array.from({length:3},()=>new Uint8Array(p*(2*o+3))),A=(E,T)=>{for(let _=h[E];_<h[E+1];_++){let O=f[_];w[E%3][(l[O]+1)*m+a[O]+1]=T}},S=E=>{let T=E>>1;for(let _=h[T];_<h[T+1];_++){let O=(2*l[f[_]]+2)*p+2*a[f[_]]+2;b[E%3].fill(0,O,O+2).fill(0,O+p,O+p+2)}};A(0,1);for(let E=0;E<s;E++){E>=2&&A(E-2,0),E+1<s&&A(E+1,1);let T=w[E%3],_=w[(E+2)%3],O=w[(E+1)%3];for(let U=0;U<2;U++){let Q=2*E+U;Q>=3&&S(Q-3);let G=b[Q%3],F=b[(Q+2)%3],ye=b[(Q+1)%3],be=U===1?O:_;for(let J=h[E],ee=J;J<h[E+1];J=ee){for(;ee<h[E+1]&&l[f[ee]]===l[f[J]];)ee++;for(let te=0;te<2;te++)for(let he=J;he<ee;he++){let X=f[he],L=(l[X]+1)*m+a[X]+1,re=L+(te===1?m:-m),D=T[L-1]|T[L+1]<<1|T[L-m]<<2|T[L+m]<<3|_[L]<<4|O[L]<<5,W=T[L-m-1]|T[L-m+1]<<1|T[L+m-1]<<2|T[L+m+1]<<3|_[L-1]<<4|_[L+1]<<5|_[L-m]<<6|_[L+m]<<7|O[L-1]<<8|O[L+1]<<9|O[L-m]<<10|O[L+m]<<11;for(let q=0;q<2;q++){let k=(2*l[X]+2+te)*p+2*a[X]+2+q,B=q===1?1:-1,K=q|te<<1|U<<2,V=G[k-1]|G[k-p]<<1|F[k]<<2,R=G[k-p-1]|G[k-p+1]<<1|F[k-1]<<2|F[k+1]<<3|F[k-p]<<4|F[k+p]<<5,Z=F[k-p-1]|F[k-p+1]<<1|F[k+p-1]<<2|F[k+p+1]<<3|G[k-2]<<4|G[k-2*p]<<5|ye[k]<<6,ue=T[L+B]|T[re]<<1|be[L]<<2|T[re+B]<<3|be[L+B]<<4|be[re]<<5|be[re+B]<<6,ge=r.decide(V<<3|K,64+(V|R<<3),576+(V|R<<3|Z<<9),66112+(D<<6|V<<3|K),70208+(ue<<6|V<<3|K),78400+(W<<3|K),0,0);G[k]=ge,u[X]|=ge<<K}}}}}return u}function ho(r,e,t){let n=new Uint32Array(e+1);for(let i of t)n[r[i]+1]++;for(let i=0;i<e;i++)n[i+1]+=n[i];let o=n.slice(),s=new Uint32Array(t.length);for(let i of t)s[o[r[i]]++]=i;return{order:s,starts:n}}var po=v(()=>{"use strict"});function Ne(r,e,t){let n=r+(Math.imul(e,t)+65536>>17)|0;return n>131071?131071:n<-131071?-131071:n}function ze(r,e,t){let n=r&255,o=r>>8;return o+(Math.imul(e-o,t[n])>>11)<<8|(n<80?n+1:80)}var pr,yo,va,yr,bo,xa,ka,Oe,ft=v(()=>{"use strict";pr=[22,36,60,98,162,267,439,720,1179,1921,3108,4971,7812,11955,17625,24743,32768,40793,47911,53581,57724,60565,62428,63615,64357,64816,65097,65269,65374,65438,65476,65500,65514],yo=6,va=[1,2,3,5,10,25,80],yr=Int32Array.from({length:4096},(r,e)=>{let t=e&127;return pr[e>>7]*(128-t)+pr[(e>>7)+1]*t+64>>7}),bo=new Int16Array(4096).fill(2047);for(let r=2047;r>=-2047;r--){let e=r>-2047?(yr[r+2047]>>4)+1:0;for(let t=e;t<=yr[r+2048]>>4;t++)bo[t]=r}xa=Int32Array.from({length:256},(r,e)=>Math.floor(20480/(10*e+16))),ka=Int32Array.from({length:256},(r,e)=>va.filter(t=>e>=t).length),Oe=class{payload;bytes;next=4;state=Uint32Array.of(0,4294967295);slots;weights;corrections;constructor(e,t,n,o){this.payload=e,this.bytes=e.byteArray(e.u32());let[s,i,a,l]=this.bytes;this.state[0]=s<<24|i<<16|a<<8|l,(this.bytes.length<4||this.state[0]===4294967295)&&e.reject("bytes of a range coder cannot begin like this"),this.slots=new Int32Array(t),this.weights=new Int32Array(n*yo*8),this.corrections=new Int32Array(33*o),this.reset()}reset(){this.slots.fill(1<<27),this.weights.fill(4096),this.corrections.forEach((e,t,n)=>n[t]=pr[t%33])}decide(e,t,n,o,s,i,a,l){let{slots:c,weights:u,corrections:d,state:f,bytes:h}=this,m=bo,p=ka,w=xa,b=a*yo*8,A=c[e],S=c[t],E=c[n],T=c[o],_=c[s],O=c[i],U=m[A>>16],Q=m[S>>16],G=m[E>>16],F=m[T>>16],ye=m[_>>16],be=m[O>>16],J=b+p[A&255],ee=b+8+p[S&255],te=b+16+p[E&255],he=b+24+p[T&255],X=b+32+p[_&255],L=b+40+p[O&255],re=Math.imul(u[J],U)+Math.imul(u[ee],Q)+Math.imul(u[te],G)+Math.imul(u[he],F)+Math.imul(u[X],ye)+Math.imul(u[L],be)|0,D=Math.min(Math.max(re>>14,-2047),2047)+2048,W=yr[D],q=D&127,k=l*33+(D>>7),B=Math.imul(d[k],128-q)+Math.imul(d[k+1],q)>>7,K=Math.min(Math.max(W+B+1>>1,16),65520),V=f[0],R=f[1],Z=Math.imul(R>>>16,K)>>>0,ue=0;for(V<Z?(ue=1,R=Z):(V-=Z,R-=Z);R<16777216;)R=R<<8>>>0,V=(V<<8|(this.next<h.length?h[this.next]:0))>>>0,this.next++;f[0]=V,f[1]=R,q>=64&&k++,d[k]+=65535*ue-d[k]>>6;let ge=(ue<<16)-W,Le=1048575*ue;return u[J]=Ne(u[J],U,ge),u[ee]=Ne(u[ee],Q,ge),u[te]=Ne(u[te],G,ge),u[he]=Ne(u[he],F,ge),u[X]=Ne(u[X],ye,ge),u[L]=Ne(u[L],be,ge),c[e]=ze(A,Le,w),c[t]=ze(S,Le,w),c[n]=ze(E,Le,w),c[o]=ze(T,Le,w),c[s]=ze(_,Le,w),c[i]=ze(O,Le,w),ue}descend(e,t,n,o,s,i,a,l,c){for(let u=0;n>=t;u++){let d=n-t,f=u<3?u:3;n=e[2*d+this.decide(o+d,s+d,i+d,a+d,l+d,c+d,f,d)]}return n}finish(){(this.state[0]!==0||this.next!==this.bytes.length)&&this.payload.reject("its range coder's bytes do not end where its decisions do")}}});var dt,go=v(()=>{"use strict";dt=class{payload;words;next=0;high=0;low=0;constructor(e){this.payload=e,this.words=e.words(e.u32()),this.words.length>0&&(this.words[0]===0&&e.reject("the first ANS word is 0"),this.low=this.words[this.next++]),this.words.length>1&&(this.high=this.low,this.low=this.words[this.next++])}decode(e,t){let{starts:n,symbols:o,lookup:s,shift:i}=e,a=this.words,l=a.length,c=this.next,u=this.high,d=this.low;for(let f=0;f<t.length;f++){let h=d&16777215,m=s[h>>>i];for(;n[m+1]<=h;)m++;let p=n[m],w=n[m+1]-p,b=u>>>24,A=(u<<8|d>>>24)>>>0,S=Math.imul(w,A)>>>0;u=(w*A-S)*2**-32+.5+w*b>>>0,S+=h-p,S>=4294967296&&(u=u+1>>>0),d=S>>>0,u===0&&c<l&&(u=d,d=a[c++]),t[f]=o[m]}this.next=c,this.high=u,this.low=d}finish(){(this.high!==0||this.low!==0||this.next!==this.words.length)&&this.payload.reject("its ANS words do not end where its symbols do")}}});function br(r){let e=r&32768?-1:1,t=r>>>10&31,n=r&1023;return t===31?n?NaN:e*(1/0):t===0?e*n*2**-24:e*(1024+n)*2**(t-25)}function wo(r){for(let e=0;e<r.length;e++)if((r[e]&31744)===31744)return!1;return!0}function vo(r){let e=new Float32Array(r.length);for(let t=0;t<r.length;t++)e[t]=br(r[t]);return e}function xo(r,e){if(r===0)return 0;let t=r<0?32768:0,n=Math.abs(r),o=31-Math.clz32(n)+e;if(o<10)return t|n*2**e;let s=n*2**(e-o+10);return t|(o-9<<10)+s-1024}function ko(r){let e=new Uint16Array(r.length),t=new Uint32Array(r.buffer,r.byteOffset,r.length);for(let n=0;n<r.length;n++){let o=t[n]>>>16&32768,s=t[n]&2147483647;if(s<947912704){let i=Math.abs(r[n])*16777216,a=Math.floor(i),l=i-a>.5||i-a===.5&&a%2===1;e[n]=o|a+(l?1:0)}else{let i=s-939524096+4095+(s>>>13&1)>>>13;e[n]=o|Math.min(i,31743)}}return e}var De=v(()=>{"use strict"});function Ao({ny:r,nx:e}){return r*e}function gr(r){return r.nz*r.ny*r.nx}var Eo=v(()=>{"use strict"});function Mo(r,e,t){let n=0;for(let l=0;l<r.count;l++)n+=Ye[e[l]];t(n);let o=new Uint16Array(n),s=new Uint16Array(n),i=new Uint16Array(n),a=0;for(let l=0;l<r.count;l++)for(let c=0;c<8;c++)(e[l]>>c&1)!==0&&(o[a]=2*r.x[l]+(c&1),s[a]=2*r.y[l]+(c>>1&1),i[a]=2*r.z[l]+(c>>2),a++);return{count:n,x:o,y:s,z:i}}function To(r){return{count:r.length,x:Uint16Array.from(r,e=>me(e)),y:Uint16Array.from(r,e=>me(e>>>1)),z:Uint16Array.from(r,e=>me(e>>>2))}}function wr(r){return r=(r|r<<16)&50331903,r=(r|r<<8)&50393103,r=(r|r<<4)&51130563,(r|r<<2)&153391689}function me(r){let e=r&153391689;return e=(e|e>>>2)&51130563,e=(e|e>>>4)&50393103,e=(e|e>>>8)&50331903,(e|e>>>16)&1023}function Lo({count:r,x:e,y:t,z:n}){let o=new Uint32Array(r);for(let s=0;s<r;s++)o[s]=wr(e[s])|wr(t[s])<<1|wr(n[s])<<2;return o}function Ea({count:r,x:e,y:t,z:n},o){let s=new Uint32Array(8*r);for(let i=0;i<r;i++){let a=(n[i]*o+t[i])*o+e[i];for(let l=0;l<8;l++)s[8*i+l]=a+(l&1)+(l>>1&1)*o+(l>>2)*o*o}return s.sort(),s.filter((i,a)=>a===0||i!==s[a-1])}function So(r,e){let t=2**e+1;if(Aa*r.count<t*t)return Ea(r,t);let n=Math.ceil(t/32),o=new Uint32Array(t*t),s=0;for(let d=0;d<r.count;d++){let f=r.z[d]*t+r.y[d];o[f]===0&&(o[f]=++s),o[f+1]===0&&(o[f+1]=++s),o[f+t]===0&&(o[f+t]=++s),o[f+t+1]===0&&(o[f+t+1]=++s)}let i=new Uint32Array((s+1)*n),a=(d,f)=>{let h=o[d]*n+(f>>>5);i[h]|=3<<(f&31),(f&31)===31&&(i[h+1]|=1)};for(let d=0;d<r.count;d++){let f=r.z[d]*t+r.y[d];a(f,r.x[d]),a(f+1,r.x[d]),a(f+t,r.x[d]),a(f+t+1,r.x[d])}let l=0;for(let d=0;d<i.length;d++)l+=Ma(i[d]);let c=new Uint32Array(l),u=0;for(let d=0;d<o.length;d++)if(o[d]!==0)for(let f=0;f<n;f++){let h=i[o[d]*n+f],m=d*t+32*f;for(;h!==0;)c[u++]=m+31-Math.clz32(h&-h),h&=h-1}return c}function Ma(r){return Ye[r&255]+Ye[r>>>8&255]+Ye[r>>>16&255]+Ye[r>>>24]}var Ye,vr,Aa,ht=v(()=>{"use strict";Ye=Uint8Array.from({length:256},(r,e)=>{let t=0;for(let n=e;n>0;n>>=1)t+=n&1;return t}),vr={count:1,x:new Uint16Array(1),y:new Uint16Array(1),z:new Uint16Array(1)};Aa=32});var mt,_o=v(()=>{"use strict";ht();mt=class{nx;corners;starts;here;above;z=0;constructor({nz:e,ny:t,nx:n},o){if(this.nx=n,this.corners=o===null?null:new Uint32Array(o.length),this.starts=new Uint32Array(e+1),this.here=new Uint8Array(o===null?0:t*n),this.above=this.here.slice(),o===null||this.corners===null)return;for(let i of o)this.starts[me(i>>>2)+1]++;for(let i=0;i<e;i++)this.starts[i+1]+=this.starts[i];let s=this.starts.slice();for(let i of o)this.corners[s[me(i>>>2)]++]=me(i>>>1)*n+me(i)}next(){let{corners:e,nx:t,starts:n,z:o}=this;if(e===null)return null;let s=this.above,i=this.here;for(let a=n[o];a<n[o+1];a++){let l=e[a];s[l]|=128,s[l+1]|=64,s[l+t]|=32,s[l+t+1]|=16,i[l]|=8,i[l+1]|=4,i[l+t]|=2,i[l+t+1]|=1}return this.here=s,this.above=i,this.z++,s}}});function pt(r){return r<8?r:4+(r&3)<<(r>>2)-1}function Co(r){let e=0,t=0;for(let h=0;h<r.length;h++)e+=Oo[r[h]],r[h]>0&&t++;if(e===0||e>16777216)return null;let n=new Uint32Array(t+1),o=new Uint16Array(t),s=0,i=0,a=0,l=0;for(let h=0;h<r.length;h++)r[h]!==0&&(o[s]=h,r[h]>a&&(a=r[h],i=s),l+=Math.floor(Oo[r[h]]*16777216/e),n[++s]=l);for(let h=i+1;h<=t;h++)n[h]+=16777216-l;let c=Math.min(Math.max(34-Math.clz32(t),4),12),u=24-c,d=new Uint16Array(1<<c),f=0;for(let h=0;h<d.length;h++){for(;n[f+1]<=h<<u;)f++;d[h]=f}return{starts:n,symbols:o,lookup:d,shift:u}}var Oo,xr=v(()=>{"use strict";Oo=Uint32Array.from({length:64},(r,e)=>pt(e))});function Io(r,e,t){let n=()=>{let o=0;for(let i=1;i<r.length;i++){let{weight:a,node:l}=r[i],c=r[o];(a<c.weight||a===c.weight&&l<c.node)&&(o=i)}let[s]=r.splice(o,1);return s};for(;r.length>1;){let o=n(),s=n();r.push({weight:o.weight+s.weight,node:e+t.length/2,depth:Math.max(o.depth,s.depth)+1}),t.push(s.node,o.node)}return r[0]}var Po=v(()=>{"use strict"});function yt(r){return 1+3*Xe*(r+1)+Uo+Fo}function bt({numCodes:r,depth:e},t){let{rows:n}=t;return n+Math.floor(Ao(t)/Sa)+Math.floor(n*e/_a)+Math.floor(r*yt(r)/Oa)}function gt(r,e,t,n){let o=r.u8(),s=r.u8(),i=r.u16();o>qe&&ne(`${r.where}: symbol section of form ${o}`),(o!==qe||s<1||s>6||i!==0)&&r.reject(`a symbol section of form ${o} with width ${s} and ${i}`),(t>kr||gr(n)>Ta)&&r.reject(`${t} codes beside their neighbors on ${gr(n)} sites`);let a=e>1?r.below(t,e,"group"):null,l=r.integers(t,s,64,"level"),c=Array.from({length:e},()=>[]),u=0,d=0;for(let p=0;p<t;p++){let w=pt(l[p]);u+=w,w>pt(l[d])&&(d=p),w>0&&c[a===null?0:a[p]].push({weight:w,node:p,depth:0})}(u===0||u>2**24)&&r.reject("weights that make no trees of codes");let f=[],h=new Int16Array(e).fill(-1),m=0;return c.forEach((p,w)=>{if(p.length===0)return;let b=Io(p,t,f);h[w]=b.node,m=Math.max(m,b.depth)}),{numCodes:t,children:Uint16Array.from(f),roots:h,top:d,depth:m}}function wt(r,e,t,n,o){let{numCodes:s,children:i,roots:a,top:l}=e,c=a.length,{nz:u,ny:d,nx:f,sites:h,rows:m}=n,p=t??new Uint16Array(m);for(let k of p)a[k]<0&&r.reject(`group ${k} is used but has no codes`);let w=i.length/2,b=new Oe(r,w*yt(s),La,w),A=new Uint16Array(m),S=f+2,E=d*f,T=new Uint16Array((d+2)*S).fill(s),_=T.slice(),O=new Uint16Array((d+2)*S).fill(c),U=O.slice(),Q=k=>{let B=Math.floor(k/f);return(B+1)*S+k-B*f+1},G=(k,B,K,V,R)=>{for(let Z=K;Z<V;Z++)k[Q((h===null?Z:h[Z])-R*E)]=B},F=0,ye=(k,B)=>{for(;F<m;F++){let K=(h===null?F:h[F])-B;if(K>=E)break;k[Q(K)]=p[F]}};ye(U,0);let be=new mt(n,o),J=Xe*(s+1),ee=1,te=ee+J,he=te+J,X=he+J,L=X+Uo,re=(k,B)=>k===c?0:k===B?1:2,D=0,W=0,q=0;for(let k=0;k<u;k++){[T,_]=[_,T],[O,U]=[U,O],G(T,s,q,W,k-2),G(U,c,W,D,k-1),[q,W]=[W,D];let B=k*E;ye(U,B+E);let K=be.next();for(;D<m;D++){let V=(h===null?D:h[D])-B;if(V>=E)break;let R=Q(V),Z=p[D],ue=a[Z];if(ue>=s){let ge=ee+Xe*T[R-1]+re(O[R+1],Z),Le=te+Xe*T[R-S]+re(O[R+S],Z),Bi=he+Xe*_[R]+re(U[R],Z),Vi=X+Ca(T,_,R,S,l,s),Hi=L+(K===null?Fo-1:K[V]);ue=b.descend(i,s,ue,0,ge*w,Le*w,Bi*w,Vi*w,Hi*w)}K!==null&&(K[V]=0),A[D]=ue,T[R]=ue}}return b.finish(),A}function Ca(r,e,t,n,o,s){let i=a=>a!==o&&a!==s?1:0;return 7*(i(r[t-1])+i(r[t-n])+i(e[t]))+i(r[t-n-1])+i(r[t-n+1])+i(e[t-1])+i(e[t+1])+i(e[t-n])+i(e[t+n])}var qe,kr,Ta,Xe,Uo,Fo,La,Sa,_a,Oa,Ar=v(()=>{"use strict";z();Eo();ft();_o();xr();Po();qe=3,kr=256,Ta=2**28,Xe=3,Uo=28,Fo=256,La=4,Sa=32,_a=4,Oa=8});var $o,Ro,vt,Er=v(()=>{"use strict";z();ae();$o=M.work.most,Ro=8,vt=class{#e=0;#t=0;get done(){return this.#e}takeBackTo(e){this.#e=e}reach(e){this.#t=e}add(e,t){this.#e+=e;let{free:n,perByte:o}=M.work,s=Math.min($o,n+o*this.#t);if(this.#e>s){let i=s===$o?"":` for a file of ${this.#t} bytes so far`;Se(`${t}: the work of decoding so far is ${this.#e}, the limit is ${s}${i}`)}}}});function Be(r,e,t,n){let o=r.peek();if(o===qe){if(n===null)return r.reject("symbols beside neighbors without sites");let{lattice:u,voxels:d,work:f}=n,h=gt(r,1,t,u);return f.add(bt(h,u),r.where),wt(r,h,null,u,d)}r.u8();let s=r.u8(),i=r.u16();if(o>qe&&ne(`${r.where}: symbol section of form ${o}`),(o===2?s<1||s>6:s!==0)&&r.reject(`a symbol section of form ${o} with width ${s}`),o!==0&&i!==0&&r.reject(`a symbol section of form ${o} with ${i} where 0 belongs`),n?.work.add(o===0?Math.floor(e/Ro):e,r.where),o===0)return i>=t&&r.reject(`symbol ${i} is not below ${t}`),new Uint16Array(e).fill(i);if(o===1)return r.below(e,t,"symbol");let a=Co(r.integers(t,s,64,"level"));if(a===null)return r.reject("the weights of the table");let l=new dt(r),c=new Uint16Array(e);return l.decode(a,c),l.finish(),c}function Ze(r,e,t){let n=r.u32();if(n===0)return r.halves(e);if(n===2)return t.add(e,r.where),Ia(r,e);n!==1&&ne(`${r.where}: float16 section of form ${n}`);let o=Be(r,e,256,null),s=r.byteArray(e);for(let i=0;i<e;i++)o[i]=o[i]<<8|s[i],(o[i]&31744)===31744&&r.reject("a float16 value is not a finite number");return o}function Ia(r,e){let t=r.u32();(t<1||t>4096)&&r.reject(`${t} blocks of steps`);let n=new Uint16Array(e),o=0;for(let s=0;s<t;s++){let[i,a,l]=[r.u32(),r.u16(),r.u16()],c=r.byteArray(1)[0];if(!(a>=1&&a<=l+2049&&l<=2048)||i>e-o||c>28){let f=`of ${a}, origin ${l}, exponent ${c}`;r.reject(`an impossible block of ${i} steps (${f})`)}let d=Be(r,i,a,null);for(let f of d)n[o++]=xo(f-l,c)}return o!==e&&r.reject(`${o} values in steps where ${e} belong`),n}var xt=v(()=>{"use strict";go();z();De();Ar();xr();Er()});function kt(r,e){let t=r.u16(),n=r.u8(),o=r.u8(),s=t===Pa?null:e.base(t);n>zo&&ne(`${r.where}: a topology of form ${n}`);let i=s===null?0:s.depth;if((o!==0||i>e.depth||i===e.depth&&n!==Ua)&&r.reject(`a topology of form ${n} from depth ${i} to ${e.depth}`),s!==null&&i===e.depth)return{same:s};if(e.work(e.places),i===e.depth)return vr;let a=n===zo?$a(r,e):Fa(r,e),l=s===null?vr:To(s.voxels);for(;i<e.depth;i++)l=Mo(l,a.read(l),c=>{c<=e.maxVoxels||r.reject(`an octree has ${c} voxels at depth ${i+1}, more than there may be`)});return a.finish(),l}function Fa(r,{work:e}){return{read:({count:t})=>(e(2*t),Uint8Array.from(Be(r,t,256,null))),finish:()=>{}}}function $a(r,{work:e}){e(Math.floor(111168/8));let t=new Oe(r,111168,1,1);return{read:n=>{let o=Ra(n);return e(8*n.count+Math.floor(o[0]*o[1]/2)),mo(t,n,o)},finish:()=>t.finish()}}function Ra({count:r,x:e,y:t,z:n}){return[e,t,n].map(o=>{let s=-1;for(let i=0;i<r;i++)s=Math.max(s,o[i]);return s+1})}var Pa,Ua,zo,Mr=v(()=>{"use strict";po();z();ft();xt();ht();Pa=65535,Ua=0,zo=1});function Na(r){return r.kind==="octree"}function Do({depth:r}){return Math.ceil((2**r+1)**3/C.SITES_PER_BLOCK)}var Tr,At,Bo,Vo=v(()=>{"use strict";z();ae();Mr();ht();le();Tr=M.memory,At=4,Bo={tag:1,kind:"octree",readHeader(r,e){r.fields(1,r.array(1),4),e!==3&&y(`${r.where}: an octree in ${e} dimensions`);let t=r.item(1,1,0);I(t,M.depth,"as an octree's depth");let n=r.item(1,2,1);I(n,M.voxels,"voxels in a level");let o=r.item(1,3,0);(o<8||o>8*n)&&y(`${r.where}: ${o} corners of ${n} voxels`);let s={voxels:new Uint32Array(0),corners:new Uint32Array(0)};return{layout:{kind:"octree",depth:t,voxelCount:n,...s},rows:o}},read(r,e,{rows:t,where:n,work:o,earlier:s}){let{depth:i,voxelCount:a}=e,l=kt(r,{depth:i,places:a+t,work:d=>o.add(d,n),maxVoxels:a,base(d){let f=s(d);return f!==null&&Na(f)?f:r.reject(`position ${d} is no octree that came earlier`)}}),c="same"in l?l.same.voxelCount:l.count;c!==a&&y(`${n}: its octree has ${c} voxels, but the header says ${a}`);let u="same"in l?l.same.corners:So(l,i);u.length!==t&&y(`${n}: its octree has ${u.length} corners, but the header says ${t}`),e.corners=u,e.voxels="same"in l?l.same.voxels:Lo(l)},memory:({voxelCount:r},e)=>({held:Tr.voxel*r+Tr.corner*e,step:Tr.readingVoxel*r}),empty:r=>({...r,voxels:new Uint32Array(0),corners:new Uint32Array(0)}),lattice({depth:r,corners:e},t){let n=2**r+1;return{nz:n,ny:n,nx:n,sites:e,rows:t}},voxels:({voxels:r})=>r,resolution:({depth:r})=>[2**r,2**r,2**r],cellsAlong:({depth:r})=>[2**r,2**r,2**r],*cells({voxels:r}){for(let e of r)yield[me(e),me(e>>>1),me(e>>>2)]},gpu:{members({depth:r}){let e=2**r+1;return{layout_tag:H("LAYOUT","octree"),size_x:e,size_y:e,size_z:e,corners:8}},numBlocks:Do,blocks(r){let e=Do(r),t=new Uint32Array(e*At),{corners:n}=r,o=0;for(let s=0;s<n.length;s++){let i=n[s],a=Math.floor(i/C.SITES_PER_BLOCK);for(;o<a;)t[++o*At]=s;let l=i-a*C.SITES_PER_BLOCK;t[a*At+1+(l>>5)]|=1<<(l&31)}for(;o<e-1;)t[++o*At]=n.length;return t}}}});function j(r){return Lr.of(r)}var Lr,Ae=v(()=>{"use strict";fr();fo();Vo();Lr=new Re("layout",[uo,Bo])});function fe(r){return Math.ceil(r/2)}function Ee(r,e){let t=e+(e&1),n=r.length/e,o=new Uint16Array(n*t);if(t===e)o.set(r);else for(let s=0;s<n;s++)o.set(r.subarray(s*e,(s+1)*e),s*t);return new Uint32Array(o.buffer)}var Qe=v(()=>{"use strict"});var Go,Wo=v(()=>{"use strict";ae();le();Qe();Go={tag:0,kind:"float16",readForm(r){return r.fields(3,r.array(3),1),{kind:"float16"}},read:(r,e,{rows:t,features:n})=>({kind:"float16",values:r.halves(t*n)}),layers:()=>1,refine:r=>r.reject("float16 vectors in layers"),memory:(r,e,t)=>({held:M.memory.value*e*t,step:0}),gpu:{members:(r,e)=>({code_tag:H("CODE","float16"),pitch:fe(e)}),lengths:(r,e,t)=>[["vectors",e*fe(t)]],words:({values:r},e)=>[["vectors",Ee(r,e)]]}}});function Mt(r,e){let[t,n,o]=r;for(let s=0;s<e;s++)t=t+1>>1,n=n+1>>1,o=o+1>>1;return[t,n,o]}function qo(r,e,t,n,o){let s=new Oe(r,Wa,Va,Me),i=n.map((a,l)=>{l>0&&s.reset();for(let u=0;u<e.length;u++){let[d,f,h]=Mt(t,e.length-1-u);o.add(Math.floor(d*f*h/16),r.where)}let c=a;return e.forEach((u,d)=>{let f=Mt(t,e.length-1-d);c={values:new Or(s,f,u,o,r.where).read(c),sides:f,step:u.step||(c?.step??0)}}),c.values});return s.finish(),i}function Et(r,e,t,n,o){let s=r[e-o];if(t+1>=n)return t>=3?24*s-8*r[e-3*o]:16*s;let i=s+r[e+o];return t<3||t+3>=n?8*i:9*i-r[e-3*o]-r[e+3*o]}function Ko(r){return Math.min(Math.max(r,-Sr),Sr)}function Yo(r){return r<=2?r:r<=4?3:r<=8?4:r<=16?5:6}function Xo(r,e){return 32-Math.clz32(Math.min(Math.floor(8*r/e),255))}function Je(r,e){return Math.min(Math.max(r,-e),e)+e}var Sr,Ba,Va,Ha,ja,Ga,Me,_r,Ve,Wa,Ka,Or,Zo=v(()=>{"use strict";ft();Sr=1<<24,Ba=24,Va=4,Ha=2,ja=25,Ga=50,Me=51,_r=[196,108,54,75,135,196],Ve=_r.map((r,e)=>Me*_r.slice(0,e).reduce((t,n)=>t+n,0)),Wa=Me*_r.reduce((r,e)=>r+e,0),Ka=[[0,0,0],[0,0,1],[0,1,0],[1,0,0],[0,1,1],[1,0,1],[1,1,0],[1,1,1]];Or=class{constructor(e,t,n,o,s){this.mixer=e;this.sides=t;this.octave=n;this.work=o;this.where=s;let[i,a,l]=t;this.values=new Int32Array(i*a*l),this.steps=new Int32Array(n.step===0?0:i*a*l),this.plane=a*l,this.limit=n.reach===0?Sr:n.reach}mixer;sides;octave;work;where;values;steps;plane;limit;read(e){if(e===null)return this.work.add(this.values.length,this.where),this.code(0,0,0,1),this.values;this.spread(e);for(let[t,n,o]of Ka){let s=t+n+o===0;s||this.predict(t,n,o),!(this.octave.step===0||s&&this.octave.step>=e.step)&&(this.work.add(this.near(t,n,o),this.where),this.code(t,n,o,2))}return this.values}spread({values:e,sides:[t,n,o]}){let s=this.sides[2];for(let i=0,a=0;i<t;i++)for(let l=0;l<n;l++){let c=2*i*this.plane+2*l*s;for(let u=0;u<o;u++)this.values[c+2*u]=e[a++]}}predict(e,t,n){let{values:o,plane:s}=this,[i,a,l]=this.sides,c=e+t+n;for(let u=e;u<i;u+=2)for(let d=t;d<a;d+=2){let f=u*s+d*l;for(let h=n;h<l;h+=2){let m=8*c;n&&(m+=Et(o,f+h,h,l,1)),t&&(m+=Et(o,f+h,d,a,l)),e&&(m+=Et(o,f+h,u,i,s)),o[f+h]=Ko(Math.floor(m/(16*c)))}}}near(e,t,n){let{values:o,plane:s,limit:i}=this,[a,l,c]=this.sides,u=0;for(let d=e;d<a;d+=2)for(let f=t;f<l;f+=2){let h=d*s+f*c;for(let m=n;m<c;m+=2)Math.abs(o[h+m])<=i&&u++}return u}code(e,t,n,o){let{values:s,steps:i,plane:a,limit:l}=this,{step:c}=this.octave,[u,d,f]=this.sides,h=e+t+n;for(let m=e;m<u;m+=o)for(let p=t;p<d;p+=o)for(let w=n;w<f;w+=o){let b=m*a+p*f+w,A=s[b];if(Math.abs(A)>l)continue;let S=1/0,E=-1/0,T=0,_=0,O=0,U=0;for(let L=0;L<3;L++){if(!(L===0?n:L===1?t:e))continue;let re=L===0?w:L===1?p:m,D=L===0?f:L===1?d:u,W=L===0?1:L===1?f:a,q=Et(s,b,re,D,W);if(S=Math.min(S,q),E=Math.max(E,q),re>=3&&re+3<D){let k=q-8*(s[b-W]+s[b+W]);T+=Math.abs(k),_+=k}O+=Math.abs(i[b-W]),U+=i[b-W],re+1<D&&(O+=Math.abs(i[b+W]),U+=i[b+W])}let Q=0;h>0&&(O=Math.floor((2*O+h-1)/h),T=Math.floor(T/h),Q=E-S);let G=w>=o?i[b-o]:0,F=p>=o?i[b-o*f]:0,ye=m>=o?i[b-o*a]:0,be=Yo(Math.abs(G)+Math.abs(F)+Math.abs(ye)),J=A>0?1:A<0?2:0,ee=_>0?1:_<0?2:0,te=Xo(Math.floor(T/4),c),he=Math.floor(6*Math.abs(A)/(l+1)),X=this.difference(Ve[0]+Me*((h*7+Yo(O))*7+be),Ve[1]+Me*((te*4+h)*3+ee),Ve[2]+Me*(Xo(Math.floor(Q/8),c)*6+he),Ve[3]+Me*((Je(G,2)*5+Je(F,2))*3+J),Ve[4]+Me*((Je(ye,2)*9+te)*3+ee),Ve[5]+Me*((Je(U,3)*7+Je(G+F+ye,3))*4+h));X!==0&&(i[b]=X,s[b]=Ko(A+X*c))}}difference(e,t,n,o,s,i){let{mixer:a}=this,l=(f,h)=>a.decide(e+f,t+f,n+f,o+f,s+f,i+f,h,f);if(!l(0,0))return 0;let c=l(1,1),u=0;for(;u<Ba&&l(Ha+u,u===0?2:3);)u++;let d=1;for(let f=0;f<u;f++)d=2*d+l(f===0?ja+u:Ga,3);return c?-d:d}}});function qa({unit:r,offset:e,values:t}){let n=t.length,o=new Float32Array(n*t[0].length);return t.forEach((s,i)=>{for(let a=0;a<s.length;a++)o[a*n+i]=e+Math.fround(r*s[a])}),o}function Qo(r,e){let t=r.floatItem(3,e);return Math.fround(t)!==t&&y(`${r.where}: ${t} is no f32`),t}var Ya,Xa,Jo,es=v(()=>{"use strict";De();Zo();z();ae();le();Qe();Ya=17,Xa=1<<24,Jo={tag:3,kind:"lattice",readForm(r){let e=r.array(3),t=(e.length-4)/2;(!Number.isInteger(t)||t<1||t>Ya)&&y(`${r.where}: ${e.length} items in the code of a lattice`);let n=Qo(r,1),o=Qo(r,2);n<=0&&y(`${r.where}: a unit of ${n}`);let s=e[3];typeof s!="boolean"&&y(`${r.where}: whether a lattice goes on`);let i=e.slice(4).map((l,c)=>{let u=r.item(3,4+c,0);return u>Xa&&y(`${r.where}: a step or reach of ${u}`),u}),a=Array.from({length:t},(l,c)=>({step:i[2*c],reach:i[2*c+1]}));return!s&&a[0].step===0&&y(`${r.where}: a first step of 0`),{kind:"lattice",unit:n,offset:o,continues:s,octaves:a}},read(r,e,{rows:t,features:n,lattice:{nz:o,ny:s,nx:i},before:a,work:l}){let{octaves:c,unit:u,offset:d}=e,f=[o,s,i];o*s*i!==t&&r.reject("a lattice with gaps");let h=Array.from({length:n},()=>null);if(e.continues){let w=Mt(f,c.length);if(a?.kind!=="lattice")return r.reject("a lattice goes on from a level that is none");(!a.sides.every((S,E)=>S===w[E])||a.values.length!==n)&&r.reject("a lattice goes on from one of other sides or features");let{lastStep:A}=a;h=a.values.map(S=>({values:S,sides:w,step:A}))}let m=qo(r,c,f,h,l),p=c.reduce((w,b)=>b.step||w,h[0]?.step??0);return{kind:"lattice",unit:u,offset:d,sides:f,lastStep:p,values:m}},layers:()=>1,refine:r=>r.reject("a lattice in layers"),memory:(r,e,t)=>({held:4*M.memory.value*e*t,step:4*M.memory.value*e}),gpu:{members:(r,e)=>({code_tag:H("CODE","float16"),pitch:fe(e)}),lengths:(r,e,t)=>[["vectors",e*fe(t)]],words:(r,e)=>[["vectors",Ee(ko(qa(r)),e)]]}}});var ts,rs=v(()=>{"use strict";z();ae();le();Qe();ts={tag:2,kind:"lowrank",readForm(r,e){r.fields(3,r.array(3),2);let t=r.item(3,1,1);return t>e&&y(`${r.where}: rank ${t} of ${e} features`),{kind:"lowrank",rank:t}},read(r,{rank:e},{rows:t,features:n}){let o=r.halves(n),s=r.halves(e*n),i=r.halves(t*e);return{kind:"lowrank",rank:e,mean:o,basis:s,coefficients:i}},layers:()=>1,refine:r=>r.reject("low-rank vectors in layers"),memory:({rank:r},e,t)=>({held:M.memory.value*(e*r+t*(r+1)),step:0}),gpu:{members:({rank:r})=>({code_tag:H("CODE","lowrank"),rank:r,pitch:fe(r)}),lengths:({rank:r},e,t)=>[["vectors",e*fe(r)],["basis",(1+r)*fe(t)]],words({rank:r,mean:e,basis:t,coefficients:n},o){let s=new Uint16Array(e.length+t.length);return s.set(e),s.set(t,e.length),[["vectors",Ee(n,r)],["basis",Ee(s,o)]]}}}});function He(r){return r<=2?1:32-Math.clz32(r-1)}function Cr(r,e){return Math.ceil(r*e/32)}function Tt(r,e,t){let n=new Uint16Array(e),o=(1<<t)-1,s=0,i=0;for(let a=0;a<e;a++){let l=r[s]>>>i;i+=t,i>=32&&(i-=32,s++,i>0&&(l|=r[s]<<t-i)),n[a]=l&o}return n}function Ir(r,e){let t=new Uint32Array(Cr(r.length,e)),n=0,o=0,s=0;for(let i=0;i<r.length;i++)s|=r[i]<<o,o+=e,o>=32&&(t[n++]=s,o-=32,s=o>0?r[i]>>>e-o:0);return o>0&&(t[n]=s),t}var Lt=v(()=>{"use strict"});var je,ns,Za,os,ss=v(()=>{"use strict";z();ae();Ar();Lt();xt();le();Qe();je=M.memory,ns=8,Za=16,os={tag:1,kind:"vq",readForm(r){let t=r.array(3).slice(1).map((o,s)=>r.item(3,1+s,1));(t.length<1||t.length>ns)&&y(`${r.where}: ${t.length} layers (1 to ${ns} are allowed)`);let n=t[t.length-1];return n>(t.length>1?kr:2**Za)&&y(`${r.where}: ${n} codes in ${t.length} layers`),t.some((o,s)=>s>0&&o<=t[s-1])&&y(`${r.where}: layers that do not grow: ${t.join(", ")} codes`),{kind:"vq",bits:He(n),numCodes:n,layers:t}},read(r,{bits:e,layers:t},n){let[o]=t,s=Ze(r,o*n.features,n.work),i=Be(r,n.rows,o,n);return{kind:"vq",bits:e,numCodes:o,codebook:s,packed:Ir(i,e)}},layers:({layers:r})=>r.length,refine(r,{bits:e,layers:t},n,o,{rows:s,features:i,lattice:a,voxels:l,work:c}){let u=t[o],d=Ze(r,u*i,c),f=gt(r,t[o-1],u,a);c.add(bt(f,a),r.where);let h=Tt(n.packed,s,e),m=wt(r,f,h,a,l);return{kind:"vq",bits:e,numCodes:u,codebook:d,packed:Ir(m,e)}},memory({numCodes:r,layers:e},t,n){let o=r*n,s=je.index*t+je.value*o,i=je.readingIndex*t+je.readingCode*o;return e.length===1?{held:s,step:i}:{held:s+je.index*t,step:i+je.readingSlot*r*yt(r)}},gpu:{members:({bits:r},e)=>({code_tag:H("CODE","vq"),bits:r,pitch:fe(e)}),lengths({bits:r,numCodes:e},t,n){let o=32%r!==0?1:0;return[["codes",Math.ceil(t*r/32)+o],["vectors",e*fe(n)]]},words:({packed:r,codebook:e},t)=>[["codes",new Uint32Array(r)],["vectors",Ee(e,t)]]}}});function ce(r){return Pr.of(r)}var Pr,Ce=v(()=>{"use strict";fr();Wo();es();rs();ss();Pr=new Re("code",[Go,os,ts,Jo])});function _t(r,e,t={count:0}){let n=new Ur(r,e,t),o=n.item(1),s=r.subarray(n.at);return(s.length>3||s.some(i=>i!==0))&&n.reject("more follows the item"),o}function St(r,e){if(r instanceof Ge)return r.value;if(r instanceof Uint8Array)return y(`${e}: a byte string`);if(Array.isArray(r))return r.map(t=>St(t,e));if(r instanceof Map){let t=Object.create(null);for(let[n,o]of r)typeof n!="string"&&y(`${e}: a number for a key`),t[n]=St(o,e);return t}return r}function Ja(r){let e=Math.abs(r);if(e>65504)return!1;let t=Math.max(Math.floor(Math.log2(e||1)),-14);return[t-1,t,t+1].some(n=>{let o=e/2**(Math.max(n,-14)-10);return Number.isInteger(o)&&o<2048})}function el(r,e){let t=Math.min(r.length,e.length);for(let n=0;n<t;n++)if(r[n]!==e[n])return r[n]-e[n];return r.length-e.length}var is,Ge,Qa,Ur,Ot=v(()=>{"use strict";z();De();ae();is=40,Ge=class{value;constructor(e){this.value=e}};Qa=new TextDecoder("utf-8",{fatal:!0,ignoreBOM:!0}),Ur=class{at=0;items;bytes;view;where;constructor(e,t,n){this.items=n,this.bytes=e,this.view=new DataView(e.buffer,e.byteOffset,e.length),this.where=t}reject(e){y(`${this.where}: CBOR at byte ${this.at}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject("it ends too early");let t=this.at;return this.at+=e,t}argument(e){if(e<24)return e;let t,n;if(e===24)t=this.bytes[this.take(1)],n=24;else if(e===25)t=this.view.getUint16(this.take(2)),n=2**8;else if(e===26)t=this.view.getUint32(this.take(4)),n=2**16;else if(e===27){let o=this.view.getBigUint64(this.take(8));t=o<=Number.MAX_SAFE_INTEGER?Number(o):o,n=2**32}else return this.reject("an indefinite length or a reserved form");return t<n&&this.reject("a number is not in its shortest form"),t}length(e){let t=this.argument(e);return t>this.bytes.length-this.at&&this.reject("it ends too early"),Number(t)}item(e){++this.items.count>M.items&&Se(`${this.where}: more than ${M.items} CBOR items`),e>is&&this.reject(`it is nested deeper than ${is}`);let t=this.bytes[this.take(1)],n=t>>5,o=t&31;switch(n){case 0:return this.argument(o);case 1:{let s=-1n-BigInt(this.argument(o));return s>=Number.MIN_SAFE_INTEGER?Number(s):s}case 2:{let s=this.length(o),i=this.take(s);return this.bytes.slice(i,i+s)}case 3:return this.text(o);case 4:{let s=[];for(let i=this.length(o);i>0;i--)s.push(this.item(e+1));return s}case 5:return this.map(o,e);case 6:return this.reject("a tag");default:return this.simple(o)}}text(e){let t=this.length(e),n=this.take(t);try{return Qa.decode(this.bytes.subarray(n,n+t))}catch{return this.reject("a text that is not UTF-8")}}map(e,t){let n=new Map,o=null,s=null;for(let i=this.length(e);i>0;i--){let a=this.at,l=this.bytes[this.take(1)]>>5;l!==0&&l!==3&&this.reject("a key is neither a text nor unsigned"),this.at=a;let c=this.item(t+1),u=this.bytes.subarray(a,this.at),d=l===3?"text":"number";s!==null&&s!==d&&this.reject("a map has texts and numbers for keys"),o!==null&&el(o,u)>=0&&this.reject("the keys of a map are not in order, or equal"),s=d,o=u,n.set(c,this.item(t+1))}return n}simple(e){if(e===20)return!1;if(e===21)return!0;if(e===22)return null;let t,n=!1;if(e===25)t=br(this.view.getUint16(this.take(2)));else if(e===26)t=this.view.getFloat32(this.take(4)),n=Ja(t);else if(e===27)t=this.view.getFloat64(this.take(8)),n=Math.fround(t)===t;else return this.reject("a simple value other than true, false and null");return Number.isFinite(t)||this.reject("a float is not finite"),n&&this.reject("a float is not in its shortest form"),new Ge(t)}}});function rl(){let r=new Int32Array(2048);for(let e=0;e<256;e++){let t=e;for(let n=0;n<8;n++)t=t&1?t>>>1^2197175160:t>>>1;r[e]=t}for(let e=256;e<r.length;e++){let t=r[e-256];r[e]=t>>>8^r[t&255]}return r}function et(r,e=0){let t=tl,n=~e,o=0;for(let s=r.length-7;o<s;o+=8)n^=r[o]|r[o+1]<<8|r[o+2]<<16|r[o+3]<<24,n=t[1792+(n&255)]^t[1536+(n>>>8&255)]^t[1280+(n>>>16&255)]^t[1024+(n>>>24)]^t[768+r[o+4]]^t[512+r[o+5]]^t[256+r[o+6]]^t[r[o+7]];for(;o<r.length;o++)n=n>>>8^t[(n^r[o])&255];return~n>>>0}var tl,Fr=v(()=>{"use strict";tl=rl()});function ls(r){let e=0;for(let o of r.field.networks)for(let{outputs:s,inputs:i}of o.layers)e+=s*(i+1);let t=as.weight*e,n=r.occupancy===null?0:as.readingCell*_e(r.occupancy);for(let{layout:o,rows:s,features:i,form:a}of r.levels){let l=ce(a).memory(a,s,i),c=j(o).memory(o,s);t+=l.held+c.held,n=Math.max(n,l.step+c.step)}return 2*t+n}var as,cs=v(()=>{"use strict";Ce();Ae();ae();Ke();as=M.memory});function Ie(r,e,t){r instanceof Map||y(`${e} is not a map`);for(let n of r.keys())typeof n=="string"&&y(`${e} has the text ${JSON.stringify(n)} for a key`),t.includes(n)||ne(`${e} has an entry ${n}`);return new $r(r,e)}var $r,Rr=v(()=>{"use strict";Ot();z();$r=class{where;map;constructor(e,t){this.map=e,this.where=t}has(e){return this.map.has(e)}get(e){let t=this.map.get(e);return t===void 0?y(`${this.where} has no entry ${e}`):t}asInteger(e,t,n){let o=typeof e=="bigint"?Number(e):e;return typeof o!="number"?y(`${this.where}: ${t} is not an integer`):(o<n&&y(`${this.where}: ${t} is ${o}, below ${n}`),o)}integer(e,t=0){return this.asInteger(this.get(e),`entry ${e}`,t)}name(e,t){return t[this.oneOf(this.get(e),t.length,`entry ${e}`)]}bytes(e){let t=this.get(e);return t instanceof Uint8Array?t:y(`${this.where}: entry ${e} is not a byte string`)}text(e){let t=this.get(e);return typeof t=="string"?t:y(`${this.where}: entry ${e} is not a text`)}boolean(e){let t=this.get(e);return typeof t=="boolean"?t:y(`${this.where}: entry ${e} is neither true nor false`)}float(e){return this.asFloat(this.get(e),`entry ${e}`)}asFloat(e,t){return!(e instanceof Ge)||Math.abs(e.value)>1e30?y(`${this.where}: ${t} is not a float of at most 1e30`):e.value}array(e){let t=this.get(e);return Array.isArray(t)?t:y(`${this.where}: entry ${e} is not an array`)}item(e,t,n){return this.asInteger(this.array(e)[t],`item ${t} of entry ${e}`,n)}floatItem(e,t){return this.asFloat(this.array(e)[t],`item ${t} of entry ${e}`)}choice(e,t,n){return t.length===0&&y(`${this.where}: entry ${e} is empty`),this.choiceAt(e,0,n)}id(e){let t=this.array(e);return t.length===0&&y(`${this.where}: entry ${e} is empty`),this.asInteger(t[0],`item 0 of entry ${e}`,0)}whereId(e){return`${this.where}: item 0 of entry ${e}`}choiceAt(e,t,n){return this.oneOf(this.array(e)[t],n,`item ${t} of entry ${e}`)}oneOf(e,t,n){let o=this.asInteger(e,n,0);return o>=t&&ne(`${this.where}: ${n} is ${o}`),o}fields(e,t,n){t.length!==n&&y(`${this.where}: entry ${e} has ${t.length} items instead of ${n}`)}}});function ds(r,e,t,n){let o=r.array(3);o.length===0&&y("header: no networks"),I(o.length,M.networks,"networks");let s=new Map([["position",t]]);n>0&&s.set("features",n),e==="nerf"&&s.set("direction",3);let i=[];o.forEach((c,u)=>{let d=Ie(c,`header: network ${u}`,[0,1,2,3]),f=sl(d,s);(ol.includes(f.name)||s.has(f.name))&&y(`${d.where}: the name ${JSON.stringify(f.name)} is taken`),i.push(f),s.set(f.name,fs(f))});let a=fs(i[i.length-1]),l={nerf:3,sdf:1,scalar:null}[e];return l!==null&&a!==l&&y(`header: the last network of a field of kind ${e} has ${a} outputs`),e==="nerf"&&t!==3&&y("header: a field of kind nerf in 2-D"),e==="nerf"&&!i.some(({name:c})=>c==="density")&&y('header: a field of kind nerf has no network "density"'),i}function fs({layers:r}){return r[r.length-1].outputs}function sl(r,e){let{where:t}=r,n=r.text(0),o=[...n].length;(o<1||o>64)&&y(`${t}: a name of ${o} characters`);let s=r.array(1);s.length===0&&y(`${t} has no inputs`),I(s.length,M.inputs,"inputs of a network");let i=0,a=s.map((f,h)=>{let{input:m,width:p}=il(Ie(f,`${t}, input ${h}`,[0,1,2]),e);return i+=p,m}),l=r.array(2);l.length===0&&y(`${t} has no layers`),I(l.length,M.layers,"layers of a network");let c=r.has(3)?r.array(3).map((f,h)=>r.item(3,h,1)):[];for(let f of c)f>=l.length&&y(`${t}: a skip to layer ${f}, which is not there`);new Set(c).size!==c.length&&y(`${t}: a skip is listed twice`);let u=i,d=l.map((f,h)=>{let m=ll(Ie(f,`${t}, layer ${h}`,[0,1,2,3,4]));return c.includes(h)&&(u+=i),m.inputs!==u&&y(`${t}, layer ${h}: ${m.inputs} inputs, but ${u} values enter it`),u=m.outputs,m});return{name:n,inputs:a,layers:d,skips:c.sort((f,h)=>f-h)}}function il(r,e){let{where:t}=r,n=r.text(0),o=e.get(n);if(o===void 0)return y(`${t}: there is no source ${JSON.stringify(n)}`);let s=null,i=o;r.has(2)&&(r.fields(2,r.array(2),2),s=[r.item(2,0,0),r.item(2,1,0)],(s[0]>=s[1]||s[1]>o)&&y(`${t}: channels ${s[0]} to ${s[1]} of ${o}`),i=s[1]-s[0]);let{encoding:a,width:l}=al(r,i);return{input:{source:n,encoding:a,slice:s},width:l}}function al(r,e){let{where:t}=r,n=r.array(1),o=r.choice(1,n,3);if(o===0)return r.fields(1,n,1),{encoding:{kind:"identity"},width:e};if(o===1){r.fields(1,n,4);let i=r.item(1,1,0);I(i,M.frequencies,"frequencies");let a=r.floatItem(1,2),l=n[3];return typeof l!="boolean"?y(`${t}: include_input`):{encoding:{kind:"frequency",frequencies:i,scale:a,includeInput:l},width:e*(2*i+(l?1:0))}}r.fields(1,n,2);let s=r.item(1,1,1);return s>4&&y(`${t}: spherical harmonics of degree ${s}`),e!==3&&y(`${t}: spherical harmonics of ${e} channels`),{encoding:{kind:"spherical_harmonics",degree:s},width:s*s}}function ll(r){let e=r.integer(0,1),t=r.integer(1,1);I(Math.max(e,t),M.width,"values of a layer");let n=r.name(2,nl),o=r.boolean(3)?us:null;return{outputs:e,inputs:t,activation:n,gain:r.float(4),weight:us,bias:o}}var nl,us,ol,hs=v(()=>{"use strict";z();Rr();ae();nl=["none","relu","leaky_relu","sine","softplus","exp","sigmoid","tanh","snake_alt","elu","silu"],us=new Float32Array(0),ol=["features","position","direction"]});function ms(r){let e=Ie(_t(r,"header"),"header",[0,1,2,3,4]),t=e.name(0,cl),n=fl(e),o=n.length/2,s=[],i=e.array(2);I(i.length,M.grids,"grids");let a=i.map((m,p)=>dl(Ie(m,`header: grid ${p}`,[0,1,2]),o,s)),l=new Set(s.map(({lod:m})=>m)).add(0),c=Math.max(...l)+1;(l.size!==c||s.length>0&&!s.some(({lod:m})=>m===0))&&y(`header: its levels do not have the LODs 0 to ${c-1}, each at least once`);let u=s.reduce((m,{rows:p,features:w})=>m+p*w,0);I(u,M.values,"feature values");let d=null;if(e.has(4)){d=e.array(4).map((m,p)=>e.item(4,p,1)),d.length!==o&&y("header: the occupancy has another number of axes");for(let m of d)I(m,M.side,"occupancy cells along a side");I(_e(d),M.cells,"occupancy cells")}let f=ds(e,t,o,ml(a));return{field:{kind:t,dims:o,bounds:n,lods:c,lodsDecoded:0,grids:a,networks:f,occupancy:null,metadata:{}},levels:s,occupancy:d}}function fl(r){let e=r.bytes(1);e.length!==32&&e.length!==48&&y(`header: bounds of ${e.length} bytes (32 or 48 are needed)`);let t=new Float64Array(e.slice().buffer),n=t.length/2;for(let o=0;o<n;o++){let s=t[o],i=t[n+o],a=Math.max(Math.abs(s),Math.abs(i));(!(a<=1e30)||!(i-s>Math.max(1e-30,1e-6*a)))&&y(`header: the bounds from ${s} to ${i} are no range`)}return t}function dl(r,e,t){let n=r.name(0,ul),o=r.array(1);o.length===0&&y(`${r.where} has no levels`),I(o.length+t.length,M.levels,"levels");let s=r.has(2)?ps(r,2,e):null,i=o.map((l,c)=>{let u=Ie(l,`${r.where}, level ${c}`,[0,1,2,3,4]),d=hl(u,e,t.length,s);return t.push(d),d}),a=i.some(l=>l.features!==i[0].features);return n!=="concat"&&a&&y(`${r.where}: levels that share channels differ in their number of features`),{combine:n,levels:i}}function ps(r,e,t){let n=r.bytes(e),o=n.length/(4*(t+1));(!Number.isInteger(o)||o<1||o>t)&&y(`${r.where}: a transform of ${n.length} bytes`);let s=new Float32Array(n.slice().buffer);return s.every(Number.isFinite)||y(`${r.where}: the transform is not finite`),s}function hl(r,e,t,n){let o=n;r.has(4)&&(n!==null&&y(`${r.where} has a transform although its grid has one`),o=ps(r,4,e));let s=o===null?e:o.length/(e+1),i=r.integer(0);I(i,M.lods-1,"as the number of an LOD");let a=r.integer(2,1);I(a,M.features,"features");let l=Lr.tagged(r.id(1),r.whereId(1)),{layout:c,rows:u}=l.readHeader(r,s);I(u,M.vectors,"vectors in a level");let f=Pr.tagged(r.id(3),r.whereId(3)).readForm(r,a);return{lod:i,position:t,layout:c,transform:o,rows:u,features:a,form:f,code:null,layer:0}}function Ct(r,e){switch(r){case"sum":case"product":case"finest":return e[0].features;case"concat":return e.reduce((n,{features:o})=>n+o,0)}return r}function ml(r){let e=0;for(let{combine:t,levels:n}of r)e+=Ct(t,n);return e}var cl,ul,Nr=v(()=>{"use strict";Ce();Ae();Ot();z();Rr();ae();hs();Ke();cl=["nerf","sdf","scalar"],ul=["sum","concat","product","finest"]});function It(r,e){let t=0;for(let{lod:n,form:o}of r)n===e&&(t=Math.max(t,ce(o).layers(o)-1));return t}function ys(r,e){return r.reduce((t,{lod:n,layer:o})=>n===e?Math.max(t,o):t,0)}var Pt=v(()=>{"use strict";Ce()});function rt(r){return ArrayBuffer.isView(r)?new Uint8Array(r.buffer,r.byteOffset,r.byteLength):new Uint8Array(r)}function nt(r,e={}){let t=rt(r);if(pl(t),t.length<tt)return{need:tt};let n=new DataView(t.buffer,t.byteOffset,t.length),o=t[8],s=t[9];o===0&&y("major version 0 in byte 8"),o>1&&ne(`the file is of format version ${o}.${s}`);let i=n.getUint16(10,!0),a=n.getUint32(12,!0);I(i,M.chunks,"chunks"),I(a,M.headerBytes,"bytes of header");let l=tt+ws*i,c=Math.ceil((l+a)/4)*4;if(t.length<c)return{need:c};et(t.subarray(tt,c),et(t.subarray(0,16)))!==n.getUint32(16,!0)&&y("the front of the file fails its checksum"),t.subarray(l+a,c).some(A=>A!==0)&&y("the padding of the header is not zero");let d=yl(n,i,c),f=ms(t.subarray(l,l+a)),h=bl(d,f),m=ls(f),p=e.memory??ct;m>p&&Se(`decoding may take ${gs(m)} MiB of memory, above the limit of ${gs(p)} MiB`);let w=d[d.length-1],b=w.offset+w.length;return{version:[o,s],chunks:d,header:f,length:c,totalBytes:b,lodEnds:h}}function pl(r){let e=Math.min(r.length,bs.length);for(let t=0;t<e;t++){if(r[t]===bs[t])continue;let o=String.fromCharCode(...r.subarray(0,200)).trimStart().startsWith("<")?" but an HTML or XML page":"";y(`this is not a .nfc file${o} (its first bytes are not the signature)`)}}function yl(r,e,t){let n=[],o=t,s=0,i=0;for(let a=0;a<e;a++){let l=tt+ws*a,c=[0,1,2,3].map(p=>r.getUint8(l+p)),u=String.fromCharCode(...c);/^[A-Za-z]{4}$/.test(u)||y(`the type of chunk ${a} is not four letters`);let d=r.getUint32(l+4,!0);d%4!==0&&y(`the length of chunk ${a} (${u}) is not a multiple of 4`);let f=["NETW","OCCU","LEVL","REFN","meta"].includes(u);if(u==="PICT")throw new x("unsupported","this is a vq-nerf field, whose images come from networks that are not run here; `nfcodec render` draws it");!f&&/^[A-Z]/.test(u)&&ne(`chunk ${a} is a critical chunk ${u}`),u==="meta"&&I(d,M.metadataBytes,"bytes of metadata in a chunk"),u==="LEVL"&&s++,u==="LEVL"&&(i=0),u==="REFN"&&i++;let m=u==="LEVL"||u==="REFN"?{lod:s-1,layer:i}:{lod:null,layer:0};n.push({type:u,offset:o,length:d,crc:r.getUint32(l+8,!0),known:f,...m}),o+=d}return n.filter(({type:a})=>a==="prev").length>1&&y("there are two prev chunks"),n}function bl(r,e){let t=r.filter(({type:u})=>u!=="meta"&&/^[A-Z]/.test(u)),n=t.findIndex(({lod:u})=>u!==null),o=t.slice(0,n<0?t.length:n).map(({type:u})=>u),s=n<0?[]:t.slice(n),i=e.occupancy===null?["NETW"]:["NETW","OCCU"];(o.sort().join()!==i.join()||s.some(({lod:u})=>u===null))&&y(`${i.join(" and ")} are not there once each, in front of the levels`);let{lods:a}=e.field,l=s.filter(({type:u})=>u==="LEVL").length;l!==a&&y(`there are ${l} LEVL chunks for ${a} LODs`);let c=[];for(let u=0,d=0;u<a;u++){let f=It(e.levels,u)+1,h=s.slice(d,d+=f),m=s.length-d;(h.some((b,A)=>b.lod!==u||b.layer!==A)||h.length<f)&&y(`LOD ${u} has other REFN chunks than the ${f-1} that its levels ask for`),u===a-1&&m>0&&y(`${m} REFN chunks too many`);let{offset:p,length:w}=h[f-1];c.push(p+w)}return c}function gs(r){return Math.ceil(r/2**20)}var bs,tt,ws,Ut=v(()=>{"use strict";Fr();z();cs();Nr();Pt();ae();Y();bs=[137,78,70,67,13,10,26,10],tt=20,ws=12});var Ft,vs=v(()=>{"use strict";z();De();Lt();Ft=class{where;bytes;view;at=0;constructor(e,t){this.bytes=e.byteOffset%4===0?e:e.slice(),this.view=new DataView(this.bytes.buffer,this.bytes.byteOffset,this.bytes.length),this.where=t}reject(e){y(`${this.where}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject(`it ends too early (${e} more bytes needed at byte ${this.at})`);let t=this.at;return this.at+=e,t}align(){for(;this.at%4!==0;)this.bytes[this.take(1)]!==0&&this.reject(`padding is not zero at byte ${this.at-1}`)}peek(){return this.at<this.bytes.length?this.bytes[this.at]:-1}u8(){return this.bytes[this.take(1)]}u16(){return this.view.getUint16(this.take(2),!0)}u32(){return this.view.getUint32(this.take(4),!0)}byteArray(e){let t=this.take(e);return this.align(),this.bytes.subarray(t,t+e)}words(e){let t=this.take(4*e);return new Uint32Array(this.bytes.buffer,this.bytes.byteOffset+t,e)}halves(e){let t=this.take(2*e);this.align();let n=new Uint16Array(this.bytes.buffer,this.bytes.byteOffset+t,e).slice();return wo(n)||this.reject("a float16 value is not a finite number"),n}integers(e,t,n,o){let s=Tt(this.words(Cr(e,t)),e,t);if(n<2**t)for(let i=0;i<e;i++)s[i]>=n&&this.reject(`${o} ${s[i]} is not below ${n}`);return s}below(e,t,n){return this.integers(e,He(t),t,n)}finish(){let e=this.bytes.length-this.at;e>0&&this.reject(`${e} bytes are left over behind its contents`)}}});var $t,xs=v(()=>{"use strict";Ce();Ae();Ot();Fr();z();Ut();De();Lt();vs();Ke();xt();Mr();Er();Ut();$t=class{front;field;header;decoded=new Set;added=new Set;counted=new vt;items={count:0};next=0;constructor(e){this.front=e,this.header=structuredClone(e.header),this.field=this.header.field,this.field.metadata=Object.create(null)}get lodsDecoded(){return this.field.lodsDecoded}get work(){return this.counted.done}addChunk(e,t){let n=rt(t),o=this.front.chunks[e];if(o===void 0)throw new RangeError(`there is no chunk ${e}`);if(this.added.has(e))throw new RangeError(`chunk ${e} is there already`);if(!o.known)return[];let s=`chunk ${e} (${o.type}, from byte ${o.offset})`;if(n.length!==o.length)throw new RangeError(`${s} has ${o.length} bytes, not ${n.length}`);let i=o.type!=="meta";if(i&&e!==this.nextCritical())throw new RangeError(`${s}: chunk ${this.nextCritical()} has to go in before it`);et(n)!==o.crc&&y(`${s} fails its checksum`),i&&this.counted.reach(this.bytesUpTo(e));let a=this.read(o,n,s);return this.added.add(e),i&&(this.next=e+1),a}nextCritical(){return this.front.chunks.findIndex(({type:e,known:t},n)=>n>=this.next&&t&&e!=="meta")}bytesUpTo(e){return this.front.chunks.slice(0,e+1).reduce((t,{type:n,known:o,length:s})=>t+(o&&n!=="meta"?s:0),0)}read({type:e,lod:t,layer:n},o,s){if(e==="meta")return this.addMetadata(o,s),[];let i=new Ft(o,s);if(e==="NETW")this.readNetworks(i);else if(e==="OCCU")this.readOccupancy(i);else return e==="LEVL"?this.readLod(i,t):this.refineLod(i,t,n);return[]}addMetadata(e,t){let n={...this.items},o=_t(e,t,n);if(!(o instanceof Map))return y(`${t}: metadata is not a map`);let s=St(o,t);for(let i of Object.keys(s))i in this.field.metadata&&y(`${t}: the key ${JSON.stringify(i)} is in two metadata chunks`);Object.assign(this.field.metadata,s),Object.assign(this.items,n)}readNetworks(e){let t=this.field.networks.flatMap(i=>i.layers),n=0;for(let{outputs:i,inputs:a,bias:l}of t)n+=i*(a+(l===null?0:1));let o=vo(Ze(e,n,this.counted));e.finish();let s=0;for(let i of t)i.weight=o.slice(s,s+=i.outputs*i.inputs),i.bias!==null&&(i.bias=o.slice(s,s+=i.outputs))}readOccupancy(e){let t=this.header.occupancy,n=[...t].reverse(),o=Math.max(...t.map(He)),s=_e(t),i=kt(e,{depth:o,places:0,work:d=>this.counted.add(d,e.where),maxVoxels:1/0,base:()=>e.reject("occupancy starts from a level")});if("same"in i)return;e.finish();let[a,l=1,c=1]=n,u=new Uint8Array(4*Math.ceil(s/32));for(let d=0;d<i.count;d++){let f=i.x[d],h=i.y[d],m=i.z[d];(f>=a||h>=l||m>=c)&&e.reject("an occupied voxel outside the cells");let p=(m*l+h)*a+f;u[Math.floor(p/8)]|=1<<(p&7)}this.field.occupancy={shape:t,cells:u}}readLod(e,t){let n=this.header.levels.filter(i=>i.lod===t),o=n.map(({layout:i})=>({...i})),{done:s}=this.counted;try{for(let i of n)this.readLevel(e,i);e.finish()}catch(i){throw this.counted.takeBackTo(s),n.forEach((a,l)=>{a.code=null,a.layout=o[l],this.decoded.delete(a.position)}),i}return this.field.lodsDecoded=t+1,n.map(({position:i})=>i)}refineLod(e,t,n){let o=this.header.levels.filter(({lod:a,form:l})=>a===t&&ce(l).layers(l)>n),{done:s}=this.counted,i;try{i=o.map(a=>this.refine(e,a,n)),e.finish()}catch(a){throw this.counted.takeBackTo(s),a}return o.forEach((a,l)=>Object.assign(a,{code:i[l],layer:n})),o.map(({position:a})=>a)}refine(e,t,n){return ce(t.form).refine(e,t.form,t.code,n,this.around(t))}readLevel(e,t){let{layout:n,rows:o,position:s,form:i}=t;j(n).read(e,n,{rows:o,where:`${e.where}, level ${s}`,work:this.counted,earlier:a=>this.decoded.has(a)?this.header.levels[a].layout:null}),t.code=ce(i).read(e,i,this.around(t)),this.decoded.add(s)}around({layout:e,rows:t,features:n,position:o}){let s=j(e),[i,a]=[s.lattice(e,t),s.voxels(e)],l=this.decoded.has(o-1)?this.header.levels[o-1].code:null;return{rows:t,features:n,lattice:i,voxels:a,work:this.counted,before:l}}}});var As={};Gi(As,{readField:()=>Dr});async function Dr(r,e,t={}){let n=new zr(r,e,t);try{for await(let o of r.pieces())if(n.take(o))break;return n.finish()}finally{n.close()}}function gl(r,e,t){try{return r.addChunk(e,t)}catch(n){throw n instanceof RangeError?new x("limit",`there is not enough memory to decode it (${n.message})`):n}}var ks,zr,Br=v(()=>{"use strict";xs();ae();Y();ks=40;zr=class{source;events;options;wanted;front=null;decoder=null;received=0;reported=-1/0;due;pieces=[];gathered=0;need=8;chunk=0;constructor(e,t,n){this.source=e,this.events=t,this.options=n,this.wanted=n.lods??1/0}take(e){this.received+=e.length,this.report();let t=e;for(;;){if(this.chunk===this.front?.chunks.length){if(t.length>0)throw new x("damaged","bytes follow the last chunk");return!1}let n=t.subarray(0,this.need-this.gathered);if(t=t.subarray(n.length),this.gathered+=n.length,this.wants()&&this.pieces.push(n),this.gathered<this.need)return!1;if(this.advance())return!0}}wants(){return this.front===null||this.front.chunks[this.chunk].known}advance(){if(this.front===null)return this.readFront(),!1;let{known:e,lod:t,offset:n,length:o}=this.front.chunks[this.chunk],s=this.decoder;if(e){let i=gl(s,this.chunk,this.join()),{field:a}=s;if(t!==null){let l=n+o>=this.end(this.front);if(this.report(!0),this.events.lod(a,i,l),l&&this.wanted<=a.lods)return!0}}return this.chunk+=1,this.gatherChunk(this.front),!1}end({lodEnds:e}){return e[Math.max(1,Math.min(this.wanted,e.length))-1]}gatherChunk(e){let t=e.chunks[this.chunk];if(this.pieces=[],this.gathered=0,this.need=t?.length??0,this.need>(this.options.memory??ct)/2&&t.known)throw new x("limit",`chunk ${this.chunk} has ${this.need} bytes, which is too many`)}readFront(){let e=nt(this.join(),this.options);if("need"in e){this.need=e.need;return}this.front=e,this.decoder=new $t(e);let{total:t}=this.source;if(t!==null&&t>e.totalBytes)throw new x("damaged",`${t-e.totalBytes} bytes follow the last chunk`);this.gatherChunk(e)}join(){if(this.pieces.length===1)return this.pieces[0];let e=new Uint8Array(this.gathered),t=0;for(let n of this.pieces)e.set(n,t),t+=n.length;return this.pieces=[e],e}report(e=!1){let t=performance.now();if(!e&&t-this.reported<ks){this.due??=setTimeout(()=>this.report(!0),ks);return}this.close(),this.reported=t;let n=this.source.total??this.front?.totalBytes??null;this.events.progress({received:this.received,total:n,lodEnds:this.front?.lodEnds??[]})}close(){clearTimeout(this.due),this.due=void 0}finish(){if(this.report(!0),this.decoder===null||this.decoder.lodsDecoded===0)throw this.front===null&&this.gathered<8&&nt(this.join()),new x("damaged",`the file ends after ${this.received} bytes, in front of its first level of detail`);return this.decoder.field}}});Y();Y();var Wi=new Set([408,425,429,500,502,503,504]),mn=8e3,Fe=class extends Error{wait;constructor(e,t=0){super(e),this.wait=t}},$e=class{url;options;version=null;received=0;compressed=!1;constructor(e,t={}){this.url=e,this.options=t}get total(){return this.version?.total??null}async*pieces(){let{signal:e,retries:t=6,firstRetries:n=2,backoff:o=250}=this.options,s=0;for(;;){let i=this.received;try{if(yield*this.answer(),this.total===null||this.received>=this.total)return;if(this.received===i)throw new Fe("the server sends nothing");s=0}catch(a){if(e?.throwIfAborted(),a instanceof x)throw a;this.received>i&&(s=0),s+=1;let l=a instanceof Error?a.message:String(a);if(s>(this.version!==null?t:n))throw this.givenUp(l);let c=Math.min(o*2**(s-1),mn)*(.75+Math.random()/2);await Ki(Math.max(c,a instanceof Fe?a.wait:0),e)}}}givenUp(e){if(this.version===null)return this.failure(`the server could not be reached (${e})`);let t=this.total===null?"":` of ${this.total}`;return this.failure(`the connection was lost after ${this.received}${t} bytes (${e})`)}failure(e){return new x("network",`${e}: ${this.url}`)}async*answer(){let{signal:e,stall:t=3e4}=this.options,n=new AbortController,o=()=>n.abort(e?.reason);e?.throwIfAborted(),e?.addEventListener("abort",o);let s,i=()=>{clearTimeout(s),s=setTimeout(()=>{n.abort(new Fe(`nothing came for ${t/1e3} seconds`))},t)};try{i();let a=this.compressed?0:this.received,l=await fetch(this.url,{headers:{range:`bytes=${a}-`},signal:n.signal}),c=this.received-this.check(l,a),u=l.body?.getReader();if(u===void 0)return;for(;;){i();let{done:d,value:f}=await u.read();if(d)return;let h=f.subarray(Math.min(c,f.length));c-=f.length-h.length,h.length!==0&&(this.received+=h.length,clearTimeout(s),yield h)}}finally{clearTimeout(s),e?.removeEventListener("abort",o),n.abort()}}check(e,t){let{status:n,statusText:o,headers:s}=e,i=`${n} ${o}`.trim();if(Wi.has(n)){let u=Number(s.get("retry-after")??0),d=Number.isFinite(u)?Math.min(1e3*u,mn):0;throw new Fe(`the server answered ${i}`,d)}if(n===416)throw this.received>0?this.changed():new x("damaged",`the file is empty: ${this.url}`);if(n===404||n===410)throw this.failure(`there is no such file (${i})`);if(n===401||n===403)throw this.failure(`the server denies access (${i})`);if(n!==200&&n!==206)throw this.failure(`the server answered ${i}`);let[a,l]=n===206?this.range(e,t):[0,pn(e,0)];this.compressed=(s.get("content-encoding")??"identity")!=="identity";let c=this.compressed?null:l;return this.compare({etag:s.get("etag"),modified:s.get("last-modified"),total:c}),a}range(e,t){let n=e.headers.get("content-range");if(n===null){if(e.type==="cors")return[t,pn(e,t)];throw this.failure("the server answered with a part of the file but not which (206)")}let o=/^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(n.trim()),[s,i]=[Number(o?.[1]),Number(o?.[2])],a=o===null||o[3]==="*"?null:Number(o[3]),l=s!==t||i<s||a!==null&&i>=a;if(o===null||l)throw this.failure(`the server was asked for the bytes from ${t} on and answered with others (206, "${n}")`);return[s,a]}compare(e){let t=this.version;if(this.version??=e,t!==null){t.total??=e.total;for(let n of["etag","modified","total"])if(t[n]!==null&&e[n]!==null&&t[n]!==e[n])throw this.changed()}}changed(){return this.failure("the file was changed on the server while it was being read")}};function pn({headers:r},e){let t=r.get("content-length");return t!==null&&/^\d+$/.test(t)?e+Number(t):null}function Ki(r,e){return new Promise((t,n)=>{let o=()=>{clearTimeout(s),n(e?.reason)},s=setTimeout(()=>{e?.removeEventListener("abort",o),t()},r);e?.addEventListener("abort",o,{once:!0})})}Ae();function Ho(r,e,t,n){let o=new Set(e),i=r.grids.flatMap(c=>c.levels).filter(({position:c})=>o.has(c)).map(({position:c,layout:u,code:d,layer:f})=>({position:c,layout:f===0?u:null,code:d,layer:f})),a=new Set,l={skeleton:t?Da(r):null,changed:n?i:i.map(za),lodsDecoded:r.lodsDecoded,metadata:r.metadata};for(let{layout:c,code:u}of l.changed)for(let d of[...Object.values(c??{}),...Object.values(u??{})])ArrayBuffer.isView(d)&&a.add(d.buffer);return{update:l,transfer:[...a]}}function za(r){return structuredClone(r)}function Da(r){let e=r.grids.map(t=>({...t,levels:t.levels.map(n=>({...n,layout:j(n.layout).empty(n.layout),code:null,layer:0}))}));return{...r,grids:e}}function jo(r,e){let t=r??e.skeleton,n=t.grids.flatMap(o=>o.levels);for(let{position:o,layout:s,code:i,layer:a}of e.changed)s!==null&&(n[o].layout=s),n[o].code=i,n[o].layer=a;return t.lodsDecoded=e.lodsDecoded,t.metadata=e.metadata,t}Br();Y();var Es=1<<18,We=class{total;blob;signal;constructor(e,t){this.blob=e,this.signal=t,this.total=e.size}async*pieces(){for(let e=0;e<this.total;e+=Es){let t;try{t=await this.blob.slice(e,e+Es).arrayBuffer()}catch{throw new x("network","the file could not be read on; it may have been changed, moved or deleted")}this.signal?.throwIfAborted(),yield new Uint8Array(t)}}};var Ms=globalThis;function Rt(r,e=[]){Ms.postMessage(r,e)}async function wl({source:r,options:e}){let t=!0,n=typeof r=="string"?new $e(r):new We(r),o={progress:s=>Rt({type:"progress",progress:s}),lod:(...[s,i,a])=>{let{update:l,transfer:c}=Ho(s,i,t,a);t=!1,Rt({type:"lod",update:l},c)}};try{let s=await Dr(n,o,e);Rt({type:"done",metadata:s.metadata})}catch(s){let i=s instanceof x?s.code:null;Rt({type:"error",code:i,message:s instanceof Error?s.message:String(s)})}}typeof document>"u"&&(Ms.onmessage=({data:r})=>{wl(r)});Ce();Y();Pt();Y();var Nt={viridis:"44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",magma:"00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426fd9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf",inferno:"00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42af8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",cividis:"00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",turbo:"30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd1ad4d018ddc21ae4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34dbe236e5d938eecf3af5c53afaba39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706ce2d04c32503b71d02a916019b0f018b09027a0403",coolwarm:"3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff9dbdffa3c2feaac7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3f0cdbbf2c9b4f5c4acf6bea4f7b89cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426",gray:"000000ffffff"},Vr=256;function zt(r){let e=Nt[r];if(e===void 0)throw new RangeError(`there is no color map "${r}"`);let t=e.length/6,n=new Uint8ClampedArray(4*Vr);for(let o=0;o<Vr;o++){let s=o/(Vr-1)*(t-1),i=Math.min(t-2,Math.floor(s));for(let a=0;a<3;a++){let l=u=>parseInt(e.slice(6*u+2*a,6*u+2*a+2),16),c=l(i);n[4*o+a]=c+(l(i+1)-c)*(s-i)}n[4*o+3]=255}return n}mr();var Dt=class{#e;#t;#r;#o;#n;constructor(e,t){let n=e.getContext("webgpu");if(n===null)throw new Error("this canvas cannot show what WebGPU draws");let o=navigator.gpu.getPreferredCanvasFormat();n.configure({device:t,format:o,alphaMode:"opaque"});let s=t.createShaderModule({label:"blit",code:ut["blit.wgsl"]});this.#e=e,this.#t=t,this.#r=n,this.#o=t.createRenderPipeline({layout:"auto",vertex:{module:s,entryPoint:"corner"},fragment:{module:s,entryPoint:"pixel",targets:[{format:o}]},primitive:{topology:"triangle-list"}}),this.#n=t.createBuffer({size:16,usage:GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST})}async show(e,t,n){this.#e.width!==t&&(this.#e.width=t),this.#e.height!==n&&(this.#e.height=n),this.#t.queue.writeBuffer(this.#n,0,Uint32Array.of(t,n,0,0));let o=this.#t.createBindGroup({layout:this.#o.getBindGroupLayout(0),entries:[{binding:0,resource:{buffer:e.buffer("output")}},{binding:1,resource:{buffer:this.#n}}]}),s=this.#t.createCommandEncoder(),i=this.#r.getCurrentTexture().createView(),a=s.beginRenderPass({colorAttachments:[{view:i,loadOp:"clear",storeOp:"store"}]});a.setPipeline(this.#o),a.setBindGroup(0,o),a.draw(3),a.end(),this.#t.queue.submit([s.finish()])}},Bt=class{#e;constructor(e){let t=e.getContext("2d",{alpha:!1});if(t===null)throw new Error("this canvas cannot show images");this.#e=t}async show(e,t,n){let o=await e.pixels(t,n);Object.assign(this.#e.canvas,{width:t,height:n}),this.#e.putImageData(new ImageData(o,t,n),0,0)}};Ae();function se(r){return r.grids.flatMap(e=>e.levels)}Ae();function Hr(r,e){let t=null,n=0;for(let o of r){let[s,i,a]=j(o.layout).cellsAlong(o.layout)??[0,0,0];o.lod<=e&&o.transform===null&&s*i*a>n&&(t=o,n=s*i*a)}return t}function Vt(r,e,t=se(r)){let n=Hr(t,e);if(n!==null)return{level:n,shape:j(n.layout).cellsAlong(n.layout)};if(r.occupancy===null||r.occupancy.shape.length!==3)return null;let[o,s,i]=r.occupancy.shape;return{level:null,shape:[i,s,o]}}function*Ht(r,{level:e,shape:t}){if(e!==null){yield*j(e.layout).cells(e.layout);return}let{cells:n}=r.occupancy,[o,s,i]=t;for(let a=0,l=0;a<i;a++)for(let c=0;c<s;c++)for(let u=0;u<o;u++,l++)n[l>>>3]>>(l&7)&1&&(yield[u,c,a])}le();function ke(r){return Array.from({length:r.dims},(e,t)=>r.bounds[r.dims+t]-r.bounds[t])}function Ls(r,e,t){let n=Hr(se(r),e),o=n===null?C.RADIANCE_VOXELS_WITHOUT_OCTREE:Math.max(...j(n.layout).resolution(n.layout));return Math.max(...ke(r))/o/(t??vl(r))}function vl(r){let e=r.metadata.render;if(typeof e!="object"||e===null)return 1;let t=e.samples_per_voxel;return typeof t!="number"||!(t>0)||!Number.isFinite(t)?1:Math.min(Math.max(t,C.MIN_SAMPLES_PER_VOXEL),C.MAX_SAMPLES_PER_VOXEL)}function Ss(r){let e=r.metadata.render;if(typeof e!="object"||e===null)return 0;let t=e.slope;return typeof t!="number"||!(t>0)?0:Math.min(t,C.MAX_SLOPE)}function jt(r,e){let t=ke(r),n=1/0;for(let o of se(r))o.lod<=e&&(n=Math.min(n,...xl(o,t)));return n===1/0?Math.max(...t)/C.VOXELS_WITHOUT_GRID:n}function xl({layout:r,transform:e},t){let n=t.length,o=j(r).resolution(r);return o.map((s,i)=>{if(e===null)return t[i]/s;let a=[...e.subarray(i*(n+1),i*(n+1)+n)],l=a.map(Math.abs),c=o.length===n?i:l.indexOf(Math.max(...l));return t[c]/(s*Math.max(1e-6,Math.hypot(...a)))})}function _s(r,e){return Math.min(C.MIN_STEP_VOXELS*e,C.MIN_STEP_SHARE*Math.max(...ke(r)))}function Os(r,e){return Math.min(jt(r,e),Math.max(...ke(r))/C.SAMPLES_PER_SIDE)}function Cs(r,e){let t=[],n=[];for(let o=0;o<3;o++){let s=r.bounds[o],i=r.bounds[r.dims+o];t.push(Math.min(Math.max(e[o],s),i)-e[o]),n.push(Math.max(Math.abs(e[o]-s),Math.abs(e[o]-i)))}return[Math.hypot(...t),Math.hypot(...n)]}function Is(r,e,t){let n=Ts([r[0]-e[0],r[1]-e[1],r[2]-e[2]]),o=jr(t,n);return Math.hypot(...o)<1e-9&&(o=jr(Math.abs(n[1])<.9?[0,1,0]:[1,0,0],n)),o=Ts(o),[o,jr(n,o),n]}function jr(r,e){return[r[1]*e[2]-r[2]*e[1],r[2]*e[0]-r[0]*e[2],r[0]*e[1]-r[1]*e[0]]}function Ts(r){let e=Math.hypot(...r);return[r[0]/e,r[1]/e,r[2]/e]}le();var ot=ao("Params"),Gr=4*ot.count,Ue=class{words;#e;#t;constructor(e,t,n,o){let s=new ArrayBuffer(Gr);if(this.words=new Uint32Array(s),this.#e=new Float32Array(s),this.#t=e,this.floats("scale",ke(e).map(i=>2/i)),this.integers("chosen",[n,o]),t.occupancies.length>0){let i=t.occupancies[t.occupancyOfLod[n]];this.integers("cells",[...i.shape,i.cells.offset]),this.integers("blocks",[i.blocks.offset])}}floats(e,t){this.#e.set(t,ot.at.get(e))}integers(e,t){this.words.set(t,ot.at.get(e))}set flags(e){this.words[ot.at.get("chosen")+2]=e}set points(e){this.words[ot.at.get("chosen")+3]=e}camera(e,t,n){let{bounds:o,dims:s}=this.#t,i=ke(this.#t);this.floats("eye",e.eye.map((h,m)=>(h-o[m])/i[m]*2-1).slice(0,s));let[a,l,c]=Is(e.eye,e.target,e.up);this.floats("right",a),this.floats("up",l),this.floats("back",c);let u=.5*n/Math.tan(.5*e.verticalFov),[d,f]=e.shift??[0,0];this.floats("lens",[u,u,t/2+d*n,n/2+f*n])}plane(e,t,n){let{bounds:o}=this.#t,s=ke(this.#t),a=Math.hypot(...e.eye.map((l,c)=>l-e.target[c]))*Math.max(s[0]/t,s[1]/n);this.floats("lens",s.map(l=>a*2/l)),this.floats("eye",s.map((l,c)=>(e.target[c]-o[c])/l*2-1))}};Y();Ce();Ae();Y();le();function Us(r,e,t){let n=new Map(e);for(let{name:u,layers:d}of r){let f=d[d.length-1].outputs;n.set(u,{place:t,width:f}),t+=pe(f)}let o=[],s=[],i=[],a=[],l=t,c=0;for(let u of r){let d=[],f=0;for(let b of u.inputs){let[A,S]=Al(b,n.get(b.source));o.push({...A,result:t+d.length/4}),d.push(...Wr(S,f)),f+=Ps(S)}let h=Math.max(0,...u.layers.slice(0,-1).map(b=>pe(b.outputs))),m=t+d.length/4;l=Math.max(l,m+2*h);let p=t,w=d;a.push(u.layers.map((b,A)=>{let S=u.skips.includes(A),E=pe(b.outputs),_=A===u.layers.length-1?n.get(u.name).place:m+(A&1)*h,O=S?[...w,...Wr(d,Ps(w))]:w;s.push({input:p,columns:w.length/4,entry:t,entry_columns:S?d.length/4:0,output:_,rows:E,weights:c,activation:H("ACTIVATION",b.activation),gain:Kr(b.gain)});let U={lanes:O,weights:c,length:E*(1+O.length)};return c+=U.length,p=_,w=Fs(b.outputs),U})),i.push([u.inputs.length,u.layers.length])}return{inputs:o,entries:s,calls:i,layers:a,memory:l,weights:c,outputs:n}}function Al(r,e){let[t,n]=r.slice??[0,e.width],{encoding:o}=r,s={encoding:H("ENCODING",o.kind),source:e.place,begin:t,end:n};if(o.kind==="spherical_harmonics"){let f=o.degree**2;return[{...s,frequencies:pe(f)},Fs(f)]}let i=[];for(let f=t-t%4;f<4*pe(n);f++)i.push(f>=t&&f<n?f-t:-1);if(o.kind==="identity")return[{...s,raw:1},i];let{frequencies:a,scale:l,includeInput:c}=o,u=c?1:0;Kr(l*2**Math.max(a-1,0));let d=[];for(let f=0;f<u+2*a;f++)d.push(...Wr(i,f*(n-t)));return[{...s,raw:u,frequencies:a,scale:Kr(l)},d]}function Wr(r,e){return r.map(t=>t<0?-1:t+e)}function Fs(r){return Array.from({length:4*pe(r)},(e,t)=>t<r?t:-1)}function Ps(r){return r.reduce((e,t)=>Math.max(e,t+1),0)}function pe(r){return Math.ceil(r/4)}function Kr(r){if(!Number.isFinite(Math.fround(r)))throw new x("unsupported",`an encoding or a layer has the factor ${r}, which is beyond the float32 that a GPU computes in`);return r}function $s(r,e){let{inputs:t,outputs:n}=r,o=4*(e.length+1),s=new Float32Array(pe(n)*o);for(let i=0;i<n;i++){let a=(i>>2)*o+(i&3);r.bias!==null&&(s[a]=r.bias[i]);for(let[l,c]of e.entries())c>=0&&(s[a+4*(l+1)]=r.weight[i*t+c])}return new Uint32Array(s.buffer)}le();function Rs(r,e){let t=r.get("sites");return t===void 0?[]:[[t,j(e.layout).gpu.blocks(e.layout)]]}function Ns(r,e){let t=e.code;return ce(e.form).gpu.words(t,e.features).map(([n,o])=>[r.get(n),o])}function zs(r,e){return e.networks.flatMap((t,n)=>t.layers.map((o,s)=>{let{lanes:i,weights:a,length:l}=r.networks.layers[n][s];return[{buffer:"weights",offset:a,length:l},$s(o,i)]}))}function Yr(r,e){let[t,n]=r.shape,o=C.BLOCK_SHIFT,s=new Uint32Array(r.cells.length),i=new Uint32Array(r.blocks.length),a=Math.ceil(t/(1<<o)),l=Math.ceil(n/(1<<o)),c=(d,f,h)=>{let m=(h*n+f)*t+d;s[m>>>5]|=1<<(m&31);let p=((h>>o)*l+(f>>o))*a+(d>>o);i[p>>>5]|=1<<(p&31)},u=r.level>=0?se(e)[r.level]:null;if(u===null&&e.occupancy===null)c(0,0,0);else for(let d of Ht(e,{level:u,shape:r.shape}))c(...d);return[[r.cells,s],[r.blocks,i]]}Y();Nr();Ce();Ae();le();var El=1<<27,Ml=65536,Ds=8192,Bs=3,Vs=16e3,[Tl,Ll,Sl]=[100,2,10],_l={sites:4,words0:5,words1:6,words2:7,weights:8};function qr(r,e=El){let t=new Xr(e),[n,o]=Nl(r,t),[s,i]=Pl(r,t),a=r.grids.reduce((b,A)=>b+Ct(A.combine,A.levels),0),l=pe(a),c=Math.max(0,...s.map(({rank:b})=>pe(b??0))),u=new Map([["features",{place:0,width:a}],["position",{place:l,width:r.dims}],["direction",{place:l+1,width:3}]]),d=Us(r.networks,u,l+2+c),f=r.networks.map(b=>b.name),h=r.kind==="nerf",m=d.outputs.get(f[f.length-1]),p={whole:{feature_blocks:l,position:l,direction:l+1,scratch:l+2,density:h?d.outputs.get("density").place:0,output:m.place,channels:m.width,radiance:h?1:0},levels:s,inputs:d.inputs,layers:d.entries,calls:d.calls,firstNetworks:h?f.indexOf("density")+1:f.length,sizes:{MEMORY:d.memory,OUTPUTS:pe(m.width),WEIGHTS:Math.max(1,d.weights)}};if(Ol(p),16*(d.memory+pe(m.width))>Ds)throw new x("unsupported",`the field's vectors or networks are wider than a GPU program can hold (${Ds} bytes)`);let w=t.buffers(d.weights);return{buffers:w,levels:i,networks:d,occupancies:n,occupancyOfLod:o,programs:Il(r),rows:p,bytes:w.reduce((b,A)=>b+A.bytes,0)}}function Hs(r,e){let t=new Map(r.buffers.map(({name:s,kind:i})=>[s,i])),n=t.has("words1")?"words_three":"words_one",o=t.get("weights")==="uniform"?"weights_uniform":"weights_storage";return lo(e,r.rows,[n,o])}function Ol(r){let e=Cl(r);if(e>Vs)throw new x("limit",`the field's levels and networks make GPU programs of size ${e}; the limit is ${Vs}`)}function Cl(r){let e=0;for(let{features:t,rank:n}of r.levels)e+=Tl+(Ll+(n??0))*t;for(let{columns:t,entry_columns:n}of r.layers)e+=Sl+4*(t+n);return e}function Il(r){return r.kind==="nerf"?["points","radiance"]:r.kind==="sdf"?r.dims===3?["points","surface","slope"]:["points"]:r.dims===2?["points","plane","range"]:["points","volume","surface","slope","range"]}var Xr=class{constructor(e){this.maxStorage=e}maxStorage;#e=new Map([["sites",0],["words0",0]]);words(e){let t=Array.from({length:Bs},(n,o)=>`words${o}`);return this.#t(t,e,Math.floor(this.maxStorage/4))}sites(e){return this.#t(["sites"],e,Math.floor(this.maxStorage/16))}#t(e,t,n){for(let o of e){let s=this.#e.get(o)??0;if(s+t<=n)return this.#e.set(o,s+t),{buffer:o,offset:s,length:t}}return this.#r()}#r(){throw new x("limit",`the field does not fit into GPU buffers of ${this.maxStorage} bytes, which is what this adapter offers`)}buffers(e){let t=[this.#o("sites","sites")],n=this.#e.has("words1")||this.#e.has("words2");for(let o=0;o<(n?Bs:1);o++)t.push(this.#o(`words${o}`,"words"));return 16*e>this.maxStorage&&this.#r(),this.#e.set("weights",e),t.push(this.#o("weights",16*e<=Ml?"uniform":"weights")),t}#o(e,t){let n=Math.max(this.#e.get(e)??0,1),o=t==="words"?4:16,s=Math.max(16,Math.ceil(n*o/16)*16);return{name:e,kind:t,binding:_l[e],length:n,elementBytes:o,bytes:s}}};function Pl(r,e){let t=[],n=[],o=0;for(let s of r.grids){let i=0;for(let[a,l]of s.levels.entries()){let[c,u,d]=$l(l,r.dims),[f,h]=Rl(l,e),m=Fl(s,a),p=Ul(s,a);t.push({...f,...p,channel:o+i,multiplies:m,x:c,y:u,z:d}),n.push(h),s.combine==="concat"&&(i+=l.features)}o+=Ct(s.combine,s.levels)}return[t,n]}function Ul({combine:r,levels:e},t){let n=e.slice(t+1);return r!=="finest"||n.length===0?{}:{until:Math.min(...n.map(({lod:o})=>o))}}function Fl({combine:r,levels:e},t){return r!=="product"||t===0?0:1+Math.min(...e.slice(0,t).map(({lod:n})=>n))}function $l({transform:r},e){return Array.from({length:3},(t,n)=>{if(r===null)return[0,1,2,3].map(s=>n===s&&n<e?1:0);let o=[...r.subarray(n*(e+1),(n+1)*(e+1))];return o.length===0?[0,0,0,0]:[o[0],o[1],e===3?o[2]:0,o[e]]})}function Rl(r,e){let t=new Map,n=j(r.layout).gpu,o=ce(r.form).gpu,s={lod:r.lod,features:r.features,...n.members(r.layout),...o.members(r.form,r.features)},i=n.numBlocks(r.layout);if(i>0){let a=e.sites(i);t.set("sites",a),s.sites=a.offset}for(let[a,l]of o.lengths(r.form,r.rows,r.features)){let c=e.words(l);t.set(a,c),s[a]=c.offset,s[`${a}_buffer`]=Number(c.buffer.slice(5))}return[s,t]}function Nl(r,e){if(r.kind==="sdf"||r.dims===2)return[[],[]];let t=[],n=[],o=1<<C.BLOCK_SHIFT;for(let s=0;s<r.lods;s++){let i=Vt(r,s),a=i?.level?.position??-1,l=i?.shape??[1,1,1],c=t.findIndex(u=>u.level===a);if(c<0){let[u,d,f]=l,h=e.words(Math.ceil(u*d*f/32)),m=Math.ceil(u/o)*Math.ceil(d/o)*Math.ceil(f/o),p=e.words(Math.ceil(m/32));c=t.push({shape:l,level:a,cells:h,blocks:p})-1}n.push(c)}if(t.some(s=>s.cells.buffer!=="words0"||s.blocks.buffer!=="words0"))throw new x("limit","the field's occupancy does not fit into one GPU buffer");return[t,n]}le();var zl=C.COLORS*16,Dl=500,Gt=class r{plan;#e;#t;#r=new Map;#o=new Map;#n=new Map;#l=null;#i=void 0;constructor(e,t){this.#e=e,this.plan=qr(t,e.limits.maxStorageBufferBindingSize),this.#t=js(this.plan)}static async create(e,t){let n=new r(e,t),{UNIFORM:o,STORAGE:s}=GPUBufferUsage;return await n.#a([...n.plan.buffers.map(({name:i,kind:a,bytes:l})=>[i,l,a==="uniform"?o:s]),["params",Gr,o],["table",zl,s]]),n}fits(e){let t=qr(e,this.#e.limits.maxStorageBufferBindingSize);return js(t)===this.#t}update(e){if(se(e).forEach((t,n)=>{let o=this.#n.get(n);if(!(t.code===null||o?.code===t.code)&&(this.#n.set(n,{code:t.code,layout:t.layout}),this.#s(Ns(this.plan.levels[n],t)),o?.layout!==t.layout)){this.#s(Rs(this.plan.levels[n],t));for(let s of this.plan.occupancies)s.level===n&&this.#s(Yr(s,e))}}),e.lodsDecoded!==0){if(e.occupancy!==this.#i){this.#i=e.occupancy;for(let t of this.plan.occupancies)t.level<0&&this.#s(Yr(t,e))}e.networks!==this.#l&&(this.#l=e.networks,this.#s(zs(this.plan,e)))}}#s(e){for(let[t,n]of e){let o=this.plan.buffers.find(s=>s.name===t.buffer).elementBytes;n.length>0&&this.write(t.buffer,n,t.offset*o)}}async#a(e){this.#e.pushErrorScope("out-of-memory");for(let[n,o,s]of e){this.#r.get(n)?.destroy();let i=s|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;this.#r.set(n,this.#e.createBuffer({label:n,size:o,usage:i}))}if(await this.#u(this.#e.popErrorScope())===null)return;for(let[n]of e)this.#r.get(n).destroy(),this.#r.delete(n);let t=e.reduce((n,[,o])=>n+o,0);throw new x("limit",`the image needs ${t} bytes of GPU memory that are not free`)}buffer(e){return this.#r.get(e)}write(e,t,n=0){this.#e.queue.writeBuffer(this.buffer(e),n,t)}async reserve(e,t){let n=Math.max(256,Math.ceil(t/256)*256);(this.#r.get(e)?.size??0)<n&&await this.#a([[e,n,GPUBufferUsage.STORAGE]])}async read(e){let t=Math.ceil(e/4)*4,n=GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST,o=this.#e.createBuffer({size:t,usage:n}),s=this.#e.createCommandEncoder();s.copyBufferToBuffer(this.buffer("output"),0,o,0,t),this.#e.queue.submit([s.finish()]),await this.#u(o.mapAsync(GPUMapMode.READ));let i=o.getMappedRange().slice(0);return o.destroy(),i}async pixels(e,t){let n=new Uint16Array(await this.read(8*e*t)),o=new Uint8ClampedArray(4*e*t);for(let s=0;s<o.length;s++)o[s]=255*Bl(n[s]);return o}prepare(e,t="main"){let n=`${e} ${t}`,o=this.#o.get(n);return o===void 0&&(o=this.#c(e,t),this.#o.set(n,o),o.catch(()=>this.#o.delete(n))),o}run(e,t,n){let o=[[0,"params"],[1,"output"]];t==="points"&&o.push([3,"points"]),(t==="volume"||t==="plane")&&o.push([3,"table"]);for(let l of this.plan.buffers)o.push([l.binding,l.name]);let s=this.#e.createBindGroup({layout:e.layout,entries:o.map(([l,c])=>({binding:l,resource:{buffer:this.buffer(c)}}))}),i=this.#e.createCommandEncoder(),a=i.beginComputePass();a.setPipeline(e.pipeline),a.setBindGroup(0,s),a.dispatchWorkgroups(n[0],n[1]),a.end(),this.#e.queue.submit([i.finish()])}async finished(){await this.#u(this.#e.queue.onSubmittedWorkDone())}async#u(e){let t=setInterval(()=>this.#e.queue.submit([]),Dl);try{return await e}finally{clearInterval(t)}}async#c(e,t){let n=new Map([[0,"uniform"],[1,"storage"]]);["points","volume","plane"].includes(e)&&n.set(3,"read-only-storage");for(let{binding:l,kind:c}of this.plan.buffers)n.set(l,c==="uniform"?"uniform":"read-only-storage");let o=this.#e.createBindGroupLayout({entries:[...n].map(([l,c])=>({binding:l,visibility:GPUShaderStage.COMPUTE,buffer:{type:c}}))}),s=this.#e.createShaderModule({label:e,code:Hs(this.plan,e)}),i=this.#e.createComputePipelineAsync({label:e,layout:this.#e.createPipelineLayout({bindGroupLayouts:[o]}),compute:{module:s,entryPoint:t}});return{pipeline:await this.#u(i),layout:o}}get bytes(){let e=0;for(let t of this.#r.values())e+=t.size;return e}destroy(){for(let e of this.#r.values())e.destroy();this.#r.clear()}};function js(r){return JSON.stringify([r.rows,r.buffers,r.occupancies])}function Bl(r){let e=r>>10;return e===0?r*2**-24:(1024+(r&1023))*2**(e-25)}le();var Vl=H("FLAG","exact_distance"),Gs=64,Ws=.1,Hl=4096,jl=256,Wt=class r{device;#e;#t;#r=null;#o=null;#n=0;#l=0;#i=[];#s=0;#a=Hl/Ws;#u=0;#c=0;#p=new Map;#h=Promise.resolve();constructor(e,t,n){this.device=e,this.#e=t,this.#t=n}static async create(e,t={}){let n=t.device??await Gl(),o=null,s=n.adapterInfo?.isFallbackAdapter===!0;return e!==null&&(o=s?new Bt(e):new Dt(e,n)),new r(n,t.device===void 0,o)}get lods(){return this.#n}get drawnLod(){return this.#l}get drawnLayer(){return this.#s}setField(e){return this.#c++,this.#m(async()=>{this.#p.clear(),(this.#r===null||!this.#r.fits(e))&&this.#f(),this.#r??=await Gt.create(this.device,e),this.#r.update(e),this.#o=e,this.#n=e.lodsDecoded;let t=se(e);this.#i=Array.from({length:this.#n},(n,o)=>ys(t,o))})}render(e,t){let n=++this.#u,o=this.#c,s=()=>o===this.#c&&t.signal?.aborted!==!0;return this.#m(async()=>!(this.#o!==null&&n===this.#u&&s())||!await this.#d(e,t,s)?!1:(this.#l=this.#v(t.lod),this.#s=this.#i[this.#l]??0,await this.#t?.show(this.#r,t.width,t.height),!0))}renderPixels(e,t){return this.#m(async()=>(await this.#d(e,t,()=>!0),this.#r.pixels(t.width,t.height)))}#m(e){let t=this.#h.then(e);return this.#h=t.catch(()=>{}),t}#f(){this.#r?.destroy(),this.#r=this.#o=null,this.#n=0}async#d(e,t,n){let o=this.#o,s=this.#r;if(o===null||s===null)throw new Error("there is no field to draw yet");let{width:i,height:a}=t,l=this.device.limits.maxStorageBufferBindingSize;if(!(i>=1&&a>=1&&8*i*a<=l))throw new RangeError(`an image of ${i} x ${a} pixels is not possible`);let[c,u]=await this.#y(o,s,e,t),d=await s.prepare(c);await s.reserve("output",8*i*a);for(let f=0;f<a;){let[h,m]=this.#x(i,a-f,t.antialias??1);for(let p=0;p<i;p+=h){if(!n())return!1;let w=[p,f,Math.min(h,i-p),m];u.integers("tile",w),s.write("params",u.words);let b=performance.now();s.run(d,c,[Math.ceil(w[2]/8),Math.ceil(m/8)]),await s.finished(),this.#k(w[2]*m*(t.antialias??1)**2,performance.now()-b)}f+=m}return n()}async#y(e,t,n,o){let{width:s,height:i}=o,a=o.mode??"shaded",l=o.channel??0,c=this.#v(o.lod);if(Zr(e),!Ys(e).includes(a))throw new RangeError(`mode "${a}" is not possible for this field`);let u=new Ue(e,t.plan,c,l);u.floats("background",(o.background??[1,1,1]).map(b=>Math.min(1,Math.max(0,b)))),u.integers("image",[s,i,o.antialias??1,H("MODE",a)]);let d=[0,1];if(e.kind==="scalar"&&(d=o.range??await this.#g(c,l),u.floats("transfer",d),t.write("table",Wl(o.colormap??"viridis"))),e.dims===2)return u.plane(n,s,i),["plane",u];u.camera(n,s,i);let[f,h]=Cs(e,n.eye);if(e.kind==="nerf"){let b=Ls(e,c,o.samplesPerVoxel??void 0);return u.floats("march",[b,f,h]),["radiance",u]}if(e.kind==="scalar"&&a==="shaded"){let b=Os(e,c),A=Math.hypot(...ke(e)),S=(o.opacity??1)*C.FULL_DEPTH*b/A;return u.floats("transfer",[d[0],d[1],S]),u.floats("march",[b,f,h]),["volume",u]}let m=e.kind==="sdf"?0:o.isoLevel??.5*(d[0]+d[1]),p=jt(e,c),w=_s(e,p);return u.floats("surface",[w,C.NORMAL_STEP_VOXELS*p,...Ks(e,m)]),u.floats("march",[0,f,h,await this.#b(c,m,l)]),["surface",u]}valueRange(e,t=0){return this.#m(()=>this.#g(e,t))}async#g(e,t){let n=this.#o;if(n===null)throw new x("limit","there is no field whose values could be told");let o=t===0?n.metadata.value_range:null;if(Array.isArray(o)&&o.length===2){let[l,c]=o;if(Number.isFinite(l)&&Number.isFinite(c)&&l<c)return[l,c]}let s=n.dims===3?C.RANGE_POINTS_3D:C.RANGE_POINTS_2D,i=new Ue(n,this.#r.plan,e,t);i.integers("cells",[s,s,n.dims===3?s:1]);let a=await this.#w(`range ${e} ${t}`,"range",i,s**n.dims);return[a[0],a[1]]}async#b(e,t,n){let o=this.#o,s=new Ue(o,this.#r.plan,e,n);s.floats("surface",[0,jt(o,e),...Ks(o,t)]),s.flags=o.kind==="sdf"?Vl:0;let i=`slope ${e} ${t} ${n}`,[a]=await this.#w(i,"slope",s,C.SLOPE_POINTS);return o.kind==="sdf"?Math.max(a,Ss(o)):a}async#w(e,t,n,o){let s=this.#p.get(e);if(s===void 0){let i=this.#r,[a,l]=[await i.prepare(t),await i.prepare(t,"reduce")];n.points=o,await i.reserve("output",4*o),i.write("params",n.words),i.run(a,t,[Math.ceil(o/Gs),1]),i.run(l,t,[1,1]),s=[...new Float32Array(await i.read(8))],this.#p.set(e,s)}return s}evaluate(e,t=null,n=null){return this.#m(()=>this.#A(e,t,n))}async#A(e,t,n){let o=this.#o,s=this.#r,{dims:i,bounds:a}=o,l=e.length/i,c=s.plan.rows.whole.channels+(o.kind==="nerf"?1:0),u=new Float32Array(8*l);for(let f=0;f<l;f++){for(let h=0;h<i;h++){let m=a[h];u[8*f+h]=(e[i*f+h]-m)/(a[i+h]-m)*2-1}t!==null&&u.set(t.subarray(3*f,3*f+3),8*f+4)}let d=new Ue(o,s.plan,this.#v(n),0);return d.points=l,await s.reserve("points",u.byteLength),await s.reserve("output",4*l*c),s.write("points",u),s.write("params",d.words),s.run(await s.prepare("points"),"points",[Math.ceil(l/Gs),1]),new Float32Array(await s.read(4*l*c),0,l*c)}get bytes(){return this.#r?.bytes??0}destroy(){this.#c++,this.#f(),this.#e&&this.device.destroy()}#v(e){let t=Math.max(0,this.#n-1);return Math.min(t,Math.max(0,e??t))}#x(e,t,n){let o=Math.max(jl,this.#a*Ws),s=Math.max(64,o/n**2),i=Math.min(Math.max(8,Math.floor(s/e/8)*8),t);return[Math.min(Math.max(8,Math.floor(s/i/8)*8),e),i]}#k(e,t){let n=1e3*e/Math.max(t,.1);this.#a=Math.min(n,4*this.#a)}};function Zr(r){if(!(Ys(r).length>0))throw new x("unsupported",`a 2-D ${r.kind} field has no image; \`nfcodec decode --resolution\` to .npz or .h5 writes its values`)}function Ys(r){return r.dims===2?r.kind==="scalar"?["shaded"]:[]:r.kind==="nerf"?["shaded","depth"]:r.kind==="sdf"?["shaded","matcap","normals","depth"]:["shaded","iso"]}function Ks(r,e){return r.kind==="sdf"?[0,1]:[e,-1]}async function Gl(){if(!("gpu"in navigator)||navigator.gpu===void 0){let n=globalThis.isSecureContext!==!1;throw new Error(n?"WebGPU is missing here":"WebGPU is only there on pages served over https")}let r=await navigator.gpu.requestAdapter({powerPreference:"high-performance"});if(r===null)throw new Error("WebGPU is there, but no graphics adapter for it");let{maxStorageBufferBindingSize:e,maxBufferSize:t}=r.limits;return r.requestDevice({requiredLimits:{maxStorageBufferBindingSize:e,maxBufferSize:t}})}function Wl(r){let e=new Float32Array(4*C.COLORS);return zt(r).forEach((t,n)=>e[n]=t/255),e}Ut();Y();Y();var Xs=1<<18,qs=/^[a-z][a-z0-9+.-]+:/i;function Zs(){let{process:r}=globalThis;return r?.getBuiltinModule?.("node:fs")??null}function Qs(r){let e=r instanceof URL?r.href:r;return typeof e!="string"||Zs()===null?!1:e.toLowerCase().startsWith("file:")||!qs.test(e)}async function Js(r,e){let t=typeof r=="string"&&qs.test(r)?new URL(r):r;try{let n=await Zs().promises.open(t);return{total:(await n.stat()).size,pieces:()=>Kl(n,r,e)}}catch(n){throw ei(r,n)}}async function*Kl(r,e,t){try{for(let n=0;;){let o=new Uint8Array(Xs),{bytesRead:s}=await r.read(o,0,Xs,n).catch(i=>{throw ei(e,i)});if(t.throwIfAborted(),s===0)return;n+=s,yield o.subarray(0,s)}}finally{await r.close()}}function ei(r,e){let t=e instanceof Error?e.message:String(e);return new x("network",`${r} could not be read (${t})`)}async function ri(r,e={}){let{onProgress:t,onLod:n,signal:o,worker:s,...i}=e;o?.throwIfAborted();let a=new AbortController,l=()=>a.abort(o?.reason);o?.addEventListener("abort",l,{once:!0});let c=[],u={progress:d=>t?.(d),lod:(d,f)=>{let h=Promise.resolve(n?.(d,f));h.catch(m=>a.abort(m)),c.push(h)}};try{let d=await Yl(r,s,i,u,a.signal);return await Promise.all(c),d}finally{o?.removeEventListener("abort",l)}}async function Yl(r,e,t,n,o){if(Qs(r))return ti(await Js(r,o),n,t);let s=typeof r=="string"||r instanceof URL?Xl(r):ql(r);if(e!==null&&(e!==void 0||typeof Worker<"u")){let a={source:s,options:t};try{return await Jl((e??Ql)(),a,n,o)}catch(l){if(e!==void 0||!(l instanceof Kt))throw l}}let i=typeof s=="string"?new $e(s,{signal:o}):new We(s,o);return ti(i,n,t)}async function ti(r,e,t){let{readField:n}=await Promise.resolve().then(()=>(Br(),As));return n(r,e,t)}function Xl(r){let e=typeof document>"u"?globalThis.location?.href:document.baseURI;return new URL(r,e).href}function ql(r){return r instanceof Blob?r:new Blob([rt(r)])}var Zl="./worker.js";function Ql(){try{return new Worker(new URL("./worker.js",""),{type:"module"})}catch{let r=`import ${JSON.stringify(new URL(Zl,"").href)};`,e=URL.createObjectURL(new Blob([r],{type:"text/javascript"}));return new Worker(e,{type:"module"})}}var Kt=class extends x{};function Jl(r,e,t,n){let o=()=>{};return new Promise((s,i)=>{let a=null,l=!1;o=()=>i(n.reason),n.addEventListener("abort",o,{once:!0}),r.onerror=c=>{c.preventDefault();let d=`the decoder could not be loaded or has failed${c.message?` (${c.message})`:""}`;i(l?new x("network",d):new Kt("network",d))},r.onmessageerror=()=>i(new x("limit","there is not enough memory for what was decoded")),r.onmessage=({data:c})=>{if(l=!0,!n.aborted)try{if(c.type==="progress")t.progress(c.progress);else if(c.type==="lod")a=jo(a,c.update),t.lod(a,c.update.changed.map(({position:u})=>u));else if(c.type==="done"){let u=a;u.metadata=c.metadata,s(u)}else{let{code:u,message:d}=c;i(u===null?new Error(d):new x(u,d))}}catch(u){i(u)}},r.postMessage(e)}).finally(()=>{n.removeEventListener("abort",o),r.terminate()})}var ie=(r,e)=>[r[0]+e[0],r[1]+e[1],r[2]+e[2]],$=(r,e)=>[r[0]-e[0],r[1]-e[1],r[2]-e[2]],N=(r,e)=>[r[0]*e,r[1]*e,r[2]*e],we=(r,e)=>r[0]*e[0]+r[1]*e[1]+r[2]*e[2],P=r=>Math.hypot(r[0],r[1],r[2]),ve=(r,e)=>[r[1]*e[2]-r[2]*e[1],r[2]*e[0]-r[0]*e[2],r[0]*e[1]-r[1]*e[0]],de=r=>N(r,1/P(r));function ni(r,e,t){let n=Math.cos(t),o=N(e,we(e,r)*(1-n));return ie(ie(N(r,n),N(ve(e,r),Math.sin(t))),o)}function Yt(r){return de(ve(Math.abs(r[1])<.9?[0,1,0]:[1,0,0],r))}var ec=35*Math.PI/180,tc=.05,oi=35*Math.PI/180,si=20*Math.PI/180,ii=.002,rc=1e6;function nc(r){let{width:e,height:t}=en(r);return typeof e=="number"&&typeof t=="number"&&e>0&&t>0?e/t:null}function ai(r){return Xt(r,"eye")!==null&&Xt(r,"target")!==null}function li(r,e){let t=en(r),n=t.vertical_fov,o=typeof n=="number"&&n>.001&&n<Math.PI-.001?n:ec,s=ic(t.up)??Qr(r),i=Jr(r),a=Xt(r,"target")??fi(i),l=Xt(r,"eye"),c=Math.max(...$(i[1],i[0]));if(l!==null&&P($(l,a))>1e-9*c){let f=nc(r)??1;return e<f&&(o=2*Math.atan(Math.tan(o/2)*f/e),o=Math.min(o,2.6)),{eye:l,target:a,up:s,verticalFov:o}}let u=ac(s),d=lc(i,a,u,s,o,e);return{eye:ie(a,N(u,d)),target:a,up:s,verticalFov:o}}function Qr(r){return r.kind==="sdf"?[0,1,0]:[0,0,1]}function Jr(r){let[e,t]=ci(r),n=oc(r);if(n===null)return[e,t];let o=[[],[]];return n.forEach((s,i)=>{let[a,l]=sc(s),c=t[i]-e[i];o[0].push(e[i]+c*a),o[1].push(e[i]+c*l)}),o}function oc(r){let e=se(r).filter(s=>s.code!==null),t=Vt(r,1/0,e);if(t===null)return null;let n=t.shape.map(s=>new Float64Array(s)),o=!1;for(let s of Ht(r,t)){for(let i=0;i<3;i++)n[i][s[i]]+=1;o=!0}return o?n:null}function sc(r){let e=r.reduce((s,i)=>s+i,0),t=0,n=-1,o=r.length-1;for(let s=0;s<r.length;s++)if(t+=r[s],n<0&&t>ii*e&&(n=s),t>=(1-ii)*e){o=s;break}return[Math.max(n,0)/r.length,(o+1)/r.length]}function en(r){let e=r.metadata.camera;return typeof e=="object"&&e!==null&&!Array.isArray(e)?e:{}}function Xt(r,e){let t=ui(en(r)[e]),[n,o]=ci(r),s=rc*P($(o,n));return t!==null&&P($(t,fi([n,o])))<=s?t:null}function ci(r){let e=t=>[...r.bounds.subarray(t,t+3)];return[e(0),e(3)]}function ui(r){return!Array.isArray(r)||r.length!==3?null:r.every(e=>typeof e=="number"&&Number.isFinite(e))?r:null}function ic(r){let e=ui(r),t=e===null?0:P(e);return e!==null&&t>1e-12&&t<1/0?de(e):null}function fi([r,e]){return N(ie(r,e),.5)}function ac(r){let e=Math.max(...r.map(Math.abs)),n=Math.abs(r[2])===e?[0,-1,0]:[0,0,1],o=de($(n,N(r,we(n,r)))),s=ie(N(o,Math.cos(oi)),N(ve(r,o),Math.sin(oi)));return ie(N(s,Math.cos(si)),N(r,Math.sin(si)))}function lc(r,e,t,n,o,s){let i=de(ve(n,t)),a=ve(t,i),l=Math.tan(o/2),c=0;for(let u=0;u<8;u++){let d=m=>r[u>>m&1][m],f=$([d(0),d(1),d(2)],e),h=Math.max(Math.abs(we(f,i))/(l*s),Math.abs(we(f,a))/l);c=Math.max(c,we(f,t)+h)}return c*(1+tc)}var di=Math.PI,qt=Math.PI/24,Zt=1/24,st=1.1,cc=.0015,uc=.01,fc=16,dc=300,hi=24;function mi(r,e,t={scrolls:!1}){r.style.touchAction=t.scrolls?"pan-y":"none";let n=!1,o=new Map,s=!1,i=0,a=null,l={time:-1/0,x:0,y:0},c=(f,h,m={})=>r.addEventListener(f,h,m),u=()=>{clearTimeout(i),i=window.setTimeout(()=>e.rest(),200)};c("pointerdown",f=>{r.focus({preventScroll:!0}),n=!0,r.setPointerCapture(f.pointerId),o.set(f.pointerId,{x:f.clientX,y:f.clientY}),a=o.size===1?{x:f.clientX,y:f.clientY}:null,s=f.button!==0||f.shiftKey||f.ctrlKey||f.metaKey,f.button===1&&f.preventDefault()}),c("pointermove",f=>{let h=o.get(f.pointerId);if(h===void 0)return;let m={x:f.clientX,y:f.clientY},[p,w]=[m.x-h.x,m.y-h.y];a!==null&&Math.hypot(m.x-a.x,m.y-a.y)>hi/2&&(a=null);let b=r.clientHeight||1;if(o.size===1)s?e.pan(p/b,w/b):e.turn(p/b*di,w/b*di);else if(o.size===2){let A=[...o].find(([_])=>_!==f.pointerId)[1],S=_=>Math.hypot(_.x-A.x,_.y-A.y),[E,T]=[S(h),S(m)];E>1&&T>1&&e.zoom(E/T),e.pan(p/2/b,w/2/b)}o.set(f.pointerId,m)});let d=f=>{o.delete(f.pointerId)&&o.size===0&&e.rest()};c("pointerup",f=>{let{timeStamp:h,clientX:m,clientY:p}=f,w=Math.hypot(m-l.x,p-l.y)<hi;a!==null&&f.pointerType==="touch"&&(w&&h-l.time<dc&&e.reset(),l={time:h,x:m,y:p}),d(f)}),c("pointercancel",d),c("pointerleave",()=>n=!1),c("dblclick",()=>e.reset()),c("contextmenu",f=>f.preventDefault()),c("wheel",f=>{if(t.scrolls&&!n&&!f.ctrlKey&&!f.metaKey){e.passed?.();return}f.preventDefault();let h=f.deltaMode===WheelEvent.DOM_DELTA_PIXEL?1:fc,m=Math.max(-400,Math.min(400,f.deltaY*h));e.zoom(Math.exp(m*(f.ctrlKey?uc:cc))),u()},{passive:!1}),c("keydown",f=>{if(f.ctrlKey||f.metaKey||f.altKey)return;let m={ArrowLeft:()=>f.shiftKey?e.pan(-Zt,0):e.turn(-qt,0),ArrowRight:()=>f.shiftKey?e.pan(Zt,0):e.turn(qt,0),ArrowUp:()=>f.shiftKey?e.pan(0,-Zt):e.turn(0,-qt),ArrowDown:()=>f.shiftKey?e.pan(0,Zt):e.turn(0,qt),"+":()=>e.zoom(1/st),"=":()=>e.zoom(1/st),"-":()=>e.zoom(st),PageUp:()=>e.zoom(1/st),PageDown:()=>e.zoom(st),Home:()=>e.reset(),0:()=>e.reset()}[f.key];m!==void 0&&(f.preventDefault(),m(),u())})}Y();var Qt=class{#e=new Set;#t=null;constructor(e){e.then(t=>{this.#t=t;for(let n of this.#e)n(t)})}async during(e){let t=()=>{};try{return await new Promise((n,o)=>{t=o,this.#e.add(t),this.#t!==null&&o(this.#t),e.then(n,o)})}finally{this.#e.delete(t)}}};var hc=200,Te=class extends Error{},it=class r{renderer;#e;constructor(e){this.renderer=e,this.#e=new Qt(e.device.lost.then(({message:t})=>new Te(t)))}static async create(e){let t=document.createElement("canvas"),n=await Wt.create(t);return e.replaceChildren(t),new r(n)}async whileThere(e){try{return await this.#e.during(e)}catch(t){throw t instanceof Te||t instanceof x||t instanceof RangeError||await this.#e.during(new Promise(o=>setTimeout(o,hc))),t}}};var Jt={top:0,right:0,bottom:0,left:0},mc=160,pi=.5,bi={x:0,y:0,width:1,height:1};function gi(r,e,t){if(Math.min(e,t)<mc)return bi;let[n,o]=yi(r.left/e,r.right/e),[s,i]=yi(r.top/t,r.bottom/t);return{x:n,y:s,width:o,height:i}}function yi(r,e){let t=Math.max(0,r)+Math.max(0,e),n=t>1-pi?(1-pi)/t:1;return[Math.max(0,r)*n,1-t*n]}function wi(r,e,t,n){if(r===bi)return e;let o=[(r.x+r.width/2-.5)*n,r.y+r.height/2-.5];if(t.dims===3){let m=2*Math.atan(Math.tan(e.verticalFov/2)/r.height);return{...e,verticalFov:m,shift:o}}let[s,i,a,l]=t.bounds,c=(m,p)=>Math.max((a-s)/m,(l-i)/p),u=c(n*r.width,r.height),d=(e.eye[2]-e.target[2])*(u/c(n,1)),f=(e.eye[2]-e.target[2])*u,h=[e.target[0]-o[0]*f,e.target[1]+o[1]*f,e.target[2]];return{...e,target:h,eye:[h[0],h[1],h[2]+d]}}function rn(r){let e=[];if(r.view!==void 0){let{eye:t,target:n,up:o,verticalFov:s}=r.view;e.push(`camera=${[...t,...n,...o,s].map(tn).join(",")}`)}return r.lod!==void 0&&e.push(`lod=${r.lod}`),r.mode!==void 0&&e.push(`mode=${encodeURIComponent(r.mode)}`),r.colormap!==void 0&&e.push(`colormap=${encodeURIComponent(r.colormap)}`),r.range!==void 0&&e.push(`range=${r.range.map(tn).join(",")}`),r.level!==void 0&&e.push(`level=${tn(r.level)}`),r.background!==void 0&&e.push(`background=${tr(r.background)}`),e.length>0?`#${e.join("&")}`:""}function nn(r){let e=new URLSearchParams(r.replace(/^#/,"")),t={},n=er(e.get("camera"),10);if(n!==null){let[u,d,f]=[0,3,6].map(b=>n.slice(b,b+3)),h=n[9],m=Math.max(Math.hypot(...u),Math.hypot(...d));Math.hypot(...u.map((b,A)=>b-d[A]))>1e-9*m&&Math.hypot(...f)>1e-9&&h>.001&&h<3&&(t.view={eye:u,target:d,up:f,verticalFov:h})}let o=er(e.get("lod"),1);o!==null&&Number.isInteger(o[0])&&o[0]>=0&&(t.lod=o[0]);let s=e.get("mode");s!==null&&(t.mode=s);let i=e.get("colormap");i!==null&&(t.colormap=i);let a=er(e.get("range"),2);a!==null&&a[0]<a[1]&&(t.range=a);let l=er(e.get("level"),1);l!==null&&(t.level=l[0]);let c=/^[0-9a-f]{6}$/i.exec(e.get("background")??"")?.[0];if(c!==void 0){let u=d=>parseInt(c.slice(d,d+2),16)/255;t.background=[u(0),u(2),u(4)]}return t}function vi(r){let e=r.searchParams.get("embed");return e!==null&&e!=="0"&&e!=="false"}function xi(r){let e=new URL(r);return e.searchParams.delete("embed"),e}function er(r,e){if(r===null)return null;let t=r.split(",").map(n=>n.trim()===""?NaN:Number(n));return t.length===e&&t.every(n=>Math.abs(n)<=1e30)?t:null}function tr(r){return r.map(e=>Math.round(255*e).toString(16).padStart(2,"0")).join("")}function tn(r){return String(Number(r.toPrecision(8)))}Y();function on(r,e){if(r instanceof TypeError)return pc(r.message);let t=Ai(r),n=sn(r instanceof Error?r.message:String(r));switch(t){case"damaged":return{title:`${e} cannot be read`,text:n,remedy:"Copy or download the file again as binary. If you have it on disk, \u201Cnfcodec verify\u201D says whether it is sound."};case"unsupported":return{title:`${e} cannot be shown by this viewer`,text:n,remedy:"\u201Cnfcodec info\u201D says what is in it. If it needs a newer version, update nfcodec and, if this page is an export, export it anew."};case"limit":return{title:`${e} is too large`,text:n,remedy:"Encode the field with fewer levels of detail, or look at a smaller one."};case"network":return{title:`${e} could not be loaded`,text:n,remedy:"Check the name and the connection. A file on another server needs that server's permission (CORS)."};default:return{title:`${e} could not be shown`,text:n,remedy:"This is a defect of the viewer: please report it with this text."}}}function ki(r){return Ai(r)!=="network"?"The rest of the file cannot be read.":"The rest of the file did not arrive."}function Ai(r){return r instanceof x?r.code:r?.code}function pc(r){return{title:"This address names no file",text:sn(r),remedy:"Put the file beside this page and open ?src=name.nfc, or drop it here."}}function rr(r,e=""){return{title:"This browser cannot draw the field",text:`${sn(r)} ${e}`.trim(),remedy:"The viewer needs WebGPU: a current Chrome, Edge, Firefox or Safari, with graphics acceleration switched on, on a page served over https or from this machine."}}function sn(r){let e=r.trim();if(e==="")return"The reason is not known.";let t=/[.!?]$/.test(e)?e:`${e}.`;return t[0].toUpperCase()+t.slice(1)}function at(r){if(r<1e3)return`${r} B`;let e=r,t="";for(t of["kB","MB","GB"])if(e/=1e3,e<999.5)break;return`${e<9.95?e.toFixed(1):Math.round(e)} ${t}`}var yc=.01,bc=.02,gc=4,wc=2.5,vc=.03,nr=class{#e;#t;#r;#o;#n;constructor(e,t,n){this.#e=e;let o=P($(e.eye,e.target));this.#r=Math.min(bc*n,o),this.#o=Math.max(gc*n,wc*o);let s=de($(e.eye,e.target)),i=ve(e.up,s),a=P(i)>1e-6?de(i):Yt(s),l=we(ve(s,a),t)>0;this.#t=l&&Math.abs(we(a,t))<vc?t:e.up,this.#n=e}get view(){return this.#n}set view(e){let t=$(e.eye,e.target);if(!(P($(e.target,this.#e.target))<=2*this.#o&&Number.isFinite(P(t))))return;let o=P(t),s=this.#l(o);this.#n=s===o?e:{...e,eye:ie(e.target,N(t,s/o))}}#l(e){return Math.min(this.#o,Math.max(this.#r,e))}get isHome(){return this.#n===this.#e}reset(){this.#n=this.#e}turn(e,t){let{eye:n,target:o}=this.#n,s=ni($(n,o),this.#t,-e),i=P(s),a=Math.min(1,Math.max(-1,we(s,this.#t)/i)),l=Math.PI/2-yc,c=Math.asin(a),u=Math.min(l,Math.max(-l,c+t)),d=$(s,N(this.#t,we(s,this.#t))),f=P(d)>1e-9*i?de(d):Yt(this.#t),h=ie(N(f,Math.cos(u)),N(this.#t,Math.sin(u)));this.#n={...this.#n,eye:ie(o,N(h,i)),up:this.#t}}pan(e,t){let{eye:n,target:o,up:s,verticalFov:i}=this.#n,a=$(n,o),l=2*P(a)*Math.tan(i/2),c=ve(s,a),u=P(c)>1e-6*P(a)?de(c):Yt(de(a)),d=de(ve(a,u)),f=ie(N(u,-e*l),N(d,t*l));this.#n={...this.#n,eye:ie(n,f),target:ie(o,f)}}zoom(e){let{eye:t,target:n}=this.#n,o=$(t,n),s=this.#l(P(o)*e);this.#n={...this.#n,eye:ie(n,N(de(o),s))}}};function g(r,e=HTMLElement){let t=document.getElementById(r);if(!(t instanceof e))throw new Error(`the page has no ${e.name} "${r}"`);return t}var Ei=0;function lt(r){let e=g("toast");e.textContent=r,e.classList.add("seen"),clearTimeout(Ei),Ei=window.setTimeout(()=>e.classList.remove("seen"),2500)}var xc={nerf:[["shaded","Radiance"],["depth","Depth"]],sdf:[["shaded","Light"],["matcap","Clay"],["normals","Normals"],["depth","Depth"]],scalar:[["shaded","Volume"],["iso","Surface"]]};function an(r){return r.dims===2?[["shaded","Plane"]]:xc[r.kind]}function ln(r){let e=r.metadata.background;return!Array.isArray(e)||e.length!==3||!e.every(t=>typeof t=="number"&&Number.isFinite(t))?null:e.map(t=>Math.min(1,Math.max(0,t)))}function Mi(r){let e=r.metadata.value_range;if(!Array.isArray(e)||e.length!==2)return null;let[t,n]=e;return typeof t!="number"||typeof n!="number"?null:Number.isFinite(t)&&Number.isFinite(n)&&t<n?[t,n]:null}var Ti=[1,1,1],kc=[20/255,23/255,28/255],Ac=[0,0,0],or=class{#e;#t;#r=null;#o="shaded";#n=null;#l="page";#i=null;#s=null;#a=null;constructor(e,t){this.#e=e,this.#t=t;let n=g("colormap",HTMLSelectElement);for(let o of Object.keys(Nt))n.add(new Option(o,o));g("panel",HTMLFormElement).addEventListener("submit",o=>o.preventDefault()),g("lod",HTMLInputElement).addEventListener("input",()=>{this.#u(Number(g("lod",HTMLInputElement).value))}),g("auto",HTMLInputElement).addEventListener("change",()=>{let o=g("auto",HTMLInputElement).checked;this.#u(o?null:Number(g("lod",HTMLInputElement).value))}),n.addEventListener("change",()=>this.#c());for(let o of["low","high"])g(o,HTMLInputElement).addEventListener("change",()=>this.#c());g("level",HTMLInputElement).addEventListener("input",()=>{this.#a=Number(g("level",HTMLInputElement).value)/1e3,this.#c()})}get look(){let e=this.#m();return{lod:this.#n,mode:this.#o,background:this.#f()[this.#l],colormap:g("colormap",HTMLSelectElement).value,range:e,isoLevel:this.#a===null?null:this.#h()}}open(e,t){this.#r=e;let n=an(e),o=n.some(([h])=>h===t.mode);this.#o=o?t.mode:n[0][0],this.#n=t.lod==null?null:Math.min(t.lod,e.lods-1),Li("modes",n,this.#o,h=>{this.#o=h,this.#c()});let s=ln(e),i=[["page","Page\u2019s"],["white","White"],["black","Black"]];s!==null&&i.unshift(["file","File\u2019s"]),this.#l=i[0][0];let a=t.background;if(a!==void 0){let h=i.find(([m])=>tr(this.#f()[m])===tr(a));this.#i=h===void 0?a:null,h===void 0&&i.push(["link","Link\u2019s"]),this.#l=h?.[0]??"link"}Li("backgrounds",i,this.#l,h=>{this.#l=h,this.#c()});let l=g("colormap",HTMLSelectElement);l.value=t.colormap!==void 0&&Object.hasOwn(Nt,t.colormap)?t.colormap:"viridis";let c=t.range??Mi(e);g("low",HTMLInputElement).value=c===null?"":String(c[0]),g("high",HTMLInputElement).value=c===null?"":String(c[1]);for(let h of["low","high"])g(h,HTMLInputElement).placeholder="";this.#s=c;let[u,d]=c??[0,1];this.#a=t.isoLevel==null?null:(t.isoLevel-u)/(d-u);let f=Math.min(1,Math.max(0,this.#a??.5));g("level",HTMLInputElement).value=String(Math.round(1e3*f)),g("lod",HTMLInputElement).max=String(e.lods-1),g("detail").hidden=e.lods<2,this.#c()}arrived(e){this.#r=e,this.#p()}get lacksRange(){return this.#r?.kind==="scalar"&&this.#s===null}set measuredRange(e){let t=this.#a===null?null:this.#h();this.#s=e,g("low",HTMLInputElement).placeholder=cn(e[0]),g("high",HTMLInputElement).placeholder=cn(e[1]),t!==null&&(this.#a=(t-e[0])/(e[1]-e[0])),this.#p()}step(e){if(this.#r===null)return;let t=this.#r.lods-1,n=this.#n??Math.max(0,this.#r.lodsDecoded-1),o=Math.max(0,n+e);this.#u(o>t?null:o)}automatic(){this.#u(null)}nextMode(){if(this.#r===null)return;let e=an(this.#r).map(([n])=>n);this.#o=e[(e.indexOf(this.#o)+1)%e.length];let t=document.querySelector(`#modes input[value="${this.#o}"]`);t!==null&&(t.checked=!0),this.#c()}themeChanged(){this.#r!==null&&this.#c()}#u(e){this.#n=e,this.#c()}#c(){this.#p(),this.#e(this.look)}#p(){let e=this.#r;if(e===null)return;let t=Math.max(0,e.lodsDecoded-1),n=Math.min(t,this.#n??t);g("lod",HTMLInputElement).value=String(this.#n??t),g("auto",HTMLInputElement).checked=this.#n===null;let o=this.#n!==null&&this.#n>t?", waiting":"";g("lod-value").textContent=`${n} of 0\u2013${e.lods-1}${o}`;let s=e.kind==="scalar",i=this.#o==="iso";g("colors").hidden=!s,g("range").hidden=!s,g("surface").hidden=!i,g("level-value").textContent=this.#s===null?"":cn(this.#h()),s&&Ec(g("colormap",HTMLSelectElement).value)}#h(){let[e,t]=this.#m()??this.#s??[0,1];return e+(t-e)*(this.#a??.5)}#m(){let e=[g("low",HTMLInputElement).value,g("high",HTMLInputElement).value];if(e.every(o=>o===""))return null;let[t,n]=e.map((o,s)=>o===""?this.#s?.[s]:Number(o));return t===void 0||n===void 0?null:Number.isFinite(t)&&Number.isFinite(n)&&t<n?[t,n]:null}#f(){let e=this.#t()?kc:Ti;return{file:(this.#r===null?null:ln(this.#r))??e,page:e,white:Ti,black:Ac,link:this.#i??e}}};function Li(r,e,t,n){let o=g(r);o.replaceChildren(...e.map(([s,i])=>{let a=document.createElement("label"),l=document.createElement("input");return Object.assign(l,{type:"radio",name:r,value:s,checked:s===t}),l.addEventListener("change",()=>n(s)),a.append(l,i),a})),o.closest("fieldset").hidden=e.length<2}function Ec(r){let e=g("ramp",HTMLCanvasElement),t=new ImageData(zt(r),256,1);e.getContext("2d").putImageData(t,0,0)}function cn(r){return String(Number(r.toPrecision(4)))}var Mc=.001,Tc=4,sr=class{#e;#t;#r;#o;constructor(e,t){this.#e=e,this.#t=t;let[n,o,s,i]=e.bounds;this.#r=Si((n+s)/2,(o+i)/2,1),this.#o=this.#r}get view(){return this.#o}set view({eye:e,target:t}){this.#n(t[0],t[1],P($(e,t)))}get isHome(){return this.#o===this.#r}reset(){this.#o=this.#r}turn(e,t){this.pan(e/Math.PI,t/Math.PI)}pan(e,t){let[n,o,s,i]=this.#e.bounds,{target:a,eye:l}=this.#o,c=P($(l,a)),u=c*Math.max((s-n)/this.#t(),i-o);this.#n(a[0]-e*u,a[1]+t*u,c)}zoom(e){let{target:t,eye:n}=this.#o;this.#n(t[0],t[1],P($(n,t))*e)}#n(e,t,n){let[o,s,i,a]=this.#e.bounds,l=(c,u,d)=>Math.min(d,Math.max(u,c));this.#o=Si(l(e,o,i),l(t,s,a),l(n,Mc,Tc))}};function Si(r,e,t){return{eye:[r,e,t],target:[r,e,0],up:[0,1,0],verticalFov:.6}}Y();var Lc=[137,78,70,67,13,10,26,10],un=20,_i=12,Sc=4096,_c=1<<20,Oc=416;async function Oi(r,e){let t=await fn(r,0,Sc,e);if(t.length<un||Lc.some((c,u)=>t[u]!==c))throw new x("damaged","this is not a .nfc file (no signature at its start)");let n=new DataView(t.buffer,t.byteOffset),o=n.getUint16(10,!0),s=un+_i*o,i=Math.ceil((s+n.getUint32(12,!0))/4)*4;if(t.length<s&&(t=await fn(r,0,s,e)),t.length<s)return null;let a=new DataView(t.buffer,t.byteOffset),l=i;for(let c=un;c<s;c+=_i){let u=String.fromCharCode(...t.subarray(c,c+4)),d=a.getUint32(c+4,!0);if(u==="prev")return d<4||d>_c?null:Cc(await fn(r,l,d,e),d);l+=d}return null}function Cc(r,e){if(r.length<e)return null;let t=new DataView(r.buffer,r.byteOffset).getUint32(0,!0);return t>e-4?null:new Blob([r.subarray(4,4+t)])}async function fn(r,e,t,n){if(r instanceof Blob)return new Uint8Array(await r.slice(e,e+t).arrayBuffer());try{let o=`bytes=${e}-${e+t-1}`,s=await fetch(r,{headers:{range:o},signal:n});if(s.status===Oc)return new Uint8Array(0);if(!s.ok){let i=`${s.status} ${s.statusText}`.trim();throw new x("network",`the server answered ${i}`)}return await Ic(s,s.status===206?0:e,t)}catch(o){throw n.aborted||o instanceof x?o:new x("network","the server could not be reached, or the connection was lost")}}async function Ic({body:r},e,t){let n=new Uint8Array(t),o=r?.getReader(),s=e,i=0;for(;o!==void 0&&i<t;){let{done:a,value:l}=await o.read();if(a)break;let c=l.subarray(Math.min(s,l.length));s-=l.length-c.length;let u=c.subarray(0,t-i);n.set(u,i),i+=u.length}return await o?.cancel(),n.slice(0,i)}var ir=class{#e=0;progress(e,t,n){g("readout").hidden=!1;let o=t===null||t===0?0:Math.min(1,e/t);g("fill").style.transform=`scaleX(${o})`,g("bar").setAttribute("aria-valuenow",String(Math.round(100*o))),g("received").textContent=t===null?at(e):`${at(e)} / ${at(t)}`;let s=g("ticks"),i=t===null?[]:n.slice(0,-1);s.childElementCount!==i.length&&s.replaceChildren(...i.map(a=>{let l=document.createElement("i");return l.style.left=`${100*a/t}%`,l}))}shown(e){g("level-shown").textContent=`${e.lod} of 0\u2013${e.lods-1}`,g("pixels").textContent=`${e.width} \xD7 ${e.height}`+(e.share<1?` (${Math.round(100*e.share)} %)`:""),g("memory").textContent=at(e.gpuBytes),this.#t(e.framesPerSecond)}#t(e){let t=g("frames");if(clearTimeout(this.#e),e===null){t.textContent="still";return}t.textContent=`${e.toFixed(e<10?1:0)} / s`,this.#e=window.setTimeout(()=>t.textContent="still",1200)}};Pt();var Pc=33.333333333333336,Uc=150,Ci=.125,Fc=2,ar=class{#e=0;learn(e,t){if(e<=0||t<=0)return;let n=t/e;this.#e=this.#e===0?n:.7*this.#e+.3*n}forget(){this.#e=0}moving(e){return this.#e===0?Math.min(1,Math.max(Ci,Math.sqrt(65536/e))):this.#t(Pc,e)}refined(e,t){let n=this.#e===0?0:this.#t(Uc,t);return Math.min(1,Math.max(Fc*e,n))}#t(e,t){let n=Math.sqrt(e/(this.#e*t));return Math.min(1,Math.max(Ci,n))}},lr=class{#e=[];shown(e){for(this.#e.push(e);this.#e.length>0&&e-this.#e[0]>1e3;)this.#e.shift()}read(e){let t=this.#e.filter(n=>e-n<=1e3);return t.length<2||e-t[t.length-1]>500?null:(t.length-1)/((t[t.length-1]-t[0])/1e3)}};var $c=4096,Rc=3,Nc=250,zc=2,cr=class r{#e;#t;#r=new ar;#o=new lr;#n;#l=!1;#i;#s=null;#a=null;#u=null;#c=Jt;#p=!1;#h=0;#m=!1;#f=null;#d=[];constructor(e,t,n){this.#e=e,this.#t=t,this.#i=n,this.#M(n),this.#n=new ResizeObserver(()=>{this.#t.resized(),this.draw()}),this.#n.observe(e)}static async create(e,t){return new r(e,t,await it.create(e))}leaveOut(e){let t=["top","right","bottom","left"],n=this.#y;if(t.every(i=>e[i]===this.#c[i]))return!1;this.#c=e;let o=this.#y,s=["x","y","width","height"].every(i=>n[i]===o[i]);return s||this.draw(),!s}get aspect(){let{width:e,height:t}=this.#y;return this.#g*e/t}get clearHeight(){return this.#y.height}get#y(){return gi(this.#c,this.#e.clientWidth,this.#e.clientHeight)}get#g(){return(this.#e.clientWidth||1)/(this.#e.clientHeight||1)}async open(e,t,n){this.#s=e,this.#a=t,this.#u=n,await this.#b(e)}destroy(){this.#s=null,this.#l=!0,this.#n.disconnect(),this.#i.renderer.destroy(),this.#e.replaceChildren()}async arrived(){let e=this.#s;for(;this.#f!==null&&!this.#f.patient;)await this.#f.done;e!==null&&e===this.#s&&await this.#b(e)}async#b(e){let t=this.#i;this.#r.forget();try{await t.whileThere(t.renderer.setField(e))}catch(n){if(n instanceof Te)return;throw e===this.#s&&(this.#s=null),n}this.draw()}set view(e){this.#a=e,this.draw()}set look(e){this.#u=e,this.draw()}set moving(e){this.#p!==e&&(this.#p=e,this.draw())}draw(){this.#h=0,this.#t.changed(),this.#w()}#w(){if(this.#m)return;this.#m=!0;let e=!1,t=()=>{e||(e=!0,this.#m=!1,(this.#f===null||this.#f.patient)&&this.#A())};requestAnimationFrame(t),setTimeout(()=>{document.hidden||t()},Nc)}async image(){let[e,t]=this.#k(),n=this.#i,o=this.#x(e,t),s=await n.whileThere(n.renderer.renderPixels(this.#a,o)),i=new OffscreenCanvas(e,t);return i.getContext("2d").putImageData(new ImageData(s,e,t),0,0),i.convertToBlob({type:"image/png"})}valueRange(){let e=this.#i;return e.whileThere(e.renderer.valueRange(e.renderer.lods-1))}#A(){let e=this.#e.clientWidth>0&&this.#e.clientHeight>0;if(this.#s===null||this.#a===null||this.#u===null||!e||this.#h===1)return;let[t,n]=this.#k(),o=t*n,s=this.#h>0&&!this.#p,i=s?this.#r.refined(this.#h,o):this.#r.moving(o),a=Math.max(1,Math.round(t*i)),l=Math.max(1,Math.round(n*i));this.#h=i,this.#f?.giveUp.abort();let c=new AbortController,u={done:Promise.resolve(),patient:s,giveUp:c};u.done=this.#v(a,l,i,c.signal).then(d=>{if(this.#f!==u)return;this.#f=null;let f=this.#h===0||this.#h<1&&!this.#p;d&&f&&this.#w()}),this.#f=u}async#v(e,t,n,o){let s=this.#i,i=this.#s,a={...this.#x(e,t),signal:o};try{let l=performance.now(),c=wi(this.#y,this.#a,i,this.#g);if(!await s.whileThere(s.renderer.render(c,a)))return!0;let u=performance.now();return this.#r.learn(e*t,u-l),this.#o.shown(u),this.#t.shown({field:i,lod:s.renderer.drawnLod,lods:i.lods,layer:s.renderer.drawnLayer,layers:It(se(i),s.renderer.drawnLod)+1,width:e,height:t,share:n,sharp:n===1&&this.#h===1,framesPerSecond:this.#o.read(u),gpuBytes:s.renderer.bytes}),!0}catch(l){return l instanceof Te||this.#t.failed(l,i),!1}}#x(e,t){let n=Math.max(0,this.#i.renderer.lods-1),o=this.#u;return{...o,lod:Math.min(n,o.lod??n),width:e,height:t}}#k(){let e=Math.min(zc,window.devicePixelRatio||1),t=Math.max(1,Math.round(this.#e.clientWidth*e)),n=Math.max(1,Math.round(this.#e.clientHeight*e)),o=Math.min(1,$c/Math.max(t,n));return[Math.max(1,Math.round(t*o)),Math.max(1,Math.round(n*o))]}#M(e){let{device:t}=e.renderer,n=!0;t.addEventListener("uncapturederror",({error:o})=>{if(!n||e!==this.#i)return;n=!1;let s=this.#s;this.#t.failed(o,s),s!==null&&(this.#s=null,t.destroy())}),t.lost.then(o=>{let s=n?o.message:null;n=!1,e===this.#i&&!this.#l&&this.#E(s)})}async#E(e){let t=performance.now();e!==null&&(this.#d=[...this.#d.filter(o=>t-o<6e4),t]);let n=null;try{if(this.#d.length>Rc)throw new Error(`the GPU was lost (${e})`);this.#i=await it.create(this.#e),this.#M(this.#i),this.#f=null,n=this.#s,n!==null&&await this.#b(n)}catch(o){this.#t.failed(o,n)}}};var Ii="nfcodec-theme",Pi=()=>window.matchMedia("(prefers-color-scheme: dark)");function dn(){let r=document.documentElement.dataset.theme;return r===void 0?Pi().matches:r==="dark"}function Ui(r){let e=Dc();(e==="light"||e==="dark")&&(document.documentElement.dataset.theme=e),Pi().addEventListener("change",r)}function Fi(){let r=dn()?"light":"dark";document.documentElement.dataset.theme=r;try{localStorage.setItem(Ii,r)}catch{}}function Dc(){try{return localStorage.getItem(Ii)}catch{return null}}var Bc={nerf:"Radiance field",sdf:"Signed distance",scalar:"Scalar field"},$i={width:800,height:480},ur=class{#e=new ir;#t;#r;#o=new AbortController;#n=null;#l="";#i=null;#s=null;opened=()=>{};#a=null;#u=!1;#c=vi(new URL(location.href));#p;constructor(e){this.#p=e,document.body.toggleAttribute("data-embed",this.#c),Ui(()=>this.#t.themeChanged()),this.#t=new or(t=>{this.#d(n=>{n.look=t})},dn),this.#r=cr.create(g("image"),{changed:()=>document.body.dataset.sharp="false",shown:t=>this.#v(t),resized:()=>this.#M(),failed:(t,n)=>{n===null?this.#y(t):n===this.#i&&this.#g(t)}}),this.#r.catch(t=>this.#O(t)),this.#D()}get source(){return this.#n}async open(e,t){this.#o.abort();let n=this.#o=new AbortController,{signal:o}=n;if(this.#n=e,this.#l=t,this.#i=null,this.opened(),g("notice").hidden=!0,this.#h(t),this.#a!==null){await this.#S(this.#a);return}let s=null;this.#m("loading");try{let i=await ri(e,{signal:o,worker:this.#p,onProgress:({received:l,total:c,lodEnds:u})=>{o.aborted||this.#e.progress(l,c,u)},onLod:(l,c)=>{if(o.aborted)return;let u=l.grids.flatMap(f=>f.levels),d=c.some(f=>u[f].layer>0);performance.mark(`nfc-${d?"refined":"decoded"}-${l.lodsDecoded-1}`),s=s===null?this.#w(l,o):s.then(f=>f&&this.#A(l,o))}}),a=await s;!o.aborted&&a&&Vc(i)&&this.#z(i)}catch(i){if(o.aborted)return;s===null?this.fail(i,t):await s&&!o.aborted&&this.#N(i)}}#h(e){document.title=`${e} \xB7 nfcodec`,g("name").textContent=e,g("name").title=e,g("kind").hidden=!0}fail(e,t){this.say("failed",on(e,t))}say(e,t){g("message-title").textContent=t.title,g("message-text").textContent=t.text,g("message-remedy").textContent=t.remedy,g("retry").hidden=e==="welcome"||this.#n===null,this.#m(e)}#m(e){document.body.dataset.state=e,g("message").hidden=e!=="welcome"&&e!=="failed",g("panel").hidden=e!=="showing"||!this.#f,g("full").hidden=!this.#c||e==="starting",g("preview").hidden=!0,delete document.body.dataset.preview,e==="showing"&&(document.body.dataset.image=""),(e==="welcome"||e==="failed")&&(g("readout").hidden=!0,delete document.body.dataset.image),e==="loading"&&(delete document.body.dataset.lod,delete document.body.dataset.sharp)}get#f(){return g("settings").getAttribute("aria-expanded")==="true"}async#d(e,t=this.#o.signal){if(this.#a!==null)return!1;try{let n=await this.#r;return t.aborted?!1:(await e(n),!t.aborted)}catch(n){return t.aborted||this.#y(n),!1}}#y(e){e instanceof Te||(e instanceof x||e instanceof RangeError?(this.#b(),this.fail(e,this.#l)):this.#O(e))}#g(e){if(e instanceof x||e instanceof RangeError){this.#y(e);return}this.#b(),this.#S(Ni(e))}#b(){this.#i=null,this.#o.abort(),this.#o=new AbortController}#w(e,t){return this.#d(async n=>{Zr(e);let o=e.metadata.name;typeof o=="string"&&o!==""&&(g("name").textContent=o),g("kind").textContent=Bc[e.kind],g("kind").hidden=!1,this.#i=e,n.leaveOut(this.#T());let s=this.#k(e,n);this.#t.open(e,zi()),await n.open(e,s,this.#t.look)},t)}#A(e,t){return this.#d(n=>(this.#t.arrived(e),ai(e)||this.#L(e,n),n.arrived()),t)}#v(e){e.field===this.#i&&(document.body.dataset.state==="loading"&&(this.#m("showing"),this.#E()),this.#e.shown(e),document.body.dataset.lod=String(e.lod),document.body.dataset.layer=String(e.layer),document.body.dataset.layers=String(e.layers),performance.mark(`nfc-shown-${e.lod}`),document.body.dataset.sharp=String(e.sharp),e.sharp&&this.#t.lacksRange&&this.#x(e.field))}async#x(e){await this.#d(async t=>{let n=await t.valueRange();e===this.#i&&(this.#t.measuredRange=n)})}#k(e,t){this.#s=Ri(e,t);let{view:n}=hn();return n!==void 0&&(this.#s.view=n),this.#s.view}#M(){let e=this.#i;e!==null&&this.#d(t=>{t.leaveOut(this.#T()),this.#L(e,t)})}#E(){let e=this.#i;e!==null&&this.#d(t=>{t.leaveOut(this.#T())&&this.#L(e,t)})}#T(){if(this.#c||"bare"in document.body.dataset)return Jt;let{clientWidth:e,clientHeight:t}=g("image"),[n,o,s]=[0,0,0];for(let a of["title","tools","readout"]){let l=g(a).getBoundingClientRect();l.height!==0&&(l.top+l.bottom<t?n=Math.max(n,l.bottom):s=Math.max(s,t-l.top))}let i=g("panel").getBoundingClientRect();return i.width>0&&i.width<e/2&&(o=e-i.left),{top:n,right:o,bottom:s,left:0}}#L(e,t){let n=this.#s;if(n===null||e.dims===2)return;let{view:o,isHome:s}=n;this.#s=Ri(e,t),s?t.view=this.#s.view:this.#s.view=o}#N(e){this.#_(ki(e),on(e,this.#l).text)}#z(e){let{lodsDecoded:t,lods:n}=e,o=t===1?"level 0":`levels 0\u2013${t-1}`,s=Di(e)?", the last of them only coarsely":"";this.#_("The file is cut.",`It holds ${o} of 0\u2013${n-1}${s}.`)}#_(e,t){g("notice-title").textContent=e,g("notice-text").textContent=t,g("notice").hidden=!1}#O(e){this.#a===null&&(this.#a=Ni(e),this.#b(),this.#S(this.#a))}async#S(e){if(document.getElementById("poster")!==null){this.say("failed",rr(e,"")),document.body.dataset.preview="";return}this.say("failed",rr(e));let t=this.#n,{signal:n}=this.#o;if(t!==null)try{let o=await Oi(t,n);if(o===null||n.aborted)return;let s=g("preview",HTMLImageElement),i=URL.createObjectURL(o);if(s.src=i,await s.decode().finally(()=>URL.revokeObjectURL(i)),n.aborted)return;this.say("failed",rr(e,"This is the preview stored in the file.")),s.hidden=!1,document.body.dataset.preview=""}catch(o){!n.aborted&&!(o instanceof DOMException)&&this.fail(o,this.#l)}}#C(){this.#a!==null&&!(this.#n instanceof Blob)?location.reload():this.#n!==null&&this.open(this.#n,this.#l)}#D(){let e=n=>{if(this.#s===null)return;n(this.#s);let{view:o}=this.#s;this.#d(s=>{s.moving=!0,s.view=o})},t=(n,o)=>g(n).addEventListener("click",o);mi(g("image"),{turn:(n,o)=>e(s=>s.turn(n,o)),pan:(n,o)=>{this.#d(({clearHeight:s})=>e(i=>i.pan(n/s,o/s)))},zoom:n=>e(o=>o.zoom(n)),reset:()=>this.#P(),rest:()=>{this.#d(n=>{n.moving=!1})},passed:()=>this.#V()},{scrolls:this.#c||window.parent!==window}),t("full",()=>window.open(this.#B(),"_blank","noopener")),t("reset",()=>this.#P()),t("share",()=>{this.#$()}),t("screenshot",()=>{this.#R()}),t("theme",()=>this.#F()),t("help",()=>g("keys",HTMLDialogElement).showModal()),t("settings",()=>this.#U()),t("retry",()=>this.#C()),t("notice-retry",()=>this.#C()),g("pick",HTMLInputElement).addEventListener("change",n=>{let o=n.target.files?.[0];o!==void 0&&this.#I(o)}),window.addEventListener("hashchange",()=>this.#W()),document.addEventListener("keydown",n=>this.#j(n)),this.#G(),(window.innerWidth<=$i.width||window.innerHeight<=$i.height)&&this.#U()}#B(){let e=xi(new URL(location.href));return this.#s!==null&&(e.hash=rn({view:this.#s.view})),e.href}#V(){if(this.#u)return;this.#u=!0;let e=/Mac|iPhone|iPad/.test(navigator.platform)?"\u2318":"Ctrl";lt(`${e} and the wheel zoom; or click the image first`)}#H(){document.body.toggleAttribute("data-bare"),this.#E()}#j(e){let{target:t}=e,o=t instanceof HTMLInputElement&&t.type==="number"||t instanceof HTMLSelectElement,s=e.ctrlKey||e.metaKey||e.altKey;if(o||s||g("keys",HTMLDialogElement).open)return;let a={"[":()=>this.#t.step(-1),"]":()=>this.#t.step(1),a:()=>this.#t.automatic(),m:()=>this.#t.nextMode(),s:()=>{this.#R()},l:()=>{this.#$()},t:()=>this.#F(),h:()=>this.#H(),"?":()=>g("keys",HTMLDialogElement).showModal()}[e.key.length===1?e.key.toLowerCase():e.key];a!==void 0&&(e.preventDefault(),a())}#G(){let e=n=>document.body.toggleAttribute("data-dropping",n),t=n=>n.dataTransfer?.types.includes("Files")??!1;document.addEventListener("dragover",n=>{n.preventDefault(),e(t(n))}),document.addEventListener("dragleave",n=>{n.relatedTarget===null&&e(!1)}),document.addEventListener("drop",n=>{n.preventDefault(),e(!1);let o=n.dataTransfer?.files[0];o!==void 0&&this.#I(o)})}#I(e){let t=new URL(location.href);t.search=t.hash="",history.replaceState(null,"",t),this.open(e,e.name)}#P(){if(this.#s===null)return;this.#s.reset();let{view:e}=this.#s;this.#d(t=>{t.moving=!1,t.view=e})}#U(){let e=!this.#f;g("settings").setAttribute("aria-expanded",String(e)),g("panel").hidden=!e||document.body.dataset.state!=="showing",this.#E()}#F(){Fi(),this.#t.themeChanged()}#W(){if(this.#i===null||this.#s===null)return;let{view:e}=hn();e!==void 0&&(this.#s.view=e),this.#t.open(this.#i,zi());let t=this.#s.view;this.#d(n=>{n.view=t})}async#$(){if(this.#s===null||this.#i===null)return;let{lod:e,mode:t,colormap:n,range:o,isoLevel:s,background:i}=this.#t.look,a=new URL(location.href);a.hash=rn({view:this.#s.view,mode:t,background:i,...e!==null&&{lod:e},...g("colors").hidden?{}:{colormap:n,...o!==null&&{range:o}},...t==="iso"&&s!==null&&{level:s}}),history.replaceState(null,"",a);try{await navigator.clipboard.writeText(a.href),lt(this.#n instanceof Blob?"Link to this view copied; the file is not in it":"Link copied")}catch{lt("The link is in the address bar")}}async#R(){document.body.dataset.state==="showing"&&await this.#d(async e=>{let t=document.createElement("a");t.href=URL.createObjectURL(await e.image()),t.download=`${this.#l.replace(/\.nfc$/i,"")}.png`,t.click(),setTimeout(()=>URL.revokeObjectURL(t.href),1e4),lt("Image saved")})}};function Ri(r,e){if(r.dims===2)return new sr(r,()=>e.aspect);let{aspect:t}=e;return new nr(li(r,t),Qr(r),P($(...Jr(r))))}function Ni(r){let e=r?.message??r;return String(e).split(`
`)[0]}function hn(){return{...nn(document.body.dataset.view??""),...nn(location.hash)}}function zi(){let{view:r,level:e,...t}=hn();return e===void 0?t:{...t,isoLevel:e}}function Vc(r){return r.lodsDecoded<r.lods||Di(r)}function Di(r){return r.grids.flatMap(t=>t.levels).some(({code:t,form:n,layer:o})=>t!==null&&o<ce(n).layers(n)-1)}function Hc(){let r=document.currentScript.src,e=document.getElementById("field"),t=Uint8Array.from(atob(e.textContent),s=>s.charCodeAt(0));e.remove();let n=e.dataset.name??"field.nfc";new ur(()=>new Worker(r)).open(new File([t],n),n)}typeof document<"u"&&Hc();})();
