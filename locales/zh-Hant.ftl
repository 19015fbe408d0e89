### Everything that Firstline says by itself: Traditional Chinese, as in Taiwan.
### The syntax is Fluent (https://projectfluent.org/fluent/guide/). The same keys with the same variables stand in
### all four files; a test holds them together. Change single texts in a folder of your own: docs/texts.md.

## Small talk of the bot

# Answers a greeting. An opening question follows at once.
small-talk-greeting = 您好！請問有什麼可以協助您？直接說您的問題就可以了。

# Answers thanks.
small-talk-thanks = 不客氣！還有其他問題嗎？

# Answers a goodbye.
small-talk-goodbye = 再見！有問題隨時再來。

# Answers “who are you”, “are you a robot”. It must say that it is a program.
small-talk-who-are-you = 我是商店的自動助理，用團隊寫好的文章回答問題；不確定時會請真人客服來。

# Answers a turn without words: emoji, punctuation.
small-talk-wordless = 請用幾個字說說您的問題，我來幫您查。

## Questions of the bot, and buttons

# Stands over up to four questions to tap.
did-you-mean = 您是想問下面哪一個？

# A button below those questions: none of them.
something-else-button = 都不是

# A button: call a person.
person-button = 轉真人客服

# A button while the customer waits for a person.
back-to-bot-button = 返回機器人

# After “that did not help”; a button for a person is below.
sorry-offer-person = 抱歉沒幫到您。可以換個說法再問，或轉真人客服。

# After a file without a word about it; a button for a person is below.
file-received = 檔案已收到，謝謝。我看不了檔案內容：請用文字說明您的問題，或轉真人客服。

## Handoff: why a person takes over. The place in line follows in the same turn.

# The customer or an agent asked for it.
handoff-asked = 馬上為您轉接真人客服。

# The customer is annoyed. Never say so.
handoff-out-of-patience = 非常抱歉，馬上為您轉接真人客服。

# The bot found no answer that it is sure of.
handoff-not-understood = 這個問題我不確定，請真人客服來為您解答。

# The customer said that the answer did not help.
handoff-did-not-help = 抱歉沒能幫到您，馬上為您轉接真人客服。

# A person always looks into this topic.
handoff-topic = 這件事會由真人客服與您一起處理。

# The bot is out of order.
handoff-bot-unavailable = 我暫時無法查詢，由真人客服來回覆您。

## Waiting

# $place: the place in line, 1 is next.
position = 您目前排在第 { $place } 位。

# Follows the place in line: how long it usually takes.
wait-under-a-minute = 通常不到 1 分鐘。

# The same.
wait-about-a-minute = 通常 1 分鐘左右。

# The same. $minutes: 2 or more.
wait-minutes = 通常 { $minutes } 分鐘左右。

# The same. $low and $high: minutes, $low is the smaller number.
wait-range = 通常 { $low } 到 { $high } 分鐘。

# The same, for long waits. $hours: 2 or more.
wait-hours = 通常 { $hours } 小時以內。

# The customer writes while waiting. The place in line follows.
still-waiting = 已記下，客服會看到您說的內容。

# Out of hours. $opening: when the team is back, such as “tomorrow at 09:00” or “Monday 09:00”.
nobody-here = 真人客服目前已下班，{ $opening } 恢復服務。您可以留下電子郵件或電話號碼，我們會盡快與您聯絡；也可以繼續問機器人。

# Out of hours, and nobody knows when the team is back.
nobody-here-no-opening = 真人客服目前已下班。您可以留下電子郵件或電話號碼，我們會盡快與您聯絡；也可以繼續問機器人。

# In hours, but nobody is signed in.
nobody-online = 真人客服暫時不在線上。我們已收到通知，客服一回來就會在這裡回覆您。您也可以留下電子郵件或電話號碼。

# $contact: the e-mail address or phone number that the customer left.
contact-kept = 謝謝！我們會透過 { $contact } 與您聯絡。

# The team did not answer in time; the conversation is back in the queue.
no-reply-yet = 讓您久等了，非常抱歉：還沒有客服回覆您。已為您重新排到隊伍最前面。

## With a person

# $name: the agent.
agent-joined = 客服 { $name } 已加入對話。

# An agent took the conversation over from the bot without being asked. $name: the agent.
person-looking = 客服 { $name } 來了，接下來由真人客服為您解答。

# $name: the agent, who gave the conversation back to the queue.
agent-left = 客服 { $name } 已離開對話。您已重新排隊，排在最前面。

# An agent has blocked the customer; nothing more is taken from them.
closed-by-team = 本次對話已由我們的團隊關閉，您無法再在此傳送訊息。

# $queue: the queue’s title, such as “Payments”.
transferred-to-queue = 已為您轉到「{ $queue }」，對方看得到先前的對話，您不需要重複說明。

# The same where the queue has no title for customers.
transferred = 已為您轉給更熟悉這個問題的同事，對方看得到先前的對話，您不需要重複說明。

## The end, and going on elsewhere

# A person handed the conversation back, or the customer went back.
back-with-bot = 已返回機器人，請問還想了解什麼？

# Solved. Five stars to tap are below.
resolved = 本次對話已結束，請為我們的服務評分。有其他問題直接留言即可。

# After a tap on a star.
thanks-for-rating = 感謝您的評價！

# Closed because nothing was said for a long time.
closed-for-silence = 好一段時間沒有收到您的訊息，本次對話已結束。有需要隨時再來。

# Could not be solved yet. $plan: what happens next, a sentence that an agent wrote. The next text may follow.
unsolved-plan = 這個問題暫時還沒有解決。接下來：{ $plan }

# $due: until when we come back, such as “tomorrow at 09:00”.
unsolved-due = 我們最遲會在{ $due } 給您答覆。

# $channel: where the conversation was before, such as “Telegram” or “website”.
moved-here = 您在其他管道（{ $channel }）的對話，現在在這裡繼續。

# The customer has two conversations; this one ends and the other goes on.
merged = 您還有另一個對話，這裡的內容會在那邊繼續。

# The name of the channel, as in “moved-here”.
channel-web = 網站

# The name of the channel, as in “moved-here”.
channel-telegram = Telegram

## Transcripts and letters

# Stands over a conversation that a customer downloads or gets by mail.
transcript-title = 您的對話

# Below it. $zone: the name of the time zone, such as “Europe/Berlin”.
transcript-zone = 時間：{ $zone }

# Who speaks in a transcript: the customer.
transcript-customer = 您

# The same: the bot.
transcript-bot = 智慧助理

# The same: what happened, such as “Ann has joined the conversation”.
transcript-notice = 提示

# The same: an agent without a name.
transcript-team = 客服團隊

# The subject of a mail with the transcript.
mail-transcript-subject = 您與我們的對話

# The foot of that mail. Anybody could have typed the address.
mail-transcript-why = 您收到這封郵件，是因為有人在我們的聊天視窗裡填寫了這個地址來接收對話紀錄。如果不是您本人，不必理會即可。

# The subject of a mail about replies that the customer has not seen. $name: the agent.
mail-replies-subject = { $name } 回覆了您

# Begins that mail; the replies follow. $name: the agent.
mail-replies-greeting = 您好！您離開的時候，{ $name } 回覆了您：

# Below the replies; a link to the page with the chat follows.
mail-replies-go-on = 在這裡繼續對話：

# The same where that page is not known.
mail-replies-go-on-without-link = 想繼續對話，請再次開啟我們網站上的聊天視窗。

# The foot of that mail.
mail-replies-why = 您收到這封郵件，是因為這是您在該對話中的聯絡地址。請在聊天視窗裡回覆：直接回覆郵件不會進入對話。

## Only in Telegram

# A button below an answer.
telegram-helped = 👍 有幫助

# A button below an answer.
telegram-did-not-help = 👎 沒幫上忙

# After a tap on one of these two. Shown for a moment over the chat; at most 200 characters.
telegram-thanks-for-feedback = 感謝您的回饋！

# A tap on a button that no longer counts. Shown for a moment over the chat; at most 200 characters.
telegram-stale-button = 這是先前的按鈕，已經失效。直接留言告訴我就可以了。

# Answers /help and stands below the greeting of /start.
telegram-help = 直接用自己的話提問，我來找答案。想找真人客服，隨時傳送 /human。

# A photo, a voice message, a file: said while the bot has the conversation.
telegram-only-text = 抱歉，這類內容我在這裡無法處理。請用文字描述一下，或轉真人客服。

# The same while a person has the conversation or is waited for.
telegram-only-text-for-person = 客服在這裡打不開這類內容，只能看到您傳過東西。請用文字描述一下。

# What the agent sees in place of what the customer sent.
telegram-photo = 圖片

# The same.
telegram-voice = 語音訊息

# The same.
telegram-video = 影片

# What the agent sees, and the customer reads, of a file that could not be taken.
telegram-audio = 音訊

# The same.
telegram-file = 檔案

# The same.
telegram-sticker = 貼圖

# The same.
telegram-location = 位置

# The same.
telegram-contact = 聯絡人

# The same.
telegram-something = 非文字內容

# A message was longer than can be kept. $chars: how many characters were.
telegram-was-cut = 您的訊息太長，我只保留了前 { $chars } 個字元，其餘內容請再傳一則。

# To somebody who asks for a person while one is there.
telegram-with-person = 真人客服已經在對話中，直接留言，客服就能看到。

# In a group.
telegram-private-only = 我只在私訊中回答問題，請私訊我。

# Something broke while the message was being kept, and trying again will not help.
telegram-trouble = 抱歉，系統出了點問題，您剛才的訊息沒有儲存，請再傳一次。

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-human = 轉真人客服

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-help = 機器人能做什麼

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-forget = 刪除我在這裡說過的一切

# Before everything of a customer is erased; telegram-forget-button stands under it.
telegram-ask-to-forget = 我們會立即永久刪除您在這裡寫的內容和我們的回覆，未完成的諮詢也會隨之結束。聊天視窗裡的訊息由 Telegram 保存，可在 Telegram 中自行刪除。

# A button under telegram-ask-to-forget.
telegram-forget-button = 全部刪除

# /forget, and nothing is kept.
telegram-nothing-to-forget = 沒有需要刪除的內容：我們這裡沒有保存您的任何資訊。

# The last thing that a forgotten customer hears.
telegram-forgotten = 已全部刪除。您再次留言時，將是一次全新的對話。

# Shown for a moment over the chat, when the button is tapped again.
telegram-already-forgotten = 此按鈕已經用過。如需刪除之後的內容，請再次傳送 /forget。

# /start with a code that opens nothing any more.
telegram-link-expired = 此連結已使用或已過期。請在網站上重新開啟，或直接在這裡提問。

# To a customer whose file could not be taken. $file is one of telegram-photo and its like, $why one of the four below.
telegram-file-lost = 沒能收下您的{ $file }：{ $why }。請用文字描述，或換一種方式傳送。

# Why, in the middle of a sentence.
telegram-lost-too-large = 檔案太大

# Why, in the middle of a sentence.
telegram-lost-bad-type = 這裡不接收這種檔案

# Why, in the middle of a sentence.
telegram-lost-no-room = 檔案空間已滿

# Why, in the middle of a sentence.
telegram-lost-unfetched = 下載失敗

# For the command list of Telegram's apps.
telegram-command-stop = 停止接收訊息

# For the command list of Telegram's apps.
telegram-command-language = 選擇語言

# After /stop.
telegram-stopped = 好的，在您再次傳訊息之前，這裡不會再傳來任何訊息。要刪除您說過的全部內容，請傳送 /forget。

# After /stop while a person has the conversation.
telegram-stopped-with-person = 您的對話正由客服處理，客服看得到您傳了 /stop。

# After /language; a button for each language stands under it.
telegram-choose-language = 您希望我用哪種語言回覆？各種語言我仍然都看得懂。

# When this language was chosen.
telegram-language-chosen = 好的，我會用繁體中文回覆。

# In place of a message that its agent took back.
turn-withdrawn = 此訊息已刪除。

# The page of an article to which a link leads that has gone.
article-gone = 沒有這篇文章，或者它已不再提供。
