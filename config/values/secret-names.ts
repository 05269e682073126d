// Names of keys, variables, options and headers that sound as if their value were a secret.

/** Parts of names that mean a secret value, at word boundaries: `ADMIN_PWD`, `cookieSalt`, `api-key`. */
const SECRET =
  /(?<!com|by|tres)pass(?!ive|enger|port|thr)|secret|token|credential|auth|private|licen[cs]e|webhook|bearer|jwt|(?:api|app|access|account|deploy|encryption|master|session|shared|signing|ssh|storage)key|(?:^|[._-])(?:key|pwd|pw|pass|salt|pin|otp|dsn|cookie|sig|signature|hash|creds?|nonce|seed)(?:$|[._-])/i
const IN_CAMEL = /[a-z](?:Key|Pwd|Salt|Pin)(?:$|[A-Z_-])/

/** Whether the name of a key, variable or option sounds secret. */
export function isSecretName(name: string): boolean {
  return name.length <= 256 && (SECRET.test(name) || IN_CAMEL.test(name))
}
