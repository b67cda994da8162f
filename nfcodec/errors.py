"""The error tree. Every error the user can cause is one of these, with a documented exit code.

A message says what was wrong, where in the file, and what to do about it.
"""

from __future__ import annotations


class NfcodecError(Exception):
    """Base of all errors raised on purpose. ``exit_code`` is what the CLI ends with."""

    exit_code = 1


class UsageError(NfcodecError):
    """The request itself cannot be carried out: a wrong option, name or combination."""

    exit_code = 2


class DamagedFileError(NfcodecError):
    """An input is damaged, incomplete, or not of the kind it was taken for."""

    exit_code = 3


class InvalidFieldError(DamagedFileError):
    """A field breaks its own rules: shapes that disagree, NaN in features, unknown names."""


class UnsupportedError(NfcodecError):
    """A sound file of a newer version, or with a feature this build does not know."""

    exit_code = 4


class LimitError(NfcodecError):
    """A file asks for more than the stated limits allow."""

    exit_code = 5


class JobsFailedError(NfcodecError):
    """Some jobs of a batch failed; the others are done."""

    exit_code = 6
