import rxjs from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

const clockAndChance = {
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'performance'].map((name) => ({ name, message: 'Time comes from the scheduler.' })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Time comes from the scheduler.' },
    { object: 'Math', property: 'random', message: 'Chance comes from the context.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Time comes from the scheduler.' },
    { selector: 'TSEnumDeclaration, TSModuleDeclaration', message: 'Erasable syntax only.' },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: [
        { name: 'rxjs', importNames: ['asapScheduler', 'queueScheduler', 'animationFrameScheduler'], message: 'They are global.' },
        { name: 'rxjs', importNames: ['firstValueFrom', 'lastValueFrom'], message: 'No promise between source and subscriber.' },
        ...['timers', 'node:timers', 'timers/promises', 'node:timers/promises', 'perf_hooks', 'node:perf_hooks'].map((name) => ({
          name,
          message: 'Time comes from the scheduler.',
        })),
      ],
    },
  ],
};

const clockAndChanceOff = Object.fromEntries(['no-restricted-globals', 'no-restricted-properties'].map((rule) => [rule, 'off']));

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, rxjs.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 5 }],
      '@typescript-eslint/consistent-generic-constructors': 'off', // isolatedDeclarations wants the type on the left
      '@typescript-eslint/consistent-indexed-object-style': 'off', // a mapped type says what its keys are
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-inferrable-types': 'off', // what is exported says its type
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'rxjs-x/no-ignored-takewhile-value': 'off', // the table decides, not the value
      'rxjs-x/throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }], // what is caught is passed on as it came
    },
  },
  {
    files: ['src/**/*.ts', 'operators/**/*.ts'],
    rules: {
      ...clockAndChance,
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  // Here rooms meet the outside: sockets, kafkajs, a test's clock.
  { files: ['src/transport/kafkajs/**/*.ts', 'src/testing/**/*.ts'], rules: clockAndChanceOff },
  // A partition's stream is an Observable with more on it, by contract.
  { files: ['src/consumer/**/*.ts'], rules: { 'rxjs-x/no-subclass': 'off' } },
  // Handlers may return nothing: the public signature says `void`.
  { files: ['operators/**/*.ts', 'test/**/*.ts'], rules: { '@typescript-eslint/no-invalid-void-type': 'off' } },
  {
    files: ['test/**/*.ts', 'demo/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'simulation/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'rxjs-x/no-exposed-subjects': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-nested-subscribe': 'off', // what user code does inside `next` is tested
      'rxjs-x/no-subclass': 'off',
      'rxjs-x/no-sharereplay': 'off',
      'rxjs-x/throw-error': 'off',
    },
  },
  {
    files: ['demo/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'simulation/**/*.ts', 'test/support/**/*.ts', 'test/**/children/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['test/support/**/*.ts'], rules: { 'max-lines': ['error', 250] } },
);
