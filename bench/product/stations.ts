import { BLUE, GREY } from './chart.ts'
import type { Bar } from './chart.ts'
import { micros, STATIONS } from './measure.ts'
import type { Cpu, Station } from './measure.ts'

const COLOURS: Readonly<Record<Station, string>> = {
  client: BLUE,
  source: '#e0a030',
  hbase: GREY,
  temporal: '#b06fc4',
}

export const NAMES: Readonly<Record<Station, string>> = {
  client: 'worker, or loader',
  source: 'source',
  hbase: 'HBase',
  temporal: 'Temporal',
}

export const LEGEND = STATIONS.map((name) => [NAMES[name], COLOURS[name]] as const)

/** Processor time, station by station, of each row or change. */
export function stationsBar(label: string, of: { readonly cpu: Cpu; readonly rows: number }): Bar {
  return {
    label,
    parts: STATIONS.map((name) => ({ value: micros(of, [name]), colour: COLOURS[name] })),
    text: micros(of, STATIONS).toFixed(1),
  }
}

/** The middle of several, station by station. */
export function middleCpu(all: readonly { readonly cpu: Cpu; readonly rows: number }[]) {
  const middle = (name: Station): number =>
    all.map((one) => micros(one, [name])).toSorted((a, b) => a - b)[all.length >> 1] ?? 0
  const cpu = Object.fromEntries(STATIONS.map((name) => [name, middle(name) / 1e6])) as Record<
    Station,
    number
  >
  return { cpu, rows: 1 }
}
