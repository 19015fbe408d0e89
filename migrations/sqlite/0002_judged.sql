-- Each question that a customer put into words and the bot judged by its confidence. `question` is the customer's last turn
-- of the burst, `first` its first, `decided` the change that reacted, `answer` the turn that answered, if one did.
create table questions (
    conversation text    not null references conversations (id) on delete cascade,
    question     integer not null,
    first        integer not null check (first <= question),
    decided      integer not null check (decided > question),
    answer       integer check (answer > decided),
    language     text    not null,
    at           integer not null,
    primary key (conversation, question)
) strict, without rowid;
create unique index questions_by_decision on questions (conversation, decided);
create unique index questions_by_answer   on questions (conversation, answer) where answer is not null;
create index questions_answered           on questions (at)                   where answer is not null;

-- Answers that were drawn for a lead and wait to be judged; `chance` is that of the draw.
create table draws (
    conversation text    not null,
    question     integer not null,
    chance       real    not null check (chance > 0 and chance <= 1),
    at           integer not null,
    primary key (conversation, question),
    foreign key (conversation, question) references questions (conversation, question) on delete cascade
) strict, without rowid;
create index draws_by_time on draws (at);

-- Questions whose right article is known; null: no article answers it. Only a draw has a chance of its own; that of the
-- others is estimated when they are read. The words are those of the turns.
create table judged (
    conversation text    not null,
    question     integer not null,
    article      text,
    picked       text    not null check (picked in ('agent_chose', 'helped', 'random')),
    chance       real    check (chance > 0 and chance <= 1),
    judge        text,   -- the agent; null: the customer
    at           integer not null,
    primary key (conversation, question),
    foreign key (conversation, question) references questions (conversation, question) on delete cascade,
    check ((picked = 'random') = (chance is not null)),
    check ((picked = 'helped') = (judge is null))
) strict, without rowid;
create index judged_by_time on judged (at);

-- What was asked before this table was there: of an answer, the customer's words before it.
insert into questions (conversation, question, first, decided, answer, language, at)
select e.conversation, e.event ->> '$.through', e.event ->> '$.through', e.seq,
       (select t.first_seq from turns t
        where t.conversation = e.conversation and t.first_seq = e.seq + 1 and t.by_kind = 'bot' and t.kind = 'answer'),
       e.event ->> '$.language', e.at
from events e
join turns q on q.conversation = e.conversation and q.first_seq = e.event ->> '$.through' and q.by_kind = 'customer' and q.kind = 'text'
where e.event ->> '$.event' = 'decided'
  and (e.event ->> '$.decision' in ('answer', 'clarify')
       or e.event ->> '$.decision' = 'hand_off' and e.event ->> '$.reason' in ('not_understood', 'bot_unavailable'));
