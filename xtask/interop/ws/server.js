// Echo server on the port given as argument, with ws.
'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: { threshold: 0 },
  // Lower limits are configuration, not conformance.
  maxPayload: 2 ** 27,
  maxFragments: 2 ** 24,
  maxBufferedChunks: 2 ** 24,
});

server.on('connection', (connection) => {
  // Without a listener the first protocol error of a client would end the process.
  connection.on('error', () => {});
  connection.on('message', (data, binary) => connection.send(data, { binary }));
});
