import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServices, startWitness } from '../../services/index.ts'
import type { RunningService, Witness, WitnessCell } from '../../services/index.ts'

let folder = ''
let hbase: RunningService
let witness: Witness
const log = (): void => undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-hbase-'))
  hbase = (await startServices(['hbase'], { folder, log })).hbase
  witness = await startWitness(hbase, log)
})

afterAll(async () => {
  await witness.close()
  await hbase.stop()
  await rm(folder, { recursive: true, force: true })
})

const hex = (text: string): string => Buffer.from(text).toString('hex')

async function cells(options = {}): Promise<WitnessCell[]> {
  const found: WitnessCell[] = []
  for await (const cell of witness.dump('shop', options)) found.push(cell)
  return found
}

const cell = (row: string, value: string, timestamp: number): WitnessCell => {
  return { row, family: hex('f'), qualifier: hex('q'), timestamp, value }
}

describe('the witness', () => {
  test('puts, deletes and dumps any bytes, and goes on after an error', async () => {
    await witness.command('create', 'shop', hex('f'))
    expect(await witness.tables()).toEqual(['shop'])
    await witness.put('shop', cell('00ff', '', 5))
    await witness.put('shop', cell('01', '807f', 7))
    await witness.deleteRow('shop', '01')
    expect(await cells()).toEqual([{ ...cell('00ff', '', 5), type: 'Put' }])
    expect((await cells({ raw: true })).map(({ type }) => type)).toEqual([
      'Put',
      'DeleteFamily',
      'Put',
    ])
    await expect(witness.command('dump', 'absent')).rejects.toThrow('TableNotFoundException')
    for await (const first of witness.dump('shop', { raw: true })) {
      expect(first.row).toBe('00ff')
      break
    }
    expect(await witness.tables()).toEqual(['shop'])
  })

  test('sees all that was acknowledged before a SIGKILL, on the same ports', async () => {
    const { address, regionServer, zookeeper } = hbase
    for (let row = 0; row < 50; row++) {
      await witness.put('shop', cell((row + 0x1000).toString(16), hex(`v${row}`), 100 + row))
    }
    await hbase.kill('SIGKILL')
    await hbase.restart()
    expect(hbase).toMatchObject({ address, regionServer, zookeeper })
    expect(await cells()).toHaveLength(51)
  })
})
