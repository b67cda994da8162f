"""VQ-NeRF, a guest: a kind of field that is drawn as an image of features, which a decoder that
fields may share turns into an image.

The rest of the package does not know it. :data:`nfcodec.model.kinds.GUESTS` says where its kind
is; the kind says which module here answers each room of the core. Nothing is imported before it
is asked for. The method is described in ``docs/vq-nerf.md``, the format in
``formats/nfc-vqnerf-v1.md``.
"""

from __future__ import annotations

from nfcodec.model.kinds import FieldKind, SharedPart

KIND = FieldKind(
    3,
    "vq-nerf",
    dims=(3,),
    modes=("shaded", "depth"),
    has_density=True,
    has_image_stage=True,
    shared=SharedPart("vqvae", "VQ-VAE with the image decoder that a vq-nerf field leaves to it."),
    parts={
        "check": "nfcodec.vqnerf.check",
        "chunk": "nfcodec.vqnerf.chunk",
        "document": "nfcodec.vqnerf.document",
        "module": "nfcodec.vqnerf.module:StageModule",
        "drawing": "nfcodec.vqnerf.drawing",
        "objective": "nfcodec.vqnerf.objective:objective_of",
        "sharing": "nfcodec.vqnerf.sharing",
        "training_commands": "nfcodec.vqnerf.commands:TRAINING",
    },
)
