"""The targets, one module for each family of readers."""
