"""Values as text on a terminal, one module for each command that draws."""
