"""Echo server on the port given as argument, with the websockets library."""

import os
import sys

# Lower limits on fragments and sizes are configuration, not conformance. The library reads this when imported.
os.environ["WEBSOCKETS_MAX_FRAGMENTS"] = str(1 << 24)

import asyncio
import logging

from websockets.asyncio.server import serve


async def answer(connection):
    async for message in connection:
        await connection.send(message)


async def main(port):
    logging.getLogger("websockets").setLevel(logging.CRITICAL + 1)
    options = {"max_size": 1 << 27, "ping_interval": None}
    async with serve(answer, "127.0.0.1", port, **options) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
