"""Text from hosts made fit for a terminal: nothing in it moves the cursor, rings, hides or turns round what stands beside it."""

import re

_STYLES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
)  # colours, cursor movements: taken away (ECMA-48, control sequences)
_TURNS = (
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)  # change the direction of the text around them
_SIGNS = {code: f"^{chr(code ^ 64)}" for code in (*range(32), 127) if chr(code) not in "\n\t"}
_SIGNS |= {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
_SIGNS |= {code: f"\\u{code:04x}" for code in (*_TURNS, 0x2028, 0x2029)}
_SIGNS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def visible(text: str) -> str:
    """The text with colours taken away, overwritten parts of a line left out and every other control character spelt out (`^[`, `\\x9b`)."""
    plain = _STYLES.sub("", text).replace("\r\n", "\n").expandtabs()
    return "\n".join(_overwritten(line) for line in plain.split("\n")).translate(_SIGNS)


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(visible(text).split("\n")) if line.strip()), "")


def decoded(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace")


def _overwritten(line: str) -> str:
    """What a progress bar leaves on the screen: the last part between carriage returns that is not blank."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
