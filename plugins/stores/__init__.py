"""Stores of secrets besides the age store (docs/secrets.md).

A site switches them on under `secrets`, and they are asked in its order.
"""

stores = ("environment", "command")
