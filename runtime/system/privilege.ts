// Gives up root for the user that the configuration names.

import type { UserIds } from '../../config/config.ts'

/** Whether this process is root's. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Becomes the user, with its groups. Nothing happens when it is that user already. Gives what is wrong, undefined
 * when it worked. Source: supervisor 4.2.5, options.drop_privileges.
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
