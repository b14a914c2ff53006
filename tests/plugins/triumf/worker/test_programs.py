"""The programs that ask an engine about its workers, in each shell that hosts have."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

sh = script.beside(__file__)


@pytest.fixture
def programs(plugins: Plugins) -> script.Shell:
    from fairlead_plugins.triumf.worker import sh

    return sh


def test_the_ends_of_logs_are_shown(programs: script.Shell, shell: Shell) -> None:
    folders = [shell.folder / name for name in ("vn1", "vn2")]
    for folder in folders:
        folder.mkdir()
        (folder / "MasterLog").write_text(f"first\n{folder.name}\n")
    shell.tool("tail", 'exec /usr/bin/tail "$@"')
    argv = programs("condor_logs", "1", "", *map(str, folders))
    shown = "\n".join(f"==> {folder}/MasterLog <==\n{folder.name}\n" for folder in folders)
    assert shell.run(argv) == (0, shown)


def test_logs_that_are_not_there_are_told(programs: script.Shell, shell: Shell) -> None:
    none = shell.done(programs("condor_logs", "1", "", str(shell.folder)))
    assert (none.returncode, none.stderr) == (1, "condor has written no logs there\n")


def test_an_empty_folder_of_roots_is_no_place_for_logs(
    programs: script.Shell, shell: Shell
) -> None:
    folder = shell.folder / "logs"
    argv = programs("has_logs", str(folder))
    assert shell.run(argv) == (1, "")
    (folder / "lost+found").mkdir(parents=True)
    shell.tool("stat", "echo 0")
    assert shell.run(argv) == (1, "")
    shell.tool("stat", "echo 52")
    assert shell.run(argv) == (0, "")
    shell.tool("stat", "echo 0")
    (folder / "MasterLog").touch()
    assert shell.run(argv) == (0, "")


def test_paths_that_are_not_there_are_named(programs: script.Shell, shell: Shell) -> None:
    argv = programs("absent", "/", str(shell.folder / "none"), str(shell.folder))
    assert shell.run(argv) == (0, f"{shell.folder}/none\n")


def test_names_are_looked_up_both_ways(programs: script.Shell, shell: Shell) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    shell.tool("getent", sh.text("getent"))
    code, output = shell.run(programs("dns", "vn1", "vn2"))
    assert host_facts.dns(code, output) == {"vn1": ("10.0.3.144", "vn1"), "vn2": ("", "")}


@pytest.mark.parametrize(
    ("bridge", "port", "router", "expected"),
    [
        ("10.0.3.1/24", "", "10.0.3.254", ("10.0.3.1/24", "10.0.3.254")),
        ("", "10.0.3.2/24", "", ("10.0.3.2/24", "")),
        ("", "", "", ()),
    ],
)
def test_the_bridge_or_its_port_leads_out(
    programs: script.Shell,
    shell: Shell,
    bridge: str,
    port: str,
    router: str,
    expected: tuple[str, ...],
) -> None:
    from fairlead_plugins.triumf.worker import containers

    shell.tool("ip", sh.text("ip"))
    argv = programs("uplink", "br0", "eth0")
    code, output = shell.run(argv, BRIDGE=bridge, PORT=port, ROUTER=router)
    assert containers.uplink(code, output) == expected


@pytest.mark.parametrize(
    ("bridge", "router", "expected"),
    [
        ("2001:db8:3::1/64", "2001:db8:3::fe", ("2001:db8:3::1/64", "2001:db8:3::fe")),
        ("2001:db8:3::1/64", "fe80::1 proto ra", ("2001:db8:3::1/64", "fe80::1", "ra")),
        ("2001:db8:3::1/64", "", ("2001:db8:3::1/64",)),
        ("2001:db8:3::9/64 scope global temporary", "", ()),
        ("", "", ()),
    ],
)
def test_the_uplink_of_ipv6_is_the_bridges(
    plugins: Plugins, shell: Shell, bridge: str, router: str, expected: tuple[str, ...]
) -> None:
    from fairlead_plugins.triumf.worker import containers

    shell.tool("ip", sh.text("ip"))
    argv = containers.sh("uplink6", "br0", "eth0")
    code, output = shell.run(argv, BRIDGE=bridge, PORT="", ROUTER=router)
    assert (code, tuple(output.split())) == (0, expected)


def test_crls_are_not_known_without_openssl(programs: script.Shell, shell: Shell) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    code, output = shell.run(programs("crls"), PATH=str(shell.bin))
    assert host_facts.crls(code, output) is None


def test_a_log_folder_has_the_owner_that_the_image_has_for_it(
    programs: script.Shell, shell: Shell
) -> None:
    folder = shell.folder / "logs/vn0317"
    shell.tool("docker", 'echo "$*" >>"$NOTES"')
    shell.tool("tar", 'cat >/dev/null; echo "drwxr-xr-x 64/65 0 2026-01-01 00:00 condor/"')
    shell.tool("chown", 'echo "chown $*" >>"$NOTES"')
    notes = shell.folder / "notes"
    argv = programs("logs", "docker", "sl6:latest", str(folder), "vn0317.logs")
    assert shell.run(argv, NOTES=str(notes)) == (0, "")
    assert notes.read_text().splitlines()[-1] == f"chown 64:65 {folder}"
    assert folder.stat().st_mode & 0o777 == 0o755
    assert shell.run(
        programs("no_logs", "docker", str(folder), "vn0317.logs"), NOTES=str(notes)
    ) == (0, "")
    assert not folder.exists()


def test_users_are_those_of_the_first_container_that_is_there(
    programs: script.Shell, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    shell.tool("docker", "case $2 in vn2:*) echo root:x:0:0::/root:/bin/sh ;; *) exit 1 ;; esac")
    shell.tool("tar", "cat")
    code, output = shell.run(programs("users", "docker", "vn1", "vn2"))
    assert host_facts.users(code, output) == {"root": 0}
    code, output = shell.run(programs("users", "docker", "vn1"))
    assert (code, host_facts.users(code, output)) == (1, None)


def test_the_propagation_of_a_mount_is_the_kernels_word(
    programs: script.Shell, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    shell.tool("findmnt", '[ "$5" = /cvmfs ] && printf "private\nshared,slave\n"')
    code, output = shell.run(programs("propagation", "/cvmfs", "/none"))
    assert host_facts.propagation(code, output) == {"/cvmfs": "shared,slave"}


@pytest.mark.parametrize(
    ("value", "settings"),
    [
        ("15000", ()),
        ("0", ("user.max_user_namespaces = 0", "kernel.unprivileged_userns_clone = 0")),
        ("1", ("kernel.apparmor_restrict_unprivileged_userns = 1",)),
    ],
)
def test_what_forbids_user_namespaces_is_named(
    programs: script.Shell, shell: Shell, value: str, settings: tuple[str, ...]
) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    shell.tool("cat", f"echo {value}")
    code, output = shell.run(programs("userns"))
    assert host_facts.userns(code, output) == settings


def test_ipv6_names_are_looked_up_both_ways_and_a_mapped_address_is_none(
    programs: script.Shell, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    shell.tool("getent", sh.text("getent6"))
    code, output = shell.run(programs("dns6", "vn1", "vn2"))
    assert host_facts.dns(code, output) == {"vn1": ("2001:db8::1", "vn1.x"), "vn2": ("", "")}


def test_a_worker_that_starts_anew_again_and_again_has_its_port_unless_another_took_it(
    programs: script.Shell, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker.host_facts import published

    restarting = "echo '/vn1 :4080->4080/tcp'; echo '/vn2 :4081->4080/tcp'"
    running = "echo 'web 0.0.0.0:4081->80/tcp, [::]:4081->80/tcp'; echo 'vn3 '"
    shell.tool("docker", f"case $2 in inspect) {restarting}; exit 1 ;; *) {running} ;; esac")
    answer = shell.run(programs("published", "docker", "vn1", "vn2", "vn3"))
    assert published(*answer) == {4080: "vn1", 4081: "web"}
