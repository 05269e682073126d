// `kahi export compose`, `kubernetes` and `nomad` through dist/kahi: from a supervisord.conf, an s6 tree and a kahi.toml
// to files that the schemas of the engines accept.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { composeMistakes, exported, filesIn, manifestsIn, mistakesIn } from '../helpers/container-files.ts'
import { kahi, root, scratch } from '../helpers/kahi.ts'

const CONF = `[supervisord]
nodaemon = true

; the web application
[program:web]
command = /srv/web --load 50%% %(ENV_MODE)s "$HOME $$"
user = 33
directory = /srv
environment = COLOR="blue",API_TOKEN="s3cret"
autorestart = true
stopsignal = QUIT
stopwaitsecs = 20

[program:job]
command = /srv/job
autorestart = false
autostart = false
`
const TOML = `[oneshots.migrate]
up = "/srv/migrate"

[programs.db]
command = "/srv/db"
ready = { tcp = "127.0.0.1:5432" }
limits = { nofile = "100:200", memory = "64MB", cpu = 0.5 }
depends_on = ["migrate"]

[programs.web]
command = "/srv/web"
health = { http = "http://127.0.0.1:8080/health" }
on_unhealthy = "restart"
capabilities = ["net_bind_service"]
no_new_privs = true
depends_on = ["db"]
`

/** The sources of each target, written into a directory; the last one is a fixture. */
function sources(): { readonly cwd: string; readonly files: readonly string[] } {
  const cwd = scratch()
  writeFileSync(join(cwd, 'supervisord.conf'), CONF)
  writeFileSync(join(cwd, 'kahi.toml'), TOML)
  return { cwd, files: ['supervisord.conf', 'kahi.toml', join(root, 'fixtures/s6-rc/onetimesecret/input')] }
}

describe('compose', () => {
  function read(directory: string): { services: Record<string, Record<string, unknown>> } {
    const text = readFileSync(join(directory, 'compose.yaml'), 'utf8')
    expect(composeMistakes(text)).toEqual([])
    return parse(text) as { services: Record<string, Record<string, unknown>> }
  }

  test('files of every source are valid, and say what the source says', async () => {
    const { cwd, files } = sources()
    const [conf, toml, tree] = await Promise.all(files.map((file) => exported('compose', file, cwd, '--image', 'i:1')))
    const { web, job } = read(conf!).services
    expect(web).toMatchObject({
      image: 'i:1',
      command: ['/srv/web', '--load', '50%', '${MODE}', '$$HOME $$$$'],
      user: '33',
      working_dir: '/srv',
      environment: { COLOR: 'blue' },
      env_file: ['./web.env'],
      restart: 'always',
      stop_signal: 'SIGQUIT',
      stop_grace_period: '20s',
    })
    expect(job).toMatchObject({ restart: 'no', profiles: ['manual'] })
    expect(readFileSync(join(conf!, 'compose.yaml'), 'utf8')).toContain('  # the web application\n  web:\n')
    expect(readFileSync(join(conf!, 'web.env'), 'utf8')).toBe('API_TOKEN=s3cret\n')
    expect(statSync(join(conf!, 'web.env')).mode & 0o777).toBe(0o600)
    const { web: application, db } = read(toml!).services
    expect(application).toMatchObject({
      depends_on: { db: { condition: 'service_healthy' } },
      cap_drop: ['ALL'],
      cap_add: ['NET_BIND_SERVICE'],
      security_opt: ['no-new-privileges:true'],
    })
    expect(db).toMatchObject({
      depends_on: { migrate: { condition: 'service_completed_successfully' } },
      ulimits: { nofile: { soft: 100, hard: 200 } },
      healthcheck: { test: ['CMD', 'nc', '-z', '-w', '5', '127.0.0.1', '5432'] },
    })
    expect(Object.keys(read(tree!).services)).toContain('scheduler')
  })

  test('--single has one service, whose configuration kahi accepts', async () => {
    const { cwd } = sources()
    const directory = await exported('compose', 'supervisord.conf', cwd, '--single')
    expect(read(directory).services).toMatchObject({ shop: { configs: [{ source: 'kahi' }] } })
    const checked = await kahi(['check', join(directory, 'kahi.toml')], { cwd, env: { MODE: 'here' } })
    expect(checked.exitCode, checked.stderr).toBe(0)
  })
})

describe('kubernetes', () => {
  function read(directory: string): Record<string, Record<string, unknown>> {
    const manifests = filesIn(directory).flatMap(({ text }) => manifestsIn(text))
    return Object.fromEntries(
      manifests.map((one) => [`${one.kind} ${one.metadata.name}`, one as unknown as Record<string, unknown>]),
    )
  }

  test('manifests of every source are valid, and say what the source says', async () => {
    const { cwd, files } = sources()
    const [conf, toml, tree] = await Promise.all(files.map((file) => exported('kubernetes', file, cwd)))
    const first = read(conf!)
    expect(Object.keys(first).toSorted()).toEqual(['ConfigMap shop', 'Deployment web', 'Job job', 'Secret shop'])
    expect(first['Deployment web']).toMatchObject({
      spec: {
        replicas: 1,
        template: {
          spec: {
            terminationGracePeriodSeconds: 20,
            containers: [
              {
                command: ['/srv/web', '--load', '50%', '$(MODE)', '$HOME $$$$'],
                workingDir: '/srv',
                securityContext: { runAsUser: 33 },
                lifecycle: {
                  preStop: { exec: { command: ['/bin/sh', '-c', expect.stringContaining('kill -QUIT 1')] } },
                },
              },
            ],
          },
        },
      },
    })
    expect(statSync(join(conf!, 'shop-secret.yaml')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(conf!, 'shop.yaml'), 'utf8')).not.toContain('s3cret')
    expect(read(toml!)['Deployment web']).toMatchObject({
      spec: {
        template: {
          spec: {
            initContainers: [{ name: 'migrate' }],
            containers: [{ livenessProbe: { httpGet: { path: '/health', port: 8080 }, failureThreshold: 3 } }],
          },
        },
      },
    })
    expect(Object.keys(read(tree!))).toContain('Deployment scheduler')
  })

  test('--single has one Pod with all programs', async () => {
    const { cwd } = sources()
    const found = read(await exported('kubernetes', 'kahi.toml', cwd, '--single'))
    expect(found).toMatchObject({
      'Pod shop': { spec: { initContainers: [{ name: 'migrate' }], containers: [{ name: 'db' }, { name: 'web' }] } },
    })
  })
})

describe('nomad', () => {
  interface Task {
    readonly Name: string
    readonly Config: Record<string, unknown>
    readonly Env?: Record<string, string>
  }
  interface Group {
    readonly Name: string
    readonly Count: number
    readonly Tasks: readonly Task[]
  }

  function read(directory: string): readonly Group[] {
    expect(mistakesIn('nomad', filesIn(directory))).toEqual([])
    const { Job: job } = JSON.parse(readFileSync(join(directory, 'shop.nomad.json'), 'utf8')) as {
      Job: { ID: string; Type: string; TaskGroups: readonly Group[] }
    }
    expect(job).toMatchObject({ ID: 'shop', Type: 'service', Datacenters: ['*'] })
    for (const { Tasks: tasks } of job.TaskGroups) {
      for (const { Config: config } of tasks)
        expect(config).toMatchObject({ image: 'i:1', entrypoint: [expect.any(String)] })
    }
    return job.TaskGroups
  }

  test('a job of every source says what the source says', async () => {
    const { cwd, files } = sources()
    const [conf, toml, tree] = await Promise.all(files.map((file) => exported('nomad', file, cwd, '--image', 'i:1')))
    const [job, web] = read(conf!).toSorted((a, b) => a.Name.localeCompare(b.Name))
    expect(job).toMatchObject({ Name: 'job', Count: 0, RestartPolicy: { Attempts: 0, Mode: 'fail' } })
    expect(web).toMatchObject({
      Count: 1,
      Tasks: [
        {
          Config: { entrypoint: ['/srv/web'], args: ['--load', '50%', '${MODE}', '$HOME $$'], work_dir: '/srv' },
          User: '33',
          Env: { COLOR: 'blue', MODE: '' },
          KillSignal: 'SIGQUIT',
          KillTimeout: 20_000_000_000,
          Templates: [
            { EmbeddedTmpl: expect.stringContaining('API_TOKEN={{ .web_API_TOKEN | toJSON }}'), Envvars: true },
          ],
          Meta: { comment: 'the web application' },
        },
      ],
    })
    expect(readFileSync(join(conf!, 'shop.nomad.json'), 'utf8')).not.toContain('s3cret')
    const variables = JSON.parse(readFileSync(join(conf!, 'shop.variables.json'), 'utf8')) as unknown
    expect(variables).toMatchObject({ Path: 'nomad/jobs/shop', Items: { web_API_TOKEN: 's3cret' } })
    expect(statSync(join(conf!, 'shop.variables.json')).mode & 0o777).toBe(0o600)
    const application = read(toml!).find(({ Name: name }) => name === 'web')
    expect(application).toMatchObject({
      Networks: [{ Mode: 'bridge', DynamicPorts: [{ Label: 'web', To: 8080 }] }],
      Services: [{ Provider: 'nomad', Checks: [{ Type: 'http', Path: '/health', CheckRestart: { Limit: 3 } }] }],
      Tasks: [{ Name: 'migrate', Lifecycle: { Hook: 'prestart', Sidecar: false } }, { Name: 'web' }],
    })
    expect(read(tree!).map(({ Name: name }) => name)).toContain('scheduler')
  })

  test('--single has one group with all tasks', async () => {
    const { cwd } = sources()
    const groups = read(await exported('nomad', 'kahi.toml', cwd, '--single', '--image', 'i:1'))
    expect(groups.map(({ Name: name, Tasks: tasks }) => [name, ...tasks.map((task) => task.Name)])).toEqual([
      ['shop', 'migrate', 'db', 'web'],
    ])
  })
})

test('Kubernetes takes files of variables from Secrets, and the report says how they are made', async () => {
  const cwd = scratch()
  writeFileSync(join(cwd, 'web file.env'), 'COLOR=blue\n')
  writeFileSync(
    join(cwd, 'kahi.toml'),
    '[programs.web]\ncommand = "/srv/web"\nenv_file = ["web file.env", { path = "/etc/none.env", optional = true }]\n',
  )
  const { exitCode, stderr } = await kahi(['export', 'kubernetes', 'kahi.toml', '-o', 'out'], { cwd })
  expect(exitCode, stderr).toBe(0)
  const text = readFileSync(join(cwd, 'out/app.yaml'), 'utf8')
  expect(mistakesIn('kubernetes', [{ path: 'app.yaml', text }])).toEqual([])
  const [name = ''] = /app-[\w-]*web-file-env$/m.exec(text) ?? []
  expect(text).toContain(`envFrom:\n            - secretRef:\n                name: ${name}\n`)
  expect(text).toContain('name: app-etc-none-env\n                optional: true\n')
  expect(stderr).toContain(`hint: kubectl create secret generic ${name} --from-env-file='${cwd}/web file.env'\n`)
})
