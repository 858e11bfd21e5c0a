"""The claims as a screen to look through; the only place that imports textual."""
