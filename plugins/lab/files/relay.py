"""A line that takes longer: relay.py PORT MS, in front of this host's sshd. A
round trip takes MS milliseconds more; order and throughput stay.

Each direction waits MS/2. A new connection waits a round trip and a half before sshd hears of it,
as its SYN, SYN-ACK and ACK would.
"""

import asyncio
import sys
from collections.abc import Callable

LIMIT = 4 << 20  # bytes on the way in one direction, so that a slow reader slows the writer


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what is read, each piece `delay` seconds after it came; then the end."""
    clock = asyncio.get_running_loop().time
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    under_way, room = 0, asyncio.Event()

    async def deliver() -> None:
        nonlocal under_way
        while True:
            due, data = await line.get()
            await asyncio.sleep(max(0, due - clock()))
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()
            under_way -= len(data)
            room.set()

    delivery = asyncio.ensure_future(deliver())
    try:
        while True:
            data = await reader.read(65536)
            line.put_nowait((clock() + delay, data))
            if not data:
                break
            under_way += len(data)
            while under_way > LIMIT and not delivery.done():
                room.clear()
                await room.wait()
        await delivery
    finally:
        delivery.cancel()


def relay(delay: float) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    """What happens to one connection; `delay` in seconds and one direction."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3 * delay)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", 22)
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            carry(reader, far_writer, delay),
            carry(far_reader, writer, delay),
            return_exceptions=True,
        )
        for end in (writer, far_writer):
            end.close()

    return connected


async def main(port: int, milliseconds: float) -> None:
    server = await asyncio.start_server(relay(milliseconds / 2000), "0.0.0.0", port, backlog=1000)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
