//! Texts that are nothing but small talk: the whole text must be made of the phrases below.

use super::is_han;
use crate::domain::Builtin;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The built-in that a text consists of; of several the one that matters most ("thanks, bye" is a goodbye).
pub fn whole(text: &str) -> Option<Builtin> {
    let mut said: Option<Builtin> = None;
    let mut has_understood = false;
    let mut rest = skip_marks(text);
    while !rest.is_empty() {
        let (phrase, meaning) = longest_phrase(rest)?;
        // `Builtin` is ordered: greeting, thanks, goodbye, who-are-you, did-not-help. What stands later outweighs.
        said = said.max(meaning);
        has_understood |= UNDERSTOOD.contains(&phrase);
        rest = skip_marks(&rest[phrase.len()..]);
    }
    // Who says "ok" after an answer needs no person.
    said.or(has_understood.then_some(Builtin::Thanks))
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
        (NO_HELP, Some(Builtin::DidNotHelp)),
        (UNDERSTOOD, None),
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
    "good morning", "good afternoon", "good evening", "good day", "how are you", "how are you doing",
    "how are you today", "how's it going", "hows it going", "what's up", "whats up", "sup", "nice to meet you", "hallo",
    "hola", "привет", "приветик", "приветствую", "здравствуйте", "здравствуй", "здрасте", "здрасьте", "здрасти",
    "добрый день", "доброе утро", "добрый вечер", "доброго дня", "доброго времени суток", "доброго вечера",
    "доброго утра", "доброй ночи", "хай", "хелло", "салют", "ку", "дд", "как дела", "как ты", "как вы", "как поживаете",
    "алло", "ало", "你好", "您好", "你们好", "大家好", "哈喽", "哈啰", "哈罗", "嗨", "嘿", "早上好", "早安", "上午好",
    "中午好", "下午好", "晚上好", "晚安好", "早", "午安", "在吗", "在么", "在嘛", "在不在", "在线吗", "你在吗",
    "您在吗", "最近好吗", "你好吗", "您好吗", "hello啊", "hi啊", "heyy", "hii", "helloo", "hi again", "hello again",
    "gm", "安安", "嗨咯", "哈咯", "在不", "在没", "你好哇", "mornin", "good mornin", "good eve", "how r u", "how are u",
    "прив", "день добрый", "вечер добрый", "утро доброе", "what's new", "whats new", "how goes it", "how are things",
    "how are things going", "how's everything", "how is everything", "how is it going", "how is your day",
    "how's your day", "nice to see you", "good to see you", "are you well", "hey hey",
];

#[rustfmt::skip]
const THANKS: &[&str] = &[
    "thanks", "thank you", "thankyou", "thank u", "thx", "tnx", "ty", "tysm", "thanx", "cheers", "much appreciated",
    "appreciate it", "i appreciate it", "i appreciate your help", "many thanks", "thanks a lot", "thanks a million",
    "thanks for your help", "thanks for the help", "thank you for your help", "thank you for helping", "that helped",
    "that helps", "that was helpful", "very helpful", "great help", "that worked", "it worked", "it works now",
    "problem solved", "спасибо", "спс", "пасиб", "пасибо", "спасибки", "благодарю", "спасибо за помощь",
    "спасибо за ответ", "спасибо большое", "большое спасибо", "огромное спасибо", "благодарю за помощь", "выручили",
    "помогло", "вы мне очень помогли", "вы очень помогли", "сенкс", "мерси", "респект", "от души", "谢谢", "谢了",
    "谢啦", "多谢", "感谢", "谢谢你", "谢谢您", "非常感谢", "十分感谢", "太感谢了", "感激不尽", "感恩", "3q", "3x",
    "辛苦了", "辛苦啦", "麻烦了", "麻烦你了", "麻烦您了", "解决了", "已经解决了", "问题解决了", "帮大忙了", "有帮助",
    "that answers my question", "that answered my question", "you helped a lot", "you've been very helpful",
    "you have been very helpful", "you're a star", "you are a star", "legend", "that's all i needed to know",
    "спасибочки", "помогли", "помог", "помогла", "очень помогли", "вы помогли", "ты помог", "очень признателен",
    "очень признательна", "все получилось", "谢谢了", "谢谢啦", "太谢谢了", "谢谢亲", "搞定了", "可以了", "好了",
    "thank ya", "i really appreciate your help", "i really appreciate it", "i appreciate that",
    "i appreciate you helping me", "i appreciate the help", "i appreciate your time", "i appreciate that answer",
    "thanks for that", "thanks for this", "thanks for helping", "thank you for helping me", "thank you for that",
    "you have been a big help", "you've been a big help", "you have been a great help", "you've been a great help",
    "you're the best", "you are the best", "you're awesome", "you are awesome", "you're great", "you are great",
    "you rock", "merci", "merci beaucoup", "danke", "gracias", "good answer", "i'm grateful", "i am grateful",
    "i am very grateful", "i'm very grateful", "thanks a bunch", "thanks a ton", "thanks again", "thank you again",
    "bless you", "god bless you",
];

#[rustfmt::skip]
const GOODBYES: &[&str] = &[
    "bye", "bye bye", "bye-bye", "byebye", "goodbye", "good bye", "good-bye", "see you", "see ya", "see you later",
    "cya", "farewell", "take care", "have a nice day", "have a good day", "have a great day", "have a good one",
    "good night", "goodnight", "that's all", "thats all", "that is all", "that will be all", "that's it",
    "talk to you later", "ttyl", "до свидания", "досвидания", "до свиданья", "пока", "пока-пока", "всего доброго",
    "всего хорошего", "всего наилучшего", "до встречи", "до завтра", "хорошего дня", "хорошего вечера", "удачи",
    "прощайте", "прощай", "спокойной ночи", "чао", "бай", "бывай", "это все", "вопросов нет", "больше вопросов нет",
    "на этом все", "再见", "拜拜", "拜", "掰掰", "掰", "88", "886", "回头见", "下次见", "改天聊", "晚安", "祝你愉快",
    "祝您愉快", "没事了", "没别的了", "没有了", "没有其他问题了", "没有问题了", "没问题了", "先这样", "就这样",
    "先这样吧", "就这样吧", "no thanks", "no, thanks", "no thank you", "no, thank you", "nothing else", "nothing more",
    "have a good weekend", "have a nice weekend", "have a great weekend", "have a nice evening", "have a good evening",
    "have a lovely day", "enjoy your day", "that's everything", "thats everything", "нет спасибо", "нет, спасибо",
    "не спасибо", "не, спасибо", "не надо спасибо", "не надо, спасибо", "больше ничего", "больше ничего не нужно",
    "хорошего вам дня", "хорошего вам вечера", "хороших выходных", "хороших вам выходных", "всего хорошего вам",
    "всех благ", "不用了", "不用啦", "没其他问题了", "没什么问题了", "没有别的问题了", "暂时没有了", "周末愉快",
    "bye了", "that'll be all", "бб", "nice talking to you", "nice talking", "nice chatting",
    "it was nice talking to you", "nice chatting with you", "it was nice chatting with you", "good talking to you",
    "it was good talking to you", "i must go", "i have to go", "i need to go", "gotta go", "got to go", "i'm off",
    "see you soon", "see you around", "see you tomorrow", "catch you later", "catch you around", "later", "laters",
    "peace", "take it easy", "until next time", "so long", "thanks for chatting",
];

#[rustfmt::skip]
const WHO_ARE_YOU: &[&str] = &[
    "who are you", "who r u", "who is this", "who's this", "what are you", "what is this", "are you a bot",
    "are you bot", "are you a robot", "are you robot", "are you an ai", "are you ai", "are you chatgpt",
    "are you a machine", "are you human", "are you a human", "are you a real human", "are you a person",
    "are you a real person", "are you real", "are you a human or a bot", "are you a bot or a human",
    "are you a real person or a bot", "are you a robot or a human", "is this a bot", "is this a robot",
    "is this a real person", "is this a human", "am i talking to a human", "am i talking to a person",
    "am i talking to a real person", "am i talking to a bot", "am i talking to a robot", "am i speaking to a human",
    "am i speaking to a person", "am i speaking with a human", "am i speaking with a person", "am i speaking to a bot",
    "am i chatting with a bot", "am i chatting with a human", "am i talking with a human", "am i talking with a bot",
    "what's your name", "whats your name", "what is your name", "do you have a name", "what can you do",
    "what do you do", "what can you help with", "what can you help me with", "how can you help", "how can you help me",
    "introduce yourself", "tell me about yourself", "кто ты", "ты кто", "кто вы", "вы кто", "кто это", "кто ты такой",
    "ты кто такой", "кто вы такие", "как тебя зовут", "как вас зовут", "ты бот", "вы бот", "это бот", "ты робот",
    "вы робот", "это робот", "вы человек", "ты человек", "ты живой", "вы живой", "вы живой человек", "ты живой человек",
    "вы реальный человек", "ты человек или бот", "ты человек или робот", "вы человек или бот", "вы человек или робот",
    "ты бот или человек", "вы бот или человек", "ты настоящий", "вы настоящий человек", "вы робот или человек",
    "ты робот или человек", "я говорю с человеком", "я говорю с ботом", "я говорю с роботом",
    "я разговариваю с человеком", "я разговариваю с ботом", "я разговариваю с роботом", "я общаюсь с ботом",
    "я общаюсь с человеком", "я с ботом говорю", "я с ботом общаюсь", "я с роботом разговариваю",
    "я с человеком разговариваю", "что ты умеешь", "что вы умеете", "что ты можешь", "чем ты можешь помочь",
    "чем вы можете помочь", "чем можешь помочь", "расскажи о себе", "представься", "представьтесь", "你是谁", "您是谁",
    "你是哪位", "您是哪位", "你谁", "你谁啊", "你叫什么", "你叫什么名字", "您叫什么名字", "怎么称呼", "怎么称呼您",
    "你是机器人", "您是机器人", "你是机器人吗", "您是机器人吗", "你是不是机器人", "您是不是机器人", "是机器人吗",
    "是机器人", "你是ai", "你是ai吗", "你是人工智能吗", "你是人吗", "您是人吗", "你是真人吗", "您是真人吗",
    "你是不是真人", "你是真人还是机器人", "您是真人还是机器人", "你是人还是机器人", "你是机器人还是人",
    "你是机器人还是真人", "你是人工吗", "您是人工吗", "你是人工还是机器人", "你是人工客服吗", "您是人工客服吗",
    "是真人吗", "是人工吗", "是人工客服吗", "你会什么", "你会做什么", "你能做什么", "您能做什么", "你能干什么",
    "你能帮我什么", "你可以做什么", "您可以做什么", "介绍一下你自己", "自我介绍", "is this a chatbot",
    "are you a chatbot", "are you a chat bot", "r u a robot", "r u a bot", "r u real", "r u human", "r u a real person",
    "you a bot", "you a robot", "you bot", "am i chatting with an ai", "am i talking to an ai", "am i talking to ai",
    "am i talking to a machine", "am i chatting with a robot", "am i chatting with a real person",
    "am i speaking to a robot", "am i speaking with a bot", "am i speaking to a real person",
    "am i speaking with a real person", "who am i talking to", "who am i talking with", "who am i speaking to",
    "who am i speaking with", "who am i chatting with", "is this automated", "is this an automated reply",
    "is this an automated response", "is this an automated system", "are you automated", "is it a bot", "is this ai",
    "is this an ai", "is this a machine", "is this a person or a bot", "is this a bot or a person",
    "is this a human or a bot", "is this a bot or a human", "are you a program", "are you a computer",
    "are you a real human being", "это робот отвечает", "это бот отвечает", "мне отвечает робот", "мне отвечает бот",
    "мне бот отвечает", "мне робот отвечает", "с кем я разговариваю", "с кем я говорю", "с кем я общаюсь",
    "с кем я переписываюсь", "с кем имею честь", "кто мне отвечает", "кто со мной говорит", "кто со мной разговаривает",
    "вы живой человек или программа", "вы живой человек или бот", "вы живой человек или робот",
    "вы человек или программа", "ты человек или программа", "ты живой человек или бот", "ты живой человек или робот",
    "вы живой или бот", "ты живой или бот", "вы живой или робот", "ты живой или робот", "ты программа", "вы программа",
    "это программа", "это автоответчик", "ты автоответчик", "это нейросеть", "ты нейросеть", "вы нейросеть",
    "ты искусственный интеллект", "это живой человек", "я общаюсь с роботом", "я переписываюсь с ботом", "я пишу боту",
    "что вы можете", "что ты можешь делать", "你叫啥", "你叫啥名字", "你叫什么呀", "你能帮我做什么", "你能帮我什么忙",
    "你能帮什么忙", "你能帮忙做什么", "您能帮我做什么", "你可以帮我做什么", "你会干什么", "你会干嘛", "你能干嘛",
    "你有什么功能", "是谁", "你是啥", "你是什么", "你是什么东西", "我在跟机器人说话吗", "我在和机器人说话吗",
    "我是在跟机器人说话吗", "我是在和机器人说话吗", "我在跟机器人聊天吗", "我在和机器人聊天吗", "我在跟机器人讲话吗",
    "我在跟机器人对话吗", "我在跟真人说话吗", "我在和真人说话吗", "我在跟真人讲话吗", "我在跟真人聊天吗",
    "跟我说话的是机器人吗", "跟我说话的是真人吗", "跟我聊天的是机器人吗", "是人工还是机器人", "是机器人还是人工",
    "是真人还是机器人", "是机器人还是真人", "是机器人还是人", "是人还是机器人", "是ai还是人", "是ai还是真人",
    "是人工还是智能", "是ai吗", "是ai", "是真人", "是人吗", "是自动回复吗", "你是自动回复吗", "这是自动回复吗",
    "这是机器人吗", "这是真人吗", "这是机器人", "я с роботом говорю", "я с ботом разговариваю", "я с роботом общаюсь",
    "я с ботом переписываюсь", "я с живым человеком говорю", "я с человеком говорю", "я с человеком общаюсь",
    "你能干啥", "你会干啥", "你会啥", "你有名字吗", "是真人在回复吗", "是机器人在回复吗", "是真人在回吗",
    "是人在回复吗", "是人在回吗", "what can i ask you", "what can i ask", "what should i ask you",
    "what kind of questions can i ask", "what kind of questions can i ask you", "what questions can i ask",
    "what questions can i ask you", "what are the things you can help me with", "what kinds of things can you do",
    "what kind of things can you do", "what things can you do", "what exactly can you do",
    "what exactly can you help me with", "what all can you do", "what are your capabilities", "what do you know",
    "what do you know about", "how can i use you", "how do you work", "what is your purpose", "what are you for",
    "what are you good for", "что у тебя можно спросить", "что у вас можно спросить", "о чем тебя можно спросить",
    "какие вопросы можно задавать", "какие вопросы тебе можно задать", "какие вопросы вам можно задать",
    "на какие вопросы ты отвечаешь", "на какие вопросы вы отвечаете", "с чем ты можешь помочь",
    "с чем вы можете помочь", "для чего ты нужен", "зачем ты нужен", "可以问你什么", "可以问什么", "能问你什么",
    "能问什么", "都能问什么", "你会哪些", "你能回答什么问题", "你能回答哪些问题", "可以问你哪些问题",
    "你能解决什么问题",
];

/// The last answer was of no use.
#[rustfmt::skip]
const NO_HELP: &[&str] = &[
    "that did not help", "that didn't help", "that didnt help", "this did not help", "this didn't help",
    "this didnt help", "it did not help", "it didn't help", "it didnt help", "did not help", "didn't help", "didnt help",
    "that does not help", "that doesn't help", "that doesnt help", "this does not help", "this doesn't help",
    "this doesnt help", "doesn't help", "does not help", "doesn't help me", "does not help me", "that doesn't help me",
    "that does not help me", "this doesn't help me", "this does not help me", "that didn't help me",
    "that did not help me", "not helpful", "that's not helpful", "that is not helpful", "this is not helpful",
    "that was not helpful", "that wasn't helpful", "this isn't helpful", "that isn't helpful", "not helping",
    "this is not helping", "this isn't helping", "you're not helping", "you are not helping", "unhelpful", "no help",
    "that was no help", "not what i asked", "that's not what i asked", "thats not what i asked",
    "that is not what i asked", "this is not what i asked", "not what i meant", "that's not what i meant",
    "thats not what i meant", "that is not what i meant", "that's not my question", "that is not my question",
    "not my question", "wrong answer", "that's the wrong answer", "you didn't answer my question",
    "you did not answer my question", "you haven't answered my question", "that doesn't answer my question",
    "that does not answer my question", "this doesn't answer my question", "that didn't answer my question",
    "that's not an answer", "that is not an answer", "still doesn't work", "still does not work", "still not working",
    "it still doesn't work", "it still does not work", "it's still not working", "it is still not working",
    "didn't work", "did not work", "that didn't work", "that did not work", "it didn't work", "it did not work",
    "не помогло", "это не помогло", "мне не помогло", "мне это не помогло", "это мне не помогло", "не помогает",
    "это не помогает", "мне не помогает", "не помог", "не помогла", "не помогли", "вы не помогли", "вы мне не помогли",
    "ты не помог", "ты мне не помог", "ответ не помог", "бесполезно", "это бесполезно", "бесполезный ответ", "не то",
    "это не то", "не то что нужно", "это не то что нужно", "не то что я спрашивал", "не то что я спрашивала",
    "это не то что я спрашивал", "это не то что я спрашивала", "не тот ответ", "это не тот ответ", "это не ответ",
    "не ответили на вопрос", "вы не ответили на вопрос", "вы не ответили на мой вопрос", "ты не ответил на вопрос",
    "ты не ответил на мой вопрос", "вопрос не решен", "проблема не решена", "не решило проблему",
    "это не решило проблему", "не решает проблему", "это не решает проблему", "я не об этом", "я не про это",
    "я спрашивал не об этом", "я спрашивала не об этом", "я спрашивал о другом", "я спрашивала о другом",
    "я спрашивал про другое", "я спрашивала про другое", "все равно не работает", "по-прежнему не работает",
    "не сработало", "это не сработало", "没用", "没有用", "这没用", "这没有用", "没什么用", "没帮助", "没有帮助",
    "这没有帮助", "对我没有帮助", "对我没帮助", "没帮上忙", "帮不上忙", "没帮到我", "没有帮到我", "不管用", "没解决",
    "没有解决", "问题没解决", "问题没有解决", "没解决问题", "没有解决问题", "没解决我的问题", "没有解决我的问题",
    "还是没解决", "还是没有解决", "还没解决", "问题还是没解决", "还是不行", "还是没用", "还是没有用", "不是我要的",
    "这不是我要的", "不是我想要的", "这不是我想要的", "不是我要的答案", "不是我想要的答案", "这不是我想要的答案",
    "不是我问的", "这不是我问的", "我问的不是这个", "我不是问这个", "我不是这个意思", "不是这个意思",
    "没回答我的问题", "没有回答我的问题", "你没回答我的问题", "你没有回答我的问题", "回答得不对", "答案不对",
    "没有作用", "没效果", "没有效果", "但是还没解决", "但还没解决", "但是没解决",
];

/// Somebody has read what was said. Beside other small talk they are nothing; alone they thank.
#[rustfmt::skip]
const UNDERSTOOD: &[&str] = &[
    "ok", "okay", "k", "great", "perfect", "awesome", "cool", "nice", "fine", "good", "wonderful", "excellent",
    "alright", "all right", "got it", "i see", "understood", "все понятно", "ок", "окей", "хорошо", "понятно", "понял",
    "поняла", "ясно", "ладно", "отлично", "супер", "класс", "ага", "угу", "вопрос решен", "разобрался", "разобралась",
    "嗯", "嗯嗯", "恩", "行", "好", "好的", "好滴", "好吧", "可以", "知道了", "明白了", "明白", "懂了", "了解",
    "了解了", "收到", "ok啦", "ok了", "fair enough", "makes sense", "noted", "gotcha", "sounds good", "oki", "okey",
    "okie", "kk", "sure", "no problem", "no worries", "оке", "оки", "принято", "принял", "приняла", "договорились",
    "замечательно", "прекрасно", "здорово", "круто", "хор", "норм", "пон", "ладненько", "все ясно", "好嘞", "好哒",
    "好呀", "行吧", "ok的", "嗯好", "清楚了", "没毛病", "原来如此", "原来是这样", "晓得了", "好喔", "好哦", "嗯呐",
    "好der",
];

/// They may stand beside small talk, and alone they are nothing.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "there", "all", "everyone", "everybody", "team", "guys", "sir", "madam", "mate", "dear", "friend", "bot", "so much",
    "very much", "a lot", "lots", "again", "oh", "well", "yes", "yeah", "yep", "no", "nope", "for now", "now", "then",
    "and", "for your help", "for the help", "to you", "you too", "really", "everything", "for everything",
    "for the information", "for the info", "for the answer", "for the quick answer", "for your time", "for your answer",
    "just", "just asking", "please", "exactly", "i'm good", "im good", "sorry", "большое", "огромное", "вам", "тебе",
    "вас", "всем", "все", "еще раз", "заранее", "за все", "за помощь", "за ответ", "за информацию", "за подсказку",
    "за быстрый ответ", "за ответы", "очень", "и", "ну", "да", "нет", "бот", "ребята", "друзья", "девушка", "уважаемые",
    "а", "же", "тогда", "теперь", "вообще", "так", "тут", "здесь", "извините", "пожалуйста", "уже", "啊", "呀", "哦",
    "噢", "喔", "呢", "吧", "了", "的", "哈", "哈哈", "嘛", "吗", "么", "啦", "哟", "那", "那就", "先", "你", "您",
    "你们", "大家", "亲", "亲爱的", "客服", "小姐姐", "非常", "太", "很", "帮助", "的帮助", "您的帮助", "你的帮助",
    "帮忙", "您的解答", "解答", "回复", "您的回复", "没事", "请问", "不好意思", "打扰了", "到底", "还是", "真的", "谢",
    "that's great", "thats great", "that's perfect", "thats perfect", "that's good", "that's fine", "that is great",
    "that's very kind", "for your quick help", "for the quick help", "for your quick reply", "for the quick reply",
    "for the fast reply", "for your quick response", "for the quick response", "for your reply", "for your response",
    "for your patience", "for helping", "for helping me", "for explaining", "for clarifying", "for letting me know",
    "for now then", "my friend", "buddy", "man", "协助", "您的协助", "你的协助", "的协助", "您的帮忙", "你的帮忙",
    "您的回答", "你的回答", "的回答", "的回复", "你的回复", "的解答", "你的解答", "您的耐心", "老师", "老板", "美女",
    "帅哥", "大佬", "ребят", "дорогие", "за ваш ответ", "за ваше время", "за помощь вам", "за быструю помощь",
    "за оперативность", "за оперативный ответ", "за разъяснение", "за объяснение", "за подробный ответ", "за внимание",
    "вы супер", "вы лучшие", "today", "您的耐心解答", "耐心解答", "耐心", "耐心回复", "的耐心", "ai",
    "for providing it", "for the assistance", "for your assistance", "for your cooperation", "还是真人", "还是人",
    "还是人工", "还是机器人", "还是ai", "还是活人",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_phrase_means_two_things() {
        let all = [GREETINGS, THANKS, GOODBYES, WHO_ARE_YOU, NO_HELP, UNDERSTOOD, FILLERS].concat();
        let mut seen = HashSet::new();
        let twice: Vec<_> = all.iter().filter(|phrase| !seen.insert(**phrase)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn who_has_understood_thanks() {
        for text in ["ok", "okay then", "got it", "好的", "嗯嗯 知道了", "хорошо", "ну ок, понятно"]
        {
            assert_eq!(whole(text), Some(Builtin::Thanks), "{text}");
        }
        assert_eq!(whole("ok hi"), Some(Builtin::Greeting));
        assert_eq!(whole("хорошо, до свидания"), Some(Builtin::Goodbye));
    }

    #[test]
    fn what_did_not_help() {
        for text in [
            "That didn't help.",
            "no, that's not what i asked",
            "sorry, still not working",
            "нет, это не помогло",
            "не то",
            "没用",
            "还是不行啊",
            "你没回答我的问题",
        ] {
            assert_eq!(whole(&text.to_lowercase()), Some(Builtin::DidNotHelp), "{text}");
        }
        for text in
            ["my vacuum is still not working", "优惠码没用上", "не помогает таблетка", "that didn't help my skin"]
        {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn fillers_alone_say_nothing() {
        for text in ["yes please", "no", "нет", "да", "请问", "你", "bot"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }
}
