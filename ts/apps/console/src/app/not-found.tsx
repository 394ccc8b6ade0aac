import Link from 'next/link'
import { StitchMark } from '#ui/icons.tsx'

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-[392px] flex-col items-start gap-3 px-4 pt-[14vh]">
      <StitchMark />
      <h1 className="text-xl font-semibold">There is no page at this address</h1>
      <p className="text-quiet">It may have moved, or the address was typed with a slip.</p>
      <Link href="/models/" className="text-accent underline underline-offset-4">
        Go to the models
      </Link>
    </main>
  )
}
