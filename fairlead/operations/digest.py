"""What tells one content from another."""


def sha256(content: bytes | str) -> str:
    """SHA-256 in hexadecimal digits; of a text, of its UTF-8, bytes that are none as they are.

    hashlib is imported at its first use: it brings OpenSSL, which no listing needs.
    """
    import hashlib

    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()
