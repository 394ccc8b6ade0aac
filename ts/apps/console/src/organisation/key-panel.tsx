'use client'

import { createApiKeyMutation } from '#api/queries.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { SecretPanel } from '#ui/secret-panel.tsx'
import { KeyForm } from './key-form.tsx'
import { Panel } from './panel.tsx'

/** Makes a key, then shows it once. */
export function KeyPanel({ onClose }: { onClose: () => void }) {
  const make = useOwnMutation(createApiKeyMutation(useApi()))
  return (
    <Panel label="Make a key" onClose={onClose}>
      {make.data ? (
        <SecretPanel
          title={`${make.data.name} is made`}
          label="API key"
          secret={make.data.key}
          onDone={onClose}
        >
          Copy the key now and keep it where only the program reads it. It is shown this once; the
          server has only a hash of it.
        </SecretPanel>
      ) : (
        <KeyForm busy={make.isPending} error={make.error} onSend={make.mutate} onCancel={onClose} />
      )}
    </Panel>
  )
}
