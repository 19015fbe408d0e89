//! The one integration binary: linking once is most of what a second one would cost.

mod cast;

mod bad_input;
mod cases;
mod contracts;
mod hardship;
mod judging;
mod lines;
mod parity;
mod privacy;
mod stories;
mod telegram_story;
mod walls;
