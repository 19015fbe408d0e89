//! Parse and run.

fn main() {}
