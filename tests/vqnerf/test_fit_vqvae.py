"""Patches, and a codebook that follows its encoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nfcodec.vqnerf.fit_vqvae import DECAY, Codebook, PatchBank, VqvaeLoss
from nfcodec.vqnerf.networks import VqvaeModule
from tests.vqnerf.vqvaes import random_vqvae


def test_patches_are_pieces_of_the_images() -> None:
    """Pixels say where they are; a patch must be a run of rows and columns, or mirrored."""
    rows, columns = np.mgrid[:20, :31]
    large = np.stack([rows, columns, np.full_like(rows, 1)], axis=-1).astype(np.uint8)
    small = np.stack([rows, columns, np.full_like(rows, 2)], axis=-1).astype(np.uint8)[:5, :12]
    bank = PatchBank([large, small], 8, torch.device("cpu"))
    patches = (bank.draw(300, torch.Generator().manual_seed(0)) * 255).round().long()
    assert patches.shape == (300, 3, 8, 8)
    seen, mirrored, starts = [], 0, set()
    for patch in patches:
        which = set(patch[2].flatten().tolist())
        assert len(which) == 1
        seen.append(which.pop())
        step = patch[1, 0, 1] - patch[1, 0, 0]
        mirrored += int(step < 0)
        across = patch[1].flip(1) if step < 0 else patch[1]
        assert (across.diff(dim=1) == 1).all()
        down = patch[0].diff(dim=0)
        assert (down == 1).all() if seen[-1] == 1 else ((down == 1) | (down == 0)).all()
        starts.add((seen[-1], int(patch[0, 0, 0]), int(across[0, 0])))
    assert 100 < mirrored < 200
    # 620 pixels against 8 x 12: the small one is extended to the patch's height.
    assert 20 < seen.count(2) < 65
    assert {start[1] for start in starts if start[0] == 1} == set(range(13))
    assert {start[2] for start in starts if start[0] == 1} == set(range(24))


def test_codes_follow_the_means_of_their_vectors() -> None:
    codebook = torch.tensor([[0.0, 0.0], [10.0, 10.0]])
    running = Codebook(codebook, fresh=False)
    vectors = torch.tensor([[1.0, 0.0], [3.0, 0.0], [10.0, 12.0]])
    for _ in range(400):
        dead = running.update(codebook, vectors, torch.tensor([0, 0, 1]), torch.tensor([2, 2]))
        assert dead == 0
    torch.testing.assert_close(
        codebook, torch.tensor([[2.0, 0.0], [10.0, 12.0]]), atol=0.04, rtol=0
    )
    one = Codebook(torch.zeros((1, 2)), fresh=False)
    moved = torch.zeros((1, 2))
    one.update(moved, torch.tensor([[4.0, 0.0]]), torch.tensor([0]), torch.tensor([0]))
    torch.testing.assert_close(moved, torch.tensor([[4.0 * (1 - DECAY), 0.0]]))


def test_dead_codes_take_the_place_of_vectors_just_seen() -> None:
    codebook = torch.tensor([[0.0], [50.0], [60.0]])
    running = Codebook(codebook, fresh=False)
    vectors = torch.tensor([[0.1], [0.2], [0.3]])
    spare = torch.tensor([0, 1, 2])
    died = [running.update(codebook, vectors, torch.zeros(3, dtype=torch.long), spare)]
    while died[-1] == 0 and len(died) < 1000:
        died.append(running.update(codebook, vectors, torch.zeros(3, dtype=torch.long), spare))
    assert died[-1] == 2
    torch.testing.assert_close(codebook[1:], torch.tensor([[0.2], [0.3]]))
    assert codebook[0] == pytest.approx(0.2, abs=0.01)
    fresh = torch.full((3, 1), 99.0)
    assert Codebook(fresh, fresh=True).update(fresh, vectors, torch.tensor([1, 1, 1]), spare) == 3
    torch.testing.assert_close(fresh, torch.tensor([[0.1], [0.2], [0.3]]))


def test_the_loss_is_that_of_what_was_coded() -> None:
    module = VqvaeModule(random_vqvae())
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    bank = PatchBank([image], 16, torch.device("cpu"))
    wanted = bank.draw(3, torch.Generator().manual_seed(5))
    with torch.no_grad():
        found = module.decoder.quantize(module.encoder(wanted))
        error = module.decoder.decode(found.features) - wanted
    running = Codebook(module.decoder.codebook, fresh=False)
    squares = error.square().mean()
    loss = VqvaeLoss(module, running, bank, batch=3, commitment=0.5)
    value, figures = loss(0, torch.Generator().manual_seed(5))
    torch.testing.assert_close(value.detach(), squares + 0.5 * found.commitment)
    assert figures["psnr"] == pytest.approx(float(-10 * squares.log10()), rel=1e-5)
    value.backward()
    for half in (module.encoder, module.decoder.layers):
        assert all(parameter.grad.abs().sum() > 0 for parameter in half.parameters())
    assert module.decoder.codebook.grad is None
    before = module.decoder.codebook.detach().clone()
    loss.after_step(1)
    assert not torch.equal(before, module.decoder.codebook)
