"""Checks of fields, networks and image decoders before anything trusts them. NumPy only."""
