"""Plain values that everything else is about; no module here opens a file."""
