// Plug-ins of supervisord are recognised and answered with what kahi does instead.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatDiagnostic } from '../../../config/diagnostic.ts'
import { convert } from '../../../converter/convert.ts'
import { testMachine } from '../../helpers/machine.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

function answersTo(section: string): string[] {
  const file = join(makeFolder(), 's.conf')
  writeFileSync(file, `[supervisord]\n${section}`)
  const { diagnostics } = convert(file, testMachine())
  return diagnostics.map((found) => formatDiagnostic(found).replaceAll(file, 's.conf'))
}

const rpc = (factory: string): string => `[rpcinterface:x]\nsupervisor.rpcinterface_factory = ${factory}`
const ctl = (factory: string): string => `[ctlplugin:x]\nsupervisor.ctl_factory = ${factory}`
const listener = (command: string): string => `[eventlistener:x]\ncommand = ${command}\nevents = EVENT`

test.each([
  [
    'the main interface',
    rpc('supervisor.rpcinterface:make_main_rpcinterface'),
    's.conf:2:1: note: [rpcinterface:x] is not needed',
  ],
  [
    'supervisor_twiddler',
    rpc('supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface'),
    'send SIGHUP to the daemon',
  ],
  ['supervisor_cache', rpc('supervisor_cache.rpcinterface:make_cache_rpcinterface'), 'keep them in a file'],
  ['mr.laforge', ctl('mr.laforge.controllerplugin:CustomControllerPlugin'), '`kahi ctl start NAME…` waits'],
  [
    'supervisor-wildcards',
    ctl('supervisorwildcards.controllerplugin:WildCardsControllerPlugin'),
    'takes several names',
  ],
  ['supvisors', rpc('supvisors.plugin:make_supvisors_rpcinterface'), 'joins the daemons of several machines'],
  [
    'an unknown one',
    rpc('a:b'),
    's.conf:2:1: warning: [rpcinterface:x] is a Python plug-in of the daemon, which kahi cannot load\n',
  ],
  [
    'supervisor-stdout',
    listener('/usr/bin/python -m supervisor_stdout'),
    'stdout_logfile = "/dev/stdout" and log_format = "prefix"',
  ],
  ['supervisor-logging', listener('supervisor_logging'), 'stdout_syslog = true'],
  [
    'ordered-startup-supervisord',
    listener('ordered-startup-supervisord'),
    'depends_on = ["NAME"] in each program that waits, and ready',
  ],
  [
    'supervisord-dependent-startup',
    listener('supervisord-dependent-startup'),
    'depends_on = ["NAME"] in each program that waits, and ready',
  ],
])('%s', (_, section, expected) => {
  expect(answersTo(section)).toEqual([expect.stringContaining(expected)])
})

test('superlance needs no answer: its listeners are converted', () => {
  expect(answersTo(listener('crashmail -a -m root@localhost'))).toEqual([])
})
