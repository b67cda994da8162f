// Weights of networks that fit into a uniform buffer, which is read fastest where all threads read
// the same.

@group(0) @binding(8) var<uniform> weights: array<vec4<f32>, WEIGHTS>;
