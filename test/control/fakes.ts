// A supervisor and services as plain objects, for tests that need only control.

import type { Config } from '../../config/settings/config.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import { reportChange } from '../../runtime/plan/change-report.ts'
import { config } from '../helpers/settings.ts'
import type { Controlled, ControlledService } from '../../runtime/control/operations/supervised.ts'
import { Journal } from '../../runtime/events/journal.ts'
import type { StateName } from '../../runtime/events/event.ts'
import { BootRecord } from '../../runtime/supervisor/boot-record.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import type { ProcessInfo, StartOutcome, StopOutcome } from '../../runtime/service/context.ts'

/** A service that carries out each call; `calls` lists them. */
export interface FakeService extends ControlledService {
  readonly calls: string[]
  state: StateName
  startOutcome: Promise<StartOutcome> | StartOutcome
  stopOutcome: Promise<StopOutcome> | StopOutcome
  text: string | undefined
  /** The error that clearing its logs throws. */
  clearError: Error | undefined
  emit(text: string): void
}

/** Makes a service. */
export function fakeService(group: string, name: string, state: StateName = 'stopped'): FakeService {
  const listeners = new Set<(chunk: Buffer) => void>()
  const service: FakeService = {
    name,
    group,
    state,
    input: { write: async () => 'written' },
    runBeside: async () => ({ code: 0, signal: undefined, coreDumped: false }),
    environment: () => [{ name: 'A', value: '1', origin: 'kahi' }],
    settings: {
      program: name,
      name,
      group,
      priority: 999,
      autostart: true,
      exitcodes: [0],
      reload_command: 'true',
    } as unknown as ProcessSettings,
    calls: [],
    startOutcome: 'started',
    stopOutcome: 'stopped',
    text: '',
    clearError: undefined,
    info: () => infoOf(service),
    start: async () => {
      service.calls.push('start')
      return service.startOutcome
    },
    stop: async () => {
      service.calls.push('stop')
      return service.stopOutcome
    },
    untilAtRest: async () => {},
    untilSpawned: async () => {},
    signal: async (number) => {
      service.calls.push(`signal ${number}`)
      return 'signalled'
    },
    log: () => {
      if (service.text === undefined) return undefined
      const text = service.text
      return {
        tail: (bytes) => Buffer.from(text).subarray(-bytes),
        size: () => Buffer.byteLength(text),
        read: (start, count) => Buffer.from(text).subarray(start, start + count),
        lines: () => text.split('\n').map((line) => ({ atMs: undefined, line })),
        clear: () => {
          if (service.clearError !== undefined) throw service.clearError
          service.text = ''
        },
        follow: (listener) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      }
    },
    emit: (text) => {
      for (const listener of listeners) listener(Buffer.from(text))
    },
  }
  return service
}

function infoOf({ group, name, state }: FakeService): ProcessInfo {
  const pid = state === 'running' || state === 'starting' || state === 'stopping' ? 4711 : 0
  return {
    name,
    group,
    kind: 'program',
    state,
    isUp: ['starting', 'running', 'backoff'].includes(state),
    ready: undefined,
    waitingFor: [],
    pid,
    startedAtMs: pid === 0 ? 0 : 1_000_500,
    stoppedAtMs: 0,
    nowMs: 1_010_700,
    exitStatus: 0,
    spawnError: '',
    survivors: [],
    deaths: [],
    statusText: '',
    description: pid === 0 ? 'Not started' : 'pid 4711, uptime 0:00:10',
    stdoutLogfile: '/log',
    stderrLogfile: '',
  }
}

/** The fake daemon that control uses; it records bugs and the shutdown. */
export interface FakeControlled extends Controlled {
  readonly bugs: unknown[]
  phase: 'running' | 'stopping'
  hasShutDown: boolean
}

/** Puts services under control. */
export function control(services: readonly FakeService[]): FakeControlled {
  const bugs: unknown[] = []
  const clock = new FakeClock()
  const boot = new BootRecord(() => clock.nowMs())
  const controlled: FakeControlled = {
    helper: {
      isAnswering: true,
      responds: () => Promise.resolve(true),
      whileAnswering: (work) => work,
    },
    clock,
    bugs,
    phase: 'running',
    hasShutDown: false,
    version: '1.2.3',
    calledAs: 'supervisord',
    pid: 99,
    nodePid: 98,
    upgrade: async () => ({ from: '1.2.3', to: '1.2.4', proceed: () => {} }),
    mainLog: undefined,
    configuration: {
      last: { groups: [], supervisor: { identifier: 'fake', environment: {} } } as unknown as Config,
      reread: async () => ({ added: [], changed: [], removed: [], unchanged: [] }),
      inForce: async () => ({ config: config([]), tables: [], isCurrent: true }),
      preview: async () => reportChange(undefined, config([])),
      apply: async () => reportChange(undefined, config([])),
      addGroup: async () => false,
      removeGroup: async () => false,
      applyProgram: async () => {},
    },
    measure: async () => new Map(),
    emit: () => {},
    journal: new Journal(0, 10_000),
    askPeers: async () => [],
    deliveries: {
      webhookStatuses: () => [
        {
          name: 'ops',
          url: 'https://hooks.example.com/(hidden)',
          format: 'slack',
          queued: 1,
          sent: 2,
          failed: 0,
          dropped: 0,
          lastStatus: 200,
          lastError: '',
        },
      ],
      logTargetStatuses: () => [
        {
          name: 'loki',
          kind: 'loki',
          url: 'http://127.0.0.1:3100',
          queuedBytes: 512,
          sentLines: 3,
          droppedLines: 0,
          lastError: '',
        },
      ],
      testWebhook: async (name) => (name === 'ops' ? { kind: 'sent', status: 200 } : undefined),
    },
    metrics: { text: async () => ({ contentType: 'text/plain', body: 'kahi_info 1\n' }) },
    restart: () => {},
    supervisor: {
      boot,
      stoppedWith: () => [],
      takeDown: (ids) => controlled.supervisor.order.takeDown(ids),
      order: {
        graph: { needs: new Map(), names: new Map() },
        startPlan: () => [],
        stopPlan: () => [],
        bringUp: () => new Map(),
        restart: (ids) =>
          new Map(
            services
              .filter(({ group, name }) => [...ids].includes(`${group}:${name}`))
              .map((service) => [`${service.group}:${service.name}`, restart(service)]),
          ),
        cancelStart: () => false,
        takeDown: (ids) =>
          new Map(
            services
              .filter(({ group, name }) => [...ids].includes(`${group}:${name}`))
              .map((service) => [`${service.group}:${service.name}`, service.stop()]),
          ),
      },
      get phase() {
        return controlled.phase
      },
      services: () => services,
      group: (name) => {
        const members = services.filter(({ group }) => group === name)
        return members.length === 0 ? undefined : members
      },
      find: (group, name) => services.find((service) => service.group === group && service.name === name),
      start: (service) => service.start(),
      restart: restart,
      stop: (service) => service.stop(),
    },
    shutdown: () => {
      controlled.hasShutDown = true
    },
    reportBug: (error) => void bugs.push(error),
  }
  return controlled
}

async function restart(service: Pick<ControlledService, 'start' | 'stop'>): Promise<StartOutcome> {
  await service.stop()
  return service.start()
}
