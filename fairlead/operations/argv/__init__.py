"""Command lines as argv tuples; pure."""
