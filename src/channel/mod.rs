//! The channel room: each folder speaks one foreign protocol and calls the desk.
//!
//! May: read and write its protocol, and call the desk.
//! May not: touch the store, or decide.

pub mod telegram;
