// `s6-rc`: lists services and changes their states. Each change is one request `up` or `down` to the daemon, which
// knows the dependencies. Source: s6-rc 0.5.4.1, s6-rc.

import type { Client } from '../../ctl/client.ts'
import { closure, type Database, readDatabase, resolveName } from './database.ts'
import { CODES, Fatal, readNumber, readWords, runProgram, Usage } from './program.ts'
import { changeState, type Wishes } from './rc-change.ts'

const USAGE =
  's6-rc [ -v verbosity ] [ -n dryrunthrottle ] [ -t timeout ] [ -l live ] [ -b ] [ -u | -d | -D ] [ -p ] [ -a ] ' +
  'help|list|listall|diff|start|stop|change [ servicenames... ]'

const HELP = `s6-rc help
s6-rc [ -l live ] [ -a ] list [ servicenames... ]
s6-rc [ -l live ] [ -a ] [ -u | -d ] listall [ servicenames... ]
s6-rc [ -l live ] diff
s6-rc [ -l live ] [ -a ] [ -u | -d | -D ] [ -p ] [ -v verbosity ] [ -t timeout ] [ -n dryrunthrottle ] change [ servicenames... ]
`

/** Runs s6-rc. Gives its exit code. */
export function s6RcMain(argv: readonly string[]): Promise<number> {
  return runProgram('s6-rc', USAGE, (daemon) => run(argv, daemon))
}

/**
 * The options for locks (-b, -X) are accepted and have no effect: the daemon carries out one request after the other.
 */
async function run(argv: readonly string[], daemon: () => Promise<Client>): Promise<number> {
  const { options, words } = readWords(argv, 'v:n:t:l:uDdpaXbeE')
  const [command = '', ...names] = words
  const has = (letter: string) => options.some((option) => option.letter === letter)
  const number = (letter: string) => {
    const found = options.findLast((option) => option.letter === letter)
    return found === undefined ? undefined : readNumber(found.value)
  }
  const direction = options.findLast(({ letter }) => 'udD'.includes(letter))?.letter ?? 'u'
  const wishes: Wishes = {
    isUp: command === 'start' || (command !== 'stop' && direction === 'u'),
    force: has('D'),
    prune: has('p') && command === 'change',
    verbosity: number('v') ?? 1,
    timeoutMs: number('t') ?? 0,
    throttleMs: number('n'),
    live: options.findLast(({ letter }) => letter === 'l')?.value ?? '/run/s6-rc',
  }
  if (command === 'help') process.stdout.write(HELP)
  if (command === 'help') return 0
  if (!['list', 'listall', 'diff', 'start', 'stop', 'change'].includes(command)) throw new Usage()
  const client = await daemon()
  const database = await readDatabase(client)
  if (command === 'diff') return printDifference(database)
  const selection = select(database, names, wishes.live)
  if (has('a')) for (const { name, isActive } of database.services) if (isActive) selection.add(name)
  if (command === 'list') return print(database, (name) => selection.has(name) === wishes.isUp)
  const closed = closure(database, selection, !wishes.isUp)
  if (command === 'listall') return print(database, (name) => closed.has(name))
  return changeState({ client, database, wishes, selection: closed })
}

function select(database: Database, names: readonly string[], live: string): Set<string> {
  const selection = names.flatMap((name) => {
    const found = resolveName(database, name)
    if (found !== undefined) return found
    throw new Fatal(CODES.unknown, `${name} is not a recognized identifier in ${live}/resolve.cdb`)
  })
  return new Set(selection)
}

function print({ services }: Database, isMeant: (name: string) => boolean): number {
  for (const { name } of services) if (isMeant(name)) process.stdout.write(`${name}\n`)
  return 0
}

/**
 * Services that were brought up and have failed. The opposite cannot occur: a start by any client counts as bringing
 * up.
 */
function printDifference({ services }: Database): number {
  const lost = services.filter(({ type, isActive, isUp }) => type === 'longrun' && isActive && !isUp)
  for (const { name } of lost) process.stdout.write(`-${name}\n`)
  return lost.length === 0 ? 0 : CODES.failed
}
