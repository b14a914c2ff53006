"""What we say to a master of ssh (ControlMaster) at its socket, as another ssh would: PROTOCOL.mux
of OpenSSH. It tells what ssh's exit code does not: that the host has opened a session, that it
refuses one more, that the link is lost.
"""

import fcntl
import os
import socket
import struct
import sys
import termios
import time
from collections.abc import Callable
from typing import IO

from fairlead.connections.conversation import encoded, late
from fairlead.connections.process import PipedProcess
from fairlead.model.errors import Unreachable

VERSION = 4
HELLO = 0x00000001
NEW_SESSION, ALIVE_CHECK = 0x10000002, 0x10000004
TERMINATE, STOP_LISTENING = 0x10000005, 0x10000009
REFUSALS = (0x80000002, 0x80000003)  # permission denied, failure
EXIT_MESSAGE, SESSION_OPENED = 0x80000004, 0x80000006
NO_ESCAPE = 0xFFFFFFFF

LOCAL = 5.0  # seconds for a word with a master, which needs nothing of the host
LAST_WORDS = 1.0  # seconds in which a master takes what is written
LONGEST = 1 << 16  # bytes of a message that we believe
KILLED = 255  # the exit code of a program that has none

Message = tuple[int, bytes]  # its type, and what follows


class NoMaster(Exception):
    """Nobody answers at a socket."""


class NoAnswer(NoMaster):
    """There is a master; the host behind it does not answer."""


class SessionRefused(Exception):
    """The host opens no further session on this connection."""


class Control:
    """A connection to the master at a socket. Raises NoMaster."""

    def __init__(self, path: str):
        self._socket = socket.socket(socket.AF_UNIX)
        self._received = b""
        self._socket.settimeout(LOCAL)
        try:
            self._socket.connect(path)
            self._send(_number(HELLO) + _number(VERSION))
            greeting = self.message(LOCAL)
        except (OSError, NoMaster):
            greeting = None
        if greeting is None or greeting != (HELLO, _number(VERSION)):
            self.close()
            raise NoMaster(path)

    def request(
        self,
        kind: int,
        body: bytes = b"",
        files: tuple[int, ...] = (),
    ) -> None:
        """Ask something, with copies of our files. Raises NoMaster."""
        try:
            self._send(_number(kind) + _number(0) + body)
            for file in files:
                socket.send_fds(self._socket, [b"\0"], [file])
        except OSError as error:
            raise NoMaster(str(error)) from None

    def message(self, seconds: float) -> Message | None:
        """The next one; None where it does not come in time. Raises NoMaster: it has hung up."""
        end = time.monotonic() + seconds
        while (first := self._first()) is None:
            self._socket.settimeout(min(max(0.0, end - time.monotonic()), 1e6))
            try:
                data = self._socket.recv(LONGEST)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError as error:
                raise NoMaster(str(error)) from None
            if not data:
                raise NoMaster("it has hung up")
            self._received += data
        return first

    def _first(self) -> Message | None:
        """The first whole message of what was received."""
        if len(self._received) < 8:
            return None
        length, kind = struct.unpack(">II", self._received[:8])
        if not 4 <= length <= LONGEST:
            raise NoMaster("it does not speak our protocol")
        end = 4 + length
        if len(self._received) < end:
            return None
        body = self._received[8:end]
        self._received = self._received[end:]
        return kind, body

    def _send(self, packet: bytes) -> None:
        self._socket.sendall(_string(packet))

    def close(self) -> None:
        self._socket.close()


def is_alive(path: str) -> bool:
    """Whether a master answers; of the host behind it that says nothing."""
    return _does(path, ALIVE_CHECK)


def terminate(path: str) -> bool:
    """End the master and all that runs over it; whether there was one that did."""
    return _does(path, TERMINATE)


def stop(path: str) -> bool:
    """Let the master end with what runs over it now; its socket is gone, for nobody else."""
    return _does(path, STOP_LISTENING)


def _does(path: str, kind: int) -> bool:
    try:
        control = Control(path)
    except NoMaster:
        return False
    try:
        control.request(kind)
        answer = control.message(LOCAL)
        return answer is not None and answer[0] not in REFUSALS
    except NoMaster:  # one that ends does not stay to say so
        return kind == TERMINATE
    finally:
        control.close()


class MuxProcess(PipedProcess):
    """A program on a channel of the connection that a master holds.

    Raises NoMaster, NoAnswer (of the host, within `seconds`) or SessionRefused: nothing was started
    then. `outlives`: the master stays when we go, and passes on what it has taken. `loss` tells
    whether the link is lost.
    """

    def __init__(
        self,
        where: str,
        path: str,
        command: str,
        seconds: float,
        outlives: bool,
        loss: Callable[[], Unreachable | None],
    ):
        self._control = Control(path)
        self._outlives = outlives
        self._loss = loss
        self._code: int | None = None
        self._has_hung_up = False
        stdin, ours_in = os.pipe()
        ours_out, stdout = os.pipe()
        ours_err, stderr = os.pipe()
        try:
            self._open_session(command, seconds, (stdin, stdout, stderr))
        except BaseException:
            self._control.close()
            for end in (ours_in, ours_out, ours_err):
                os.close(end)
            raise
        finally:
            for end in (stdin, stdout, stderr):
                os.close(end)
        pipes = (
            _file(ours_in, "wb"),
            _file(ours_out, "rb"),
            _file(ours_err, "rb"),
        )
        super().__init__(where, *pipes)

    def _open_session(
        self,
        command: str,
        seconds: float,
        files: tuple[int, ...],
    ) -> None:
        flags = _number(0) * 4  # no terminal, no X11, no agent, no subsystem
        words = _string(b"") + _string(encoded(command))  # the kind of terminal; the program
        self._control.request(NEW_SESSION, _string(b"") + flags + _number(NO_ESCAPE) + words, files)
        answer = self._control.message(seconds)
        if answer is None:
            raise NoAnswer("the host opens no session")
        if answer[0] in REFUSALS:
            raise SessionRefused(answer[1][8:].decode(errors="replace"))
        if answer[0] != SESSION_OPENED:
            raise NoMaster("it does not speak our protocol")

    def flush(self) -> bool:
        """A master that stays sends what it has taken, though we are gone."""
        end = time.monotonic() + LAST_WORDS
        if not (self._outlives and sys.platform == "linux" and self._writer.flush(LAST_WORDS)):
            return False
        while (waiting := self._waiting()) and time.monotonic() < end:
            time.sleep(0.001)
        return not waiting

    def _waiting(self) -> int:
        """Bytes in the pipe that the master has not taken yet."""
        if self._stdin.closed:
            return 1
        number = bytes(4)
        answer = fcntl.ioctl(self._stdin, termios.FIONREAD, number)
        return int.from_bytes(answer, sys.byteorder)

    def has_ended(self) -> bool:
        self._hear(0)
        return self._code is not None or self._has_hung_up

    def exit_code(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        while self._code is None and not self._has_hung_up:
            if time.monotonic() > end:
                raise late(self.where, "its program closed its output and goes on")
            self._hear(max(0.0, end - time.monotonic()))
        if self._code is not None:
            return self._code
        if loss := self._loss():
            raise loss
        return KILLED

    def _hear(self, seconds: float) -> None:
        """Take one message of the master, waiting at most so long for it."""
        if self._has_hung_up:
            return
        try:
            message = self._control.message(seconds)
        except NoMaster:
            self._has_hung_up = True
            return
        if message and message[0] == EXIT_MESSAGE:
            body = message[1]
            self._code = int.from_bytes(body[4:8], "big")

    def close(self) -> None:
        self._end_stdin()
        self._close_outputs()
        self._control.close()


def _number(value: int) -> bytes:
    return struct.pack(">I", value)


def _string(data: bytes) -> bytes:
    return _number(len(data)) + data


def _file(descriptor: int, mode: str) -> IO[bytes]:
    return os.fdopen(descriptor, mode, buffering=0)
