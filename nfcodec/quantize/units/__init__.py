"""Fields in numbers of ordinary size, whatever their units."""
