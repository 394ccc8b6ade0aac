/** Gives the focus to the content of the page, when what had it is gone. */
export function focusContent(): void {
  document.getElementById('content')?.focus()
}
