"""The life of one container on one host."""
