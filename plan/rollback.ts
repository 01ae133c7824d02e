import type { Gate } from '../model/project.ts'

export interface RollbackState {
  /** What changes may have gone by unlogged since the switchover; null when the capture is whole. */
  readonly damage: string | null
  /** Changes that were logged since the switchover and wait. */
  readonly changes: number
  readonly writersStopped: boolean
}

/** Every gate before a switchover is taken back, in the order in which their reasons matter. */
export const rollbackGates = ({
  damage,
  changes,
  writersStopped,
}: RollbackState): readonly Gate[] => [
  { name: 'capture', reading: damage ?? 'whole', because: damage },
  { name: 'changes since the switchover', reading: `${changes}, all kept`, because: null },
  {
    name: 'writers',
    reading: writersStopped ? 'stopped, as confirmed' : 'not confirmed',
    because: writersStopped
      ? null
      : 'nobody confirmed that no application writes to HBase any more',
  },
]
