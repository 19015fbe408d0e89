//! Russian: asking for a person. Words are compared by their beginnings, because they are inflected.

/// People who answer customers.
const PEOPLE: &[&str] = &[
    "оператор",
    "консультант",
    "менеджер",
    "сотрудник",
    "специалист",
    "представител",
    "администратор",
    "руководител",
    "начальник",
    "старш",
    "агент",
    "человек",
    "люд",
    "живым",
    "живого",
    "живому",
    "кем-нибудь",
    "кем-то",
    "кого-нибудь",
    "поддержк",
    "техподдержк",
    "саппорт",
    "руководством",
    "опертаор",
    "опператор",
    "аператор",
    "менеджир",
    "оператр",
];
/// Of these a bare mention, or one beside "хочу", is a request already.
const ANSWERERS: &[&str] = &[
    "оператор",
    "консультант",
    "специалист",
    "менеджер",
    "человек",
    "опертаор",
    "опператор",
    "аператор",
    "менеджир",
    "оператр",
];
/// What people are asked to do.
const ACTS: &[&str] = &[
    "ответ",
    "помо",
    "позвон",
    "перезвон",
    "связал",
    "свяж",
    "подключ",
    "реши",
    "разобра",
    "разбер",
    "напис",
    "напиш",
];
const BEFORE_PERSON: &[&str] = &[
    "с",
    "со",
    "на",
    "к",
    "в",
    "мне",
    "меня",
    "нам",
    "нас",
    "пожалуйста",
    "плиз",
    "живой",
    "живого",
    "живым",
    "живому",
    "живую",
    "реальн",
    "настоящ",
    "ваш",
    "вашего",
    "вашим",
    "вашу",
    "вашей",
    "служб",
    "какого-нибудь",
    "каким-нибудь",
    "любого",
    "любым",
    "любому",
    "другого",
    "другому",
    "другим",
    "кого-нибудь",
    "кого-то",
    "кем-нибудь",
    "кем-то",
    "из",
    "сюда",
    "уже",
    "срочно",
    "быстро",
    "нормальн",
    "свободн",
    "тех",
    "технич",
    "клиентск",
    "кто-нибудь",
    "помощь",
];
/// What may follow without making another thing of it, as "связи" does of "оператор".
const AFTER_PERSON: &[&str] = &[
    "пожалуйста",
    "плиз",
    "плз",
    "пжл",
    "пж",
    "срочно",
    "сейчас",
    "а",
    "и",
    "по",
    "о",
    "об",
    "про",
    "насчет",
    "чтобы",
    "или",
    "не",
    "быстр",
    "уже",
    "мне",
    "в",
    "с",
    "кто",
    "котор",
    "здесь",
    "тут",
    "есть",
    "можно",
    "нужен",
    "поддержк",
    "магазин",
    "техподдержк",
    "служб",
    "онлайн",
    "жив",
    "реальн",
    "настоящ",
    "как",
    "если",
    "вместо",
    "на",
    "позов",
    "поговор",
    "для",
    "из",
    "у",
    "хочу",
    "ваш",
    "сюда",
    "немедленно",
    "наконец",
    "потому",
    "так",
    "где",
    "ли",
    "этим",
    "клиент",
    "свяж",
    "помо",
    "ответ",
    "напрямую",
    "лично",
    "связат",
    "пообщ",
    "созвон",
];
/// Said to us, with somebody who shall come.
const CALL: &[&str] = &[
    "позов",
    "соедин",
    "переключ",
    "перевед",
    "перевест",
    "свяж",
    "подключ",
    "вызов",
    "вызват",
    "приглас",
    "перекин",
    "дай",
    "передай",
    "найди",
    "позвать",
    "зовите",
    "зови",
    "кликн",
    "соеден",
    "соидин",
];
const TALK: &[&str] = &[
    "поговор",
    "говорить",
    "пообщ",
    "общат",
    "связат",
    "побесед",
    "переговор",
    "разговарива",
    "чат",
    "написат",
    "пиши",
    "обратит",
];
const WANT: &[&str] =
    &["хочу", "хотел", "нужен", "нужна", "нужны", "надо", "можно", "требую", "желаю", "давай", "прошу", "жду"];
const NEGATORS: &[&str] = &["не", "без", "нет", "ни", "никак"];
/// "не могу поговорить" is a complaint, not a negation: who cannot reach a person wants one.
const COMPLAINTS: &[&str] = &["мог", "получа", "удает", "дают", "дозвон"];
const BOTS: &[&str] = &[
    "бот",
    "бота",
    "ботом",
    "боту",
    "боты",
    "ботов",
    "ботами",
    "робот",
    "робота",
    "роботом",
    "роботу",
    "роботы",
    "роботов",
    "роботами",
];
const ENOUGH: &[&str] = &["хватит", "надоел", "убери", "отстань", "отключи", "достал"];
const FILLERS: &[&str] = &[
    "пожалуйста",
    "плиз",
    "плз",
    "пжл",
    "пж",
    "срочно",
    "мне",
    "меня",
    "хочу",
    "нужен",
    "нужна",
    "можно",
    "на",
    "с",
    "к",
    "живой",
    "живого",
    "живым",
    "живому",
    "реальн",
    "настоящ",
    "ваш",
    "сейчас",
    "есть",
    "здесь",
    "тут",
    "привет",
    "здравствуйте",
    "добрый",
    "день",
    "а",
    "ну",
    "да",
    "поддержк",
    "техподдержк",
    "ответ",
    "связь",
    "в",
    "студию",
    "ау",
    "где",
    "эй",
    "алло",
    "сюда",
    "позов",
    "дай",
    "просто",
    "ли",
    "бы",
];
/// Beside "перезвоните".
const POLITE: &[&str] = &[
    "мне",
    "нам",
    "пожалуйста",
    "плиз",
    "хочу",
    "срочно",
    "сейчас",
    "прошу",
    "а",
    "и",
    "можете",
    "вы",
    "лучше",
    "просто",
];
const MAX_GAP: usize = 4;

/// Whether any clause asks for a person.
pub fn wanted(clauses: &[Vec<&str>]) -> bool {
    let asks = |words: &Vec<&str>| {
        is_bare(words) || calls_back(words) || is_asked_for(words) || asks_whether_alive(words) || refuses_bots(words)
    };
    clauses.iter().any(asks)
}

/// "перезвоните мне", and nothing else: "позвоните мне за час" is for the courier.
fn calls_back(words: &[&str]) -> bool {
    let rest: Vec<&str> = words.iter().filter(|word| !POLITE.contains(word)).copied().collect();
    matches!(rest[..], ["перезвоните" | "перезвони" | "позвоните"] | ["чтобы", "перезвонили" | "позвонили"])
        || matches!(rest[..], ["пусть", "перезвонят" | "позвонят"])
}

/// "оператора, пожалуйста", "живой человек есть".
fn is_bare(words: &[&str]) -> bool {
    words.len() <= 8
        && words.iter().any(|word| begins(word, ANSWERERS))
        && words.iter().all(|word| begins(word, FILLERS) || begins(word, ANSWERERS))
}

fn is_asked_for(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        let (word, rest) = (words[at], &words[at + 1..]);
        let asked = begins(word, CALL) && (is_person(rest) || stands_before(words, at))
            || begins(word, TALK) && matches!(rest.first(), Some(&("с" | "со" | "к" | "ли"))) && is_person(rest)
            || begins(word, WANT) && is_answerer(rest)
            || matches!(word, "с" | "со") && is_answerer(rest) && rest.iter().take(3).any(|after| begins(after, TALK));
        (asked || shall_act(word, rest)) && !is_negated(&words[..at])
    })
}

/// "чтобы ответил человек", "пусть мне перезвонит менеджер".
fn shall_act(verb: &str, rest: &[&str]) -> bool {
    let near = &rest[..rest.len().min(MAX_GAP)];
    matches!(verb, "чтобы" | "чтоб" | "пусть")
        && near.iter().any(|word| begins(word, ANSWERERS))
        && near.iter().any(|word| begins(word, ACTS))
}

/// "менеджера позовите".
fn stands_before(words: &[&str], verb: usize) -> bool {
    verb > 0 && begins(words[verb - 1], PEOPLE)
}

/// "есть кто живой", "тут есть живые люди", "есть кто-нибудь".
fn asks_whether_alive(words: &[&str]) -> bool {
    if words.len() > 6 || words.iter().any(|word| NEGATORS.contains(word)) {
        return false;
    }
    let says = |beginnings: &[&str]| words.iter().any(|word| begins(word, beginnings));
    let somebody =
        matches!(words, ["есть", "кто" | "кто-нибудь" | "кто-то"] | ["кто-нибудь" | "кто", "есть" | "тут" | "здесь"])
            || matches!(words, ["есть" | "тут" | "здесь", "тут" | "здесь" | "есть", "кто" | "кто-нибудь" | "люди"]);
    let somebody = somebody || matches!(words, ["есть", "живые" | "живой"] | ["живые" | "живой", "есть"]);
    let alive = says(&["живой", "живые", "живая", "живого", "живых"])
        && says(&["человек", "люд", "оператор", "кто", "кто-нибудь", "кого"]);
    somebody || alive && !says(&["ты", "вы"])
}

/// "не хочу общаться с ботом", "хватит ботов"; not "не работает робот-пылесос".
fn refuses_bots(words: &[&str]) -> bool {
    let Some(bot) = words.iter().position(|word| BOTS.contains(word)) else { return false };
    let refuses =
        |pair: &[&str]| pair[0] == "не" && begins(pair[1], &["хочу", "буду", "надо", "нужен", "нужно", "желаю"]);
    words.len() <= 8 && (words[..bot].windows(2).any(refuses) || words[..bot].iter().any(|word| begins(word, ENOUGH)))
}

/// The noun within a few words, after prepositions and adjectives only.
fn is_person(words: &[&str]) -> bool {
    find(words, PEOPLE)
}

fn is_answerer(words: &[&str]) -> bool {
    find(words, ANSWERERS)
}

fn find(words: &[&str], nouns: &[&str]) -> bool {
    for at in 0..words.len().min(MAX_GAP + 1) {
        let ends = words.get(at + 1).is_none_or(|next| begins(next, AFTER_PERSON) || begins(next, nouns));
        if begins(words[at], nouns) && ends {
            return true;
        }
        if !begins(words[at], BEFORE_PERSON) {
            return false;
        }
    }
    false
}

fn is_negated(before: &[&str]) -> bool {
    let near = &before[before.len().saturating_sub(2)..];
    near.iter().any(|word| NEGATORS.contains(word)) && !near.iter().any(|word| begins(word, COMPLAINTS))
}

/// Short words must be the whole word: "на" is not the beginning of "назад".
fn begins(word: &str, beginnings: &[&str]) -> bool {
    const SHORT: usize = 3;
    beginnings.iter().any(|b| {
        if b.chars().count() <= SHORT && !matches!(*b, "люд" | "дай" | "жив" | "мог" | "чат") {
            word == *b
        } else {
            word.starts_with(b)
        }
    })
}
