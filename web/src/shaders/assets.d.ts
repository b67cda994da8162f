declare module "*.wgsl" {
  const text: string;
  export default text;
}

declare module "*/shaders/tables.json" {
  type Struct = "Params" | "Whole" | "Input" | "Layer" | "Level";
  type Program = "points" | "radiance" | "surface" | "volume" | "plane" | "slope" | "range";
  const tables: {
    /** Members: name, WGSL type, meaning. */
    readonly structs: Readonly<Record<Struct, readonly (readonly [string, string, string])[]>>;
    /** Names of the files that a program is made of. */
    readonly programs: Readonly<Record<Program, readonly string[]>>;
    readonly constants: Readonly<Record<string, number>>;
  };
  export default tables;
}

declare module "*/shaders/constants.json" {
  type Name =
    | "RADIANCE_VOXELS_WITHOUT_OCTREE"
    | "VOXELS_WITHOUT_GRID"
    | "MIN_STEP_VOXELS"
    | "MIN_STEP_SHARE"
    | "SAMPLES_PER_SIDE"
    | "FULL_DEPTH"
    | "NORMAL_STEP_VOXELS"
    | "SLOPE_POINTS"
    | "RANGE_POINTS_2D"
    | "RANGE_POINTS_3D"
    | "MIN_SAMPLES_PER_VOXEL"
    | "MAX_SAMPLES_PER_VOXEL"
    | "MAX_SLOPE"
    | "COLORS"
    | "BLOCK_SHIFT"
    | "SITES_PER_BLOCK";
  /** Value, WGSL type, unit and reason; programs read more than these. */
  const stated: { readonly constants: Readonly<Record<Name, readonly [number, string, string]>> };
  export default stated;
}
