// Python's own XML-RPC client calls every method on supervisord and on kahi: answers, faults and signatures are the same.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { isInstalled, type Pair, run } from './pair.ts'

const PROGRAM = String.raw`
import base64, json, sys, xmlrpc.client
from supervisor.xmlrpc import SupervisorTransport
url, conf = sys.argv[1:3]
transport = SupervisorTransport(None, None, url)
server = xmlrpc.client.ServerProxy('http://127.0.0.1', transport=transport)
answers = []
def tell(what, value): answers.append([what, value])
def ask(method, *params):
    what = method + json.dumps(params)
    try: value = getattr(server, method)(*params)
    except xmlrpc.client.Fault as fault: value = ['fault', fault.faultCode, fault.faultString]
    except xmlrpc.client.ProtocolError as error: value = ['status', error.errcode]
    tell(what, value)
    return value
S = 'supervisor.'
methods = ask('system.listMethods')
for name in methods:
    ask('system.methodSignature', name)
ask('system.methodSignature', 'nope.nope')
ask('system.methodHelp', 'nope')
for name in ('getAPIVersion', 'getVersion', 'getSupervisorVersion', 'getIdentification', 'getState', 'getAllProcessInfo', 'getAllConfigInfo'):
    ask(S + name)
    ask(S + name, 1)
ask('nope'); ask('supervisor'); ask('supervisor.nope'); ask('supervisor._update', 'x'); ask('a.b.c'); ask('nope.getState')
for name in ('web', 'web:web', 'w:w_0', 'w:w_1', 'w', 'w:*', 'nope', 'nope:nope', '', ':', 'off'):
    ask(S + 'getProcessInfo', name)
ask(S + 'getProcessInfo')
for group in ('off', 'nope', 'w'):
    ask(S + 'startProcessGroup', group)
ask(S + 'startProcess', 'off', False); ask(S + 'stopProcess', 'off', True); ask(S + 'stopProcess', 'off'); ask(S + 'startProcess', 'off')
ask(S + 'startProcess', 'web'); ask(S + 'startProcess', 'brief'); ask(S + 'startProcess', 'nope'); ask(S + 'startProcess', 'w:*')
ask(S + 'stopProcess', 'off:*'); ask(S + 'stopProcess', 'nope:*'); ask(S + 'stopProcessGroup', 'nope'); ask(S + 'stopProcess', 'lost')
ask(S + 'signalProcess', 'web', 'WINCH'); ask(S + 'signalProcess', 'web', '28'); ask(S + 'signalProcess', 'web', 28); ask(S + 'signalProcess', 'web', 'NOPE')
ask(S + 'signalProcess', 'off', 'HUP'); ask(S + 'signalProcess', 'nope', 'HUP'); ask(S + 'signalProcessGroup', 'nope', 'HUP'); ask(S + 'signalProcessGroup', 'web', 'NOPE')
ask(S + 'signalProcess', 'web:*', 'WINCH'); ask(S + 'signalAllProcesses', 'NOPE')
for method in ('readProcessStdoutLog', 'readProcessLog', 'readProcessStderrLog', 'tailProcessStdoutLog', 'tailProcessLog', 'tailProcessStderrLog'):
    for offset, length in ((0, 0), (0, 3), (2, 2), (-3, 0), (-100, 0), (-3, 3), (0, -1), (99, 0), (4, 100), (0, 100), (6, 5), (5, 5)):
        ask(S + method, 'web', offset, length)
    ask(S + method, 'nope', 0, 0); ask(S + method, 'w:*', 0, 0); ask(S + method, 'quiet', 0, 0); ask(S + method, 'web')
ask(S + 'readLog', 0, -1); ask(S + 'readLog', -1, 1); ask(S + 'readLog', 10000000, 0); ask(S + 'readMainLog', 0, 3) and None
ask(S + 'sendProcessStdin', 'web', 'x'); ask(S + 'sendProcessStdin', 'off', 'x'); ask(S + 'sendProcessStdin', 'nope', 'x'); ask(S + 'sendProcessStdin', 'web:*', 'x')
ask(S + 'sendProcessStdin', 'echo', 'grüße\n')
ask(S + 'sendRemoteCommEvent', 'kind', 'data'); ask(S + 'sendRemoteCommEvent', 'kind')
ask(S + 'clearProcessLogs', 'web'); ask(S + 'clearProcessLog', 'nope'); ask(S + 'clearProcessLogs', 'w:*'); ask(S + 'readProcessLog', 'web', 0, 0)
ask(S + 'reloadConfig'); ask(S + 'addProcessGroup', 'web'); ask(S + 'addProcessGroup', 'nope'); ask(S + 'removeProcessGroup', 'web'); ask(S + 'removeProcessGroup', 'nope')
ask(S + 'removeProcessGroup', 'off'); ask(S + 'reloadConfig'); ask(S + 'addProcessGroup', 'off'); ask(S + 'addProcessGroup', 'off')
ask('system.multicall', [
    {'methodName': 'supervisor.getState'}, {'methodName': 'supervisor.getProcessInfo', 'params': ['nope']},
    {'methodName': 'system.multicall', 'params': [[]]}, {'params': []}, {'methodName': 'supervisor.startProcess', 'params': ['lost']},
    {'methodName': 'supervisor.stopAllProcesses', 'params': [True]}, {'methodName': 'nope.nope', 'params': []}])
ask(S + 'clearLog')
ask(S + 'shutdown')
print(json.dumps(answers))
`

/** Where kahi is meant to differ, and from what: told in docs/compat/supervisord.md. */
const MEANT: Readonly<Record<string, string>> = {}

async function askAll(pair: Pair): Promise<readonly (readonly [string, unknown])[]> {
  const { daemon, socket, conf, directory } = await run(pair)
  const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', PROGRAM, `unix://${socket}`, conf])
  await daemon.ended()
  return JSON.parse(mask(stdout, directory)) as (readonly [string, unknown])[]
}

/** Results of several processes come as they are done. */
function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const isOutcomes = value.every((one) => typeof one === 'object' && one !== null && 'status' in one)
  return isOutcomes ? value.map((one) => JSON.stringify(one)).sort() : value.map(sorted)
}

function mask(text: string, directory: string): string {
  return text
    .replaceAll(directory, 'DIR')
    .replaceAll(/"(start|stop|now)": [1-9]\d*/g, '"$1": "TIME"')
    .replaceAll(/"pid": [1-9]\d*/g, '"pid": "PID"')
    .replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T')
    .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'WHEN')
    .replaceAll(/DIR\/[^"]*---supervisor-\w+\.log/g, 'AUTO')
}

test.skipIf(!isInstalled)(
  'every method answers Python’s client as supervisord does (needs supervisor installed)',
  async () => {
    const [real, ours] = await Promise.all([
      askAll({ daemon: 'supervisord', client: 'supervisorctl' }),
      askAll({ daemon: 'kahi', client: 'supervisorctl' }),
    ])
    expect(real.length).toBeGreaterThan(180)
    const show = (answers: typeof real) =>
      answers.filter(([what]) => !(what in MEANT)).map(([what, value]) => [what, sorted(value)])
    expect(show(ours)).toEqual(show(real))
  },
)
