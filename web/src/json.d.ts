/** Numbers that `nfcodec/container/limits.json` states for all decoders. */
declare module "*/limits.json" {
  const limits: {
    readonly headerBytes: number;
    readonly metadataBytes: number;
    readonly items: number;
    readonly chunks: number;
    readonly lods: number;
    readonly grids: number;
    readonly levels: number;
    readonly vectors: number;
    readonly voxels: number;
    readonly values: number;
    readonly depth: number;
    readonly side: number;
    readonly features: number;
    readonly networks: number;
    readonly inputs: number;
    readonly layers: number;
    readonly width: number;
    readonly frequencies: number;
    readonly cells: number;
    readonly work: { readonly most: number; readonly free: number; readonly perByte: number };
    readonly memory: {
      readonly most: number;
      readonly voxel: number;
      readonly corner: number;
      readonly index: number;
      readonly value: number;
      readonly weight: number;
      readonly readingVoxel: number;
      readonly readingIndex: number;
      readonly readingCode: number;
      readonly readingSlot: number;
      readonly readingCell: number;
    };
  };
  export default limits;
}
