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

# All three are made from the parser and the declarations; the tests compare them.
man_pages = [
    ("reference/commands", "hookkit", "git hooks by plugins, and mirrors that stay equal", [author], 1),
    ("reference/options", "hookkit-options", "what can be set in git's configuration", [author], 5),
    ("reference/hooks", "hookkit-hooks", "hooks for plugins, each with an example", [author], 7),
]
man_make_section_directory = True

html_theme = "furo"
html_title = f"hookkit {release}"
html_copy_source = False
html_show_sphinx = False
