//! The wsanvil command line.
fn main() {}
