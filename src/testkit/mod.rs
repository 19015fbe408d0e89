//! The testkit room: a cast of actors, a driven clock, and faults, for tests that read like the conversation they protect.
//! Behind the feature `testkit`, never in the release binary.
//!
//! May: stand in for the outside world, and drive the program through its faces.
//! May not: be named by any other room outside its tests, but for `app`, which lets the faults in; sleep where a state can be waited for.

pub mod faults;
pub mod mail;
pub mod telegram;
