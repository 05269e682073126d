// Checks of readiness and health as commands: nc, curl and test do what kahi does itself.

import type { Check, HttpRules } from '../../../config/model/checks.ts'
import { splitCommand } from '../../../config/values/command.ts'

/** The command that makes a check; undefined for checks that no command can make. */
export function checkCommand(check: Check, timeout: number): readonly string[] | undefined {
  switch (check.kind) {
    case 'tcp':
      return ['nc', '-z', '-w', String(Math.max(1, Math.ceil(timeout))), check.host, String(check.port)]
    case 'http':
      return ['curl', '-fsS', ...requestWords(check.rules), '-o', '/dev/null', check.url]
    case 'unix':
      return ['test', '-S', check.path]
    case 'file':
      return ['test', '-e', check.path]
    case 'exec': {
      const split = typeof check.command === 'string' ? splitCommand(check.command) : { words: check.command }
      return 'words' in split ? split.words : undefined
    }
    case 'fd':
    case 'notify':
    case 'log':
      return undefined
  }
}

/** What such a command does not look at; undefined when it looks at all. */
export function checkLoss(check: Check | undefined): string | undefined {
  if (check?.kind === 'http' && (check.rules?.status !== undefined || check.rules?.body !== undefined))
    return 'curl accepts every status below 400 and any body'
  return check?.kind === 'file' && check.maxAge !== undefined ? 'the age of the file is not looked at' : undefined
}

function requestWords({ method, headers = {} }: HttpRules = {}): readonly string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  return [...(method === undefined ? [] : ['-X', method]), ...lines]
}
