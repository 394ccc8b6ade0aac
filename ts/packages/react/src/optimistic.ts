import type { UseMutationOptions } from '@tanstack/react-query'
import type { Patch } from './patch.ts'
import { applyPatch, type PendingPatches } from './pending-patches.ts'

interface Hope {
  readonly patches: readonly (readonly [PendingPatches, Patch])[]
  /** What the `onMutate` of the mutation itself returned. */
  readonly own: unknown
}

/**
 * Shows what a write is expected to change before it is answered. When the write fails, its change
 * is taken back and nothing else; a read that lands meanwhile never hides it.
 *
 * @example
 * ```ts
 * useMutation(
 *   optimistic(renameNoteMutation(client), ({ noteId, body }) => [
 *     patch(readNoteQuery(client, { noteId }).queryKey, (note) => ({ ...note, ...body })),
 *   ]),
 * )
 * ```
 */
export function optimistic<Data, Failure, Input>(
  options: UseMutationOptions<Data, Failure, Input>,
  patches: (input: Input) => readonly Patch[],
): UseMutationOptions<Data, Failure, Input, Hope> {
  return {
    ...options,
    async onMutate(input, context) {
      const applied = patches(input).map(
        async (patch) => [await applyPatch(context.client, patch), patch] as const,
      )
      const own = await options.onMutate?.(input, context)
      return { patches: await Promise.all(applied), own }
    },
    async onSuccess(data, input, hope, context) {
      await Promise.all(hope.patches.map(([pending, patch]) => pending.confirm(patch)))
      await options.onSuccess?.(data, input, hope.own, context)
    },
    async onError(error, input, hope, context) {
      for (const [pending, patch] of hope?.patches ?? []) pending.takeBack(patch)
      await options.onError?.(error, input, hope?.own, context)
    },
    async onSettled(data, error, input, hope, context) {
      await options.onSettled?.(data, error, input, hope?.own, context)
      for (const [pending] of hope?.patches ?? []) pending.release()
    },
  }
}
