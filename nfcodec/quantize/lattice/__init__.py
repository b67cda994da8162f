"""Distances and scalars coded straight, without a network: lattices predicted from coarser ones."""
