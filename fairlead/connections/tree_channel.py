"""The controller's end of a tree: ClusterShell's engine in a thread of its own, and the channel to
one gateway, which all conversations with hosts behind it share.

A gateway is not believed more than it has to be: what it sends is taken as bytes and numbers, never
unpickled (ClusterShell does, and a gateway could run programs here), and what cannot be read ends
its channel alone.
"""

import base64
import binascii
import json
import logging
import os
import subprocess
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import IO, Any, Protocol

from ClusterShell.Communication import Channel, ControlMessage
from ClusterShell.Event import EventHandler
from ClusterShell.Task import task_self, task_terminate
from ClusterShell.Worker.fastsubprocess import set_nonblock_flag
from ClusterShell.Worker.Worker import FANOUT_UNLIMITED, StreamWorker

from fairlead.connections.far_gateway import GREETING, LAST

PROGRAM = Path(__file__).with_name("far_gateway.py")
BOOT = 'import base64; exec(base64.b64decode(open(0, "rb", 0, closefd=False).readline()))'
PIECE = 48 * 1024  # bytes of stdin that one message carries
STREAMS = {"OUT": 1, "SER": 2}
PATIENCE = 2.0  # seconds in which an ssh ends once its output has


class Conversation(Protocol):
    """Who hears what comes from a host, and that it has ended."""

    def put(self, stream: int, data: bytes) -> None: ...

    def ended(self, code: int | None) -> None:
        """With its exit code; None: the gateway is lost."""
        ...


class Engine:
    """ClusterShell's Task; its thread alone touches what is ClusterShell's."""

    def __init__(self) -> None:
        # or its complaints land on stderr
        logging.getLogger("ClusterShell").addHandler(logging.NullHandler())
        self.channels: list[GatewayChannel] = []
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tree", daemon=True)
        self._thread.start()
        self._is_ready.wait()

    def call(self, function: Callable[..., None], *arguments: object) -> None:
        """Have the engine do that, after all that it was given before."""
        self._port.msg_send((function, arguments))

    def end(self) -> None:
        """Once all channels have ended; wait for it, but not for ever."""
        self.call(self._end)
        self._thread.join(LAST + PATIENCE)

    def _end(self) -> None:
        self.task.remove_port(self._port)

    def _run(self) -> None:
        self.task = task_self()
        self.task.set_default("stdout_msgtree", False)
        self.task.set_default("stderr_msgtree", False)
        self._port = self.task.port(handler=_Calls())
        self._is_ready.set()
        try:
            self.task.resume()
            task_terminate()
        finally:
            for channel in self.channels:
                channel.lose()


class _Calls(EventHandler):
    """What other threads want done."""

    def ev_msg(self, port: object, msg: tuple[Callable[..., None], tuple[object, ...]]) -> None:
        function, arguments = msg
        function(*arguments)


class SshWorker(StreamWorker):
    """The pipes of one ssh. It does not wait for others to end."""

    _fanout = FANOUT_UNLIMITED

    def _on_msgline(
        self,
        key: object,
        msg: bytes,
        sname: str,
    ) -> None:
        """ClusterShell's own looks for an old kind of handler, at each line."""
        self.eh.ev_read(self, key, sname, msg)


class GatewayChannel(Channel):
    """The channel to one gateway, over one ssh. Ends with the last word of `end`, or is lost."""

    def __init__(
        self,
        engine: Engine,
        argv: tuple[str, ...],
        environment: dict[str, str],
        log: IO[bytes],
    ):
        Channel.__init__(self, initiator=True)
        pipe = subprocess.PIPE
        self._ssh = subprocess.Popen(
            argv,
            stdin=pipe,
            stdout=pipe,
            stderr=log,
            bufsize=0,
            env=environment,
            start_new_session=True,
        )
        self._engine, self._numbers = engine, count(1)
        self._conversations: dict[int, Conversation] = {}
        self._is_greeted, self._answered = False, threading.Event()
        self.code: int | None = None  # with which its ssh has ended
        self.is_lost = False
        engine.channels.append(self)
        engine.call(self._schedule)

    def wait(self, seconds: float) -> bool:
        """Whether it is open, once that is known or so many seconds are over."""
        return self._answered.wait(seconds) and not self.is_lost

    def begin(
        self,
        conversation: Conversation,
        argv: tuple[str, ...],
        known: str,
    ) -> int:
        """Have the gateway start an ssh that believes the lines of `known`; its number."""
        number = next(self._numbers)
        order = json.dumps({"argv": argv, "known": known}).encode()
        self._engine.call(self._begin, number, conversation, order)
        return number

    def write(self, number: int, data: bytes) -> None:
        """To the stdin of a conversation."""
        for start in range(0, len(data), PIECE):
            self._engine.call(self._order, number, "write", data[start : start + PIECE])

    def order(self, number: int, action: str) -> None:
        """`eof`: its stdin ends; `close`: it ends itself."""
        self._engine.call(self._order, number, action)

    def flush(self, seconds: float) -> bool:
        """Wait until all is on its way; whether it is."""
        done = threading.Event()
        self._engine.call(done.set)
        return done.wait(seconds) and not self.is_lost

    def finish(self) -> None:
        """All is sent, then it ends."""
        self._engine.call(self._finish)

    # what follows is done by the engine

    def _schedule(self) -> None:
        worker = SshWorker(handler=self)
        worker.set_reader(self.SNAME_READER, _own(self._ssh.stdout))
        worker.set_writer(self.SNAME_WRITER, _own(self._ssh.stdin), retain=False)
        self._engine.task.schedule(worker)

    def start(self) -> None:
        """The gateway's program, then ClusterShell's greeting."""
        self.worker.write(base64.b64encode(PROGRAM.read_bytes()) + b"\n", self.SNAME_WRITER)
        self._init()
        self._open()
        self.worker.write(b"\n", self.SNAME_WRITER)

    def ev_read(
        self,
        worker: object,
        node: object,
        sname: str,
        msg: bytes,
    ) -> None:
        if not self._is_greeted:
            self._is_greeted = msg == GREETING.encode()
            return
        try:
            super().ev_read(worker, node, sname, msg)
        except Exception:  # whatever it has sent
            self._abort()

    def recv(self, msg: Any) -> None:
        match msg.type:
            case "CHA":
                self.opened = self.setup = True
                self._answered.set()
            case "OUT" | "SER":
                self._hear(msg.srcid, STREAMS[msg.type], msg.data)
            case "RET":
                conversation = self._conversations.pop(msg.srcid, None)
                if conversation:
                    conversation.ended(msg.retcode)
            case _:
                self._abort()

    def _hear(
        self,
        number: int,
        stream: int,
        data: bytes,
    ) -> None:
        conversation = self._conversations.get(number)
        if conversation:
            try:
                conversation.put(stream, base64.b64decode(data or b"", validate=True))
            except binascii.Error:
                self._abort()

    def _begin(
        self,
        number: int,
        conversation: Conversation,
        order: bytes,
    ) -> None:
        if self.is_lost:
            return conversation.ended(None)
        self._conversations[number] = conversation
        return self._order(number, "shell", order)

    def _order(
        self,
        number: int,
        action: str,
        data: bytes = b"",
    ) -> None:
        if not self.is_lost and number in self._conversations:
            message = ControlMessage(number)
            message.action, message.data = action, base64.b64encode(data)
            self.send(message)

    def _finish(self) -> None:
        if not self.is_lost:
            self.worker.set_write_eof(self.SNAME_WRITER)
            self._engine.task.timer(LAST, self, autoclose=True)

    def ev_timer(self, timer: object) -> None:
        self._abort()

    def _abort(self) -> None:
        if not self.is_lost:
            self.worker.abort()

    def ev_close(self, worker: object, timedout: bool) -> None:
        """Its ssh says no more."""
        self.lose()

    def lose(self) -> None:
        """Nothing comes from it any more: whoever waits is told."""
        if not self.is_lost:
            self.is_lost = True
            self.code = _ended(self._ssh)
        self._answered.set()
        conversations, self._conversations = self._conversations, {}
        for conversation in conversations.values():
            conversation.ended(None)


def _own(pipe: IO[bytes] | None) -> int:
    """A descriptor that ClusterShell closes when it likes."""
    assert pipe is not None
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    set_nonblock_flag(descriptor)
    return descriptor


def _ended(ssh: "subprocess.Popen[bytes]") -> int:
    """Its exit code; it is made to end where it does not."""
    try:
        return ssh.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        ssh.kill()
        return ssh.wait()
