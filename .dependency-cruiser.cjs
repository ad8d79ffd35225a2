/**
 * The arrows between the rooms. A room may import itself and what stands below it, and nothing else; rooms of one line do not see each other.
 * Written from the bottom up.
 */
const lines = [['errors'], ['model'], ['protocol'], ['transport'], ['cluster'], ['table'], ['offsets', 'fetch', 'group'], ['consumer']];

const folder = (names) => `^src/(${names.join('|')})/`;

/**
 * options and observe stand beside the rooms: the one knows them for types and defaults, and the consumer reads what it made of the user's; the
 * other knows events only, and the consumer sends it those.
 */
const beside = (room) => (room === 'consumer' ? ['^src/options(\\.ts$|/)', '^src/observe/'] : []);

const arrows = lines.flatMap((line, height) =>
  line.map((room) => ({
    name: `${room}-looks-down-only`,
    comment: `${room} may import itself and: ${lines.slice(0, height).flat().join(', ') || 'nothing'}`,
    severity: 'error',
    from: { path: folder([room]) },
    to: { path: '^(src|operators)/', pathNot: [folder([room, ...lines.slice(0, height).flat()]), ...beside(room)] },
  })),
);

const forbidden = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const packages = { rxjs: '^node_modules/(@types/)?rxjs/', kafkajs: '^node_modules/kafkajs/' };

module.exports = {
  forbidden: [
    ...arrows,
    forbidden('no-circular', 'A file holds one idea; two that need each other are one.', {}, { circular: true }),
    forbidden('resolvable', 'Every import leads somewhere.', {}, { couldNotResolve: true }),
    forbidden(
      'model-imports-types-only',
      'model is types and arithmetic.',
      { path: '^src/model/' },
      { pathNot: '^src/model/', dependencyTypesNot: ['type-only', 'type-import'] },
    ),
    forbidden(
      'pure-rooms',
      'errors and protocol know neither rxjs nor kafkajs.',
      { path: '^src/(errors|protocol)/' },
      { path: [packages.rxjs, packages.kafkajs] },
    ),
    forbidden(
      'kafkajs-stays-in-its-adapter',
      'Only transport/kafkajs imports kafkajs; fromKafka may import its types.',
      { path: '^(src|operators)/', pathNot: '^src/(transport/kafkajs/|fromKafka\\.ts$)' },
      { path: packages.kafkajs },
    ),
    forbidden(
      'front-door-knows-only-types-of-kafkajs',
      'fromKafka may import the types of kafkajs only.',
      { path: '^src/fromKafka\\.ts$' },
      { path: packages.kafkajs, dependencyTypesNot: ['type-only', 'type-import'] },
    ),
    forbidden(
      'connectors-are-wired-by-the-front-door',
      'Only fromKafka imports transport/kafkajs.',
      { path: '^(src|operators)/', pathNot: '^src/(transport/kafkajs/|fromKafka\\.ts$)' },
      { path: '^src/transport/kafkajs/' },
    ),
    forbidden(
      'testing-is-for-users',
      'Nothing of the library imports testing, except the front door.',
      { path: '^(src|operators)/', pathNot: '^src/(testing/|fromKafka\\.ts$)' },
      { path: '^src/testing/' },
    ),
    forbidden(
      'testing-implements-the-port',
      'testing knows the port and what stands below it.',
      { path: '^src/testing/' },
      { path: '^(src|operators)/', pathNot: '^src/(testing|errors|model|protocol|transport)/' },
    ),
    forbidden(
      'the-model-of-a-cluster-is-pure',
      'testing/model knows neither rxjs nor time: who drives it hands both in.',
      { path: '^src/testing/model/' },
      { path: ['^src/(transport|testing)/', '^node_modules/'], pathNot: ['^src/testing/model/'] },
    ),
    forbidden(
      'observe-knows-events-only',
      'observe imports errors and model.',
      { path: '^src/observe/' },
      { path: '^(src|operators)/', pathNot: '^src/(observe|errors|model)/' },
    ),
    forbidden(
      'options-stand-beside-the-consumer',
      'options knows the rooms for their types and defaults, not who wires them.',
      { path: '^src/options(\\.ts$|/)' },
      { path: '^(src/(consumer/|fromKafka|index|testing/|transport/kafkajs/)|operators/)' },
    ),
    forbidden(
      'operators-import-little',
      'operators import rxjs, errors, and types of model.',
      { path: '^operators/' },
      { path: '.', pathNot: ['^operators/', '^src/(errors|model)/', packages.rxjs] },
    ),
    forbidden(
      'operators-know-only-types-of-model',
      'operators import types of model.',
      { path: '^operators/' },
      { path: '^src/model/', dependencyTypesNot: ['type-only', 'type-import'] },
    ),
    forbidden(
      'library-does-not-know-operators',
      'operators are built on the public face, not the other way round.',
      { path: '^src/' },
      { path: '^operators/' },
    ),
    forbidden(
      'public-list-is-imported-by-nobody',
      'index.ts is for users.',
      { path: '^(src|operators)/' },
      { path: '^(src|operators)/index\\.ts$' },
    ),
    forbidden(
      'no-runtime-dependencies',
      'Peers only: rxjs and kafkajs; optional peers are loaded by createRequire.',
      { path: '^(src|operators)/' },
      { path: '^node_modules/', pathNot: [packages.rxjs, packages.kafkajs, '^node_modules/@types/node/'] },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
