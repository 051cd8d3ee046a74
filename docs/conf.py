"""How the documentation is built."""

project = "idocore"
author = "The idocore authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
exclude_patterns = ["_build", "conftest.py", "examples"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
default_role = "code"
myst_enable_extensions = ["colon_fence"]
nitpicky = False
suppress_warnings = ["docutils", "ref.python"]
