"""The site that `make site` builds of these pages: Sphinx, Markdown (MyST), Furo."""

from importlib.metadata import version as version_of

project = "tdr"
author = "the tdr maintainers"
copyright = "2026, the tdr maintainers"  # the name that Sphinx asks for
release = version = version_of("tdr")

extensions = ["myst_parser"]
exclude_patterns = ["_site", "schema"]
myst_enable_extensions = ["attrs_block", "colon_fence"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = f"tdr {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
