//! Reference WebSocket echo endpoint, sans-I/O, with switchable defects.
