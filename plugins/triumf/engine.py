"""`inv triumf.engine.VERB`: a Docker engine for workers."""
