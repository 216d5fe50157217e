//! Reference WebSocket codec: frames, masking, UTF-8, HTTP/1.1 upgrade, permessage-deflate, endpoint state machine; no I/O.
