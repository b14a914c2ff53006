"""One JSON document for everything that a command line did; docs/json.md lists its keys."""

from collections.abc import Mapping
from typing import Any, TextIO

from fairlead.model.errors import FairleadError
from fairlead.model.results import HostResult, Listing, RunResult, StepResult, Table
from fairlead.output.listener import Listener
from fairlead.output.sanitize import decoded
from fairlead.output.streams import write_bytes


class JsonDocument(Listener):
    """Gathers what ends and writes it once, at the end: also where that is an error or Ctrl-C."""

    def __init__(self, stream: TextIO, chain: bool = False):
        self._stream, self._chain, self._written = stream, chain, False
        self._runs: list[dict[str, Any]] = []
        self._open: dict[str, str] | None = None  # verb, site and run of a verb without an end
        self._output: dict[str, bytearray] = {}

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self._open, self._output = {"verb": verb, "site": site, "run": run}, {}

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        self._output.setdefault(host, bytearray()).extend(data)

    def ended(self, result: RunResult) -> None:
        output = {host: decoded(bytes(data)) for host, data in self._output.items()}
        self._runs.append(run_document(result, output))
        self._open = None

    def failed(self, error: BaseException) -> None:
        self._runs.append(error_document(error, **(self._open or {})))
        self._open = None

    def answered(
        self,
        data: Mapping[str, Any],
        text: str,
        listing: Listing | tuple[Table, ...] | None = None,
    ) -> None:
        self._runs.append(dict(data))

    def close(self) -> None:
        if self._open:
            what, remedy = "the run ended without a result", "look at `inv runs.list`"
            self.failed(FairleadError("fairlead", what, remedy))
        if self._written or not self._runs:
            return
        self._written = True
        alone = len(self._runs) == 1 and not self._chain
        write_bytes(self._stream, encoded(self._runs[0] if alone else {"runs": self._runs}))


def encoded(document: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8, indented, with a newline at its end."""
    import json

    return json.dumps(_json_value(document), indent=2, ensure_ascii=False).encode() + b"\n"


def run_document(result: RunResult, output: Mapping[str, str] = {}) -> dict[str, Any]:
    """One verb. `output`: host -> what was printed, for hosts whose row does not have it."""
    head = {
        "verb": result.verb,
        "site": result.site,
        "run": result.run,
        "ok": result.ok,
        "changed": result.changed,
        "code": result.code,
    }
    hosts = [_host(row, output) for row in result.hosts]
    return head | {"hosts": hosts} | _not_empty(notes=result.notes, reason=result.reason)


def error_document(
    error: BaseException,
    verb: str = "",
    site: str = "",
    run: str = "",
) -> dict[str, Any]:
    """A verb that never came to a result."""
    return {
        "verb": verb,
        "site": site,
        "run": run,
        "ok": False,
        "changed": False,
        "code": code_of(error),
        "hosts": [],
        "error": sentence(error),
    }


def code_of(error: BaseException) -> int:
    """The exit code: the error's own, 130 for Ctrl-C, what SystemExit says, else 1."""
    match error:
        case FairleadError():
            return error.code
        case KeyboardInterrupt():
            return 130
        case SystemExit(code=int(code)):
            return code
    return 1


def sentence(error: BaseException) -> str:
    """The error in one sentence for a human."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; hosts finish what they began; see which: inv runs.list"
    if isinstance(error, FairleadError):
        return str(error)
    return f"a bug in fairlead or a plugin: {type(error).__name__}: {error}"


def _host(row: HostResult, output: Mapping[str, str]) -> dict[str, Any]:
    head = {
        "host": row.host,
        "system": row.system,
        "component": row.component,
        "state": row.state,
        "code": row.code,
    }
    more = _not_empty(
        checks=row.checks,
        fields=row.fields,
        output=row.output or output.get(row.host, ""),
        cut=row.cut,
        names=row.names,
        explain=row.explain,
        script=row.script,
        script_host=row.script_host,
        error=row.error,
        images=row.images,
        left_out=row.left_out,
    )
    return head | {"steps": [_step(step) for step in row.steps]} | more


def _step(step: StepResult) -> dict[str, Any]:
    head = {
        "name": step.name,
        "state": step.state,
        "commands": step.commands,
        "seconds": round(step.seconds, 3),
        "error": step.error,
    }
    return head | _not_empty(phase=step.phase, diff=step.diff, said=step.said, after=step.after)


def _not_empty(**values: object) -> dict[str, Any]:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value}


def _json_value(value: object) -> Any:
    """Values as JSON has them: text without lone surrogates, no NaN, a Secret as ***."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case None | bool() | int():
            return value
        case float():
            return value if value - value == 0 else None
        case bytes():
            return decoded(value)
        case Mapping():
            return {_json_value(str(name)): _json_value(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_json_value(item) for item in value]
    return _json_value(_builtin(value))


def _builtin(value: object) -> dict[str, Any] | str:
    import msgspec

    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else str(value)
