"""Echo server on the port given as argument, with aiohttp."""

import sys

from aiohttp import WSMsgType, web


async def answer(request):
    # The default limit of 4 MiB is configuration, not conformance.
    socket = web.WebSocketResponse(max_msg_size=1 << 27)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


application = web.Application()
application.router.add_get("/{path:.*}", answer)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
