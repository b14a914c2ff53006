"""Text from hosts made fit for a terminal.

Nothing in it moves the cursor, rings, hides or turns round what stands beside it.
"""

import re

# Colours and cursor movements, which are taken away (ECMA-48, control sequences).
_CONTROL_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
# Characters that change the direction of the text around them.
_DIRECTIONS = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = [code for code in (*range(32), 127) if chr(code) not in "\n\t"]
_SPELT_OUT = {code: f"^{chr(code ^ 64)}" for code in _CONTROLS}
_SPELT_OUT |= {code: f"\\x{code:02x}" for code in range(0x80, 0xA0)}
_SPELT_OUT |= {code: f"\\u{code:04x}" for code in (*_DIRECTIONS, 0x2028, 0x2029)}
_SPELT_OUT |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def visible(text: str) -> str:
    """The text as it may be printed.

    Colours are taken away, overwritten parts of a line left out, and every other control
    character is spelt out (`^[`, `\\x9b`).
    """
    plain = _CONTROL_SEQUENCES.sub("", text).replace("\r\n", "\n").expandtabs()
    return "\n".join(map(_final_part, plain.split("\n"))).translate(_SPELT_OUT)


def last_line(text: str) -> str:
    """The last line that is not blank."""
    return next((line.strip() for line in reversed(visible(text).split("\n")) if line.strip()), "")


def decoded(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace")


def _final_part(line: str) -> str:
    """What a progress bar leaves on the screen: the last part between carriage returns."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
