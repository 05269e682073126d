/** What esbuild tells about a bundle, as far as tests read it: output file → what it holds and imports. */
export interface Bundle {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly entryPoint?: string
        readonly inputs: Readonly<Record<string, unknown>>
        readonly imports: readonly { readonly path: string; readonly kind: string }[]
      }
    >
  >
}

/** Bundles cli/main.ts and the daemons into a folder. */
export function bundle(folder: string): Promise<Bundle>

/** Builds all of dist/; gives the compiler that built the helper. */
export function buildAll(): Promise<string | undefined>
