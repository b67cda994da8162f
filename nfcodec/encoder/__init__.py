"""Field to file: the one pipeline that commands, the Python interface and sweeps share."""
