"""`inv triumf.image.VERB`: images built from nothing."""
