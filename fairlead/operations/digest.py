"""What tells one content from another."""


def sha256(content: bytes | str) -> str:
    """SHA-256 in hexadecimal digits. hashlib is imported at its first use: it brings OpenSSL, which
    no listing needs.
    """
    import hashlib

    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
