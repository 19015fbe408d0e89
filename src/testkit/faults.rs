//! Faults of the real binary: a test writes a file, and for the process the world goes wrong.
//!
//! The variable `FIRSTLINE_TESTKIT` names a folder. In it, each file missing or empty when all is well:
//!
//! * `ahead_secs`: how far this process's clock is ahead of the machine's; negative is behind. Once the clock has moved, the
//!   same words stand in `ahead_secs.done`.
//! * `encoder`: `stall` holds the encoder at its next batch for as long as it stands there; `panic` makes it panic over each batch.
//! * `disk`: `read_only` makes the database refuse writes, as on a disk that the system has turned read-only: no mount can be turned so
//!   under a file that is open.

use crate::clock::Clock;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub const VARIABLE: &str = "FIRSTLINE_TESTKIT";
pub const AHEAD_SECS: &str = "ahead_secs";
pub const AHEAD_SECS_DONE: &str = "ahead_secs.done";
pub const ENCODER: &str = "encoder";
pub const STALL: &str = "stall";
pub const PANIC: &str = "panic";
pub const DISK: &str = "disk";
pub const READ_ONLY: &str = "read_only";

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The faults that one folder asks for.
#[derive(Clone, Debug)]
pub struct Faults {
    folder: PathBuf,
}

impl Faults {
    pub fn named_by_environment() -> Option<Self> {
        std::env::var(VARIABLE).ok().map(|folder| Self { folder: folder.into() })
    }

    /// From now on `clock` and its clones follow the folder, and `disk` hears again and again whether it is read-only.
    pub fn drive(&self, clock: Clock, disk: impl Fn(bool) + Send + 'static) {
        let folder = self.folder.clone();
        std::thread::spawn(move || {
            let mut last = String::new();
            loop {
                let asked = read(&folder, AHEAD_SECS);
                if let (true, Ok(secs)) = (asked != last, asked.parse()) {
                    clock.set_ahead_secs(secs);
                    std::fs::write(folder.join(AHEAD_SECS_DONE), &asked).expect("the test's folder can be written");
                    last = asked;
                }
                disk(read(&folder, DISK) == READ_ONLY);
                std::thread::sleep(LOOK_EVERY);
            }
        });
    }

    /// Called by the encoder's own thread before each batch.
    pub fn strike_encoder(&self) {
        while read(&self.folder, ENCODER) == STALL {
            std::thread::sleep(LOOK_EVERY);
        }
        assert_ne!(read(&self.folder, ENCODER), PANIC, "a test asked for it");
    }
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap_or_default().trim().to_owned()
}
