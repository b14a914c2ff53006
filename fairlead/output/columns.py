"""Rows of words in columns, as plain text."""

from collections.abc import Sequence

GAP = 2  # columns between columns


def aligned(rows: Sequence[Sequence[str]], indent: int = 0) -> list[str]:
    """A line for each row: every column as wide as its widest cell, no blanks at the line's end."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [" " * indent + _line(row, widths) for row in rows]


def total_width(widths: Sequence[int]) -> int:
    """Columns of the screen that columns of these widths take together."""
    return sum(widths) + GAP * (len(widths) - 1)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width)
        for cell, width in zip(
            row,
            widths,
            strict=True,
        )
    ]
    return (" " * GAP).join(cells).rstrip()
