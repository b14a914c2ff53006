"""Images that are built from nothing on a host, by a recipe: a root tree of packages, packed."""
