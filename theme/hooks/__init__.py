"""What mkdocs runs while it builds the site; mkdocs.yml lists the files in their order."""
