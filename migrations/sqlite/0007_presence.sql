-- How far each side has read: the number of the last change that was on its screen. No event; it is never played back.
alter table conversations add column read_by_agent    integer not null default 0 check (read_by_agent >= 0);
alter table conversations add column read_by_customer integer not null default 0 check (read_by_customer >= 0);

-- What a customer filled in before the first words, and what the page said of its visitor. Nobody has checked it.
create table details (
    conversation text    not null references conversations (id) on delete cascade,
    field        text    not null check (field in ('name', 'email', 'phone', 'order', 'topic', 'attributes')),
    words        integer not null references words (id),
    at           integer not null,
    primary key (conversation, field)
) strict, without rowid;
create index details_by_words on details (words);
