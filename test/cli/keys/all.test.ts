// Every key of kahi.toml has a test of its effect through dist/kahi: in this folder, or in a file that is named here.

import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tableRows } from '../../../config/keys/tables.ts'
import { namesIn } from './declare.ts'

/** For each file below test/, the keys that only this file tests, as TABLE: KEYS. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'cli/dependencies/*.test.ts': {
    programs: 'depends_on ready timeout_up timeout_down timeout_depends essential',
    oneshots: 'up down timeout_up timeout_down depends_on autostart',
    bundles: 'contents',
    supervisor: 'boot',
  },
  'cli/watch.test.ts': { programs: 'watch reload_command', oneshots: 'watch' },
  'cli/access.test.ts': { 'server.http': 'access certificate certificate_key tokens', 'server.unix': 'tokens' },
  'cli/receivers.test.ts': {
    webhooks:
      'url events programs format template content_type secret secret_file headers authorization_file ca timeout attempts queue_size queue_directory',
    log_targets:
      'kind url programs streams labels facility syslog_format headers authorization_file ca timeout batch_wait buffer',
  },
  'cli/fleet.test.ts': { peers: 'url headers authorization_file ca timeout' },
  'cli/inherit.test.ts': { programs: 'env_file like', oneshots: 'env_file' },
  'cli/schedule.test.ts': { programs: 'schedule', oneshots: 'schedule' },
  'cli/dependency-lost.test.ts': { programs: 'on_dependency_lost' },
  'cli/usage.test.ts': { programs: 'max_memory max_cpu on_limit limit_interval' },
  'cli/health.test.ts': { programs: 'health on_unhealthy' },
  'cli/events.test.ts': { supervisor: 'journal_size' },
  'cli/supervisord.test.ts': { supervisor: 'nodaemon directory umask' },
  'cli/ends.test.ts': {
    oneshots: 'on_fatal',
    programs: 'on_exit on_fatal exit_code exit_signal_base',
    supervisor: 'main',
  },
  'cli/survive/*.test.ts': { supervisor: 'survive' },
  'compat/s6/overlay.test.ts': { oneshots: 'timeout_depends', supervisor: 'run_layout' },
  'image/s6-world.test.ts': { supervisor: 'scan_depends_on scan_timeout_down' },
  'config/read/values.test.ts': { ctl: 'prompt history_file' },
}

test('every key has a test', async () => {
  const all = tableRows.flatMap(({ kind, explained }) => Object.keys(explained).map((name) => `${kind}.${name}`))
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts') && name !== 'all.test.ts')
  const here = await namesIn(files.map((name) => `./${name}`))
  const elsewhere = Object.values(ELSEWHERE).flatMap((tables) =>
    Object.entries(tables).flatMap(([table, names]) => names.split(' ').map((name) => `${table}.${name}`)),
  )
  expect([...here].filter((name) => !all.includes(name))).toEqual([])
  expect(all.filter((name) => !here.has(name)).sort()).toEqual(elsewhere.sort())
})
