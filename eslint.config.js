// What is looked at besides types and form: promises that are not awaited, sizes, who may touch time, signals and children.

import tseslint from 'typescript-eslint'

const never = [
  { selector: 'TSEnumDeclaration', message: 'write a union of literals' },
  { selector: 'ExportDefaultDeclaration', message: 'give it a name' },
  { selector: 'TSParameterProperty', message: 'write the field out' },
  {
    selector: 'TSAsExpression > TSAsExpression[typeAnnotation.type="TSUnknownKeyword"]',
    message: 'check the value and narrow its type',
  },
]

/** Time, signals, children and the end of the process are touched in these places only. */
const seam = ['runtime/system/**', 'runtime/shim/**', 'cli/main.ts']
/** What runs in browsers has no other clock. */
const page = 'runtime/control/web/page/**'
const toSeam = 'this belongs into runtime/system or runtime/shim'

/** Files that list the parts of a program: at least a tenth of the allowed lines is free for the next part. */
const lists = [
  'runtime/daemon/daemon.ts',
  'runtime/supervisor/{supervisor,sequencer}.ts',
  'runtime/service/{service,oneshot}.ts',
  'runtime/control/http/server.ts',
  'cli/kahi.ts',
  'tools/**',
]

const waits = 'wait with eventually() of test/helpers/wait.ts'

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'fixtures'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-restricted-syntax': ['error', ...never],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['config', 'converter', 'runtime', 'cli', 'tools', 'bench', 'fuzz'].map((folder) => `${folder}/**/*.ts`),
    rules: { 'max-lines': ['error', 300], 'max-lines-per-function': ['error', 50] },
  },
  { files: ['test/**/*.ts'], rules: { 'max-lines': ['error', 300] } },
  {
    // A file of a user may have hundreds of thousands of lines, words and comments.
    files: ['config/**/*.ts', 'converter/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...never,
        {
          selector: 'CallExpression[callee.property.name=/^(?:push|unshift)$/][arguments.length=1] > SpreadElement',
          message: 'append() of config/model/append.ts does not overflow the stack',
        },
      ],
    },
  },
  { files: lists, rules: { 'max-lines': ['error', 270] } },
  {
    files: ['config', 'converter', 'runtime', 'cli'].map((folder) => `${folder}/**/*.ts`),
    ignores: [...seam, page],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'setTimeout', message: toSeam },
        { name: 'setInterval', message: toSeam },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: toSeam },
        { object: 'process', property: 'kill', message: toSeam },
        { object: 'process', property: 'on', message: toSeam },
        { object: 'process', property: 'once', message: toSeam },
        { object: 'process', property: 'exit', message: toSeam },
      ],
      'no-restricted-imports': [
        'error',
        { paths: ['child_process', 'node:child_process', 'timers', 'node:timers', 'node:timers/promises'] },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'vitest.config.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': 'off',
      // What a test reads of JSON, its assertion checks.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // Tests wait for events, with one limit for all.
    files: ['test/**/*.ts'],
    ignores: ['test/helpers/wait.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'vi', property: 'waitFor', message: waits },
        { object: 'vi', property: 'waitUntil', message: waits },
        { object: 'expect', property: 'poll', message: waits },
        { object: 'performance', property: 'now', message: 'tests measure no time: npm run bench does' },
        { object: 'Date', property: 'now', message: 'tests measure no time: npm run bench does' },
      ],
      'no-restricted-globals': ['error', { name: 'setTimeout', message: waits }],
      'no-restricted-imports': ['error', { name: 'node:timers/promises', message: waits }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression > ObjectExpression > Property[key.name="timeout"] > Literal[value>999]',
          message: 'LIMIT_MS of test/helpers/wait.ts is the limit',
        },
      ],
    },
  },
)
