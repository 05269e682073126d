// One container of a Pod. Source: Kubernetes 1.33, core/v1 Container.

import type { Check } from '../../../config/model/checks.ts'
import type { EnvFile } from '../../../config/model/env-file.ts'
import type { ProcessSettings } from '../../../config/settings/process.ts'
import { isSecretName } from '../../../config/values/secrets.ts'
import { capabilityNames } from '../../../config/values/capabilities.ts'
import { signalName } from '../../../config/values/signal.ts'
import { splitCommand } from '../../../config/values/command.ts'
import { checkCommand } from '../plan/checks.ts'
import { containerCommand, environmentOf, outerVariables, plainName } from '../plan/container.ts'
import type { Plan } from '../plan/plan.ts'
import type { Unit } from '../plan/unit.ts'
import { writeText } from '../plan/variables.ts'

/** An object that becomes YAML. */
export type Fields = Readonly<Record<string, unknown>>

/** What a container is made with. */
export interface ContainerOptions {
  readonly image: string
  readonly name: string
  /** The names of the ConfigMap and the Secret of the whole. */
  readonly config: string
  readonly secret: string
}

/** A container; that of a oneshot has no probes. */
export function containerOf(unit: Unit, plan: Plan, { image, name, config, secret }: ContainerOptions): Fields {
  const { settings, kind } = unit
  const isProgram = kind === 'program'
  return defined({
    name,
    image,
    command: containerCommand(unit, plan.sources).map(expanded),
    workingDir: settings.directory === undefined ? undefined : fixed(settings.directory),
    envFrom: listed(environmentSources(settings, config)),
    env: listed(variables(unit, name, config, secret)),
    readinessProbe: isProgram ? probeOf(settings.ready, settings.ready?.deadline) : undefined,
    livenessProbe:
      isProgram && ['restart', 'stop', 'shutdown'].includes(settings.on_unhealthy.kind)
        ? probeOf(settings.health, undefined)
        : undefined,
    lifecycle: isProgram ? stopHook(settings) : undefined,
    resources: resourcesOf(settings),
    securityContext: rightsOf(unit),
  })
}

/** The end of a path tells more than its beginning. */
const LONGEST = 48

/** A file of variables, or a directory with a file for each, is a Secret that the user makes of it. */
export function fileSecret({ path }: EnvFile, whole: string): string {
  return `${whole}-${plainName(path.slice(-LONGEST))}`
}

function environmentSources({ env_file: read }: ProcessSettings, whole: string): readonly Fields[] {
  return (read?.files ?? []).map((file) => ({
    secretRef: defined({ name: fileSecret(file, whole), optional: file.optional ? true : undefined }),
  }))
}

/** The variables: those of the source by their values, secrets and outer variables by reference. */
function variables(unit: Unit, container: string, config: string, secret: string): readonly Fields[] {
  const { plain, secret: hidden } = environmentOf(unit.settings)
  const own = new Set(Object.keys(unit.settings.environment))
  const outer = outerVariables(unit).filter(({ variable }) => !own.has(variable))
  return [
    ...outer.map(({ variable }) => {
      const key = isSecretName(variable) ? 'secretKeyRef' : 'configMapKeyRef'
      const name = isSecretName(variable) ? secret : config
      return { name: variable, valueFrom: { [key]: { name, key: variable } } }
    }),
    ...plain.map(([name, value]) => ({ name, value: expanded(value) })),
    ...hidden.map(([name]) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key: secretKey(container, name) } },
    })),
  ]
}

/** The key of a secret of a container. */
export function secretKey(container: string, variable: string): string {
  return `${container}.${variable}`
}

/** Kubernetes replaces `$(X)`, and `$$` becomes one dollar. */
export function expanded(text: string): string {
  return writeText(
    text,
    ({ variable }) => `$(${variable})`,
    (literal) => literal.replaceAll(/\$(?=[$(]|$)/g, '$$$$'),
  )
}

/** A text that knows no variables has their defaults. */
export function fixed(text: string): string {
  return writeText(text, ({ fallback }) => fallback ?? '')
}

function probeOf(
  source: ProcessSettings['ready'] | ProcessSettings['health'],
  deadline: number | undefined,
): Fields | undefined {
  if (source === undefined) return undefined
  const action = actionOf(source.check, source.timeout)
  if (action === undefined) return undefined
  const { interval, timeout } = source
  const start = 'start_period' in source ? source.start_period : 0
  return defined({
    ...action,
    periodSeconds: Math.max(1, Math.round(interval)),
    timeoutSeconds: Math.max(1, Math.ceil(timeout)),
    initialDelaySeconds: start > 0 ? Math.round(start) : undefined,
    failureThreshold: 'failures' in source ? source.failures : deadline === undefined ? undefined : 1,
  })
}

function actionOf(check: Check, timeout: number): Fields | undefined {
  if (check.kind === 'tcp') return { tcpSocket: { port: check.port, ...hostOf(check.host) } }
  if (check.kind === 'http' && check.rules?.method === undefined) {
    const { protocol, hostname, port, pathname, search } = new URL(check.url)
    const isSecure = protocol === 'https:'
    const headers = Object.entries(check.rules?.headers ?? {}).map(([name, value]) => ({ name, value }))
    const all = {
      path: `${pathname}${search}`,
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      scheme: isSecure ? 'HTTPS' : undefined,
      httpHeaders: listed(headers),
      ...hostOf(hostname),
    }
    return { httpGet: defined(all) }
  }
  const words = checkCommand(check, timeout)
  return words === undefined ? undefined : { exec: { command: words.map(fixed) } }
}

/** A probe goes to the address of the Pod. */
function hostOf(host: string): Fields {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1?\]?|\*|)$/.test(host) ? {} : { host }
}

/** `preStop` runs the stop command, or sends another signal than SIGTERM, and waits for the end. */
function stopHook({ stop_command: stop, stopsignal }: ProcessSettings): Fields | undefined {
  if (stop !== undefined) {
    const split = typeof stop === 'string' ? splitCommand(stop) : { words: stop }
    const script = 'MAINPID=1; export MAINPID; exec "$@"'
    return 'words' in split
      ? { preStop: { exec: { command: ['/bin/sh', '-c', script, 'sh', ...split.words] } } }
      : undefined
  }
  const name = signalName(stopsignal)
  if (name === 'SIGTERM') return undefined
  const script = `kill -${name.replace('SIG', '')} 1; while kill -0 1; do sleep 1; done`
  return { preStop: { exec: { command: ['/bin/sh', '-c', script] } } }
}

function resourcesOf({ limits }: ProcessSettings): Fields | undefined {
  const { memory, cpu } = limits ?? {}
  if (memory === undefined && cpu === undefined) return undefined
  return {
    limits: defined({
      cpu: cpu === undefined ? undefined : String(cpu),
      memory: memory === undefined ? undefined : String(memory),
    }),
  }
}

function rightsOf({ user, settings }: Unit): Fields | undefined {
  const { capabilities, no_new_privs: locked } = settings
  const [uid, gid] = (user ?? '')
    .split(':')
    .map((one) => (/^\d+$/.test(one) ? Number(one) : one === 'root' ? 0 : undefined))
  const kept = capabilities === undefined ? undefined : capabilityNames(capabilities).map((name) => name.toUpperCase())
  const found = defined({
    runAsUser: uid,
    runAsGroup: gid,
    allowPrivilegeEscalation: locked ? false : undefined,
    capabilities: kept === undefined ? undefined : defined({ drop: ['ALL'], add: listed(kept) }),
  })
  return Object.keys(found).length === 0 ? undefined : found
}

/** Without fields that are undefined. */
export function defined(all: Fields): Fields {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** A list that is not empty. */
export function listed<T>(all: readonly T[]): readonly T[] | undefined {
  return all.length === 0 ? undefined : all
}
