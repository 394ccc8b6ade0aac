import { useEffect, useLayoutEffect } from 'react'

/** `useLayoutEffect`; a server renders no effects and warns of that one. */
export const useBeforePaint = typeof window === 'undefined' ? useEffect : useLayoutEffect
