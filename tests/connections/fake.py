"""A host that does not exist, for tests: it remembers what it was sent, and answers as it is
told.
"""

from collections.abc import Callable
from typing import BinaryIO

from fairlead.connections.base import ProgramResult
from fairlead.connections.conversation import OutputCallback


class FakeConnection:
    """A Line. `answer` turns a program into an Answer; its `out` goes to `on_output` where there is
    one, as from a real host.
    """

    def __init__(
        self, host: str, answer: Callable[[str], ProgramResult] = lambda program: ProgramResult(0)
    ):
        self.host, self.channels, self.closed = host, 0, False
        self.programs: list[str] = []
        self.sessions: list[tuple[str, ...]] = []
        self.acknowledged = b""
        self._answer = answer

    def run(
        self,
        program: str,
        *,
        on_output: Callable[[bytes], bytes | None] | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult:
        self.channels += 1
        self.programs.append(program)
        answer = self._answer(program)
        if on_output is None:
            return answer
        self.acknowledged += on_output(answer.out) or b"" if answer.out else b""
        return ProgramResult(answer.code, b"", answer.err)

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: OutputCallback | None = None,
        on_errors: OutputCallback | None = None,
    ) -> int:
        self.channels += 1
        self.sessions.append(argv)
        answer = self._answer(stdin.read().decode() if stdin else "")
        for hear, data in ((on_output, answer.out), (on_errors or on_output, answer.err)):
            hear(data) if hear and data else None
        return answer.code

    def close(self) -> None:
        self.closed = True
