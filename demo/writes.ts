import { CUSTOMERS, customerOf } from './plays.ts'
import { between, oneOf, type Random } from './random.ts'

export interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** What the application knows of the rows it wrote itself. */
export interface Known {
  /** Rows the large table was made with. */
  readonly rows: number
  nextPlay: number
  nextInvoice: number
  nextLine: number
  nextArtist: number
  readonly invoices: number[]
  readonly artists: number[]
}

export const known = (rows: number): Known => ({
  rows,
  nextPlay: rows + 1,
  nextInvoice: 1_000,
  nextLine: 10_000,
  nextArtist: 1_000,
  invoices: [],
  artists: [],
})

type Write = (random: Random, state: Known) => Statement[]

const say = (sql: string, ...values: unknown[]): Statement => ({ sql, values })

const REMARKS = [null, '', 'skipped', 'très bien', '再听一次 🎧', "it's ~ | fine", 'x'.repeat(120)]
const DEVICES = [null, 'phone', 'desktop', 'car', 'speaker']

/** A play that was there at the beginning; it may be gone or renumbered by now. */
function play(random: Random, { rows }: Known): readonly [number, number] {
  const n = between(random, 1, rows)
  return [customerOf(n, rows), n]
}

const PLAY_COLUMNS =
  'CustomerId, PlayId, TrackId, StartedAt, Seconds, Volume, Rating, Device, Remark, Fingerprint, SyncedAt'

function newPlay(random: Random, verb: string, customer: number, id: number): Statement {
  return say(
    `${verb} INTO Play (${PLAY_COLUMNS}) VALUES (?, ?, ?, NOW(3), ?, ?, ?, ?, ?, UNHEX(LEFT(SHA2(?, 256), 16)), ?)`,
    ...[customer, id, between(random, 1, 3503), between(random, 30_000, 600_000) / 1000],
    random() < 0.2 ? null : between(random, 0, 1024) / 1024,
    random() < 0.3 ? null : between(random, -5, 5),
    ...[oneOf(random, DEVICES), oneOf(random, REMARKS), id],
    random() < 0.5 ? null : `2025-03-${String(between(random, 10, 28))} 02:30:00`,
  )
}

const insertPlays: Write = (random, state) =>
  Array.from({ length: between(random, 1, 4) }, () =>
    newPlay(random, 'INSERT', between(random, 1, CUSTOMERS), state.nextPlay++),
  )

const updatePlay: Write = (random, state) => [
  say(
    'UPDATE Play SET Remark = ?, Rating = ?, Volume = Volume / 2 WHERE CustomerId = ? AND PlayId = ?',
    oneOf(random, REMARKS),
    oneOf(random, [null, 1, 5]),
    ...play(random, state),
  ),
]

const forgetPlay: Write = (random, state) => [
  say(
    'UPDATE Play SET Remark = NULL, Rating = NULL, Device = NULL, SyncedAt = NULL WHERE CustomerId = ? AND PlayId = ?',
    ...play(random, state),
  ),
]

const deletePlay: Write = (random, state) => [
  say('DELETE FROM Play WHERE CustomerId = ? AND PlayId = ?', ...play(random, state)),
]

/** The same key comes back with other values: in the same transaction, and by REPLACE. */
const reinsertPlay: Write = (random, state) => {
  const [customer, id] = play(random, state)
  if (random() < 0.5) return [newPlay(random, 'REPLACE', customer, id)]
  return [
    say('DELETE FROM Play WHERE CustomerId = ? AND PlayId = ?', customer, id),
    newPlay(random, 'INSERT', customer, id),
  ]
}

/** Either part of a composite key changes. */
const movePlay: Write = (random, state) => [
  random() < 0.5
    ? say(
        'UPDATE Play SET PlayId = ? WHERE CustomerId = ? AND PlayId = ?',
        state.nextPlay++,
        ...play(random, state),
      )
    : say(
        'UPDATE IGNORE Play SET CustomerId = ? WHERE CustomerId = ? AND PlayId = ?',
        between(random, 1, CUSTOMERS),
        ...play(random, state),
      ),
]

/** A table whose columns are all part of the key. */
const changePlaylist: Write = (random) => {
  const key = [between(random, 1, 18), between(random, 1, 3503)]
  return [
    oneOf(random, [
      say('INSERT IGNORE INTO PlaylistTrack (PlaylistId, TrackId) VALUES (?, ?)', ...key),
      say('DELETE FROM PlaylistTrack WHERE PlaylistId = ? AND TrackId = ?', ...key),
      say(
        'UPDATE IGNORE PlaylistTrack SET TrackId = ? WHERE PlaylistId = ? AND TrackId = ?',
        between(random, 1, 3503),
        ...key,
      ),
    ]),
  ]
}

const changeTracks: Write = (random) => {
  const first = between(random, 1, 3490)
  return [
    say(
      'UPDATE Track SET UnitPrice = ?, Composer = ?, Bytes = NULLIF(Bytes, ?) WHERE TrackId BETWEEN ? AND ?',
      oneOf(random, ['0.99', '1.29', '0.00']),
      oneOf(random, [null, 'Antônio Carlos Jobim', '']),
      between(random, 1, 9),
      ...[first, first + between(random, 0, 5)],
    ),
  ]
}

const changeCustomer: Write = (random) => [
  say(
    'UPDATE Customer SET Company = ?, Fax = ?, SupportRepId = ? WHERE CustomerId = ?',
    oneOf(random, [null, 'Zürich & Söhne', '']),
    oneOf(random, [null, '+49 30 123456']),
    oneOf(random, [null, 3, 4, 5]),
    between(random, 1, CUSTOMERS),
  ),
]

const sell: Write = (random, state) => {
  const invoice = state.nextInvoice++
  state.invoices.push(invoice)
  const lines = between(random, 1, 5)
  return [
    say(
      `INSERT INTO Invoice (InvoiceId, CustomerId, InvoiceDate, BillingCity, Total) VALUES (?, ?, NOW(), ?, ?)`,
      ...[invoice, between(random, 1, CUSTOMERS), oneOf(random, ['São Paulo', null]), lines * 0.99],
    ),
    ...Array.from({ length: lines }, () =>
      say(
        'INSERT INTO InvoiceLine VALUES (?, ?, ?, 0.99, 1)',
        ...[state.nextLine++, invoice, between(random, 1, 3503)],
      ),
    ),
  ]
}

const refund: Write = (random, { invoices }) => {
  const invoice = invoices.splice(between(random, 0, invoices.length), 1)[0]
  if (invoice === undefined) return []
  return [
    say('DELETE FROM InvoiceLine WHERE InvoiceId = ?', invoice),
    say('DELETE FROM Invoice WHERE InvoiceId = ?', invoice),
  ]
}

/** A single key that is given another number, and sometimes taken again by a new row. */
const renumberArtist: Write = (random, state) => {
  const old = state.artists.splice(between(random, 0, state.artists.length), 1)[0]
  const id = state.nextArtist++
  state.artists.push(id)
  if (old === undefined) return [say('INSERT INTO Artist VALUES (?, ?)', id, `Artist ${id}`)]
  const move = say('UPDATE Artist SET ArtistId = ? WHERE ArtistId = ?', id, old)
  if (random() < 0.5) return [move]
  state.artists.push(old)
  return [move, say('INSERT IGNORE INTO Artist VALUES (?, NULL)', old)]
}

/** How often each of them comes, in a hundred or so. */
const MIX: readonly (readonly [weight: number, write: Write])[] = [
  [16, insertPlays],
  [20, updatePlay],
  [6, forgetPlay],
  [8, deletePlay],
  [10, reinsertPlay],
  [8, movePlay],
  [14, changePlaylist],
  [8, changeTracks],
  [4, changeCustomer],
  [6, sell],
  [3, refund],
  [4, renumberArtist],
]

const WEIGHTS = MIX.reduce((sum, [weight]) => sum + weight, 0)

function pick(random: Random): Write {
  let at = random() * WEIGHTS
  for (const [weight, write] of MIX) {
    at -= weight
    if (at < 0) return write
  }
  return updatePlay
}

/** The statements of one transaction. */
export const transaction = (random: Random, state: Known): Statement[] =>
  Array.from({ length: between(random, 1, 4) }, () => pick(random)(random, state)).flat()
