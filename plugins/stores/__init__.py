"""Stores of secrets besides the age store; a site switches them on under `secrets`, and they are asked in its order (docs/secrets.md)."""

stores = ("environment", "command")
