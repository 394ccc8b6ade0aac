-- Files that people upload, what was found in them, and where the bytes are.

create table public.user_datasets (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid references auth.users on delete set null,
  name text not null check (char_length(name) between 1 and 200),
  version integer not null default 1 check (version >= 1),
  media_type text not null check (media_type in ('text/csv', 'application/jsonl')),
  -- A page's JavaScript counts exactly up to here, which is 8 PiB.
  size_bytes bigint not null check (size_bytes between 0 and 9007199254740991),
  digest text not null check (char_length(digest) = 64),
  storage_path text not null unique check (storage_path like organisation_id::text || '/%'),
  columns jsonb not null default '[]' check (jsonb_typeof(columns) = 'array'),
  row_count bigint check (row_count between 0 and 9007199254740991),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  -- What refers to a dataset names the organisation, too, so it cannot be another one's.
  unique (organisation_id, id),
  unique (organisation_id, name, version)
);
comment on table public.user_datasets is 'Uploaded files, each with its columns and a version.';
comment on column public.user_datasets.digest is 'sha256 of the file, in hexadecimal.';
comment on column public.user_datasets.storage_path is 'The object in the bucket datasets; it begins with the organisation.';
create index user_datasets_person_id_idx on public.user_datasets (person_id);
create index user_datasets_history_idx on public.user_datasets (organisation_id, created_at desc, id desc);
create trigger set_updated_at before update on public.user_datasets
  for each row execute function private.set_updated_at();
create trigger audit after insert or update or delete on public.user_datasets
  for each row execute function private.audit('name', 'version', 'digest');

alter table public.user_datasets enable row level security;
revoke all on public.user_datasets from anon, authenticated;
grant select, delete on public.user_datasets to authenticated;
grant insert (
  id, organisation_id, person_id, name, version, media_type, size_bytes, digest, storage_path, columns, row_count
) on public.user_datasets to authenticated;
grant update (name) on public.user_datasets to authenticated;
-- The server looks for files that no dataset names any more, and for nothing else.
grant select (id, organisation_id, storage_path) on public.user_datasets to lockstitch_server;
create policy server_finds_files on public.user_datasets
  for select to lockstitch_server using (true);
create policy members_see_datasets on public.user_datasets
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_upload on public.user_datasets
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('member')))
    and person_id = (select auth.uid())
  );
create policy members_rename on public.user_datasets
  for update to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('member'))))
  with check (organisation_id = any (array(select private.my_organisation_ids('member'))));
create policy members_remove on public.user_datasets
  for delete to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids('member'))));

create table public.dataset_validations (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  dataset_id uuid not null,
  report jsonb not null check (jsonb_typeof(report) = 'object'),
  created_at timestamptz(3) not null default now(),
  foreign key (organisation_id, dataset_id)
    references public.user_datasets (organisation_id, id) on delete cascade
);
comment on table public.dataset_validations is 'What was found in a dataset, each time that it was checked.';
create index dataset_validations_dataset_idx
  on public.dataset_validations (organisation_id, dataset_id, created_at desc);

alter table public.dataset_validations enable row level security;
revoke all on public.dataset_validations from anon, authenticated;
grant select on public.dataset_validations to authenticated;
grant insert on public.dataset_validations to lockstitch_server;
create policy members_read_validations on public.dataset_validations
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy server_validates on public.dataset_validations
  for insert to lockstitch_server with check (true);

insert into storage.buckets (id, name, public) values ('datasets', 'datasets', false)
on conflict (id) do nothing;

create policy lockstitch_members_see_files on storage.objects
  for select to authenticated
  using (
    bucket_id = 'datasets'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids()::text)
  );
create policy lockstitch_members_upload_files on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'datasets'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids('member')::text)
  );
create policy lockstitch_members_remove_files on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'datasets'
    and (storage.foldername(name))[1] in (select private.my_organisation_ids('member')::text)
  );
