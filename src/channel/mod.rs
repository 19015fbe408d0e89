//! The channel room: each door speaks one foreign protocol and calls the desk.
//!
//! May: parse, render, authenticate, limit, deliver.
//! May not: touch the store, or decide.

pub mod admin;
mod backoff;
pub mod http;
mod light;
pub mod mail;
pub mod telegram;
mod transcript;
