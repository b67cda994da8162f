// Words of a field that is spread over up to three buffers.

@group(0) @binding(6) var<storage, read> words1: array<u32>;
@group(0) @binding(7) var<storage, read> words2: array<u32>;

fn word(buffer: u32, at: u32) -> u32 {
    switch (buffer) {
        case 0u: { return words0[at]; }
        case 1u: { return words1[at]; }
        default: { return words2[at]; }
    }
}
