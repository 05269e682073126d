// The order of all folders with sources: for each folder the layers of its sub-folders, the lowest first. A folder may import
// those in layers below its own; folders of one layer never meet.

/** The layers of the sub-folders of each folder. `.` is the checkout. */
export const FLOORS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '.': [['config'], ['converter', 'runtime'], ['cli']],
  config: [['model'], ['values'], ['keys'], ['settings'], ['graph'], ['resolve'], ['toml']],
  converter: [['execline'], ['s6-rc'], ['advice', 'kahi', 's6', 's6-overlay', 'supervisord'], ['dockerfile', 'export']],
  'converter/export': [['plan'], ['compose', 'kubernetes', 'nomad', 's6', 'systemd']],
  'converter/supervisord': [['export']],
  runtime: [
    ['system'],
    ['events', 'log', 'process', 'shim'],
    ['service'],
    ['outbound'],
    ['log-targets', 'peers', 'webhooks'],
    ['listeners', 'metrics', 'plan', 'schedule', 'watch'],
    ['supervisor'],
    ['control'],
    ['daemon'],
  ],
  'runtime/service': [['machine'], ['memory'], ['process']],
  'runtime/shim': [['client', 'fallback']],
  'runtime/control': [['operations'], ['http'], ['rest', 's6', 'web', 'xmlrpc']],
  'runtime/control/operations': [['shapes']],
  cli: [
    ['check', 'graph', 'install', 'migrate', 'run'],
    ['ctl', 'export'],
    ['commands', 'compat'],
  ],
  'cli/compat': [['init', 'manager', 'supervisorctl']],
}

/** Folders with pure functions only, each with the files of runtime/ whose types they may name. */
export const PURE: Readonly<Record<string, readonly string[]>> = {
  'runtime/plan/': [],
  'runtime/service/machine/': ['runtime/events/event.ts', 'runtime/shim/shim.ts'],
}

/** The only file of runtime/control/ that names other parts of the runtime; `system` is below all of them. */
export const INTERFACE = 'runtime/control/operations/supervised.ts'

/** The files and folders that may import each package. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'smol-toml': ['config/toml/parse.ts'],
  yaml: ['converter/export/plan/yaml.ts', 'converter/export/compose/read-back.ts', 'converter/compose/compose.ts'],
  yargs: ['cli/kahi.ts'],
  chalk: ['cli/print.ts'],
  'dockerfile-ast': ['converter/dockerfile/parse.ts'],
  'prom-client': ['runtime/metrics/exposition.ts', 'runtime/metrics/prom-client.d.ts'],
  'lit-html': ['runtime/control/web/page/'],
  'kahi:page': ['runtime/control/web/page-files.ts'],
  bcryptjs: ['runtime/control/http/password-hashes.ts', 'cli/commands/hash-password.ts'],
  croner: ['runtime/schedule/schedules.ts'],
  re2js: ['runtime/service/process/line-matcher.ts'],
  valibot: ['runtime/control/rest/', 'runtime/control/operations/shapes/', 'cli/ctl/client.ts'],
  '@valibot/to-json-schema': ['runtime/control/rest/openapi.ts'],
}
