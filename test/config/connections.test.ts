import { generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { clusterOf, parseConnections, sourceOf } from '../../config/connections.ts'
import type { Vault } from '../../config/references.ts'
import { SyncError } from '../../model/errors.ts'

const SECRETS: Readonly<Record<string, string>> = {
  PW: 's3cret: "{[#',
  NUMBER: '12345678901234567890',
  CONNECTIONS: '20',
  SHOP_PASSWORD: 'p',
  SHOP_SEAL_KEY: '0123456789abcdef',
}

const vault: Vault = {
  env(name) {
    const value = SECRETS[name]
    if (value === undefined)
      throw new Error(`needs the environment variable ${name}, which is not set`)
    return value
  },
  file: (path) => `content of ${path}`,
}

const CLUSTERS = 'clusters: { main: { endpoints: ["h:16000"] } }\n'
const source = (settings: string): string => `sources: { shop: { ${settings} } }\n${CLUSTERS}`
const read = (text: string) => parseConnections(text, 'connections.yaml', vault)

function problems(text: string): string {
  try {
    read(text)
  } catch (error) {
    expect((error as SyncError).code).toBe('CONFIG_INVALID')
    return (error as SyncError).detail
  }
  return ''
}

describe('a connections file', () => {
  test('names sources and clusters; mysql and hbase go without saying', () => {
    const { sources, clusters } = read(source('address: "h:3306", user: u, password: p'))
    expect([...sources.values()].map(({ name, kind }) => [name, kind])).toEqual([['shop', 'mysql']])
    expect([...clusters.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['main', 'hbase'],
    ])
  })

  test('the dialect and the store may be said', () => {
    const { sources, clusters } = read(
      'sources: { a: { dialect: mysql, address: "h:1", user: u, password: p } }\nclusters: { b: { store: memory } }',
    )
    expect(sources.get('a')?.kind).toBe('mysql')
    expect(clusters.get('b')?.kind).toBe('memory')
  })

  test('opens what its settings describe', async () => {
    const { clusters } = read(`sources: {}\nclusters: { here: { store: memory } }`)
    const sink = await clusters.get('here')?.open()
    expect(await sink?.server()).toBeTruthy()
    await sink?.close()
  })

  test('a secret is never read as YAML, and a number stays the text it is', () => {
    const { secrets } = read(
      source(
        'address: "h:3306", user: "${env:NUMBER}", password: "a${env:PW}b", sealKey: "${file:/k/seal}"',
      ),
    )
    expect(secrets).toContain('s3cret: "{[#')
    expect(secrets).toContain('content of /k/seal')
  })

  test('a password in the file itself is kept out of what is printed too', () => {
    expect(read(source('address: "h:3306", user: u, password: plain')).secrets).toContain('plain')
  })

  test('where a number is wanted, the environment may say it', () => {
    const text = source(
      'address: "h:3306", user: u, password: p, connections: "${env:CONNECTIONS}"',
    )
    expect(problems(text)).toBe('')
    expect(problems(text.replace('CONNECTIONS', 'PW'))).toContain(
      'sources.shop.connections should be a number, not text',
    )
  })

  test.each([
    ['neither', '{}'],
    ['both', '{ endpoints: ["h:1"], zookeeper: { quorum: "z:1" } }'],
  ])('a cluster is told by endpoints or ZooKeeper: %s is refused', (_which, cluster) => {
    expect(problems(`sources: {}\nclusters: { main: ${cluster} }`)).toContain(
      'clusters.main.endpoints or zookeeper must be given, not both',
    )
  })

  test('the example is right', async () => {
    expect(problems(await readFile('config/connections.example.yaml', 'utf8'))).toBe('')
  })
})

describe('what is refused', () => {
  const LOGIN = 'address: "h:1", user: u, password: p'
  test.each([
    [
      'an unknown option',
      source(`${LOGIN}, adress: x`),
      'sources.shop.adress is not known; did you mean address?',
    ],
    [
      'an unknown option inside',
      source(`${LOGIN}, ssl: {caa: x}`),
      'sources.shop.ssl.caa is not known; did you mean ca?',
    ],
    ['an option left out', source('address: "h:1", password: p'), 'sources.shop.user is missing'],
    [
      'a wrong type',
      source('address: "h:1", user: 5, password: p'),
      'sources.shop.user should be text, not a number; put it in quotes',
    ],
    [
      'an unknown dialect',
      source('dialect: mysqll'),
      'sources.shop.dialect should be one of mysql; did you mean mysql?',
    ],
    [
      'an unknown store',
      'sources: {}\nclusters: {a: {store: hbse}}',
      'connections.yaml:2: clusters.a.store should be one of hbase, memory; did you mean hbase?',
    ],
    [
      'a variable that is not set',
      source('address: "h:1", user: u, password: "${env:NO}"'),
      'sources.shop.password needs the environment variable NO, which is not set',
    ],
    [
      'another kind of reference',
      source('address: "h:1", user: u, password: "${NO}"'),
      'sources.shop.password holds a reference that is neither ${env:NAME} nor ${file:/path}',
    ],
    [
      'a name for no task queue',
      'sources: {My Shop: {}}\nclusters: {}',
      'sources.My Shop should be a name of at most 60 lower-case letters',
    ],
    [
      'a section that is unknown',
      `${source(LOGIN)}cluster: {}`,
      'connections.yaml:3: cluster is not known; did you mean clusters?',
    ],
    ['a section left out', 'sources: {}', 'clusters is missing'],
  ])('%s', (_, text, said) => {
    expect(problems(text)).toContain(said)
  })

  test('all at once, and without any secret', () => {
    const said = problems(
      `sources:\n  a: { address: "\${env:PW}", user: 5, password: "\${env:PW}" }\n  b: { adress: x }\nclusters: {}\n`,
    )
    expect(said).toContain('sources.a.address must be host:port')
    expect(said).toContain('sources.a.user')
    expect(said).toContain('sources.b.adress')
    expect(said).not.toContain('s3cret')
  })
})

test('a name that the file does not have is told with the one nearest to it', () => {
  const connections = read(source('address: "h:1", user: u, password: p'))
  expect(sourceOf(connections, 'shop').name).toBe('shop')
  expect(() => sourceOf(connections, 'shpo')).toThrow(
    'The connections file names no such source: shpo; did you mean shop?',
  )
  expect(() => clusterOf(connections, 'other')).toThrow(new SyncError('CLUSTER_UNKNOWN', 'other'))
})

describe('a protected cluster', () => {
  const cluster = (settings: string): string =>
    `sources: {}\nclusters: { main: { endpoints: ["h:16000"], ${settings} } }\n`

  test('names its certificates by files, and the key is a secret', () => {
    const { clusters, secrets } = read(
      cluster('tls: { ca: "${file:/ca.pem}", cert: "${file:/c.pem}", key: "${file:/k.pem}" }'),
    )
    expect(clusters.get('main')?.kind).toBe('hbase')
    expect(secrets).toContain('content of /k.pem')
  })

  test('is opened with what the file says: what the client cannot use is told', async () => {
    const { clusters } = read(cluster('tls: { ca: "no certificate" }'))
    await expect(clusters.get('main')?.open()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('tls: ca cannot be used') as string,
    })
  })

  test.each([
    ['tls: { certificate: x }', /certificate is not known/],
    ['kerberos: { servicePrincipal: hbase }', /must be like hbase\/_HOST@EXAMPLE.COM/],
    ['kerberos: { servicePrincipal: hbase/_HOST, protection: auth-conf }', /protection/],
    ['kerberos: {}', /servicePrincipal/],
  ])('%s is refused', (settings, says) => {
    expect(problems(cluster(settings))).toMatch(says)
  })
})

describe('the key certificates are signed with', () => {
  const pem = (type: 'ed25519' | 'ed448'): string => {
    const { privateKey } =
      type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')
    return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  }
  const signed = (key: string) => {
    const text = `sources: {}\n${CLUSTERS}certificate: { signingKey: "\${file:signing.pem}" }`
    return () => parseConnections(text, 'connections.yaml', { ...vault, file: () => key })
  }

  test('is a private Ed25519 key in PEM, and a secret', () => {
    const key = pem('ed25519')
    const connections = signed(key)()
    expect(connections.signingKey?.asymmetricKeyType).toBe('ed25519')
    expect(connections.secrets).toContain(key)
    expect(read(`sources: {}\n${CLUSTERS}`).signingKey).toBeNull()
  })

  test.each([
    ['another kind of key', pem('ed448')],
    ['no key at all', 'S3CRET'],
  ])('is refused when it is %s, without a letter of it', (_what, key) => {
    expect(signed(key)).toThrow(/signingKey should be a private Ed25519 key in PEM\. Make one with/)
    expect(signed(key)).not.toThrow(new RegExp(key.slice(30, 60) || key))
    expect(signed(key)).not.toThrow(/S3CRET/)
  })
})
