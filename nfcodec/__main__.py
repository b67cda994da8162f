"""``python -m nfcodec``."""

from nfcodec.cli import main

main()
