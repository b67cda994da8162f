"""Checks of fields, networks and picture decoders before anything trusts them. NumPy only."""
