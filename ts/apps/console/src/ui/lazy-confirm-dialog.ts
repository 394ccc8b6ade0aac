'use client'

import dynamic from 'next/dynamic'

/** The confirmation, fetched when the first one opens. */
export const ConfirmDialog = dynamic(
  () => import('./confirm-dialog.tsx').then((module) => module.ConfirmDialog),
  { loading: () => null },
)
