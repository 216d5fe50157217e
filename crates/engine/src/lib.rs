//! Sans-I/O interpreter of wsanvil cases: script and bytes in, actions, transcript and verdict out.
