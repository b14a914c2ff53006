"""What programs on hosts print (exec, logs): one host as it is, several folded by equal output or, followed, line by line."""

from typing import Any

from fairlead.contract.verbs import traits
from fairlead.model.results import Progress, RunResult
from fairlead.output.folding import grouped, nodes
from fairlead.output.listener import Listener
from fairlead.output.sanitize import decoded, visible
from fairlead.output.streams import is_terminal, pass_on


class Sessions(Listener):
    """Bytes to stdout, of one host its stderr to stderr.

    What reaches a terminal is made harmless first, unless it is exec on one host, which is a terminal itself.
    """

    def __init__(self, stream: Any, errors: Any, terminal: bool):
        self._stream, self._errors, self._terminal = stream, errors, terminal
        self._hosts: tuple[str, ...] = ()
        self._verb = self._mode = ""
        self._printed: dict[str, bytearray] = {}
        self._passed = False

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None:
        self._verb, self._hosts, self._mode = verb.rpartition(".")[2], hosts, ""
        self._printed, self._passed = {}, False

    def progress(self, progress: Progress) -> None:
        if progress.kind == "session":
            self._mode = progress.text
            if progress.total == 1:  # the others have nothing to run
                self._hosts = (progress.host,)

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        kept = self._printed.setdefault(host, bytearray())
        if errors:
            cleaned = not traits(self._verb).interactive and is_terminal(self._errors)
            pass_on(self._errors, visible(decoded(data)).encode() if cleaned else data)
        elif self._raw:
            self._passed = True
            pass_on(self._stream, data)
        else:
            kept.extend(data)
            if self._mode == "follow" or len(self._hosts) == 1:
                self._whole_lines(host, kept)

    @property
    def _raw(self) -> bool:
        return len(self._hosts) == 1 and (
            not self._terminal or traits(self._verb).interactive or self._mode == "tty"
        )

    def _whole_lines(self, host: str, kept: bytearray) -> None:
        end = kept.rfind(b"\n") + 1
        if end:
            self._passed = True
            self._prefixed(host, bytes(kept[:end]))
            del kept[:end]

    def _prefixed(self, host: str, data: bytes) -> None:
        prefix = f"{host}: ".encode() if len(self._hosts) > 1 else b""
        pass_on(
            self._stream,
            b"".join(
                prefix + line + b"\n"
                for line in self._harmless(data).removesuffix(b"\n").split(b"\n")
            ),
        )

    def _harmless(self, data: bytes) -> bytes:
        return visible(decoded(data)).encode() if self._terminal else data

    def ended(self, result: RunResult) -> None:
        if self._passed:
            self.close()
        elif len(self._hosts) == 1:
            self._one(result)
        else:
            self._folded(result)
        self._printed = {}

    def close(self) -> None:
        """What is left of followed lines without an end."""
        left, self._printed = self._printed, {}
        for host, data in left.items():
            if data and self._passed:
                self._prefixed(host, bytes(data))

    def _one(self, result: RunResult) -> None:
        said = b"".join(
            bytes(self._printed.get(row.host, b"")) or row.output.encode("utf-8", "replace")
            for row in result.hosts
        )
        if said:
            pass_on(self._stream, said if self._raw else self._harmless(said))

    def _folded(self, result: RunResult) -> None:
        rows = [
            row
            for row in result.hosts
            if not row.steps and not row.explain and row.state != "skipped"
        ]
        told = [
            (row, bytes(self._printed.get(row.host, b"")) or row.output.encode("utf-8", "replace"))
            for row in rows
        ]
        if not traits(self._verb).interactive and not any(data for _, data in told):
            return
        for group in grouped(
            (pair for pair in told if pair[1] or not pair[0].error),
            lambda pair: (pair[1], pair[0].code),
        ):
            self._block(
                nodes(dict.fromkeys(row.host for row, _ in group)), group[0][0].code, group[0][1]
            )

    def _block(self, hosts: str, code: int, data: bytes) -> None:
        heading = f"--- {hosts} ---" if not code else f"--- {hosts} (exit {code}) ---"
        said = self._harmless(data)
        pass_on(
            self._stream,
            heading.encode() + b"\n" + said + (b"" if not said or said.endswith(b"\n") else b"\n"),
        )
