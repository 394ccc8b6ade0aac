-- Mail: what is to be sent, and one-time links. Sessions: renewed tokens, and none of an
-- organisation.

create table private.mails (
  id uuid primary key default private.uuid_v7(),
  letter text not null check (char_length(letter) between 1 and 50),
  recipient text not null check (char_length(recipient) between 3 and 320),
  sealed bytea,
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz(3) not null default now(),
  sent_at timestamptz(3),
  failed_at timestamptz(3),
  last_error text check (char_length(last_error) <= 500),
  created_at timestamptz(3) not null default now()
);
comment on table private.mails is 'The outbox: every message is stored with its cause and sent afterwards.';
comment on column private.mails.letter is 'Which letter it is; it is written when it is sent.';
comment on column private.mails.sealed is 'What the letter is about, encrypted; null once it is sent.';
comment on column private.mails.next_attempt_at is 'When it is tried (again); while one tries, when others may.';
comment on column private.mails.failed_at is 'When it was given up.';
create index mails_due_idx on private.mails (next_attempt_at)
  where sent_at is null and failed_at is null;
create index mails_created_at_idx on private.mails (created_at);

create table private.email_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  purpose text not null check (purpose in ('confirm', 'reset')),
  person_id uuid not null references auth.users on delete cascade,
  email text not null check (char_length(email) between 3 and 320),
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null check (expires_at > created_at),
  used_at timestamptz(3)
);
comment on table private.email_tokens is 'Links that were sent by mail. The token is in the letter alone; here is its sha256.';
comment on column private.email_tokens.email is 'The address that it was sent to, and good for.';
create index email_tokens_person_id_idx on private.email_tokens (person_id);
create index email_tokens_expires_at_idx on private.email_tokens (expires_at);

-- squawk-ignore ban-drop-not-null
alter table private.sessions alter column organisation_id drop not null;
alter table private.sessions
  add column rotated_at timestamptz(3) not null default now(),
  add column token_seen_at timestamptz(3);
comment on column private.sessions.organisation_id is 'Which organisation it acts for; null: none.';
comment on column private.sessions.rotated_at is 'When its token was made; 1970: a new one is due.';
comment on column private.sessions.token_seen_at is 'When the browser first showed this token.';
grant update (token_hash, rotated_at, token_seen_at) on private.sessions to lockstitch_server;

create table private.retired_session_tokens (
  token_hash bytea primary key,
  session_id uuid not null references private.sessions on delete cascade,
  was_seen boolean not null,
  retired_at timestamptz(3) not null default now()
);
comment on table private.retired_session_tokens is
  'Tokens that a session had before. Whoever shows one long afterwards has stolen it, or was robbed.';
comment on column private.retired_session_tokens.was_seen is
  'Whether the browser ever showed it; else the answer that brought it was lost.';
create index retired_session_tokens_session_id_idx on private.retired_session_tokens (session_id);

alter table private.mails enable row level security;
alter table private.email_tokens enable row level security;
alter table private.retired_session_tokens enable row level security;
revoke all on private.mails, private.email_tokens, private.retired_session_tokens
  from public, anon, authenticated, service_role;
grant select, insert, update, delete on private.mails, private.email_tokens to lockstitch_server;
grant select, insert, delete on private.retired_session_tokens to lockstitch_server;
create policy server_sends on private.mails
  for all to lockstitch_server using (true) with check (true);
create policy server_keeps_tokens on private.email_tokens
  for all to lockstitch_server using (true) with check (true);
create policy server_keeps_tokens on private.retired_session_tokens
  for all to lockstitch_server using (true) with check (true);

-- On Supabase the server has no right to read auth.users; see private.person_email.
create function private.person_confirmed_at(person uuid) returns timestamptz
language sql stable security definer set search_path = ''
as $$
  select email_confirmed_at from auth.users where id = person
$$;
comment on function private.person_confirmed_at(uuid) is
  'When a person proved that their address is theirs, for the server alone.';
revoke all on function private.person_confirmed_at(uuid) from public;
grant execute on function private.person_confirmed_at(uuid) to lockstitch_server;


-- The list grows, and the table has a few rows: nothing that was allowed is refused or waits.
-- squawk-ignore ban-drop-constraint
alter table private.retention drop constraint retention_relation_check;
-- squawk-ignore constraint-missing-not-valid
alter table private.retention add constraint retention_relation_check check (relation in (
  'public.audit_log', 'public.idempotency_keys', 'public.inference_results', 'public.invitations',
  'public.stream_events', 'public.usage_events', 'private.email_tokens', 'private.mails',
  'private.rate_limits', 'private.sessions'
));
insert into private.retention (relation, column_name, keep) values
  ('private.email_tokens', 'expires_at', interval '7 days'),
  ('private.mails', 'created_at', interval '30 days');
