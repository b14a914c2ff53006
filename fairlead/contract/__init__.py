"""What fairlead and a plugin agree on: hooks, the table of verbs, how plugins are loaded."""
