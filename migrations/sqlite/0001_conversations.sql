-- Moments are microseconds since 1970, UTC. Ids of turns and handoffs are not kept: they are made of (conversation, number).
-- What a person said or wrote stands in `words` alone, keyed by customer, so that exporting and erasing one customer
-- touches one table; every other table points to it.

create table customers (
    id         text    not null primary key,
    created_at integer not null
) strict;

create table words (
    id       integer primary key,
    customer text    not null references customers (id),
    text     text    not null
) strict;
create index words_of_customer on words (customer);

-- `state` is the domain's conversation as JSON. The columns beside it repeat what is searched or constrained.
create table conversations (
    id                   text    not null primary key,
    customer             text    not null references customers (id),
    site                 text    not null,
    client_id            text    not null,
    channel              text    not null check (channel in ('web', 'telegram')),
    address              text    unique,  -- `bot/chat` of a channel that is pushed to
    state                text    not null,
    phase                text    not null check (phase in ('with_bot', 'waiting', 'with_agent', 'resolved')),
    phase_since          integer not null,
    agent                text,
    queue                text,
    priority             integer not null default 0,
    waiting_since        integer,
    version              integer not null check (version >= 0),
    owner_epoch          integer not null check (owner_epoch >= 0),
    oldest_unanswered_at integer,
    page                 integer references words (id),
    created_at           integer not null,
    updated_at           integer not null,
    unique (site, client_id),
    check ((channel = 'web') = (address is null)),
    check ((phase = 'with_agent') = (agent is not null)),
    check ((phase in ('waiting', 'with_agent')) = (queue is not null)),
    check ((phase in ('waiting', 'with_agent')) = (waiting_since is not null)),
    check (oldest_unanswered_at is null or phase in ('with_bot', 'waiting'))
) strict;
create index conversations_of_customer on conversations (customer);
create index conversations_of_agent    on conversations (agent, phase_since, id) where phase = 'with_agent';
create index conversations_with_bot    on conversations (updated_at, id)         where phase = 'with_bot';
create index conversations_resolved    on conversations (phase_since, id)        where phase = 'resolved';
create index conversations_unanswered  on conversations (oldest_unanswered_at)   where oldest_unanswered_at is not null;
create index conversations_by_page     on conversations (page)                   where page is not null;

-- Several tokens open one conversation: each time the widget asks for it again, it gets its own.
create table conversation_tokens (
    token_hash   text    not null primary key,
    conversation text    not null references conversations (id) on delete cascade,
    created_at   integer not null
) strict, without rowid;
create index tokens_of_conversation on conversation_tokens (conversation);

-- Every change, numbered from 1 in its conversation; `event` is the domain's event as JSON, which holds no words.
create table events (
    conversation text    not null references conversations (id) on delete cascade,
    seq          integer not null,
    at           integer not null,
    event        text    not null,
    primary key (conversation, seq)
) strict, without rowid;

create trigger events_have_no_gaps before insert on events
when new.seq <> 1 + coalesce((select max(seq) from events where conversation = new.conversation), 0)
begin
    select raise(abort, 'events of a conversation are numbered without gaps');
end;

create trigger events_never_change before update on events
begin
    select raise(abort, 'events never change');
end;

-- Each turn as it reads now. `first_seq` names it for ever; `seq` is its last change.
create table turns (
    conversation text    not null references conversations (id) on delete cascade,
    first_seq    integer not null,
    seq          integer not null,
    rev          integer not null default 0 check (rev >= 0),
    by_kind      text    not null check (by_kind in ('customer', 'bot', 'agent', 'system')),
    agent        text,
    kind         text    not null,
    client_id    text,
    words        integer not null references words (id),
    html         integer references words (id),
    options      text    not null default '[]',
    decision     text,
    article      text,
    queue        text,
    at           integer not null,
    primary key (conversation, first_seq),
    check (seq >= first_seq),
    check ((by_kind = 'agent') = (agent is not null))
) strict, without rowid;
create unique index turns_by_change    on turns (conversation, seq);
-- By speaker, so that an agent's reply is never taken for a repeat of something that the customer sent.
create unique index turns_by_client_id on turns (conversation, client_id, by_kind) where client_id is not null;
create index turns_by_words            on turns (words);
create index turns_by_html             on turns (html) where html is not null;

-- Who stands in line: a row exactly while its conversation waits.
create table queue_entries (
    conversation text    not null primary key references conversations (id) on delete cascade,
    queue        text    not null,
    priority     integer not null,
    since        integer not null
) strict, without rowid;
create index queue_order on queue_entries (queue, priority desc, since, conversation);
create index queue_age   on queue_entries (since, conversation);

-- Each move to people, numbered by its change; at most one of a conversation is open.
create table handoffs (
    conversation text    not null references conversations (id) on delete cascade,
    seq          integer not null,
    reason       text    not null,
    queue        text    not null,
    at           integer not null,
    claimed_at   integer,  -- the first claim: a release does not restart the clock
    claimed_by   text,     -- who has it or had it last
    closed_at    integer,
    outcome      text check (outcome in ('solved', 'unsolved', 'handed_back', 'did_not_wait', 'superseded')),
    brief        integer references words (id),
    primary key (conversation, seq),
    check ((closed_at is null) = (outcome is null))
) strict, without rowid;
create unique index handoffs_open   on handoffs (conversation) where closed_at is null;
create index handoffs_by_brief      on handoffs (brief) where brief is not null;

create table traces (
    conversation text    not null references conversations (id) on delete cascade,
    seq          integer not null,
    words        integer not null references words (id),
    primary key (conversation, seq)
) strict, without rowid;
create index traces_by_words on traces (words);

create table ratings (
    conversation text    not null references conversations (id) on delete cascade,
    seq          integer not null,
    score        integer not null check (score between 1 and 5),
    comment      integer references words (id),
    at           integer not null,
    primary key (conversation, seq)
) strict, without rowid;
create index ratings_by_comment on ratings (comment) where comment is not null;

-- What must still be delivered to a channel that is pushed to. Ids grow, so they are the order in a conversation.
create table outbox (
    id           integer primary key autoincrement,
    conversation text    not null,
    turn         integer not null,
    channel      text    not null check (channel in ('telegram')),
    bot          text    not null,
    chat         integer not null,
    created      integer not null,
    due_at       integer not null,
    lease_until  integer,
    attempts     integer not null default 0,
    parts_sent   integer not null default 0,
    state        text    not null default 'due' check (state in ('due', 'done', 'dead')),
    message      text,
    why          text,
    foreign key (conversation, turn) references turns (conversation, first_seq) on delete cascade
) strict;
create index outbox_due             on outbox (bot, due_at, id)      where state = 'due';
create index outbox_of_conversation on outbox (conversation, turn);
create index outbox_order           on outbox (conversation, id)     where state = 'due';

create table agents (
    id            text    not null primary key,
    email         text    not null unique check (email = lower(email)),
    name          text    not null,
    role          text    not null check (role in ('agent', 'lead', 'admin')),
    password_hash text    not null,
    is_disabled   integer not null check (is_disabled in (0, 1)),
    created_at    integer not null
) strict;

create table sign_ins (
    token_hash text    not null primary key,
    agent      text    not null references agents (id) on delete cascade,
    at         integer not null,
    expires_at integer not null
) strict, without rowid;
create index sign_ins_of_agent  on sign_ins (agent);
create index sign_ins_by_expiry on sign_ins (expires_at);

-- Written to and emptied by the readiness check.
create table probes (
    id integer primary key
) strict;
