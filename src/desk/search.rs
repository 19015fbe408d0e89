//! Full-text search for agents: what was said becomes findable a moment later, by the product's own tokens.

use super::Desk;
use crate::answering::Answering;
use crate::store::{Cursor, Indexed, Narrow, Row, StoreError, Term, Unindexed};

/// Texts of one step: the index stays free for searches in between.
const INDEX_AT_ONCE: u32 = 200;
/// More words than anybody types; the rest of a pasted page is not looked for.
const MAX_WORDS: usize = 30;

fn indexed(turn: Unindexed) -> Indexed {
    let mut tokens = Answering::findable(&turn.text, turn.language);
    tokens.sort_unstable();
    tokens.dedup();
    Indexed { turn, tokens }
}

impl Desk {
    /// Makes what was said findable, step by step until nothing is left. Returns how many turns.
    pub async fn index_what_was_said(&self) -> Result<usize, StoreError> {
        let mut n_turns = 0;
        loop {
            let (n, is_all) = self.index_step().await?;
            n_turns += n;
            if is_all {
                return Ok(n_turns);
            }
        }
    }

    /// How many turns, and whether nothing is left. Two at once do the same work twice and no harm.
    async fn index_step(&self) -> Result<(usize, bool), StoreError> {
        let step = self.parts.store.unindexed(INDEX_AT_ONCE).await?;
        let n_turns = step.turns.len();
        if n_turns == 0 && step.is_all {
            return Ok((0, true));
        }
        let turns = step.turns;
        // A long text takes a while to cut up, and others wait for this thread.
        let indexed = tokio::task::spawn_blocking(move || turns.into_iter().map(indexed).collect::<Vec<_>>());
        let indexed = indexed.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        self.parts.store.index(indexed, step.through).await?;
        Ok((n_turns, step.is_all))
    }

    /// Conversations in which a turn has all the words, the newest such turn first. `words` as an agent types them, the last perhaps
    /// unfinished.
    pub async fn search(
        &self,
        words: &str,
        narrow: Narrow,
        limit: u32,
        after: Option<Cursor>,
    ) -> Result<Vec<Row>, StoreError> {
        // What was said a moment ago is found; only a backlog of many turns waits for the one who works it off.
        self.index_step().await?;
        let asked = Answering::asked_for(words);
        let term = |(whole, beginning): (Vec<String>, Option<String>)| Term { whole, beginning };
        let terms = asked.into_iter().take(MAX_WORDS).map(term).collect();
        self.parts.store.search(terms, narrow, limit, after).await
    }
}
