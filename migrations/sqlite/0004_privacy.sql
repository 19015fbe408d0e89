-- When the words went: of a customer at a person's wish, of a conversation also by age. The rows stay, so that figures stay right.
alter table customers     add column erased_at integer;
alter table conversations add column erased_at integer;

-- What has been resolved for longest and still holds words.
create index conversations_by_age on conversations (phase_since, id) where phase = 'resolved' and erased_at is null;

-- Erasing takes out of an event what its sender called it and the chats that it names. Nothing else ever changes one.
drop trigger events_never_change;
create trigger events_never_change before update on events
when new.conversation is not old.conversation or new.seq is not old.seq or new.at is not old.at
  or new.event is not json_replace(json_remove(old.event, '$.client_id'), '$.from.chat', 0, '$.to.chat', 0)
begin
    select raise(abort, 'events never change');
end;
