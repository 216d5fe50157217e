//! Verdicts, findings, events and the report schema of wsanvil.
