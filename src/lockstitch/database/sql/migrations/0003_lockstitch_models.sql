-- Versions of models, and every prediction that was made with them.

create table public.model_versions (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid references public.organisations on delete cascade,
  model text not null check (char_length(model) between 1 and 200),
  version integer not null check (version >= 1),
  digest text not null check (char_length(digest) between 1 and 200),
  metrics jsonb not null default '{}' check (jsonb_typeof(metrics) = 'object'),
  labels jsonb check (jsonb_typeof(labels) = 'array'),
  created_at timestamptz(3) not null default now()
);
comment on table public.model_versions is 'What a model was at some time; a version never changes.';
comment on column public.model_versions.organisation_id is 'Null: the version is the whole application''s.';
comment on column public.model_versions.digest is 'sha256 of what the version is made of; the same digest is the same version.';

create unique index model_versions_version_key
  on public.model_versions (model, version) where organisation_id is null;
create unique index model_versions_digest_key
  on public.model_versions (model, digest) where organisation_id is null;
create unique index model_versions_organisation_version_key
  on public.model_versions (organisation_id, model, version) where organisation_id is not null;
create unique index model_versions_organisation_digest_key
  on public.model_versions (organisation_id, model, digest) where organisation_id is not null;

create table public.inference_results (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid references auth.users on delete set null,
  model_version_id uuid not null references public.model_versions,
  input jsonb not null,
  output jsonb not null,
  duration_seconds double precision not null check (duration_seconds >= 0),
  created_at timestamptz(3) not null default now()
);
comment on table public.inference_results is 'Every prediction: what was asked, what was answered, by which version.';
comment on column public.inference_results.person_id is 'Null: a machine asked, or the person is gone.';
-- The history of an organisation, newest first.
create index inference_results_history_idx
  on public.inference_results (organisation_id, created_at desc, id desc);
create index inference_results_person_id_idx on public.inference_results (person_id);
create index inference_results_model_version_id_idx on public.inference_results (model_version_id);

alter table public.model_versions enable row level security;
alter table public.inference_results enable row level security;
revoke all on public.model_versions, public.inference_results from anon, authenticated;
grant select on public.model_versions, public.inference_results to authenticated;
grant select, insert on public.model_versions to lockstitch_server;
-- A row is stored before its answer leaves; it is read by its organisation alone.
grant insert on public.inference_results to lockstitch_server;

create policy members_read_versions on public.model_versions
  for select to authenticated
  using (
    organisation_id is null
    or organisation_id = any (array(select private.my_organisation_ids()))
  );

create policy server_reads on public.model_versions
  for select to lockstitch_server using (true);

create policy server_registers on public.model_versions
  for insert to lockstitch_server with check (true);

create policy members_read_results on public.inference_results
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));

create policy server_stores on public.inference_results
  for insert to lockstitch_server with check (true);
