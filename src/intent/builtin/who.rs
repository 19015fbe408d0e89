//! "Are you a real person or a bot?" in more orders of words than a list of phrases can hold. Chinese asks in few, which
//! stand with the small talk.

/// Whether a text asks what answers it, and nothing else.
pub fn asked(clauses: &[Vec<&str>]) -> bool {
    let words: Vec<&str> = clauses.iter().flatten().copied().collect();
    let says = |all: &[&str]| words.iter().any(|word| all.contains(word));
    let says_pair = |all: &[[&str; 2]]| words.windows(2).any(|pair| all.iter().any(|one| one == pair));
    let names_us = says_pair(ENGLISH_US) || says(RUSSIAN_US);
    words.len() <= MAX_WORDS && names_us && says(NATURES) && words.iter().all(|word| is_part(word))
}

const MAX_WORDS: usize = 16;

fn is_part(word: &str) -> bool {
    NATURES.contains(&word) || RUSSIAN_US.contains(&word) || AROUND.contains(&word)
}

const ENGLISH_US: &[[&str; 2]] = &[
    ["are", "you"],
    ["r", "you"],
    ["r", "u"],
    ["are", "u"],
    ["you", "are"],
    ["u", "are"],
    ["is", "this"],
    ["this", "is"],
    ["am", "i"],
    ["i", "am"],
    ["i'm", "talking"],
    ["im", "talking"],
    ["you're", "a"],
    ["you", "a"],
];

const RUSSIAN_US: &[&str] =
    &["ты", "вы", "это", "говорю", "разговариваю", "общаюсь", "переписываюсь", "отвечает", "пишет", "отвечаете"];

/// What may answer.
#[rustfmt::skip]
const NATURES: &[&str] = &[
    "human", "person", "people", "bot", "robot", "chatbot", "ai", "machine", "computer", "program", "automated", "fake",
    "chatgpt", "человек", "человеком", "люди", "бот", "ботом", "робот", "роботом", "программа", "программой", "машина",
    "машиной", "ии", "нейросеть", "автоответчик", "нейросетью",
];

#[rustfmt::skip]
const AROUND: &[&str] = &[
    "are", "r", "you", "u", "you're", "is", "this", "it", "am", "i", "i'm", "im", "talking", "speaking", "chatting",
    "to", "with", "a", "an", "the", "or", "real", "actual", "actually", "really", "being", "live", "life", "alive",
    "just", "right", "now", "artificial", "intelligence", "assistant", "system", "software", "tell", "me", "please",
    "if", "whether", "wondering", "curious", "not", "hi", "hello", "hey", "so", "ok", "wait", "sorry", "some", "kind",
    "of", "sort", "here", "even", "do", "know", "mean", "answering", "writing", "replying", "responding", "there", "я",
    "с", "мне", "или", "живой", "живым", "живые", "настоящий", "настоящим", "реальный", "реальным", "сейчас", "вообще",
    "случайно", "скажите", "скажи", "подскажите", "точно", "а", "не", "тут", "здесь", "какой-то", "привет",
    "здравствуйте", "же", "ли", "просто", "кто", "обычный", "извините", "правда", "что", "меня", "там", "со", "мной",
    "какая-то", "aren't", "isn't", "arent", "isnt", "true",
];
