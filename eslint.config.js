// What is looked at besides types and form: promises that nobody awaits, and what the house rules out.

import tseslint from 'typescript-eslint'

const never = [
  { selector: 'TSEnumDeclaration', message: 'write a union of literals' },
  { selector: 'ExportDefaultDeclaration', message: 'give it a name' },
  { selector: 'TSParameterProperty', message: 'write the field out' },
]

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
    files: ['test/**/*.ts', 'vitest.config.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-restricted-syntax': 'off' },
  },
)
