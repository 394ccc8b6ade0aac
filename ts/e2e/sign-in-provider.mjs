import { Provider } from 'oidc-provider'

/**
 * A certified OpenID provider for tests: one client, and whoever asks to be somebody is them.
 *
 * It prints its address when it listens. Who is called `unverified-…` has an address that the
 * provider has not verified.
 */
const [redirectUri, portText = '0', secret = 'the-secret-of-the-client'] = process.argv.slice(2)
if (redirectUri === undefined) throw new Error('Pass the address to come back to.')

const port = Number(portText)
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [{ client_id: 'lockstitch', client_secret: secret, redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.com`,
      email_verified: !id.startsWith('unverified-'),
    }),
  }),
})

provider.listen(port, '127.0.0.1', () => process.stdout.write(`${issuer}\n`))
process.stdin.on('end', () => process.exit())
process.stdin.resume()
