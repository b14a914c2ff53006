"""The site file, typed; hosts and node sets."""
