//! Who gets a waiting conversation when the queue assigns by itself: the agent with the fewest open, then the one idle longest,
//! within capacity, language and skill.

use super::rules::{Assign, Queue};
use super::{AgentId, ConversationId, Language, QueueName, Timestamp};

/// Somebody in line.
#[derive(Clone, Debug, PartialEq)]
pub struct InLine {
    pub conversation: ConversationId,
    pub queue: QueueName,
    pub language: Option<Language>,
    pub for_lead: bool,
}

/// An agent who is at work, with the load of this moment.
#[derive(Clone, Debug, PartialEq)]
pub struct AtWork {
    pub agent: AgentId,
    pub email: String,
    pub is_lead: bool,
    /// Empty: all.
    pub languages: Vec<Language>,
    pub n_open: u32,
    pub capacity: u32,
    /// Conversations that the agent has of each queue.
    pub n_open_of: Vec<(QueueName, u32)>,
    /// The last conversation came then; `None`: none yet, which counts as idle longest.
    pub idle_since: Option<Timestamp>,
}

/// `None`: nobody may take it now, or agents take it by themselves.
pub fn choose<'a>(waiting: &InLine, queue: &Queue, at_work: &'a [AtWork], now: Timestamp) -> Option<&'a AtWork> {
    match queue.assign {
        Assign::Manual => return None,
        Assign::Balanced => {}
    }
    if !queue.is_open(now) {
        return None;
    }
    at_work
        .iter()
        .filter(|agent| may_take(waiting, queue, agent))
        .min_by_key(|agent| (agent.n_open, std::cmp::Reverse(skill(queue, agent)), agent.idle_since, &agent.agent))
}

fn may_take(waiting: &InLine, queue: &Queue, agent: &AtWork) -> bool {
    let member = queue.member(&agent.email);
    let works_here = queue.members.is_empty() || member.is_some() || (waiting.for_lead && agent.is_lead);
    let n_here = agent.n_open_of.iter().find(|(name, _)| name == &queue.name).map_or(0, |(_, n)| *n);
    let has_room = agent.n_open < agent.capacity
        && member.and_then(|member| member.capacity).is_none_or(|capacity| n_here < capacity);
    let speaks = agent.languages.is_empty()
        || waiting.language.is_none_or(|language| agent.languages.iter().any(|spoken| understands(*spoken, language)));
    works_here && has_room && speaks && (!waiting.for_lead || agent.is_lead)
}

/// Who reads one Chinese script reads the other.
fn understands(spoken: Language, language: Language) -> bool {
    spoken == language || (spoken.is_chinese() && language.is_chinese())
}

fn skill(queue: &Queue, agent: &AtWork) -> u8 {
    queue.member(&agent.email).map_or(0, |member| member.skill)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::Member;
    use crate::domain::testing::at;

    fn agent(name: &str, n_open: u32) -> AtWork {
        AtWork {
            agent: AgentId::new(name),
            email: format!("{name}@shop.example"),
            is_lead: false,
            languages: vec![],
            n_open,
            capacity: 4,
            n_open_of: vec![(QueueName::new("payments"), n_open)],
            idle_since: Some(at(0)),
        }
    }

    fn member(name: &str, skill: u8, capacity: Option<u32>) -> Member {
        Member { agent: format!("{name}@shop.example"), skill, capacity }
    }

    #[test]
    fn the_fewest_open_then_the_most_skilled_then_the_idlest() {
        let mut queue = Queue::named(QueueName::new("payments"));
        queue.assign = Assign::Balanced;
        let waiting = InLine {
            conversation: ConversationId::new("c"),
            queue: queue.name.clone(),
            language: Some(Language::ZhHant),
            for_lead: false,
        };
        let check = |queue: &Queue, waiting: &InLine, agents: &[AtWork], expected: Option<&str>| {
            let chosen = choose(waiting, queue, agents, at(100)).map(|agent| agent.agent.as_str());
            assert_eq!(chosen, expected, "{agents:?}");
        };
        check(&queue, &waiting, &[agent("a", 2), agent("b", 1)], Some("b"));
        check(&queue, &waiting, &[agent("a", 4)], None); // full
        let mut idler = agent("b", 1);
        idler.idle_since = Some(at(-50));
        check(&queue, &waiting, &[agent("a", 1), idler.clone()], Some("b"));
        idler.idle_since = None;
        check(&queue, &waiting, &[agent("a", 1), idler], Some("b"));
        let mut russian = agent("r", 0);
        russian.languages = vec![Language::Ru];
        let mut simplified = agent("s", 3);
        simplified.languages = vec![Language::ZhHans];
        check(&queue, &waiting, &[russian.clone(), simplified], Some("s"));
        check(&queue, &waiting, &[russian], None);

        let mut lead = agent("l", 3);
        lead.is_lead = true;
        let escalated = InLine { for_lead: true, ..waiting.clone() };
        check(&queue, &escalated, &[agent("a", 0), lead.clone()], Some("l"));

        queue.members = vec![member("a", 2, None), member("b", 5, Some(1))];
        check(&queue, &waiting, &[agent("c", 0)], None); // no member
        check(&queue, &waiting, &[agent("a", 0), agent("b", 0)], Some("b")); // more skilled
        check(&queue, &waiting, &[agent("a", 3), agent("b", 1)], Some("a")); // b has the one that b may have here
        check(&queue, &escalated, &[lead], Some("l")); // a lead may always help
        queue.assign = Assign::Manual;
        check(&queue, &waiting, &[agent("a", 0)], None);
    }
}
