//! By what means hardship comes: a shop small enough to start fast, faults of the process, and disks that fail.

use firstline::testkit::faults;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::cast::{DEADLINE, Setup};

/// A few articles, each a line long, so that a server is back within a blink and a text is the same on every channel.
pub fn small_shop(folder: &Path) -> PathBuf {
    let shop = folder.join("articles");
    std::fs::create_dir_all(&shop).unwrap();
    let articles = [
        (
            "refund-time",
            "When will I get my refund?",
            "how long does a refund take, where is my money",
            "Five business days.",
        ),
        ("delivery-time", "When will my parcel come?", "where is my parcel, when do you deliver", "Within three days."),
        (
            "reset",
            "How do I reset a device?",
            "reset to factory settings, factory reset",
            "Hold the button for ten seconds.",
        ),
        ("hours", "When are you open?", "opening hours, what time do you close", "From nine to five."),
    ];
    for (id, title, phrases, text) in articles {
        let file = format!("---\nid: {id}\ntitle: {title}\nlanguage: en\nphrases: [{phrases}]\n---\n{text}\n");
        std::fs::write(shop.join(format!("{id}.md")), file).unwrap();
    }
    shop
}

/// The faults of one server; see `firstline::testkit::faults`.
pub struct Faults {
    folder: tempfile::TempDir,
}

impl Faults {
    pub fn none_yet() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn let_into(&self, mut setup: Setup) -> Setup {
        setup.env.push((faults::VARIABLE.into(), self.folder.path().to_str().unwrap().into()));
        setup
    }

    /// Returns once the server's clock has jumped there.
    pub fn put_clock_ahead(&self, secs: i64) {
        self.set(faults::AHEAD_SECS, &secs.to_string());
        let begun = Instant::now();
        let done = self.folder.path().join(faults::AHEAD_SECS_DONE);
        while std::fs::read_to_string(&done).unwrap_or_default() != secs.to_string() {
            assert!(begun.elapsed() < DEADLINE, "the server's clock does not follow; was it built with the testkit?");
            std::thread::yield_now();
        }
    }

    /// For a server that is not running.
    pub fn no_clock_ahead(&self) {
        self.set(faults::AHEAD_SECS, "0");
    }

    pub fn stall_encoder(&self) {
        self.set(faults::ENCODER, faults::STALL);
    }

    pub fn make_encoder_panic(&self) {
        self.set(faults::ENCODER, faults::PANIC);
    }

    pub fn leave_encoder_alone(&self) {
        self.set(faults::ENCODER, "");
    }

    pub fn make_disk_read_only(&self) {
        self.set(faults::DISK, faults::READ_ONLY);
    }

    pub fn make_disk_writable(&self) {
        self.set(faults::DISK, "");
    }

    /// Whole or not at all: the server may read at any moment.
    fn set(&self, file: &str, words: &str) {
        let new = self.folder.path().join("new");
        std::fs::write(&new, words).unwrap();
        std::fs::rename(new, self.folder.path().join(file)).unwrap();
    }
}

/// A disk of its own, in memory, that may be small or turn read-only.
pub struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    pub fn of_kib(kib: u32) -> Self {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={kib}k,mode=700"), "firstline-test"]);
        disk
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Takes what is left of it. Returns how many bytes that was.
    pub fn fill(&self) -> u64 {
        let mut ballast = std::fs::File::create(self.ballast()).unwrap();
        let mut taken = 0;
        for piece in [1 << 16, 1 << 12, 1 << 8, 1] {
            while std::io::Write::write_all(&mut ballast, &vec![0; piece]).is_ok() {
                taken += piece as u64;
            }
        }
        taken
    }

    pub fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    pub fn turn_read_only(&self) {
        self.mount(&["-o", "remount,ro"]);
    }

    pub fn turn_writable(&self) {
        self.mount(&["-o", "remount,rw"]);
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }

    fn mount(&self, how: &[&str]) {
        let done = as_root("mount").args(how).arg(self.folder.path()).output().expect("there is a command `mount`");
        assert!(
            done.status.success(),
            "this test mounts a disk, which needs root and, in a container, CAP_SYS_ADMIN: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that the test gave up on may still stand on it.
        let _ = as_root("umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

fn as_root(command: &str) -> Command {
    let id = Command::new("id").arg("-u").output().expect("there is a command `id`");
    if id.stdout == b"0\n" {
        return Command::new(command);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", command]);
    sudo
}
