//! The channel room: each part speaks one foreign protocol and calls the desk.
//!
//! May: translate between the outside and the desk's use cases, guard its own door (limits, origins, tokens, bounds).
//! May not: touch the store, decide what a customer hears, or know another channel.

pub mod http;
