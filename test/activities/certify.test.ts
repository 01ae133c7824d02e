import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { chained, flawOf, publicKeyOf, sealed } from '../../activities/certify.ts'
import type { Certificate, CertifiedTable } from '../../model/project.ts'
import { certificate as given } from '../cli/given.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')

const table: CertifiedTable = {
  ...(given().tables[0] as CertifiedTable),
  mapping: {
    name: 'goods',
    source: 'shop',
    cluster: 'main',
    target: 'goods',
    anchor: 'shop.goods',
    families: [],
    rowKey: {},
    accept: [],
  },
  links: { 0: { rows: 3, cells: 9, digest: 'a'.repeat(16) } },
}

const without = <Whole extends object, Name extends keyof Whole>(
  whole: Whole,
  ...names: readonly Name[]
): Omit<Whole, Name> =>
  Object.fromEntries(
    Object.entries(whole).filter(([name]) => !names.includes(name as Name)),
  ) as Omit<Whole, Name>

function issued(key = privateKey): Certificate {
  const content = without(given({ tables: [chained(table)] }), 'digest')
  return JSON.parse(JSON.stringify(sealed(content, key))) as Certificate
}

describe('a certificate', () => {
  test('is signed with the key that is given, and right as it was issued', () => {
    const certificate = issued()
    expect(flawOf(certificate)).toBeNull()
    expect(certificate.signature?.publicKey).toBe(publicKeyOf(publicKey))
    const { signature, ...unsigned } = certificate
    expect(signature?.algorithm).toBe('Ed25519')
    expect(flawOf(unsigned)).toBeNull()
  })

  test.each<[what: string, changed: (certificate: Certificate) => Certificate]>([
    ['its rows', (one) => ({ ...one, tables: one.tables.map((t) => ({ ...t, rows: 1 })) })],
    ['its verdict', (one) => ({ ...one, clean: !one.clean })],
    ['a server', (one) => ({ ...one, servers: {} })],
    ['its date', (one) => ({ ...one, issuedAt: '2026-11-21T12:10:01.000Z' })],
    ['its digest', (one) => ({ ...one, digest: '0'.repeat(64) })],
  ])('is wrong when %s was changed', (_what, changed) => {
    expect(flawOf(changed(issued()))).toMatch(/changed after it was issued$/)
  })

  test('is wrong when it was changed and its digest made anew', () => {
    const { signature, ...rest } = issued()
    const content = without(rest, 'digest')
    const forged = sealed({ ...content, clean: false }, null)
    expect(flawOf({ ...forged, ...(signature === undefined ? {} : { signature }) })).toMatch(
      /signature is not that of what it says/,
    )
    // without a signature nobody can tell
    expect(flawOf(forged)).toBeNull()
  })

  test.each<[what: string, change: Partial<CertifiedTable>]>([
    ['a link', { links: { 0: { rows: 3, cells: 9, digest: 'b'.repeat(16) } } }],
    ['the number of a link', { links: { 1: { rows: 3, cells: 9, digest: 'a'.repeat(16) } } }],
    ['the schema', { schemaHash: 'another' }],
    ['the mode', { mode: 'count' }],
    ['the target', { to: 'main:other' }],
  ])('has another chain when %s is another', (_what, change) => {
    expect(chained({ ...table, ...change }).chain).not.toBe(chained(table).chain)
    const content = without(issued(), 'digest', 'signature')
    const tables = content.tables.map((one) => ({ ...one, ...change }))
    expect(flawOf(sealed({ ...content, tables }, privateKey))).toMatch(/chain of goods/)
  })
})
