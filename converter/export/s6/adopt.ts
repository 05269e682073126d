// Scripts of the source that stay scripts: a `run` of services.d becomes the `run` of a longrun. The text is copied;
// what versions 1 and 2 of s6-overlay had elsewhere gets its place of version 3. Source: s6-overlay 3, MOVING-TO-V3.md.

import { readBytes } from '../../../config/values/read-text.ts'
import type { Diagnostic } from '../../../config/model/diagnostic.ts'
import type { Unit } from '../plan/unit.ts'

/** A change of a script: what is looked for, its replacement, and the reason for the report. */
interface Change {
  readonly from: RegExp
  readonly to: string
  readonly note: string
}

/** The changes from versions 1 and 2 to version 3, in the order in which they are made. */
export const changes: readonly Change[] = [
  {
    from: /s6-svscanctl\s+-[a-zA-Z]*[tqb][a-zA-Z]*\s+(?:\/var)?\/run\/s6\/services\b/g,
    to: '/run/s6/basedir/bin/halt',
    note: 'the supervision tree must not be stopped by a script: halt ends the container',
  },
  {
    from: /(?:\/var)?\/run\/s6\/services\b/g,
    to: '/run/service',
    note: 'service directories are in /run/service',
  },
  {
    from: /(?:\/var)?\/run\/s6\/env-stage3\/S6_STAGE2_EXITED\b/g,
    to: '/run/s6-linux-init-container-results/exitcode',
    note: 'the exit code of the container has another file',
  },
  {
    from: /(?:\/var)?\/run\/s6\/etc\/(?=(?:fix-attrs|cont-init|services|cont-finish)\.d\b)/g,
    to: '/etc/',
    note: 'the files of users are read where they are',
  },
  {
    from: /\/var\/run\/s6\/container_environment\b/g,
    to: '/run/s6/container_environment',
    note: '/var/run is /run',
  },
  {
    from: /(?:\/usr)?(?:\/local)?\/bin\/(?=(?:with-contenv|execlineb|printcontenv|logutil-(?:service|newfifo))\b)/g,
    to: '/command/',
    note: 'the programs of s6-overlay are in /command',
  },
  {
    from: /(?<=^|[\s;&|({"'])(?:\/usr)?(?:\/local)?\/bin\/(?=s6-[a-z])/gm,
    to: '',
    note: 'programs of s6 are found by their names',
  },
  {
    from: /(?<=^|[\s;&|({"'])justc-envdir\b/gm,
    to: 's6-envdir',
    note: 'version 3 has no justc-envdir',
  },
  {
    from: /\/etc\/(?:s6\/services|services\.d)\/(?=[\w.-]+\/(?:data|env)\b)/g,
    to: '/run/service/',
    note: 'data and env are beside the service',
  },
]

/** Variables that have another default or meaning in version 3. Source: s6-overlay 3, README.md. */
export const movedVariables: Readonly<Record<string, string>> = {
  S6_BEHAVIOUR_IF_STAGE2_FAILS:
    'it covers services of s6-rc too: oneshots that fail, and longruns that do not get ready',
  S6_CMD_WAIT_FOR_SERVICES_MAXTIME:
    'it limits the whole boot, oneshots included; until 3.1.6.2 its default is 5000, so set 0 if they are slow',
  S6_LOGGING: 'the catch-all logs are in /run/uncaught-logs',
}

/** The text of a script of the source, changed for version 3. */
export interface Adopted {
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
}

/** Copies a script of the source. `isOld` is an image of version 1 or 2. */
export function adopt(path: string, { name }: Unit): Adopted {
  const original = readBytes(path).toString()
  let text = original.replaceAll(/^(#![^\n]*)\r\n/g, '$1\n')
  const diagnostics: Diagnostic[] = []
  const tell = (message: string, index: number): void => {
    const line = text.slice(0, index).split('\n').length
    diagnostics.push({ severity: 'note', message: `${name}: ${message}`, place: { file: path, line, column: 1 } })
  }
  for (const { from, to, note } of changes) {
    const at = text.search(from)
    if (at < 0) continue
    tell(`changed for version 3: ${note}`, at)
    text = text.replaceAll(from, to)
  }
  for (const [variable, meaning] of Object.entries(movedVariables)) {
    const at = text.indexOf(variable)
    if (at >= 0) tell(`${variable} has another meaning in version 3: ${meaning}`, at)
  }
  return { text, diagnostics }
}
