//! Gathers what a brief is made of. Composing it is the domain's.

use super::{Desk, DeskError};
use crate::domain::brief::{self, BriefParts, PastConversation, SuggestedReply};
use crate::domain::decision::SURE_ENOUGH;
use crate::domain::{ArticleId, Brief, Conversation, QueueName, Reason, Seq, Speaker, Trace, Turn};

/// Turns that are read for it, the latest.
const TRANSCRIPT: u32 = 200;
const MAX_PAST: u32 = 5;
const MAX_SUGGESTED: usize = 3;

impl Desk {
    pub(super) async fn brief(
        &self,
        conversation: &Conversation,
        reason: Reason,
        queue: QueueName,
        trace: Option<Trace>,
    ) -> Result<Brief, DeskError> {
        let store = &self.parts.store;
        let since = conversation.version.saturating_sub(u64::from(TRANSCRIPT));
        let turns = store.turns(&conversation.id, since, TRANSCRIPT).await?.turns;
        let page = store.page(&conversation.id).await?;
        let traces = store.traces(&conversation.id).await?;
        let asides = asides(&turns, &traces, trace.as_ref());
        // A tap, a button or "a person, please" says nothing about the topic; the last question's trace does.
        let is_about = |trace: &Trace| trace.is_of_question() && !trace.candidates.is_empty();
        let asked = trace.clone().filter(is_about);
        let asked =
            asked.or_else(|| traces.iter().rev().map(|(_, trace)| trace).find(|trace| is_about(trace)).cloned());
        let trace = asked.or(trace).or_else(|| traces.last().map(|(_, trace)| trace.clone()));
        let profile = store.profile(&conversation.customer).await?;
        let past = store.past_of(&conversation.id, MAX_PAST).await?;
        let parts = BriefParts {
            reason,
            queue,
            turns: &turns,
            asides,
            plan: self.case_plan(conversation, reason, trace.as_ref()),
            suggested: self.suggested(conversation, trace.as_ref()),
            trace,
            page,
            details: store.details(&conversation.id).await?,
            customer: profile,
            past: past
                .into_iter()
                .map(|past| PastConversation { id: past.id, at: past.at, need: past.need, rating: past.rating })
                .collect(),
            now: self.parts.clock.now(),
        };
        Ok(brief::compose(conversation, parts))
    }

    /// Of what the conversation is about: the likeliest article where the last question was not understood, else the last answer.
    fn case_plan(&self, conversation: &Conversation, reason: Reason, trace: Option<&Trace>) -> Option<String> {
        let language = conversation.language.unwrap_or(self.parts.settings.default_language);
        let answered = conversation.last_answer.as_ref().map(|answer| answer.article.clone());
        let likeliest = trace.and_then(|trace| trace.candidates.first()).filter(|c| c.confidence >= SURE_ENOUGH);
        let likeliest = likeliest.map(|c| c.article.clone());
        let article = if reason == Reason::NotUnderstood { likeliest } else { answered.or(likeliest) }?;
        self.parts.answering.article(&article, language, conversation.channel.kind())?.plan.clone()
    }

    /// What the likeliest articles say, in the customer's language; not what the customer was told already.
    fn suggested(&self, conversation: &Conversation, trace: Option<&Trace>) -> Vec<SuggestedReply> {
        let language = conversation.language.unwrap_or(self.parts.settings.default_language);
        let told = conversation.last_answer.as_ref().map(|answer| &answer.article);
        let likely = trace.iter().flat_map(|trace| &trace.candidates).map(|candidate| &candidate.article);
        let find = |id: &ArticleId| self.parts.answering.article(id, language, conversation.channel.kind());
        let found = likely.filter(|id| Some(*id) != told).filter_map(find).take(MAX_SUGGESTED);
        found
            .map(|article| SuggestedReply {
                article: article.id.clone(),
                title: article.title.clone(),
                text: article.text.clone(),
            })
            .collect()
    }
}

/// What customers said that the bot took for no question. A trace is of all that was said since the one before; `now` is of the rest.
fn asides(turns: &[Turn], traces: &[(Seq, Trace)], now: Option<&Trace>) -> Vec<Seq> {
    let trace_of = |turn: &Turn| traces.iter().find(|(seq, _)| *seq > turn.seq).map(|(_, trace)| trace).or(now);
    let said = turns.iter().filter(|turn| turn.by == Speaker::Customer);
    said.filter(|turn| trace_of(turn).is_some_and(|trace| !trace.is_of_question())).map(|turn| turn.seq).collect()
}
