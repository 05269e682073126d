// Server-sent events of dist/kahi, read by curl: new events and lines, how a reader continues after a lost connection, and how kahi
// handles clients that do not read.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kahi } from '../helpers/kahi.ts'
import { end, noting, run, type Run } from '../helpers/order.ts'
import { eventually } from '../helpers/wait.ts'

interface Sent {
  readonly id: string
  readonly event: string
  readonly data: string
}

interface Reader {
  /** The output so far. */
  readonly events: readonly Sent[]
  close(): Promise<void>
}

/** curl, which reads until the test ends it. */
function read({ folder }: Run, path: string, lastId?: string): Reader {
  const header = lastId === undefined ? [] : ['-H', `Last-Event-ID: ${lastId}`]
  const child = execa('curl', ['-sN', '--unix-socket', join(folder, 'k.sock'), ...header, `http://kahi${path}`], {
    reject: false,
    buffer: false,
  })
  const events: Sent[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const fields = new Map(
        part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      if (fields.has('data'))
        events.push({ id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: fields.get('data') ?? '' })
    }
  })
  const close = async (): Promise<void> => {
    child.kill('SIGKILL')
    await child
  }
  onTestFinished(close)
  return { events, close }
}

const typesOf = ({ events }: Reader) => events.map(({ event }) => event)
const begun = (reader: Reader) => eventually(() => reader.events.length > 0, 'the stream has begun')

describe('GET /api/v1/events/stream', () => {
  test('events as they occur, of some types and processes, and what came while the reader was away', async () => {
    const all = await run(noting('web') + noting('db'))
    await all.daemon.line('success: db entered RUNNING')
    const reader = read(all, '/api/v1/events/stream')
    const some = read(all, '/api/v1/events/stream?types=process-exited&process=web')
    await Promise.all([begun(reader), begun(some)])
    await all.ctl('restart', 'db', 'web')
    await eventually(() => typesOf(reader).filter((type) => type === 'process-started').length === 2)
    await eventually(() => typesOf(some).includes('process-exited'))
    expect(typesOf(some)).toEqual(['hello', 'process-exited'])
    const exited = some.events.at(-1)!
    expect(JSON.parse(exited.data)).toMatchObject({ number: Number(exited.id), type: 'process-exited', name: 'web' })
    const numbers = reader.events.slice(1).map(({ id }) => Number(id))
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index))

    await some.close()
    await all.ctl('stop', 'web')
    const again = read(all, '/api/v1/events/stream?types=process-exited&process=web', exited.id)
    await eventually(() => typesOf(again).length > 1)
    expect(typesOf(again)).toEqual(['hello', 'process-exited'])
    const bad = await execa('curl', [
      '-s',
      '--unix-socket',
      join(all.folder, 'k.sock'),
      'http://kahi/api/v1/events/stream?types=x',
    ])
    expect(JSON.parse(bad.stdout)).toMatchObject({ code: 'BAD_REQUEST' })
    await end(all)
  })

  test('what the journal has lost is said, and so is another daemon process', async () => {
    const all = await run('[supervisor]\njournal_size = 2000\n' + noting('web'))
    await all.daemon.line('success: web entered RUNNING')
    const reader = read(all, '/api/v1/events/stream')
    await begun(reader)
    const [{ id }] = reader.events as [Sent]
    await reader.close()
    for (let round = 0; round < 3; round += 1) await all.ctl('restart', 'web')
    const again = read(all, '/api/v1/events/stream', id)
    await begun(again)
    await eventually(() => typesOf(again).includes('process-state'))
    expect(typesOf(again).slice(0, 2)).toEqual(['hello', 'gap'])
    expect(JSON.parse(again.events[1]!.data).lost).toBeGreaterThan(0)
    const old = read(all, '/api/v1/events/stream', '12')
    await begun(old)
    expect(old.events[1]).toMatchObject({ event: 'gap', data: '{"lost":null}' })
    await end(all)
  })

  test('kahi ctl events --follow prints them', async () => {
    const all = await run(noting('web'))
    await all.daemon.line('success: web entered RUNNING')
    const child = execa(
      process.execPath,
      ['dist/kahi.js', 'ctl', '-c', join(all.folder, 'kahi.toml'), 'events', '-f', '--types', 'process-exited'],
      {
        reject: false,
      },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await eventually(async () => {
      await all.ctl('restart', 'web')
      return /^\d+ \S+Z process-exited web pid=\d+ .*code=0/m.test(text)
    })
    child.kill('SIGINT')
    expect((await child).exitCode).toBe(0)
    await end(all)
  })
})

describe('GET /api/v1/processes/{name}/log/{stream}/stream', () => {
  const COUNTER = `[programs.count]
command = ["/bin/sh", "-c", "echo one; echo two; while read line; do echo $line; done"]
startsecs = 0
stdout_logfile = "DIR/count.log"
`
  const path = '/api/v1/processes/count/log/stdout/stream?backlog=1000'

  test('whole lines, and those that came while the reader was away', async () => {
    const all = await run(COUNTER)
    const say = (line: string) => kahi(['ctl', '-s', join(all.folder, 'k.sock'), 'restart', line])
    const lines = ({ events }: Reader) => events.map(({ data }) => data)
    const reader = read(all, path)
    await eventually(() => lines(reader).length === 2)
    await reader.close()
    const { id } = reader.events[0]!
    await say('count')
    const again = read(all, path, id)
    await eventually(() => lines(again).length === 3)
    expect(lines(again)).toEqual(['two', 'one', 'two'])
    expect((await all.ctl('clear', 'count')).exitCode).toBe(0)
    const cleared = read(all, path, id)
    await eventually(() => cleared.events.length === 1)
    expect(cleared.events[0]).toMatchObject({ event: 'gap', data: '{"lost":12}' })
    const other = read(all, path, 'zz-4')
    await eventually(() => other.events.length === 1)
    expect(other.events[0]).toMatchObject({ event: 'gap', data: '{"lost":null}' })
    await end(all)
  })
})

/** A connection that has sent a request. */
async function open({ folder }: Run, path: string): Promise<Socket> {
  const client = connect(join(folder, 'k.sock'))
  client.on('error', () => {})
  onTestFinished(() => void client.destroy())
  await once(client, 'connect')
  client.write(`GET ${path} HTTP/1.1\r\nHost: kahi\r\n\r\n`)
  return client
}

test('300 idle streams neither lock out a stop nor each other', async () => {
  const all = await run(noting('web'))
  await all.daemon.line('success: web entered RUNNING')
  const clients: Socket[] = []
  for (let round = 0; round < 6; round += 1) {
    const more = await Promise.all(Array.from({ length: 50 }, () => open(all, '/api/v1/events/stream')))
    await Promise.all(more.map((client) => once(client, 'readable')))
    clients.push(...more)
  }
  expect(await all.ctl('stop', 'web')).toMatchObject({ exitCode: 0 })
  await eventually(() => {
    for (const client of clients) client.read()
    return clients.every((client) => client.bytesRead > 800)
  }, 'all have got the events of the stop')
  await end(all)
})

test('a reader of lines that does not read is cut off', async () => {
  const all = await run(
    `[programs.flood]\ncommand = "yes ${'x'.repeat(200)}"\nstdout_logfile = "DIR/flood.log"\nstdout_logfile_maxbytes = "1MB"\nstdout_logfile_backups = 0\n`,
  )
  const client = await open(all, '/api/v1/processes/flood/log/stdout/stream')
  client.pause()
  await eventually(() => {
    client.write(' ')
    return client.destroyed
  }, 'the daemon has closed the connection')
  await end(all)
})
