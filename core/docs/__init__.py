"""The documentation site: the Markdown of docs/, in the order of docs/contents.toml. Opens files below docs/ only."""
