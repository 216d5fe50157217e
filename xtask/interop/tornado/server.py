"""Echo server on the port given as argument, with Tornado."""

import asyncio
import logging
import sys

from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler


class Answer(WebSocketHandler):
    def check_origin(self, origin):
        return True

    def get_compression_options(self):
        return {}

    async def on_message(self, message):
        try:
            await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            # The client is gone before its answer: nothing to do.
            pass


async def main(port):
    logging.disable(logging.CRITICAL)
    # The default limit of 10 MiB is configuration, not conformance.
    application = Application([(r".*", Answer)], websocket_max_message_size=1 << 27)
    application.listen(port, "127.0.0.1", max_buffer_size=1 << 28)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1])))
