// Configurations of the corpus with placeholders for their programs run under supervisord, under s6-overlay with the tree of
// `kahi export s6-overlay`, and under kahi in the place of both. Each program starts with the same arguments, variables, user and
// directory, in the same order. It starts again after the same exits. It gets the same signals in the same order.

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { corpusCases } from '../../helpers/corpus.ts'
import { canBoot } from '../../helpers/image.ts'
import { scratch } from '../../helpers/kahi.ts'
import { ORACLE_NEEDED } from '../../helpers/oracle.ts'
import { originalOverlay } from '../../helpers/original-overlay.ts'
import { players, SENTINEL, Show, type Start } from './play.ts'
import { bootedOf, prepare, type Prepared } from './stages.ts'

/** The first characters of the names of the files that are played. */
const PLAYED = /^(?:00[2357]|02[0-57-8]|05[0269]|08[0349]|100|108|11[1269]|12[78]|13[269]|14[124]|158)-/

const original = canBoot() ? originalOverlay(3) : undefined
const cases = original === undefined ? [] : corpusCases().filter(({ name }) => PLAYED.test(name))
const names = Object.keys(players(''))

/** Variables that each supervisor has of its own. */
const OWN = /^(?:SUPERVISOR_\w+|S6_\w+|PATH|PWD|OLDPWD|SHLVL|_|LANG|LC_\w+|KAHI_\w+|CWD)=/

/** A word without what differs by intention: calls of supervisorctl are calls of the tools of s6 there. */
const word = (text: string): string =>
  text.replaceAll(/(?:[\w/]*supervisorctl|s6-svc|s6-rc) [^;&|"']*/g, 'CALL ').replaceAll(/\/[\w/-]+\/stage-\d/g, 'DIR')

/** What a process was started with. supervisord leaves root without the group that it has as its primary one. */
const facts = ({ argv, environment, directory, uid, gid, groups, umask, nice }: Start): string =>
  JSON.stringify({
    argv: argv.map(word),
    environment: environment
      .filter((one) => !OWN.test(one))
      .map(word)
      .toSorted(),
    directory: word(directory),
    ids: [uid, gid, ...new Set([gid, ...groups])],
    umask,
    nice,
  })

const key = ({ argv, directory, uid }: Start): string => JSON.stringify([argv.map(word), word(directory), uid])
const isOwn = ({ argv }: Start): boolean => !argv.includes(SENTINEL)

/** How the processes of the first start are ended, one after the other. */
const ENDS = [0, 1, 'KILL'] as const

async function play(name: string, { stage, config }: Prepared) {
  const booted = bootedOf(config)
  const show = new Show(players(original ?? '')[name]!, stage)
  const first = (await show.up(booted.length)).slice(0, booted.length)
  const priorities = new Map(
    booted.map(({ settings, priority }) => [JSON.stringify(settings.argv?.slice(1).map(word)), priority]),
  )
  const priorityOf = ({ argv }: Start): number => priorities.get(JSON.stringify(argv.map(word))) ?? Number.NaN
  // Pids grow, so their order is that of the starts.
  const order = first.toSorted((a, b) => a.pid - b.pid).map(priorityOf)
  const ended = first.filter(isOwn).toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
  for (const [index, { pid }] of ended.entries()) show.end(pid, ENDS[index % ENDS.length]!)
  await show.settled()
  const again = show.starts().filter(isOwn).map(key).toSorted()
  await show.stop()
  const started = new Map(show.starts().map((start) => [start.pid, start]))
  const stopped = show.notes().filter((note) => note.event === 'signal')
  return {
    first: first.map(facts).toSorted(),
    order,
    again,
    signals: stopped.map(({ pid, signal }) => `${key(started.get(pid)!)} ${signal}`).toSorted(),
    stops: stopped.map(({ pid }) => priorityOf(started.get(pid)!)),
  }
}

/** Plays a case below each supervisor, all side by side. */
async function playAll<T>(
  one: (typeof cases)[number],
  chosen: readonly string[],
  act: (name: string, prepared: Prepared) => Promise<T>,
) {
  const folder = scratch()
  const placeholder = join(folder, 'placeholder')
  execFileSync('gcc', ['-O1', '-o', placeholder, join(import.meta.dirname, 'placeholder.c')])
  return Promise.all(
    chosen.map(async (name, index) => {
      const own = join(folder, `stage-${index}`)
      mkdirSync(own)
      return [name, await act(name, await prepare(one, own, placeholder))] as const
    }),
  )
}

describe.skipIf(cases.length === 0)(`below real s6 (${ORACLE_NEEDED}, or without s6-overlay)`, () => {
  test('30 files are played', () => {
    expect(cases.length).toBeGreaterThanOrEqual(30)
  })

  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const played = await playAll(one, names, play)
    const [, expected] = played[0]!
    expect(expected.order).toEqual(expected.order.toSorted((a, b) => a - b))
    for (const [name, what] of played) expect({ name, ...what }).toEqual({ name, ...expected })
  })

  /** supervisord itself is left out: on a busy machine it takes a program for started that has ended a second ago. */
  const failing = cases.filter(({ name }) => /^(?:005|020)-/.test(name))
  test.each(failing.map((one) => [one.name, one] as const))('%s: programs that fail at once', async (_, one) => {
    const others = names.filter((name) => name !== 'supervisord')
    const played = await playAll(one, others, async (name, { stage, config }) => {
      const show = new Show(players(original ?? '')[name]!, {
        ...stage,
        prepare: `${stage.prepare}; touch /play/fails`,
      })
      const programs = bootedOf(config).filter(({ settings }) => !settings.argv?.includes(SENTINEL))
      await show.failed(programs.length)
      const starts = show
        .starts()
        .filter(isOwn)
        .map(({ argv }) => JSON.stringify(argv))
      await show.stop()
      const tries = programs.flatMap(({ settings: { argv = [], startretries } }) =>
        Array.from({ length: startretries + 1 }, () => JSON.stringify(argv.slice(1))),
      )
      return { starts: starts.toSorted(), tries: tries.toSorted() }
    })
    for (const [name, { starts, tries }] of played) expect({ name, starts }).toEqual({ name, starts: tries })
  })
})
