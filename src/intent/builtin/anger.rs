//! Abuse, and patience that has run out, at us: not at a lamp that broke, and not a question about rude words.
//!
//! A question may stand in the same text. Whether it can be answered is not decided here.

use crate::domain::language::is_han;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Whether a text is angry. `text` is tidy, and `clauses` are its words.
pub fn shown(text: &str, clauses: &[Vec<&str>]) -> bool {
    let is_whole = !clauses.is_empty() && clauses.iter().all(|words| is_said_alone(words, &[ALONE, INSULTS, NAMES]));
    is_whole || clauses.iter().any(|words| is_angry(words)) || is_angry_chinese(text)
}

fn is_angry(words: &[&str]) -> bool {
    let begins = |at: usize| {
        let phrases = BY_FIRST_WORD.get(words[at]).into_iter().flatten();
        phrases.into_iter().any(|rest| words[at + 1..].starts_with(rest))
    };
    (0..words.len()).any(begins)
        || AT_THE_END.iter().any(|phrase| words.ends_with(phrase))
        || is_said_alone(words, &[NAMES])
        || calls_us_names(words)
}

/// What follows the first words of `ANGRY`.
static BY_FIRST_WORD: LazyLock<HashMap<&str, Vec<Vec<&str>>>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Vec<Vec<&str>>> = HashMap::new();
    for phrase in ANGRY {
        let mut words = phrase.split(' ');
        let first = words.next().expect("no phrase is empty");
        all.entry(first).or_default().push(words.collect());
    }
    all
});

/// "this is so useless", "just ridiculous", "да вы идиоты".
fn is_said_alone(words: &[&str], phrases: &[&[&str]]) -> bool {
    let rest: Vec<&str> = words.iter().filter(|word| !AROUND.contains(word)).copied().collect();
    let is_one = |words: &str| phrases.iter().any(|phrases| phrases.contains(&words));
    is_one(&rest.join(" ")) || !rest.is_empty() && rest.iter().all(|word| is_one(word))
}

/// "you are all complete idiots", "вы там просто клоуны"; not "do you collect rubbish". "are you a scam" is a question.
fn calls_us_names(words: &[&str]) -> bool {
    let is_insult = |word: &str| INSULTS.contains(&word) || NAMES.contains(&word);
    let is_called =
        |us: usize| words[us + 1..].iter().find(|word| !LINKS.contains(word)).is_some_and(|it| is_insult(it));
    let asks = matches!(words, ["are" | "is", ..]);
    !asks && (0..words.len()).any(|at| US.contains(&words[at]) && is_called(at))
}

/// Wherever they stand.
#[rustfmt::skip]
const ANGRY: &[&str] = &[
    "fuck you", "fuck off", "fuck this", "fuck u", "f you", "f off", "f this", "screw you", "screw this", "go to hell",
    "shut up", "stfu", "wtf", "ffs", "what the fuck", "what the hell", "what the heck", "for fuck's sake",
    "for fucks sake", "for god's sake", "for gods sake", "for christ's sake", "kiss my ass", "bite me", "damn you",
    "damn it", "goddamn it", "dammit", "son of a bitch", "sons of bitches", "bunch of idiots", "bunch of liars",
    "bunch of thieves", "bunch of crooks", "bunch of scammers", "bunch of clowns", "bunch of morons", "sick of this",
    "sick of you", "sick of your", "sick and tired", "i've had enough", "ive had enough", "have had enough",
    "had enough of", "enough is enough", "had it with", "just answer me", "answer me now", "enough of this",
    "tired of this", "this is ridiculous", "this is unacceptable", "this is outrageous", "this is a joke",
    "this is bullshit", "this is bs", "this is useless", "this is pathetic", "this is disgusting", "this is insane",
    "this is a disgrace", "this is disgraceful", "this is crap", "this is shit", "this is terrible", "this is awful",
    "this is horrible", "this is appalling", "this is infuriating", "this is absurd", "this is hopeless",
    "absolutely ridiculous", "absolutely useless", "absolutely unacceptable", "absolutely disgraceful",
    "absolutely pathetic", "absolute joke", "totally useless", "completely useless", "completely unacceptable",
    "utterly useless", "beyond a joke", "are you kidding me", "are you kidding", "you must be joking",
    "you must be kidding", "are you joking", "are you serious right now", "are you deaf", "are you stupid",
    "are you dumb", "are you retarded", "you've got to be kidding", "you have got to be kidding",
    "you gotta be kidding", "how many times must i", "for the hundredth time", "for the millionth time",
    "for the tenth time", "third time i ask", "third time i'm asking", "third time i am asking",
    "third time i've asked", "worst service", "worst customer service", "worst support", "worst company", "worst shop",
    "worst store", "worst experience", "worst bot", "terrible service", "terrible support", "terrible company",
    "terrible customer service", "awful service", "awful support", "awful company", "awful customer service",
    "horrible service", "horrible support", "horrible company", "horrible customer service", "useless service",
    "useless support", "useless company", "useless bot", "useless robot", "useless chatbot", "useless machine",
    "useless thing", "useless app", "appalling service", "disgraceful service", "disgusting service",
    "pathetic service", "pathetic company", "shit service", "shitty service", "shitty company", "crap service",
    "crappy service", "rubbish service", "service is terrible", "service is awful", "service is horrible",
    "service is useless", "service is shit", "service is crap", "service is a joke", "service is appalling",
    "service is pathetic", "service is disgusting", "service sucks", "support sucks", "company sucks", "you suck",
    "u suck", "you all suck", "this sucks", "bot sucks", "support is useless", "support is terrible",
    "support is a joke", "stupid bot", "stupid robot", "stupid machine", "stupid chatbot", "stupid company", "dumb bot",
    "dumb robot", "dumb machine", "dumbass bot", "fucking bot", "damn bot", "bloody bot", "fucking robot",
    "fucking useless", "fucking joke", "fucking idiots", "fucking ridiculous", "fucking kidding", "bloody useless",
    "bloody joke", "bloody ridiculous", "waste of time", "waste of my time", "wasting my time", "wasted my time",
    "thanks for nothing", "thank you for nothing", "you are not listening", "you're not listening",
    "you aren't listening", "nobody is listening", "nobody cares", "no one cares", "you don't care", "you dont care",
    "couldn't care less", "losing my patience", "losing patience", "lost my patience", "lost patience",
    "lost all patience", "out of patience", "run out of patience", "i am furious", "i'm furious", "im furious",
    "so furious", "i am livid", "i'm livid", "im livid", "i am so angry", "i'm so angry", "im so angry", "so pissed",
    "pissed off", "really pissed", "very angry", "i'm angry", "i am angry", "makes me angry", "drives me mad",
    "driving me mad", "driving me crazy", "driving me insane", "never shop here again", "never buying from you again",
    "never buy from you again", "never buy here again", "shame on you", "you should be ashamed", "you lied to me",
    "you are lying", "you're lying", "stop lying", "you robbed me", "you ripped me off", "ripped me off",
    "you scammed me", "daylight robbery", "total scam", "this is a scam", "this is a rip-off", "this is a ripoff",
    "this is robbery", "this is theft", "what is wrong with you", "what's wrong with you", "whats wrong with you",
    "what is wrong with you people", "stop wasting", "are you even reading", "do you even read", "can you even read",
    "can't you read", "cant you read", "сука", "суки", "бля", "блять", "блядь", "пиздец", "нахуй", "на хуй", "нахер",
    "на хер", "нахрен", "хуйня", "хуета", "похуй", "охуели", "охренели", "ахуели", "офигели", "обнаглели", "заебали",
    "заебало", "ебаный", "ебаная", "ебаные", "ебанутые", "задолбали", "задолбало", "задрали", "достали уже",
    "уже достали", "как вы достали", "вы меня достали", "вы достали", "достал уже", "уроды", "уродов", "твари",
    "ублюдки", "мрази", "сволочи", "кретины", "придурки", "дебилы", "дебилов", "идиоты", "идиотов", "жулики",
    "аферисты", "лохотрон", "лохотронщики", "бесит", "бесите", "бесишь", "бесят", "надоело", "надоели", "надоел уже",
    "издеваетесь", "издеваешься", "издевательство", "сколько можно ждать", "сколько можно уже",
    "сколько можно издеваться", "сколько можно терпеть", "сколько можно повторять", "сколько можно спрашивать",
    "сколько можно писать", "сколько можно это", "сколько еще можно ждать", "сколько раз повторять", "сколько раз вам",
    "сто раз уже", "уже сто раз", "в сотый раз", "в десятый раз", "третий раз пишу", "третий раз спрашиваю",
    "пятый раз пишу", "пятый раз спрашиваю", "десятый раз пишу", "десятый раз спрашиваю", "что за бред", "что за хрень",
    "что за фигня", "что за херня", "что за цирк", "что за бардак", "что за беспредел", "что за издевательство",
    "какого черта", "какого хрена", "какого хера", "какого фига", "ужасный сервис", "отвратительный сервис",
    "мерзкий сервис", "хреновый сервис", "дерьмовый сервис", "сервис дерьмо", "сервис ужасный", "сервис отвратительный",
    "сервис ноль", "сервис никакой", "ужасное обслуживание", "отвратительное обслуживание", "худший магазин",
    "худший сервис", "ужасный магазин", "отвратительный магазин", "самый ужасный", "самый худший", "полный отстой",
    "полное дерьмо", "безобразие", "беспредел", "позор", "позорище", "хамство", "наглость", "свинство", "толку ноль",
    "ноль толку", "никакого толку", "толку от вас", "толку от тебя", "пользы ноль", "ноль пользы", "никакой пользы",
    "терпение лопнуло", "терпение кончилось", "терпение закончилось", "терпение на исходе", "нет больше сил",
    "нет уже сил", "сил уже нет", "сил больше нет", "зла не хватает", "тупой бот", "тупой робот", "тупая программа",
    "тупой автоответчик", "глупый бот", "бесполезный бот", "бесполезный робот", "дурацкий бот", "чертов бот",
    "долбаный бот", "пошли вы", "пошел ты", "пошли к черту", "иди к черту", "идите к черту", "идите в жопу",
    "иди в жопу", "пошел в жопу", "пошли в жопу", "идите лесом", "идите в баню", "иди в баню", "иди лесом", "заткнись",
    "отвали", "отвалите", "вы обманщики", "вы мошенники", "вы воры", "вы кидалы", "держите за идиота",
    "держите за дурака", "вы глухие", "вы слепые", "вы нормальные вообще", "вы вообще нормальные", "вы в своем уме",
    "вам плевать", "всем плевать", "больше никогда у вас", "никогда больше у вас", "ноги моей у вас", "ноги моей здесь",
    "ноги моей больше", "больше ничего у вас не", "морочите голову", "морочить голову", "водите за нос",
    "делаете из меня дурака", "kind of a joke", "kind of joke", "what kind of service is this",
    "what kind of company is this", "you stole my money", "stole my money", "pathetic excuse", "think i'm stupid",
    "think im stupid", "think i'm an idiot", "think i am stupid", "take me for a fool", "take me for an idiot",
    "piece of shit bot", "piece of shit service", "piece of shit company", "piece of crap bot", "i am extremely angry",
    "i'm extremely angry", "extremely frustrating", "so frustrating", "very frustrating", "really frustrating",
    "so frustrated", "really frustrated", "i'm frustrated", "i am frustrated", "beyond frustrated",
    "beyond frustrating", "хватит врать", "хватит мне врать", "хватит нам врать", "прекратите врать", "не надо врать",
    "сил моих больше", "больше нет сил", "сил никаких", "отвратительное отношение", "хамское отношение",
    "наплевательское отношение", "ужасное отношение", "свинское отношение", "i'm fed up waiting", "im fed up waiting",
    "fed up waiting", "fed up of", "fed up with you", "fed up with your", "fed up with this", "so fed up",
    "getting fed up", "сколько раз можно повторять", "сколько раз можно говорить", "сколько раз можно спрашивать",
    "how many times do i have to", "how many times do i need to", "how many times have i told",
    "how many times have i asked", "how many times have i said", "how many times have i explained",
    "how many times have i written", "how many times have i called", "totally unacceptable", "just frustrating",
    "joke of a", "go f yourself", "hate this company", "hate this shop", "hate this store", "hate this service",
    "hate this bot", "hate your", "hate you", "you wasted", "you've wasted", "wasted hours", "how incompetent",
    "you are hopeless", "piece of junk bot", "что за контора", "шарашкина контора", "шарашка", "ну и сервис",
    "ну и магазин", "ну и обслуживание", "ну и поддержка", "ненавижу ваш", "ненавижу вас", "ненавижу этот магазин",
    "вы нормальные", "хватит издеваться", "вы ничего не умеете",
];

/// Names that people are called: an insult by themselves ("idiots, where is my order"), and after "you".
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "idiot", "idiots", "moron", "morons", "liar", "liars", "thief", "thieves", "scammer", "scammers", "crook", "crooks",
    "clowns", "assholes", "asshole", "arseholes", "bastards", "scum", "bitches", "dickheads", "wankers", "retards",
    "dumbass", "dumbasses", "imbeciles", "incompetents", "muppets", "идиот", "дебил", "тупица", "урод", "тварь",
    "дурак", "дураки", "козлы", "бараны", "мошенники", "воры", "ворье", "кидалы", "обманщики", "лжецы", "клоуны",
    "неадекваты", "хамы", "гады", "скоты", "ничтожества", "бездельники", "шарлатаны", "врете", "врешь", "врут", "лохи",
    "бот тупой",
];

/// Insults when they are said of us, or when a text says nothing else.
#[rustfmt::skip]
const INSULTS: &[&str] = &[
    "stupid", "dumb", "useless", "pathetic", "hopeless", "incompetent", "trash", "garbage", "rubbish", "crap", "shit",
    "ridiculous", "unbelievable", "disgusting", "worthless", "idiotic", "retarded", "clueless", "joke", "jerks",
    "cheats", "fraudsters", "clown", "suck", "sucks", "annoying", "тупой", "тупые", "тупая", "бесполезный",
    "бесполезные", "бесполезная", "бесполезен", "бесполезны", "некомпетентные", "дерьмо", "говно", "неадекватные",
    "бессовестные", "козел", "баран", "никчемный", "никчемные", "невменяемые", "ужасные", "ужасны", "отвратительные",
    "отвратительны", "достали", "надоели", "worst", "the worst",
];

const US: &[&str] = &[
    "you",
    "u",
    "ur",
    "you're",
    "youre",
    "ya",
    "bot",
    "chatbot",
    "вы",
    "ты",
    "вас",
    "тебя",
    "бот",
    "поддержка",
    "сервис",
];

/// Between us and what we are called.
#[rustfmt::skip]
const LINKS: &[&str] = &[
    "are", "r", "is", "were", "guys", "people", "lot", "all", "a", "an", "bunch", "of", "such", "so", "the", "fucking",
    "bloody", "damn", "absolute", "absolutely", "total", "totally", "complete", "completely", "utter", "utterly",
    "just", "really", "nothing", "but", "and", "being", "freaking", "lying", "truly", "both", "все", "там", "просто",
    "какие-то", "какой-то", "же", "такие", "такой", "реально", "совсем", "самые", "настоящие", "настоящий", "одни",
    "сплошные", "и", "вообще", "сотрудники", "менеджеры", "операторы", "курьеры", "работают", "сидят", "уже", "полный",
    "полные", "абсолютно", "совершенно", "очень", "наглые", "меня", "мне", "нагло", "поддержка", "в", "поддержке",
    "это", "ваш", "ваша",
];

/// They are anger when a text says nothing else.
#[rustfmt::skip]
const ALONE: &[&str] = &[
    "unacceptable", "outrageous", "bullshit", "bs", "terrible", "horrible", "awful", "appalling", "disgrace",
    "disgraceful", "infuriating", "absurd", "insane", "fuck", "hell", "shitshow", "rip-off", "ripoff", "nonsense",
    "worst ever", "piece of shit", "piece of crap", "load of crap", "load of rubbish", "angry", "furious", "livid",
    "f ck", "f k", "sh t", "argh", "arghh", "ugh", "grr", "omfg", "no help", "no help at", "zero help",
    "not helpful at", "not helpful", "unhelpful", "wow useless", "hate you", "hate", "сколько можно", "достало",
    "достал", "задрал", "кошмар", "ужас", "отстой", "бред", "чушь", "капец", "трындец", "жесть", "обман", "кидалово",
    "цирк", "возмутительно", "отвратительно", "ужасно", "черт", "черт возьми", "черт побери", "блин", "мда",
    "бесполезно", "какой ужас", "какой кошмар", "какой бред", "никакой помощи", "что ж такое", "что ж за",
    "с ума сойти", "ненавижу", "фигня", "херня", "хрень", "ерунда какая-то", "frustrating", "frustrated", "never again",
    "shambles", "extremely angry", "fed up", "not funny", "really bad service", "bad service", "wth",
    "ничего не можете", "ничего не умеете", "ничего не знаете", "ничего не понимаете",
];

/// Beside the words of `ALONE`, `INSULTS` and `NAMES`.
#[rustfmt::skip]
const AROUND: &[&str] = &[
    "this", "is", "it's", "its", "it", "that's", "thats", "that", "a", "an", "the", "so", "just", "really",
    "absolutely", "totally", "completely", "utterly", "fucking", "bloody", "freaking", "damn", "such", "what", "how",
    "very", "are", "am", "i'm", "im", "i", "all", "oh", "omg", "god", "wow", "well", "complete", "total", "absolute",
    "utter", "ok", "still", "lol", "and", "guys", "people", "pure", "beyond", "simply", "truly", "you", "u", "bot",
    "lying", "seriously", "honestly", "это", "просто", "вообще", "ну", "да", "же", "уже", "так", "очень", "полный",
    "полная", "полное", "вот", "а", "и", "я", "все", "какие", "какие-то", "какой-то", "совсем", "реально", "абсолютно",
    "опять", "снова", "вы", "ты", "господи", "боже", "ребята", "люди", "тут", "там", "такие", "такой", "одни",
    "сплошной", "сплошные", "кругом", "бот", "мой", "что-то", "ох", "блин", "extremely", "super", "pretty",
];

/// "сколько можно" asks for a number unless it ends the thought.
const AT_THE_END: &[&[&str]] = &[
    &["сколько", "можно"],
    &["сколько", "ж", "можно"],
    &["сколько", "же", "можно"],
    &["сколько", "можно", "то"],
    &["сколько", "можно-то"],
];

/// There are no spaces, so phrases are looked for inside clauses without their marks.
fn is_angry_chinese(text: &str) -> bool {
    let bare = |clause: &str| clause.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let clauses = text.split(|c: char| !c.is_alphanumeric() && c != ' ').map(bare).filter(|clause| !clause.is_empty());
    let clauses: Vec<String> = clauses.collect();
    let is_whole = !clauses.is_empty() && clauses.iter().all(|clause| HAN_ALONE.contains(&without_particles(clause)));
    is_whole
        || clauses.iter().filter(|clause| clause.contains(is_han)).any(|clause| {
            let says = |phrases: &[&str]| phrases.iter().any(|phrase| clause.contains(phrase));
            says(HAN_ANGRY) && !says(HAN_NOT_ANGRY)
                || HAN_BEGINS.iter().any(|oath| clause.starts_with(oath))
                || HAN_NAMES.contains(&without_particles(clause))
                || asked_often(clause)
                || is_bad_service(clause)
        })
}

/// "问了三遍了", "讲了八百次".
fn asked_often(clause: &str) -> bool {
    let is_often = |after: &str| {
        let unit = after
            .trim_start_matches(['三', '四', '五', '六', '七', '八', '九', '十', '百', '千', '几', '好', '无', '数']);
        unit.len() < after.len() && unit.starts_with(['遍', '次', '回'])
    };
    ["问了", "说了", "讲了", "催了"]
        .iter()
        .any(|asked| clause.match_indices(asked).any(|(at, _)| is_often(&clause[at + asked.len()..])))
}

/// "你们服务态度有够差", "平台真的垃圾"; not "平台差价".
fn is_bad_service(clause: &str) -> bool {
    let is_bad = |after: &str| {
        let mut rest = after;
        while let Some(shorter) = HAN_DEGREES.iter().find_map(|degree| rest.strip_prefix(degree)) {
            rest = shorter;
        }
        HAN_BAD.iter().any(|bad| rest.starts_with(bad)) && !HAN_NOT_BAD.iter().any(|word| rest.starts_with(word))
    };
    HAN_OURS.iter().any(|ours| clause.match_indices(ours).any(|(at, _)| is_bad(&clause[at + ours.len()..])))
}

fn without_particles(clause: &str) -> &str {
    let mut rest = clause;
    while let Some(shorter) = HAN_PARTICLES.iter().find_map(|p| rest.strip_prefix(p).or_else(|| rest.strip_suffix(p))) {
        rest = shorter;
    }
    rest
}

#[rustfmt::skip]
const HAN_ANGRY: &[&str] = &[
    "垃圾客服", "垃圾平台", "垃圾公司", "垃圾店", "垃圾商家", "垃圾服务", "垃圾机器人", "客服垃圾", "客服真垃圾",
    "客服太垃圾", "服务垃圾", "平台垃圾", "真垃圾", "太垃圾", "什么垃圾", "破客服", "破平台", "破店", "破服务",
    "破机器人", "烂客服", "烂平台", "烂服务", "烂公司", "烂店", "破网站", "什么破", "什么狗屁", "什么鬼客服", "狗屁",
    "傻逼", "傻b", "傻叉", "傻x", "煞笔", "沙比", "沙雕客服", "智障", "脑残", "弱智", "白痴", "蠢货", "蠢死", "猪脑子",
    "废物客服", "一群废物", "都是废物", "真是废物", "废物机器人", "去死", "他妈的", "他娘的", "尼玛", "你妈的",
    "去你妈", "操你", "草你", "日你", "草泥马", "王八蛋", "混蛋", "混账", "人渣", "不要脸", "滚蛋", "滚开", "给我滚",
    "卧槽", "我去你", "靠北", "靠腰", "靠杯", "干你娘", "干恁", "机掰", "鸡掰", "北七", "干话", "鬼打墙", "你们是骗子",
    "你们就是骗子", "你们都是骗子", "你们这群骗子", "你们这帮骗子", "都是骗子", "一群骗子", "大骗子", "骗子公司",
    "骗子商家", "骗子平台", "骗子店", "死骗子", "诈骗集团", "诈骗公司", "骗人的公司", "骗人的平台", "你们骗人",
    "你们骗我", "就会骗人", "你们坑人", "太坑了", "太坑人", "坑爹", "坑死", "坑人呢", "黑店", "黑心商家", "黑心店",
    "奸商", "无良商家", "气死我", "气死了", "气死人", "快气死", "要气死", "气炸", "气疯", "真来气", "火大了", "很火大",
    "超火大", "真火大", "好火大", "非常火大", "有够火大", "受够了", "受不了了", "受不了你们", "忍无可忍", "忍不了了",
    "没耐心了", "没有耐心了", "失去耐心", "耐心都没了", "耐心被磨", "烦死了", "烦死我", "烦不烦", "太过分了",
    "过分了吧", "欺人太甚", "耍我呢", "耍我是", "耍我吗", "耍人", "玩我呢", "玩我吗", "逗我呢", "逗我玩", "忽悠我",
    "当我傻", "当我是傻", "当我白痴", "当我好骗", "把我当傻", "把我当猴", "有完没完", "没完没了", "搞什么鬼",
    "搞什么飞机", "到底在搞什么", "你们搞什么", "搞毛", "有病吧", "有病啊", "脑子有病", "脑子进水", "听不懂人话",
    "看不懂人话", "不会说人话", "说人话", "讲人话", "说了多少遍", "说多少遍", "问了多少遍", "说了几百遍", "说了八百遍",
    "问了八百遍", "问了几百遍", "讲了几百次", "讲了多少次", "问了多少次", "说了多少次", "说过多少次", "要我说几遍",
    "要我讲几次", "要我说几次", "要我说多少", "一点用都没有", "一点用没有", "没有一点用", "没一点用", "屁用没有",
    "屁用都没有", "毛用没有", "有屁用", "有个屁用", "有什么屁用", "有毛用", "要你何用", "要你有什么用",
    "要你们有什么用", "要你们干嘛", "要你们干什么", "真没用", "没用的东西", "没用的客服", "没用的机器人", "客服没用",
    "机器人没用", "毫无用处的客服", "服务太差", "服务真差", "服务好差", "服务很差", "服务这么差", "服务极差",
    "服务差劲", "服务真烂", "服务太烂", "服务好烂", "服务超烂", "服务烂透", "态度太差", "态度真差", "态度极差",
    "态度很差", "态度这么差", "态度恶劣", "什么态度", "客服太差", "客服真差", "客服差劲", "客服太烂", "客服真烂",
    "客服好烂", "客服超烂", "客服很烂", "烂透了", "烂死了", "烂爆", "差劲透", "太差劲", "真差劲", "最差的客服",
    "最差的服务", "最烂的客服", "最烂的服务", "最烂的店", "最差的平台", "体验极差", "体验太差", "人工智障", "笨机器人",
    "蠢机器人", "傻机器人", "死机器人", "烂机器人", "垃圾ai", "敷衍我", "敷衍人", "敷衍了事", "就知道敷衍", "踢皮球",
    "糊弄我", "糊弄人", "再也不来", "再也不买", "再也不会买", "再也不会来", "不会再来了", "绝对不会再买", "无耻",
    "恶心死", "令人发指", "丧尽天良", "良心被狗", "还有没有良心", "还要不要脸", "浪费我的时间", "浪费我时间", "扯淡",
    "胡扯", "鬼扯", "骗鬼", "岂有此理", "简直离谱", "离谱至极", "离大谱", "离谱他妈", "无语死", "无语至极", "太无语",
    "真的无语", "真是无语", "我真的会谢", "服了你们", "真服了", "我服了", "我要发火", "我要生气", "我很生气",
    "非常生气", "我生气了", "我很愤怒", "非常愤怒", "真的很火", "别逼我", "你有毛病", "你们有毛病", "有毛病吧",
    "特么的", "随便打发", "搞什么东西", "搞什么啊", "搞什么名堂", "是死的吗", "客服都死了", "客服死了", "客服死哪",
    "客服是死人", "还我血汗钱", "答非所问", "牛头不对马嘴", "驴唇不对马嘴", "鸡同鸭讲", "你听不懂", "你看不懂",
    "听不懂中文", "看不懂中文", "干什么吃的", "吃干饭", "吃屎", "还让不让人活", "烂的服务", "烂的客服", "差的服务",
    "差的客服", "差的态度", "烂的态度", "到底会不会", "到底有没有在", "有没有在看", "有没有认真看", "很不爽", "超不爽",
    "非常不爽", "超级不爽", "真不爽", "你们在搞什么", "你们到底搞什么", "你是猪", "你们是猪", "什么服务态度",
    "你们这是欺诈", "欺诈消费者", "欺骗消费者", "消费欺诈", "被你们气死", "被你气死", "被你们逼疯", "一问三不知",
    "到底在干嘛", "到底在干什么", "你们在干嘛", "你们干嘛呢", "白问", "浪费我的", "浪费大家时间", "等于没说",
    "等于没问", "等于白说",
];

/// What makes another thing of them.
const HAN_NOT_ANGRY: &[&str] = &["什么破损", "什么破坏", "什么破解", "什么破洞", "什么破壁", "不要脸部", "不要脸盆"];

/// They are anger when a text says nothing else.
#[rustfmt::skip]
const HAN_ALONE: &[&str] = &[
    "垃圾", "废物", "滚", "骗子", "骗人", "坑人", "坑", "差评", "太差", "太差劲", "差劲", "太烂", "烂", "好烂", "超烂",
    "无语", "无言", "离谱", "扯", "太扯", "很扯", "超扯", "有够扯", "夸张", "太夸张", "过分", "太过分", "好过分",
    "恶心", "火大", "生气", "气死", "愤怒", "烦", "烦死", "好烦", "很烦", "真烦", "没用", "毫无用处", "没屁用",
    "搞什么", "搞笑", "什么玩意", "什么玩意儿", "什么鬼", "什么客服", "妈的", "他妈", "靠", "我靠", "操", "艹", "草",
    "干", "tmd", "nmd", "mmp", "sb", "nt", "服", "醉", "可恶", "可恨", "混账", "不可理喻", "莫名其妙", "岂有此理",
    "没天理", "无良", "黑心", "强盗", "流氓", "土匪", "笨", "笨蛋", "蠢", "太蠢", "傻", "智障", "够", "受够", "死",
    "装死", "有病", "有毛病", "神经病", "搞什么鬼", "傻眼", "不爽", "cnm", "nmsl", "mlgb", "好垃圾", "听不懂吗",
    "听不懂", "看不懂吗", "你瞎", "还钱", "还我钱", "破玩意", "破玩意儿", "让人失望", "令人失望", "失望", "疯", "快疯",
    "要疯", "我快疯", "浪费时间", "浪费生命",
];

/// Names that people are called: a clause of its own.
const HAN_NAMES: &[&str] = &["骗子", "废物", "傻子", "强盗", "流氓", "土匪", "无赖", "笨蛋"];

/// An oath at the beginning; elsewhere "妈的" belongs to somebody's mother.
const HAN_BEGINS: &[&str] = &["妈的", "我操你", "操他"];

#[rustfmt::skip]
const HAN_PARTICLES: &[&str] = &[
    "啊", "呀", "吧", "呢", "吗", "嘛", "了", "哦", "哈", "啦", "耶", "诶", "欸", "喔", "真的", "真是", "真", "简直",
    "太", "好", "很", "超", "有够", "实在", "非常", "你们", "你", "这", "都", "是", "就是", "一群", "一帮", "这群",
    "这帮", "个", "给", "我", "的", "也", "死", "根本", "完全", "超级", "到底", "一点都", "有点",
];

const HAN_OURS: &[&str] = &["服务", "态度", "客服", "平台", "公司", "商家", "店家"];

#[rustfmt::skip]
const HAN_DEGREES: &[&str] = &[
    "态度", "质量", "人员", "水平", "体验", "系统", "真的", "真是", "真", "太", "好", "很", "超级", "超", "有够",
    "这么", "那么", "实在", "非常", "极其", "极", "特别", "也", "都", "是", "就是", "简直", "怎么", "如此", "够", "挺",
    "有点", "越来越",
];

const HAN_BAD: &[&str] = &["差", "烂", "垃圾", "恶劣", "糟糕", "糟", "恶心", "狗屎", "屎", "没用", "无耻"];

const HAN_NOT_BAD: &[&str] =
    &["差不多", "差别", "差异", "差价", "差额", "差评", "差旅", "差一", "差几", "垃圾桶", "垃圾袋"];
