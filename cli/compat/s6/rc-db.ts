// `s6-rc-db`: answers questions about the services of the running daemon. Source: s6-rc 0.5.4.1, s6-rc-db.

import type { Client } from '../../ctl/client.ts'
import { closure, type Database, neighbours, readDatabase, resolveName, type Service } from './database.ts'
import { CODES, Fatal, readWords, runProgram, Usage } from './program.ts'

const USAGE =
  's6-rc-db [ -u | -d ] [ -l live ] [ -c compiled ] [ -b ] command... (use s6-rc-db help for more information)'

const HELP = `s6-rc-db help
s6-rc-db check
s6-rc-db list all|services|oneshots|longruns|bundles
s6-rc-db type servicename
s6-rc-db [ -u | -d ] timeout atomicname
s6-rc-db contents bundlename
s6-rc-db [ -u | -d ] dependencies servicename...
s6-rc-db pipeline longrunname
s6-rc-db [ -u | -d ] script oneshotname
s6-rc-db flags atomicname
s6-rc-db atomics servicename...
s6-rc-db [ -u | -d ] all-dependencies servicename...
`

interface Question {
  readonly database: Database
  readonly words: readonly string[]
  readonly direction: 'up' | 'down'
  /** The path of the database in messages. */
  readonly place: string
}

/** One row for each command: what it prints, and whether it needs an argument. */
const COMMANDS: ReadonlyMap<string, { readonly needsWord: boolean; answer(question: Question): string }> = new Map([
  ['check', { needsWord: false, answer: () => '' }],
  ['list', { needsWord: true, answer: list }],
  ['type', { needsWord: true, answer: type }],
  ['timeout', { needsWord: true, answer: (question) => `${atomic(question).timeouts[question.direction]}\n` }],
  ['contents', { needsWord: true, answer: contents }],
  ['dependencies', { needsWord: true, answer: dependencies }],
  ['pipeline', { needsWord: true, answer: pipeline }],
  ['script', { needsWord: true, answer: script }],
  ['flags', { needsWord: true, answer: (question) => `0000000${atomic(question).essential ? 1 : 0}\n` }],
  ['atomics', { needsWord: true, answer: (question) => descending(question, selected(question)) }],
  ['all-dependencies', { needsWord: true, answer: allDependencies }],
])

/** Runs s6-rc-db. Gives its exit code. */
export function s6RcDbMain(argv: readonly string[]): Promise<number> {
  return runProgram('s6-rc-db', USAGE, (daemon) => answer(argv, daemon))
}

async function answer(argv: readonly string[], daemon: () => Promise<Client>): Promise<number> {
  const { options, words } = readWords(argv, 'udl:c:b')
  const [name = '', ...rest] = words
  const last = (letters: string) => options.findLast(({ letter }) => letters.includes(letter))
  if (name === 'help') process.stdout.write(HELP)
  if (name === 'help') return 0
  const command = COMMANDS.get(name)
  if (command === undefined || (command.needsWord && rest.length === 0)) throw new Usage()
  const place = last('c')?.value ?? `${last('l')?.value ?? '/run/s6-rc'}/compiled`
  const direction = last('ud')?.letter === 'd' ? 'down' : 'up'
  const database = await readDatabase(await daemon())
  process.stdout.write(command.answer({ database, words: rest, direction, place }))
  return 0
}

function lines(names: Iterable<string>): string {
  return [...names].map((name) => `${name}\n`).join('')
}

function descending({ database }: Question, names: ReadonlySet<string>): string {
  return lines(
    database.services
      .map(({ name }) => name)
      .filter((name) => names.has(name))
      .toReversed(),
  )
}

function list({ database, words: [kind] }: Question): string {
  const { services } = database
  const of = (wanted: Service['type']) => services.filter((service) => service.type === wanted)
  const bundles = [...database.bundles.keys()].toReversed()
  switch (kind) {
    case 'all':
      return lines([...services.map(({ name }) => name).toReversed(), ...bundles])
    case 'services':
      return lines(services.map(({ name }) => name))
    case 'oneshots':
    case 'longruns':
      return lines(of(kind === 'oneshots' ? 'oneshot' : 'longrun').map(({ name }) => name))
    case 'bundles':
      return lines(bundles)
    default:
      throw new Usage()
  }
}

/** All services that the arguments mean. */
function selected({ database, words, place }: Question): ReadonlySet<string> {
  return new Set(
    words.flatMap((word) => {
      const names = resolveName(database, word)
      if (names === undefined) throw new Fatal(CODES.unknown, `${word} is not a valid identifier in ${place}`)
      return names
    }),
  )
}

/** The service that the first argument names; a bundle is refused. */
function atomic(question: Question): Service {
  const [word = ''] = question.words
  selected({ ...question, words: [word] })
  const service = question.database.services.find(({ name }) => name === word)
  if (service === undefined) throw wrongType(question, 'represents a bundle')
  return service
}

function wrongType({ words, place }: Question, what: string): Fatal {
  return new Fatal(CODES.wrongType, `in database ${place}: identifier ${words[0] ?? ''} ${what}`)
}

function type(question: Question): string {
  const [word = ''] = question.words
  selected({ ...question, words: [word] })
  return `${question.database.services.find(({ name }) => name === word)?.type ?? 'bundle'}\n`
}

function contents(question: Question): string {
  const [word = ''] = question.words
  const names = selected({ ...question, words: [word] })
  if (!question.database.bundles.has(word)) throw wrongType(question, 'represents an atomic service')
  return lines(question.database.services.map(({ name }) => name).filter((name) => names.has(name)))
}

function dependencies(question: Question): string {
  const { database, direction } = question
  const found = [...selected(question)].flatMap((name) => neighbours(database, name, direction === 'down'))
  return descending(question, new Set(found))
}

function allDependencies(question: Question): string {
  return descending(question, closure(question.database, selected(question), question.direction === 'down'))
}

function script(question: Question): string {
  const service = atomic(question)
  if (service.type === 'longrun') throw wrongType(question, 'represents a longrun service')
  return service.scripts[question.direction].map((word) => `${word}\0`).join('')
}

/**
 * A line for each service that writes to another one, for the whole pipeline of the longrun; none without a pipeline.
 */
function pipeline(question: Question): string {
  const [word = ''] = question.words
  selected({ ...question, words: [word] })
  const { services } = question.database
  const service = services.find(({ name }) => name === word)
  if (service?.type !== 'longrun') throw wrongType(question, 'does not represent a longrun')
  const last = (name: string): string => {
    const consumer = services.find((one) => one.name === name)?.consumer ?? null
    return consumer === null ? name : last(consumer)
  }
  const writersTo = (consumer: string): string =>
    services
      .filter((one) => one.consumer === consumer)
      .map(({ name }) => `${writersTo(name)}${name} | ${consumer}\n`)
      .join('')
  return writersTo(last(word))
}
