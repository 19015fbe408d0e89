-- Replies that agents keep to send again; `owner` null: everybody's. No customer's words are in them.
create table canned_replies (
    id         text    not null primary key,
    owner      text    references agents (id),
    name       text    not null,
    text       text    not null,
    ends       integer not null default 0 check (ends in (0, 1)),  -- sending it ends the conversation as solved
    updated_at integer not null
) strict, without rowid;
create unique index canned_by_name on canned_replies (coalesce(owner, ''), name);
