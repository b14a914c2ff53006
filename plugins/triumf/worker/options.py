"""What a site gives its workers beyond the document's line, as words of `docker run`.

Without any of it the line is the document's. Sources: docker-run(1); for /dev/fuse and the security
options of payloads in user namespaces, apptainer's administration guide.
"""

from collections.abc import Iterable, Iterator

from ..places import Place
from ..sections.worker import TOKENS, Worker

# A worker whom nobody can call is called back by way of the collector (HTCondor's manual, CCB)
CALLED_BACK = {"_CONDOR_CCB_ADDRESS": "$(COLLECTOR_HOST)"}


def mounts(worker: Worker) -> tuple[str, ...]:
    """`-v` for what lies at the same place on the engine, in the site's order."""
    return _each("-v", (_mount(worker, path) for path in worker.mounts))


def _mount(worker: Worker, path: str) -> str:
    propagation = worker.propagation.get(path)
    return f"{path}:{path}:{propagation}" if propagation else f"{path}:{path}"


def capabilities(worker: Worker) -> tuple[str, ...]:
    return _each("--cap-add", worker.capabilities)


def published(worker: Worker, place: Place) -> tuple[str, ...]:
    """`-p` for condor's shared port; none where the worker calls back."""
    return ("-p", f"{place.port}:{worker.port}") if place.port else ()


def tokens(worker: Worker, relabel: str) -> tuple[str, ...]:
    """`-v` for the folder of tokens: as a folder, so that a new token in it is seen inside."""
    return ("-v", f"{TOKENS}:{TOKENS}:ro{relabel}") if worker.token_secret else ()


def others(worker: Worker) -> tuple[str, ...]:
    """Variables, limits, devices, security options; none where the site asks for none."""
    env = ({} if worker.is_published else CALLED_BACK) | worker.env
    return (
        *_each("-e", (f"{name}={value}" for name, value in env.items())),
        *_each("--ulimit", (f"{name}={limit}" for name, limit in worker.ulimits.items())),
        *_sizes(worker),
        *_each("--device", worker.devices),
        *_each("--security-opt", worker.security_opt),
    )


def device_files(worker: Worker) -> tuple[str, ...]:
    """The files of the engine that are devices; those named by CDI are none."""
    return tuple(name.partition(":")[0] for name in worker.devices if name.startswith("/"))


def _sizes(worker: Worker) -> Iterator[str]:
    if worker.memory:
        yield f"--memory={worker.memory}"
    if worker.cpus:
        yield f"--cpus={worker.cpus:g}"
    if worker.shm_size:
        yield f"--shm-size={worker.shm_size}"


def _each(flag: str, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (flag, value))
