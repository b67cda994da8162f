"""Fitting fields to images and meshes."""
