// The files of the page, which tools/build-page.ts builds from the folder page/.

declare module 'kahi:page' {
  /** Name → text. */
  export const files: Readonly<Record<string, string>>
}
