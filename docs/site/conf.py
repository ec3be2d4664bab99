"""How Sphinx makes the site. `./run docs` stages the pages first (`dev/documentation.py`) and calls it."""

project = "Lintas"
copyright = "the authors of Lintas, Apache-2.0"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}
exclude_patterns: list[str] = []
language = "id"
html_search_language = "en"

myst_heading_anchors = 3
myst_enable_extensions: list[str] = []
# A page begins with its title, or says in a comment who made it.
suppress_warnings = ["myst.header", "toc.not_included"]

html_theme = "furo"
html_title = "Lintas"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    # No icons of other sites, no link to a page's source elsewhere.
    "footer_icons": [],
    "top_of_page_buttons": [],
}
html_permalinks_icon = "#"
