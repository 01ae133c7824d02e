import { describe, expect, test } from 'vitest'
import { ERRORS, HBaseError, KeyType } from '../../hbase/index.ts'
import { RemoteFault, backoffMs } from '../../hbase/faults.ts'
import { canonicalTableName, parseTableName } from '../../hbase/table-name.ts'
import { checkMutation, checkSplits } from '../../hbase/check.ts'
import { Coverage } from '../../hbase/scan/coverage.ts'
import { ResultRows } from '../../hbase/scan/rows.ts'
import { Patience } from '../../hbase/patience.ts'
import { RegionCache } from '../../hbase/region-cache.ts'
import type { Region } from '../../hbase/region.ts'
import { bytes, cell, marker } from './server.ts'
import { checkHosts, parseAddress, reachable } from '../../hbase/address.ts'
import { HBaseClient } from '../../hbase/index.ts'

const region = (start: string, end: string, id = 1, seqNum = 1): Region => ({
  table: 't',
  name: Buffer.from(`t,${start},${id}`),
  specifier: Buffer.alloc(0),
  start: Buffer.from(start),
  end: Buffer.from(end),
  id: BigInt(id),
  seqNum: BigInt(seqNum),
  server: `s${id}:1`,
  info: {},
})
const row = (key: string) => ({ row: Buffer.from(key), cells: [] })

describe('what is refused before it is sent', () => {
  const limits = { maxCellBytes: 1000, atomic: true }
  const one = (change: object, key = 'r') => ({
    row: Buffer.from(key),
    cells: [{ ...cell('q', 1, 'v'), ...change }],
  })

  test.each([
    ['an empty row key', one({}, ''), 'ROW_KEY_INVALID'],
    ['a row key of 32768 bytes', one({}, 'k'.repeat(32_768)), 'ROW_KEY_INVALID'],
    ['a mutation without cells', row('r'), 'CELL_INVALID'],
    ['a negative timestamp', one({ timestamp: -1 }), 'NEGATIVE_TIMESTAMP'],
    ['half a millisecond', one({ timestamp: 0.5 }), 'NEGATIVE_TIMESTAMP'],
    ['no number as a timestamp', one({ timestamp: Number.NaN }), 'NEGATIVE_TIMESTAMP'],
    ['a timestamp above 2^53', one({ timestamp: 2 ** 53 }), 'NEGATIVE_TIMESTAMP'],
    ['no family', one({ family: Buffer.alloc(0) }), 'FAMILY_INVALID'],
    ['a family of 128 bytes', one({ family: Buffer.alloc(128, 65) }), 'FAMILY_INVALID'],
    ['an unknown type', one({ type: 5 }), 'CELL_INVALID'],
    ['a marker with a value', one({ type: KeyType.deleteColumn }), 'CELL_INVALID'],
    ['a family marker with a column', { ...row('r'), cells: [marker(14, 1, 'q')] }, 'CELL_INVALID'],
    ['a cell above the limit', one({ value: Buffer.alloc(1001) }), 'CELL_TOO_LARGE'],
  ])('%s', (_what, mutation, code) => {
    expect(checkMutation(mutation, limits)).toBe(code)
  })

  test('a row of more bytes than a request may have, though no cell is too large', () => {
    const large = cell('q', 1, Buffer.alloc(9 << 20))
    const cells = (count: number) => ({
      row: bytes('r'),
      cells: Array.from({ length: count }, () => large),
    })
    const usual = { ...limits, maxCellBytes: 10 << 20 }
    expect(checkMutation(cells(14), usual)).toBeGreaterThan(126 << 20)
    expect(checkMutation(cells(15), usual)).toBe('ROW_TOO_LARGE')
  })

  test('but not what lies just inside the limits', () => {
    expect(
      checkMutation(one({}, 'k'.repeat(32_767)), { ...limits, maxCellBytes: 1e6 }),
    ).toBeGreaterThan(0)
    expect(checkMutation(one({ timestamp: 0 }), limits)).toBeGreaterThan(0)
    expect(checkMutation(one({ timestamp: Number.MAX_SAFE_INTEGER }), limits)).toBeGreaterThan(0)
  })

  test('markers in a write that is not atomic', () => {
    const mutation = { row: Buffer.from('r'), cells: [marker(KeyType.deleteFamily, 1)] }
    expect(checkMutation(mutation, { ...limits, atomic: false })).toBe('MARKER_NOT_ATOMIC')
  })

  test.each([
    ['twice the same', ['a', 'a']],
    ['descending', ['m', 'c']],
    ['an empty one', ['']],
    ['descending as bytes, though not as numbers', ['\u007f', '\u0001']],
  ])('split keys: %s', (_what, keys) => {
    const splits = keys.map((key) => Buffer.from(key))
    expect(() => {
      checkSplits(splits, 't')
    }).toThrow(expect.objectContaining({ code: 'SPLITS_INVALID' }))
  })

  test('ascending binary split keys pass', () => {
    checkSplits([Buffer.from([0x7f]), Buffer.from([0x80]), Buffer.from([0x80, 0])], 't')
  })
})

describe('the proof that a scan saw everything', () => {
  const coverage = (start = '', stop = '') =>
    new Coverage({ table: 't', start: Buffer.from(start), stop: Buffer.from(stop) })
  const incomplete: unknown = expect.objectContaining({ code: 'SCAN_INCOMPLETE' })
  const chain = [region('', 'm'), region('m', '')]

  test('holds when regions follow each other to the end', () => {
    const proof = coverage()
    for (const [start, end] of [
      ['', 'm'],
      ['m', 't'],
      ['t', ''],
    ] as const) {
      expect(proof.complete).toBe(false)
      proof.enter(region(start, end))
      proof.rows(new ResultRows([row(`${start}a`), row(`${start}b`)]))
      proof.leave()
    }
    expect(proof.complete).toBe(true)
    proof.finish(chain)
  })

  test('holds when the range ends inside a region, or where one begins', () => {
    for (const stop of ['n', 'm']) {
      const proof = coverage('b', stop)
      proof.enter(region('', 'm'))
      proof.leave()
      expect(proof.complete).toBe(stop === 'm')
    }
  })

  test('fails when the scan stops before the last region', () => {
    const proof = coverage()
    proof.enter(region('', 'm'))
    proof.rows(new ResultRows([row('a')]))
    proof.leave()
    expect(() => {
      proof.finish(chain)
    }).toThrow(incomplete)
  })

  test('fails when a region was never said to be exhausted', () => {
    const proof = coverage()
    proof.enter(region('', ''))
    proof.rows(new ResultRows([row('a')]))
    expect(() => {
      proof.finish(chain)
    }).toThrow(incomplete)
  })

  test.each([
    ['overlap', [region('', 'm'), region('c', '')]],
    ['leave a hole', [region('', 'c'), region('m', '')]],
    ['do not begin with the first row', [region('c', '')]],
    ['do not end with the last row', [region('', 'c')]],
    ['are none', []],
    ['lie in each other', [region('', ''), region('c', 'm'), region('m', '')]],
  ])('fails when the regions of the table %s', (_what, regions) => {
    const proof = coverage()
    proof.enter(region('', ''))
    proof.leave()
    expect(() => {
      proof.finish(regions)
    }).toThrow(incomplete)
  })

  test('fails on a hole between regions', () => {
    const proof = coverage()
    proof.enter(region('', 'm'))
    proof.leave()
    expect(() => {
      proof.enter(region('n', ''))
    }).toThrow(incomplete)
  })

  test.each([
    ['descend', ['b', 'a']],
    ['repeat', ['a', 'a']],
    ['leave the region', ['z']],
  ])('fails when rows %s', (_what, keys) => {
    const proof = coverage()
    proof.enter(region('', 'm'))
    expect(() => {
      proof.rows(new ResultRows(keys.map(row)))
    }).toThrow(incomplete)
  })

  test('goes on behind the last row when a region has split meanwhile', () => {
    const proof = coverage()
    proof.enter(region('', ''))
    proof.rows(new ResultRows([row('a'), row('k')]))
    proof.enter(region('j', ''))
    expect(() => {
      proof.rows(new ResultRows([row('k')]))
    }).toThrow(incomplete)
    proof.rows(new ResultRows([row('l')]))
    proof.leave()
    proof.finish(chain)
  })
})

describe('known regions', () => {
  test('are found by their bytes', () => {
    const cache = new RegionCache()
    for (const [start, end] of [
      ['m', ''],
      ['', 'c'],
      ['c', 'm'],
    ] as const)
      cache.add(region(start, end))
    const startOf = (key: Uint8Array) => cache.find(key)?.start.toString()
    expect(
      [Buffer.from(''), Buffer.from('b'), Buffer.from('c'), Buffer.from([0xff])].map(startOf),
    ).toEqual(['', '', 'c', 'm'])
  })

  test('hold no row behind their end', () => {
    const cache = new RegionCache()
    cache.add(region('c', 'm'))
    for (const key of ['b', 'm', 'z']) expect(cache.find(Buffer.from(key))).toBeUndefined()
  })

  test('are where the latest opening was, whoever tells', () => {
    const cache = new RegionCache()
    const first = region('', '', 1, 5)
    const at = () => cache.find(Buffer.from('a'))?.server
    cache.add(first)
    for (const seqNum of [4n, 5n]) expect(cache.move(first, { server: 'b:1', seqNum })).toBe(false)
    expect(at()).toBe('s1:1')
    expect(cache.move(first, { server: 'b:1', seqNum: 6n })).toBe(true)
    // hbase:meta as it was before the move.
    cache.add(first)
    expect(at()).toBe('b:1')
    cache.add({ ...first, server: 'c:1', seqNum: 7n })
    expect(at()).toBe('c:1')
  })

  test('give way to newer ones that overlap them, never to older ones', () => {
    const cache = new RegionCache()
    cache.add(region('', '', 1))
    cache.add(region('c', 'm', 5))
    expect(cache.find(Buffer.from('a'))).toBeUndefined()
    cache.add(region('', '', 2))
    expect(cache.find(Buffer.from('d'))?.id).toBe(5n)
  })
})

describe('answers of the server', () => {
  const name = (simple: string) => `org.apache.hadoop.hbase.${simple}`

  test.each([
    // The region is elsewhere, or nowhere.
    ['NotServingRegionException', 'relocate'],
    ['UnknownRegionException', 'relocate'],
    ['exceptions.RegionOfflineException', 'relocate'],
    ['regionserver.WrongRegionException', 'misplaced'],
    ['exceptions.RegionMovedException', 'moved'],
    ['exceptions.RegionOpeningException', 'wait'],
    // The server goes, or is not there yet.
    ['regionserver.RegionServerStoppedException', 'reconnect'],
    ['regionserver.RegionServerAbortedException', 'reconnect'],
    ['ipc.ServerNotRunningYetException', 'reconnect'],
    ['exceptions.MasterStoppedException', 'reconnect'],
    ['ipc.NotPrimaryMasterException', 'reconnect'],
    ['MasterNotRunningException', 'reconnect'],
    ['PleaseHoldException', 'wait'],
    // It has too much to do.
    ['RegionTooBusyException', 'overloaded'],
    ['CallQueueTooBigException', 'overloaded'],
    ['CallDroppedException', 'overloaded'],
    ['exceptions.TimeoutIOException', 'overloaded'],
    ['quotas.RpcThrottlingException', 'overloaded'],
    // It did a part.
    ['RetryImmediatelyException', 'now'],
    ['MultiActionResultTooLarge', 'now'],
    ['exceptions.RequestTooBigException', 'split'],
    // The scanner is lost, whatever do_not_retry says.
    ['UnknownScannerException', 'rescan'],
    ['exceptions.ScannerResetException', 'rescan'],
    ['exceptions.OutOfOrderScannerNextException', 'rescan'],
    ['regionserver.LeaseException', 'rescan'],
    // Final also where no flag says so, as inside a Multi.
    ['DoNotRetryIOException', 'refused'],
    ['TableNotFoundException', 'refused'],
    ['TableNotEnabledException', 'refused'],
    ['TableNotDisabledException', 'refused'],
    ['TableExistsException', 'refused'],
    ['NamespaceNotFoundException', 'refused'],
    ['NamespaceExistException', 'refused'],
    ['regionserver.NoSuchColumnFamilyException', 'refused'],
    ['security.AccessDeniedException', 'refused'],
    ['exceptions.FailedSanityCheckException', 'refused'],
    ['regionserver.RowTooBigException', 'refused'],
    ['quotas.QuotaExceededException', 'refused'],
    ['quotas.SpaceLimitingException', 'refused'],
    ['io.hfile.CorruptHFileException', 'refused'],
    ['client.WrongRowIOException', 'refused'],
    ['exceptions.UnknownProtocolException', 'refused'],
    ['ipc.FatalConnectionException', 'refused'],
    ['ipc.BadAuthException', 'refused'],
    ['ipc.WrongVersionException', 'refused'],
    ['ipc.UnsupportedCellCodecException', 'refused'],
    ['ipc.UnsupportedCompressionCodecException', 'refused'],
    ['ipc.UnknownServiceException', 'refused'],
    // Not known to be either.
    ['SomethingNewException', 'probe'],
  ])('%s means %s', (simple, remedy) => {
    expect(new RemoteFault(name(simple), '').remedy).toBe(remedy)
  })

  test('the flag decides where the class says nothing', () => {
    expect(new RemoteFault('java.io.IOException', '', { doNotRetry: true }).remedy).toBe('refused')
    expect(new RemoteFault('java.io.IOException', '', { overloaded: true }).remedy).toBe(
      'overloaded',
    )
    // Carries do_not_retry, yet a new scanner helps.
    expect(new RemoteFault(name('UnknownScannerException'), '', { doNotRetry: true }).remedy).toBe(
      'rescan',
    )
  })

  test('a row outside of its region is looked up again once, then it is final', () => {
    const text = (said: string) => `${name('exceptions.FailedSanityCheckException')}: ${said}`
    const failed = (said: string) =>
      new RemoteFault(name('exceptions.FailedSanityCheckException'), text(said))
    const outside = failed('Requested row out of range for batchMutate on HRegion t,,1.x.')
    expect(outside.remedy).toBe('misplaced')
    expect(failed("Timestamp for KV is out of range. row='Requested row out of'").remedy).toBe(
      'refused',
    )
    const patience = new Patience()
    // Two rows of one round are one try.
    expect([patience.isFinal(outside), patience.isFinal(outside)]).toEqual([false, false])
    expect(patience.forNextRound().isFinal(outside)).toBe(true)
    patience.nextRound()
    expect(patience.isFinal(outside)).toBe(true)
    patience.reset()
    patience.nextRound()
    expect(patience.isFinal(outside)).toBe(false)
  })

  test('a server says where a region went, and as of when', () => {
    const text = (host: string) =>
      `Region moved to: hostname=${host} port=16020 startCode=1700000000000. As of locationSeqNum=42.\n\tat`
    const moved = (host: string) =>
      new RemoteFault(name('exceptions.RegionMovedException'), text(host))
    expect(moved('a.example').movedTo).toEqual({ server: 'a.example:16020', seqNum: 42n })
    expect(moved('fd00::1').movedTo).toEqual({ server: '[fd00::1]:16020', seqNum: 42n })
    expect(new RemoteFault(name('exceptions.RegionMovedException'), 'gone').movedTo).toBe(undefined)
    // At once the first time; then both servers may point at each other.
    expect([1, 2].map((attempt) => backoffMs(attempt, moved('a')) > 0)).toEqual([false, true])
  })

  test('a quota is waited for as long as it says', () => {
    const text = 'number of requests exceeded - wait 1mins, 2sec, 200ms\n\tat ...'
    const fault = new RemoteFault(name('quotas.RpcThrottlingException'), text)
    expect(fault.waitMs).toBe(62_200)
    expect(backoffMs(1, fault)).toBeGreaterThan(49_000)
  })

  test('its words stay out of the error', () => {
    const error = new RemoteFault(name('DoNotRetryIOException'), "row='secret'").toError({
      table: 't',
    })
    expect(JSON.stringify([error, error.message, error.stack])).not.toContain('secret')
    expect(error.cause).toBeUndefined()
  })
})

describe('names', () => {
  test.each(['', ':', 'a:', 'a b', '.t', '-t', 'a:b:c', 'a\u0000'])('%j is no table', (table) => {
    expect(() => parseTableName(table)).toThrow(
      expect.objectContaining({ code: 'TABLE_NAME_INVALID' }),
    )
  })

  test('a table of the default namespace has one name', () => {
    expect(canonicalTableName('default:t')).toBe('t')
    expect(canonicalTableName('n:t')).toBe('n:t')
  })

  test.each(['host', 'host:', ':1', 'host:0', 'host:65536', '::1:5'])(
    '%j is no address',
    (address) => {
      expect(() => parseAddress(address)).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION' }),
      )
    },
  )

  test.each([
    ['a host for all its ports', { a: 'x' }, 'a:1', 'x:1'],
    ['a port of a host before the host', { a: 'x', 'a:1': 'y:2' }, 'a:1', 'y:2'],
    ['but not another port', { 'a:1': 'y:2' }, 'a:3', 'a:3'],
    ['a port for a host', { a: 'x:9' }, 'a:1', 'x:9'],
    ['IPv6 without a port', { a: 'fd00::1' }, 'a:1', '[fd00::1]:1'],
    ['IPv6 with a port', { '[::1]:5': '[fd00::1]:6' }, '[::1]:5', '[fd00::1]:6'],
    ['IPv6 by its address', { '::1': 'x' }, '[::1]:5', 'x:5'],
    ['names that objects have by themselves', {}, 'constructor:1', 'constructor:1'],
  ])('hosts: %s', (_what, hosts, server, instead) => {
    expect(reachable(server, hosts)).toEqual(parseAddress(instead))
  })

  test.each(['', 'x:', 'x:y', ':1', '[::1'])('%j is nowhere to connect to', (instead) => {
    expect(() => {
      checkHosts({ a: instead })
    }).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }))
  })

  test.each([
    ['neither', {}],
    ['both', { endpoints: ['a:1'], zookeeper: { quorum: 'z' } }],
    ['no endpoint', { endpoints: [] }],
    ['an empty member', { zookeeper: { quorum: 'z:1,,y:1' } }],
    ['no path', { zookeeper: { quorum: 'z', znode: 'hbase' } }],
  ])('a client is refused that is told %s', (_what, options) => {
    expect(() => new HBaseClient(options)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION' }),
    )
  })

  test('an IPv6 address stands in brackets', () => {
    expect(parseAddress('[::1]:5')).toEqual({ host: '::1', port: 5 })
  })
})

test('every error code says whether repeating helps, in a sentence', () => {
  for (const [code, { text, retryable }] of Object.entries(ERRORS)) {
    const error = new HBaseError(code as keyof typeof ERRORS)
    expect(error.retryable).toBe(retryable)
    expect(text).toMatch(/^[A-Z].*[^.]$/)
  }
})
