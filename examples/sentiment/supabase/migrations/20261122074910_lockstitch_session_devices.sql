-- What a person needs to tell their sign-ins apart.

alter table private.sessions add column user_agent text
  constraint sessions_user_agent_check check (char_length(user_agent) <= 300);
comment on column private.sessions.user_agent is 'What the browser called itself when it signed in.';
