//! Everything the bot and the system say by themselves, in the four languages. No article text stands here.

use super::plan::Place;
use super::{Builtin, Language, Reason};

pub use super::texts_soon::*;
use Language::{En, Ru, ZhHans, ZhHant};

/// Every language must be named, so a new one stops the build here.
fn pick(language: Language, en: &str, hans: &str, hant: &str, ru: &str) -> String {
    match language {
        En => en,
        ZhHans => hans,
        ZhHant => hant,
        Ru => ru,
    }
    .to_owned()
}

pub fn small_talk(builtin: Builtin, language: Language) -> String {
    match builtin {
        Builtin::Greeting => pick(
            language,
            "Hello! What can I help you with? Ask in your own words.",
            "您好！请问有什么可以帮您？直接说您的问题就行。",
            "您好！請問有什麼可以協助您？直接說您的問題就可以了。",
            "Здравствуйте! Чем могу помочь? Спросите своими словами.",
        ),
        Builtin::Thanks => pick(
            language,
            "You’re welcome! Anything else?",
            "不客气！还有其他问题吗？",
            "不客氣！還有其他問題嗎？",
            "Пожалуйста! Могу ещё чем-то помочь?",
        ),
        Builtin::Goodbye => pick(
            language,
            "Goodbye! Come back any time.",
            "再见！有问题随时再来。",
            "再見！有問題隨時再來。",
            "До свидания! Обращайтесь в любое время.",
        ),
        Builtin::WhoAreYou => pick(
            language,
            "I’m the shop’s assistant, a program. I answer from articles that our team wrote, and call a person when I’m not sure.",
            "我是店铺的自动助手，用团队写好的文章回答问题；拿不准的时候会请人工客服来。",
            "我是商店的自動助理，用團隊寫好的文章回答問題；不確定時會請真人客服來。",
            "Я помощник магазина, программа. Отвечаю по статьям, которые написала наша команда, и зову человека, когда не уверен.",
        ),
        Builtin::Wordless => pick(
            language,
            "Tell me in a few words what you need, and I’ll look it up.",
            "请用几个字说说您的问题，我来帮您查。",
            "請用幾個字說說您的問題，我來幫您查。",
            "Напишите парой слов, что вам нужно, и я поищу ответ.",
        ),
        // Wanting a person is answered by a handoff, and so is anger; never by small talk.
        Builtin::Human | Builtin::DidNotHelp | Builtin::Anger => person_button(language),
    }
}

pub fn did_you_mean(language: Language) -> String {
    pick(
        language,
        "Did you mean one of these?",
        "您是想问下面哪一个？",
        "您是想問下面哪一個？",
        "Вы имели в виду что-то из этого?",
    )
}

pub fn something_else_button(language: Language) -> String {
    pick(language, "Something else", "都不是", "都不是", "Другое")
}

pub fn person_button(language: Language) -> String {
    pick(language, "Talk to a person", "转人工客服", "轉真人客服", "Позвать человека")
}

pub fn back_to_bot_button(language: Language) -> String {
    pick(language, "Back to the bot", "返回机器人", "返回機器人", "Вернуться к боту")
}

/// The handoff notice: why, what happens next, and the place in line.
pub fn handed_off(reason: Reason, language: Language, place: Place) -> String {
    let why = match reason {
        Reason::CustomerAsked | Reason::AgentRequested => pick(
            language,
            "A person from our team will take over.",
            "马上为您转接人工客服。",
            "馬上為您轉接真人客服。",
            "Сейчас к вам подключится сотрудник.",
        ),
        Reason::OutOfPatience => pick(
            language,
            "I’m sorry about this. A person from our team will take over.",
            "非常抱歉，马上为您转接人工客服。",
            "非常抱歉，馬上為您轉接真人客服。",
            "Простите, что так вышло. Сейчас к вам подключится сотрудник.",
        ),
        Reason::NotUnderstood => pick(
            language,
            "I’d rather not guess: a person from our team will answer this.",
            "这个问题我拿不准，请人工客服来为您解答。",
            "這個問題我不確定，請真人客服來為您解答。",
            "Не хочу гадать: на этот вопрос ответит сотрудник.",
        ),
        Reason::DidNotHelp => pick(
            language,
            "Sorry that did not help. A person from our team will take over.",
            "抱歉没能帮到您，马上为您转接人工客服。",
            "抱歉沒能幫到您，馬上為您轉接真人客服。",
            "Жаль, что не помогло. Сейчас подключится сотрудник.",
        ),
        Reason::TopicNeedsHuman => pick(
            language,
            "A person from our team will look into this with you.",
            "这件事会由人工客服跟您一起处理。",
            "這件事會由真人客服與您一起處理。",
            "Этим вместе с вами займётся сотрудник.",
        ),
        Reason::BotUnavailable => pick(
            language,
            "I can’t look this up right now, so a person from our team will answer.",
            "我暂时查不了，由人工客服来回复您。",
            "我暫時無法查詢，由真人客服來回覆您。",
            "Сейчас я не могу это найти, поэтому ответит сотрудник.",
        ),
    };
    join(language, &why, &position(language, place))
}

pub fn still_waiting(language: Language, place: Place) -> String {
    let noted = pick(
        language,
        "Noted: the person who answers will see this too.",
        "已记下，客服会看到您说的内容。",
        "已記下，客服會看到您說的內容。",
        "Записал: сотрудник это тоже увидит.",
    );
    join(language, &noted, &position(language, place))
}

pub fn position(language: Language, Place(n): Place) -> String {
    match language {
        En if n <= 1 => "You are next in line.".to_owned(),
        En => format!("You are number {n} in line."),
        ZhHans => format!("您目前排在第 {n} 位。"),
        ZhHant => format!("您目前排在第 {n} 位。"),
        Ru if n <= 1 => "Вы следующий в очереди.".to_owned(),
        Ru => format!("Вы в очереди под номером {n}."),
    }
}

pub fn agent_joined(language: Language, name: &str) -> String {
    match language {
        En => format!("{name} has joined the conversation."),
        ZhHans => format!("客服 {name} 已加入对话。"),
        ZhHant => format!("客服 {name} 已加入對話。"),
        Ru => format!("К разговору подключился сотрудник: {name}."),
    }
}

pub fn back_with_bot(language: Language) -> String {
    pick(
        language,
        "You’re back with the bot. What would you like to know?",
        "已返回机器人，请问还想了解什么？",
        "已返回機器人，請問還想了解什麼？",
        "Вы снова с ботом. Что подсказать?",
    )
}

pub fn resolved(language: Language) -> String {
    pick(
        language,
        "This conversation is closed. How did we do? Just write if anything else comes up.",
        "本次对话已结束，请为我们的服务打分。有其他问题直接留言即可。",
        "本次對話已結束，請為我們的服務評分。有其他問題直接留言即可。",
        "Разговор завершён. Оцените, пожалуйста, нашу работу. Если появятся вопросы — просто напишите.",
    )
}

pub fn thanks_for_rating(language: Language) -> String {
    pick(language, "Thank you for the rating!", "感谢您的评价！", "感謝您的評價！", "Спасибо за оценку!")
}

pub fn sorry_offer_person(language: Language) -> String {
    pick(
        language,
        "Sorry about that. Try other words, or talk to a person.",
        "抱歉没帮到您。可以换个说法再问，或转人工客服。",
        "抱歉沒幫到您。可以換個說法再問，或轉真人客服。",
        "Жаль. Попробуйте спросить иначе или позовите человека.",
    )
}

pub fn join(language: Language, first: &str, second: &str) -> String {
    let space = if language.is_chinese() { "" } else { " " };
    format!("{first}{space}{second}")
}
