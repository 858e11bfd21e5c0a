"""The only part of the program that writes evidence files."""
