//! People judge which article was right, and what they judged calibrates the confidence.

use super::{Desk, DeskError};
use crate::bus::Hint;
use crate::domain::{ArticleId, ConversationId, Refusal, Seq, TurnId};
use crate::store::{AgentRecord, Judgement, ToJudge};

/// The newest so many judged cases calibrate; more would only cost time.
pub const MAX_JUDGED_CASES: u32 = 5_000;

impl Desk {
    /// Says which article is right for the question that the bot's turn `seq` answered or handed off; `None` for none. Judging again
    /// replaces. Agents judge what they have or had, leads and admins everything. Returns the number of the question.
    pub async fn judge(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        seq: Seq,
        right: Option<ArticleId>,
    ) -> Result<Seq, DeskError> {
        let conversation = self.read(id).await?;
        let may = agent.role.is_lead()
            || conversation.phase.agent() == Some(&agent.id)
            || self.parts.store.has_had(id, &agent.id).await?;
        if !may {
            return Err(Refusal::NotYours.into());
        }
        self.keep_judgement(self.judgement(id, agent, seq, right)?).await
    }

    /// Drawn answers that wait for a lead, who waits longest first; `limit` is 1 to 100.
    pub async fn to_judge(&self, limit: u32) -> Result<Vec<ToJudge>, DeskError> {
        Ok(self.parts.store.to_judge(self.parts.clock.now(), limit).await?)
    }

    /// Judges a drawn answer, or judges it again.
    pub async fn judge_drawn(
        &self,
        answer: &TurnId,
        lead: &AgentRecord,
        right: Option<ArticleId>,
    ) -> Result<Seq, DeskError> {
        let (id, seq) = answer.parts().ok_or(DeskError::NothingToJudge)?;
        let judgement = self.judgement(&id, lead, seq, right)?;
        self.keep_judgement(Judgement { only_drawn: true, ..judgement }).await
    }

    /// Gives what is judged by now to answering, which calibrates again when it is materially more.
    pub async fn take_up_judged_cases(&self) -> Result<(), DeskError> {
        let cases = self.parts.store.judged_cases(MAX_JUDGED_CASES).await?;
        self.parts.answering.judged(cases);
        Ok(())
    }

    fn judgement(
        &self,
        id: &ConversationId,
        agent: &AgentRecord,
        seq: Seq,
        right: Option<ArticleId>,
    ) -> Result<Judgement, DeskError> {
        let answering = &self.parts.answering;
        if let Some(article) = right.as_ref().filter(|article| !answering.knows(article)) {
            // Before the first load nothing is known, which says nothing about the article.
            return Err(match answering.health().is_ready {
                true => DeskError::BadInput(format!("article: there is no article {:?}", article.as_str())),
                false => DeskError::StillLoading,
            });
        }
        Ok(Judgement {
            conversation: id.clone(),
            seq,
            right,
            judge: agent.id.clone(),
            only_drawn: false,
            now: self.parts.clock.now(),
        })
    }

    async fn keep_judgement(&self, judgement: Judgement) -> Result<Seq, DeskError> {
        let (conversation, seq) = (judgement.conversation.clone(), judgement.seq);
        let question = self.parts.store.judge(judgement).await?.ok_or(DeskError::NothingToJudge)?;
        tracing::info!(%conversation, seq, question, "a question was judged");
        self.parts.bus.hint(Hint::Judged);
        Ok(question)
    }
}
