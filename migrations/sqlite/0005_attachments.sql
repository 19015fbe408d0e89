-- Files that customers and agents send. `key` is the file's name on the disk and the end of its address; `turn` and `place` say where
-- it was said, null until then. A row is written after its file, and goes before it, so a row always has one.
create table attachments (
    id           text    not null primary key,
    conversation text    not null references conversations (id) on delete cascade,
    turn         integer,
    place        integer not null default 0,
    agent        text,   -- null: the customer
    client_id    text    not null,
    key          text    not null unique check (length(key) = 64),
    type         text    not null,
    bytes        integer not null check (bytes >= 0),
    width        integer,
    height       integer,
    name         integer not null references words (id),
    at           integer not null
) strict, without rowid;
create index attachments_of_turn           on attachments (conversation, turn, place);
create unique index attachments_by_client  on attachments (conversation, client_id, coalesce(agent, ''));
create index attachments_by_words          on attachments (name);
create index attachments_unsaid            on attachments (at) where turn is null;
-- All of them count towards the bound of the whole folder.
create index attachments_by_bytes          on attachments (bytes);

-- Files whose rows are gone and that are still to be removed: what a crash or a full disk interrupted is gone on with.
create table unwanted_files (
    key text not null primary key
) strict, without rowid;

-- What customers see beside an agent's name.
alter table agents add column avatar text check (length(avatar) = 64);
alter table agents add column avatar_type text;
create unique index agents_by_avatar on agents (avatar) where avatar is not null;
