'use client'

import { useSyncExternalStore } from 'react'
import { THEME_KEY } from './theme-script.ts'

export const THEMES = ['light', 'dark', 'system'] as const

/** How the console is coloured; `system` follows the operating system. */
export type Theme = (typeof THEMES)[number]

const listeners = new Set<() => void>()

/** The theme of this browser and the way to change it. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, storedTheme, () => 'system' as const)
  return [theme, chooseTheme]
}

/** Narrows a menu's value. */
export function isTheme(value: string): value is Theme {
  return THEMES.some((theme) => theme === value)
}

function chooseTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(THEME_KEY)
    delete document.documentElement.dataset.theme
  } else {
    localStorage.setItem(THEME_KEY, theme)
    document.documentElement.dataset.theme = theme
  }
  for (const notify of listeners) notify()
}

function storedTheme(): Theme {
  const stored = localStorage.getItem(THEME_KEY) ?? ''
  return isTheme(stored) ? stored : 'system'
}

function subscribe(notify: () => void): () => void {
  listeners.add(notify)
  window.addEventListener('storage', notify)
  return () => {
    listeners.delete(notify)
    window.removeEventListener('storage', notify)
  }
}
