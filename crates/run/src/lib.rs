//! Scheduling of wsanvil cases: jobs, liveness, retries; emits the event stream.
