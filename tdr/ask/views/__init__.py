"""Answers: lists, counts, gaps, conflicts, comparisons, tables, steps, paths and networks.

Each view is a pure function of an `Evidence` and a `Selection` that returns frozen
values; rendering is the business of `tdr.render`. Every number counts claims (or,
where asked for, references), each once for whatever it is counted under: a claim
with three molecules is one claim of each of them, never three.
"""
