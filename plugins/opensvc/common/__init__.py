"""What the components of OpenSVC share."""
