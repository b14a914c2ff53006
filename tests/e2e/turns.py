"""In which order the files are done, and which of them by one process."""

# Files that hold the huge pages of the machine for minutes: side by side they would wait for each
# other, so one process takes them all
HUGE = (
    *("test_daos_upgrade.py", "test_daos_compose.py", "test_daos_today.py"),
    *("test_daos_stack.py", "test_daos_hosts.py", "test_adopt_daos.py"),
)
# Files that take minutes, longest first: begun last, such a one would keep one process busy while
# the other three are at rest
LONG = (
    *HUGE,
    "test_perfsonar.py",
    "test_triumf_worker.py",
    "test_faults.py",
    "test_triumf_image.py",
    "test_roll_outs.py",
    "test_fault_rounds.py",
    "test_podman.py",
    "test_triumf.py",
    "test_swarm.py",
    "test_full_disk.py",
    "test_triumf_registry.py",
    "test_opensvc_lies.py",
    "test_opensvc.py",
    "test_transaction.py",
    "test_xcat_bridge.py",
    "test_triumf_token.py",
    "test_xcat.py",
    "test_compose_transaction.py",
    "test_opensvc_generations.py",
    "test_confluent.py",
    "test_xcat_built.py",
    "test_sudo.py",
)


def turn(name: str) -> int:
    """Where a file stands in the order."""
    return LONG.index(name) if name in LONG else len(LONG)


def process(path: str) -> str:
    """Files of one name here are done by one process; a file is never done by two."""
    return "huge pages" if path.rpartition("/")[2] in HUGE else path
