// Changes to the configured user.

import type { UserIds } from '../../config/model/machine.ts'

/** Whether this process runs as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Changes to the user and its groups. Nothing happens when the process has that user already. Gives an error text, or
 * undefined. Source: supervisor 4.2.5, options.drop_privileges.
 */
export function becomeUser(user: UserIds): string | undefined {
  const now = process.getuid?.()
  if (now === user.uid) return undefined
  if (now !== 0) return "Can't drop privilege as nonroot user"
  try {
    process.setgroups?.([...user.groups])
    process.setgid?.(user.gid)
    process.setuid?.(user.uid)
    return undefined
  } catch (error) {
    return `Can't become user ${user.uid}: ${error instanceof Error ? error.message : String(error)}`
  }
}
