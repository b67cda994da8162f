"""Many fields: a manifest of jobs, run on all cores of a machine or on a Ray cluster.

The story is :mod:`nfcodec.jobs.batch`. A job (:mod:`.job`) is a command with its inputs and
options, named by a digest of both. An executor (:mod:`.executor`) carries jobs out, each in a
folder of its own (:mod:`.perform`), from which a finished output moves to its place in one step.
The journal (:mod:`.journal`) has a line for each result, so that what is done is not done again.

This room knows neither commands nor fields: what a job runs is handed in by the command line, whose
options jobs take.
"""
