"""Other people's files, read in: articles with marked citations, and bibliographies."""
