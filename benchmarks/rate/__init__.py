"""Rate against quality of many ways to code one field: jobs, their records, curves, tables."""
