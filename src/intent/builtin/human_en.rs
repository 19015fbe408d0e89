//! English: asking for a person. A noun for people counts only where it is asked for, not where it is talked about.

/// People who answer customers: a bare mention asks for one.
const ANSWERERS: &[&str] = &[
    "human",
    "humans",
    "person",
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
    "operater",
    "representitive",
    "represenative",
    "reprsentative",
    "agnet",
    "humen",
    "persn",
];
/// People who may be asked for as well; alone these say nothing.
const OTHERS: &[&str] = &[
    "people",
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
    "sombody",
    "somone",
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
    ["costumer", "service"],
    ["costumer", "support"],
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
/// How a person is asked to come back to us.
const CALL_BACK: &[&str] = &["call", "phone", "ring", "contact"];
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
/// Somebody who will not talk to one means us; who does not want one may mean a coffee machine.
const MACHINES: &[&str] = &["machine", "machines", "computer", "ai", "program"];
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
/// Beside "call me back".
const POLITE: &[&str] = &[
    "please", "pls", "plz", "can", "could", "you", "would", "someone", "somebody", "just", "now", "asap", "i", "a",
    "the", "then", "hi", "hello", "ok", "to", "get", "so",
];
const MAX_GAP: usize = 4;

/// Whether any clause asks for a person. Words of other scripts are passed over.
pub fn wanted<'t>(clauses: &[Vec<&'t str>]) -> bool {
    let latin = |words: &Vec<&'t str>| words.iter().copied().filter(|word| word.is_ascii()).collect();
    let clauses: Vec<Vec<&'t str>> = clauses.iter().map(latin).collect();
    clauses.iter().any(|words| is_bare(words) || is_asked_for(words) || calls_back(words) || refuses_bots(words))
        && !clauses.iter().any(|words| asks_who_this_is(words))
}

/// "operator please", "real human being", "live chat".
fn is_bare(words: &[&str]) -> bool {
    let names_team = words.windows(2).any(is_team) && words.len() <= 4;
    (words.iter().any(|word| ANSWERERS.contains(word)) || names_team)
        && words.iter().all(|word| FILLERS.contains(word) || is_noun(word))
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
            || may_act(words[at], rest)
            || reaches(words[at], rest);
        asked && !is_negated(before)
    })
}

/// "talk to a human", "speak directly with someone real", "to be connected to an agent".
fn talks_to(before: &[&str], verb: &str, rest: &[&str]) -> bool {
    let to = |word: &&str| matches!(*word, "to" | "with" | "2" | "w");
    let is_moved = matches!(verb, "connected" | "transferred") && matches!(before.last(), Some(&("be" | "get")));
    // One deals and has words with all kinds of people.
    let deals = matches!(verb, "deal" | "word") && rest.first() == Some(&"with");
    let is_clear = deals && rest[1..].iter().take(MAX_GAP).any(|word| is_noun(word) && !is_vague(word));
    (TALK.contains(&verb) || is_moved || is_clear)
        && match rest.iter().take(3).position(to) {
            Some(to) => begins_with_person(&rest[to + 1..]) || is_team_alone(&rest[to + 1..]),
            None => begins_with_person(rest),
        }
}

/// "let me talk to support"; "support" has too many meanings anywhere else.
fn is_team_alone(words: &[&str]) -> bool {
    matches!(
        words,
        ["support" | "management" | "sales"] | ["support" | "management" | "sales", "please" | "pls" | "now"]
    )
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
    let rest = match (verb, rest) {
        ("help", ["from", person @ ..])
        | (_, ["help" | "callback" | "reply" | "answer" | "response" | "assistance", "from", person @ ..])
        | (_, ["a", "call" | "callback" | "reply" | "answer" | "response", "from", person @ ..])
        | (_, ["a", "call", "back", "from", person @ ..]) => person,
        (_, rest) => rest,
    };
    let is_clear = match rest {
        [
            "someone" | "somebody" | "sombody" | "anyone" | "anybody" | "people",
            "real" | "human" | "live" | "alive",
            ..,
        ] => true,
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
    if !matches!(verb, "is" | "are" | "any" | "anyone" | "anybody") {
        return false;
    }
    match rest {
        ["humans" | "human" | "agents" | "agent" | "people", "here" | "there" | "around" | "available" | "online"] => {
            matches!(verb, "any" | "are")
        }
        ["there", person @ ..] if matches!(verb, "is" | "are") => {
            begins_with_person(person) && !person.contains(&"who") && !person.contains(&"for")
        }
        ["anyone" | "anybody" | "someone" | "somebody", "there" | "here" | "alive" | "real" | "online"] => true,
        ["there" | "here" | "alive" | "real" | "online"] => matches!(verb, "anyone" | "anybody"),
        _ => false,
    }
}

/// "can a person help me", "let a human answer", "could someone from your team call me".
fn may_act(verb: &str, rest: &[&str]) -> bool {
    let Some(noun) = noun_at(rest) else { return false };
    let calls_me = |pair: &[&str]| CALL_BACK.contains(&pair[0]) && matches!(pair[1], "me" | "us");
    let acts = rest.get(noun + 1).is_some_and(|act| ACTS.contains(act)) && !is_vague(rest[noun]);
    matches!(verb, "can" | "could" | "let" | "have" | "may" | "would" | "will" | "must")
        && (acts || rest[noun..].iter().take(MAX_GAP + 3).copied().collect::<Vec<_>>().windows(2).any(calls_me))
}

/// "how can i contact a human being", "where do i find a real agent", "do you have any humans there"; how to contact a
/// team is a question with an answer.
fn reaches(verb: &str, rest: &[&str]) -> bool {
    let is_one = |noun: &str| matches!(noun, "human" | "person" | "agent" | "operator" | "representative" | "rep");
    let Some(at) = noun_at(rest) else { return false };
    let is_flesh = rest[..=at].iter().any(|word| matches!(*word, "human" | "humans" | "real" | "live" | "actual"));
    match verb {
        "contact" | "reach" => rest[0] != "from" && at > 0 && is_one(rest[at]),
        "find" | "have" => is_flesh,
        _ => false,
    }
}

/// "call me back please", and nothing else: "call me when it ships" is for the courier.
fn calls_back(words: &[&str]) -> bool {
    let rest: Vec<&str> = words.iter().filter(|word| !POLITE.contains(word)).copied().collect();
    matches!(rest[..], ["call" | "phone" | "ring", "me" | "us"] | ["call" | "phone" | "ring", "me" | "us", "back"])
        || matches!(rest[..], ["want" | "need" | "request", "callback"] | ["want" | "need" | "request", "call", "back"])
}

/// "no more bots please", "i don't want to talk to a robot"; not "my robot does not charge".
fn refuses_bots(words: &[&str]) -> bool {
    let is_bot = |word: &&str| BOTS.contains(word) || MACHINES.contains(word);
    let Some(bot) = words.iter().position(is_bot) else { return false };
    let between = words[..bot].iter().rev().take_while(|word| BEFORE_BOT.contains(word)).count();
    let talks = words[bot - between..bot].iter().any(|word| TALK.contains(word));
    if MACHINES.contains(&words[bot]) && !talks {
        return false;
    }
    let against = words[..bot - between].last().is_some_and(|word| AGAINST.contains(word));
    against && words.get(bot + 1).is_none_or(|next| AFTER_NOUN.contains(next))
}

/// "am i talking to a person or a machine": asked about us, not for somebody else.
fn asks_who_this_is(words: &[&str]) -> bool {
    matches!(words, ["am", "i", "talking" | "speaking" | "chatting", ..])
        || matches!(words, ["are", "you", ..] if words.len() <= 6)
}

fn is_noun(word: &str) -> bool {
    ANSWERERS.contains(&word) || OTHERS.contains(&word)
}

fn is_vague(noun: &str) -> bool {
    matches!(noun, "someone" | "somebody" | "sombody" | "somone" | "anyone" | "anybody" | "people")
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
        if is_noun(words[at]) && ends(at) {
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
