-- The server looks for files that no dataset names any more, and for nothing else.

grant select (id, organisation_id, storage_path) on public.user_datasets to lockstitch_server;
create policy server_finds_files on public.user_datasets
  for select to lockstitch_server using (true);

-- A page's JavaScript counts exactly up to here, which is 8 PiB.
alter table public.user_datasets
  add constraint user_datasets_size_bytes_exact check (size_bytes <= 9007199254740991),
  add constraint user_datasets_row_count_exact check (row_count <= 9007199254740991);
