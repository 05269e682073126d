// GET /metrics of dist/kahi, read by curl, checked by promtool, and scraped by a real Prometheus.

import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kahi, root, scratch, startDaemon, hasHelper } from '../helpers/kahi.ts'
import { freePort } from '../helpers/raw-http.ts'
import { eventually } from '../helpers/wait.ts'

const TREE = `[programs.web]
command = "sleep 1000"
startsecs = 0
ready = { file = "/" }
health = { file = "/", interval = 1 }
[programs.job]
command = ["/bin/sh", "-c", "echo hello; exit 3"]
startsecs = 0
autorestart = false
stdout_logfile = "DIR/job.log"
[programs.odd-name]
command = ["/bin/sh", "-c", "kill -9 $$$$"]
startsecs = 0
autorestart = false
[oneshots.migrate]
up = "true"
`

interface Run {
  readonly folder: string
  readonly port: number
  scrape(query?: string, accept?: string): Promise<string>
  ctl(...args: string[]): ReturnType<typeof kahi>
  line(text: string): Promise<string>
}

async function run(toml = TREE, ...options: string[]): Promise<Run> {
  const folder = scratch()
  const port = await freePort()
  const file = join(folder, 'kahi.toml')
  const server = `[server.unix]\nfile = "${folder}/k.sock"\n[server.http]\nenabled = true\naccess = "open"\nlisten = "127.0.0.1:${port}"\n`
  writeFileSync(file, `${server}${toml.replaceAll('DIR', folder)}`)
  const daemon = startDaemon(['daemon', '-c', file, ...options], { cwd: folder })
  await daemon.line('kahi started with pid')
  const scrape = async (query = '', accept = '*/*'): Promise<string> =>
    (await execa('curl', ['-sf', '-H', `Accept: ${accept}`, `http://127.0.0.1:${port}/metrics${query}`])).stdout
  return {
    folder,
    port,
    scrape,
    ctl: (...args) => kahi(['ctl', '-c', file, ...args]),
    line: (text) => daemon.line(text),
  }
}

/** The value of a series, undefined when there is none. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const hasPrometheus = existsSync('/usr/bin/promtool') && existsSync('/usr/bin/prometheus')
if (!hasPrometheus) console.warn('promtool and prometheus are not installed: their checks are skipped')

describe('GET /metrics', () => {
  test('what has happened to each process', async () => {
    const all = await run()
    await all.line('exited: job')
    await all.line('exited: odd-name')
    await eventually(async () => valueOf(await all.scrape(), 'kahi_process_healthy{group="web",process="web"}') === 1)
    const text = await all.scrape()
    const web = 'group="web",process="web"'
    const job = 'group="job",process="job"'
    expect(valueOf(text, `kahi_process_state{${web},state="running"}`)).toBe(1)
    expect(valueOf(text, `kahi_process_state{${job},state="exited"}`)).toBe(1)
    expect(valueOf(text, `kahi_process_exits_total{${job},code="3",signal=""}`)).toBe(1)
    expect(
      valueOf(text, 'kahi_process_exits_total{group="odd-name",process="odd-name",code="",signal="SIGKILL"}'),
    ).toBe(1)
    expect(valueOf(text, `kahi_process_starts_total{${web}}`)).toBe(1)
    expect(valueOf(text, `kahi_process_ready{${web}}`)).toBe(1)
    expect(valueOf(text, `kahi_process_ready_duration_seconds{${web}}`)).toBeGreaterThanOrEqual(0)
    expect(valueOf(text, `kahi_process_resident_memory_bytes{${web}}`)).toBeGreaterThan(100_000)
    expect(valueOf(text, `kahi_process_open_fds{${web}}`)).toBeGreaterThan(0)
    expect(valueOf(text, `kahi_process_log_bytes_total{${job},stream="stdout"}`)).toBe(6)
    expect(valueOf(text, `kahi_process_cpu_seconds_total{${job}}`)).toBeGreaterThanOrEqual(0)
    expect(valueOf(text, 'kahi_process_up{group="migrate",process="migrate"}')).toBe(1)
    expect(valueOf(text, 'kahi_helper_up')).toBe(1)
    expect(valueOf(text, 'kahi_scrapes_total')).toBeGreaterThan(0)
    expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    expect(text).not.toContain('node_supervisord')
  })

  test.skipIf(!hasPrometheus)('promtool finds nothing to improve, with all names', async () => {
    const all = await run()
    await all.line('exited: job')
    const text = await all.scrape('?names=kahi,supervisord')
    expect(valueOf(text, 'node_supervisord_exit_status{name="job",group="job"}')).toBe(3)
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: `${text}\n`, encoding: 'utf8' })
    expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' })
    const refused = await execa('curl', ['-s', `http://127.0.0.1:${all.port}/metrics?names=nonsense`])
    expect(JSON.parse(refused.stdout)).toMatchObject({
      code: 'BAD_REQUEST',
      error: expect.stringContaining('query.names'),
    })
  })

  test.skipIf(!hasHelper)('an upgrade keeps the counters', async () => {
    const all = await run(TREE, '--survive')
    await all.line('exited: job')
    for (let round = 0; round < 2; round += 1) await all.ctl('restart', 'web')
    await all.ctl('start', 'job')
    const series = [
      'kahi_process_starts_total{group="web",process="web"}',
      'kahi_process_exits_total{group="web",process="web",code="",signal="SIGTERM"}',
      'kahi_process_exits_total{group="job",process="job",code="3",signal=""}',
      'kahi_process_log_bytes_total{group="job",process="job",stream="stdout"}',
    ]
    const read = async () => {
      const text = await all.scrape()
      return series.map((one) => valueOf(text, one))
    }
    await eventually(async () => expect(await read()).toEqual([3, 2, 2, 12]))
    for (let round = 0; round < 2; round += 1) {
      expect(await all.ctl('upgrade')).toMatchObject({ exitCode: 0 })
      await eventually(async () => expect(await read()).toEqual([3, 2, 2, 12]))
    }
    await all.ctl('restart', 'web')
    expect((await read()).slice(0, 2)).toEqual([4, 3])
  })

  test.skipIf(!hasPrometheus)('a real Prometheus scrapes OpenMetrics, and alerts', async () => {
    const all = await run(`${TREE}[programs.broken]\ncommand = "/does/not/exist"\nstartretries = 0\n`)
    const port = await freePort()
    writeFileSync(
      join(all.folder, 'rules.yml'),
      'groups: [{name: a, rules: [{alert: Fatal, expr: \'kahi_process_state{state="fatal"} == 1\'}]}]\n',
    )
    writeFileSync(
      join(all.folder, 'prometheus.yml'),
      `global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n` +
        `scrape_configs: [{job_name: kahi, static_configs: [{targets: ["127.0.0.1:${all.port}"]}]}]\n`,
    )
    const listen = `--web.listen-address=127.0.0.1:${port}`
    const data = `--storage.tsdb.path=${all.folder}/data`
    const child = execa('prometheus', ['--config.file=prometheus.yml', listen, data], {
      cwd: all.folder,
      reject: false,
    })
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await child
    })
    const ask = async (path: string): Promise<string> =>
      (await execa('curl', ['-s', `http://127.0.0.1:${port}/api/v1/${path}`], { reject: false })).stdout
    await eventually(async () => expect(await ask('alerts')).toContain('"process":"broken","state":"fatal"'))
    expect(await ask('targets')).toContain('"health":"up"')
    expect(await ask('query?query=kahi_process_exits_total')).toContain('"code":"3"')
    expect(await all.scrape('', 'application/openmetrics-text')).toMatch(/\n# EOF$/)
  })
})

test.skipIf(!hasPrometheus)('the alerts of the documentation fire when they should', () => {
  const cwd = join(root, 'docs/metrics')
  const run = (...args: string[]) => spawnSync('promtool', args, { cwd, encoding: 'utf8' })
  expect(run('test', 'rules', 'alerts.test.yml')).toMatchObject({ status: 0 })
  expect(run('check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yml')).toMatchObject({ status: 0 })
})
