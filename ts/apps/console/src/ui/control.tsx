import type { ComponentProps } from 'react'
import { classes } from './classes.ts'
import { ChevronDownIcon } from './icons.tsx'

const CONTROL = classes(
  'w-full rounded-md border border-edge bg-canvas px-3 text-base text-ink',
  ' hover:border-quiet',
  'focus-visible:-outline-offset-1',
  'aria-invalid:border-failed',
)

export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return <input type="text" {...rest} className={classes(CONTROL, 'h-9', className)} />
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      {...rest}
      className={classes(CONTROL, 'block min-h-20 resize-y py-2 field-sizing-content', className)}
    />
  )
}

export function Select({ className, children, ...rest }: ComponentProps<'select'>) {
  return (
    <span className={classes('relative block', className)}>
      <select {...rest} className={classes(CONTROL, 'h-9 appearance-none pr-9')}>
        {children}
      </select>
      <span className="pointer-events-none absolute inset-y-0 right-2.5 flex items-center text-quiet">
        <ChevronDownIcon />
      </span>
    </span>
  )
}
