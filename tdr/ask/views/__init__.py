"""The whole picture: counts, gaps, conflicts, comparisons, tables and networks of claims.

Each view is a pure function of an `Evidence` and a `Selection` that returns frozen
values; rendering is the business of `tdr.render`. Every number counts claims (or,
where asked for, references), each once for whatever it is counted under: a claim
with three molecules is one claim of each of them, never three.
"""
