### Everything that Firstline says by itself: English.
### The syntax is Fluent (https://projectfluent.org/fluent/guide/). The same keys with the same variables stand in
### all four files; a test holds them together. Change single texts in a folder of your own: docs/texts.md.

## Small talk of the bot

# Answers a greeting. An opening question follows at once.
small-talk-greeting = Hello! What can I help you with? Ask in your own words.

# Answers thanks.
small-talk-thanks = You’re welcome! Anything else?

# Answers a goodbye.
small-talk-goodbye = Goodbye! Come back any time.

# Answers “who are you”, “are you a robot”. It must say that it is a program.
small-talk-who-are-you = I’m the shop’s assistant, a program. I answer from articles that our team wrote, and call a person when I’m not sure.

# Answers a turn without words: emoji, punctuation.
small-talk-wordless = Tell me in a few words what you need, and I’ll look it up.

## Questions of the bot, and buttons

# Stands over up to four questions to tap.
did-you-mean = Did you mean one of these?

# A button below those questions: none of them.
something-else-button = Something else

# A button: call a person.
person-button = Talk to a person

# A button while the customer waits for a person.
back-to-bot-button = Back to the bot

# After “that did not help”; a button for a person is below.
sorry-offer-person = Sorry about that. Try other words, or talk to a person.

# After a file without a word about it; a button for a person is below.
file-received = Thanks, your file is here. I can’t look into files myself: tell me in words what it is about, or talk to a person.

## Handoff: why a person takes over. The place in line follows in the same turn.

# The customer or an agent asked for it.
handoff-asked = A person from our team will take over.

# The customer is annoyed. Never say so.
handoff-out-of-patience = I’m sorry about this. A person from our team will take over.

# The bot found no answer that it is sure of.
handoff-not-understood = I’d rather not guess: a person from our team will answer this.

# The customer said that the answer did not help.
handoff-did-not-help = Sorry that did not help. A person from our team will take over.

# A person always looks into this topic.
handoff-topic = A person from our team will look into this with you.

# The bot is out of order.
handoff-bot-unavailable = I can’t look this up right now, so a person from our team will answer.

## Waiting

# $place: the place in line, 1 is next.
position =
    { $place ->
        [1] You are next in line.
       *[other] You are number { $place } in line.
    }

# Follows the place in line: how long it usually takes.
wait-under-a-minute = It usually takes less than a minute.

# The same.
wait-about-a-minute = It usually takes about a minute.

# The same. $minutes: 2 or more.
wait-minutes =
    { $minutes ->
        [one] It usually takes about { $minutes } minute.
       *[other] It usually takes about { $minutes } minutes.
    }

# The same. $low and $high: minutes, $low is the smaller number.
wait-range = It usually takes { $low } to { $high } minutes.

# The same, for long waits. $hours: 2 or more.
wait-hours =
    { $hours ->
        [one] It usually takes up to { $hours } hour.
       *[other] It usually takes up to { $hours } hours.
    }

# The customer writes while waiting. The place in line follows.
still-waiting = Noted: the person who answers will see this too.

# Out of hours. $opening: when the team is back, such as “tomorrow at 09:00” or “Monday 09:00”.
nobody-here = Our team is away right now and will be back { $opening }. Leave your e-mail address or phone number and we’ll get in touch, or go on with the bot.

# Out of hours, and nobody knows when the team is back.
nobody-here-no-opening = Our team is away right now. Leave your e-mail address or phone number and we’ll get in touch, or go on with the bot.

# In hours, but nobody is signed in.
nobody-online = Nobody is at their desk right now. We’ve been told and will answer here as soon as someone is back. You can also leave your e-mail address or phone number.

# $contact: the e-mail address or phone number that the customer left.
contact-kept = Thank you! We’ll get in touch at { $contact }.

# The team did not answer in time; the conversation is back in the queue.
no-reply-yet = Sorry for the wait: nobody has answered yet. You’re at the front of the line again.

## With a person

# $name: the agent.
agent-joined = { $name } has joined the conversation.

# An agent took the conversation over from the bot without being asked. $name: the agent.
person-looking = { $name } from our team is here now and takes over from the bot.

# $name: the agent, who gave the conversation back to the queue.
agent-left = { $name } had to leave. You’re back in line, at the front.

# An agent has blocked the customer; nothing more is taken from them.
closed-by-team = This conversation has been closed by our team. You can no longer write here.

# $queue: the queue’s title, such as “Payments”.
transferred-to-queue = Your conversation goes to { $queue }. They can see everything, so you need not repeat anything.

# The same where the queue has no title for customers.
transferred = Your conversation goes to a colleague who knows more about this. They can see everything, so you need not repeat anything.

## The end, and going on elsewhere

# A person handed the conversation back, or the customer went back.
back-with-bot = You’re back with the bot. What would you like to know?

# Solved. Five stars to tap are below.
resolved = This conversation is closed. How did we do? Just write if anything else comes up.

# After a tap on a star.
thanks-for-rating = Thank you for the rating!

# Closed because nothing was said for a long time.
closed-for-silence = We haven’t heard from you for a while, so this conversation is closed. Just write whenever you need us.

# Could not be solved yet. $plan: what happens next, a sentence that an agent wrote. The next text may follow.
unsolved-plan = We could not solve this yet. What happens next: { $plan }

# $due: until when we come back, such as “tomorrow at 09:00”.
unsolved-due = We’ll get back to you no later than { $due }.

# $channel: where the conversation was before, such as “Telegram” or “website”.
moved-here = Your conversation from another place ({ $channel }) goes on here.

# The customer has two conversations; this one ends and the other goes on.
merged = You have another conversation with us. This one goes on there.

# The name of the channel, as in “moved-here”.
channel-web = website

# The name of the channel, as in “moved-here”.
channel-telegram = Telegram

## Transcripts and letters

# Stands over a conversation that a customer downloads or gets by mail.
transcript-title = Your conversation

# Below it. $zone: the name of the time zone, such as “Europe/Berlin”.
transcript-zone = Times: { $zone }

# Who speaks in a transcript: the customer.
transcript-customer = You

# The same: the bot.
transcript-bot = Assistant

# The same: what happened, such as “Ann has joined the conversation”.
transcript-notice = Notice

# The same: an agent without a name.
transcript-team = Our team

# The subject of a mail with the transcript.
mail-transcript-subject = Your conversation with us

# The foot of that mail. Anybody could have typed the address.
mail-transcript-why = You get this mail because this address was given in our chat as the place to send the conversation to. If that was not you, you need not do anything.

# The subject of a mail about replies that the customer has not seen. $name: the agent.
mail-replies-subject = { $name } has answered you

# Begins that mail; the replies follow. $name: the agent.
mail-replies-greeting = Hello! { $name } wrote to you while you were away:

# Below the replies; a link to the page with the chat follows.
mail-replies-go-on = Go on with the conversation here:

# The same where that page is not known.
mail-replies-go-on-without-link = To go on with the conversation, open the chat on our website again.

# The foot of that mail.
mail-replies-why = You get this mail because we know you by this address in that conversation. Please answer in the chat: an answer to this mail does not reach the conversation.

## Only in Telegram

# A button below an answer.
telegram-helped = 👍 This helped

# A button below an answer.
telegram-did-not-help = 👎 It did not

# After a tap on one of these two. Shown for a moment over the chat; at most 200 characters.
telegram-thanks-for-feedback = Thank you for telling us!

# A tap on a button that no longer counts. Shown for a moment over the chat; at most 200 characters.
telegram-stale-button = These buttons are from earlier. Just write what you need.

# Answers /help and stands below the greeting of /start.
telegram-help = Ask in your own words and I’ll look for the answer. If you’d rather talk to a person, send /human at any time.

# A photo, a voice message, a file: said while the bot has the conversation.
telegram-only-text = Sorry, I can’t make anything of that here. Please put it into words, or talk to a person.

# The same while a person has the conversation or is waited for.
telegram-only-text-for-person = Our team can’t open this here, they only see that you sent something. Please put it into words.

# What the agent sees in place of what the customer sent.
telegram-photo = photo

# The same.
telegram-voice = voice message

# The same.
telegram-video = video

# What the agent sees, and the customer reads, of a file that could not be taken.
telegram-audio = audio file

# The same.
telegram-file = file

# The same.
telegram-sticker = sticker

# The same.
telegram-location = location

# The same.
telegram-contact = contact

# The same.
telegram-something = something that is not text

# A message was longer than can be kept. $chars: how many characters were.
telegram-was-cut = Your message was very long: I kept its first { $chars } characters. Please send the rest in another message.

# To somebody who asks for a person while one is there.
telegram-with-person = A person from our team is in this conversation. Just write, they see it here.

# In a group.
telegram-private-only = I answer questions in a private chat only. Please write to me there.

# Something broke while the message was being kept, and trying again will not help.
telegram-trouble = Sorry, something went wrong on our side and your last message was not kept. Please send it again.

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-human = Talk to a person

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-help = What this bot can do

# For the command list of Telegram’s apps; at most 256 characters.
telegram-command-forget = Erase everything I said here

# Before everything of a customer is erased; telegram-forget-button stands under it.
telegram-ask-to-forget = We will erase everything that you wrote to us here and what we answered, at once and for good. An open request ends with it. What you see in this chat is kept by Telegram: you can delete it there.

# A button under telegram-ask-to-forget.
telegram-forget-button = Erase everything

# /forget, and nothing is kept.
telegram-nothing-to-forget = There is nothing to erase: we keep nothing of yours here.

# The last thing that a forgotten customer hears.
telegram-forgotten = Done, everything is erased. If you write again, we start anew.

# Shown for a moment over the chat, when the button is tapped again.
telegram-already-forgotten = This button was used already. To erase what came after, send /forget again.

# /start with a code that opens nothing any more.
telegram-link-expired = This link has been used or is too old. Open it again on the website, or just ask here.

# To a customer whose file could not be taken. $file is one of telegram-photo and its like, $why one of the four below.
telegram-file-lost = I could not take your { $file }: { $why }. Please put it into words, or send it another way.

# Why, in the middle of a sentence.
telegram-lost-too-large = it is too large

# Why, in the middle of a sentence.
telegram-lost-bad-type = this kind of file is not taken here

# Why, in the middle of a sentence.
telegram-lost-no-room = there is no room for more files

# Why, in the middle of a sentence.
telegram-lost-unfetched = it could not be fetched

# For the command list of Telegram's apps.
telegram-command-stop = Stop messages from this bot

# For the command list of Telegram's apps.
telegram-command-language = Choose the language

# After /stop.
telegram-stopped = All right, nothing more comes from here until you write again. To erase everything you said, send /forget.

# After /stop while a person has the conversation.
telegram-stopped-with-person = A person from our team has your conversation and can see that you sent /stop.

# After /language; a button for each language stands under it.
telegram-choose-language = Which language shall I speak? I still understand all of them.

# When this language was chosen.
telegram-language-chosen = English it is.

# In place of a message that its agent took back.
turn-withdrawn = This message was deleted.

# The page of an article to which a link leads that has gone.
article-gone = There is no such article, or not any more.
