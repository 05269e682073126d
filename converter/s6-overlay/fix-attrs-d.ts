// fix-attrs.d: lines `PATH RECURSE ACCOUNT FILE-MODE DIRECTORY-MODE` become one script of the shell, run by the oneshot
// fix-attrs. PATH may be a pattern, ACCOUNT is `user[:group][,uid:gid]` with ids for where there is no such user, and `-` as
// a mode leaves that alone. Source: s6-overlay v1.21, fix-attrs.d; version 3 means the same but fails on some of it.

import type { Diagnostic } from '../../config/model/diagnostic.ts'
import type { Entry, Table } from '../../config/keys/document.ts'
import { escapeValue } from '../s6-rc/convert-definition.ts'
import type { Definition } from '../s6-rc/definition.ts'
import { type Ledger, linesOf } from '../s6-rc/ledger.ts'
import { readFolder } from './folder.ts'
import type { Image } from './image.ts'
import type { OverlaySettings } from './variables.ts'

/** The oneshot with the script, in place of the placeholder. */
export function convertFixAttrs(
  table: Table,
  image: Image,
  settings: OverlaySettings,
  ledger: Ledger,
): { readonly table: Table; readonly diagnostics: readonly Diagnostic[] } {
  const folder = readFolder('fix-attrs.d', image.folder('fix-attrs.d'))
  if (folder.texts.size === 0) return { table, diagnostics: [] }
  const diagnostics: Diagnostic[] = []
  const script = [...folder.texts].flatMap(([name, { path, text }]) => [
    `# ${name}`,
    ...linesOf(text).flatMap((line, index) => {
      if (line.trim() === '' || line.trimStart().startsWith('#')) return []
      const commands = translate(line.trim().split(/[ \t\r]+/), settings.fixesHidden)
      if (commands !== undefined) return commands
      const message = `Cannot read ${JSON.stringify(line)} as PATH RECURSE ACCOUNT FILE-MODE DIRECTORY-MODE: it is left out`
      diagnostics.push({ severity: 'warning', message, place: { file: path, line: index + 1, column: 1 } })
      return []
    }),
  ])
  const value = escapeValue(['/bin/sh', '-c', `${PRELUDE}${script.join('\n')}\n${endOf(settings)}\n`])
  const written: Entry = { key: 'up', value, place: folder.place }
  settle(folder, written, ledger)
  return { table: { ...table, entries: [written, ...table.entries.filter(({ key }) => key !== 'up')] }, diagnostics }
}

/** Each failing command prints its error; S6_BEHAVIOUR_IF_STAGE2_FAILS decides what follows. */
function endOf({ ifFails }: OverlaySettings): string {
  if (ifFails === 0) return 'exit 0'
  const told = `[ $failed = 0 ] || echo 'fix-attrs: warning: some fix files failed to apply' >&2`
  return `${told}\nexit ${ifFails === 2 ? '$failed' : '0'}`
}

/**
 * `account ACCOUNT OTHERWISE` prints the argument of chown. A user alone includes its group; a user or group that does
 * not exist is taken from OTHERWISE. Source: s6 2.15, s6-envuidgid with -D, -n and -B as the fix-attrs of s6-overlay
 * 3.2.3.2 calls it.
 */
const PRELUDE = `failed=0
fix() { "$@" || failed=1; }
knows() {
  case $1 in
    *[!0-9]*) id -u "$1" >/dev/null 2>&1 ;;
    *) [ -n "$2" ] || [ -z "$3" ] ;;
  esac
}
account() {
  user=\${1%%:*} group=
  case $1 in *:*) group=\${1#*:} ;; esac
  if ! knows "$user" "$group" "$2"; then
    user=\${2%%:*} group=\${group:-\${2#*:}}
  elif [ -z "$group" ]; then
    group=$(id -g "$user" 2>/dev/null)
  fi
  case $group in *[!0-9]*) grep -q "^$group:" /etc/group || group=\${2#*:} ;; esac
  echo "$user\${group:+:$group}"
}
`

function translate(
  [path, recurse, account, fileMode, directoryMode, ...rest]: readonly string[],
  hidden: boolean,
): readonly string[] | undefined {
  const isKnown = recurse === 'true' || recurse === 'false'
  const modes = [fileMode ?? '', directoryMode ?? '']
  if (path === undefined || account === undefined || !isKnown || rest.length > 0) return undefined
  if (!modes.every((mode) => /^(?:-|[0-7]{3,4})$/.test(mode)) || !/^[\w.:,-]+$/.test(account)) return undefined
  const [owner = '', otherwise = ''] = account.split(',')
  const depth = recurse === 'true' ? '' : ' -prune'
  const passed = recurse === 'true' && !hidden ? ` ! -path "$path" -name '.*' -prune -o` : ''
  const find = (test: string, command: string): string =>
    `  fix find "$path"${depth}${passed}${test} -exec ${command} {} +`
  const steps = [
    ...(owner === '-' ? [] : [find('', `chown -h "$(account ${owner} ${otherwise})"`)]),
    ...(fileMode === '-' ? [] : [find(' -type f', `chmod ${fileMode}`)]),
    ...(directoryMode === '-' ? [] : [find(' -type d', `chmod ${directoryMode}`)]),
  ]
  const pattern = path.replaceAll(/[^\w./*?[\]@%+:,=-]/g, String.raw`\$&`)
  return [`for path in ${pattern}; do`, '  [ -e "$path" ] || continue', ...steps, 'done']
}

function settle(folder: Definition, written: Entry, ledger: Ledger): void {
  for (const name of folder.nodes.keys())
    ledger.settle(
      folder,
      name,
      folder.texts.has(name)
        ? { fate: 'changed', to: 'oneshots.fix-attrs.up', written }
        : { fate: 'dropped', to: '', note: 'no file' },
    )
}
