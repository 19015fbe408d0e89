-- Files that a customer of a channel has sent and that must still be fetched from there. They are said when all of one message, or of
-- one album, are fetched or given up. What was said stays for a while, so that the same message again is known.
create table coming_files (
    bot          text    not null,
    chat         integer not null,
    message      integer not null,
    conversation text    not null references conversations (id) on delete cascade,
    album        text,
    kind         text    not null,
    file         text    not null, -- the channel's own id of it
    name         integer references words (id),
    caption      integer references words (id),
    attachment   text,             -- once it is fetched
    lost         text,             -- why it never will be
    state        text    not null default 'due' check (state in ('due', 'said')),
    attempts     integer not null default 0 check (attempts >= 0),
    due_at       integer not null,
    at           integer not null,
    primary key (bot, chat, message)
) strict, without rowid;
create index coming_files_due             on coming_files (bot, due_at) where state = 'due';
create index coming_files_of_conversation on coming_files (conversation);
create index coming_files_by_name         on coming_files (name) where name is not null;
create index coming_files_by_caption      on coming_files (caption) where caption is not null;

-- Since when what is sent does not reach the customer: the bot was blocked. Null: it does, as far as is known.
alter table conversations add column unreachable_since integer;
