// Keys of [programs.X]: the destinations of its output.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { kahi } from '../../helpers/kahi.ts'
import { eventually } from '../../helpers/wait.ts'
import { program, says } from './declare.ts'

program(
  'redirect_stderr stdout_logfile',
  `command = "/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'"\nredirect_stderr = true\nstdout_logfile = "DIR/p.log"`,
  async ({ daemon, folder }) => {
    await daemon.line('success: p entered RUNNING')
    expect(readFileSync(join(folder, 'p.log'), 'utf8')).toBe('out\nerr\n')
  },
)
program(
  'stderr_logfile',
  `command = "/bin/sh -c 'echo out; echo err >&2; exec sleep 1000'"\nstderr_logfile = "DIR/p.err"\nstdout_logfile = "NONE"`,
  async ({ daemon, folder }) => {
    await daemon.line('success: p entered RUNNING')
    expect(readFileSync(join(folder, 'p.err'), 'utf8')).toBe('err\n')
    expect(daemon.output()).not.toMatch(/"message":"out"/)
  },
)
for (const [stream, redirect] of [
  ['stdout', ''],
  ['stderr', '>&2'],
] as const) {
  const body = (backups: number): string =>
    `command = "/bin/sh -c 'for i in 1 2 3; do head -c 2000 /dev/zero ${redirect}; sleep 0.2; done; exec sleep 1000'"\n${stream}_logfile = "DIR/p.log"\n${stream}_logfile_maxbytes = "1KB"\n${stream}_logfile_backups = ${backups}`
  program(`${stream}_logfile_maxbytes ${stream}_logfile_backups`, body(2), async ({ daemon, folder }) => {
    await daemon.line('success: p entered RUNNING')
    expect(
      readdirSync(folder)
        .filter((name) => name.startsWith('p.log'))
        .sort(),
    ).toEqual(['p.log', 'p.log.1', 'p.log.2'])
    expect(statSync(join(folder, 'p.log')).size).toBe(0)
  })
  program(
    `${stream}_capture_maxbytes ${stream}_events_enabled`,
    `${stream}_capture_maxbytes = "1KB"\n${stream}_events_enabled = true`,
    async ({ file }) => {
      const { stdout } = await kahi(['check', '--effective', '--json', file])
      expect(JSON.parse(stdout).groups[0].processes[0][stream]).toMatchObject({
        capture_maxbytes: 1024,
        events_enabled: true,
      })
    },
  )
  program(
    `${stream}_syslog`,
    `command = "/bin/sh -c 'echo to syslog ${redirect}; exec sleep 1000'"\n${stream}_syslog = true`,
    says('"message":"to syslog"'),
  )
  program(
    `${stream}_logfile_compress`,
    `command = "/bin/sh -c 'head -c 2000 /dev/zero ${redirect}; exec sleep 1000'"\n${stream}_logfile = "DIR/p.log"\n${stream}_logfile_maxbytes = "1KB"\n${stream}_logfile_compress = true`,
    async ({ folder, daemon }) => {
      await daemon.line('success: p entered RUNNING')
      await eventually(
        () => existsSync(join(folder, 'p.log.1.gz')) && !existsSync(join(folder, 'p.log.1')),
        'it is compressed',
      )
      expect(gunzipSync(readFileSync(join(folder, 'p.log.1.gz'))).length).toBe(2000)
    },
  )
}
program(
  'log_format',
  `command = "/bin/sh -c 'echo one; printf two; exit 3'"\nlog_format = "prefix"\nstartsecs = 0\nautorestart = false`,
  async ({ daemon }) => {
    await daemon.line(/^\d{4}-\d\d-\d\d [\d:,]+ \[p\] one$/)
    await daemon.line(/^\d{4}-\d\d-\d\d [\d:,]+ \[p\] two$/)
  },
)
program(
  'ring_buffer',
  `command = "/bin/sh -c 'echo 0123456789; echo abcdefghi; exec sleep 1000'"\nring_buffer = 15`,
  async ({ daemon, ctl }) => {
    await daemon.line('abcdefghi')
    expect(await ctl('tail', 'p')).toBe('6789\nabcdefghi\n\n')
  },
)
