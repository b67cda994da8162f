"""Losses, samplers and the one training loop."""
