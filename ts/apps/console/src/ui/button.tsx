import type { ComponentProps, MouseEvent } from 'react'
import { classes } from './classes.ts'

const LOOKS = {
  primary: 'bg-ink text-canvas hover:bg-ink/88 border-transparent',
  secondary: 'bg-panel text-ink border-line hover:bg-sunken',
  danger: 'bg-failed text-canvas hover:bg-failed/88 border-transparent',
  quiet: 'border-transparent text-quiet hover:bg-sunken hover:text-ink',
} as const

const SIZES = {
  regular: 'h-9 px-3.5 gap-2',
  small: 'h-8 px-2.5 gap-1.5 text-sm',
  square: 'size-8 justify-center',
} as const

export type ButtonProps = ComponentProps<'button'> & {
  /** @default 'secondary' */
  look?: keyof typeof LOOKS
  /** @default 'regular' */
  size?: keyof typeof SIZES
  /** Whether the button's work is under way; it keeps its focus and ignores clicks meanwhile. */
  busy?: boolean
}

/** The classes of a button, for a link that looks like one. */
export function buttonLook(
  look: keyof typeof LOOKS = 'secondary',
  size: keyof typeof SIZES = 'regular',
): string {
  return classes(
    'inline-flex shrink-0 items-center rounded-md border font-medium whitespace-nowrap select-none',
    LOOKS[look],
    SIZES[size],
  )
}

export function Button({ look, size, busy = false, className, onClick, ...rest }: ButtonProps) {
  const handleClick = (event: MouseEvent<HTMLButtonElement>) => {
    if (busy) event.preventDefault()
    else onClick?.(event)
  }
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy}
      onClick={handleClick}
      className={classes(buttonLook(look, size), busy && 'cursor-progress', className)}
    />
  )
}
