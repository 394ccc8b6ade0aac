'use client'

import dynamic from 'next/dynamic'

/** The sheet, fetched when the first one opens; the page beneath it stays meanwhile. */
export const Sheet = dynamic(() => import('./sheet.tsx').then((module) => module.Sheet), {
  loading: () => null,
})
