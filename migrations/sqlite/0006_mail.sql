-- Letters to customers join the outbox. A check cannot be changed in place, so the table is made anew; nothing points to it.
create table outbox_with_letters (
    id           integer primary key autoincrement,
    conversation text    not null,
    -- What is delivered. Of a letter about replies the first of them, of a transcript the last turn in it.
    turn         integer not null,
    channel      text    not null check (channel in ('telegram', 'mail')),
    bot          text,
    chat         integer,
    letter       text    check (letter in ('replies', 'transcript')),
    -- The last turn in the letter. Set with the address when it is first sent, so that a repeat says the same.
    through      integer,
    address      integer references words (id),
    created      integer not null,
    due_at       integer not null,
    lease_until  integer,
    attempts     integer not null default 0,
    parts_sent   integer not null default 0,
    -- `moot`: nobody needs it any more.
    state        text    not null default 'due' check (state in ('due', 'done', 'dead', 'moot')),
    settled_at   integer,
    message      text,
    why          text,
    foreign key (conversation, turn) references turns (conversation, first_seq) on delete cascade,
    check ((channel = 'telegram') = (bot is not null)),
    check ((channel = 'telegram') = (chat is not null)),
    check ((channel = 'mail') = (letter is not null)),
    check ((through is null) = (address is null))
) strict;
insert into outbox_with_letters
    (id, conversation, turn, channel, bot, chat, created, due_at, lease_until, attempts, parts_sent, state, message, why)
select id, conversation, turn, channel, bot, chat, created, due_at, lease_until, attempts, parts_sent, state, message, why
from outbox;
drop table outbox;
alter table outbox_with_letters rename to outbox;

create index outbox_due             on outbox (bot, due_at, id)      where state = 'due';
create index outbox_of_conversation on outbox (conversation, turn);
create index outbox_order           on outbox (conversation, id)     where state = 'due';
create index outbox_letters         on outbox (due_at, id)           where state = 'due' and channel = 'mail';
create index outbox_letters_sent    on outbox (settled_at)           where state = 'done' and channel = 'mail';
create index outbox_by_address      on outbox (address)              where address is not null;
