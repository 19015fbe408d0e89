//! Which words ask, which only lead to a question, and which speak of what was named before.

use super::is_han;

/// Whether a piece is a question without its mark.
pub(super) fn asks(text: &str) -> bool {
    let words = words(text);
    let polite = words.iter().take_while(|word| BEFORE_QUESTION.contains(&word.as_str())).count();
    let words = &words[polite..];
    let opens = match words {
        [first, second, ..] if matches!(first.as_str(), "do" | "have" | "has" | "had") => {
            matches!(second.as_str(), "i" | "you" | "we" | "they" | "he" | "she" | "it" | "your" | "the" | "my" | "any")
        }
        [first, ..] => OPENERS.contains(&first.as_str()),
        [] => false,
    };
    let says = |phrase: &&str| holds(words, phrase);
    opens || ASKING.iter().any(says) || HAN_ASKING.iter().any(|word| text.contains(word))
}

/// A question that wants no article.
pub(super) fn is_courtesy(text: &str) -> bool {
    let words = words(text);
    let polite = words.iter().take_while(|word| BEFORE_QUESTION.contains(&word.as_str())).count();
    let bare: String = text.chars().filter(|c| is_han(*c)).collect();
    COURTESIES.contains(&words[polite..].join(" ").as_str()) || HAN_COURTESIES.contains(&bare.as_str())
}

/// Whether somebody says what they want or lack.
pub(super) fn requests(text: &str) -> bool {
    let words = words(text);
    REQUESTS.iter().any(|phrase| holds(&words, phrase)) || HAN_REQUESTS.iter().any(|phrase| text.contains(phrase))
}

/// Whether it speaks of something that was named before.
pub(super) fn refers_back(text: &str) -> bool {
    let words = words(text);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| holds(&words, phrase));
    let all = words.join(" ") + " ";
    says(REFERENCES) && !says(EMPTY_REFERENCES)
        || is_vague(text, &words)
        || BEGIN_WITH_REFERENCE.iter().any(|phrase| all.starts_with(&format!("{phrase} ")))
        || HAN_REFERENCES.iter().any(|word| text.contains(word))
        || HAN_BEGIN_WITH_REFERENCE.iter().any(|word| text.starts_with(word))
}

/// "What is going on?" is about what was said before, and finds nothing by itself.
fn is_vague(text: &str, words: &[String]) -> bool {
    const MORE_WORDS: usize = 2;
    const MORE_HAN: usize = 3;
    let n_han = text.chars().filter(|c| is_han(*c)).count();
    let fits = |phrase: &&str| holds(words, phrase) && words.len() <= phrase.split(' ').count() + MORE_WORDS;
    let fits_han = |phrase: &&str| text.contains(*phrase) && n_han <= phrase.chars().count() + MORE_HAN;
    VAGUE.iter().any(fits) || HAN_VAGUE.iter().any(fits_han)
}

/// The same question in other words is no other question.
pub(super) fn says_the_same(a: &str, b: &str) -> bool {
    let units = |text: &str| -> Vec<String> {
        let han: Vec<char> = text.chars().filter(|c| is_han(*c)).collect();
        let pairs = han.windows(2).map(|pair| pair.iter().collect());
        words(text).into_iter().filter(|word| word.chars().count() > 2).chain(pairs).collect()
    };
    let (a, b) = (units(a), units(b));
    let n_shared = b.iter().filter(|unit| a.contains(unit)).count();
    n_shared * 3 >= b.len() * 2
}

/// Without marks and Chinese, in lower case, with е for ё.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('ё', "е").replace('’', "'");
    let is_part = |c: char| c.is_alphanumeric() && !is_han(c) || c == '\'' || c == '-';
    lower.split(|c| !is_part(c)).filter(|word| word.chars().any(char::is_alphanumeric)).map(str::to_owned).collect()
}

fn holds(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window.iter().zip(&phrase).all(|(word, expected)| word == expected))
}

/// Courtesies before a question.
#[rustfmt::skip]
const BEFORE_QUESTION: &[&str] = &[
    "hi", "hello", "hey", "please", "ok", "okay", "so", "and", "but", "well", "good", "morning", "evening", "afternoon",
    "excuse", "me", "sorry", "thanks", "first", "firstly", "then", "just", "also", "there", "здравствуйте", "привет",
    "добрый", "день", "вечер", "доброе", "утро", "подскажите", "скажите", "пожалуйста", "а", "и", "ну", "но", "еще",
    "так", "вот", "извините",
];

#[rustfmt::skip]
const OPENERS: &[&str] = &[
    "what", "what's", "whats", "where", "where's", "wheres", "when", "when's", "why", "who", "whose", "which", "how",
    "how's", "can", "could", "does", "did", "is", "are", "was", "were", "will", "would", "should", "may", "am", "isn't",
    "aren't", "doesn't", "don't you", "can't", "won't", "где", "когда", "как", "сколько", "почему", "зачем", "куда",
    "откуда", "кто", "чем", "какой", "какая", "какие", "какое", "каким", "каких", "какую", "что", "можно", "могу",
    "нельзя", "есть", "нужно", "нужен", "нужна", "надо", "возможно", "будет", "чей", "можете",
];

/// They ask wherever they stand.
#[rustfmt::skip]
const ASKING: &[&str] = &[
    "how do i", "how can i", "how to", "how much", "how long", "how many", "can i", "could i", "do i", "do you",
    "can you", "could you", "what is", "what are", "where is", "where are", "when will", "when is", "is there",
    "are there", "i want to know", "i would like to know", "i'd like to know", "wondering if", "wondering how",
    "wondering when", "ли", "как", "где", "когда", "сколько", "почему", "куда", "какой", "какие", "какая", "можно",
    "что делать", "хочу узнать", "хотел узнать", "хотела узнать",
];

/// What people want or lack.
#[rustfmt::skip]
const REQUESTS: &[&str] = &[
    "i want", "i need", "i'd like", "i would like", "please", "i have to", "i can't", "i cannot", "cancel", "change",
    "tell me", "send me", "help me", "is late", "are late", "broken", "missing", "lost", "damaged", "wrong",
    "doesn't work", "not working", "hasn't arrived", "hasn't come", "didn't arrive", "didn't get", "not received",
    "haven't received", "haven't got", "хочу", "нужно", "нужен", "нужна", "надо", "не могу", "не получается", "прошу",
    "помогите", "отмените", "верните", "пришлите", "измените", "не приходит", "не работает", "не пришел",
];

#[rustfmt::skip]
const HAN_REQUESTS: &[&str] = &[
    "我要", "我想", "帮我", "幫我", "请帮", "請幫", "麻烦", "麻煩", "我需要", "想要", "没收到", "沒收到", "收不到",
    "不能", "不了", "想问", "想問", "想改", "想换", "想換", "想退",
];

#[rustfmt::skip]
const HAN_ASKING: &[&str] = &[
    "吗", "嗎", "怎么", "怎麼", "怎样", "怎樣", "如何", "什么", "什麼", "甚麼", "多少", "多久", "多长", "多長", "多大",
    "几", "幾", "哪", "谁", "誰", "为什么", "為什麼", "为何", "為何", "能不能", "可不可以", "可否", "能否", "是否",
    "是不是", "有没有", "有沒有", "要不要", "会不会", "會不會", "行不行", "啥", "咋", "呢", "何时", "何時", "幹嘛",
];

/// They speak of something named before.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "it", "its", "it's", "that", "that's", "they", "them", "this", "those", "these", "then", "there", "one", "ones",
    "he", "she", "him", "her", "instead", "otherwise", "else", "его", "ее", "их", "он", "она", "оно", "они", "ему",
    "ей", "им", "ним", "ней", "нем", "нее", "него", "них", "это", "этого", "этот", "эту", "этой", "этом", "этим",
    "тогда", "там", "туда", "такой", "такую",
];

/// Questions that need the one before them.
#[rustfmt::skip]
const VAGUE: &[&str] = &[
    "what is going on", "what's going on", "whats going on", "what can i do", "what should i do", "what do i do",
    "what to do", "what now", "what am i missing", "am i missing something", "am i wrong", "is there anything i can do",
    "is there any way to tell", "what happened", "what is the issue", "what the issue is", "whats the issue",
    "what's the issue", "what is the problem", "what's the problem", "whats the problem", "whats the deal",
    "what's the deal", "what is the deal", "what's wrong", "what is wrong", "whats wrong", "what went wrong",
    "do you know why", "any ideas", "is everything ok", "what is the reason", "can you check", "can you explain",
    "how come", "what does that mean", "что делать", "что мне делать", "что теперь", "что случилось", "что произошло",
    "в чем дело", "в чем проблема", "в чем причина", "как быть", "почему так", "как так", "что это значит",
    "что не так", "по какой причине", "можете проверить", "можете объяснить",
];

const HAN_VAGUE: &[&str] = &[
    "怎么办",
    "怎麼辦",
    "怎么回事",
    "怎麼回事",
    "什么情况",
    "什麼情況",
    "为什么",
    "為什麼",
    "什么原因",
    "什麼原因",
    "什么意思",
    "什麼意思",
    "怎么处理",
    "怎麼處理",
    "正常吗",
    "正常嗎",
    "怎么弄",
    "怎麼弄",
    "可以吗",
    "可以嗎",
    "行吗",
    "行嗎",
    "怎么搞",
];

/// They speak of nothing.
#[rustfmt::skip]
const EMPTY_REFERENCES: &[&str] = &[
    "does it take to", "does it take for", "will it take to", "will it take for", "would it take to", "is it possible",
    "is it ok", "is it allowed", "is there", "are there", "it cost to", "is it free to", "anything else", "this week",
    "this month", "this year", "this shop", "this store", "this website", "this site", "есть ли", "это возможно",
    "на этой неделе", "в этом месяце", "что это",
];

#[rustfmt::skip]
const BEGIN_WITH_REFERENCE: &[&str] = &[
    "what about", "how about", "which do", "which is", "which are", "which would", "which should", "if so", "if not",
    "if yes", "if no", "or", "because", "why not", "how so", "а если", "если да", "если нет", "если так", "или",
    "то есть", "потому что", "в смысле", "почему так", "is that", "does that", "а то",
];

const HAN_REFERENCES: &[&str] =
    &["它", "这个", "這個", "那个", "那個", "这样", "這樣", "那样", "那樣", "其中", "这些", "這些", "该"];

const HAN_BEGIN_WITH_REFERENCE: &[&str] =
    &["那", "如果", "要是", "因为", "因為", "还是", "還是", "或者", "这", "這", "否则", "否則", "不然", "是不是"];

#[rustfmt::skip]
const COURTESIES: &[&str] = &[
    "how are you", "how are you doing", "how are you today", "can you help me", "could you help me", "can you help",
    "could you help", "can you help me please", "could you help me please", "can i ask a question",
    "can i ask you a question", "can i ask something", "may i ask a question", "can anyone help", "can anyone help me",
    "can someone help me", "is anyone there", "anyone there", "are you there", "can you help me with this",
    "can you please help", "can you please help me", "could you please help", "could you please help me",
    "i have a question", "i have two questions", "i have a few questions", "как дела", "можно вопрос",
    "можно задать вопрос", "можете помочь", "вы можете помочь", "поможете", "можете подсказать", "не подскажете",
    "есть кто", "вы тут", "у меня вопрос", "у меня два вопроса", "у меня есть вопрос", "не могли бы вы помочь",
];

#[rustfmt::skip]
const HAN_COURTESIES: &[&str] = &[
    "在吗", "在嗎", "你好吗", "你好嗎", "您好吗", "您好嗎", "有人吗", "有人嗎", "你好在吗", "你好在嗎", "您好在吗",
    "您好在嗎", "可以问一下吗", "可以問一下嗎", "能帮我吗", "能幫我嗎", "可以帮我吗", "可以幫我嗎", "能帮忙吗",
    "能幫忙嗎", "可以帮忙吗", "可以幫忙嗎", "请问一下", "請問一下", "能帮我一下吗", "能帮个忙吗", "可以请教一下吗",
    "可以請教一下嗎", "可以问个问题吗", "可以問個問題嗎", "想请教几个问题", "我有两个问题", "我有兩個問題",
    "有几个问题", "有幾個問題", "有两个问题想问", "有兩個問題想問",
];
