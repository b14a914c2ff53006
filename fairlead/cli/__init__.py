"""A command line becomes a request."""
