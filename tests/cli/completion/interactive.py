"""Real shells on a terminal of their own: what is typed, TAB included, and what comes of it."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import termios
import time
from pathlib import Path

STARTS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
SET_UP = {  # Ctrl-X B shows the line that is being typed
    "bash": r"""PS1='> '; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'
bind -x '"\C-xb": echo "<<$READLINE_LINE>>"'; set +H""",
    "zsh": r"""PS1='> '; unsetopt PROMPT_SP PROMPT_CR; autoload -Uz compinit; compinit -D -u
show() { print -r -- "<<$BUFFER>>" }; zle -N show; bindkey -e; bindkey '^Xb' show""",
    "fish": r"""function fish_prompt; echo '> '; end
bind \cxb 'echo "<<"(commandline)">>"'""",
}
SHOW = "\x18b"
LINE = re.compile(r"<<(.*?)>>", re.DOTALL)
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")


class Terminal:
    """An interactive shell that has the completion's script loaded."""

    def __init__(self, shell: str, script: Path, folder: Path, environment: dict[str, str]):
        self.shell, self.output = shell, ""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(STARTS[shell][0], STARTS[shell], environment | {"TERM": "vt100"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 240, 200, 0, 0))
        for line in SET_UP[shell].splitlines():
            self.line(line)
        self.line(f". '{script}'" if shell != "fish" else f"source '{script}'")

    def line(self, text: str) -> str:
        """Type a line and wait until the shell reads the next; what was written meanwhile.

        What is typed before that, the terminal itself may take.
        """
        self.output = ""
        self.type(f"{text}; echo 'do''ne'\n")
        return self.until("done[^>]*> ")

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def until(self, end: str, patience: float = 60) -> str:
        """What is written until the pattern `end` stands there."""
        deadline = time.monotonic() + patience
        while not re.search(end, self.output):
            assert time.monotonic() < deadline, f"{end!r} never came: {self.output!r}"
            self.read(0.2)
        return self.output

    def read(self, patience: float) -> bool:
        if not select.select([self.terminal], [], [], patience)[0]:
            return False
        data = os.read(self.terminal, 65536).decode(errors="replace")
        self.output += ESCAPES.sub("", data)
        return True

    def completed(self, text: str) -> str:
        """The line after TAB."""
        return self._after_tab(text)[1]

    def offered(self, text: str) -> set[str]:
        """The words that the terminal shows after TAB, below the line."""
        return set(self._after_tab(text)[0].split())

    def _after_tab(self, text: str) -> tuple[str, str]:
        """What the terminal shows, and the line; which is given up."""
        self.output = ""
        self.type(text + "\t" + SHOW)
        output = self.until(">>")
        self.type("\x15")
        match = LINE.search(output)
        assert match, output
        return output[: match.start()].replace("\0", ""), match[1]

    def close(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def absent(shell: str) -> str:
    """Why a test of this shell is left out; "" where it is not."""
    return "" if shutil.which(shell) else f"{shell} is not installed"
