// Words of a field that fits into one buffer.

fn word(buffer: u32, at: u32) -> u32 {
    return words0[at];
}
