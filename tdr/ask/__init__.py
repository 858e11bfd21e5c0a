"""Questions about the evidence, and their frozen answers."""
