"""Readers of zip, pickle, NumPy and HDF5 files from strangers; none runs what a file brings."""
