### Everything that Firstline says by itself: Russian.
### The syntax is Fluent (https://projectfluent.org/fluent/guide/). The same keys with the same variables stand in
### all four files; a test holds them together. Change single texts in a folder of your own: docs/texts.md.

## Small talk of the bot

# Answers a greeting. An opening question follows at once.
small-talk-greeting = Здравствуйте! Чем могу помочь? Спросите своими словами.

# Answers thanks.
small-talk-thanks = Пожалуйста! Могу ещё чем-то помочь?

# Answers a goodbye.
small-talk-goodbye = До свидания! Обращайтесь в любое время.

# Answers “who are you”, “are you a robot”. It must say that it is a program.
small-talk-who-are-you = Я помощник магазина, программа. Отвечаю по статьям, которые написала наша команда, и зову человека, когда не уверен.

# Answers a turn without words: emoji, punctuation.
small-talk-wordless = Напишите парой слов, что вам нужно, и я поищу ответ.

## Questions of the bot, and buttons

# Stands over up to four questions to tap.
did-you-mean = Вы имели в виду что-то из этого?

# A button below those questions: none of them.
something-else-button = Другое

# A button: call a person.
person-button = Позвать человека

# A button while the customer waits for a person.
back-to-bot-button = Вернуться к боту

# After “that did not help”; a button for a person is below.
sorry-offer-person = Жаль. Попробуйте спросить иначе или позовите человека.

# After a file without a word about it; a button for a person is below.
file-received = Файл получен, спасибо. Сам я файлы не читаю: напишите словами, в чём вопрос, или позовите человека.

## Handoff: why a person takes over. The place in line follows in the same turn.

# The customer or an agent asked for it.
handoff-asked = Сейчас к вам подключится сотрудник.

# The customer is annoyed. Never say so.
handoff-out-of-patience = Простите, что так вышло. Сейчас к вам подключится сотрудник.

# The bot found no answer that it is sure of.
handoff-not-understood = Не хочу гадать: на этот вопрос ответит сотрудник.

# The customer said that the answer did not help.
handoff-did-not-help = Жаль, что не помогло. Сейчас подключится сотрудник.

# A person always looks into this topic.
handoff-topic = Этим вместе с вами займётся сотрудник.

# The bot is out of order.
handoff-bot-unavailable = Сейчас я не могу это найти, поэтому ответит сотрудник.

## Waiting

# $place: the place in line, 1 is next.
position =
    { $place ->
        [1] Вы следующий в очереди.
       *[other] Вы в очереди под номером { $place }.
    }

# Follows the place in line: how long it usually takes.
wait-under-a-minute = Обычно ждут меньше минуты.

# The same.
wait-about-a-minute = Обычно ждут около минуты.

# The same. $minutes: 2 or more.
wait-minutes =
    { $minutes ->
        [one] Обычно ждут { $minutes } минуту.
        [few] Обычно ждут { $minutes } минуты.
       *[many] Обычно ждут { $minutes } минут.
    }

# The same. $low and $high: minutes, $low is the smaller number.
wait-range =
    { $high ->
        [one] Обычно ждут от { $low } до { $high } минуты.
       *[other] Обычно ждут от { $low } до { $high } минут.
    }

# The same, for long waits. $hours: 2 or more.
wait-hours =
    { $hours ->
        [one] Обычно ждут до { $hours } часа.
       *[other] Обычно ждут до { $hours } часов.
    }

# The customer writes while waiting. The place in line follows.
still-waiting = Записал: сотрудник это тоже увидит.

# Out of hours. $opening: when the team is back, such as “tomorrow at 09:00” or “Monday 09:00”.
nobody-here = Сейчас нерабочее время, мы вернёмся { $opening }. Оставьте адрес электронной почты или номер телефона, и мы с вами свяжемся, или продолжайте разговор с ботом.

# Out of hours, and nobody knows when the team is back.
nobody-here-no-opening = Сейчас нерабочее время. Оставьте адрес электронной почты или номер телефона, и мы с вами свяжемся, или продолжайте разговор с ботом.

# In hours, but nobody is signed in.
nobody-online = Сейчас никого нет на месте. Мы уже знаем о вашем вопросе и ответим здесь, как только кто-нибудь вернётся. Можно также оставить адрес электронной почты или номер телефона.

# $contact: the e-mail address or phone number that the customer left.
contact-kept = Спасибо! Мы свяжемся с вами: { $contact }.

# The team did not answer in time; the conversation is back in the queue.
no-reply-yet = Простите за ожидание: вам ещё не ответили. Вы снова первые в очереди.

## With a person

# $name: the agent.
agent-joined = К разговору подключился сотрудник: { $name }.

# An agent took the conversation over from the bot without being asked. $name: the agent.
person-looking = К разговору подключился сотрудник: { $name }. Дальше отвечает человек, а не бот.

# $name: the agent, who gave the conversation back to the queue.
agent-left = { $name } больше не в разговоре. Вы снова в очереди, в самом её начале.

# An agent has blocked the customer; nothing more is taken from them.
closed-by-team = Наша команда закрыла этот разговор. Писать сюда больше нельзя.

# $queue: the queue’s title, such as “Payments”.
transferred-to-queue = Передаём разговор в отдел «{ $queue }». Там видна вся переписка, повторять ничего не нужно.

# The same where the queue has no title for customers.
transferred = Передаём разговор коллегам, которые лучше в этом разбираются. Им видна вся переписка, повторять ничего не нужно.

## The end, and going on elsewhere

# A person handed the conversation back, or the customer went back.
back-with-bot = Вы снова с ботом. Что подсказать?

# Solved. Five stars to tap are below.
resolved = Разговор завершён. Оцените, пожалуйста, нашу работу. Если появятся вопросы — просто напишите.

# After a tap on a star.
thanks-for-rating = Спасибо за оценку!

# Closed because nothing was said for a long time.
closed-for-silence = Давно не было сообщений, поэтому разговор завершён. Если понадобимся — просто напишите.

# Could not be solved yet. $plan: what happens next, a sentence that an agent wrote. The next text may follow.
unsolved-plan = Пока решить это не удалось. Что будет дальше: { $plan }

# $due: until when we come back, such as “tomorrow at 09:00”.
unsolved-due = Мы ответим вам не позднее чем { $due }.

# $channel: where the conversation was before, such as “Telegram” or “website”.
moved-here = Здесь продолжается разговор, начатый в другом месте ({ $channel }).

# The customer has two conversations; this one ends and the other goes on.
merged = У вас есть ещё один разговор с нами. Этот продолжится там.

# The name of the channel, as in “moved-here”.
channel-web = сайт

# The name of the channel, as in “moved-here”.
channel-telegram = Telegram

## Transcripts and letters

# Stands over a conversation that a customer downloads or gets by mail.
transcript-title = Ваша беседа

# Below it. $zone: the name of the time zone, such as “Europe/Berlin”.
transcript-zone = Время: { $zone }

# Who speaks in a transcript: the customer.
transcript-customer = Вы

# The same: the bot.
transcript-bot = Помощник

# The same: what happened, such as “Ann has joined the conversation”.
transcript-notice = Уведомление

# The same: an agent without a name.
transcript-team = Наша команда

# The subject of a mail with the transcript.
mail-transcript-subject = Ваша беседа с нами

# The foot of that mail. Anybody could have typed the address.
mail-transcript-why = Вы получили это письмо, потому что этот адрес указали в нашем чате, чтобы прислать запись беседы. Если это были не вы, ничего делать не нужно.

# The subject of a mail about replies that the customer has not seen. $name: the agent.
mail-replies-subject = Вам ответили: { $name }

# Begins that mail; the replies follow. $name: the agent.
mail-replies-greeting = Здравствуйте! Пока вас не было, вам написали ({ $name }):

# Below the replies; a link to the page with the chat follows.
mail-replies-go-on = Продолжить беседу можно здесь:

# The same where that page is not known.
mail-replies-go-on-without-link = Чтобы продолжить беседу, снова откройте чат на нашем сайте.

# The foot of that mail.
mail-replies-why = Вы получили это письмо, потому что в этой беседе мы знаем вас по этому адресу. Пожалуйста, отвечайте в чате: ответ на письмо в беседу не попадёт.

## Only in Telegram

# A button below an answer.
telegram-helped = 👍 Помогло

# A button below an answer.
telegram-did-not-help = 👎 Не помогло

# After a tap on one of these two. Shown for a moment over the chat; at most 200 characters.
telegram-thanks-for-feedback = Спасибо, что сообщили!

# A tap on a button that no longer counts. Shown for a moment over the chat; at most 200 characters.
telegram-stale-button = Это старые кнопки. Просто напишите, что нужно.

# Answers /help and stands below the greeting of /start.
telegram-help = Спросите своими словами, и я поищу ответ. Если нужен человек, отправьте /human в любой момент.

# A photo, a voice message, a file: said while the bot has the conversation.
telegram-only-text = Простите, с этим я здесь ничего не могу сделать. Опишите, пожалуйста, словами или позовите человека.

# The same while a person has the conversation or is waited for.
telegram-only-text-for-person = Сотрудник не может это открыть и видит только, что вы что-то прислали. Опишите, пожалуйста, словами.

# What the agent sees in place of what the customer sent.
telegram-photo = фото

# The same.
telegram-voice = голосовое сообщение

# The same.
telegram-video = видео

# What the agent sees, and the customer reads, of a file that could not be taken.
telegram-audio = аудиофайл

# The same.
telegram-file = файл

# The same.
telegram-sticker = стикер

# The same.
telegram-location = геопозиция

# The same.
telegram-contact = контакт

# The same.
telegram-something = не текст

# A message was longer than can be kept. $chars: how many characters were.
telegram-was-cut =
    { $chars ->
        [one] Сообщение очень длинное: сохранён первый { $chars } символ. Остальное пришлите, пожалуйста, отдельно.
        [few] Сообщение очень длинное: сохранены первые { $chars } символа. Остальное пришлите, пожалуйста, отдельно.
       *[many] Сообщение очень длинное: сохранены первые { $chars } символов. Остальное пришлите, пожалуйста, отдельно.
    }

# To somebody who asks for a person while one is there.
telegram-with-person = Сотрудник уже в этом разговоре. Просто напишите, он всё увидит.

# In a group.
telegram-private-only = Я отвечаю только в личных сообщениях. Напишите мне туда, пожалуйста.

# Something broke while the message was being kept, and trying again will not help.
telegram-trouble = Простите, у нас что-то сломалось, и последнее сообщение не сохранилось. Отправьте его, пожалуйста, ещё раз.

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-human = Позвать человека

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-help = Что умеет этот бот

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-forget = Стереть всё, что я здесь писал

# Before everything of a customer is erased; telegram-forget-button stands under it.
telegram-ask-to-forget = Мы сразу и навсегда сотрём всё, что вы нам здесь писали и что мы ответили. Открытое обращение на этом закончится. То, что видно в этом чате, хранит Telegram: удалить это можно там.

# A button under telegram-ask-to-forget.
telegram-forget-button = Стереть всё

# /forget, and nothing is kept.
telegram-nothing-to-forget = Стирать нечего: здесь у нас ничего вашего нет.

# The last thing that a forgotten customer hears.
telegram-forgotten = Готово, всё стёрто. Если напишете снова, начнём с чистого листа.

# Shown for a moment over the chat, when the button is tapped again.
telegram-already-forgotten = Эта кнопка уже сработала. Чтобы стереть то, что было потом, отправьте /forget ещё раз.

# /start with a code that opens nothing any more.
telegram-link-expired = Эта ссылка уже использована или устарела. Откройте её на сайте ещё раз или просто спросите здесь.

# To a customer whose file could not be taken. $file is one of telegram-photo and its like, $why one of the four below.
telegram-file-lost = Не получилось принять: { $file } — { $why }. Опишите, пожалуйста, словами или пришлите другим способом.

# Why, in the middle of a sentence.
telegram-lost-too-large = слишком большой размер

# Why, in the middle of a sentence.
telegram-lost-bad-type = такие файлы здесь не принимаются

# Why, in the middle of a sentence.
telegram-lost-no-room = для файлов больше нет места

# Why, in the middle of a sentence.
telegram-lost-unfetched = не удалось скачать

# For the command list of Telegram's apps.
telegram-command-stop = Остановить сообщения

# For the command list of Telegram's apps.
telegram-command-language = Выбрать язык

# After /stop.
telegram-stopped = Хорошо, отсюда больше ничего не придёт, пока вы не напишете. Чтобы стереть всё, что вы писали, отправьте /forget.

# After /stop while a person has the conversation.
telegram-stopped-with-person = Ваш разговор сейчас у сотрудника, он видит, что вы отправили /stop.

# After /language; a button for each language stands under it.
telegram-choose-language = На каком языке мне отвечать? Понимаю я по-прежнему все.

# When this language was chosen.
telegram-language-chosen = Буду отвечать по-русски.

# In place of a message that its agent took back.
turn-withdrawn = Сообщение удалено.

# The page of an article to which a link leads that has gone.
article-gone = Такой статьи нет, или её больше нет.
