// What every scenario begins with: the address of the service, and a client for it.
import { createClient } from '../api/index.js'

const [, , address = ''] = process.argv

export const client = createClient({ baseUrl: address })

export const print = (value: unknown) => console.log(JSON.stringify(value))
