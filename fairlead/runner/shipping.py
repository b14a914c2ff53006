"""Images that go from one host to others by way of this machine, before the phase that names them.

Each way has a connection of its own: over the others we show meanwhile that we live.
"""

import json
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO, cast

from fairlead.model.errors import FairleadError, StepFailed
from fairlead.model.plan import Argv, Shipment, Step
from fairlead.operations.container.leftovers import human
from fairlead.operations.image import archive
from fairlead.remote.registered import fill
from fairlead.runner import parallel
from fairlead.runner.part import PartRun
from fairlead.runner.phases import HostPhase

if TYPE_CHECKING:
    from fairlead.connections import Connection

LARGEST = 64 << 30  # bytes of an archive
AGAIN = "make the folder anew: unpack its bundle, or inv pull --to=DIR"
Registrations = Mapping[tuple[str, str], str]
Failures = dict[str, FairleadError]


def ship(part: PartRun, phases: Sequence[HostPhase], registered: Registrations) -> Failures:
    """Bring what the steps of a phase need; why a host has not got it, by host.

    A host that has it is sent nothing. Each archive is read once, when a host first needs it.
    """
    failures: Failures = {}
    archives = _Archives(part, registered)

    def serve(phase: HostPhase) -> None:
        try:
            for shared in phase.steps:
                _serve(part, phase.host, shared.step, registered, archives)
        except FairleadError as error:
            failures[phase.host] = error

    loaded = [phase for phase in phases if any(shared.step.shipment for shared in phase.steps)]
    if loaded:
        with archives:
            parallel.each(loaded, serve, part.common.fanout)
    return failures


def _serve(
    part: PartRun,
    host: str,
    step: Step,
    registered: Registrations,
    archives: "_Archives",
) -> None:
    shipment = step.shipment
    if not shipment:
        return
    with closing(part.link(host).fresh()) as connection:
        _ship(part, connection, fill(step, registered, host), shipment, archives)


class _Archives:
    """What has been read of sources, on this machine's disk until all have it."""

    def __init__(self, part: PartRun, registered: Registrations):
        self._part, self._registered = part, registered
        self._files: dict[tuple[str, ...], BinaryIO | FairleadError] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> "_Archives":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            if not isinstance(file, FairleadError):
                file.close()

    def file(self, shipment: Shipment) -> BinaryIO:
        """The archive of an image. Raises FairleadError, for each host the same."""
        key = (shipment.source, shipment.archive, shipment.key, *shipment.read)
        with self._lock:
            if key not in self._files:
                self._files[key] = self._read(shipment)
            file = self._files[key]
        if isinstance(file, FairleadError):
            raise file
        return file

    def extents(
        self, shipment: Shipment, known: Iterable[archive.Layers]
    ) -> tuple[archive.Extent, ...]:
        """What of an archive is sent where these layers are. Raises StepFailed."""
        file = self.file(shipment)
        try:
            with self._lock:  # a file has one place
                return archive.needed(file, known)
        except ValueError as error:
            if shipment.archive:
                raise StepFailed(shipment.archive, str(error), AGAIN) from None
            remedy = f"look at its engine: inv hosts.check --host={shipment.source}"
            raise StepFailed(shipment.source, f"what it sends {error}", remedy) from None

    def _read(self, shipment: Shipment) -> BinaryIO | FairleadError:
        return _opened(shipment.archive) if shipment.archive else self._read_there(shipment)

    def _read_there(self, shipment: Shipment) -> BinaryIO | FairleadError:
        image = self._registered[shipment.source, shipment.key].rpartition(" ")[2]
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - until all have it
        try:
            with closing(self._part.link(shipment.source).fresh()) as connection:
                run(connection, (*shipment.read, image), file=file)
        except OSError as error:
            what = f"its image cannot be kept here ({error.strerror})"
            return StepFailed(shipment.source, what, "name another folder: TMPDIR=DIR")
        except FairleadError as error:
            return error
        file.flush()
        return file


def _opened(path: str) -> BinaryIO | FairleadError:
    try:
        return open(path, "rb")  # until all have it
    except OSError as error:
        return StepFailed(path, f"cannot be read ({error.strerror})", AGAIN)


def _ship(
    part: PartRun,
    connection: "Connection",
    step: Step,
    shipment: Shipment,
    archives: _Archives,
) -> None:
    """Send what is missing. Where the host cannot tell what it has, its own step says so."""
    question = cast(Argv, step.unless)
    if connection.session(cast(tuple[str, ...], question), on_output=_ignore) != 1:
        return
    host, source = connection.host, shipment.source
    part.report(host, "note", text=f"{step.name}: reading it on {source}")
    file = archives.file(shipment)
    layers = run(connection, cast(tuple[str, ...], shipment.layers))
    known = [json.loads(line) for line in layers.decode().splitlines()]
    extents, every = archives.extents(shipment, known), archives.extents(shipment, ())
    sizes = f"{human(_size(extents))} of {human(_size(every))}"
    part.report(host, "note", text=f"{step.name}: {sizes} on their way from {source}")
    parts = cast(BinaryIO, archive.Parts(file, extents))
    run(connection, shipment.write, stdin=parts)
    part.notes.append(f"{host}: {sizes} came from {source}")


def _size(extents: Iterable[archive.Extent]) -> int:
    return sum(extent.end - extent.start for extent in extents)


def run(
    connection: "Connection",
    argv: tuple[str, ...],
    *,
    stdin: BinaryIO | None = None,
    file: BinaryIO | None = None,
) -> bytes:
    """What a program prints, or the file gets. Raises StepFailed with its last words."""
    output, words = bytearray(), bytearray()
    size = 0

    def on_output(data: bytes) -> None:
        nonlocal size
        size += len(data)
        if size > LARGEST:
            what = f"more than {LARGEST >> 30} GiB have come of {argv[0]} {argv[1]}"
            raise StepFailed(connection.host, what, "that is no image of a service")
        if file:
            file.write(data)
        else:
            output.extend(data)

    code = connection.session(argv, stdin=stdin, on_output=on_output, on_errors=words.extend)
    if code:
        last = words.decode(errors="replace").strip().rpartition("\n")[2]
        what = f"{argv[0]} {argv[1]} ended with {code}: {last}"
        raise StepFailed(connection.host, what, "mend what it says")
    return bytes(output)


def _ignore(data: bytes) -> None:
    pass
