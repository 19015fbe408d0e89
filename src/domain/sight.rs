//! Which conversations an agent may see: leads all; everybody else those of the queues that they work in, of queues without members,
//! those that never went to people, and what they have, had last, or promised themselves.

use super::rules::Queue;
use super::{AgentId, Conversation, QueueName};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    agent: AgentId,
    /// Queues whose members this agent is not among; sorted.
    hidden: Vec<QueueName>,
}

impl Sight {
    pub fn of(agent: AgentId, email: &str, is_lead: bool, queues: &[Queue]) -> Self {
        let is_hidden = |queue: &&Queue| !is_lead && !queue.members.is_empty() && queue.member(email).is_none();
        let mut hidden: Vec<QueueName> = queues.iter().filter(is_hidden).map(|queue| queue.name.clone()).collect();
        hidden.sort();
        Self { agent, hidden }
    }

    pub fn hidden(&self) -> &[QueueName] {
        &self.hidden
    }

    pub fn sees(&self, conversation: &Conversation) -> bool {
        let is_in_sight = conversation.last_queue.as_ref().is_none_or(|queue| !self.hidden.contains(queue));
        let promised_by = conversation.follow_up.as_ref().map(|promise| &promise.agent);
        is_in_sight || [conversation.last_agent.as_ref(), promised_by].contains(&Some(&self.agent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{ClaimCause, Event};
    use crate::domain::rules::Member;
    use crate::domain::testing::{at, conversation_with_bot};
    use crate::domain::{Outcome, Reason};

    #[test]
    fn agents_see_what_concerns_them() {
        let mut payments = Queue::named(QueueName::new("payments"));
        payments.members = vec![Member { agent: "anna@shop.example".into(), skill: 1, capacity: None }];
        let queues = [payments, Queue::named(QueueName::new("general"))];
        let sight =
            |name: &str, is_lead| Sight::of(AgentId::new(name), &format!("{name}@shop.example"), is_lead, &queues);
        let mut conversation = conversation_with_bot();
        let check = |conversation: &Conversation, expected: [bool; 3]| {
            let seen =
                [sight("anna", false), sight("boris", false), sight("lea", true)].map(|one| one.sees(conversation));
            assert_eq!(seen, expected, "{:?}", conversation.phase);
        };
        check(&conversation, [true, true, true]);
        let hand_off = |queue: &str| Event::HandedOff { reason: Reason::CustomerAsked, queue: QueueName::new(queue) };
        let claim = |name: &str| Event::Claimed { agent: AgentId::new(name), cause: ClaimCause::Claimed };
        conversation.apply(&hand_off("general"), at(1));
        check(&conversation, [true, true, true]);
        conversation.apply(&hand_off("payments"), at(2));
        check(&conversation, [true, false, true]);
        conversation.apply(&claim("boris"), at(3));
        check(&conversation, [true, true, true]); // passed on to boris by a lead
        conversation.apply(&Event::Resolved { agent: AgentId::new("boris"), outcome: Outcome::Solved }, at(4));
        check(&conversation, [true, true, true]); // boris had it last
        conversation.apply(&Event::Reopened, at(5));
        conversation.apply(&hand_off("payments"), at(6));
        conversation.apply(&claim("anna"), at(7));
        check(&conversation, [true, false, true]);
        conversation
            .apply(&Event::Transferred { agent: AgentId::new("anna"), queue: QueueName::new("general") }, at(8));
        check(&conversation, [true, true, true]);
        assert_eq!(sight("boris", false).hidden(), [QueueName::new("payments")]);
        assert_eq!(sight("lea", true).hidden(), []);
    }
}
