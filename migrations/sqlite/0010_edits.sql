-- A turn that was taken back: its words and files are gone, its place stays.
alter table turns add column is_withdrawn integer not null default 0 check (is_withdrawn in (0, 1));

-- As which messages of a channel a turn stands there, part by part: what is edited or taken back must be found again.
create table channel_messages (
    bot          text    not null,
    chat         integer not null,
    message      integer not null,
    conversation text    not null references conversations (id) on delete cascade,
    turn         integer not null,
    part         integer not null check (part >= 0),
    primary key (bot, chat, message)
) strict, without rowid;
create index channel_messages_of_turn on channel_messages (conversation, turn, part);
