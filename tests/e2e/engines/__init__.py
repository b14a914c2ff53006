"""Today's engines, each on a host over a tree of its release: `./inv test --engines`."""
