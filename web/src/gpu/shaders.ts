/** The WGSL files that Python's renderer uses as well. */

import bindings from "../../../nfcodec/render/shaders/bindings.wgsl";
import blit from "../../../nfcodec/render/shaders/blit.wgsl";
import distance from "../../../nfcodec/render/shaders/distance.wgsl";
import grids from "../../../nfcodec/render/shaders/grids.wgsl";
import networks from "../../../nfcodec/render/shaders/networks.wgsl";
import plane from "../../../nfcodec/render/shaders/plane.wgsl";
import points from "../../../nfcodec/render/shaders/points.wgsl";
import radiance from "../../../nfcodec/render/shaders/radiance.wgsl";
import range from "../../../nfcodec/render/shaders/range.wgsl";
import rays from "../../../nfcodec/render/shaders/rays.wgsl";
import slope from "../../../nfcodec/render/shaders/slope.wgsl";
import surface from "../../../nfcodec/render/shaders/surface.wgsl";
import transfer from "../../../nfcodec/render/shaders/transfer.wgsl";
import volume from "../../../nfcodec/render/shaders/volume.wgsl";

export const SHADERS: Readonly<Record<string, string>> = {
  "bindings.wgsl": bindings,
  "blit.wgsl": blit,
  "distance.wgsl": distance,
  "grids.wgsl": grids,
  "networks.wgsl": networks,
  "plane.wgsl": plane,
  "points.wgsl": points,
  "radiance.wgsl": radiance,
  "range.wgsl": range,
  "rays.wgsl": rays,
  "slope.wgsl": slope,
  "surface.wgsl": surface,
  "transfer.wgsl": transfer,
  "volume.wgsl": volume,
};
