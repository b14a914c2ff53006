"""Frozen nouns: plan, results, errors. Imports nothing of fairlead."""
