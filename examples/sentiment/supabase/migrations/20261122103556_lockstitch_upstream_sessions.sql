-- On Supabase each session stands on one of Supabase Auth, which the server renews.

alter table private.sessions
  add column upstream_refresh_token bytea,
  add column upstream_expires_at timestamptz(3),
  add column upstream_renew_at timestamptz(3)
    constraint sessions_upstream_check check (
      num_nulls(upstream_refresh_token, upstream_expires_at, upstream_renew_at) in (0, 3)
    );
comment on column private.sessions.upstream_refresh_token is
  'The refresh token of Supabase Auth, sealed with a key that needs the secret of the service.';
comment on column private.sessions.upstream_expires_at is
  'When the access token ends that came with it; later the session has to be renewed first.';
comment on column private.sessions.upstream_renew_at is
  'From when on the next request renews the session.';
grant update (upstream_refresh_token, upstream_expires_at, upstream_renew_at)
  on private.sessions to lockstitch_server;
