-- What leads decided about customers' words as phrases of articles: taught ones train the classifier, the others are not proposed again.
-- The words may still be a customer's, so they stand in `words` and go with them.
create table phrases (
    conversation text    not null references conversations (id),
    question     integer not null,           -- the number of the question, as in judged
    state        text    not null check (state in ('taught', 'exported', 'rejected')),
    article      text,                       -- null: rejected
    language     text    not null,
    words        integer references words (id),
    agent        text    not null,            -- the lead
    at           integer not null,
    primary key (conversation, question),
    check ((state = 'rejected') = (article is null)),
    check ((article is null) = (words is null))
) strict, without rowid;
create index phrases_by_words on phrases (words);
