//! The channel room: each door speaks one foreign protocol and calls the desk.
//!
//! May: parse, render, authenticate, limit, deliver.
//! May not: touch the store, or decide.

pub mod admin;
pub mod http;
pub mod telegram;
