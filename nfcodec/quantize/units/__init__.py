"""Fields in numbers of ordinary size, independent of their units."""
