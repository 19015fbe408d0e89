### Everything that Firstline says by itself: Simplified Chinese, as in mainland China.
### The syntax is Fluent (https://projectfluent.org/fluent/guide/). The same keys with the same variables stand in
### all four files; a test holds them together. Change single texts in a folder of your own: docs/texts.md.

## Small talk of the bot

# Answers a greeting. An opening question follows at once.
small-talk-greeting = 您好！请问有什么可以帮您？直接说您的问题就行。

# Answers thanks.
small-talk-thanks = 不客气！还有其他问题吗？

# Answers a goodbye.
small-talk-goodbye = 再见！有问题随时再来。

# Answers “who are you”, “are you a robot”. It must say that it is a program.
small-talk-who-are-you = 我是店铺的自动助手，用团队写好的文章回答问题；拿不准的时候会请人工客服来。

# Answers a turn without words: emoji, punctuation.
small-talk-wordless = 请用几个字说说您的问题，我来帮您查。

## Questions of the bot, and buttons

# Stands over up to four questions to tap.
did-you-mean = 您是想问下面哪一个？

# A button below those questions: none of them.
something-else-button = 都不是

# A button: call a person.
person-button = 转人工客服

# A button while the customer waits for a person.
back-to-bot-button = 返回机器人

# After “that did not help”; a button for a person is below.
sorry-offer-person = 抱歉没帮到您。可以换个说法再问，或转人工客服。

# After a file without a word about it; a button for a person is below.
file-received = 文件已收到，谢谢。我看不了文件内容：请用文字说明您的问题，或转人工客服。

## Handoff: why a person takes over. The place in line follows in the same turn.

# The customer or an agent asked for it.
handoff-asked = 马上为您转接人工客服。

# The customer is annoyed. Never say so.
handoff-out-of-patience = 非常抱歉，马上为您转接人工客服。

# The bot found no answer that it is sure of.
handoff-not-understood = 这个问题我拿不准，请人工客服来为您解答。

# The customer said that the answer did not help.
handoff-did-not-help = 抱歉没能帮到您，马上为您转接人工客服。

# A person always looks into this topic.
handoff-topic = 这件事会由人工客服跟您一起处理。

# The bot is out of order.
handoff-bot-unavailable = 我暂时查不了，由人工客服来回复您。

## Waiting

# $place: the place in line, 1 is next.
position = 您目前排在第 { $place } 位。

# Follows the place in line: how long it usually takes.
wait-under-a-minute = 通常不到 1 分钟。

# The same.
wait-about-a-minute = 通常 1 分钟左右。

# The same. $minutes: 2 or more.
wait-minutes = 通常 { $minutes } 分钟左右。

# The same. $low and $high: minutes, $low is the smaller number.
wait-range = 通常 { $low } 到 { $high } 分钟。

# The same, for long waits. $hours: 2 or more.
wait-hours = 通常 { $hours } 小时以内。

# The customer writes while waiting. The place in line follows.
still-waiting = 已记下，客服会看到您说的内容。

# Out of hours. $opening: when the team is back, such as “tomorrow at 09:00” or “Monday 09:00”.
nobody-here = 客服现在已下班，{ $opening } 恢复服务。您可以留下邮箱或手机号，我们会尽快联系您；也可以继续问机器人。

# Out of hours, and nobody knows when the team is back.
nobody-here-no-opening = 客服现在已下班。您可以留下邮箱或手机号，我们会尽快联系您；也可以继续问机器人。

# In hours, but nobody is signed in.
nobody-online = 客服暂时不在线。我们已收到提醒，客服一回来就会在这里回复您。您也可以留下邮箱或手机号。

# $contact: the e-mail address or phone number that the customer left.
contact-kept = 谢谢！我们会通过 { $contact } 与您联系。

# The team did not answer in time; the conversation is back in the queue.
no-reply-yet = 让您久等了，非常抱歉：还没有客服回复您。已为您重新排到队伍最前面。

## With a person

# $name: the agent.
agent-joined = 客服 { $name } 已加入对话。

# An agent took the conversation over from the bot without being asked. $name: the agent.
person-looking = 客服 { $name } 来了，接下来由客服为您解答。

# $name: the agent, who gave the conversation back to the queue.
agent-left = 客服 { $name } 已离开对话。您已重新排队，排在最前面。

# An agent has blocked the customer; nothing more is taken from them.
closed-by-team = 本次对话已由我们的团队关闭，您无法再在此发送消息。

# $queue: the queue’s title, such as “Payments”.
transferred-to-queue = 已为您转到“{ $queue }”，对方能看到之前的对话，您无需重复说明。

# The same where the queue has no title for customers.
transferred = 已为您转给更熟悉这个问题的同事，对方能看到之前的对话，您无需重复说明。

## The end, and going on elsewhere

# A person handed the conversation back, or the customer went back.
back-with-bot = 已返回机器人，请问还想了解什么？

# Solved. Five stars to tap are below.
resolved = 本次对话已结束，请为我们的服务打分。有其他问题直接留言即可。

# After a tap on a star.
thanks-for-rating = 感谢您的评价！

# Closed because nothing was said for a long time.
closed-for-silence = 好久没有收到您的消息，本次对话已结束。有需要随时再来。

# Could not be solved yet. $plan: what happens next, a sentence that an agent wrote. The next text may follow.
unsolved-plan = 这个问题暂时还没有解决。接下来：{ $plan }

# $due: until when we come back, such as “tomorrow at 09:00”.
unsolved-due = 我们最迟会在{ $due } 给您答复。

# $channel: where the conversation was before, such as “Telegram” or “website”.
moved-here = 您在其他渠道（{ $channel }）的对话，现在在这里继续。

# The customer has two conversations; this one ends and the other goes on.
merged = 您还有另一个对话，这里的内容会在那边继续。

# The name of the channel, as in “moved-here”.
channel-web = 网站

# The name of the channel, as in “moved-here”.
channel-telegram = Telegram

## Transcripts and letters

# Stands over a conversation that a customer downloads or gets by mail.
transcript-title = 您的对话

# Below it. $zone: the name of the time zone, such as “Europe/Berlin”.
transcript-zone = 时间：{ $zone }

# Who speaks in a transcript: the customer.
transcript-customer = 您

# The same: the bot.
transcript-bot = 智能助手

# The same: what happened, such as “Ann has joined the conversation”.
transcript-notice = 提示

# The same: an agent without a name.
transcript-team = 客服团队

# The subject of a mail with the transcript.
mail-transcript-subject = 您与我们的对话

# The foot of that mail. Anybody could have typed the address.
mail-transcript-why = 您收到这封邮件，是因为有人在我们的聊天窗口里填写了这个地址来接收对话记录。如果不是您本人，请忽略即可。

# The subject of a mail about replies that the customer has not seen. $name: the agent.
mail-replies-subject = { $name } 回复了您

# Begins that mail; the replies follow. $name: the agent.
mail-replies-greeting = 您好！您离开的时候，{ $name } 回复了您：

# Below the replies; a link to the page with the chat follows.
mail-replies-go-on = 在这里继续对话：

# The same where that page is not known.
mail-replies-go-on-without-link = 想继续对话，请再次打开我们网站上的聊天窗口。

# The foot of that mail.
mail-replies-why = 您收到这封邮件，是因为这是您在该对话中的联系地址。请在聊天窗口里回复：直接回复邮件不会进入对话。

## Only in Telegram

# A button below an answer.
telegram-helped = 👍 有帮助

# A button below an answer.
telegram-did-not-help = 👎 没帮上忙

# After a tap on one of these two. Shown for a moment over the chat; at most 200 characters.
telegram-thanks-for-feedback = 感谢您的反馈！

# A tap on a button that no longer counts. Shown for a moment over the chat; at most 200 characters.
telegram-stale-button = 这是之前的按钮，已经失效。直接留言告诉我就行。

# Answers /help and stands below the greeting of /start.
telegram-help = 直接用自己的话提问，我来找答案。想找人工客服，随时发送 /human。

# A photo, a voice message, a file: said while the bot has the conversation.
telegram-only-text = 抱歉，这类内容我在这里无法处理。请用文字描述一下，或转人工客服。

# The same while a person has the conversation or is waited for.
telegram-only-text-for-person = 客服在这里打不开这类内容，只能看到您发过东西。请用文字描述一下。

# What the agent sees in place of what the customer sent.
telegram-photo = 图片

# The same.
telegram-voice = 语音消息

# The same.
telegram-video = 视频

# What the agent sees, and the customer reads, of a file that could not be taken.
telegram-audio = 音频

# The same.
telegram-file = 文件

# The same.
telegram-sticker = 贴纸

# The same.
telegram-location = 位置

# The same.
telegram-contact = 联系人

# The same.
telegram-something = 非文字内容

# A message was longer than can be kept. $chars: how many characters were.
telegram-was-cut = 您的消息太长，我只保留了前 { $chars } 个字符，其余内容请再发一条。

# To somebody who asks for a person while one is there.
telegram-with-person = 人工客服已经在对话中，直接留言，客服就能看到。

# In a group.
telegram-private-only = 我只在私聊中回答问题，请私聊我。

# Something broke while the message was being kept, and trying again will not help.
telegram-trouble = 抱歉，系统出了点问题，您刚才的消息没有保存下来，请再发一次。

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-human = 转人工客服

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-help = 机器人能做什么

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-forget = 删除我在这里说过的一切

# Before everything of a customer is erased; telegram-forget-button stands under it.
telegram-ask-to-forget = 我们会立即永久删除您在这里写的内容和我们的回复，未完成的咨询也会随之结束。聊天窗口里的消息由 Telegram 保存，可在 Telegram 中自行删除。

# A button under telegram-ask-to-forget.
telegram-forget-button = 全部删除

# /forget, and nothing is kept.
telegram-nothing-to-forget = 没有需要删除的内容：我们这里没有保存您的任何信息。

# The last thing that a forgotten customer hears.
telegram-forgotten = 已全部删除。您再次留言时，将是一次全新的对话。

# Shown for a moment over the chat, when the button is tapped again.
telegram-already-forgotten = 此按钮已经用过。如需删除之后的内容，请再次发送 /forget。

# /start with a code that opens nothing any more.
telegram-link-expired = 此链接已使用或已过期。请在网站上重新打开，或直接在这里提问。

# To a customer whose file could not be taken. $file is one of telegram-photo and its like, $why one of the four below.
telegram-file-lost = 没能收下您的{ $file }：{ $why }。请用文字描述，或换一种方式发送。

# Why, in the middle of a sentence.
telegram-lost-too-large = 文件太大

# Why, in the middle of a sentence.
telegram-lost-bad-type = 这里不接收这种文件

# Why, in the middle of a sentence.
telegram-lost-no-room = 文件空间已满

# Why, in the middle of a sentence.
telegram-lost-unfetched = 下载失败

# For the command list of Telegram's apps.
telegram-command-stop = 停止接收消息

# For the command list of Telegram's apps.
telegram-command-language = 选择语言

# After /stop.
telegram-stopped = 好的，在您再次发消息之前，这里不会再发来任何消息。要删除您说过的全部内容，请发送 /forget。

# After /stop while a person has the conversation.
telegram-stopped-with-person = 您的对话正由客服处理，客服能看到您发送了 /stop。

# After /language; a button for each language stands under it.
telegram-choose-language = 您希望我用哪种语言回复？各种语言我仍然都能看懂。

# When this language was chosen.
telegram-language-chosen = 好的，我会用简体中文回复。

# In place of a message that its agent took back.
turn-withdrawn = 此消息已删除。

# The page of an article to which a link leads that has gone.
article-gone = 没有这篇文章，或者它已不再提供。
