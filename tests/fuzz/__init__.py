"""Mutation fuzzing of everything that reads a file.

A :class:`~tests.fuzz.target.Target` makes mutants of tiny seed files, with the checksums repaired
after the damage, and reads each one in process. Only an :class:`nfcodec.errors.NfcodecError` with
exit code 3, 4 or 5 may come out, within the target's time and memory. Mutant ``i`` of a seed is the
same on every machine, so that a finding is named by its target and its number.

``python benchmarks/fuzz.py`` runs campaigns; the tests here run a few inputs of each target and
replay all findings of the past, which lie in ``tests/fuzz_findings/``.
"""
