"""Vector quantization: codebooks by k-means, learned ones, and codes that a rate chooses."""
