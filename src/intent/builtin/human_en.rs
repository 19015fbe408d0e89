//! English: asking for a person. A noun for people counts only where it is asked for, not where it is talked about.

/// People who answer customers.
const NOUNS: &[&str] = &[
    "human",
    "humans",
    "person",
    "people",
    "agent",
    "agents",
    "operator",
    "operators",
    "representative",
    "representatives",
    "rep",
    "reps",
    "advisor",
    "adviser",
    "consultant",
    "specialist",
    "manager",
    "supervisor",
    "staff",
    "employee",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "colleague",
    "csr",
];
/// A team that stands for its people.
const TEAMS: &[[&str; 2]] = &[
    ["customer", "service"],
    ["customer", "support"],
    ["customer", "care"],
    ["support", "team"],
    ["service", "team"],
    ["live", "chat"],
    ["live", "support"],
    ["human", "support"],
    ["human", "assistance"],
    ["human", "help"],
    ["tech", "support"],
    ["technical", "support"],
    ["sales", "team"],
    ["help", "desk"],
];
const BEFORE_NOUN: &[&str] = &[
    "a",
    "an",
    "the",
    "some",
    "any",
    "one",
    "your",
    "real",
    "live",
    "living",
    "actual",
    "human",
    "genuine",
    "proper",
    "another",
    "different",
    "support",
    "service",
    "customer",
    "sales",
    "of",
    "in",
    "from",
    "real-life",
    "fucking",
    "damn",
    "bloody",
    "other",
];
/// What may follow the noun without making another thing of it, as "manual" does of "operator".
const AFTER_NOUN: &[&str] = &[
    "please",
    "pls",
    "plz",
    "now",
    "to",
    "who",
    "for",
    "here",
    "there",
    "help",
    "asap",
    "immediately",
    "instead",
    "right",
    "today",
    "about",
    "regarding",
    "because",
    "not",
    "and",
    "or",
    "on",
    "in",
    "with",
    "thanks",
    "thank",
    "that",
    "i",
    "from",
    "at",
    "available",
    "online",
    "again",
    "so",
    "urgently",
    "since",
    "but",
    "can",
    "could",
    "is",
    "this",
    "as",
    "if",
    "directly",
    "real",
    "live",
    "being",
    "beings",
    "agent",
    "operator",
    "person",
    "representative",
    "rep",
    "support",
    "assistant",
    "then",
    "soon",
    "quickly",
    "immediatly",
    "instead",
    "you",
    "my",
    "concerning",
    "around",
    "working",
    "alive",
    "human",
    "else",
    "over",
    "by",
    "team",
];
/// Said with "to" or "with" and a person.
const TALK: &[&str] =
    &["talk", "speak", "chat", "speaking", "talking", "chatting", "communicate", "connect", "escalate"];
/// Said with "me" and a person.
const MOVE: &[&str] = &[
    "connect", "transfer", "put", "pass", "hand", "forward", "redirect", "switch", "escalate", "get", "give", "bring",
    "call", "let", "link", "direct", "route",
];
const WANT: &[&str] =
    &["want", "need", "demand", "prefer", "require", "wanna", "gimme", "get", "summon", "call", "help"];
const NEGATORS: &[&str] =
    &["not", "don't", "dont", "never", "without", "no", "didn't", "doesn't", "instead", "than", "avoid"];
const BOTS: &[&str] = &["bot", "bots", "robot", "robots", "chatbot", "chatbots"];
const AGAINST: &[&str] = &["no", "not", "hate", "don't", "dont", "enough", "sick", "without"];
const BEFORE_BOT: &[&str] = &[
    "a", "the", "this", "these", "stupid", "useless", "any", "more", "of", "with", "to", "by", "want", "need", "like",
    "talk", "talking", "speak", "speaking", "chat", "chatting", "your",
];
const ACTS: &[&str] = &[
    "help",
    "answer",
    "assist",
    "talk",
    "speak",
    "take",
    "handle",
    "look",
    "reply",
    "respond",
    "contact",
    "call",
    "check",
    "review",
    "explain",
    "chat",
    "join",
    "intervene",
];
/// With these and a noun, and nothing else, a text asks for a person.
const FILLERS: &[&str] = &[
    "please",
    "pls",
    "plz",
    "hi",
    "hello",
    "hey",
    "now",
    "a",
    "an",
    "the",
    "real",
    "live",
    "living",
    "actual",
    "some",
    "any",
    "me",
    "i",
    "to",
    "just",
    "ok",
    "okay",
    "yes",
    "want",
    "wanna",
    "need",
    "get",
    "talk",
    "speak",
    "with",
    "can",
    "could",
    "you",
    "would",
    "like",
    "being",
    "beings",
    "asap",
    "help",
    "here",
    "there",
    "is",
    "from",
    "customer",
    "support",
    "service",
    "my",
    "your",
    "chat",
    "contact",
    "call",
    "so",
    "then",
    "right",
    "immediately",
];
const MAX_GAP: usize = 4;

/// Whether any clause asks for a person. Words of other scripts are passed over.
pub fn wanted<'t>(clauses: &[Vec<&'t str>]) -> bool {
    let latin = |words: &Vec<&'t str>| words.iter().copied().filter(|word| word.is_ascii()).collect();
    let clauses: Vec<Vec<&'t str>> = clauses.iter().map(latin).collect();
    clauses.iter().any(|words| is_bare(words) || is_asked_for(words) || refuses_bots(words))
        && !clauses.iter().any(|words| asks_who_this_is(words))
}

/// "operator please", "real human being", "live chat".
fn is_bare(words: &[&str]) -> bool {
    // "someone", "people" alone say nothing.
    let strong = |word: &&str| NOUNS[..14].contains(word) && *word != "people";
    let names_team = words.windows(2).any(is_team) && words.len() <= 4;
    (words.iter().any(strong) || names_team)
        && words.iter().all(|word| FILLERS.contains(word) || NOUNS.contains(word))
        && words.len() <= 10
}

fn is_team(pair: &[&str]) -> bool {
    TEAMS.iter().any(|team| team == pair)
}

fn is_asked_for(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let (before, rest) = (&words[..at], &words[at + 1..]);
        let asked = talks_to(before, words[at], rest)
            || moves_to(words[at], rest)
            || wants(before, words[at], rest)
            || is_there(words[at], rest)
            || may_act(words[at], rest);
        asked && !is_negated(before)
    })
}

/// "talk to a human", "speak directly with someone real", "to be connected to an agent".
fn talks_to(before: &[&str], verb: &str, rest: &[&str]) -> bool {
    let to = |word: &&str| matches!(*word, "to" | "with");
    let is_moved = matches!(verb, "connected" | "transferred") && matches!(before.last(), Some(&("be" | "get")));
    (TALK.contains(&verb) || is_moved)
        && match rest.iter().take(3).position(to) {
            Some(to) => begins_with_person(&rest[to + 1..]),
            None => begins_with_person(rest),
        }
}

/// "transfer me to a representative", "get me a person", "put us through to an operator". A thing is sent to people of
/// all kinds; only with those who answer customers is it this conversation.
fn moves_to(verb: &str, rest: &[&str]) -> bool {
    let says = |whom: &[&str]| rest.iter().take(2).any(|word| whom.contains(word));
    let person = (1..rest.len().min(MAX_GAP + 1)).find_map(|at| Some(rest[at + noun_at(&rest[at..])?]));
    MOVE.contains(&verb)
        && person.is_some_and(|noun| {
            says(&["me", "us", "through"]) || says(&["this", "it", "chat", "conversation"]) && !is_anyone(noun)
        })
}

/// "i need a human", "want someone real", "could i have a person". A bare "someone" must be needed for help or words.
fn wants(before: &[&str], verb: &str, rest: &[&str]) -> bool {
    let may_have = verb == "have" && matches!(before, [.., "can" | "could" | "may", "i"]);
    let would_like = verb == "like" && matches!(before.last(), Some(&("would" | "i'd" | "id")));
    let rest = if let ("help", ["from", person @ ..]) = (verb, rest) { person } else { rest };
    let is_clear = match rest {
        ["someone" | "somebody" | "anyone" | "anybody" | "people", "real" | "human" | "live" | "alive", ..] => true,
        ["someone" | "somebody" | "anyone" | "anybody" | "people", "to", act, ..] => {
            TALK.contains(act) || *act == "call"
        }
        [first, ..] => !is_vague(first),
        [] => false,
    };
    (WANT.contains(&verb) || may_have || would_like) && is_clear && begins_with_person(rest)
}

/// "is there a human i can talk to", "are there any agents online", "is anyone there".
fn is_there(verb: &str, rest: &[&str]) -> bool {
    if !matches!(verb, "is" | "are" | "anyone" | "anybody") {
        return false;
    }
    match rest {
        ["there", person @ ..] if matches!(verb, "is" | "are") => {
            begins_with_person(person) && !person.contains(&"who") && !person.contains(&"for")
        }
        ["anyone" | "anybody" | "someone" | "somebody", "there" | "here" | "alive" | "real" | "online"] => true,
        ["there" | "here" | "alive" | "real" | "online"] => matches!(verb, "anyone" | "anybody"),
        _ => false,
    }
}

/// "can a person help me", "let a human answer".
fn may_act(verb: &str, rest: &[&str]) -> bool {
    let Some(noun) = noun_at(rest) else { return false };
    matches!(verb, "can" | "could" | "let" | "have" | "may" | "would" | "will")
        && !is_vague(rest[noun])
        && rest.get(noun + 1).is_some_and(|act| ACTS.contains(act))
}

/// "no more bots please", "i don't want to talk to a robot"; not "my robot does not charge".
fn refuses_bots(words: &[&str]) -> bool {
    let Some(bot) = words.iter().position(|word| BOTS.contains(word)) else { return false };
    let between = words[..bot].iter().rev().take_while(|word| BEFORE_BOT.contains(word)).count();
    let against = words[..bot - between].last().is_some_and(|word| AGAINST.contains(word));
    against && words.get(bot + 1).is_none_or(|next| AFTER_NOUN.contains(next))
}

/// "am i talking to a person or a machine": asked about us, not for somebody else.
fn asks_who_this_is(words: &[&str]) -> bool {
    matches!(words, ["am", "i", "talking" | "speaking" | "chatting", ..])
        || matches!(words, ["are", "you", ..] if words.len() <= 6)
}

fn is_vague(noun: &str) -> bool {
    matches!(noun, "someone" | "somebody" | "anyone" | "anybody" | "people")
}

/// A word for any human being, not for those who answer customers.
fn is_anyone(noun: &str) -> bool {
    is_vague(noun) || matches!(noun, "person" | "employee" | "colleague" | "human" | "humans")
}

fn begins_with_person(words: &[&str]) -> bool {
    noun_at(words).is_some()
}

/// The place of the noun that the words begin with, after articles and adjectives.
fn noun_at(words: &[&str]) -> Option<usize> {
    let ends = |at: usize| words.get(at + 1).is_none_or(|next| AFTER_NOUN.contains(next) || ACTS.contains(next));
    for at in 0..words.len().min(MAX_GAP) {
        if NOUNS.contains(&words[at]) && ends(at) {
            return Some(at);
        }
        if words.get(at..at + 2).is_some_and(is_team) && ends(at + 1) {
            return Some(at + 1);
        }
        if !BEFORE_NOUN.contains(&words[at]) {
            return None;
        }
    }
    None
}

/// "do i need to speak to an agent" asks whether; "can't" and "cannot" are complaints, not negations: who cannot reach a person wants one.
fn is_negated(before: &[&str]) -> bool {
    let near = &before[before.len().saturating_sub(MAX_GAP)..];
    near.iter().any(|word| NEGATORS.contains(word)) || matches!(near, [.., "do", "i", "need" | "have", "to"])
}
