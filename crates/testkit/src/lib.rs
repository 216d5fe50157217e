//! In-memory pair, virtual clock, hostile and foreign peers for the tests of wsanvil.
