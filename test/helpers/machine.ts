// A simulated machine: the test sets its users, groups, directories and environment.

import type { Machine } from '../../config/model/machine.ts'

/** A machine with user `app` (1000, groups 1000 and 50), group `www` (33) and any directory that does not begin with /missing. */
export function testMachine(overrides: Partial<Machine> = {}): Machine {
  return {
    environment: { HOME: '/root', PORT: '8080', EMPTY: '' },
    hostName: 'node-1',
    uid: 0,
    workingDirectory: '/work-dir',
    temporaryDirectory: '/tmp',
    findUser: (name) => (name === 'app' || name === '1000' ? { uid: 1000, gid: 1000, groups: [1000, 50] } : undefined),
    findGroup: (name) => (name === 'www' ? 33 : undefined),
    isDirectory: (path) => !path.startsWith('/missing'),
    expandHome: (path) => path.replace(/^~(?=\/|$)/, '/root'),
    ...overrides,
  }
}
