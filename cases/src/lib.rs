//! The wsanvil case library, embedded.
