// The version of kahi; the build takes it from package.json.

declare const KAHI_VERSION: string | undefined

/** `0.1.0`; `development` when the sources run without a build. */
export const VERSION: string = typeof KAHI_VERSION === 'string' ? KAHI_VERSION : 'development'
