-- When the next clock of a conversation runs out; what runs follows from its state and the rules.
alter table conversations add column due_at integer;
alter table conversations add column is_snoozed integer not null default 0 check (is_snoozed in (0, 1));
-- Somebody promised to come back then.
alter table conversations add column follow_up_at integer;
alter table conversations add column follow_up_by text;
alter table conversations add column merged_into text references conversations (id);
create index conversations_due       on conversations (due_at, id)                     where due_at is not null;
create index conversations_snoozed   on conversations (agent, phase_since, id)         where is_snoozed = 1;
create index conversations_promised  on conversations (follow_up_by, follow_up_at, id) where follow_up_at is not null;
create index conversations_merged    on conversations (merged_into)                    where merged_into is not null;

-- Whoever was let down stands before everyone of the same priority; some wait for a lead only.
alter table queue_entries add column in_front integer not null default 0 check (in_front in (0, 1));
alter table queue_entries add column for_lead integer not null default 0 check (for_lead in (0, 1));
-- Lower is served first. One step of priority outweighs 127 years of waiting, and being in front half a step.
alter table queue_entries add column rank integer
    generated always as (since - (2 * priority + in_front) * 2000000000000000) virtual;
drop index queue_order;
drop index queue_age;
create index queue_order on queue_entries (queue, rank, conversation);
create index queue_age   on queue_entries (rank, conversation);

-- `open` is how many conversations the agent has; the trigger guards it, whoever claims.
alter table agents add column capacity integer not null default 8 check (capacity between 0 and 1000);
alter table agents add column open integer not null default 0 check (open >= 0);
alter table agents add column languages text not null default '[]';
alter table agents add column presence text not null default 'offline' check (presence in ('online', 'away', 'offline'));
alter table agents add column seen_at integer;
alter table agents add column given_at integer;
update agents set open = (select count(*) from conversations c where c.phase = 'with_agent' and c.agent = agents.id);
create index agents_present on agents (presence, seen_at) where presence <> 'offline';

create trigger agents_have_capacity before update of open on agents
when new.open > old.open and new.open > new.capacity
begin
    select raise(abort, 'the agent is at capacity');
end;

-- How long people of a queue waited for the claim, newest last.
create index handoffs_claimed on handoffs (queue, claimed_at) where claimed_at is not null;

-- What an agent was writing; it survives whatever happens to the conversation.
create table drafts (
    conversation text    not null references conversations (id) on delete cascade,
    agent        text    not null,
    words        integer not null references words (id),
    at           integer not null,
    primary key (conversation, agent)
) strict, without rowid;
create index drafts_by_words on drafts (words);

-- An e-mail address or a phone number that the customer left.
create table contacts (
    conversation text    not null references conversations (id) on delete cascade,
    seq          integer not null,
    kind         text    not null check (kind in ('email', 'phone')),
    words        integer not null references words (id),
    at           integer not null,
    primary key (conversation, seq)
) strict, without rowid;
create index contacts_by_words on contacts (words);

-- Whom a site vouches for, by a signed token; `profile` holds its signed attributes as JSON.
alter table customers add column site text;
alter table customers add column subject text;
alter table customers add column profile integer references words (id);
create unique index customers_by_subject on customers (site, subject) where subject is not null;
create index customers_by_profile on customers (profile) where profile is not null;

-- What was set in the console, as JSON.
create table settings (
    key   text    not null primary key,
    value text    not null,
    agent text    not null,
    at    integer not null
) strict, without rowid;

-- One-time codes that carry a conversation to another channel.
create table links (
    code_hash    text    not null primary key,
    conversation text    not null references conversations (id) on delete cascade,
    expires_at   integer not null
) strict, without rowid;
create index links_by_expiry       on links (expires_at);
create index links_of_conversation on links (conversation);
