import type { ReactNode } from 'react'

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className="size-4 shrink-0"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  )
}

/** Two threads that lock. */
export function StitchMark() {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 20"
      className="size-5 shrink-0"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
      strokeLinecap="round"
    >
      <path d="M2 6h4c4 0 4 8 8 8h4" className="text-accent" stroke="currentColor" />
      <path d="M2 14h4c1.4 0 2.3-1 3-2.2M11 8.2C11.7 7 12.6 6 14 6h4" />
    </svg>
  )
}

export function ModelsIcon() {
  return (
    <Icon>
      <path d="M8 1.8 13.5 4.9v6.2L8 14.2l-5.5-3.1V4.9Z" />
      <path d="M2.7 5 8 8l5.3-3M8 8v6" />
    </Icon>
  )
}

export function HistoryIcon() {
  return (
    <Icon>
      <path d="M2.5 3v3h3" />
      <path d="M2.8 6A5.7 5.7 0 1 1 2.3 8.4" />
      <path d="M8 5v3.2l2.2 1.3" />
    </Icon>
  )
}

export function DatasetsIcon() {
  return (
    <Icon>
      <rect x="2.2" y="2.8" width="11.6" height="10.4" rx="1.4" />
      <path d="M2.2 6.4h11.6M2.2 9.8h11.6M6.4 6.4v6.8" />
    </Icon>
  )
}

export function PeopleIcon() {
  return (
    <Icon>
      <circle cx="6" cy="5.2" r="2.4" />
      <path d="M1.6 13.4c.3-2.7 2-4.1 4.4-4.1s4.1 1.4 4.4 4.1M10.6 3a2.4 2.4 0 0 1 0 4.4M12 9.6c1.4.6 2.2 1.9 2.4 3.8" />
    </Icon>
  )
}

export function BookIcon() {
  return (
    <Icon>
      <path d="M8 4.2C6.6 3 4.7 2.8 2.2 2.8v9.6c2.5 0 4.4.2 5.8 1.4 1.4-1.2 3.3-1.4 5.8-1.4V2.8C11.3 2.8 9.4 3 8 4.2Z" />
      <path d="M8 4.2v9.6" />
    </Icon>
  )
}

export function OutwardIcon() {
  return (
    <Icon>
      <path d="M5.5 4h6.5v6.5M12 4 4.5 11.5" />
    </Icon>
  )
}

export function MenuIcon() {
  return (
    <Icon>
      <path d="M2.5 5h11M2.5 11h11" />
    </Icon>
  )
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="m4 4 8 8M12 4l-8 8" />
    </Icon>
  )
}

export function ChevronDownIcon() {
  return (
    <Icon>
      <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
    </Icon>
  )
}

export function ChevronRightIcon() {
  return (
    <Icon>
      <path d="M6.5 4.5 10 8l-3.5 3.5" />
    </Icon>
  )
}

export function UpDownIcon() {
  return (
    <Icon>
      <path d="m5 6 3-3 3 3M5 10l3 3 3-3" />
    </Icon>
  )
}

export function CopyIcon() {
  return (
    <Icon>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M3.5 10.5h-.2a.8.8 0 0 1-.8-.8V3.3c0-.4.4-.8.8-.8h6.4c.4 0 .8.4.8.8v.2" />
    </Icon>
  )
}

export function CheckIcon() {
  return (
    <Icon>
      <path d="m3 8.5 3.2 3.2L13 4.8" />
    </Icon>
  )
}

export function AlertIcon() {
  return (
    <Icon>
      <path d="M8 1.9 14.6 13.5H1.4Z" />
      <path d="M8 6.2v3.2M8 11.4v.1" />
    </Icon>
  )
}

export function OfflineIcon() {
  return (
    <Icon>
      <path d="M2 2l12 12M5 8.4a4.7 4.7 0 0 1 1.5-1M2.6 6a8 8 0 0 1 2-1.3M7.4 3.5A8 8 0 0 1 13.4 6M8 12.5v.1M10 8a4.7 4.7 0 0 1 1 .5" />
    </Icon>
  )
}

export function EyeIcon({ crossed }: { crossed: boolean }) {
  return (
    <Icon>
      <path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z" />
      <circle cx="8" cy="8" r="2" />
      {crossed && <path d="m3 13 10-10" />}
    </Icon>
  )
}
