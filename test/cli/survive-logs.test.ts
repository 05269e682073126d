// The daemon process is killed again and again while programs write: their logs have each line once (decision 25).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Daemon, hasHelper, kahi, scratch, startDaemon } from '../helpers/kahi.ts'
import { below, commandOf } from '../helpers/processes.ts'
import { eventually } from '../helpers/wait.ts'

/** Five deaths within ten seconds each would end everything. */
const KILLS = 4
/** Without a format kahi writes so fast that the test would read gigabytes: the flood has short breaks. */
const FLOOD = 'i=0; while :; do seq $((i+1)) $((i+9000)); i=$((i+9000)); sleep 0.005; done'
const SLOW = 'i=0; while :; do i=$((i+1)); echo $i; echo $i >&2; sleep 0.002; done'

/** The numbers of a log and all its rotated files, oldest first. */
function numbers(folder: string, name: string): readonly number[] {
  const age = (file: string) => Number(/\.(\d+)$/.exec(file)?.[1] ?? 0)
  const files = readdirSync(folder).filter((file) => file.startsWith(name))
  const texts = files.sort((a, b) => age(b) - age(a)).map((file) => readFileSync(join(folder, file), 'utf8'))
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(/(\d+)("\}| ?)$/.exec(line)?.[1] ?? Number.NaN))
}

/** Where a log is not 1, 2, 3 …; the last line may have been cut by the end of its writer. */
function faults(found: readonly number[]): readonly string[] {
  const places = found.slice(0, -1).flatMap((number, index) => (number === index + 1 ? [] : [index]))
  return places.slice(0, 3).map((index) => `after ${found[index - 1]} comes ${found[index]}`)
}

async function crash(daemon: Daemon): Promise<void> {
  const starts = () => daemon.output().split('kahi started with pid').length
  const before = starts()
  const node = below(daemon.pid).find((pid) => commandOf(pid) === 'node')
  process.kill(node ?? Number.NaN, 'SIGKILL')
  await eventually(() => starts() > before, 'another daemon process has started')
}

test.skipIf(!hasHelper).each(['raw', 'prefix', 'json', 'channel'])(
  `${KILLS} kills lose and double no line with log_format = %s (needs the native helper)`,
  async (format) => {
    const folder = scratch()
    const file = join(folder, 'kahi.toml')
    writeFileSync(
      file,
      `[supervisor]
[server.unix]
file = "${folder}/k.sock"
[programs.flood]
command = ["/bin/sh", "-c", "${FLOOD}"]
log_format = "${format}"
stdout_logfile = "${folder}/flood.log"
stdout_logfile_maxbytes = "5MB"
stdout_logfile_backups = 1000
[programs.slow]
command = ["/bin/sh", "-c", "${SLOW}"]
log_format = "${format}"
stdout_logfile = "${folder}/slow.log"
stderr_logfile = "${folder}/err.log"
`,
    )
    const daemon = startDaemon(['daemon', '-c', file, '--survive'], { cwd: folder })
    await daemon.line('kahi started with pid')
    const size = () => (existsSync(join(folder, 'slow.log')) ? readFileSync(join(folder, 'slow.log')).length : 0)
    for (let round = 0; round < KILLS; round++) {
      const before = size()
      await eventually(() => size() > before + 500 * round, 'it writes on')
      await crash(daemon)
    }
    const before = size()
    await eventually(() => size() > before, 'it writes on')
    expect((await kahi(['ctl', '-c', file, 'stop', 'all'], { cwd: folder })).exitCode).toBe(0)
    daemon.signal('SIGTERM')
    expect(await daemon.ended()).toMatchObject({ exitCode: 0 })
    for (const name of ['flood.log', 'slow.log', 'err.log']) {
      const found = numbers(folder, name)
      expect({ name, faults: faults(found) }).toEqual({ name, faults: [] })
      expect(found.length).toBeGreaterThan(100)
    }
  },
)
