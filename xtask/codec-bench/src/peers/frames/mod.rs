//! Peers in the groups `decode`, `encode` and `echo`.

use crate::Remark;

/// What contenders do differently.
pub const NOTES: &[Remark] = &[];

/// Who is missing where, and why.
pub const NOT_COMPARED: &[Remark] = &[];
