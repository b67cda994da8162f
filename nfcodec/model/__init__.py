"""The data model: fields, coded fields, networks and cameras as plain data. NumPy only."""
