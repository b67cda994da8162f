// Interpolated feature vectors: one function for each level, from its codes as they are stored.

//#if features
var<private> features: array<vec4<f32>, ${features}>;
// The vector, or the low-rank coefficients, of the level in hand, two channels each.
var<private> mixed: array<vec2<f32>, ${mixed}>;
//#end
//#if octrees

// The row of lattice site `site` of the octree whose blocks begin at `first`, and whether it (1)
// and its upper neighbor along x (2) have one. A block is the number of rows before it and the
// bits of 96 sites. The neighbor's row is the next one.
fn find_rows(first: u32, site: u32) -> vec2<u32> {
    let number = first + site / 96u;
    let block = sites[number];
    let inner = site % 96u;
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
//#end
//#for level in levels

// Adds `weight` times vector `row` of level ${level.index}.
fn add_row_${level.index}(row: u32, weight: f32) {
//#if level.vq
    let bit = row * ${level.bits}u;
    let word = ${level.codes.offset}u + (bit >> 5u);
    var code = ${level.codes.buffer}[word] >> (bit & 31u);
//#if level.straddles
    code |= (${level.codes.buffer}[word + 1u] << 1u) << (31u - (bit & 31u));
//#end
    let at = ${level.vectors.offset}u + (code & ${level.mask}u) * ${level.pitch}u;
//#else
    let at = ${level.vectors.offset}u + row * ${level.pitch}u;
//#end
//#for pair in level.pairs
//#if level.float32
    mixed[${pair.index}] += weight * vec2<f32>(
        bitcast<f32>(${level.vectors.buffer}[at + ${pair.first}u]),
        bitcast<f32>(${level.vectors.buffer}[at + ${pair.second}u]),
    );
//#else
    mixed[${pair.index}] += weight * unpack2x16float(${level.vectors.buffer}[at + ${pair.index}u]);
//#end
//#end
}

// Adds level ${level.index} at v in [-1, 1]^3 to the features.
fn add_level_${level.index}(v: vec3<f32>) {
    mixed = array<vec2<f32>, ${mixed}>();
//#if level.lowrank
    var present = 0.0;
//#end
//#if level.octree
    let place = clamp((v + 1.0) * ${level.half}, vec3<f32>(0.0), vec3<f32>(${level.last}.0));
    let base = min(vec3<u32>(place), vec3<u32>(${level.last}u - 1u));
    let part = place - vec3<f32>(base);
    for (var side = 0u; side < 4u; side++) {
        let upper = vec2<u32>(side & 1u, side >> 1u);
        let line = (base.z + upper.y) * (${level.last}u + 1u) + base.y + upper.x;
        let found = find_rows(${level.sites.offset}u, line * (${level.last}u + 1u) + base.x);
        let weight = select(1.0 - part.y, part.y, upper.x == 1u)
            * select(1.0 - part.z, part.z, upper.y == 1u);
        if ((found.y & 1u) != 0u) {
            add_row_${level.index}(found.x, weight * (1.0 - part.x));
//#if level.lowrank
            present += weight * (1.0 - part.x);
//#end
        }
        if ((found.y & 2u) != 0u) {
            add_row_${level.index}(found.x + (found.y & 1u), weight * part.x);
//#if level.lowrank
            present += weight * part.x;
//#end
        }
    }
//#else
    let size = vec3<i32>(${level.size});
    let free = (v + 1.0) * vec3<f32>(${level.half}) - ${level.shift};
//#if level.clamps
    let place = clamp(free, vec3<f32>(0.0), vec3<f32>(size - 1));
    let base = min(vec3<i32>(place), max(size - 2, vec3<i32>(0)));
//#else
    let place = clamp(free, vec3<f32>(-2.0), vec3<f32>(size + 1));
    let base = vec3<i32>(floor(place));
//#end
    let part = place - vec3<f32>(base);
    for (var corner = 0u; corner < ${level.corners}u; corner++) {
        let upper = vec3<u32>(corner & 1u, (corner >> 1u) & 1u, corner >> 2u);
        let at = base + vec3<i32>(upper);
        if (all(at >= vec3<i32>(0)) && all(at < size)) {
            let sides = select(1.0 - part, part, upper == vec3<u32>(1u));
            let weight = sides.x * sides.y * sides.z;
            add_row_${level.index}(u32((at.z * size.y + at.y) * size.x + at.x), weight);
//#if level.lowrank
            present += weight;
//#end
        }
    }
//#end
//#if level.lowrank
    // Interpolation is linear: the coefficients are mixed, then the basis multiplies them once.
//#for pair in level.finish
    let whole_${pair.index} = present * unpack2x16float(${level.basis.buffer}[${pair.mean}u])
//#for term in pair.terms
        + ${term.coefficient} * unpack2x16float(${level.basis.buffer}[${term.at}u])
//#end
        ;
//#end
//#for pair in level.finish
    mixed[${pair.index}] = whole_${pair.index};
//#end
//#end
//#for line in level.stores
    ${line}
//#end
}
//#end

// The features of all grids at u, with what levels the LOD in use has.
fn read_features(u: vec3<f32>) {
//#if features
    features = array<vec4<f32>, ${features}>();
//#end
//#for grid in grids
//#if grid.transform
    let v_${grid.index} = vec3<f32>(
//#for row in grid.transform
        ${row},
//#end
    );
//#else
    let v_${grid.index} = u;
//#end
//#for level in grid.levels
    if (params.chosen.x >= ${level.lod}u) {
        add_level_${level.index}(v_${grid.index});
    }
//#end
//#end
}
