var C=class extends Error{code;constructor(e,t){super(t),this.name="NfcError",this.code=e}};var Cr=new Set([408,425,429,500,502,503,504]),ct=8e3,de=class extends Error{wait;constructor(e,t=0){super(e),this.wait=t}},ut=class{url;options;version=null;received=0;compressed=!1;constructor(e,t={}){this.url=e,this.options=t}get total(){return this.version?.total??null}async*pieces(){let{signal:e,retries:t=6,firstRetries:n=2,backoff:o=250}=this.options,s=0;for(;;){let a=this.received;try{if(yield*this.answer(),this.total===null||this.received>=this.total)return;if(this.received===a)throw new de("the server sends nothing");s=0}catch(i){if(e?.throwIfAborted(),i instanceof C)throw i;this.received>a&&(s=0),s+=1;let l=i instanceof Error?i.message:String(i);if(s>(this.version!==null?t:n))throw this.givenUp(l);let f=Math.min(o*2**(s-1),ct)*(.75+Math.random()/2);await Or(Math.max(f,i instanceof de?i.wait:0),e)}}}givenUp(e){if(this.version===null)return this.failure(`the server could not be reached (${e})`);let t=this.total===null?"":` of ${this.total}`;return this.failure(`the connection was lost after ${this.received}${t} bytes (${e})`)}failure(e){return new C("network",`${e}: ${this.url}`)}async*answer(){let{signal:e,stall:t=3e4}=this.options,n=new AbortController,o=()=>n.abort(e?.reason);e?.throwIfAborted(),e?.addEventListener("abort",o);let s,a=()=>{clearTimeout(s),s=setTimeout(()=>{n.abort(new de(`nothing came for ${t/1e3} seconds`))},t)};try{a();let i=this.compressed?0:this.received,l=await fetch(this.url,{headers:{range:`bytes=${i}-`},signal:n.signal}),f=this.received-this.check(l,i),c=l.body?.getReader();if(c===void 0)return;for(;;){a();let{done:u,value:d}=await c.read();if(u)return;let h=d.subarray(Math.min(f,d.length));f-=d.length-h.length,h.length!==0&&(this.received+=h.length,clearTimeout(s),yield h)}}finally{clearTimeout(s),e?.removeEventListener("abort",o),n.abort()}}check(e,t){let{status:n,statusText:o,headers:s}=e,a=`${n} ${o}`.trim();if(Cr.has(n)){let c=Number(s.get("retry-after")??0),u=Number.isFinite(c)?Math.min(1e3*c,ct):0;throw new de(`the server answered ${a}`,u)}if(n===416)throw this.received>0?this.changed():new C("damaged",`the file is empty: ${this.url}`);if(n===404||n===410)throw this.failure(`there is no such file (${a})`);if(n===401||n===403)throw this.failure(`the server denies access (${a})`);if(n!==200&&n!==206)throw this.failure(`the server answered ${a}`);let[i,l]=n===206?this.range(e,t):[0,ft(e,0)];this.compressed=(s.get("content-encoding")??"identity")!=="identity";let f=this.compressed?null:l;return this.compare({etag:s.get("etag"),modified:s.get("last-modified"),total:f}),i}range(e,t){let n=e.headers.get("content-range");if(n===null){if(e.type==="cors")return[t,ft(e,t)];throw this.failure("the server answered with a part of the file but not which (206)")}let o=/^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(n.trim()),[s,a]=[Number(o?.[1]),Number(o?.[2])],i=o===null||o[3]==="*"?null:Number(o[3]),l=s!==t||a<s||i!==null&&a>=i;if(o===null||l)throw this.failure(`the server was asked for the bytes from ${t} on and answered with others (206, "${n}")`);return[s,i]}compare(e){let t=this.version;if(this.version??=e,t!==null){t.total??=e.total;for(let n of["etag","modified","total"])if(t[n]!==null&&e[n]!==null&&t[n]!==e[n])throw this.changed()}}changed(){return this.failure("the file was changed on the server while it was being read")}};function ft({headers:r},e){let t=r.get("content-length");return t!==null&&/^\d+$/.test(t)?e+Number(t):null}function Or(r,e){return new Promise((t,n)=>{let o=()=>{clearTimeout(s),n(e?.reason)},s=setTimeout(()=>{e?.removeEventListener("abort",o),t()},r);e?.addEventListener("abort",o,{once:!0})})}function m(r){throw new C("damaged",r)}function R(r){throw new C("unsupported",`${r}; a newer decoder may read it`)}function oe(r){throw new C("limit",r)}var he=class{#e;#t=new Map;#r=new Map;constructor(e,t){this.#e=e;for(let n of t)this.add(n)}add(e){if(this.#t.has(e.tag)||this.#r.has(e.kind))throw new Error(`${this.#e} ${e.tag}, ${e.kind}, is registered already`);this.#t.set(e.tag,e),this.#r.set(e.kind,e)}remove(e){this.#t.delete(e.tag),this.#r.delete(e.kind)}tagged(e,t){return this.#t.get(e)??R(`${t} is ${e}`)}of({kind:e}){let t=this.#r.get(e);if(t===void 0)throw new Error(`there is no ${this.#e} ${e}`);return t}[Symbol.iterator](){return this.#t.values()}};function se(r){return r.reduce((e,t)=>e*t,1)}var We={headerBytes:1048576,metadataBytes:16777216,items:1e6,chunks:4096,lods:64,grids:4096,levels:4096,vectors:268435456,voxels:268435456,values:4294967296,depth:10,side:65536,features:4096,networks:16,inputs:16,layers:64,width:16384,frequencies:32,cells:1073741824,work:{most:1073741824,free:2097152,perByte:256},memory:{most:4294967296,voxel:16,corner:8,index:2,value:2,weight:8,readingVoxel:64,readingIndex:48,readingCode:16,readingSlot:4,readingCell:80}};var v=We,Ce=We.memory.most;function T(r,e,t){r>e&&oe(`${r} ${t}: at most ${e} are supported`)}var Ge={about:"The numbers that images are drawn with, for Python, the page and the WGSL programs alike. A constant is [value, type, unit and reason].",constants:{RADIANCE_VOXELS_WITHOUT_OCTREE:[128,"u32","samples of a radiance field without an octree along the longest side of the box"],VOXELS_WITHOUT_GRID:[256,"u32","voxels that a field without grids counts as having along the longest side of the box"],MIN_STEP_VOXELS:[.25,"f32","shortest step of sphere tracing, in voxels of the finest level"],MIN_STEP_SHARE:[.001953125,"f32","and as a share of the longest side of the box: 1/512"],SAMPLES_PER_SIDE:[192,"u32","least samples of a scalar volume along the longest side: a decoder adds detail of its own to a coarse grid"],FULL_DEPTH:[60,"f32","optical depth of the box's diagonal where a scalar field has its highest value, times opacity"],NORMAL_STEP_VOXELS:[.5,"f32","normals are differences over plus and minus this many voxels"],SLOPE_POINTS:[4096,"u32","points at which the slope of a field is measured"],RANGE_POINTS_2D:[256,"u32","points along each axis at which the range of a 2-D scalar field is measured"],RANGE_POINTS_3D:[40,"u32","and of a 3-D one"],MIN_SAMPLES_PER_VOXEL:[.0625,"f32","bounds of the density of samples that a file may ask for"],MAX_SAMPLES_PER_VOXEL:[16,"f32",""],MIN_WEIGHT:[1e-4,"f32","samples of a radiance field that add less than this have no color computed"],MIN_TRANSMITTANCE:[.001,"f32","a ray ends once less than this passes"],MAX_SAMPLES:[1048576,"u32","a ray ends after this many samples, however short a file says its steps are"],WRAP:[.2,"f32","how far light reaches around a shape: the cosine beyond the terminator"],TOLERANCE:[.001,"f32","a hit is this close to the surface, in shortest steps times the slope bound"],REFINEMENTS:[16,"u32","most steps of regula falsi for one hit"],COLORS:[256,"u32","colors of a color map"],BLOCK_SHIFT:[3,"u32","blocks of the coarse occupancy bitmap have 2^3 cells a side"],SITES_PER_BLOCK:[96,"u32","lattice sites in a block of an octree's corner index"]}};var ce={about:"What the WGSL programs share with the code that makes constants and fills buffers for them. docs/renderer.md explains it. A member is [name, type, meaning].",structs:{Params:[["eye","vec4<f32>","the eye, in box coordinates u"],["right","vec4<f32>","the camera's axes, in the field's own"],["up","vec4<f32>",""],["back","vec4<f32>",""],["lens","vec4<f32>","fx, fy, cx, cy in pixels"],["distortion","vec4<f32>","k1, k2, p1, p2"],["scale","vec4<f32>","u per unit of length along x, y, z"],["background","vec4<f32>","display-referred red, green, blue"],["march","vec4<f32>","step; nearest and farthest distance of the box to the eye; slope bound"],["surface","vec4<f32>","shortest step, step of normals (lengths); distance = z + w * value"],["transfer","vec4<f32>","low and high value, optical depth of one step at the high one; unused"],["tile","vec4<u32>","left, top, width, height: the pixels of this dispatch"],["image","vec4<u32>","width, height, rays along a pixel's side, mode"],["chosen","vec4<u32>","LOD, channel, flags, number of points"],["cells","vec4<u32>","cells along x, y, z; first word of their bitmap"],["blocks","vec4<u32>","first word of the bitmap of blocks of cells; unused"]],Whole:[["feature_blocks","u32","vectors of four that hold the features, from memory[0] on"],["position","u32","where memory holds u"],["direction","u32","where memory holds the direction seen along"],["scratch","u32","where memory holds low-rank coefficients"],["density","u32","where memory holds the density"],["output","u32","where memory holds the last network's outputs"],["channels","u32","number of those outputs"],["radiance","u32","1 for a field with a density and colors"]],Input:[["encoding","u32","ENCODING_..."],["source","u32","where memory holds the source"],["begin","u32","the source's channels that enter"],["end","u32",""],["result","u32","where memory takes the encoded values"],["raw","u32","1 if the values themselves come before their sines"],["frequencies","u32","number of frequencies, or of blocks of spherical harmonics"],["scale","f32","the lowest frequency"]],Layer:[["input","u32","where memory holds its input"],["columns","u32","vectors of four of that"],["entry","u32","where memory holds the network's encoded input"],["entry_columns","u32","vectors of four of that; 0 unless the input is appended"],["output","u32","where memory takes its output"],["rows","u32","vectors of four of that"],["weights","u32","first vector of its weights"],["activation","u32","ACTIVATION_..."],["gain","f32","factor before the activation"]],Level:[["x","vec4<f32>","rows of the transform from the box to the level"],["y","vec4<f32>",""],["z","vec4<f32>",""],["layout_tag","u32","LAYOUT_..."],["code_tag","u32","CODE_..."],["lod","u32","the LOD that adds it"],["multiplies","u32","1 + the LOD from which it multiplies what earlier levels gave; 0: never"],["features","u32","number of channels"],["channel","u32","its first channel among all features"],["size_x","u32","lattice sites along x, y, z"],["size_y","u32",""],["size_z","u32",""],["aligned","u32","1 if u = -1 and u = 1 lie on the first and last site"],["border","u32","1 if points outside take the value at the border"],["corners","u32","sites that surround a point: 2, 4 or 8"],["sites","u32","octree: first block of the corner index"],["vectors_buffer","u32","words: vectors, codebook or coefficients"],["vectors","u32",""],["pitch","u32","words from one vector to the next"],["codes_buffer","u32","words: packed indices"],["codes","u32",""],["bits","u32","bits of an index"],["basis_buffer","u32","words: the mean, then the basis"],["basis","u32",""],["rank","u32","number of basis vectors"]]},programs:{points:["layouts","codes","levels","networks","rays","points"],radiance:["layouts","codes","levels","networks","rays","radiance"],surface:["layouts","codes","levels","networks","rays","distance","surface"],volume:["layouts","codes","levels","networks","rays","transfer","volume"],plane:["layouts","codes","levels","networks","rays","transfer","plane"],slope:["layouts","codes","levels","networks","distance","slope"],range:["layouts","codes","levels","networks","range"]},constants:{LAYOUT_DENSE:0,LAYOUT_OCTREE:1,CODE_FLOAT16:0,CODE_VQ:1,CODE_LOWRANK:2,CODE_FLOAT32:3,ENCODING_IDENTITY:0,ENCODING_FREQUENCY:1,ENCODING_SPHERICAL_HARMONICS:2,ACTIVATION_NONE:0,ACTIVATION_RELU:1,ACTIVATION_LEAKY_RELU:2,ACTIVATION_SINE:3,ACTIVATION_SOFTPLUS:4,ACTIVATION_EXP:5,ACTIVATION_SIGMOID:6,ACTIVATION_TANH:7,ACTIVATION_SNAKE_ALT:8,MODE_SHADED:0,MODE_DEPTH:1,MODE_NORMALS:2,MODE_ISO:3,MODE_MATCAP:4,FLAG_DISTORTED:1,FLAG_EXACT_DISTANCE:2}};var dt=`// What every program reads and writes. Above this text stand the structs of tables.json, the
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
`;var ht=`// Puts a finished image on the page's canvas, pixel by pixel.

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
`;var mt=`// What a level's vectors are, from its codes as they are stored.

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
`;var pt=`// The function whose zero set is drawn: a signed distance, or how far a scalar is below a value.

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
`;var yt=`// Where a level's vectors sit: a function for each layout, and a case for it in \`locate\`.

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
`;var bt=`// The features at a point: every level in use, interpolated and combined.

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
`;var vt=`// Encodings, activations and the decoder networks, by the plan's tables. All networks run on
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
`;var gt=`// An image of a 2-D scalar field, fitted into the image: x to the right, y up.

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
`;var wt=`// Values at points: params.chosen.w of them, each a position u and a direction.

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
`;var xt=`// An image of a radiance field: emission and absorption along rays (formats/nfc-v1-evaluation.md, E9).



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
`;var kt=`// The least and the greatest value at points of a lattice, params.cells.xyz along the axes: the
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
`;var At=`// Rays of the camera, where they cross the box, and which of its cells they meet. All positions
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
`;var _t=`// The length of the gradient that hardly any point of the box exceeds: params.chosen.w points, evenly
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
`;var Et=`// An image of a surface: sphere tracing to a change of sign, then regula falsi, then normals by
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
`;var Tt=`// From values to colors.

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
`;var $t=`// An image of a scalar volume through a color map: emission and absorption, in display-referred
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
`;var Ct=`// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
`;var Ot=`// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
`;var Lt=`// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
`;var It=`// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
`;var St={"bindings.wgsl":dt,"blit.wgsl":ht,"codes.wgsl":mt,"distance.wgsl":pt,"layouts.wgsl":yt,"levels.wgsl":bt,"networks.wgsl":vt,"plane.wgsl":gt,"points.wgsl":wt,"radiance.wgsl":xt,"range.wgsl":kt,"rays.wgsl":At,"slope.wgsl":_t,"surface.wgsl":Et,"transfer.wgsl":Tt,"volume.wgsl":$t,"weights_storage.wgsl":Ct,"weights_uniform.wgsl":Ot,"words_one.wgsl":Lt,"words_three.wgsl":It};var Oe=Object.fromEntries(Object.entries(Ge.constants).map(([r,[e]])=>[r,e]));function J(r,e){return ce.constants[`${r}_${e.toUpperCase()}`]}function Jo(r){let e=new Map,t=0;for(let[n,o]of ce.structs[r])e.set(n,t),t+=o.startsWith("vec4")?4:1;return{at:e,count:t}}function Zo(r,e,t){let o=["bindings",...t,...ce.programs[r]].map(s=>St[`${s}.wgsl`]);return[...Zr(),...en(e),...o,...tn(e)].join(`
`)+`
`}function*Zr(){for(let[r,e]of Object.entries(ce.structs)){yield`struct ${r} {`;for(let[t,n]of e)yield`    ${t}: ${n},`;yield"}"}}function*en(r){for(let[t,n]of Object.entries({...ce.constants,...r.sizes}))yield`const ${t} = ${n}u;`;for(let[t,[n,o]]of Object.entries(Ge.constants))yield`const ${t}: ${o} = ${n};`;yield`const WHOLE = ${Ut("Whole",r.whole)};`;let e=[["Level",r.levels],["Input",r.inputs],["Layer",r.layers]];for(let[t,n]of e)for(let[o,s]of n.entries())yield`const ${t.toUpperCase()}_${o} = ${Ut(t,s)};`}function Ut(r,e){let t=ce.structs[r].map(([n,o])=>{let s=e[n]??0;return typeof s!="number"?`${o}(${s.map(Nt).join(", ")})`:o==="u32"?`${s}u`:Nt(s)});return`${r}(${t.join(", ")})`}function Nt(r){let e=String(Math.fround(r));return/[.e]/.test(e)?e:`${e}.0`}function*tn(r){yield"fn read_features(u: vec3<f32>) {",yield"    clear_features();";for(let[s,{lod:a}]of r.levels.entries())yield`    if (params.chosen.x >= ${a}u) {`,yield`        add_level(LEVEL_${s}, u);`,yield"    }";yield"}";let e=0,t=0,n=r.firstNetworks,o={first:r.calls.slice(0,n),last:r.calls.slice(n)};for(let[s,a]of Object.entries(o)){yield`fn run_${s}_networks() {`;for(let[i,l]of a){for(let f=0;f<i;f++)yield`    encode(INPUT_${e++});`;for(let f=0;f<l;f++)yield`    run_layer(LAYER_${t++});`}yield"}"}}var Mt=["zeros","border"],zt={tag:0,kind:"dense",readHeader(r,e){let t=r.array(1);r.fields(1,t,3+e);let n=t[1];typeof n!="boolean"&&m(`${r.where}: align_corners`);let o=Mt[r.choiceAt(1,2,Mt.length)],s=t.slice(3).map((a,i)=>r.item(1,3+i,1));for(let a of s)T(a,v.side,"points along a side");return{layout:{kind:"dense",alignCorners:n,padding:o,shape:s},rows:se(s)}},read:()=>{},memory:()=>({held:0,step:0}),empty:r=>r,lattice({shape:r},e){let[t,n=1,o=1]=[...r].reverse();return{nz:o,ny:n,nx:t,sites:null,rows:e}},voxels:()=>null,resolution:({shape:r,alignCorners:e})=>[...r].reverse().map(t=>e?Math.max(t-1,1):t),cellsAlong:()=>null,cells:()=>[],gpu:{members({shape:r,alignCorners:e,padding:t}){let[n,o=1,s=1]=[...r].reverse();return{layout_tag:J("LAYOUT","dense"),size_x:n,size_y:o,size_z:s,aligned:e?1:0,border:t==="border"?1:0,corners:1<<r.length}},numBlocks:()=>0,blocks:()=>new Uint32Array(0)}};function Ft(r,e,t){let[n,o,s]=t,{count:a,x:i,y:l,z:f}=e,c=new Uint8Array(a),u=Rt(l,o,Uint32Array.from({length:a},(w,x)=>x)).order,{order:d,starts:h}=Rt(f,s,u),p=n+2,y=2*n+3,g=Array.from({length:3},()=>new Uint8Array(p*(o+2))),A=Array.from({length:3},()=>new Uint8Array(y*(2*o+3))),S=(w,x)=>{for(let _=h[w];_<h[w+1];_++){let E=d[_];g[w%3][(l[E]+1)*p+i[E]+1]=x}},U=w=>{let x=w>>1;for(let _=h[x];_<h[x+1];_++){let E=(2*l[d[_]]+2)*y+2*i[d[_]]+2;A[w%3].fill(0,E,E+2).fill(0,E+y,E+y+2)}};S(0,1);for(let w=0;w<s;w++){w>=2&&S(w-2,0),w+1<s&&S(w+1,1);let x=g[w%3],_=g[(w+2)%3],E=g[(w+1)%3];for(let z=0;z<2;z++){let V=2*w+z;V>=3&&U(V-3);let D=A[V%3],O=A[(V+2)%3],le=A[(V+1)%3],te=z===1?E:_;for(let j=h[w],B=j;j<h[w+1];j=B){for(;B<h[w+1]&&l[d[B]]===l[d[j]];)B++;for(let H=0;H<2;H++)for(let q=j;q<B;q++){let W=d[q],k=(l[W]+1)*p+i[W]+1,Q=k+(H===1?p:-p),F=x[k-1]|x[k+1]<<1|x[k-p]<<2|x[k+p]<<3|_[k]<<4|E[k]<<5,re=x[k-p-1]|x[k-p+1]<<1|x[k+p-1]<<2|x[k+p+1]<<3|_[k-1]<<4|_[k+1]<<5|_[k-p]<<6|_[k+p]<<7|E[k-1]<<8|E[k+1]<<9|E[k-p]<<10|E[k+p]<<11;for(let G=0;G<2;G++){let b=(2*l[W]+2+H)*y+2*i[W]+2+G,L=G===1?1:-1,N=G|H<<1|z<<2,I=D[b-1]|D[b-y]<<1|O[b]<<2,$=D[b-y-1]|D[b-y+1]<<1|O[b-1]<<2|O[b+1]<<3|O[b-y]<<4|O[b+y]<<5,M=O[b-y-1]|O[b-y+1]<<1|O[b+y-1]<<2|O[b+y+1]<<3|D[b-2]<<4|D[b-2*y]<<5|le[b]<<6,P=x[k+L]|x[Q]<<1|te[k]<<2|x[Q+L]<<3|te[k+L]<<4|te[Q]<<5|te[Q+L]<<6,Y=r.decide(I<<3|N,64+(I|$<<3),576+(I|$<<3|M<<9),66112+(F<<6|I<<3|N),70208+(P<<6|I<<3|N),78400+(re<<3|N),0,0);D[b]=Y,c[W]|=Y<<N}}}}}return c}function Rt(r,e,t){let n=new Uint32Array(e+1);for(let a of t)n[r[a]+1]++;for(let a=0;a<e;a++)n[a+1]+=n[a];let o=n.slice(),s=new Uint32Array(t.length);for(let a of t)s[o[r[a]]++]=a;return{order:s,starts:n}}var Ke=[22,36,60,98,162,267,439,720,1179,1921,3108,4971,7812,11955,17625,24743,32768,40793,47911,53581,57724,60565,62428,63615,64357,64816,65097,65269,65374,65438,65476,65500,65514],Dt=6,rn=[1,2,3,5,10,25,80],Ye=Int32Array.from({length:4096},(r,e)=>{let t=e&127;return Ke[e>>7]*(128-t)+Ke[(e>>7)+1]*t+64>>7}),jt=new Int16Array(4096).fill(2047);for(let r=2047;r>=-2047;r--){let e=r>-2047?(Ye[r+2047]>>4)+1:0;for(let t=e;t<=Ye[r+2048]>>4;t++)jt[t]=r}var nn=Int32Array.from({length:256},(r,e)=>Math.floor(20480/(10*e+16))),on=Int32Array.from({length:256},(r,e)=>rn.filter(t=>e>=t).length),ye=class{payload;bytes;next=4;state=Uint32Array.of(0,4294967295);slots;weights;corrections;constructor(e,t,n,o){this.payload=e,this.bytes=e.byteArray(e.u32());let[s,a,i,l]=this.bytes;this.state[0]=s<<24|a<<16|i<<8|l,(this.bytes.length<4||this.state[0]===4294967295)&&e.reject("bytes of a range coder cannot begin like this"),this.slots=new Int32Array(t).fill(1<<27),this.weights=new Int32Array(n*Dt*8).fill(4096),this.corrections=Int32Array.from({length:33*o},(f,c)=>Ke[c%33])}decide(e,t,n,o,s,a,i,l){let{slots:f,weights:c,corrections:u,state:d,bytes:h}=this,p=jt,y=on,g=nn,A=i*Dt*8,S=f[e],U=f[t],w=f[n],x=f[o],_=f[s],E=f[a],z=p[S>>16],V=p[U>>16],D=p[w>>16],O=p[x>>16],le=p[_>>16],te=p[E>>16],j=A+y[S&255],B=A+8+y[U&255],H=A+16+y[w&255],q=A+24+y[x&255],W=A+32+y[_&255],k=A+40+y[E&255],Q=Math.imul(c[j],z)+Math.imul(c[B],V)+Math.imul(c[H],D)+Math.imul(c[q],O)+Math.imul(c[W],le)+Math.imul(c[k],te)|0,F=Math.min(Math.max(Q>>14,-2047),2047)+2048,re=Ye[F],G=F&127,b=l*33+(F>>7),L=Math.imul(u[b],128-G)+Math.imul(u[b+1],G)>>7,N=Math.min(Math.max(re+L+1>>1,16),65520),I=d[0],$=d[1],M=Math.imul($>>>16,N)>>>0,P=0;for(I<M?(P=1,$=M):(I-=M,$-=M);$<16777216;)$=$<<8>>>0,I=(I<<8|(this.next<h.length?h[this.next]:0))>>>0,this.next++;d[0]=I,d[1]=$,G>=64&&b++,u[b]+=65535*P-u[b]>>6;let Y=(P<<16)-re,ne=1048575*P;return c[j]=me(c[j],z,Y),c[B]=me(c[B],V,Y),c[H]=me(c[H],D,Y),c[q]=me(c[q],O,Y),c[W]=me(c[W],le,Y),c[k]=me(c[k],te,Y),f[e]=pe(S,ne,g),f[t]=pe(U,ne,g),f[n]=pe(w,ne,g),f[o]=pe(x,ne,g),f[s]=pe(_,ne,g),f[a]=pe(E,ne,g),P}descend(e,t,n,o,s,a,i,l,f){for(let c=0;n>=t;c++){let u=n-t,d=c<3?c:3;n=e[2*u+this.decide(o+u,s+u,a+u,i+u,l+u,f+u,d,u)]}return n}finish(){(this.state[0]!==0||this.next!==this.bytes.length)&&this.payload.reject("its range coder's bytes do not end where its decisions do")}};function me(r,e,t){let n=r+(Math.imul(e,t)+65536>>17)|0;return n>131071?131071:n<-131071?-131071:n}function pe(r,e,t){let n=r&255,o=r>>8;return o+(Math.imul(e-o,t[n])>>11)<<8|(n<80?n+1:80)}var Le=class{payload;words;next=0;high=0;low=0;constructor(e){this.payload=e,this.words=e.words(e.u32()),this.words.length>0&&(this.words[0]===0&&e.reject("the first ANS word is 0"),this.low=this.words[this.next++]),this.words.length>1&&(this.high=this.low,this.low=this.words[this.next++])}decode(e,t){let{starts:n,symbols:o,lookup:s,shift:a}=e,i=this.words,l=i.length,f=this.next,c=this.high,u=this.low;for(let d=0;d<t.length;d++){let h=u&16777215,p=s[h>>>a];for(;n[p+1]<=h;)p++;let y=n[p],g=n[p+1]-y,A=c>>>24,S=(c<<8|u>>>24)>>>0,U=Math.imul(g,S)>>>0;c=(g*S-U)*2**-32+.5+g*A>>>0,U+=h-y,U>=4294967296&&(c=c+1>>>0),u=U>>>0,c===0&&f<l&&(c=u,u=i[f++]),t[d]=o[p]}this.next=f,this.high=c,this.low=u}finish(){(this.high!==0||this.low!==0||this.next!==this.words.length)&&this.payload.reject("its ANS words do not end where its symbols do")}};function Xe(r){let e=r&32768?-1:1,t=r>>>10&31,n=r&1023;return t===31?n?NaN:e*(1/0):t===0?e*n*2**-24:e*(1024+n)*2**(t-25)}function Pt(r){for(let e=0;e<r.length;e++)if((r[e]&31744)===31744)return!1;return!0}function Vt(r){let e=new Float32Array(r.length);for(let t=0;t<r.length;t++)e[t]=Xe(r[t]);return e}function Bt(r,e){if(r===0)return 0;let t=r<0?32768:0,n=Math.abs(r),o=31-Math.clz32(n)+e;if(o<10)return t|n*2**e;let s=n*2**(e-o+10);return t|(o-9<<10)+s-1024}function Ht({ny:r,nx:e}){return r*e}function qe(r){return r.nz*r.ny*r.nx}var xe=Uint8Array.from({length:256},(r,e)=>{let t=0;for(let n=e;n>0;n>>=1)t+=n&1;return t}),Je={count:1,x:new Uint16Array(1),y:new Uint16Array(1),z:new Uint16Array(1)};function Wt(r,e,t){let n=0;for(let l=0;l<r.count;l++)n+=xe[e[l]];t(n);let o=new Uint16Array(n),s=new Uint16Array(n),a=new Uint16Array(n),i=0;for(let l=0;l<r.count;l++)for(let f=0;f<8;f++)(e[l]>>f&1)!==0&&(o[i]=2*r.x[l]+(f&1),s[i]=2*r.y[l]+(f>>1&1),a[i]=2*r.z[l]+(f>>2),i++);return{count:n,x:o,y:s,z:a}}function Gt(r){return{count:r.length,x:Uint16Array.from(r,e=>K(e)),y:Uint16Array.from(r,e=>K(e>>>1)),z:Uint16Array.from(r,e=>K(e>>>2))}}function Qe(r){return r=(r|r<<16)&50331903,r=(r|r<<8)&50393103,r=(r|r<<4)&51130563,(r|r<<2)&153391689}function K(r){let e=r&153391689;return e=(e|e>>>2)&51130563,e=(e|e>>>4)&50393103,e=(e|e>>>8)&50331903,(e|e>>>16)&1023}function Kt({count:r,x:e,y:t,z:n}){let o=new Uint32Array(r);for(let s=0;s<r;s++)o[s]=Qe(e[s])|Qe(t[s])<<1|Qe(n[s])<<2;return o}var sn=32;function an({count:r,x:e,y:t,z:n},o){let s=new Uint32Array(8*r);for(let a=0;a<r;a++){let i=(n[a]*o+t[a])*o+e[a];for(let l=0;l<8;l++)s[8*a+l]=i+(l&1)+(l>>1&1)*o+(l>>2)*o*o}return s.sort(),s.filter((a,i)=>i===0||a!==s[i-1])}function Yt(r,e){let t=2**e+1;if(sn*r.count<t*t)return an(r,t);let n=Math.ceil(t/32),o=new Uint32Array(t*t),s=0;for(let u=0;u<r.count;u++){let d=r.z[u]*t+r.y[u];o[d]===0&&(o[d]=++s),o[d+1]===0&&(o[d+1]=++s),o[d+t]===0&&(o[d+t]=++s),o[d+t+1]===0&&(o[d+t+1]=++s)}let a=new Uint32Array((s+1)*n),i=(u,d)=>{let h=o[u]*n+(d>>>5);a[h]|=3<<(d&31),(d&31)===31&&(a[h+1]|=1)};for(let u=0;u<r.count;u++){let d=r.z[u]*t+r.y[u];i(d,r.x[u]),i(d+1,r.x[u]),i(d+t,r.x[u]),i(d+t+1,r.x[u])}let l=0;for(let u=0;u<a.length;u++)l+=ln(a[u]);let f=new Uint32Array(l),c=0;for(let u=0;u<o.length;u++)if(o[u]!==0)for(let d=0;d<n;d++){let h=a[o[u]*n+d],p=u*t+32*d;for(;h!==0;)f[c++]=p+31-Math.clz32(h&-h),h&=h-1}return f}function ln(r){return xe[r&255]+xe[r>>>8&255]+xe[r>>>16&255]+xe[r>>>24]}var Ie=class{nx;corners;starts;here;above;z=0;constructor({nz:e,ny:t,nx:n},o){if(this.nx=n,this.corners=o===null?null:new Uint32Array(o.length),this.starts=new Uint32Array(e+1),this.here=new Uint8Array(o===null?0:t*n),this.above=this.here.slice(),o===null||this.corners===null)return;for(let a of o)this.starts[K(a>>>2)+1]++;for(let a=0;a<e;a++)this.starts[a+1]+=this.starts[a];let s=this.starts.slice();for(let a of o)this.corners[s[K(a>>>2)]++]=K(a>>>1)*n+K(a)}next(){let{corners:e,nx:t,starts:n,z:o}=this;if(e===null)return null;let s=this.above,a=this.here;for(let i=n[o];i<n[o+1];i++){let l=e[i];s[l]|=128,s[l+1]|=64,s[l+t]|=32,s[l+t+1]|=16,a[l]|=8,a[l+1]|=4,a[l+t]|=2,a[l+t+1]|=1}return this.here=s,this.above=a,this.z++,s}};function Se(r){return r<8?r:4+(r&3)<<(r>>2)-1}var Xt=Uint32Array.from({length:64},(r,e)=>Se(e));function qt(r){let e=0,t=0;for(let h=0;h<r.length;h++)e+=Xt[r[h]],r[h]>0&&t++;if(e===0||e>16777216)return null;let n=new Uint32Array(t+1),o=new Uint16Array(t),s=0,a=0,i=0,l=0;for(let h=0;h<r.length;h++)r[h]!==0&&(o[s]=h,r[h]>i&&(i=r[h],a=s),l+=Math.floor(Xt[r[h]]*16777216/e),n[++s]=l);for(let h=a+1;h<=t;h++)n[h]+=16777216-l;let f=Math.min(Math.max(34-Math.clz32(t),4),12),c=24-f,u=new Uint16Array(1<<f),d=0;for(let h=0;h<u.length;h++){for(;n[d+1]<=h<<c;)d++;u[h]=d}return{starts:n,symbols:o,lookup:u,shift:c}}function Qt(r,e,t){let n=()=>{let o=0;for(let a=1;a<r.length;a++){let{weight:i,node:l}=r[a],f=r[o];(i<f.weight||i===f.weight&&l<f.node)&&(o=a)}let[s]=r.splice(o,1);return s};for(;r.length>1;){let o=n(),s=n();r.push({weight:o.weight+s.weight,node:e+t.length/2,depth:Math.max(o.depth,s.depth)+1}),t.push(s.node,o.node)}return r[0]}var Ae=3,Ze=256,cn=2**28,ke=3,Jt=28,Zt=256,un=4,fn=32,dn=4,hn=8;function Ue(r){return 1+3*ke*(r+1)+Jt+Zt}function Ne({numCodes:r,depth:e},t){let{rows:n}=t;return n+Math.floor(Ht(t)/fn)+Math.floor(n*e/dn)+Math.floor(r*Ue(r)/hn)}function Me(r,e,t,n){let o=r.u8(),s=r.u8(),a=r.u16();o>Ae&&R(`${r.where}: symbol section of form ${o}`),(o!==Ae||s<1||s>6||a!==0)&&r.reject(`a symbol section of form ${o} with width ${s} and ${a}`),(t>Ze||qe(n)>cn)&&r.reject(`${t} codes beside their neighbors on ${qe(n)} sites`);let i=e>1?r.below(t,e,"group"):null,l=r.integers(t,s,64,"level"),f=Array.from({length:e},()=>[]),c=0,u=0;for(let y=0;y<t;y++){let g=Se(l[y]);c+=g,g>Se(l[u])&&(u=y),g>0&&f[i===null?0:i[y]].push({weight:g,node:y,depth:0})}(c===0||c>2**24)&&r.reject("weights that make no trees of codes");let d=[],h=new Int16Array(e).fill(-1),p=0;return f.forEach((y,g)=>{if(y.length===0)return;let A=Qt(y,t,d);h[g]=A.node,p=Math.max(p,A.depth)}),{numCodes:t,children:Uint16Array.from(d),roots:h,top:u,depth:p}}function ze(r,e,t,n,o){let{numCodes:s,children:a,roots:i,top:l}=e,f=i.length,{nz:c,ny:u,nx:d,sites:h,rows:p}=n,y=t??new Uint16Array(p);for(let b of y)i[b]<0&&r.reject(`group ${b} is used but has no codes`);let g=a.length/2,A=new ye(r,g*Ue(s),un,g),S=new Uint16Array(p),U=d+2,w=u*d,x=new Uint16Array((u+2)*U).fill(s),_=x.slice(),E=new Uint16Array((u+2)*U).fill(f),z=E.slice(),V=b=>{let L=Math.floor(b/d);return(L+1)*U+b-L*d+1},D=(b,L,N,I,$)=>{for(let M=N;M<I;M++)b[V((h===null?M:h[M])-$*w)]=L},O=0,le=(b,L)=>{for(;O<p;O++){let N=(h===null?O:h[O])-L;if(N>=w)break;b[V(N)]=y[O]}};le(z,0);let te=new Ie(n,o),j=ke*(s+1),B=1,H=B+j,q=H+j,W=q+j,k=W+Jt,Q=(b,L)=>b===f?0:b===L?1:2,F=0,re=0,G=0;for(let b=0;b<c;b++){[x,_]=[_,x],[E,z]=[z,E],D(x,s,G,re,b-2),D(z,f,re,F,b-1),[G,re]=[re,F];let L=b*w;le(z,L+w);let N=te.next();for(;F<p;F++){let I=(h===null?F:h[F])-L;if(I>=w)break;let $=V(I),M=y[F],P=i[M];if(P>=s){let Y=B+ke*x[$-1]+Q(E[$+1],M),ne=H+ke*x[$-U]+Q(E[$+U],M),Er=q+ke*_[$]+Q(z[$],M),Tr=W+mn(x,_,$,U,l,s),$r=k+(N===null?Zt-1:N[I]);P=A.descend(a,s,P,0,Y*g,ne*g,Er*g,Tr*g,$r*g)}N!==null&&(N[I]=0),S[F]=P,x[$]=P}}return A.finish(),S}function mn(r,e,t,n,o,s){let a=i=>i!==o&&i!==s?1:0;return 7*(a(r[t-1])+a(r[t-n])+a(e[t]))+a(r[t-n-1])+a(r[t-n+1])+a(e[t-1])+a(e[t+1])+a(e[t-n])+a(e[t+n])}var er=v.work.most,tr=8,Re=class{#e=0;#t=0;get done(){return this.#e}takeBackTo(e){this.#e=e}reach(e){this.#t=e}add(e,t){this.#e+=e;let{free:n,perByte:o}=v.work,s=Math.min(er,n+o*this.#t);if(this.#e>s){let a=s===er?"":` for a file of ${this.#t} bytes so far`;oe(`${t}: the work of decoding so far is ${this.#e}, the limit is ${s}${a}`)}}};function be(r,e,t,n){let o=r.peek();if(o===Ae){if(n===null)return r.reject("symbols beside neighbors without sites");let{lattice:c,voxels:u,work:d}=n,h=Me(r,1,t,c);return d.add(Ne(h,c),r.where),ze(r,h,null,c,u)}r.u8();let s=r.u8(),a=r.u16();if(o>Ae&&R(`${r.where}: symbol section of form ${o}`),(o===2?s<1||s>6:s!==0)&&r.reject(`a symbol section of form ${o} with width ${s}`),o!==0&&a!==0&&r.reject(`a symbol section of form ${o} with ${a} where 0 belongs`),n?.work.add(o===0?Math.floor(e/tr):e,r.where),o===0)return a>=t&&r.reject(`symbol ${a} is not below ${t}`),new Uint16Array(e).fill(a);if(o===1)return r.below(e,t,"symbol");let i=qt(r.integers(t,s,64,"level"));if(i===null)return r.reject("the weights of the table");let l=new Le(r),f=new Uint16Array(e);return l.decode(i,f),l.finish(),f}function _e(r,e,t){let n=r.u32();if(n===0)return r.halves(e);if(n===2)return t.add(e,r.where),pn(r,e);n!==1&&R(`${r.where}: float16 section of form ${n}`);let o=be(r,e,256,null),s=r.byteArray(e);for(let a=0;a<e;a++)o[a]=o[a]<<8|s[a],(o[a]&31744)===31744&&r.reject("a float16 value is not a finite number");return o}function pn(r,e){let t=r.u32();(t<1||t>4096)&&r.reject(`${t} blocks of steps`);let n=new Uint16Array(e),o=0;for(let s=0;s<t;s++){let[a,i,l]=[r.u32(),r.u16(),r.u16()],f=r.byteArray(1)[0];if(!(i>=1&&i<=l+2049&&l<=2048)||a>e-o||f>28){let d=`of ${i}, origin ${l}, exponent ${f}`;r.reject(`an impossible block of ${a} steps (${d})`)}let u=be(r,a,i,null);for(let d of u)n[o++]=Bt(d-l,f)}return o!==e&&r.reject(`${o} values in steps where ${e} belong`),n}var yn=65535,bn=0,nr=1;function Fe(r,e){let t=r.u16(),n=r.u8(),o=r.u8(),s=t===yn?null:e.base(t);n>nr&&R(`${r.where}: a topology of form ${n}`);let a=s===null?0:s.depth;if((o!==0||a>e.depth||a===e.depth&&n!==bn)&&r.reject(`a topology of form ${n} from depth ${a} to ${e.depth}`),s!==null&&a===e.depth)return{same:s};if(e.work(e.places),a===e.depth)return Je;let i=n===nr?gn(r,e):vn(r,e),l=s===null?Je:Gt(s.voxels);for(;a<e.depth;a++)l=Wt(l,i.read(l),f=>{f<=e.maxVoxels||r.reject(`an octree has ${f} voxels at depth ${a+1}, more than there may be`)});return i.finish(),l}function vn(r,{work:e}){return{read:({count:t})=>(e(2*t),Uint8Array.from(be(r,t,256,null))),finish:()=>{}}}function gn(r,{work:e}){e(Math.floor(111168/8));let t=new ye(r,111168,1,1);return{read:n=>{let o=wn(n);return e(8*n.count+Math.floor(o[0]*o[1]/2)),Ft(t,n,o)},finish:()=>t.finish()}}function wn({count:r,x:e,y:t,z:n}){return[e,t,n].map(o=>{let s=-1;for(let a=0;a<r;a++)s=Math.max(s,o[a]);return s+1})}var et=v.memory,De=4,sr={tag:1,kind:"octree",readHeader(r,e){r.fields(1,r.array(1),4),e!==3&&m(`${r.where}: an octree in ${e} dimensions`);let t=r.item(1,1,0);T(t,v.depth,"as an octree's depth");let n=r.item(1,2,1);T(n,v.voxels,"voxels in a level");let o=r.item(1,3,0);(o<8||o>8*n)&&m(`${r.where}: ${o} corners of ${n} voxels`);let s={voxels:new Uint32Array(0),corners:new Uint32Array(0)};return{layout:{kind:"octree",depth:t,voxelCount:n,...s},rows:o}},read(r,e,{rows:t,where:n,work:o,earlier:s}){let{depth:a,voxelCount:i}=e,l=Fe(r,{depth:a,places:i+t,work:u=>o.add(u,n),maxVoxels:i,base(u){let d=s(u);return d!==null&&xn(d)?d:r.reject(`position ${u} is no octree that came earlier`)}}),f="same"in l?l.same.voxelCount:l.count;f!==i&&m(`${n}: its octree has ${f} voxels, but the header says ${i}`);let c="same"in l?l.same.corners:Yt(l,a);c.length!==t&&m(`${n}: its octree has ${c.length} corners, but the header says ${t}`),e.corners=c,e.voxels="same"in l?l.same.voxels:Kt(l)},memory:({voxelCount:r},e)=>({held:et.voxel*r+et.corner*e,step:et.readingVoxel*r}),empty:r=>({...r,voxels:new Uint32Array(0),corners:new Uint32Array(0)}),lattice({depth:r,corners:e},t){let n=2**r+1;return{nz:n,ny:n,nx:n,sites:e,rows:t}},voxels:({voxels:r})=>r,resolution:({depth:r})=>[2**r,2**r,2**r],cellsAlong:({depth:r})=>[2**r,2**r,2**r],*cells({voxels:r}){for(let e of r)yield[K(e),K(e>>>1),K(e>>>2)]},gpu:{members({depth:r}){let e=2**r+1;return{layout_tag:J("LAYOUT","octree"),size_x:e,size_y:e,size_z:e,corners:8}},numBlocks:or,blocks(r){let e=or(r),t=new Uint32Array(e*De),{corners:n}=r,o=0;for(let s=0;s<n.length;s++){let a=n[s],i=Math.floor(a/Oe.SITES_PER_BLOCK);for(;o<i;)t[++o*De]=s;let l=a-i*Oe.SITES_PER_BLOCK;t[i*De+1+(l>>5)]|=1<<(l&31)}for(;o<e-1;)t[++o*De]=n.length;return t}}};function xn(r){return r.kind==="octree"}function or({depth:r}){return Math.ceil((2**r+1)**3/Oe.SITES_PER_BLOCK)}var tt=new he("layout",[zt,sr]);function ue(r){return tt.of(r)}function qs(r,e,t,n){let o=new Set(e),a=r.grids.flatMap(f=>f.levels).filter(({position:f})=>o.has(f)).map(({position:f,layout:c,code:u,layer:d})=>({position:f,layout:d===0?c:null,code:u,layer:d})),i=new Set,l={skeleton:t?An(r):null,changed:n?a:a.map(kn),lodsDecoded:r.lodsDecoded,metadata:r.metadata};for(let{layout:f,code:c}of l.changed)for(let u of[...Object.values(f??{}),...Object.values(c??{})])ArrayBuffer.isView(u)&&i.add(u.buffer);return{update:l,transfer:[...i]}}function kn(r){return structuredClone(r)}function An(r){let e=r.grids.map(t=>({...t,levels:t.levels.map(n=>({...n,layout:ue(n.layout).empty(n.layout),code:null,layer:0}))}));return{...r,grids:e}}function Qs(r,e){let t=r??e.skeleton,n=t.grids.flatMap(o=>o.levels);for(let{position:o,layout:s,code:a,layer:i}of e.changed)s!==null&&(n[o].layout=s),n[o].code=a,n[o].layer=i;return t.lodsDecoded=e.lodsDecoded,t.metadata=e.metadata,t}function ee(r){return Math.ceil(r/2)}function fe(r,e){let t=e+(e&1),n=r.length/e,o=new Uint16Array(n*t);if(t===e)o.set(r);else for(let s=0;s<n;s++)o.set(r.subarray(s*e,(s+1)*e),s*t);return new Uint32Array(o.buffer)}var ar={tag:0,kind:"float16",readForm(r){return r.fields(3,r.array(3),1),{kind:"float16"}},read:(r,e,{rows:t,features:n})=>({kind:"float16",values:r.halves(t*n)}),layers:()=>1,refine:r=>r.reject("float16 vectors in layers"),memory:(r,e,t)=>({held:v.memory.value*e*t,step:0}),gpu:{members:(r,e)=>({code_tag:J("CODE","float16"),pitch:ee(e)}),lengths:(r,e,t)=>[["vectors",e*ee(t)]],words:({values:r},e)=>[["vectors",fe(r,e)]]}};var ir={tag:2,kind:"lowrank",readForm(r,e){r.fields(3,r.array(3),2);let t=r.item(3,1,1);return t>e&&m(`${r.where}: rank ${t} of ${e} features`),{kind:"lowrank",rank:t}},read(r,{rank:e},{rows:t,features:n}){let o=r.halves(n),s=r.halves(e*n),a=r.halves(t*e);return{kind:"lowrank",rank:e,mean:o,basis:s,coefficients:a}},layers:()=>1,refine:r=>r.reject("low-rank vectors in layers"),memory:({rank:r},e,t)=>({held:v.memory.value*(e*r+t*(r+1)),step:0}),gpu:{members:({rank:r})=>({code_tag:J("CODE","lowrank"),rank:r,pitch:ee(r)}),lengths:({rank:r},e,t)=>[["vectors",e*ee(r)],["basis",(1+r)*ee(t)]],words({rank:r,mean:e,basis:t,coefficients:n},o){let s=new Uint16Array(e.length+t.length);return s.set(e),s.set(t,e.length),[["vectors",fe(n,r)],["basis",fe(s,o)]]}}};function ve(r){return r<=2?1:32-Math.clz32(r-1)}function rt(r,e){return Math.ceil(r*e/32)}function je(r,e,t){let n=new Uint16Array(e),o=(1<<t)-1,s=0,a=0;for(let i=0;i<e;i++){let l=r[s]>>>a;a+=t,a>=32&&(a-=32,s++,a>0&&(l|=r[s]<<t-a)),n[i]=l&o}return n}function nt(r,e){let t=new Uint32Array(rt(r.length,e)),n=0,o=0,s=0;for(let a=0;a<r.length;a++)s|=r[a]<<o,o+=e,o>=32&&(t[n++]=s,o-=32,s=o>0?r[a]>>>e-o:0);return o>0&&(t[n]=s),t}var ge=v.memory,lr=8,_n=16,cr={tag:1,kind:"vq",readForm(r){let t=r.array(3).slice(1).map((o,s)=>r.item(3,1+s,1));(t.length<1||t.length>lr)&&m(`${r.where}: ${t.length} layers (1 to ${lr} are allowed)`);let n=t[t.length-1];return n>(t.length>1?Ze:2**_n)&&m(`${r.where}: ${n} codes in ${t.length} layers`),t.some((o,s)=>s>0&&o<=t[s-1])&&m(`${r.where}: layers that do not grow: ${t.join(", ")} codes`),{kind:"vq",bits:ve(n),numCodes:n,layers:t}},read(r,{bits:e,layers:t},n){let[o]=t,s=_e(r,o*n.features,n.work),a=be(r,n.rows,o,n);return{kind:"vq",bits:e,numCodes:o,codebook:s,packed:nt(a,e)}},layers:({layers:r})=>r.length,refine(r,{bits:e,layers:t},n,o,{rows:s,features:a,lattice:i,voxels:l,work:f}){let c=t[o],u=_e(r,c*a,f),d=Me(r,t[o-1],c,i);f.add(Ne(d,i),r.where);let h=je(n.packed,s,e),p=ze(r,d,h,i,l);return{kind:"vq",bits:e,numCodes:c,codebook:u,packed:nt(p,e)}},memory({numCodes:r,layers:e},t,n){let o=r*n,s=ge.index*t+ge.value*o,a=ge.readingIndex*t+ge.readingCode*o;return e.length===1?{held:s,step:a}:{held:s+ge.index*t,step:a+ge.readingSlot*r*Ue(r)}},gpu:{members:({bits:r},e)=>({code_tag:J("CODE","vq"),bits:r,pitch:ee(e)}),lengths({bits:r,numCodes:e},t,n){let o=32%r!==0?1:0;return[["codes",Math.ceil(t*r/32)+o],["vectors",e*ee(n)]]},words:({packed:r,codebook:e},t)=>[["codes",new Uint32Array(r)],["vectors",fe(e,t)]]}};var ot=new he("code",[ar,cr,ir]);function ae(r){return ot.of(r)}var ur=40,we=class{value;constructor(e){this.value=e}};function Ve(r,e,t={count:0}){let n=new st(r,e,t),o=n.item(1),s=r.subarray(n.at);return(s.length>3||s.some(a=>a!==0))&&n.reject("more follows the item"),o}function Pe(r,e){if(r instanceof we)return r.value;if(r instanceof Uint8Array)return m(`${e}: a byte string`);if(Array.isArray(r))return r.map(t=>Pe(t,e));if(r instanceof Map){let t=Object.create(null);for(let[n,o]of r)typeof n!="string"&&m(`${e}: a number for a key`),t[n]=Pe(o,e);return t}return r}var En=new TextDecoder("utf-8",{fatal:!0,ignoreBOM:!0}),st=class{at=0;items;bytes;view;where;constructor(e,t,n){this.items=n,this.bytes=e,this.view=new DataView(e.buffer,e.byteOffset,e.length),this.where=t}reject(e){m(`${this.where}: CBOR at byte ${this.at}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject("it ends too early");let t=this.at;return this.at+=e,t}argument(e){if(e<24)return e;let t,n;if(e===24)t=this.bytes[this.take(1)],n=24;else if(e===25)t=this.view.getUint16(this.take(2)),n=2**8;else if(e===26)t=this.view.getUint32(this.take(4)),n=2**16;else if(e===27){let o=this.view.getBigUint64(this.take(8));t=o<=Number.MAX_SAFE_INTEGER?Number(o):o,n=2**32}else return this.reject("an indefinite length or a reserved form");return t<n&&this.reject("a number is not in its shortest form"),t}length(e){let t=this.argument(e);return t>this.bytes.length-this.at&&this.reject("it ends too early"),Number(t)}item(e){++this.items.count>v.items&&oe(`${this.where}: more than ${v.items} CBOR items`),e>ur&&this.reject(`it is nested deeper than ${ur}`);let t=this.bytes[this.take(1)],n=t>>5,o=t&31;switch(n){case 0:return this.argument(o);case 1:{let s=-1n-BigInt(this.argument(o));return s>=Number.MIN_SAFE_INTEGER?Number(s):s}case 2:{let s=this.length(o),a=this.take(s);return this.bytes.slice(a,a+s)}case 3:return this.text(o);case 4:{let s=[];for(let a=this.length(o);a>0;a--)s.push(this.item(e+1));return s}case 5:return this.map(o,e);case 6:return this.reject("a tag");default:return this.simple(o)}}text(e){let t=this.length(e),n=this.take(t);try{return En.decode(this.bytes.subarray(n,n+t))}catch{return this.reject("a text that is not UTF-8")}}map(e,t){let n=new Map,o=null,s=null;for(let a=this.length(e);a>0;a--){let i=this.at,l=this.bytes[this.take(1)]>>5;l!==0&&l!==3&&this.reject("a key is neither a text nor unsigned"),this.at=i;let f=this.item(t+1),c=this.bytes.subarray(i,this.at),u=l===3?"text":"number";s!==null&&s!==u&&this.reject("a map has texts and numbers for keys"),o!==null&&$n(o,c)>=0&&this.reject("the keys of a map are not in order, or equal"),s=u,o=c,n.set(f,this.item(t+1))}return n}simple(e){if(e===20)return!1;if(e===21)return!0;if(e===22)return null;let t,n=!1;if(e===25)t=Xe(this.view.getUint16(this.take(2)));else if(e===26)t=this.view.getFloat32(this.take(4)),n=Tn(t);else if(e===27)t=this.view.getFloat64(this.take(8)),n=Math.fround(t)===t;else return this.reject("a simple value other than true, false and null");return Number.isFinite(t)||this.reject("a float is not finite"),n&&this.reject("a float is not in its shortest form"),new we(t)}};function Tn(r){let e=Math.abs(r);if(e>65504)return!1;let t=Math.max(Math.floor(Math.log2(e||1)),-14);return[t-1,t,t+1].some(n=>{let o=e/2**(Math.max(n,-14)-10);return Number.isInteger(o)&&o<2048})}function $n(r,e){let t=Math.min(r.length,e.length);for(let n=0;n<t;n++)if(r[n]!==e[n])return r[n]-e[n];return r.length-e.length}var Cn=On();function On(){let r=new Int32Array(2048);for(let e=0;e<256;e++){let t=e;for(let n=0;n<8;n++)t=t&1?t>>>1^2197175160:t>>>1;r[e]=t}for(let e=256;e<r.length;e++){let t=r[e-256];r[e]=t>>>8^r[t&255]}return r}function Ee(r,e=0){let t=Cn,n=~e,o=0;for(let s=r.length-7;o<s;o+=8)n^=r[o]|r[o+1]<<8|r[o+2]<<16|r[o+3]<<24,n=t[1792+(n&255)]^t[1536+(n>>>8&255)]^t[1280+(n>>>16&255)]^t[1024+(n>>>24)]^t[768+r[o+4]]^t[512+r[o+5]]^t[256+r[o+6]]^t[r[o+7]];for(;o<r.length;o++)n=n>>>8^t[(n^r[o])&255];return~n>>>0}var fr=v.memory;function dr(r){let e=0;for(let o of r.field.networks)for(let{outputs:s,inputs:a}of o.layers)e+=s*(a+1);let t=fr.weight*e,n=r.occupancy===null?0:fr.readingCell*se(r.occupancy);for(let{layout:o,rows:s,features:a,form:i}of r.levels){let l=ae(i).memory(i,s,a),f=ue(o).memory(o,s);t+=l.held+f.held,n=Math.max(n,l.step+f.step)}return 2*t+n}function ie(r,e,t){r instanceof Map||m(`${e} is not a map`);for(let n of r.keys())typeof n=="string"&&m(`${e} has the text ${JSON.stringify(n)} for a key`),t.includes(n)||R(`${e} has an entry ${n}`);return new at(r,e)}var at=class{where;map;constructor(e,t){this.map=e,this.where=t}has(e){return this.map.has(e)}get(e){let t=this.map.get(e);return t===void 0?m(`${this.where} has no entry ${e}`):t}asInteger(e,t,n){let o=typeof e=="bigint"?Number(e):e;return typeof o!="number"?m(`${this.where}: ${t} is not an integer`):(o<n&&m(`${this.where}: ${t} is ${o}, below ${n}`),o)}integer(e,t=0){return this.asInteger(this.get(e),`entry ${e}`,t)}name(e,t){return t[this.oneOf(this.get(e),t.length,`entry ${e}`)]}bytes(e){let t=this.get(e);return t instanceof Uint8Array?t:m(`${this.where}: entry ${e} is not a byte string`)}text(e){let t=this.get(e);return typeof t=="string"?t:m(`${this.where}: entry ${e} is not a text`)}boolean(e){let t=this.get(e);return typeof t=="boolean"?t:m(`${this.where}: entry ${e} is neither true nor false`)}float(e){return this.asFloat(this.get(e),`entry ${e}`)}asFloat(e,t){return!(e instanceof we)||Math.abs(e.value)>1e30?m(`${this.where}: ${t} is not a float of at most 1e30`):e.value}array(e){let t=this.get(e);return Array.isArray(t)?t:m(`${this.where}: entry ${e} is not an array`)}item(e,t,n){return this.asInteger(this.array(e)[t],`item ${t} of entry ${e}`,n)}floatItem(e,t){return this.asFloat(this.array(e)[t],`item ${t} of entry ${e}`)}choice(e,t,n){return t.length===0&&m(`${this.where}: entry ${e} is empty`),this.choiceAt(e,0,n)}id(e){let t=this.array(e);return t.length===0&&m(`${this.where}: entry ${e} is empty`),this.asInteger(t[0],`item 0 of entry ${e}`,0)}whereId(e){return`${this.where}: item 0 of entry ${e}`}choiceAt(e,t,n){return this.oneOf(this.array(e)[t],n,`item ${t} of entry ${e}`)}oneOf(e,t,n){let o=this.asInteger(e,n,0);return o>=t&&R(`${this.where}: ${n} is ${o}`),o}fields(e,t,n){t.length!==n&&m(`${this.where}: entry ${e} has ${t.length} items instead of ${n}`)}};var Ln=["none","relu","leaky_relu","sine","softplus","exp","sigmoid","tanh","snake_alt"],hr=new Float32Array(0),In=["features","position","direction"];function pr(r,e,t,n){let o=r.array(3);o.length===0&&m("header: no networks"),T(o.length,v.networks,"networks");let s=new Map([["position",t]]);n>0&&s.set("features",n),e==="nerf"&&s.set("direction",3);let a=[];o.forEach((f,c)=>{let u=ie(f,`header: network ${c}`,[0,1,2,3]),d=Sn(u,s);(In.includes(d.name)||s.has(d.name))&&m(`${u.where}: the name ${JSON.stringify(d.name)} is taken`),a.push(d),s.set(d.name,mr(d))});let i=mr(a[a.length-1]),l={nerf:3,sdf:1,scalar:null}[e];return l!==null&&i!==l&&m(`header: the last network of a field of kind ${e} has ${i} outputs`),e==="nerf"&&t!==3&&m("header: a field of kind nerf in 2-D"),e==="nerf"&&!a.some(({name:f})=>f==="density")&&m('header: a field of kind nerf has no network "density"'),a}function mr({layers:r}){return r[r.length-1].outputs}function Sn(r,e){let{where:t}=r,n=r.text(0),o=[...n].length;(o<1||o>64)&&m(`${t}: a name of ${o} characters`);let s=r.array(1);s.length===0&&m(`${t} has no inputs`),T(s.length,v.inputs,"inputs of a network");let a=0,i=s.map((d,h)=>{let{input:p,width:y}=Un(ie(d,`${t}, input ${h}`,[0,1,2]),e);return a+=y,p}),l=r.array(2);l.length===0&&m(`${t} has no layers`),T(l.length,v.layers,"layers of a network");let f=r.has(3)?r.array(3).map((d,h)=>r.item(3,h,1)):[];for(let d of f)d>=l.length&&m(`${t}: a skip to layer ${d}, which is not there`);new Set(f).size!==f.length&&m(`${t}: a skip is listed twice`);let c=a,u=l.map((d,h)=>{let p=Mn(ie(d,`${t}, layer ${h}`,[0,1,2,3,4]));return f.includes(h)&&(c+=a),p.inputs!==c&&m(`${t}, layer ${h}: ${p.inputs} inputs, but ${c} values enter it`),c=p.outputs,p});return{name:n,inputs:i,layers:u,skips:f.sort((d,h)=>d-h)}}function Un(r,e){let{where:t}=r,n=r.text(0),o=e.get(n);if(o===void 0)return m(`${t}: there is no source ${JSON.stringify(n)}`);let s=null,a=o;r.has(2)&&(r.fields(2,r.array(2),2),s=[r.item(2,0,0),r.item(2,1,0)],(s[0]>=s[1]||s[1]>o)&&m(`${t}: channels ${s[0]} to ${s[1]} of ${o}`),a=s[1]-s[0]);let{encoding:i,width:l}=Nn(r,a);return{input:{source:n,encoding:i,slice:s},width:l}}function Nn(r,e){let{where:t}=r,n=r.array(1),o=r.choice(1,n,3);if(o===0)return r.fields(1,n,1),{encoding:{kind:"identity"},width:e};if(o===1){r.fields(1,n,4);let a=r.item(1,1,0);T(a,v.frequencies,"frequencies");let i=r.floatItem(1,2),l=n[3];return typeof l!="boolean"?m(`${t}: include_input`):{encoding:{kind:"frequency",frequencies:a,scale:i,includeInput:l},width:e*(2*a+(l?1:0))}}r.fields(1,n,2);let s=r.item(1,1,1);return s>4&&m(`${t}: spherical harmonics of degree ${s}`),e!==3&&m(`${t}: spherical harmonics of ${e} channels`),{encoding:{kind:"spherical_harmonics",degree:s},width:s*s}}function Mn(r){let e=r.integer(0,1),t=r.integer(1,1);T(Math.max(e,t),v.width,"values of a layer");let n=r.name(2,Ln),o=r.boolean(3)?hr:null;return{outputs:e,inputs:t,activation:n,gain:r.float(4),weight:hr,bias:o}}var zn=["nerf","sdf","scalar"],Rn=["sum","concat","product"];function yr(r){let e=ie(Ve(r,"header"),"header",[0,1,2,3,4]),t=e.name(0,zn),n=Fn(e),o=n.length/2,s=[],a=e.array(2);T(a.length,v.grids,"grids");let i=a.map((p,y)=>Dn(ie(p,`header: grid ${y}`,[0,1,2]),o,s)),l=new Set(s.map(({lod:p})=>p)).add(0),f=Math.max(...l)+1;(l.size!==f||s.length>0&&!s.some(({lod:p})=>p===0))&&m(`header: its levels do not have the LODs 0 to ${f-1}, each at least once`);let c=s.reduce((p,{rows:y,features:g})=>p+y*g,0);T(c,v.values,"feature values");let u=null;if(e.has(4)){u=e.array(4).map((p,y)=>e.item(4,y,1)),u.length!==o&&m("header: the occupancy has another number of axes");for(let p of u)T(p,v.side,"occupancy cells along a side");T(se(u),v.cells,"occupancy cells")}let d=pr(e,t,o,Vn(i));return{field:{kind:t,dims:o,bounds:n,lods:f,lodsDecoded:0,grids:i,networks:d,occupancy:null,metadata:{}},levels:s,occupancy:u}}function Fn(r){let e=r.bytes(1);e.length!==32&&e.length!==48&&m(`header: bounds of ${e.length} bytes (32 or 48 are needed)`);let t=new Float64Array(e.slice().buffer),n=t.length/2;for(let o=0;o<n;o++){let s=t[o],a=t[n+o],i=Math.max(Math.abs(s),Math.abs(a));(!(i<=1e30)||!(a-s>Math.max(1e-30,1e-6*i)))&&m(`header: the bounds from ${s} to ${a} are no range`)}return t}function Dn(r,e,t){let n=r.name(0,Rn),o=r.array(1);o.length===0&&m(`${r.where} has no levels`),T(o.length+t.length,v.levels,"levels");let s=r.has(2)?br(r,2,e):null,a=o.map((l,f)=>{let c=ie(l,`${r.where}, level ${f}`,[0,1,2,3,4]),u=jn(c,e,t.length,s);return t.push(u),u}),i=a.some(l=>l.features!==a[0].features);return n!=="concat"&&i&&m(`${r.where}: levels that share channels differ in their number of features`),{combine:n,levels:a}}function br(r,e,t){let n=r.bytes(e),o=n.length/(4*(t+1));(!Number.isInteger(o)||o<1||o>t)&&m(`${r.where}: a transform of ${n.length} bytes`);let s=new Float32Array(n.slice().buffer);return s.every(Number.isFinite)||m(`${r.where}: the transform is not finite`),s}function jn(r,e,t,n){let o=n;r.has(4)&&(n!==null&&m(`${r.where} has a transform although its grid has one`),o=br(r,4,e));let s=o===null?e:o.length/(e+1),a=r.integer(0);T(a,v.lods-1,"as the number of an LOD");let i=r.integer(2,1);T(i,v.features,"features");let l=tt.tagged(r.id(1),r.whereId(1)),{layout:f,rows:c}=l.readHeader(r,s);T(c,v.vectors,"vectors in a level");let d=ot.tagged(r.id(3),r.whereId(3)).readForm(r,i);return{lod:a,position:t,layout:f,transform:o,rows:c,features:i,form:d,code:null,layer:0}}function Pn(r,e){switch(r){case"sum":case"product":return e[0].features;case"concat":return e.reduce((n,{features:o})=>n+o,0)}return r}function Vn(r){let e=0;for(let{combine:t,levels:n}of r)e+=Pn(t,n);return e}function vr(r,e){let t=0;for(let{lod:n,form:o}of r)n===e&&(t=Math.max(t,ae(o).layers(o)-1));return t}function qa(r,e){return r.reduce((t,{lod:n,layer:o})=>n===e?Math.max(t,o):t,0)}var gr=[137,78,70,67,13,10,26,10],Te=20,xr=12;function it(r){return new Uint8Array(r.buffer,r.byteOffset,r.length)}function $e(r,e={}){let t=it(r);if(Bn(t),t.length<Te)return{need:Te};let n=new DataView(t.buffer,t.byteOffset,t.length),o=t[8],s=t[9];o===0&&m("major version 0 in byte 8"),o>1&&R(`the file is of format version ${o}.${s}`);let a=n.getUint16(10,!0),i=n.getUint32(12,!0);T(a,v.chunks,"chunks"),T(i,v.headerBytes,"bytes of header");let l=Te+xr*a,f=Math.ceil((l+i)/4)*4;if(t.length<f)return{need:f};Ee(t.subarray(Te,f),Ee(t.subarray(0,16)))!==n.getUint32(16,!0)&&m("the front of the file fails its checksum"),t.subarray(l+i,f).some(S=>S!==0)&&m("the padding of the header is not zero");let u=Hn(n,a,f),d=yr(t.subarray(l,l+i)),h=Wn(u,d),p=dr(d),y=e.memory??Ce;p>y&&oe(`decoding may take ${wr(p)} MiB of memory, above the limit of ${wr(y)} MiB`);let g=u[u.length-1],A=g.offset+g.length;return{version:[o,s],chunks:u,header:d,length:f,totalBytes:A,lodEnds:h}}function Bn(r){let e=Math.min(r.length,gr.length);for(let t=0;t<e;t++){if(r[t]===gr[t])continue;let o=String.fromCharCode(...r.subarray(0,200)).trimStart().startsWith("<")?" but an HTML or XML page":"";m(`this is not a .nfc file${o} (its first bytes are not the signature)`)}}function Hn(r,e,t){let n=[],o=t,s=0,a=0;for(let i=0;i<e;i++){let l=Te+xr*i,f=[0,1,2,3].map(y=>r.getUint8(l+y)),c=String.fromCharCode(...f);/^[A-Za-z]{4}$/.test(c)||m(`the type of chunk ${i} is not four letters`);let u=r.getUint32(l+4,!0);u%4!==0&&m(`the length of chunk ${i} (${c}) is not a multiple of 4`);let d=["NETW","OCCU","LEVL","REFN","meta"].includes(c);if(c==="PICT")throw new C("unsupported","this is a vq-nerf field, whose images come from networks that are not run here; `nfcodec render` draws it");!d&&/^[A-Z]/.test(c)&&R(`chunk ${i} is a critical chunk ${c}`),c==="meta"&&T(u,v.metadataBytes,"bytes of metadata in a chunk"),c==="LEVL"&&s++,c==="LEVL"&&(a=0),c==="REFN"&&a++;let p=c==="LEVL"||c==="REFN"?{lod:s-1,layer:a}:{lod:null,layer:0};n.push({type:c,offset:o,length:u,crc:r.getUint32(l+8,!0),known:d,...p}),o+=u}return n.filter(({type:i})=>i==="prev").length>1&&m("there are two prev chunks"),n}function Wn(r,e){let t=r.filter(({type:c})=>c!=="meta"&&/^[A-Z]/.test(c)),n=t.findIndex(({lod:c})=>c!==null),o=t.slice(0,n<0?t.length:n).map(({type:c})=>c),s=n<0?[]:t.slice(n),a=e.occupancy===null?["NETW"]:["NETW","OCCU"];(o.sort().join()!==a.join()||s.some(({lod:c})=>c===null))&&m(`${a.join(" and ")} are not there once each, in front of the levels`);let{lods:i}=e.field,l=s.filter(({type:c})=>c==="LEVL").length;l!==i&&m(`there are ${l} LEVL chunks for ${i} LODs`);let f=[];for(let c=0,u=0;c<i;c++){let d=vr(e.levels,c)+1,h=s.slice(u,u+=d),p=s.length-u;(h.some((A,S)=>A.lod!==c||A.layer!==S)||h.length<d)&&m(`LOD ${c} has other REFN chunks than the ${d-1} that its levels ask for`),c===i-1&&p>0&&m(`${p} REFN chunks too many`);let{offset:y,length:g}=h[d-1];f.push(y+g)}return f}function wr(r){return Math.ceil(r/2**20)}var Be=class{where;bytes;view;at=0;constructor(e,t){this.bytes=e.byteOffset%4===0?e:e.slice(),this.view=new DataView(this.bytes.buffer,this.bytes.byteOffset,this.bytes.length),this.where=t}reject(e){m(`${this.where}: ${e}`)}take(e){e>this.bytes.length-this.at&&this.reject(`it ends too early (${e} more bytes needed at byte ${this.at})`);let t=this.at;return this.at+=e,t}align(){for(;this.at%4!==0;)this.bytes[this.take(1)]!==0&&this.reject(`padding is not zero at byte ${this.at-1}`)}peek(){return this.at<this.bytes.length?this.bytes[this.at]:-1}u8(){return this.bytes[this.take(1)]}u16(){return this.view.getUint16(this.take(2),!0)}u32(){return this.view.getUint32(this.take(4),!0)}byteArray(e){let t=this.take(e);return this.align(),this.bytes.subarray(t,t+e)}words(e){let t=this.take(4*e);return new Uint32Array(this.bytes.buffer,this.bytes.byteOffset+t,e)}halves(e){let t=this.take(2*e);this.align();let n=new Uint16Array(this.bytes.buffer,this.bytes.byteOffset+t,e).slice();return Pt(n)||this.reject("a float16 value is not a finite number"),n}integers(e,t,n,o){let s=je(this.words(rt(e,t)),e,t);if(n<2**t)for(let a=0;a<e;a++)s[a]>=n&&this.reject(`${o} ${s[a]} is not below ${n}`);return s}below(e,t,n){return this.integers(e,ve(t),t,n)}finish(){let e=this.bytes.length-this.at;e>0&&this.reject(`${e} bytes are left over behind its contents`)}};var He=class{front;field;header;decoded=new Set;added=new Set;counted=new Re;items={count:0};next=0;constructor(e){this.front=e,this.header=structuredClone(e.header),this.field=this.header.field,this.field.metadata=Object.create(null)}get lodsDecoded(){return this.field.lodsDecoded}get work(){return this.counted.done}addChunk(e,t){let n=this.front.chunks[e];if(n===void 0)throw new RangeError(`there is no chunk ${e}`);if(this.added.has(e))throw new RangeError(`chunk ${e} is there already`);if(!n.known)return[];let o=`chunk ${e} (${n.type}, from byte ${n.offset})`;if(t.length!==n.length)throw new RangeError(`${o} has ${n.length} bytes, not ${t.length}`);let s=n.type!=="meta";if(s&&e!==this.nextCritical())throw new RangeError(`${o}: chunk ${this.nextCritical()} has to go in before it`);Ee(t)!==n.crc&&m(`${o} fails its checksum`),s&&this.counted.reach(this.bytesUpTo(e));let a=this.read(n,it(t),o);return this.added.add(e),s&&(this.next=e+1),a}nextCritical(){return this.front.chunks.findIndex(({type:e,known:t},n)=>n>=this.next&&t&&e!=="meta")}bytesUpTo(e){return this.front.chunks.slice(0,e+1).reduce((t,{type:n,known:o,length:s})=>t+(o&&n!=="meta"?s:0),0)}read({type:e,lod:t,layer:n},o,s){if(e==="meta")return this.addMetadata(o,s),[];let a=new Be(o,s);if(e==="NETW")this.readNetworks(a);else if(e==="OCCU")this.readOccupancy(a);else return e==="LEVL"?this.readLod(a,t):this.refineLod(a,t,n);return[]}addMetadata(e,t){let n={...this.items},o=Ve(e,t,n);if(!(o instanceof Map))return m(`${t}: metadata is not a map`);let s=Pe(o,t);for(let a of Object.keys(s))a in this.field.metadata&&m(`${t}: the key ${JSON.stringify(a)} is in two metadata chunks`);Object.assign(this.field.metadata,s),Object.assign(this.items,n)}readNetworks(e){let t=this.field.networks.flatMap(a=>a.layers),n=0;for(let{outputs:a,inputs:i,bias:l}of t)n+=a*(i+(l===null?0:1));let o=Vt(_e(e,n,this.counted));e.finish();let s=0;for(let a of t)a.weight=o.slice(s,s+=a.outputs*a.inputs),a.bias!==null&&(a.bias=o.slice(s,s+=a.outputs))}readOccupancy(e){let t=this.header.occupancy,n=[...t].reverse(),o=Math.max(...t.map(ve)),s=se(t),a=Fe(e,{depth:o,places:0,work:u=>this.counted.add(u,e.where),maxVoxels:1/0,base:()=>e.reject("occupancy starts from a level")});if("same"in a)return;e.finish();let[i,l=1,f=1]=n,c=new Uint8Array(4*Math.ceil(s/32));for(let u=0;u<a.count;u++){let d=a.x[u],h=a.y[u],p=a.z[u];(d>=i||h>=l||p>=f)&&e.reject("an occupied voxel outside the cells");let y=(p*l+h)*i+d;c[Math.floor(y/8)]|=1<<(y&7)}this.field.occupancy={shape:t,cells:c}}readLod(e,t){let n=this.header.levels.filter(a=>a.lod===t),o=n.map(({layout:a})=>({...a})),{done:s}=this.counted;try{for(let a of n)this.readLevel(e,a);e.finish()}catch(a){throw this.counted.takeBackTo(s),n.forEach((i,l)=>{i.code=null,i.layout=o[l],this.decoded.delete(i.position)}),a}return this.field.lodsDecoded=t+1,n.map(({position:a})=>a)}refineLod(e,t,n){let o=this.header.levels.filter(({lod:i,form:l})=>i===t&&ae(l).layers(l)>n),{done:s}=this.counted,a;try{a=o.map(i=>this.refine(e,i,n)),e.finish()}catch(i){throw this.counted.takeBackTo(s),i}return o.forEach((i,l)=>Object.assign(i,{code:a[l],layer:n})),o.map(({position:i})=>i)}refine(e,t,n){return ae(t.form).refine(e,t.form,t.code,n,this.around(t))}readLevel(e,t){let{layout:n,rows:o,position:s,form:a}=t;ue(n).read(e,n,{rows:o,where:`${e.where}, level ${s}`,work:this.counted,earlier:i=>this.decoded.has(i)?this.header.levels[i].layout:null}),t.code=ae(a).read(e,a,this.around(t)),this.decoded.add(s)}around({layout:e,rows:t,features:n}){let o=ue(e),[s,a]=[o.lattice(e,t),o.voxels(e)];return{rows:t,features:n,lattice:s,voxels:a,work:this.counted}}};var kr=40;async function Ci(r,e,t={}){let n=new lt(r,e,t);try{for await(let o of r.pieces())if(n.take(o))break;return n.finish()}finally{n.close()}}var lt=class{source;events;options;wanted;front=null;decoder=null;received=0;reported=-1/0;due;pieces=[];gathered=0;need=8;chunk=0;constructor(e,t,n){this.source=e,this.events=t,this.options=n,this.wanted=n.lods??1/0}take(e){this.received+=e.length,this.report();let t=e;for(;;){if(this.chunk===this.front?.chunks.length){if(t.length>0)throw new C("damaged","bytes follow the last chunk");return!1}let n=t.subarray(0,this.need-this.gathered);if(t=t.subarray(n.length),this.gathered+=n.length,this.wants()&&this.pieces.push(n),this.gathered<this.need)return!1;if(this.advance())return!0}}wants(){return this.front===null||this.front.chunks[this.chunk].known}advance(){if(this.front===null)return this.readFront(),!1;let{known:e,lod:t,offset:n,length:o}=this.front.chunks[this.chunk],s=this.decoder;if(e){let a=Gn(s,this.chunk,this.join()),{field:i}=s;if(t!==null){let l=n+o>=this.end(this.front);if(this.report(!0),this.events.lod(i,a,l),l&&this.wanted<=i.lods)return!0}}return this.chunk+=1,this.gatherChunk(this.front),!1}end({lodEnds:e}){return e[Math.max(1,Math.min(this.wanted,e.length))-1]}gatherChunk(e){let t=e.chunks[this.chunk];if(this.pieces=[],this.gathered=0,this.need=t?.length??0,this.need>(this.options.memory??Ce)/2&&t.known)throw new C("limit",`chunk ${this.chunk} has ${this.need} bytes, which is too many`)}readFront(){let e=$e(this.join(),this.options);if("need"in e){this.need=e.need;return}this.front=e,this.decoder=new He(e);let{total:t}=this.source;if(t!==null&&t>e.totalBytes)throw new C("damaged",`${t-e.totalBytes} bytes follow the last chunk`);this.gatherChunk(e)}join(){if(this.pieces.length===1)return this.pieces[0];let e=new Uint8Array(this.gathered),t=0;for(let n of this.pieces)e.set(n,t),t+=n.length;return this.pieces=[e],e}report(e=!1){let t=performance.now();if(!e&&t-this.reported<kr){this.due??=setTimeout(()=>this.report(!0),kr);return}this.close(),this.reported=t;let n=this.source.total??this.front?.totalBytes??null;this.events.progress({received:this.received,total:n,lodEnds:this.front?.lodEnds??[]})}close(){clearTimeout(this.due),this.due=void 0}finish(){if(this.report(!0),this.decoder===null||this.decoder.lodsDecoded===0)throw this.front===null&&this.gathered<8&&$e(this.join()),new C("damaged",`the file ends after ${this.received} bytes, in front of its first level of detail`);return this.decoder.field}};function Gn(r,e,t){try{return r.addChunk(e,t)}catch(n){throw n instanceof RangeError?new C("limit",`there is not enough memory to decode it (${n.message})`):n}}var Ar=1<<18,_r=class{total;blob;signal;constructor(e,t){this.blob=e,this.signal=t,this.total=e.size}async*pieces(){for(let e=0;e<this.total;e+=Ar){let t;try{t=await this.blob.slice(e,e+Ar).arrayBuffer()}catch{throw new C("network","the file could not be read on; it may have been changed, moved or deleted")}this.signal?.throwIfAborted(),yield new Uint8Array(t)}}};export{C as a,St as b,Oe as c,J as d,Jo as e,Zo as f,ae as g,vr as h,qa as i,ue as j,Pn as k,ut as l,qs as m,Qs as n,Ci as o,_r as p};
