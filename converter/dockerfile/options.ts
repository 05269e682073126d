// The options of `kahi migrate` for Dockerfiles, and which files are Dockerfiles. Nothing here loads the rest.

import type { FormatOption } from '../format.ts'

/** The two ways. */
export const WAYS = ['drop-in', 'converted'] as const
/** The daemons that --runs can name. */
export const DAEMONS = ['supervisord', 's6-overlay', 's6', 'manager'] as const

/** The options, by their names on the command line. */
export const DOCKERFILE_OPTIONS: Readonly<Record<string, FormatOption & { readonly choices?: readonly string[] }>> = {
  as: {
    type: 'string',
    choices: WAYS,
    summary:
      'Dockerfile: drop-in (the default) puts kahi under the old names and leaves all files as they are; converted adds a stage that writes a kahi.toml',
  },
  context: {
    type: 'string',
    summary: 'Dockerfile: the folder of the build context; by default that of the Dockerfile',
  },
  target: { type: 'string', summary: 'Dockerfile: the stage that is built; the last one by default' },
  'build-arg': { type: 'string', many: true, summary: 'Dockerfile: values of ARG, as NAME=VALUE' },
  kahi: {
    type: 'string',
    summary:
      'Dockerfile: the image, or the tarball in the build context, that has kahi; by default the tarball of this release',
  },
  platform: {
    type: 'string',
    summary: 'Dockerfile: the machines that the image is built for: linux/amd64, linux/arm64 or both, with a comma',
  },
  'base-image': { type: 'string', summary: 'Dockerfile: begin with this image instead' },
  conf: {
    type: 'string',
    summary: 'Dockerfile: the path of supervisord’s configuration in the image, if it cannot be seen',
  },
  runs: {
    type: 'string',
    choices: DAEMONS,
    summary: 'Dockerfile: what the container runs, if it cannot be seen; manager is the program of flush-manager',
  },
}

/** Whether a file is a Dockerfile by its name. */
export function isDockerfile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/\.(?:dockerignore|toml|md|ya?ml|json)$/i.test(name)) return false
  return /^(?:Dockerfile|Containerfile)(?:[.-].*)?$|\.(?:dockerfile|containerfile)$/i.test(name)
}
