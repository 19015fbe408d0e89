-- The queue that a conversation went to last, which decides who may see it. Null: it never went to people.
alter table conversations add column last_queue text;
update conversations set last_queue = coalesce(queue,
    (select f.queue from handoffs f where f.conversation = conversations.id order by f.seq desc limit 1));
update conversations set state = json_set(state, '$.last_queue', last_queue) where last_queue is not null;
update conversations set state = json_set(state, '$.last_agent', agent) where agent is not null;
create index conversations_of_queue on conversations (phase, last_queue);

-- What agents marked a conversation with; no customer's words.
create table conversation_tags (
    tag          text not null,
    conversation text not null references conversations (id) on delete cascade,
    primary key (tag, conversation)
) strict, without rowid;
create index tags_of_conversation on conversation_tags (conversation);
alter table canned_replies add column tags text not null default '[]';  -- sending it puts these on

-- RFC 6238. `totp_secret` in base 32; null: the password is enough. `totp_step`: the last step whose code was used.
alter table agents add column totp_secret text;
alter table agents add column totp_step integer not null default 0;

-- Wrong passwords and codes in a row, by the SHA-256 of the e-mail address, whether anybody has it or not.
create table failed_sign_ins (
    email_hash text    not null primary key,
    n          integer not null check (n > 0),
    last_at    integer not null
) strict, without rowid;
create index failed_sign_ins_by_age on failed_sign_ins (last_at);

-- Who changed what about people, rules and data. `agent` null: on the server itself. No customer's words.
create table audit (
    id    integer not null primary key,
    at    integer not null,
    agent text,
    what  text    not null,
    about text    not null
) strict;

-- Lists that agents come back to; `owner` null: everybody's.
create table saved_views (
    id         text    not null primary key,
    owner      text    references agents (id),
    name       text    not null,
    query      text    not null,
    updated_at integer not null
) strict, without rowid;
create unique index saved_views_by_name on saved_views (coalesce(owner, ''), name);

-- Whom a note called and who has not looked since.
create table mentions (
    agent        text    not null references agents (id),
    conversation text    not null references conversations (id) on delete cascade,
    at           integer not null,
    primary key (agent, conversation)
) strict, without rowid;
create index mentions_by_time on mentions (agent, at, conversation);
create index mentions_of_conversation on mentions (conversation);

-- Whoever is blocked writes nowhere any more.
alter table customers add column blocked_at integer;
