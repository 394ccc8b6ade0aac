/** A DOM in this process, for what needs no browser. Import it before React. */
import assert from 'node:assert/strict'
import { Window } from 'happy-dom'

const window = new Window({ url: 'http://localhost/' })
Object.assign(globalThis, {
  window,
  document: window.document,
  IS_REACT_ACT_ENVIRONMENT: true,
})

const { act, createElement, StrictMode } = await import('react')
const { createRoot } = await import('react-dom/client')

/** What is on the page, and how to change it. */
export interface Rendered {
  readonly text: () => string
  readonly click: () => Promise<void>
  readonly render: (node: import('react').ReactNode) => Promise<void>
  readonly unmount: () => Promise<void>
}

/** Renders in StrictMode. */
export async function render(node: import('react').ReactNode): Promise<Rendered> {
  const place = document.createElement('div')
  document.body.append(place)
  // Errors that a boundary caught are what these tests are about.
  const root = createRoot(place, { onCaughtError: () => {} })
  const show = (next: import('react').ReactNode) =>
    act(async () => root.render(createElement(StrictMode, null, next)))
  await show(node)
  return {
    text: () => place.textContent ?? '',
    async click() {
      const button = place.querySelector('button')
      assert(button, 'there is no button')
      await act(async () => button.click())
    },
    render: show,
    unmount: () => act(async () => root.unmount()),
  }
}
