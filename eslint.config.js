import tseslint from 'typescript-eslint'

/** Folders are rooms; each may import only from the rooms listed here (house.md 2). Type-only imports across a wall are listed apart. */
const ROOMS = [
  'activities',
  'bench',
  'cli',
  'config',
  'demo',
  'hbase',
  'model',
  'plan',
  'services',
  'sinks',
  'sources',
  'transform',
  'workers',
  'workflows',
]

/** A wall: files of one room, the rooms they may enter, and what else they must not import. */
const wall = (files, rooms, { except = [], types = [], packages = [] } = {}) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: ROOMS.filter((room) => !rooms.includes(room) && !types.includes(room))
              .flatMap((room) => [`../${room}/**`, `../../${room}/**`])
              .concat(except.map((path) => `!${path}`)),
            message: 'This wall is drawn in house.md: data flows source -> transform -> sink.',
          },
          ...types.map((room) => ({
            group: [`../${room}/**`, `../../${room}/**`].concat(except.map((path) => `!${path}`)),
            allowTypeImports: true,
            message: `Only types may be imported from ${room}/.`,
          })),
          ...(packages.length > 0
            ? [{ group: packages, message: 'This folder is kept free of these packages.' }]
            : []),
        ],
      },
    ],
  },
})

const PURE = ['node:*', 'mysql2', 'mysql2/*', '@temporalio/*', 'zod', 'yaml', 'pino', 'prom-client']

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.services', '.demo', '.longhaul', 'cli/bin.js'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      complexity: ['error', 10],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use an `as const` object.' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  wall(['model/**/*.ts'], ['model'], { packages: PURE }),
  wall(['transform/**/*.ts'], ['transform', 'model'], { packages: PURE }),
  wall(['plan/**/*.ts'], ['plan', 'model'], { packages: PURE }),
  wall(['workflows/**/*.ts'], ['workflows', 'model', 'plan'], {
    types: ['activities'],
    packages: PURE.filter((name) => name !== '@temporalio/*'),
  }),
  wall(['sources/**/*.ts'], ['sources', 'model'], { packages: ['@temporalio/*'] }),
  wall(['hbase/**/*.ts'], ['hbase'], { packages: PURE.filter((name) => name !== 'node:*') }),
  wall(['sinks/**/*.ts'], ['sinks', 'model'], { packages: ['@temporalio/*', 'mysql2'] }),
  wall(['sinks/hbase/**/*.ts'], ['sinks', 'model', 'hbase'], {
    packages: ['@temporalio/*', 'mysql2'],
  }),
  wall(['activities/**/*.ts'], ['activities', 'model', 'transform', 'plan'], {
    types: ['sources', 'sinks'],
    packages: ['mysql2', 'mysql2/*', '@temporalio/worker'],
  }),
  wall(['config/**/*.ts'], ['config', 'model'], {
    packages: ['@temporalio/*', 'mysql2', 'mysql2/*'],
  }),
  wall(['config/connections.ts'], ['config', 'model', 'sources', 'sinks'], {
    packages: ['@temporalio/*', 'mysql2', 'mysql2/*'],
  }),
  wall(['cli/**/*.ts'], ['cli', 'model', 'config', 'services', 'workers'], {
    types: ['workflows'],
    except: ['../workflows/messages.ts'],
    packages: ['mysql2', 'mysql2/*', '@temporalio/worker'],
  }),
  wall(
    ['workers/**/*.ts'],
    ROOMS.filter((room) => !['cli', 'demo', 'bench', 'services'].includes(room)),
  ),
  wall(['services/**/*.ts'], ['services']),
  {
    files: ['cli/**/*.ts', 'demo/**/*.ts', 'services/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', '*.config.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
)
