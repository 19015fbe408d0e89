//! What is kept of who is there: how far each side has read, and whose conversation it turned out to be.

use crate::domain::{CustomerId, Seq};

/// How far each side has read; 0: nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadMarks {
    pub by_agent: Seq,
    pub by_customer: Seq,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Agent,
    Customer,
}

/// What became of naming a conversation's customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identified {
    As(CustomerId),
    /// A site vouched for somebody else there before.
    OtherCustomer,
    NoSuchConversation,
}
