// Puts a finished image on the page's canvas, pixel by pixel.

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
