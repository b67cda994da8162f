// What every program reads and writes. Above this text stand the structs of tables.json, the
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
