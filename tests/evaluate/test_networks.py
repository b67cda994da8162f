"""Networks as modules: rounded while they learn, and as plain data again."""

from __future__ import annotations

import numpy as np
import torch

from nfcodec.evaluate.networks import NetworkModule, rounded
from tests.fields import random_field


def test_values_in_steps_are_exact_multiples_and_gradients_pass_through() -> None:
    values = torch.randn(500, generator=torch.Generator().manual_seed(0), requires_grad=True)
    step = 2.0**-5
    found = rounded(values, step)
    multiples = (found / step).detach()
    assert torch.equal(multiples, multiples.round())
    assert float((found - values).detach().abs().max()) <= step / 2
    assert not torch.signbit(found[found == 0]).any()
    found.backward(torch.arange(500.0))
    assert torch.equal(values.grad, torch.arange(500.0))
    assert rounded(values, 0.0) is values


def test_a_network_in_steps_computes_what_its_plain_data_says() -> None:
    network = random_field("sdf", "octree").networks[0]
    module = NetworkModule(network)
    module.round_to(lambda values: 2.0**-3)
    plain = module.to_network()
    for old, new in zip(network.layers, plain.layers, strict=True):
        assert np.array_equal(new.weight * 8, np.rint(new.weight * 8))
        assert not np.array_equal(new.weight, old.weight)
    sources = {
        "position": torch.rand(20, 3),
        "features": torch.rand(20, random_field("sdf", "octree").levels[0].features.shape[1]),
    }
    assert torch.equal(module(sources), NetworkModule(plain)(sources))
    # A checkpoint keeps the steps.
    other = NetworkModule(network)
    other.load_state_dict(module.state_dict())
    assert np.array_equal(other.to_network().layers[0].weight, plain.layers[0].weight)
