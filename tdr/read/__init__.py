"""From files to values with positions, to records, to a data set."""
