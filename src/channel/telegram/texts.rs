//! What only Telegram needs said, in the four languages. Everything else the bot says stands in `domain::texts`.

use crate::domain::Language;

/// Every language must be named, so a new one stops the build here.
fn pick(language: Language, en: &str, hans: &str, hant: &str, ru: &str) -> String {
    match language {
        Language::En => en,
        Language::ZhHans => hans,
        Language::ZhHant => hant,
        Language::Ru => ru,
    }
    .to_owned()
}

pub fn helped(language: Language) -> String {
    pick(language, "👍 This helped", "👍 有帮助", "👍 有幫助", "👍 Помогло")
}

pub fn did_not_help(language: Language) -> String {
    pick(language, "👎 It did not", "👎 没帮上忙", "👎 沒幫上忙", "👎 Не помогло")
}

/// Shown for a moment over the chat.
pub fn thanks_for_feedback(language: Language) -> String {
    pick(language, "Thank you for telling us!", "感谢您的反馈！", "感謝您的回饋！", "Спасибо, что сообщили!")
}

/// Shown for a moment over the chat.
pub fn stale_button(language: Language) -> String {
    pick(
        language,
        "These buttons are from earlier. Just write what you need.",
        "这是之前的按钮，已经失效。直接留言告诉我就行。",
        "這是先前的按鈕，已經失效。直接留言告訴我就可以了。",
        "Это старые кнопки. Просто напишите, что нужно.",
    )
}

pub fn help(language: Language) -> String {
    pick(
        language,
        "Ask in your own words and I’ll look for the answer. If you’d rather talk to a person, send /human at any time.",
        "直接用自己的话提问，我来找答案。想找人工客服，随时发送 /human。",
        "直接用自己的話提問，我來找答案。想找真人客服，隨時傳送 /human。",
        "Спросите своими словами, и я поищу ответ. Если нужен человек, отправьте /human в любой момент.",
    )
}

/// A photo, a voice message, a file: said while the bot has the conversation.
pub fn only_text(language: Language) -> String {
    pick(
        language,
        "Sorry, I can only read text so far. Please put it into words, or talk to a person.",
        "抱歉，我目前只能看文字。请用文字描述一下，或转人工客服。",
        "抱歉，我目前只能看文字。請用文字描述一下，或轉真人客服。",
        "Простите, пока я читаю только текст. Опишите, пожалуйста, словами или позовите человека.",
    )
}

/// The same while a person has the conversation or is waited for.
pub fn only_text_for_person(language: Language) -> String {
    pick(
        language,
        "Our team can’t open this here yet, they only see that you sent something. Please put it into words.",
        "客服目前还无法在这里查看，只能看到您发过内容。请用文字描述一下。",
        "客服目前還無法在這裡查看，只能看到您傳過內容。請用文字描述一下。",
        "Сотрудник пока не может это открыть и видит только, что вы что-то прислали. Опишите, пожалуйста, словами.",
    )
}

/// What the agent sees in place of something that is not text. `what` is a name from `Unread::name`.
pub fn unread_placeholder(what: &str) -> String {
    format!("[{what}]")
}

pub fn photo(language: Language) -> String {
    pick(language, "photo", "图片", "圖片", "фото")
}

pub fn voice(language: Language) -> String {
    pick(language, "voice message", "语音消息", "語音訊息", "голосовое сообщение")
}

pub fn video(language: Language) -> String {
    pick(language, "video", "视频", "影片", "видео")
}

pub fn file(language: Language) -> String {
    pick(language, "file", "文件", "檔案", "файл")
}

pub fn sticker(language: Language) -> String {
    pick(language, "sticker", "贴纸", "貼圖", "стикер")
}

pub fn location(language: Language) -> String {
    pick(language, "location", "位置", "位置", "геопозиция")
}

pub fn contact(language: Language) -> String {
    pick(language, "contact", "联系人", "聯絡人", "контакт")
}

pub fn something(language: Language) -> String {
    pick(language, "something that is not text", "非文字内容", "非文字內容", "не текст")
}

pub fn was_cut(language: Language, n_chars: usize) -> String {
    match language {
        Language::En => format!(
            "Your message was very long: I kept its first {n_chars} characters. Please send the rest in another message."
        ),
        Language::ZhHans => format!("您的消息太长，我只保留了前 {n_chars} 个字符，其余内容请再发一条。"),
        Language::ZhHant => format!("您的訊息太長，我只保留了前 {n_chars} 個字元，其餘內容請再傳一則。"),
        Language::Ru => format!(
            "Сообщение очень длинное: сохранены первые {n_chars} символов. Остальное пришлите, пожалуйста, отдельно."
        ),
    }
}

/// To somebody who asks for a person while one is there.
pub fn with_person(language: Language) -> String {
    pick(
        language,
        "A person from our team is in this conversation. Just write, they see it here.",
        "人工客服已经在对话中，直接留言，客服就能看到。",
        "真人客服已經在對話中，直接留言，客服就能看到。",
        "Сотрудник уже в этом разговоре. Просто напишите, он всё увидит.",
    )
}

pub fn private_only(language: Language) -> String {
    pick(
        language,
        "I answer questions in a private chat only. Please write to me there.",
        "我只在私聊中回答问题，请私聊我。",
        "我只在私訊中回答問題，請私訊我。",
        "Я отвечаю только в личных сообщениях. Напишите мне туда, пожалуйста.",
    )
}

/// Something broke while the message was being kept, and trying again will not help.
pub fn trouble(language: Language) -> String {
    pick(
        language,
        "Sorry, something went wrong on our side and your last message was not kept. Please send it again.",
        "抱歉，系统出了点问题，您刚才的消息没有保存下来，请再发一次。",
        "抱歉，系統出了點問題，您剛才的訊息沒有儲存，請再傳一次。",
        "Простите, у нас что-то сломалось, и последнее сообщение не сохранилось. Отправьте его, пожалуйста, ещё раз.",
    )
}

/// For the command list of Telegram's apps.
pub fn command_human(language: Language) -> String {
    pick(language, "Talk to a person", "转人工客服", "轉真人客服", "Позвать человека")
}

pub fn command_help(language: Language) -> String {
    pick(language, "What this bot can do", "机器人能做什么", "機器人能做什麼", "Что умеет этот бот")
}

// Being forgotten.

pub fn command_forget(language: Language) -> String {
    pick(
        language,
        "Erase everything I said here",
        "删除我在这里说过的一切",
        "刪除我在這裡說過的一切",
        "Стереть всё, что я здесь писал",
    )
}

pub fn ask_to_forget(language: Language) -> String {
    pick(
        language,
        "We will erase everything that you wrote to us here and what we answered, at once and for good. An open request ends with it. \
         What you see in this chat is kept by Telegram: you can delete it there.",
        "我们会立即永久删除您在这里写的内容和我们的回复，未完成的咨询也会随之结束。聊天窗口里的消息由 Telegram 保存，可在 Telegram 中自行删除。",
        "我們會立即永久刪除您在這裡寫的內容和我們的回覆，未完成的諮詢也會隨之結束。聊天視窗裡的訊息由 Telegram 保存，可在 Telegram 中自行刪除。",
        "Мы сразу и навсегда сотрём всё, что вы нам здесь писали и что мы ответили. Открытое обращение на этом закончится. \
         То, что видно в этом чате, хранит Telegram: удалить это можно там.",
    )
}

pub fn forget_button(language: Language) -> String {
    pick(language, "Erase everything", "全部删除", "全部刪除", "Стереть всё")
}

pub fn nothing_to_forget(language: Language) -> String {
    pick(
        language,
        "There is nothing to erase: we keep nothing of yours here.",
        "没有需要删除的内容：我们这里没有保存您的任何信息。",
        "沒有需要刪除的內容：我們這裡沒有保存您的任何資訊。",
        "Стирать нечего: здесь у нас ничего вашего нет.",
    )
}

/// The last thing that a forgotten customer hears.
pub fn forgotten(language: Language) -> String {
    pick(
        language,
        "Done, everything is erased. If you write again, we start anew.",
        "已全部删除。您再次留言时，将是一次全新的对话。",
        "已全部刪除。您再次留言時，將是一次全新的對話。",
        "Готово, всё стёрто. Если напишете снова, начнём с чистого листа.",
    )
}

/// Shown for a moment over the chat.
pub fn already_forgotten(language: Language) -> String {
    pick(
        language,
        "This button was used already. To erase what came after, send /forget again.",
        "此按钮已经用过。如需删除之后的内容，请再次发送 /forget。",
        "此按鈕已經用過。如需刪除之後的內容，請再次傳送 /forget。",
        "Эта кнопка уже сработала. Чтобы стереть то, что было потом, отправьте /forget ещё раз.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_over_the_chat_is_short() {
        for language in Language::ALL {
            // Bot API, answerCallbackQuery: at most 200 characters.
            assert!(stale_button(language).chars().count() <= 200);
            assert!(thanks_for_feedback(language).chars().count() <= 200);
            assert!(already_forgotten(language).chars().count() <= 200);
            // Bot API, BotCommand: at most 256 characters.
            assert!(command_human(language).chars().count() <= 256);
            assert!(command_help(language).chars().count() <= 256);
            assert!(command_forget(language).chars().count() <= 256);
        }
    }
}
