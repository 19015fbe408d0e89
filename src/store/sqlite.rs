//! SQLite behind the store trait.
