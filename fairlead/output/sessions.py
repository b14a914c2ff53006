"""What programs on hosts print (exec, logs).

Of one host as it is; of several equal output is folded or, when followed, printed line by line.
"""

from typing import TextIO

from fairlead.contract.verbs import traits
from fairlead.model.results import HostResult, Progress, RunResult
from fairlead.output.folding import grouped, nodes
from fairlead.output.listener import Listener
from fairlead.output.sanitize import decoded, visible
from fairlead.output.streams import is_terminal, write_bytes


class Sessions(Listener):
    """Bytes to stdout, of one host its stderr to stderr.

    What reaches a terminal is made harmless first, but for exec on one host: that is a terminal.
    """

    def __init__(
        self,
        stream: TextIO,
        errors: TextIO,
        terminal: bool,
    ):
        self._stream, self._errors, self._terminal = stream, errors, terminal
        self._hosts: tuple[str, ...] = ()
        self._verb = self._mode = ""
        self._kept: dict[str, bytearray] = {}  # host -> what is not written yet
        self._written = False

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._verb, self._hosts, self._mode = verb.rpartition(".")[2], hosts, ""
        self._kept, self._written = {}, False

    def progress(self, progress: Progress) -> None:
        if progress.kind == "session":
            self._mode = progress.text
            if progress.total == 1:  # the others have nothing to run
                self._hosts = (progress.host,)

    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None:
        kept = self._kept.setdefault(host, bytearray())
        if errors:
            cleaned = not traits(self._verb).interactive and is_terminal(self._errors)
            write_bytes(self._errors, visible(decoded(data)).encode() if cleaned else data)
        elif self._raw:
            self._written = True
            write_bytes(self._stream, data)
        else:
            kept.extend(data)
            if self._mode == "follow" or len(self._hosts) == 1:
                self._write_whole_lines(host, kept)

    @property
    def _raw(self) -> bool:
        if len(self._hosts) != 1:
            return False
        return not self._terminal or traits(self._verb).interactive or self._mode == "tty"

    def _write_whole_lines(self, host: str, kept: bytearray) -> None:
        end = kept.rfind(b"\n") + 1
        if end:
            self._written = True
            self._write_prefixed(host, bytes(kept[:end]))
            del kept[:end]

    def _write_prefixed(self, host: str, data: bytes) -> None:
        prefix = f"{host}: ".encode() if len(self._hosts) > 1 else b""
        lines = self._harmless(data).removesuffix(b"\n").split(b"\n")
        write_bytes(self._stream, b"".join(prefix + line + b"\n" for line in lines))

    def _harmless(self, data: bytes) -> bytes:
        return visible(decoded(data)).encode() if self._terminal else data

    def ended(self, result: RunResult) -> None:
        if self._written:
            self.close()
        elif len(self._hosts) == 1:
            self._write_one(result)
        else:
            self._write_folded(result)
        self._kept = {}

    def close(self) -> None:
        """Write what is left of followed lines without an end."""
        kept, self._kept = self._kept, {}
        for host, data in kept.items():
            if data and self._written:
                self._write_prefixed(host, bytes(data))

    def _output_of(self, row: HostResult) -> bytes:
        return bytes(self._kept.get(row.host, b"")) or row.output.encode("utf-8", "replace")

    def _write_one(self, result: RunResult) -> None:
        output = b"".join(map(self._output_of, result.hosts))
        if output:
            write_bytes(self._stream, output if self._raw else self._harmless(output))

    def _write_folded(self, result: RunResult) -> None:
        rows = [row for row in result.hosts if _has_session(row)]
        outputs = [(row, self._output_of(row)) for row in rows]
        if not traits(self._verb).interactive and not any(data for _, data in outputs):
            return
        shown = [(row, data) for row, data in outputs if data or not row.error]
        for group in grouped(shown, lambda pair: (pair[1], pair[0].code)):
            hosts = nodes(dict.fromkeys(row.host for row, _ in group))
            row, data = group[0]
            self._write_block(hosts, row.code, data)

    def _write_block(
        self,
        hosts: str,
        code: int,
        data: bytes,
    ) -> None:
        heading = f"--- {hosts} (exit {code}) ---\n" if code else f"--- {hosts} ---\n"
        output = self._harmless(data)
        if output and not output.endswith(b"\n"):
            output += b"\n"
        write_bytes(self._stream, heading.encode() + output)


def _has_session(row: HostResult) -> bool:
    return not row.steps and not row.explain and row.state != "skipped"
