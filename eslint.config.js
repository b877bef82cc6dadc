import tseslint from 'typescript-eslint';

const processReason =
  'Only src/main.ts, src/capture.ts and src/process touch the process; take what you need as an argument.';
const timerReason = 'Use the injected Clock: it obeys the abort signal and tests can drive it.';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test/conformance/suite', '.cache', '**/*.as.ts'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported; no export *.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
        {
          selector:
            ":matches(CallExpression[callee.property.name='addEventListener'][arguments.0.value='abort'], CallExpression[callee.name='once'][arguments.1.value='abort'])",
          message: `Wait by src/lib/waiting.ts, which leaves no listener behind.`,
        },
        {
          selector:
            "CallExpression[callee.property.name='catch'][callee.object.callee.property.name='sleep']",
          message: 'Use `pause` of src/lib/waiting.ts, which hides nothing but the abort.',
        },
      ],
    },
  },
  {
    // What everything else waits by.
    files: ['src/lib/waiting.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['src/**/*.ts', '{pumps,templates}/**/*.ts'],
    ignores: ['src/main.ts', 'src/capture.ts', 'src/process/**', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', { name: 'process', message: processReason }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:process', message: processReason },
            { name: 'process', message: processReason },
          ],
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['{pumps,templates}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: processReason },
        { name: 'setTimeout', message: `Sinks never wait; the courier does. ${timerReason}` },
        { name: 'setInterval', message: `Sinks start no timers. ${timerReason}` },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts', 'src/pump/testing/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.mjs', '**/*.js', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
);
