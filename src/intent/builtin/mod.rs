//! Intents that need no article, by rules: the customer wants a person, greets, thanks, says goodbye, asks who this is, is
//! angry, or says nothing in words.
//!
//! Rules, not the classifier, because wanting a person must work in every language, on the first day, without a model.
//! They are careful: a greeting before a question is a question, and asking about people is not asking for one.

mod anger;
mod human_en;
mod human_ru;
mod human_zh;
mod marks;
mod small_talk;
mod who;

pub use marks::without_words;

use crate::domain::Builtin;
use crate::domain::language::is_han;

/// The built-in intent of a text, or `None` when it asks something else.
///
/// `normalised` is lower case, NFKC, Simplified, `е` for `ё`; lines are thoughts of their own. People write "operator" and
/// "ok, 谢谢" in any conversation, so the words of every language count whatever the text's language is; and inflection is
/// in the tables, because a stemmer turns "thanks" and "thank" into one but also "operator" and "operation".
pub fn in_words(normalised: &str) -> Option<Builtin> {
    let text = tidy(normalised);
    if let Some(builtin) = small_talk::whole(&text) {
        return Some(builtin);
    }
    let clauses: Vec<Vec<&str>> = clauses(&text).collect();
    if who::asked(&clauses) {
        return Some(Builtin::WhoAreYou);
    }
    let wants_human = human_en::wanted(&clauses) || human_ru::wanted(&clauses) || human_zh::wanted(&text);
    if wants_human {
        return Some(Builtin::Human);
    }
    anger::shown(&text, &clauses).then_some(Builtin::Anger)
}

/// One kind of apostrophe, one 你; and a letter that comes three times or more stays once, so that "heyyyy" is "hey".
fn tidy(normalised: &str) -> String {
    let mut out = String::with_capacity(normalised.len());
    let plain = |c: char| match c {
        '’' => '\'',
        '妳' => '你',
        other => other,
    };
    let chars: Vec<char> = normalised.chars().map(plain).collect();
    for run in chars.chunk_by(|a, b| a == b) {
        let is_drawn_out = run.len() >= 3 && run[0].is_alphabetic() && !is_han(run[0]);
        out.extend(&run[..if is_drawn_out { 1 } else { run.len() }]);
    }
    out
}

/// Words between marks that end a thought. Hyphens and apostrophes belong to words: "human-readable" is not "human".
fn clauses(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let ends = |c: char| matches!(c, '.' | ',' | '!' | '?' | ';' | ':' | '\n' | '。' | '、' | '(' | ')');
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '\'';
    text.split(ends)
        .map(move |clause| clause.split(move |c| !is_part(c)).filter(|word| !word.is_empty()).collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Builtin::*;

    /// As the caller would pass it, in Simplified and lower case. What customers type stands in `tests/builtins`.
    fn check(cases: &[(&str, Option<Builtin>)]) {
        let wrong: Vec<_> = cases.iter().filter(|(text, expected)| in_words(text) != *expected).map(|c| c.0).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn english() {
        check(&[
            ("i want to talk to a human", Some(Human)),
            ("operator please", Some(Human)),
            ("can i speak with someone real", Some(Human)),
            ("human!!!", Some(Human)),
            ("agent", Some(Human)),
            ("get me a real person now", Some(Human)),
            ("connect me to an agent", Some(Human)),
            ("hi, could you please transfer me to a representative?", Some(Human)),
            ("i'd like to chat with a live agent about my refund", Some(Human)),
            ("let me speak to your manager", Some(Human)),
            ("is there a human i can talk to", Some(Human)),
            ("is anyone there?", Some(Human)),
            ("i need a human, this is useless", Some(Human)),
            ("how do i talk to a real person?", Some(Human)),
            ("why can't i talk to a human", Some(Human)),
            ("i don't want a bot, i want a human", Some(Human)),
            ("my lamp came broken. can a person help me", Some(Human)),
            ("please put me through to customer service", Some(Human)),
            ("talk to human", Some(Human)),
            ("speak to someone about a late parcel", Some(Human)),
            ("no more bots please", Some(Human)),
            ("i don't want to talk to a bot", Some(Human)),
            ("how do i stop the robot vacuum", None),
            ("my robot does not charge", None),
            ("i want to send this to a person in another country", None),
            ("live person", Some(Human)),
            ("i need to speak to somebody", Some(Human)),
            ("humannnn", Some(Human)),
            ("do i need to speak to a representative to change my pin?", None),
            ("i need someone to look at my car", None),
            ("can a person under 18 order?", None),
            ("is there a human-readable invoice", None),
            ("is there a human readable invoice", None),
            ("i spoke to an agent yesterday and nothing happened", None),
            ("can i cancel without talking to an agent", None),
            ("i don't want to talk to a person", None),
            ("i want to become an agent for your brand", None),
            ("how many people fit on this sofa", None),
            ("do you sell human hair wigs", None),
            ("where is the operator manual", None),
            ("i need an operator manual for the drill", None),
            ("what are your customer service hours", None),
            ("can someone else pick up my parcel", None),
            ("my agent number is wrong", None),
            ("do i need to be there in person", None),
            ("can i talk to my bank about the refund", None),
            ("the cleaning agent leaked in the box", None),
            ("hi", Some(Greeting)),
            ("hello there!", Some(Greeting)),
            ("good morning, how are you?", Some(Greeting)),
            ("heyyyy", Some(Greeting)),
            ("hi, where is my order", None),
            ("hello i want to return a lamp", None),
            ("thanks!", Some(Thanks)),
            ("ok thank you so much for your help", Some(Thanks)),
            ("that worked, thanks", Some(Thanks)),
            ("thanks, and how do i return it?", None),
            ("thank you card", None),
            ("bye", Some(Goodbye)),
            ("thanks, bye!", Some(Goodbye)),
            ("have a nice day", Some(Goodbye)),
            ("goodbye sale dates", None),
            ("who are you?", Some(WhoAreYou)),
            ("hi, are you a bot?", Some(WhoAreYou)),
            ("am i talking to a human?", Some(WhoAreYou)),
            ("what can you do", Some(WhoAreYou)),
            ("who are you shipping with", None),
            ("", None),
            ("???", None),
            ("where is my refund", None),
        ]);
    }

    #[test]
    fn chinese() {
        check(&[
            ("人工", Some(Human)),
            ("转人工", Some(Human)),
            ("找真人客服", Some(Human)),
            ("我要人工客服", Some(Human)),
            ("请帮我转接人工服务,谢谢", Some(Human)),
            ("能不能转一下人工", Some(Human)),
            ("人工客服在吗?", Some(Human)),
            ("我想和真人说话", Some(Human)),
            ("跟你们客服聊聊", Some(Human)),
            ("有人吗", Some(Human)),
            ("有没有活人啊", Some(Human)),
            ("不要机器人", Some(Human)),
            ("我不想跟机器人说话", Some(Human)),
            ("我不想要扫地机器人了", None),
            ("人工人工人工", Some(Human)),
            ("让人工来处理", Some(Human)),
            ("叫你们经理来", Some(Human)),
            ("怎么转人工?", Some(Human)),
            ("为什么不能转人工", Some(Human)),
            ("客服", Some(Human)),
            ("联系客服", Some(Human)),
            ("我的快递丢了,帮我找个客服", Some(Human)),
            ("请转专员", Some(Human)),
            ("客服几点上班", None),
            ("人工客服几点上班", None),
            ("人工客服的工作时间是什么", None),
            ("客服电话是多少", None),
            ("怎么联系客服", None),
            ("不用转人工", None),
            ("不需要人工", None),
            ("退款需要人工审核吗", None),
            ("这是人工智能音箱吗", None),
            ("人工草坪怎么安装", None),
            ("昨天找了人工客服,说三天到账", None),
            ("一个人能装这个柜子吗", None),
            ("真人秀同款有货吗", None),
            ("送货的人没来", None),
            ("你好", Some(Greeting)),
            ("您好,在吗?", Some(Greeting)),
            ("早上好", Some(Greeting)),
            ("你好,我的订单在哪", None),
            ("在吗,想问下怎么退货", None),
            ("谢谢", Some(Thanks)),
            ("好的,谢谢你", Some(Thanks)),
            ("非常感谢您的帮助!", Some(Thanks)),
            ("谢谢,那怎么退货", None),
            ("再见", Some(Goodbye)),
            ("谢谢,拜拜", Some(Goodbye)),
            ("你是谁", Some(WhoAreYou)),
            ("你是机器人吗?", Some(WhoAreYou)),
            ("请问你是真人吗", Some(WhoAreYou)),
            ("你是谁家的快递", None),
            ("我的退款什么时候到", None),
        ]);
    }

    #[test]
    fn russian() {
        check(&[
            ("позовите оператора", Some(Human)),
            ("живой человек есть?", Some(Human)),
            ("оператор", Some(Human)),
            ("оператора, пожалуйста!", Some(Human)),
            ("соедините меня с оператором", Some(Human)),
            ("хочу поговорить с человеком", Some(Human)),
            ("нужен живой человек", Some(Human)),
            ("можно пообщаться с менеджером по поводу возврата?", Some(Human)),
            ("переключите на специалиста", Some(Human)),
            ("есть кто живой?", Some(Human)),
            ("тут есть живые люди?", Some(Human)),
            ("не хочу общаться с ботом", Some(Human)),
            ("как мне связаться с оператором?", Some(Human)),
            ("почему нельзя поговорить с человеком", Some(Human)),
            ("дайте человека", Some(Human)),
            ("товар сломан, пригласите сотрудника", Some(Human)),
            ("свяжите с поддержкой", Some(Human)),
            ("менеджера позовите", Some(Human)),
            ("есть кто-нибудь?", Some(Human)),
            ("хочу живого оператора", Some(Human)),
            ("не работает робот-пылесос", None),
            ("робот не заряжается", None),
            ("есть ли живые цветы", None),
            ("мне бы с оператором поговорить", Some(Human)),
            ("как связаться с оператором связи", None),
            ("какой оператор связи доставляет смс", None),
            ("оператор сказал, что деньги вернут завтра", None),
            ("не нужен оператор", None),
            ("можно отменить заказ без оператора?", None),
            ("не зовите оператора", None),
            ("хочу стать вашим сотрудником", None),
            ("на сколько человек этот стол", None),
            ("нужно ли присутствие человека при доставке", None),
            ("во сколько начинает работать поддержка", None),
            ("может ли другой человек забрать заказ", None),
            ("курьер не позвонил", None),
            ("привет", Some(Greeting)),
            ("здравствуйте!", Some(Greeting)),
            ("добрый день, как дела?", Some(Greeting)),
            ("приветттт", Some(Greeting)),
            ("здравствуйте, где мой заказ", None),
            ("добрый день нужно вернуть лампу", None),
            ("спасибо", Some(Thanks)),
            ("большое спасибо за помощь!", Some(Thanks)),
            ("ок, спасибо", Some(Thanks)),
            ("спасибо, а как вернуть?", None),
            ("до свидания", Some(Goodbye)),
            ("спасибо, всего доброго", Some(Goodbye)),
            ("пока", Some(Goodbye)),
            ("пока не пришел заказ", None),
            ("кто ты?", Some(WhoAreYou)),
            ("вы бот?", Some(WhoAreYou)),
            ("я говорю с человеком?", Some(WhoAreYou)),
            ("ты человек или робот", Some(WhoAreYou)),
            ("кто вы по доставке используете", None),
            ("где мой возврат", None),
        ]);
    }

    #[test]
    fn languages_mix() {
        check(&[
            ("ok, 谢谢", Some(Thanks)),
            ("hello, позовите оператора", Some(Human)),
            ("我要 operator please", Some(Human)),
            ("привет, operator please", Some(Human)),
            ("спс bye", Some(Goodbye)),
        ]);
    }

    #[test]
    fn long_texts_are_no_trouble() {
        let text = "i want a lamp and ".repeat(5_000);
        assert_eq!(in_words(&text), None);
        assert_eq!(in_words(&format!("{text}. operator please")), Some(Human));
    }
}
