// Where an image has kahi from, and where it lies in the image.

/** The directory of kahi in an image. */
export const HOME = '/opt/kahi'
/** Where archives are unpacked: their directory is the last part of HOME. */
const UNPACKED = '/opt/'
/** The program. */
export const PROGRAM = `${HOME}/kahi`
/** The name of the stage, or of the build context, that has kahi. */
export const STAGE = 'kahi'
/** The configuration of the converted way; `kahi` finds it there. */
export const CONFIG = '/etc/kahi.toml'

/** The machines that releases are made for, by the names of Docker. */
export const MACHINES = { amd64: 'x64', arm64: 'arm64' } as const

/** A machine, by the name of Docker. */
export type MachineName = keyof typeof MACHINES

/** Where kahi comes from: an image, or the tarball of a release in the build context. */
export interface Origin {
  readonly version: string
  /** The name of an image, or of a file of the build context; undefined for the tarball of this version. */
  readonly named: string | undefined
  /** The machines that the image is built for. */
  readonly machines: readonly MachineName[]
  /** The image has no C library for the Node.js of a release, but Node.js in its packages. */
  readonly isMusl: boolean
}

/** The lines that define the stage with kahi. */
export function stageLines({ version, named, machines, isMusl }: Origin): readonly string[] {
  if (named !== undefined && !/\.(?:tar|tgz)/.test(named)) return [`FROM ${named} AS ${STAGE}`]
  const tarball = (machine: MachineName): string =>
    named ?? `kahi-${version}-${isMusl ? 'noarch' : `linux-${MACHINES[machine]}`}.tar.gz`
  const [first = 'amd64', ...others] = machines
  if (others.length === 0 || named !== undefined || isMusl)
    return [`FROM scratch AS ${STAGE}`, `ADD ${tarball(first)} ${UNPACKED}`]
  const each = machines.flatMap((machine) => [
    `FROM scratch AS ${STAGE}-${machine}`,
    `ADD ${tarball(machine)} ${UNPACKED}`,
  ])
  return [...each, `FROM ${STAGE}-\${TARGETARCH} AS ${STAGE}`]
}

/** What must lie in the build context. */
export function neededFiles({ version, named, machines, isMusl }: Origin): readonly string[] {
  if (named !== undefined) return /\.(?:tar|tgz)/.test(named) ? [named] : []
  if (isMusl) return [`kahi-${version}-noarch.tar.gz`]
  return machines.map((machine) => `kahi-${version}-linux-${MACHINES[machine]}.tar.gz`)
}
