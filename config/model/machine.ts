// Facts about the machine that are needed to read a configuration.

/** A user as the kernel knows it. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
  /** Supplementary groups, including the primary group. */
  readonly groups: readonly number[]
}

/** The machine as a configuration sees it. Tests and `--assume-image` use their own. */
export interface Machine {
  /** The environment for `%(ENV_X)s` and `${X}`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly hostName: string
  /** The user id of kahi. */
  readonly uid: number
  /** Base of relative paths. */
  readonly workingDirectory: string
  /** Directory of AUTO logs when `childlogdir` is not set. */
  readonly temporaryDirectory: string
  /** The ids of a user, given by name or number; undefined when there is no such user. */
  findUser(nameOrId: string): UserIds | undefined
  /** The gid of a group, given by name or number; undefined when there is no such group. */
  findGroup(nameOrId: string): number | undefined
  isDirectory(path: string): boolean
  /** Replaces `~` and `~user` at the beginning of a path by the home directory. */
  expandHome(path: string): string
}
