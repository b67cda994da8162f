/** The WGSL files that Python's renderer uses as well. */

import bindings from "../../../nfcodec/shaders/bindings.wgsl";
import blit from "../../../nfcodec/shaders/blit.wgsl";
import codes from "../../../nfcodec/shaders/codes.wgsl";
import distance from "../../../nfcodec/shaders/distance.wgsl";
import layouts from "../../../nfcodec/shaders/layouts.wgsl";
import levels from "../../../nfcodec/shaders/levels.wgsl";
import networks from "../../../nfcodec/shaders/networks.wgsl";
import plane from "../../../nfcodec/shaders/plane.wgsl";
import points from "../../../nfcodec/shaders/points.wgsl";
import radiance from "../../../nfcodec/shaders/radiance.wgsl";
import range from "../../../nfcodec/shaders/range.wgsl";
import rays from "../../../nfcodec/shaders/rays.wgsl";
import slope from "../../../nfcodec/shaders/slope.wgsl";
import surface from "../../../nfcodec/shaders/surface.wgsl";
import transfer from "../../../nfcodec/shaders/transfer.wgsl";
import volume from "../../../nfcodec/shaders/volume.wgsl";
import weightsStorage from "../../../nfcodec/shaders/weights_storage.wgsl";
import weightsUniform from "../../../nfcodec/shaders/weights_uniform.wgsl";
import wordsOne from "../../../nfcodec/shaders/words_one.wgsl";
import wordsThree from "../../../nfcodec/shaders/words_three.wgsl";

export const SHADERS: Readonly<Record<string, string>> = {
  "bindings.wgsl": bindings,
  "blit.wgsl": blit,
  "codes.wgsl": codes,
  "distance.wgsl": distance,
  "layouts.wgsl": layouts,
  "levels.wgsl": levels,
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
  "weights_storage.wgsl": weightsStorage,
  "weights_uniform.wgsl": weightsUniform,
  "words_one.wgsl": wordsOne,
  "words_three.wgsl": wordsThree,
};
