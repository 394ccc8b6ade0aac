import type { Problem } from './errors.ts'
import { Reading } from './reading.ts'

type Refusal = { status: number; contentType: string; requestId: string | null; text: string }

/** The problem that a refused request came back with; anything but problem+json becomes a plain one. */
export function readProblem(refusal: Refusal): Problem {
  const plain = plainProblem(refusal)
  if (!refusal.contentType.startsWith('application/problem+json')) return plain
  try {
    return { ...plain, ...problemMembers(new Reading(JSON.parse(refusal.text)), refusal) }
  } catch {
    // A refusal that cannot be read is still a refusal; its status is what is known of it.
    return plain
  }
}

function problemMembers(body: Reading, refusal: Refusal): Problem {
  return {
    type: body.member('type').string(),
    title: body.member('title').string(),
    status: body.member('status').number(),
    detail: body.member('detail').orNull((detail) => detail.string()),
    requestId: body.member('request_id').orNull((id) => id.string()) ?? refusal.requestId,
    errors: body.member('errors').orNull((errors) => errors.list(readViolation)) ?? [],
  }
}

function readViolation(violation: Reading) {
  return {
    in: violation.member('in').string(),
    pointer: violation.member('pointer').string(),
    rule: violation.member('rule').string(),
    message: violation.member('message').string(),
  }
}

function plainProblem({ status, requestId }: Refusal): Problem {
  return {
    type: 'about:blank',
    title: `The server answered with status ${status}.`,
    status,
    detail: null,
    requestId,
    errors: [],
  }
}
