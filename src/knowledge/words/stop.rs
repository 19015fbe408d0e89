//! Words that say nothing about the topic. The lists are short on purpose: question words, negations and verbs
//! such as "pay" or "return" tell intents apart and stay.

use std::collections::HashSet;
use std::sync::LazyLock;

/// English function words, as they stand after apostrophes are removed. They also tell English apart from product names.
pub(super) fn is_english(word: &str) -> bool {
    ENGLISH.contains(word)
}

/// English words that ask; they stay in the tokens, but a text that has them is English.
pub(super) fn asks_in_english(word: &str) -> bool {
    ASKING.contains(word)
}

/// Russian function words and greetings, after ё became е.
pub(super) fn is_russian(word: &str) -> bool {
    RUSSIAN.contains(word)
}

/// Chinese particles, pronouns and politeness, in Simplified characters.
pub(super) fn is_chinese(word: &str) -> bool {
    CHINESE.contains(word)
}

type Words = LazyLock<HashSet<&'static str>>;

static ENGLISH: Words = LazyLock::new(|| {
    "a an the this that these those there here it its is are am im be been was were do does did i me my mine we us \
    our you your they their he she of to in on at for and or as by with from so if then than just please pls hi \
    hello hey would could should can will ive id ill have has had"
        .split(' ')
        .collect()
});

static ASKING: Words = LazyLock::new(|| {
    "how what whats when where wheres who why which not no dont cant wont didnt doesnt isnt but about any some want \
    need get"
        .split(' ')
        .collect()
});

static RUSSIAN: Words = LazyLock::new(|| {
    "и а но или в во на с со к ко у о об от до по за из для при же ли бы то это этот эта эти что чтобы я мне меня мой \
    моя мое мои мою моего мы нам нас вы вас вам ваш ваша ваши он она они его ее их есть быть был была было были если \
    так там тут вот ну уже еще пожалуйста здравствуйте привет можно добрый день"
        .split(' ')
        .collect()
});

static CHINESE: Words = LazyLock::new(|| {
    "的 了 吗 呢 吧 啊 呀 嘛 哦 哈 么 得 地 是 我 你 您 我们 你们 他 她 它 在 和 与 也 都 就 还 请 请问 这 那 这个 那个 一个 着 把 给 你好 您好"
    .split(' ')
    .collect()
});
