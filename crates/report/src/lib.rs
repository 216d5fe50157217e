//! Reports of wsanvil: JSON and HTML.
