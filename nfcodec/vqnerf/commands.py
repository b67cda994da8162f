"""The commands that the guest adds to ``nfcodec train``."""

from __future__ import annotations

from nfcodec.vqnerf.train_field_command import vq_nerf
from nfcodec.vqnerf.train_vqvae_command import vqvae

TRAINING = (vqvae, vq_nerf)
