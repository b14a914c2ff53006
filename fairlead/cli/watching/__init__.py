"""A look at the whole site, again and again: what is not well, and who is told of a change."""
