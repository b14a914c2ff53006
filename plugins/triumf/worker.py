"""`inv triumf.worker.VERB`: condor's workers in containers."""
