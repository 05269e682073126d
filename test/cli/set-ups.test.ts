// Two set-ups of users who move to kahi because of its dependencies, with placeholders for the programs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { eventually } from '../helpers/wait.ts'

/** A port that no program uses at the moment. */
function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function start(toml: string) {
  const folder = scratch()
  const file = join(folder, 'kahi.toml')
  writeFileSync(file, `[server.unix]\nfile = "${folder}/k.sock"\n${toml.replaceAll('DIR', folder)}`)
  const daemon = startDaemon(['daemon', '-c', file], { cwd: folder })
  await daemon.line('kahi started with pid')
  const notes = () => {
    const path = join(folder, 'notes')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }
  const stop = async () => {
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
  }
  return { folder, daemon, notes, stop, ctl: (...args: string[]) => kahi(['ctl', '-c', file, ...args]) }
}

test('HinD: consul, then consul-template, then caddy, each when its port answers; nomad beside', async () => {
  const [consul, template] = [await freePort(), await freePort()]
  /** Listens when the file `NAME-may` exists; records its start and the moment when it listens. */
  const server = (name: string, port: number, more: string) => {
    const script = `
      const { appendFileSync, existsSync } = require('fs')
      const note = (text) => appendFileSync('DIR/notes', text + '\\n')
      note('start ${name}')
      const wait = setInterval(() => {
        if (!existsSync('DIR/${name}-may')) return
        clearInterval(wait)
        note('serve ${name}')
        require('net').createServer().listen(${port}, '127.0.0.1')
      }, 20)
      process.on('SIGTERM', () => { note('stop ${name}'); process.exit(0) })`
    const command = `command = ['${process.execPath}', '-e', '''${script}''']`
    return `[programs.${name}]\n${command}\nready = { tcp = "127.0.0.1:${port}", interval = 0.02 }\n${more}\n`
  }
  const waits = `command = ["/bin/sh", "-c", "echo start NAME >>DIR/notes; trap 'echo stop NAME >>DIR/notes; exit' TERM; while :; do sleep 0.02; done"]`
  const hind = await start(
    server('consul', consul, 'startretries = 10\nstartsecs = 0') +
      server('consul-template', template, 'depends_on = ["consul"]\nstartsecs = 0') +
      `[programs.caddy]\n${waits.replaceAll('NAME', 'caddy')}\ndepends_on = ["consul-template"]\nstartsecs = 0\n` +
      `[programs.nomad]\n${waits.replaceAll('NAME', 'nomad')}\nstartsecs = 0\n`,
  )
  await eventually(() => expect(hind.notes().toSorted()).toEqual(['start consul', 'start nomad']))
  expect((await hind.ctl('status', 'caddy')).stdout).toContain('waiting for consul-template')
  writeFileSync(join(hind.folder, 'consul-may'), '')
  await hind.daemon.line('ready: consul after')
  await hind.daemon.line("spawned: 'consul-template'")
  expect(hind.notes()).not.toContain('start caddy')
  writeFileSync(join(hind.folder, 'consul-template-may'), '')
  await hind.daemon.line("spawned: 'caddy'")
  await eventually(() => expect(hind.notes()).toContain('start caddy'))
  await hind.stop()
  const chain = hind.notes().filter((note) => note.startsWith('stop') && !note.endsWith('nomad'))
  expect(chain).toEqual(['stop caddy', 'stop consul-template', 'stop consul'])
})

/** As its s6-rc tree: two oneshots, three longruns, the bundle `user`. */
const ONETIMESECRET = `
[supervisor]
boot = ["user"]
[oneshots.redis-ready]
up = ["/bin/sh", "-c", "until test -e DIR/redis; do sleep 0.02; done; echo redis >>DIR/notes"]
timeout_up = 20
[oneshots.config-check]
up = ["/bin/sh", "-c", "test -e DIR/config && echo config >>DIR/notes"]
[bundles.user]
contents = ["web", "scheduler", "worker"]
${['web', 'scheduler', 'worker']
  .map(
    (name) => `[programs.${name}]
command = ["/bin/sh", "-c", "echo +${name} >>DIR/notes; trap 'echo -${name} >>DIR/notes; exit' TERM; while :; do sleep 0.02; done"]
depends_on = ["redis-ready", "config-check"]
autostart = false
startsecs = 0`,
  )
  .join('\n')}
`

test('OneTimeSecret: a failing config-check starts none and says why; repaired, one start brings it up', async () => {
  const ots = await start(ONETIMESECRET)
  writeFileSync(join(ots.folder, 'redis'), '')
  for (const name of ['web', 'scheduler', 'worker']) {
    await ots.daemon.line(`not starting ${name}: config-check up failed: exit status 1`)
  }
  expect((await ots.ctl('status', 'web')).stdout).toContain('config-check up failed: exit status 1')
  expect(ots.notes().filter((note) => note.startsWith('+'))).toEqual([])
  writeFileSync(join(ots.folder, 'config'), '')
  expect(await ots.ctl('start', 'web')).toMatchObject({ stdout: 'web: started\n', exitCode: 0 })
  await eventually(() => expect(ots.notes()).toContain('+web'))
  expect((await ots.ctl('status', 'worker')).stdout).toContain('STOPPED')
  await ots.stop()
})

test('OneTimeSecret: oneshots first, then all three; SIGTERM stops them all', async () => {
  const ots = await start(ONETIMESECRET.replaceAll('test -e DIR/config', 'true'))
  await ots.daemon.line('up: config-check')
  expect((await ots.ctl('status', 'web')).stdout).toContain('waiting for redis-ready')
  writeFileSync(join(ots.folder, 'redis'), '')
  await eventually(() => expect(ots.notes().slice(2).toSorted()).toEqual(['+scheduler', '+web', '+worker']))
  expect(ots.notes().slice(0, 2)).toEqual(['config', 'redis'])
  await ots.stop()
  expect(ots.notes().slice(5).toSorted()).toEqual(['-scheduler', '-web', '-worker'])
})
