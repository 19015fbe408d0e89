//! Whether a customer who is away should be mailed what agents said. Plain values only.
//!
//! A reply counts as seen when the customer read it, or was there after it was said: a live socket that answers, a question
//! for news, anything done in the conversation. Where the customer was is known since the server's start and not before.

use super::{Seq, Timestamp};
use jiff::SignedDuration;

/// Something an agent said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    pub seq: Seq,
    pub at: Timestamp,
}

/// What is known about where the customer is.
#[derive(Clone, Copy, Debug)]
pub struct Whereabouts {
    /// The last sign of life; `None`: none since `watched_since`.
    pub last_seen: Option<Timestamp>,
    pub watched_since: Timestamp,
    /// The customer's screen showed everything up to this number; 0: nothing is known.
    pub read_through: Seq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything from this reply on is unseen, and has been for long enough.
    Mail {
        from: Seq,
    },
    LookAgain(Timestamp),
    /// All of it was seen.
    Seen,
}

/// `replies` in the order in which they were said. The customer has `patience` to come back by themselves.
pub fn judge(replies: &[Reply], customer: Whereabouts, patience: SignedDuration, now: Timestamp) -> Verdict {
    let is_unseen = |reply: &&Reply| {
        reply.seq > customer.read_through && customer.last_seen.is_none_or(|last_seen| last_seen < reply.at)
    };
    let Some(first) = replies.iter().find(is_unseen) else { return Verdict::Seen };
    // Whoever was there before a restart comes back to the new one within seconds, so it gives them the same time.
    let since = match customer.last_seen {
        Some(_) => first.at,
        None => first.at.max(customer.watched_since),
    };
    let due = since.checked_add(patience).unwrap_or(since);
    // A moment in the future by more than that was told by a clock that has been put back since.
    if now >= due || due > now + patience { Verdict::Mail { from: first.seq } } else { Verdict::LookAgain(due) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::at;
    use super::*;

    #[test]
    fn who_is_mailed_and_when() {
        let check = |replies: &[(Seq, i64)], last_seen: Option<i64>, read_through: Seq, now: i64, expected: Verdict| {
            let replies: Vec<Reply> = replies.iter().map(|(seq, secs)| Reply { seq: *seq, at: at(*secs) }).collect();
            let customer = Whereabouts { last_seen: last_seen.map(at), watched_since: at(0), read_through };
            let verdict = judge(&replies, customer, SignedDuration::from_secs(300), at(now));
            assert_eq!(verdict, expected, "{replies:?} seen {last_seen:?} read {read_through} at {now}");
        };
        let two = [(5, 100), (7, 160)];
        check(&two, Some(90), 0, 399, Verdict::LookAgain(at(400)));
        check(&two, Some(90), 0, 400, Verdict::Mail { from: 5 });
        check(&two, Some(120), 0, 400, Verdict::LookAgain(at(460)));
        check(&two, Some(120), 0, 460, Verdict::Mail { from: 7 });
        check(&two, Some(160), 0, 1_000, Verdict::Seen);
        check(&two, Some(90), 5, 460, Verdict::Mail { from: 7 });
        check(&two, Some(90), 7, 460, Verdict::Seen);
        check(&[], None, 0, 460, Verdict::Seen);
        check(&[(5, -50)], None, 0, 299, Verdict::LookAgain(at(300)));
        check(&[(5, -50)], None, 0, 300, Verdict::Mail { from: 5 });
        check(&[(5, 100)], None, 5, 900, Verdict::Seen);
        check(&[(5, 90_000)], None, 0, 400, Verdict::Mail { from: 5 });
    }
}
