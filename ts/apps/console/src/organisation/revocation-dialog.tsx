'use client'

import { revokeApiKeyMutation } from '#api/queries.ts'
import type { ApiKey } from '#api/types.ts'
import { useOwnMutation } from '#identity/use-own-mutation.ts'
import { useApi } from '#service/api.tsx'
import { ConfirmDialog } from '#ui/lazy-confirm-dialog.ts'

type RevocationDialogProps = { apiKey: ApiKey; onClose: () => void }

/** Asks before a key is refused for ever. */
export function RevocationDialog({ apiKey, onClose }: RevocationDialogProps) {
  const revoke = useOwnMutation(revokeApiKeyMutation(useApi()))
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}`}
      name={apiKey.name}
      verb="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate({ id: apiKey.id }, { onSuccess: onClose })}
      onClose={onClose}
    >
      Programs that use {apiKey.prefix}… are refused from now on, within 10 seconds everywhere. It
      cannot be made to work again.
    </ConfirmDialog>
  )
}
