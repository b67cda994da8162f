"""Rate and distortion: one field against another, and methods against each other."""
