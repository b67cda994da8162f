// What a program reads and writes. docs/renderer.md has the layout of every buffer.

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
@group(0) @binding(${buffer.binding}) var<storage, read> ${buffer.name}: array<u32>;
//#end
//#if buffer.is_sites
@group(0) @binding(${buffer.binding}) var<storage, read> ${buffer.name}: array<vec4<u32>>;
//#end
//#if buffer.is_weights
@group(0) @binding(${buffer.binding}) var<storage, read> ${buffer.name}: array<vec4<f32>>;
//#end
//#if buffer.is_uniform
@group(0) @binding(${buffer.binding}) var<uniform> ${buffer.name}: array<vec4<f32>, ${buffer.length}>;
//#end
//#end

const MODE_DEPTH = 1u;
const MODE_NORMALS = 2u;
const MODE_ISO = 3u;
const MODE_MATCAP = 4u;
const FLAG_DISTORTED = 1u;
const FLAG_EXACT_DISTANCE = 2u;
