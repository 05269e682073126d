// Types of build-shim.mjs for the tests, which are type-checked; the tool itself must run without a build.

/** What may differ from the usual build. */
export interface BuildOptions {
  readonly flags?: readonly string[]
  readonly compilers?: readonly (readonly string[])[]
}

/** Builds `outFile`; gives the command that did it, or undefined when none could. */
export function buildShim(outFile: string, options?: BuildOptions): string | undefined

/** Builds the commands of s6 in the same way. */
export function buildTools(outFile: string, options?: BuildOptions): string | undefined
