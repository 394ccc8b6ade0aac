'use client'

import type { ReactNode } from 'react'
import { useSignedIn } from '#identity/session.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { hasRole } from './role.ts'

/** What admins and owners see; everybody else reads why they do not. */
export function AdminsOnly({ title, children }: { title: string; children: ReactNode }) {
  const { organisation } = useSignedIn()
  if (hasRole(organisation.role, 'admin')) return children
  return (
    <>
      <h1 className="mb-4 text-xl font-semibold tracking-tight">{title}</h1>
      <EmptyState title="For admins and owners">
        Your role in {organisation.name} is {organisation.role}. An owner can give you another.
      </EmptyState>
    </>
  )
}
