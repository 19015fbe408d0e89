-- What could not be delivered lately, for the page that says how a bot is doing.
create index outbox_dead on outbox (bot, created) where state = 'dead';
