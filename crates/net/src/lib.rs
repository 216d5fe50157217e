//! Sockets, TLS and target processes for wsanvil.
