//! Texts that are nothing but small talk: the whole text must be made of the phrases below.

use super::is_han;
use crate::domain::Builtin;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The built-in that a text consists of; of several the one that matters most ("thanks, bye" is a goodbye).
pub fn whole(text: &str) -> Option<Builtin> {
    let mut said: Option<Builtin> = None;
    let mut rest = skip_marks(text);
    while !rest.is_empty() {
        let (phrase, meaning) = longest_phrase(rest)?;
        // `Builtin` is ordered: greeting, thanks, goodbye, who-are-you. What stands later outweighs.
        said = said.max(meaning);
        rest = skip_marks(&rest[phrase.len()..]);
    }
    said
}

fn skip_marks(text: &str) -> &str {
    text.trim_start_matches(|c: char| !c.is_alphanumeric())
}

fn longest_phrase(text: &str) -> Option<(&'static str, Option<Builtin>)> {
    let first = text.chars().next()?;
    let candidates = BY_FIRST.get(&first)?;
    candidates.iter().find(|(phrase, _)| text.starts_with(phrase) && ends_word(phrase, &text[phrase.len()..])).copied()
}

/// Chinese words need no space between them; others do.
fn ends_word(phrase: &str, rest: &str) -> bool {
    let last_is_han = phrase.chars().next_back().is_some_and(is_han);
    last_is_han || !rest.starts_with(|c: char| (c.is_alphanumeric() || matches!(c, '-' | '\'')) && !is_han(c))
}

type Phrase = (&'static str, Option<Builtin>);

/// Phrases by their first character, longest first.
static BY_FIRST: LazyLock<HashMap<char, Vec<Phrase>>> = LazyLock::new(|| {
    let groups = [
        (GREETINGS, Some(Builtin::Greeting)),
        (THANKS, Some(Builtin::Thanks)),
        (GOODBYES, Some(Builtin::Goodbye)),
        (WHO_ARE_YOU, Some(Builtin::WhoAreYou)),
        (FILLERS, None),
    ];
    let mut all: HashMap<char, Vec<Phrase>> = HashMap::new();
    for (phrases, meaning) in groups {
        for phrase in phrases {
            let first = phrase.chars().next().unwrap_or(' ');
            all.entry(first).or_default().push((phrase, meaning));
        }
    }
    all.values_mut().for_each(|phrases| phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len())));
    all
});

#[rustfmt::skip]
const GREETINGS: &[&str] = &[
    "hi", "hello", "helo", "hey", "hiya", "howdy", "yo", "greetings", "hi there", "hello there", "hey there", "morning",
    "good morning", "good afternoon", "good evening", "good day", "how are you", "how are you doing", "how are you today",
    "how's it going", "hows it going", "what's up", "whats up", "sup", "nice to meet you", "hallo", "hola",
    "привет", "приветик", "приветствую", "здравствуйте", "здравствуй", "здрасте", "здрасьте", "здрасти", "добрый день",
    "доброе утро", "добрый вечер", "доброго дня", "доброго времени суток", "доброго вечера", "доброго утра", "доброй ночи",
    "хай", "хелло", "салют", "ку", "дд", "как дела", "как ты", "как вы", "как поживаете", "алло", "ало",
    "你好", "您好", "妳好", "你们好", "大家好", "哈喽", "哈啰", "哈罗", "嗨", "嘿", "早上好", "早安", "上午好", "中午好",
    "下午好", "晚上好", "晚安好", "早", "午安", "在吗", "在么", "在嘛", "在不在", "在线吗", "你在吗", "您在吗",
    "最近好吗", "你好吗", "您好吗", "hello啊", "hi啊",
];

#[rustfmt::skip]
const THANKS: &[&str] = &[
    "thanks", "thank you", "thankyou", "thank u", "thx", "tnx", "ty", "tysm", "thanx", "cheers", "much appreciated",
    "appreciate it", "i appreciate it", "i appreciate your help", "many thanks", "thanks a lot", "thanks a million",
    "thanks for your help", "thanks for the help", "thank you for your help", "thank you for helping", "that helped",
    "that helps", "that was helpful", "very helpful", "great help", "that worked", "it worked", "it works now", "problem solved",
    "спасибо", "спс", "пасиб", "пасибо", "спасибки", "благодарю", "спасибо за помощь", "спасибо за ответ", "спасибо большое",
    "большое спасибо", "огромное спасибо", "благодарю за помощь", "выручили", "помогло", "вы мне очень помогли",
    "вы очень помогли", "сенкс", "мерси", "респект", "от души",
    "谢谢", "谢了", "谢啦", "多谢", "感谢", "谢谢你", "谢谢您", "非常感谢", "十分感谢", "太感谢了", "感激不尽", "感恩", "3q", "3x",
    "辛苦了", "辛苦啦", "麻烦了", "麻烦你了", "麻烦您了", "解决了", "已经解决了", "问题解决了", "帮大忙了", "有帮助",
];

#[rustfmt::skip]
const GOODBYES: &[&str] = &[
    "bye", "bye bye", "bye-bye", "byebye", "goodbye", "good bye", "good-bye", "see you", "see ya", "see you later", "cya",
    "farewell", "take care", "have a nice day", "have a good day", "have a great day", "have a good one", "good night",
    "goodnight", "that's all", "thats all", "that is all", "that will be all", "that's it", "talk to you later", "ttyl",
    "до свидания", "досвидания", "до свиданья", "пока", "пока-пока", "всего доброго", "всего хорошего", "всего наилучшего",
    "до встречи", "до завтра", "хорошего дня", "хорошего вечера", "удачи", "прощайте", "прощай", "спокойной ночи", "чао",
    "бай", "бывай", "это все", "вопросов нет", "больше вопросов нет", "на этом все",
    "再见", "拜拜", "拜", "掰掰", "掰", "88", "886", "回头见", "下次见", "改天聊", "晚安", "祝你愉快", "祝您愉快", "没事了", "没别的了",
    "没有了", "没有其他问题了", "没有问题了", "没问题了", "先这样", "就这样", "先这样吧", "就这样吧",
];

#[rustfmt::skip]
const WHO_ARE_YOU: &[&str] = &[
    "who are you", "who r u", "who is this", "who's this", "what are you", "what is this", "are you a bot", "are you bot",
    "are you a robot", "are you robot", "are you an ai", "are you ai", "are you chatgpt", "are you a machine", "are you human",
    "are you a human", "are you a real human", "are you a person", "are you a real person", "are you real", "are you a human or a bot",
    "are you a bot or a human", "are you a real person or a bot", "are you a robot or a human", "is this a bot", "is this a robot",
    "is this a real person", "is this a human", "am i talking to a human", "am i talking to a person", "am i talking to a real person",
    "am i talking to a bot", "am i talking to a robot", "am i speaking to a human", "am i speaking to a person",
    "am i speaking with a human", "am i speaking with a person", "am i speaking to a bot", "am i chatting with a bot",
    "am i chatting with a human", "am i talking with a human", "am i talking with a bot", "what's your name", "whats your name",
    "what is your name", "do you have a name", "what can you do", "what do you do", "what can you help with",
    "what can you help me with", "how can you help", "how can you help me", "introduce yourself", "tell me about yourself",
    "кто ты", "ты кто", "кто вы", "вы кто", "кто это", "кто ты такой", "ты кто такой", "кто вы такие", "как тебя зовут",
    "как вас зовут", "ты бот", "вы бот", "это бот", "ты робот", "вы робот", "это робот", "вы человек", "ты человек",
    "ты живой", "вы живой", "вы живой человек", "ты живой человек", "вы реальный человек", "ты человек или бот",
    "ты человек или робот", "вы человек или бот", "вы человек или робот", "ты бот или человек", "вы бот или человек", "ты настоящий",
    "вы настоящий человек", "вы робот или человек", "ты робот или человек", "я говорю с человеком", "я говорю с ботом",
    "я говорю с роботом", "я разговариваю с человеком", "я разговариваю с ботом", "я разговариваю с роботом", "я общаюсь с ботом",
    "я общаюсь с человеком", "я с ботом говорю", "я с ботом общаюсь", "я с роботом разговариваю", "я с человеком разговариваю",
    "что ты умеешь", "что вы умеете", "что ты можешь", "чем ты можешь помочь", "чем вы можете помочь", "чем можешь помочь",
    "расскажи о себе", "представься", "представьтесь",
    "你是谁", "您是谁", "你是哪位", "您是哪位", "你谁", "你谁啊", "你叫什么", "你叫什么名字", "您叫什么名字", "怎么称呼", "怎么称呼您",
    "你是机器人", "您是机器人", "你是机器人吗", "您是机器人吗", "你是不是机器人", "您是不是机器人", "是机器人吗", "是机器人", "你是ai",
    "你是ai吗", "你是人工智能吗", "你是人吗", "您是人吗", "你是真人吗", "您是真人吗", "你是不是真人", "你是真人还是机器人",
    "您是真人还是机器人", "你是人还是机器人", "你是机器人还是人", "你是机器人还是真人", "你是人工吗", "您是人工吗", "你是人工还是机器人",
    "你是人工客服吗", "您是人工客服吗", "是真人吗", "是人工吗", "是人工客服吗", "你会什么", "你会做什么", "你能做什么",
    "您能做什么", "你能干什么", "你能帮我什么", "你可以做什么", "您可以做什么", "介绍一下你自己", "自我介绍",
];

/// They may stand beside small talk, and alone they are nothing.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "there", "all", "everyone", "everybody", "team", "guys", "sir", "madam", "mate", "dear", "friend", "bot", "so much", "very much",
    "a lot", "lots", "again", "ok", "okay", "k", "great", "perfect", "awesome", "cool", "nice", "fine", "good", "wonderful", "excellent",
    "oh", "well", "yes", "yeah", "yep", "no", "nope", "alright", "all right", "got it", "i see", "understood", "for now", "now",
    "then", "and", "for your help", "for the help", "to you", "you too", "really", "everything", "for everything", "for the information", "for the info", "for the answer",
    "for the quick answer", "for your time", "for your answer", "just", "just asking", "please", "exactly", "i'm good", "im good", "sorry",
    "большое", "огромное", "вам", "тебе", "вас", "всем", "все", "все понятно", "еще раз", "заранее", "за все", "за помощь", "за ответ", "за информацию",
    "за подсказку", "за быстрый ответ", "за ответы", "ок", "окей", "хорошо", "понятно", "понял", "поняла", "ясно", "ладно", "отлично",
    "супер", "класс", "очень", "и", "ну", "да", "нет", "ага", "угу", "бот", "ребята", "друзья", "девушка", "уважаемые", "а", "же",
    "тогда", "теперь", "вообще", "так", "тут", "здесь", "извините", "пожалуйста", "уже", "вопрос решен", "разобрался", "разобралась",
    "啊", "呀", "哦", "噢", "喔", "呢", "吧", "了", "的", "哈", "哈哈", "嘛", "吗", "么", "啦", "哟", "嗯", "嗯嗯", "恩", "行", "好", "好的", "好滴",
    "好吧", "可以", "那", "那就", "先", "你", "您", "你们", "大家", "亲", "亲爱的", "客服", "小姐姐", "非常", "太", "很", "帮助", "的帮助",
    "您的帮助", "你的帮助", "帮忙", "您的解答", "解答", "回复", "您的回复", "知道了", "明白了", "明白", "懂了", "了解", "了解了", "收到",
    "没事", "请问", "不好意思", "打扰了", "到底", "还是", "ok啦", "ok了", "真的", "谢",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_phrase_means_two_things() {
        let all = [GREETINGS, THANKS, GOODBYES, WHO_ARE_YOU, FILLERS].concat();
        let mut seen = HashSet::new();
        let twice: Vec<_> = all.iter().filter(|phrase| !seen.insert(**phrase)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn fillers_alone_say_nothing() {
        for text in ["ok", "好的", "хорошо", "yes please", "no", "нет"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
