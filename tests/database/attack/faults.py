"""Faults that real projects have, each one change to the careful schema, and who must be named.

Each entry: what is wrong, the SQL that makes it so, and the cells `relation verb actor` of which
at least one must be found.
"""

from dataclasses import dataclass

import psycopg

MEMBER = "other organisation"
SAMPLES = "public.samples"


@dataclass(frozen=True, slots=True)
class Fault:
    what: str
    sql: str
    found: tuple[str, ...]


def change(dsn: str, statements: str) -> None:
    """Change a database as a migration would, and storage and realtime as their owners."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements.split(";\n\n"):
            theirs = "storage." in statement or "realtime." in statement
            connection.execute("reset role" if theirs else "set role postgres")
            connection.execute(statement.encode())


FAULTS = [
    Fault(
        "a policy for reading that lets everybody",
        "create policy x on trials for select to authenticated using (true)",
        (f"public.trials select {MEMBER}",),
    ),
    Fault(
        "a check for inserting that checks nothing",
        "drop policy added on samples; "
        "create policy x on samples for insert to authenticated with check (true)",
        (f"{SAMPLES} insert {MEMBER}",),
    ),
    Fault(
        "a check for updating that forgets the tenant: rows move",
        "drop policy changed on samples; create policy x on samples for update "
        "to authenticated using (private.may_write(organisation_id)) "
        "with check (owner_id = (select auth.uid()))",
        (f"{SAMPLES} move {MEMBER}",),
    ),
    Fault(
        "a helper that returns every organisation",
        "create or replace function private.my_organisation_ids() returns setof uuid language sql "
        "stable security definer set search_path = '' as 'select id from public.organisations'",
        (f"{SAMPLES} select {MEMBER}", f"public.organisations select {MEMBER}"),
    ),
    Fault(
        "anybody may join any organisation",
        "grant insert on organisation_members to authenticated; "
        "create policy x on organisation_members for insert to authenticated "
        "with check (person_id = (select auth.uid()))",
        ("public.organisation_members insert without organisation",),
    ),
    Fault(
        "row-level security off",
        "alter table model_versions disable row level security",
        (f"public.model_versions select {MEMBER}",),
    ),
    Fault(
        "a view with its owner's rights",
        "create view v_jobs as select * from trials; grant select on v_jobs to authenticated",
        (f"public.v_jobs select {MEMBER}",),
    ),
    Fault(
        "a bucket open to every person",
        "create policy x on storage.objects for all to authenticated "
        "using (bucket_id = 'workshop')",
        (f"storage.objects in workshop select {MEMBER}",),
    ),
    Fault(
        "topics that everybody hears",
        "create policy x on realtime.messages for select to authenticated "
        "using (extension = 'broadcast')",
        (f"realtime.messages select {MEMBER}",),
    ),
    Fault(
        "a table that anybody reads without signing in",
        "grant select on model_versions to anon; "
        "create policy x on model_versions for select to anon using (true)",
        ("public.model_versions select anonymous",),
    ),
    Fault(
        "a claim that is missing opens everything",
        "create policy x on model_versions for select to authenticated "
        "using ((select auth.jwt() ->> 'organisation') is null)",
        ("public.model_versions select without organisation",),
    ),
    Fault(
        "a function with its owner's rights returns all rows",
        "create function job_list() returns setof trials language sql stable "
        "security definer set search_path = '' as 'select * from public.trials'",
        (f"public.job_list() call {MEMBER}",),
    ),
    Fault(
        "anybody removes every prediction",
        "grant select, delete on inference_results to anon; "
        "create policy x on inference_results for all to anon using (true)",
        ("public.inference_results delete anonymous",),
    ),
    Fault(
        "anybody removes every prediction, and sees none",
        "alter table inference_results disable row level security; "
        "grant delete on inference_results to anon",
        ("public.inference_results delete anonymous",),
    ),
    Fault(
        "a person's version goes live over another tenant's",
        "create function set_live(chosen uuid) returns void language sql security definer "
        "set search_path = '' as 'update public.releases set model_version_id = chosen "
        "where organisation_id = (select organisation_id from public.model_versions "
        "where id = chosen)'",
        (f"public.set_live(uuid) call {MEMBER}",),
    ),
    Fault(
        "a deployment takes another tenant's version",
        "drop policy added on releases; create policy x on releases for insert "
        "to authenticated with check (private.may_write(organisation_id))",
        (f"public.releases link {MEMBER}",),
    ),
    Fault(
        "statistics that count every tenant",
        "create view totals as select count(*) as jobs from trials; "
        "grant select on totals to authenticated",
        (f"public.totals influence {MEMBER}",),
    ),
    Fault(
        "a function that counts every tenant",
        "create function total_jobs() returns bigint language sql stable security definer "
        "set search_path = '' as 'select count(*) from public.trials'",
        (f"public.total_jobs() influence {MEMBER}",),
    ),
    Fault(
        "rows change hands by updating without a policy's USING",
        "drop policy changed on samples; create policy x on samples for update "
        "to authenticated using (true) with check (private.may_write(organisation_id))",
        (f"{SAMPLES} move {MEMBER}", f"{SAMPLES} update {MEMBER}"),
    ),
    Fault(
        "blind updates: no right to look, every right to change",
        "create policy x on trials for update to authenticated using (true); "
        "revoke select on trials from authenticated; "
        "grant update (state) on trials to authenticated",
        (f"public.trials update {MEMBER}",),
    ),
    Fault(
        "anybody signed in removes",
        "drop policy removed on samples; create policy x on samples for delete "
        "to authenticated using (auth.uid() is not null)",
        (f"{SAMPLES} delete {MEMBER}",),
    ),
    Fault(
        "the weakest role writes",
        "create or replace function private.may_write(organisation uuid) returns boolean "
        "language sql stable security definer set search_path = '' "
        "as 'select private.my_role(organisation) is not null'",
        (f"{SAMPLES} insert lower role",),
    ),
    Fault(
        "members write in the name of others",
        "drop policy added on samples; create policy x on samples for insert "
        "to authenticated with check (private.may_write(organisation_id))",
        (f"{SAMPLES} assign {MEMBER}",),
    ),
    Fault(
        "members choose their own role",
        "grant update (role) on organisation_members to authenticated; "
        "create policy x on organisation_members for update to authenticated "
        "using (person_id = (select auth.uid())) with check (person_id = (select auth.uid()))",
        ("public.organisation_members escalate lower role",),
    ),
    Fault(
        "a membership that has ended and still counts",
        "alter table organisation_members add column expires_at timestamptz",
        (f"{SAMPLES} select former member",),
    ),
    Fault(
        "a foreign key without the tenant",
        "alter table trials drop constraint trials_organisation_id_sample_id_fkey; "
        "alter table trials add foreign key (sample_id) references samples",
        (f"public.trials link {MEMBER}",),
    ),
    Fault(
        "a child table whose policy looks at nobody",
        "drop policy seen on readings; "
        "create policy x on readings for select to authenticated "
        "using (job_id is not null)",
        (f"public.readings select {MEMBER}",),
    ),
    Fault(
        "a profile of every person",
        "drop policy own on profiles; "
        "create policy x on profiles for select to authenticated using (true)",
        (f"public.profiles select {MEMBER}",),
    ),
    Fault(
        "prices that anybody signed in sets",
        "grant insert, update on plans to authenticated; "
        "create policy x on plans for all to authenticated using (true)",
        (f"public.plans insert {MEMBER}",),
    ),
    Fault(
        "a lookup by id with its owner's rights",
        "create or replace function sample_name(dataset uuid) returns text language sql stable "
        "security definer set search_path = '' "
        "as 'select name from public.samples where id = dataset'",
        (f"public.sample_name(uuid) call {MEMBER}",),
    ),
    Fault(
        "a write by id with its owner's rights",
        "create or replace function rename_sample(dataset uuid, new_name text) returns void "
        "language sql security definer set search_path = '' "
        "as 'update public.samples set name = new_name where id = dataset'",
        (f"public.rename_sample(uuid, text) call {MEMBER}",),
    ),
    Fault(
        "an oracle: whether somebody else's row is there",
        "create function sample_exists(dataset uuid) returns boolean language sql stable "
        "security definer set search_path = '' "
        "as 'select exists (select from public.samples where id = dataset)'",
        (f"public.sample_exists(uuid) call {MEMBER}",),
    ),
    Fault(
        "a function that anybody may call without signing in",
        "create function purge() returns void language sql security definer set search_path = '' "
        "as 'delete from public.samples'",
        ("public.purge() call anonymous",),
    ),
    Fault(
        "objects put into another tenant's folder",
        "drop policy added_objects on storage.objects; create policy x on storage.objects for "
        "insert to authenticated with check (bucket_id = 'workshop')",
        (f"storage.objects in workshop insert {MEMBER}",),
    ),
    Fault(
        "objects renamed into another tenant's folder",
        "create policy x on storage.objects for update to authenticated using (bucket_id = "
        "'workshop' and (storage.foldername(name))[1] in "
        "(select private.my_organisation_ids()::text)) with check (bucket_id = 'workshop')",
        (f"storage.objects in workshop move {MEMBER}",),
    ),
    Fault(
        "objects removed by anybody",
        "create policy x on storage.objects for all to anon using (bucket_id = 'workshop')",
        ("storage.objects in workshop delete anonymous",),
    ),
    Fault(
        "messages sent to another tenant",
        "create policy x on realtime.messages for insert to authenticated with check (true)",
        (f"realtime.messages insert {MEMBER}",),
    ),
    Fault(
        "a materialized view, to which no policy applies",
        "create materialized view job_copies as select * from trials; "
        "grant select on job_copies to authenticated",
        (f"public.job_copies select {MEMBER}",),
    ),
    Fault(
        "a view that can be written through",
        "create view editable as select * from samples; "
        "grant select, update, delete on editable to authenticated",
        (f"public.editable delete {MEMBER}",),
    ),
    Fault(
        "an organisation's name for everybody",
        "create policy x on organisations for select to authenticated using (true)",
        ("public.organisations select without organisation",),
    ),
    Fault(
        "a condition with or in the wrong place",
        "drop policy seen on samples; create policy x on samples for select to "
        "authenticated using (state = 'new' or organisation_id = any "
        "(array(select private.my_organisation_ids())))",
        (f"{SAMPLES} select {MEMBER}",),
    ),
    Fault(
        "a policy for everybody instead of for those who signed in",
        "grant select on samples to anon; create policy x on samples for select using (true)",
        (f"{SAMPLES} select anonymous",),
    ),
    Fault(
        "the missing RETURNING: rows are seen as they are changed",
        "create function touch_all() returns setof uuid language sql security definer "
        "set search_path = '' as 'update public.samples set rows_counted = 1 returning id'",
        (f"public.touch_all() call {MEMBER}",),
    ),
    Fault(
        "a grant to public and row-level security off",
        "grant select on trials to public; alter table trials disable row level security",
        ("public.trials select anonymous",),
    ),
    Fault(
        "SQL put together in a function with its owner's rights",
        "create function listed(name text) returns setof jsonb language plpgsql security definer "
        "set search_path = '' as $$ begin return query execute "
        "'select to_jsonb(s) from public.samples as s where s.name like ' || "
        "quote_literal('%' || name || '%'); end $$",
        (f"public.listed(text) call {MEMBER}",),
    ),
    Fault(
        "an argument with a default names the tenant",
        "create function counted(organisation uuid default null) returns bigint language sql "
        "stable security definer set search_path = '' as 'select count(*) from public.samples "
        "where organisation_id = organisation'",
        (f"public.counted(uuid) call {MEMBER}", f"public.counted() call {MEMBER}"),
    ),
    Fault(
        "a lookup by number with its owner's rights",
        "create table tickets (id bigint primary key, organisation_id uuid not null "
        "references organisations on delete cascade, title text); "
        "alter table tickets enable row level security; "
        "create policy seen on tickets for select to authenticated using (organisation_id = any "
        "(array(select private.my_organisation_ids()))); "
        "create function ticket(number bigint) returns text language sql stable security definer "
        "set search_path = '' as 'select title from public.tickets where id = number'",
        (f"public.ticket(bigint) call {MEMBER}",),
    ),
    Fault(
        "a lookup by what stands in a JSON argument",
        "create function looked_up(asked jsonb) returns text language sql stable security definer "
        "set search_path = '' as $$ select name from public.samples "
        "where id = (asked ->> 'id')::uuid $$",
        (f"public.looked_up(jsonb) call {MEMBER}",),
    ),
    Fault(
        "a trigger that copies rows to every organisation",
        "create table echoes (id bigint generated always as identity primary key, "
        "organisation_id uuid not null references organisations on delete cascade, name text); "
        "alter table echoes enable row level security; "
        "create policy seen on echoes for select to authenticated using (organisation_id = any "
        "(array(select private.my_organisation_ids()))); "
        "create function private.echo() returns trigger language plpgsql security definer "
        "set search_path = '' as $$ begin insert into public.echoes (organisation_id, name) "
        "select id, new.name from public.organisations; return new; end $$; "
        "create trigger echo after insert on samples for each row execute function private.echo()",
        (f"public.echoes select {MEMBER}",),
    ),
    Fault(
        "a row is taken over by a unique key that is not the primary one",
        "alter table samples add constraint by_name unique (name); "
        "create policy x on samples for update to authenticated using (true) "
        "with check (private.may_write(organisation_id)); "
        "create policy y on samples for select to authenticated using (true)",
        (f"{SAMPLES} upsert {MEMBER}",),
    ),
    Fault(
        "buckets that anybody signed in opens to the world",
        "create policy x on storage.buckets for update to authenticated using (true)",
        (f"storage.buckets update {MEMBER}",),
    ),
    Fault(
        "buckets that anybody removes",
        "create policy x on storage.buckets for all to authenticated using (true)",
        (f"storage.buckets delete {MEMBER}", f"storage.buckets insert {MEMBER}"),
    ),
    Fault(
        "people come to a topic of another tenant",
        "create policy x on realtime.messages for insert to authenticated "
        "with check (extension = 'presence')",
        (f"realtime.messages insert {MEMBER}",),
    ),
    Fault(
        "presence of another tenant that everybody sees",
        "create policy x on realtime.messages for select to authenticated "
        "using (extension = 'presence')",
        (f"realtime.messages select {MEMBER}",),
    ),
    Fault(
        "a policy of a folder's second part that looks at the first",
        "create policy x on storage.objects for select to authenticated "
        "using (bucket_id = 'workshop' and (storage.foldername(name))[2] is null)",
        (f"storage.objects in workshop select {MEMBER}",),
    ),
    Fault(
        "objects without an owner belong to everybody",
        "create policy x on storage.objects for all to authenticated using (owner is null "
        "or owner <> auth.uid())",
        (f"storage.objects in workshop delete {MEMBER}",),
    ),
    Fault(
        "a partition that has no policies of its own",
        "create table events (id bigint generated always as identity, organisation_id uuid not "
        "null references organisations on delete cascade, at timestamptz not null default now(), "
        "primary key (id, at)) partition by range (at); "
        "alter table events enable row level security; "
        "create policy seen on events for select to authenticated using (organisation_id = any "
        "(array(select private.my_organisation_ids()))); "
        "create table events_all partition of events default; "
        "grant select on events_all to authenticated",
        (f"public.events_all select {MEMBER}",),
    ),
]
