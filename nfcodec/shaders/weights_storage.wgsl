// Weights of networks that are too large for a uniform buffer.

@group(0) @binding(8) var<storage, read> weights: array<vec4<f32>>;
