"""Hold a decoder of ``.nfc`` files against the vectors of the format; see README.md here."""
