"""The programs that components share, in each shell that hosts have."""

from fairlead.contract.loader import Plugins
from tests.shells import Shell


def test_files_that_are_there_are_read(plugins: Plugins, shell: Shell) -> None:
    from fairlead_plugins.triumf.common import facts

    file = shell.folder / "daemon.json"
    file.write_text('{\n"a": "%s"}\n' % ("long " * 40))
    code, output = shell.run(facts.sh("files", str(file), str(shell.folder / "none")))
    assert (code, facts.contents(code, output)) == (0, {str(file): file.read_text()})


def test_the_file_system_of_a_folder_that_is_not_there_is_that_above_it(
    plugins: Plugins, shell: Shell
) -> None:
    from fairlead_plugins.triumf.common import facts

    shell.tool("df", 'echo Filesystem; echo "/dev/x 1 1 20480 1% $2"')
    code, output = shell.run(facts.sh("mount", str(shell.folder / "a/b/c")))
    assert facts.mount(code, output) == facts.FileSystem(str(shell.folder), 20)
