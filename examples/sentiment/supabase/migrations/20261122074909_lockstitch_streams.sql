-- Event logs that are read from any position, and what is removed when it is old.

create table public.streams (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  name text not null check (char_length(name) between 1 and 200),
  class text not null check (class in ('log', 'state', 'signal')),
  epoch integer not null default 1 check (epoch >= 1),
  next_offset bigint not null default 0 check (next_offset >= 0),
  first_offset bigint not null default 0 check (first_offset >= 0 and first_offset <= next_offset),
  closed_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (organisation_id, id),
  unique (organisation_id, name)
);
comment on table public.streams is 'Typed event logs: tokens, progress, notifications.';
comment on column public.streams.epoch is 'A restore or a truncation begins a new one, so that no position is used twice.';
comment on column public.streams.first_offset is 'What is before it has been removed; a reader there is told of a gap.';
create trigger set_updated_at before update on public.streams
  for each row execute function private.set_updated_at();

create table public.stream_events (
  organisation_id uuid not null,
  stream_id uuid not null,
  epoch integer not null check (epoch >= 1),
  "offset" bigint not null check ("offset" >= 0),
  type text not null check (char_length(type) between 1 and 200),
  data jsonb not null,
  created_at timestamptz(3) not null default now(),
  primary key (stream_id, epoch, "offset"),
  foreign key (organisation_id, stream_id)
    references public.streams (organisation_id, id) on delete cascade
);
comment on table public.stream_events is 'The events of a stream, in order; they are only ever added.';
create index stream_events_organisation_idx on public.stream_events (organisation_id, stream_id);
create index stream_events_created_at_idx on public.stream_events (created_at);

alter table public.streams enable row level security;
alter table public.stream_events enable row level security;
revoke all on public.streams, public.stream_events from anon, authenticated;
grant select on public.streams, public.stream_events to authenticated;
grant select, insert, update, delete on public.streams, public.stream_events to lockstitch_server;
create policy members_follow on public.streams
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_read_events on public.stream_events
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy server_keeps_streams on public.streams
  for all to lockstitch_server using (true) with check (true);
create policy server_keeps_events on public.stream_events
  for all to lockstitch_server using (true) with check (true);

-- Who uses supabase-js hears the same events on the private topic stream:<id>.
create function private.broadcast_event() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform realtime.send(
    jsonb_build_object(
      'stream', new.stream_id,
      'position', new.epoch || ':' || new."offset",
      'type', new.type,
      'data', new.data
    ),
    'event',
    'stream:' || new.stream_id,
    true
  );
  return null;
end
$$;
comment on function private.broadcast_event() is 'Tells listeners of Supabase Realtime of an event.';
revoke all on function private.broadcast_event() from public;
create trigger broadcast_event after insert on public.stream_events
  for each row execute function private.broadcast_event();
create policy lockstitch_members_hear_streams on realtime.messages
  for select to authenticated
  using (
    extension = 'broadcast'
    and (select realtime.topic()) in (
      select 'stream:' || id from public.streams
      where organisation_id = any (array(select private.my_organisation_ids()))
    )
  );

create table private.retention (
  relation text primary key check (relation in (
    'public.audit_log', 'public.idempotency_keys', 'public.inference_results', 'public.invitations',
    'public.stream_events', 'public.usage_events', 'private.rate_limits', 'private.sessions'
  )),
  column_name text not null check (column_name in ('created_at', 'expires_at')),
  keep interval not null check (keep >= interval '0')
);
comment on table private.retention is 'How long rows are kept, counted from a column of theirs.';
insert into private.retention (relation, column_name, keep) values
  ('public.idempotency_keys', 'created_at', interval '24 hours'),
  ('public.invitations', 'expires_at', interval '30 days'),
  ('public.stream_events', 'created_at', interval '7 days'),
  ('private.rate_limits', 'expires_at', interval '1 hour'),
  ('private.sessions', 'expires_at', interval '7 days');
alter table private.retention enable row level security;
revoke all on private.retention from public, anon, authenticated, service_role;
grant select on private.retention to lockstitch_server;
create policy server_reads on private.retention for select to lockstitch_server using (true);

create function private.apply_retention() returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  rule record;
  removed bigint;
  total bigint := 0;
begin
  perform set_config('lockstitch.retention', 'on', true);
  for rule in select * from private.retention order by relation loop
    if rule.relation = 'public.stream_events' then
      -- A reader of what is gone is told of the gap.
      update public.streams as stream set first_offset = kept.first
      from (
        select event.stream_id, max(event."offset") + 1 as first
        from public.stream_events as event
        join public.streams as own on own.id = event.stream_id and own.epoch = event.epoch
        where event.created_at < now() - rule.keep
        group by event.stream_id
      ) as kept
      where stream.id = kept.stream_id and kept.first > stream.first_offset;
    end if;
    execute format(
      'delete from %s where %I < now() - $1', rule.relation::regclass, rule.column_name
    ) using rule.keep;
    get diagnostics removed = row_count;
    total := total + removed;
  end loop;
  perform set_config('lockstitch.retention', 'off', true);
  return total;
end
$$;
comment on function private.apply_retention() is 'Removes what is older than it is to be kept; returns how many rows.';
revoke all on function private.apply_retention() from public;
grant execute on function private.apply_retention() to lockstitch_server;
