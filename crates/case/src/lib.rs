//! Case types, TOML front end, matrix, selection and lint of wsanvil.
