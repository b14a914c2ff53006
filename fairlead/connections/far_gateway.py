"""The program on a gateway of a tree: sent there as it stands, run by the gateway's own Python with
ClusterShell beside it, and nowhere else.

ClusterShell's own gateway (1.10.1) writes what is meant for one worker's stdin to the worker that
was started last, splits output at \\r and holds back a line until it ends; it logs into /tmp. Here
each conversation is one ssh that gets what is meant for it, and all bytes pass as they are. Nothing
is pickled, in either direction. Python 3.6, ClusterShell 1.8.
"""

import base64
import json
import os
import shlex
import shutil
import sys
import tempfile

from ClusterShell.Communication import RetcodeMessage, StdErrMessage, StdOutMessage
from ClusterShell.Event import EventHandler
from ClusterShell.Gateway import GatewayChannel
from ClusterShell.Task import task_self
from ClusterShell.Worker.fastsubprocess import set_nonblock_flag
from ClusterShell.Worker.Popen import PopenClient
from ClusterShell.Worker.Worker import FANOUT_UNLIMITED, StreamWorker, WorkerSimple

GREETING = "fairlead-gateway"  # the line after which we speak; a login shell may have said more
GROOMING = 0.1  # seconds for which output is gathered before it is sent
LINGER = 1.0  # seconds in which an ssh ends by itself when its stdin has
LAST = 5.0  # the same, for all of them, when the controller is gone
LOST = 255  # what ssh ends with when its link is lost


class SshClient(PopenClient):
    """A program whose output passes as it comes."""

    def _handle_read(self, sname):  # type: ignore[no-untyped-def]
        self.worker._on_msgline(self.key, self._read(sname), sname)


class SshWorker(WorkerSimple):
    """One ssh. It does not wait for others to end."""

    def __init__(self, command: str, handler: EventHandler) -> None:
        WorkerSimple.__init__(
            self, None, None, None, None, handler, stderr=True, client_class=SshClient
        )
        self.command, self._fanout = command, FANOUT_UNLIMITED


class Conversation(EventHandler):
    """What is said with one host, under its number."""

    def __init__(
        self,
        channel: "FarChannel",
        number: int,
        argv: list,
        known: str,
    ) -> None:
        self.channel, self.number, self.has_spoken = channel, number, False
        self.known = os.path.join(channel.folder, str(number))
        with open(self.known, "w") as file:
            file.write(known)
        rule = "UserKnownHostsFile=" + self.known
        words = [argv[0], "-o", rule, *argv[1:]]
        self.worker = SshWorker("exec " + " ".join(map(shlex.quote, words)), self)
        channel.task.schedule(self.worker)

    def ev_read(self, worker, node, sname, msg):  # type: ignore[no-untyped-def]
        kind = StdErrMessage if sname == worker.SNAME_STDERR else StdOutMessage
        self.channel.gather(self.number, kind, msg)
        if not self.has_spoken:  # the sign that its host has let us in: waited for
            self.has_spoken = True
            self.channel.send_gathered()

    def ev_close(self, worker, timedout):  # type: ignore[no-untyped-def]
        code = worker.clients[0].rc
        self.channel.conversations.pop(self.number, None)
        self.channel.send_gathered()
        self.channel.send(RetcodeMessage(retcode=LOST if code is None else code, srcid=self.number))
        os.unlink(self.known)

    def ev_timer(self, timer):  # type: ignore[no-untyped-def]
        if self.number in self.channel.conversations:
            self.worker.abort()

    def close(self) -> None:
        """Its stdin ends, and a little later it does."""
        self.worker.set_write_eof()
        self.channel.task.timer(LINGER, self, autoclose=True)


class FarChannel(GatewayChannel):
    """The gateway's end of the channel."""

    def __init__(self, task, folder: str) -> None:  # type: ignore[no-untyped-def]
        GatewayChannel.__init__(self, task)
        self.folder = folder
        self.conversations = {}  # type: dict[int, Conversation]
        self.gathered = {}  # type: dict[tuple, list[bytes]]
        self.grooming = None

    def _open(self) -> None:
        GatewayChannel._open(self)
        self.worker.write(b"\n", sname=self.SNAME_WRITER)  # the controller reads lines
        self.setup = True

    def recv_ctl(self, msg):  # type: ignore[no-untyped-def]
        data = base64.b64decode(msg.data or b"")
        conversation = self.conversations.get(msg.srcid)
        if msg.action == "shell":
            order = json.loads(data.decode())
            self.conversations[msg.srcid] = Conversation(self, msg.srcid, **order)
        elif conversation is None:
            return  # it has ended meanwhile
        elif msg.action == "write":
            conversation.worker.write(data)
        elif msg.action == "eof":
            conversation.worker.set_write_eof()
        else:
            conversation.close()

    def ev_close(self, worker, timedout):  # type: ignore[no-untyped-def]
        """The controller is gone. What was said to the hosts still reaches them."""
        for conversation in list(self.conversations.values()):
            conversation.worker.set_write_eof()
        self.task.timer(LAST, self, autoclose=True)

    def gather(
        self,
        number: int,
        kind: type,
        data: bytes,
    ) -> None:
        """Output of a conversation, which is sent a little later: fewer messages, less work."""
        self.gathered.setdefault((number, kind), []).append(data)
        if self.grooming is None:
            self.grooming = self.task.timer(GROOMING, self, autoclose=True)

    def send_gathered(self) -> None:
        gathered, self.gathered = self.gathered, {}
        for (number, kind), chunks in gathered.items():
            message = kind(srcid=number)
            message.data = base64.b64encode(b"".join(chunks))
            self.send(message)

    def ev_timer(self, timer):  # type: ignore[no-untyped-def]
        if timer is not self.grooming:
            self.task.abort()
        self.grooming = None
        self.send_gathered()


def main() -> None:
    for number in range(3):
        set_nonblock_flag(number)
    task = task_self()
    task.set_default("stdout_msgtree", False)
    task.set_default("stderr_msgtree", False)
    folder = tempfile.mkdtemp(prefix="fl-")
    channel = FarChannel(task, folder)
    worker = StreamWorker(handler=channel)
    worker._fanout = FANOUT_UNLIMITED
    worker.set_reader(channel.SNAME_READER, sys.stdin)
    worker.set_writer(channel.SNAME_WRITER, sys.stdout, retain=False)
    os.write(1, b"\n" + GREETING.encode() + b"\n")
    task.schedule(worker)
    try:
        task.resume()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
