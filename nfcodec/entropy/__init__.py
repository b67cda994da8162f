"""Symbols <-> bits, exactly and on every machine alike. Knows nothing of fields."""
