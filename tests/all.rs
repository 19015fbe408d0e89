//! The one integration binary: linking once is most of what a second one would cost.

mod cast;

mod attachments;
mod bad_input;
mod cases;
mod console;
mod console_load;
mod contracts;
mod hardship;
mod judging;
mod lines;
mod mail;
mod parity;
mod privacy;
mod sites;
mod sso;
mod stories;
mod team;
mod telegram_story;
mod walls;
