// Where a level's vectors sit: a function for each layout, and a case for it in `locate`.

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

// The row of lattice site `site` of the octree whose blocks begin at `first`, and whether it (1)
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
