"""Command lines as data: pure functions of their arguments that return argv tuples and Steps.

Nothing here acts.
"""
