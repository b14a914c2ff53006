"""Commands that belong to no system. File = noun, public function = command: site.py's `show` is `inv site.show`."""

from typing import Any

from fairlead.plan import Noun


class Answer(Noun):
    """What a chore found: `text` for humans, `data` for --json (plain maps, lists and scalars), the exit code."""

    text: str
    data: Any
    code: int = 0
