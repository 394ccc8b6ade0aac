-- How often a key may be used, where that is less than the service allows.

alter table public.api_keys add column requests_per_minute integer
  constraint api_keys_requests_per_minute_check check (requests_per_minute between 1 and 1000000);
comment on column public.api_keys.requests_per_minute is
  'How many requests the key may send in a minute; null: as many as the service allows any key.';
grant select (requests_per_minute), insert (requests_per_minute), update (requests_per_minute)
  on public.api_keys to authenticated;

drop trigger audit on public.api_keys;
create trigger audit after insert or update or delete on public.api_keys
  for each row execute function private.audit(
    'name', 'prefix', 'scopes', 'expires_at', 'requests_per_minute', 'revoked_at'
  );
