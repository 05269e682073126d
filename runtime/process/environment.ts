// The environment of a service: the daemon's own, then the variables that supervisord adds for every process, then
// those of the configuration.

import type { ProcessSettings } from '../../config/settings/process.ts'

/** Variables that are meant for the daemon alone; the launcher sets them. */
const LAUNCHER_VARIABLES = ['KAHI_ARGV0', 'KAHI_NODE_EXTRA_CA_CERTS', 'KAHI_NOFILE', 'KAHI_SHIM_PARENT']

/** A variable of a process, and where its value comes from. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** The environment of the daemon, kahi itself, /etc/passwd (key login_env), a file of env_file, or the configuration. */
  readonly origin: 'daemon' | 'kahi' | 'login_env' | 'env_file' | 'configuration'
}

/**
 * The complete environment of a process. `serverUrl` is the address of the first server, if there is one. Source:
 * supervisor 4.2.5, Subprocess.set_environment and _spawn_as_child.
 */
export function childEnvironment(
  settings: Pick<ProcessSettings, 'name' | 'group' | 'serverurl' | 'environment' | 'env_file'>,
  serverUrl: string | undefined,
  daemonEnvironment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment = ownEnvironment(daemonEnvironment)
  const url = settings.serverurl || serverUrl
  environment.SUPERVISOR_ENABLED = '1'
  if (url !== undefined) environment.SUPERVISOR_SERVER_URL = url
  environment.SUPERVISOR_PROCESS_NAME = settings.name
  environment.SUPERVISOR_GROUP_NAME = settings.group
  for (const [name, value] of Object.entries(settings.env_file?.variables ?? {}))
    if (value === null) delete environment[name]
    else environment[name] = value
  return Object.assign(environment, settings.environment)
}

/** The daemon's environment without the changes of the launcher. */
export function ownEnvironment(
  daemonEnvironment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(daemonEnvironment)) if (value !== undefined) environment[name] = value
  const certificates = environment.KAHI_NODE_EXTRA_CA_CERTS
  if (certificates !== undefined) environment.NODE_EXTRA_CA_CERTS = certificates
  for (const name of LAUNCHER_VARIABLES) delete environment[name]
  return environment
}
