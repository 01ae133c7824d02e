import { STATIONS, type Shares, type Station } from '../model/stations.ts'

/** What is told is told of so many milliseconds. */
const SPAN_MS = 5000

type Millis = Record<Station, number>

/** How long it was at each station, and the thread busy, until then. */
interface Mark extends Millis {
  readonly at: number
  readonly busy: number
}

export interface Clock {
  readonly now: () => number
  /** Milliseconds that this thread was not idle, since it began. */
  readonly busy: () => number
}

const CLOCK: Clock = {
  now: () => performance.now(),
  busy: () => performance.eventLoopUtilization().active,
}

const nothing = (): Millis => ({ source: 0, worker: 0, hbase: 0, limit: 0 })

/**
 * Where a loop over rows spends its time: it is at one station or at none, whatever else goes on meanwhile. Looks at the
 * clock once per change, which is a few times per page.
 */
export class Stations {
  private readonly tell: (station: Station, seconds: number) => void
  private readonly clock: Clock
  private readonly spent = nothing()
  private readonly marks: Mark[]
  private told = nothing()
  private station: Station | null = null
  private since: number

  constructor(
    tell: (station: Station, seconds: number) => void = () => undefined,
    clock: Clock = CLOCK,
  ) {
    this.tell = tell
    this.clock = clock
    this.since = clock.now()
    this.marks = [this.mark()]
  }

  /** From now on it is there; returns where it was. */
  at(station: Station | null): Station | null {
    const before = this.station
    const now = this.clock.now()
    if (before !== null) this.spent[before] += now - this.since
    this.since = now
    this.station = station
    return before
  }

  /** Tells what was not told yet. */
  flush(): void {
    this.at(this.station)
    for (const station of STATIONS) {
      const millis = this.spent[station] - this.told[station]
      if (millis > 0) this.tell(station, millis / 1000)
    }
    this.told = { ...this.spent }
  }

  /** The last seconds, when asked once a second. A wait that has not ended counts. */
  shares(): Shares {
    this.at(this.station)
    const now = this.mark()
    this.marks.push(now)
    while (this.marks.length > 2 && now.at - (this.marks[1] as Mark).at >= SPAN_MS)
      this.marks.shift()
    const from = this.marks[0] as Mark
    const share = (what: keyof Shares): number =>
      Math.round((100 * (now[what] - from[what])) / Math.max(1, now.at - from.at)) / 100
    return {
      source: share('source'),
      hbase: share('hbase'),
      limit: share('limit'),
      busy: share('busy'),
    }
  }

  private mark(): Mark {
    return { ...this.spent, at: this.clock.now(), busy: this.clock.busy() }
  }
}
