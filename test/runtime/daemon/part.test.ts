// Parts of a daemon: they are opened in order, get each new configuration, and are closed in the reverse order.

import { expect, test } from 'vitest'
import type { Config } from '../../../config/settings/config.ts'
import { type DaemonContext, openParts, type Part } from '../../../runtime/daemon/part.ts'
import { EventBus } from '../../../runtime/events/bus.ts'

function daemon() {
  const bugs: unknown[] = []
  const bus = new EventBus((error) => bugs.push(error))
  const supervisor: { config: Config | undefined } = { config: undefined }
  const controlled = { reportBug: (error: unknown) => bugs.push(error) }
  const context = { bus, supervisor, controlled } as unknown as DaemonContext
  const apply = (config: Config): void => {
    supervisor.config = config
    bus.emit({ type: 'configuration-applied', added: [], changed: [], removed: [] })
  }
  return { bugs, context, apply }
}

function noting(notes: string[], name: string, follow?: (config: Config) => void): Part {
  return {
    name,
    open: () => {
      notes.push(`open ${name}`)
      return { close: () => notes.push(`close ${name}`), ...(follow && { follow }) }
    },
  }
}

async function close(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.reverse()) await step()
}

test('parts are opened in their order and closed in reverse', async () => {
  const [notes, undo]: [string[], (() => unknown)[]] = [[], []]
  await openParts([noting(notes, 'a'), { name: 'bare', open: () => {} }, noting(notes, 'b')], daemon().context, undo)
  await close(undo)
  expect(notes).toEqual(['open a', 'open b', 'close b', 'close a'])
})

test('where one cannot be opened those before it can be closed, and none follows', async () => {
  const [notes, undo]: [string[], (() => unknown)[]] = [[], []]
  const broken: Part = {
    name: 'broken',
    open: () => {
      throw new Error('no')
    },
  }
  const opening = openParts([noting(notes, 'a'), broken, noting(notes, 'b')], daemon().context, undo)
  await expect(opening).rejects.toThrow('no')
  await close(undo)
  expect(notes).toEqual(['open a', 'close a'])
})

test('each configuration reaches the parts that follow it, also when one of them fails', async () => {
  const { context, apply, bugs } = daemon()
  const [notes, followed, undo]: [string[], Config[], (() => unknown)[]] = [[], [], []]
  const fail = (): void => {
    throw new Error('no')
  }
  const parts = [noting(notes, 'fails', fail), noting(notes, 'follows', (config) => void followed.push(config))]
  await openParts(parts, context, undo)
  const config = { groups: [] } as unknown as Config
  apply(config)
  expect(followed).toEqual([config])
  expect(bugs.map(String)).toEqual(['Error: fails could not apply the configuration'])
  await close(undo)
  apply(config)
  expect(followed).toHaveLength(1)
})
