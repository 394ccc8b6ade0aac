-- Which version answers, work that outlives a request, and what people say of answers.

-- A reference that names the organisation cannot lead into another one.
create unique index inference_results_organisation_key
  on public.inference_results (organisation_id, id);

create table public.model_deployments (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid references public.organisations on delete cascade,
  model text not null check (char_length(model) between 1 and 200),
  model_version_id uuid not null references public.model_versions,
  stage text not null check (stage in ('live', 'canary')),
  share double precision not null default 1 check (share > 0 and share <= 1),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
comment on table public.model_deployments is 'Which version of a model answers, and for which part of the requests.';
comment on column public.model_deployments.organisation_id is 'Null: for the whole application; only an operator changes that.';
create unique index model_deployments_stage_key
  on public.model_deployments (model, stage) where organisation_id is null;
create unique index model_deployments_organisation_stage_key
  on public.model_deployments (organisation_id, model, stage) where organisation_id is not null;
create index model_deployments_model_version_id_idx on public.model_deployments (model_version_id);
create trigger set_updated_at before update on public.model_deployments
  for each row execute function private.set_updated_at();
create trigger audit after insert or update or delete on public.model_deployments
  for each row execute function private.audit('model', 'model_version_id', 'stage', 'share');

alter table public.model_deployments enable row level security;
revoke all on public.model_deployments from anon, authenticated;
grant select on public.model_deployments to authenticated;
grant select, insert, update, delete on public.model_deployments to lockstitch_server;
create policy members_read_deployments on public.model_deployments
  for select to authenticated
  using (
    organisation_id is null
    or organisation_id = any (array(select private.my_organisation_ids()))
  );
create policy server_deploys on public.model_deployments
  for all to lockstitch_server using (true) with check (true);

create table public.training_jobs (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid references auth.users on delete set null,
  dataset_id uuid,
  recipe text not null check (char_length(recipe) between 1 and 200),
  configuration jsonb not null default '{}' check (jsonb_typeof(configuration) = 'object'),
  state text not null default 'queued'
    check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  progress double precision not null default 0 check (progress between 0 and 1),
  attempt integer not null default 0 check (attempt >= 0),
  worker_id uuid references private.workers on delete set null,
  lease_expires_at timestamptz(3),
  idempotency_key text check (char_length(idempotency_key) between 1 and 255),
  result jsonb check (jsonb_typeof(result) = 'object'),
  error jsonb check (jsonb_typeof(error) = 'object'),
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  updated_at timestamptz(3) not null default now(),
  unique (organisation_id, id),
  foreign key (organisation_id, dataset_id)
    references public.user_datasets (organisation_id, id) on delete set null (dataset_id)
);
comment on table public.training_jobs is 'Trainings: what is asked for, how far it is, how it ended.';
comment on column public.training_jobs.attempt is 'Which try this is; a worker of an earlier one may write no more.';
create index training_jobs_queue_idx on public.training_jobs (created_at)
  where state in ('queued', 'running');
create index training_jobs_history_idx on public.training_jobs (organisation_id, created_at desc, id desc);
create index training_jobs_person_id_idx on public.training_jobs (person_id);
create index training_jobs_dataset_idx on public.training_jobs (organisation_id, dataset_id);
create index training_jobs_worker_id_idx on public.training_jobs (worker_id);
create unique index training_jobs_idempotency_key
  on public.training_jobs (organisation_id, idempotency_key) where idempotency_key is not null;
create trigger set_updated_at before update on public.training_jobs
  for each row execute function private.set_updated_at();

create table public.inference_jobs (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid references auth.users on delete set null,
  model_version_id uuid references public.model_versions,
  dataset_id uuid,
  model text not null check (char_length(model) between 1 and 200),
  input jsonb,
  state text not null default 'queued'
    check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  progress double precision not null default 0 check (progress between 0 and 1),
  attempt integer not null default 0 check (attempt >= 0),
  worker_id uuid references private.workers on delete set null,
  lease_expires_at timestamptz(3),
  idempotency_key text check (char_length(idempotency_key) between 1 and 255),
  result jsonb check (jsonb_typeof(result) = 'object'),
  error jsonb check (jsonb_typeof(error) = 'object'),
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  updated_at timestamptz(3) not null default now(),
  check (input is not null or dataset_id is not null or state <> 'queued'),
  unique (organisation_id, id),
  foreign key (organisation_id, dataset_id)
    references public.user_datasets (organisation_id, id) on delete set null (dataset_id)
);
comment on table public.inference_jobs is 'Predictions that take longer than a request: of one input, or of a dataset.';
create index inference_jobs_queue_idx on public.inference_jobs (created_at)
  where state in ('queued', 'running');
create index inference_jobs_history_idx on public.inference_jobs (organisation_id, created_at desc, id desc);
create index inference_jobs_person_id_idx on public.inference_jobs (person_id);
create index inference_jobs_model_version_id_idx on public.inference_jobs (model_version_id);
create index inference_jobs_dataset_idx on public.inference_jobs (organisation_id, dataset_id);
create index inference_jobs_worker_id_idx on public.inference_jobs (worker_id);
create unique index inference_jobs_idempotency_key
  on public.inference_jobs (organisation_id, idempotency_key) where idempotency_key is not null;
create trigger set_updated_at before update on public.inference_jobs
  for each row execute function private.set_updated_at();

create table public.job_steps (
  organisation_id uuid not null references public.organisations on delete cascade,
  job_id uuid not null,
  name text not null check (char_length(name) between 1 and 200),
  attempt integer not null check (attempt >= 1),
  result jsonb,
  created_at timestamptz(3) not null default now(),
  primary key (job_id, name)
);
comment on table public.job_steps is 'What a job has finished; a step that is here is not done again.';
comment on column public.job_steps.job_id is 'A training or an inference job.';
create index job_steps_organisation_id_idx on public.job_steps (organisation_id);

create table public.training_metrics (
  organisation_id uuid not null,
  job_id uuid not null,
  name text not null check (char_length(name) between 1 and 200),
  step bigint not null check (step >= 0),
  value double precision not null,
  created_at timestamptz(3) not null default now(),
  primary key (job_id, name, step),
  foreign key (organisation_id, job_id)
    references public.training_jobs (organisation_id, id) on delete cascade
);
comment on table public.training_metrics is 'The curves of trainings: one value of one metric at one step.';
create index training_metrics_organisation_idx on public.training_metrics (organisation_id, job_id);

create table public.feedback (
  id uuid primary key default private.uuid_v7(),
  organisation_id uuid not null references public.organisations on delete cascade,
  person_id uuid not null references auth.users on delete cascade,
  inference_result_id uuid not null,
  verdict text not null check (verdict in ('right', 'wrong')),
  correction jsonb,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (inference_result_id, person_id),
  foreign key (organisation_id, inference_result_id)
    references public.inference_results (organisation_id, id) on delete cascade
);
comment on table public.feedback is 'What people say of an answer: right or wrong, and what it should be.';
create index feedback_organisation_id_idx on public.feedback (organisation_id, inference_result_id);
create index feedback_person_id_idx on public.feedback (person_id);
create trigger set_updated_at before update on public.feedback
  for each row execute function private.set_updated_at();

alter table public.training_jobs enable row level security;
alter table public.inference_jobs enable row level security;
alter table public.job_steps enable row level security;
alter table public.training_metrics enable row level security;
alter table public.feedback enable row level security;
revoke all on public.training_jobs, public.inference_jobs, public.job_steps,
  public.training_metrics, public.feedback from anon, authenticated;
grant select on public.training_jobs, public.inference_jobs, public.training_metrics, public.feedback
  to authenticated;
grant insert (id, organisation_id, person_id, dataset_id, recipe, configuration, idempotency_key)
  on public.training_jobs to authenticated;
grant insert (id, organisation_id, person_id, model_version_id, dataset_id, model, input, idempotency_key)
  on public.inference_jobs to authenticated;
grant insert (id, organisation_id, person_id, inference_result_id, verdict, correction),
  update (verdict, correction), delete on public.feedback to authenticated;
grant select, insert, update, delete on public.training_jobs, public.inference_jobs, public.job_steps,
  public.training_metrics to lockstitch_server;

create policy members_see_trainings on public.training_jobs
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_ask_for_trainings on public.training_jobs
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('member')))
    and person_id = (select auth.uid())
  );
create policy members_see_jobs on public.inference_jobs
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_ask_for_jobs on public.inference_jobs
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('member')))
    and person_id = (select auth.uid())
    -- Another organisation's version is nobody's to ask.
    and (
      model_version_id is null
      or exists (select from public.model_versions as version where version.id = model_version_id)
    )
  );
create policy members_see_metrics on public.training_metrics
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_see_feedback on public.feedback
  for select to authenticated
  using (organisation_id = any (array(select private.my_organisation_ids())));
create policy members_judge on public.feedback
  for insert to authenticated
  with check (
    organisation_id = any (array(select private.my_organisation_ids('member')))
    and person_id = (select auth.uid())
  );
create policy people_change_their_verdict on public.feedback
  for update to authenticated
  using (person_id = (select auth.uid())
    and organisation_id = any (array(select private.my_organisation_ids('member'))))
  with check (person_id = (select auth.uid())
    and organisation_id = any (array(select private.my_organisation_ids('member'))));
create policy people_take_back_their_verdict on public.feedback
  for delete to authenticated
  using (person_id = (select auth.uid())
    and organisation_id = any (array(select private.my_organisation_ids('member'))));
create policy server_does_trainings on public.training_jobs
  for all to lockstitch_server using (true) with check (true);
create policy server_does_jobs on public.inference_jobs
  for all to lockstitch_server using (true) with check (true);
create policy server_keeps_steps on public.job_steps
  for all to lockstitch_server using (true) with check (true);
create policy server_measures on public.training_metrics
  for all to lockstitch_server using (true) with check (true);
