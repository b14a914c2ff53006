"""`inv triumf.registry.VERB`: the site's own registry."""
