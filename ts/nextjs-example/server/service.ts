import { createClient, createHealth } from '../api'

// What is known about the service is shared by all requests. Nothing about people is.
const health = createHealth()

/** A client for one request. Hand on what identifies the person, such as the cookie. */
export function serverClient(headers: Record<string, string> = {}) {
  return createClient({ baseUrl: process.env.SERVICE_URL ?? '', health, headers })
}
