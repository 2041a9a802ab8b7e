"""Sphinx: the pages of this folder as HTML. `make docs` treats warnings as errors."""

import hookkit

project = "hookkit"
author = "the hookkit authors"
version = release = hookkit.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
nitpicky = False

# Headings are link targets, as they are on the pages of code hosts.
myst_heading_anchors = 3
myst_links_external_new_tab = True

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True

html_theme = "furo"
html_title = f"hookkit {release}"
html_copy_source = False
html_show_sphinx = False
