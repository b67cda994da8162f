"""What fields are fitted to: posed images and triangle meshes, loaded and checked.

- :mod:`nfcodec.data.images`: images with cameras (Blender, ``transforms.json``, NeuS, IDR, H3DS).
- :mod:`nfcodec.data.hull`: the box and the cells of space that the images' alpha leaves possible.
- :mod:`nfcodec.data.meshes`: triangle meshes, their checks and their normalization.
- :mod:`nfcodec.data.sdf`: signed distances to a mesh, and where to sample them.
- :mod:`nfcodec.data.voxels`: the octree around a surface.

Nothing here needs torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from nfcodec.data.images import PosedImages
    from nfcodec.data.meshes import Mesh

    #: What a field is learned from or measured on.
    FieldData: TypeAlias = "PosedImages | Mesh"
