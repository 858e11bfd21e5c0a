"""Values as SVG pictures."""
