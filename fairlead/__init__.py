"""fairlead: one vocabulary for the container systems of a scientific facility."""

__version__ = "0.2.0"
