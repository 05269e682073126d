// The converter's guess about the effect of listener scripts.

import { expect, test } from 'vitest'
import { readPythonKiller, readShellKiller } from '../../converter/advice/killers.ts'

const LOOP = 'printf "READY\\n"; while read line; do'

test.each([
  [`${LOOP} kill -SIGQUIT $PPID; done < /dev/stdin`, { isAll: true, asks: false }],
  [`${LOOP} kill -3 $(cat "/var/run/supervisord.pid"); done < /dev/stdin`, { isAll: true, asks: false }],
  [`${LOOP} echo "$line" >&2; kill -9 1; done`, { isAll: true, asks: false }],
  [`${LOOP} if echo $line | grep -q web; then kill 1; fi; done`, { isAll: false, asks: true }],
  [`${LOOP} curl -d down https://alert; kill 1; done`, { isAll: false, asks: false }],
  [`${LOOP} echo "$(backup now)"; kill 1; done`, { isAll: false, asks: false }],
  [`${LOOP} echo gone > /var/state; kill 1; done`, { isAll: false, asks: false }],
])('shell: %s', (script, expected) => {
  expect(readShellKiller(script)).toEqual(expected)
})

const PYTHON = `#!/usr/bin/env python3
import os, signal, sys
def write_stdout(s):
    sys.stdout.write(s)
    sys.stdout.flush()
def main():
    while True:
        write_stdout('READY\\n')
        headers = dict([x.split(':') for x in sys.stdin.readline().split()])
        data = sys.stdin.read(int(headers['len']))  # the payload
        MORE
        os.kill(int(open('/run/supervisord.pid').readline()), signal.SIGQUIT)
        write_stdout('RESULT 2\\nOK')
if __name__ == '__main__':
    main()
`

test.each([
  ['pass', { isAll: true, asks: false }],
  ["sys.stderr.write('a program failed: notify(x)')", { isAll: true, asks: false }],
  ["notify('down')", { isAll: false, asks: false }],
  ["os.system('backup')", { isAll: false, asks: false }],
  ["open('/var/state', 'w').write('gone')", { isAll: false, asks: false }],
  ["if 'processname:web' in data: continue", { isAll: true, asks: true }],
])('Python: %s', (line, expected) => {
  expect(readPythonKiller(PYTHON.replace('MORE', line))).toEqual(expected)
})

test('a module that is not known may do anything', () => {
  expect(readPythonKiller(PYTHON.replace('import os,', 'import requests, os,').replace('MORE', 'pass')).isAll).toBe(
    false,
  )
})
