import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** How one protobuf type is written and read. */
export interface Type<T> {
  readonly wire: 0 | 2 | 5
  write(to: Writer, value: T): void
  read(from: Reader): T
}

export interface Field<T> {
  readonly number: number
  readonly type: Type<T>
  readonly list: boolean
}

/** A repeated field. */
export interface ListField<T> extends Field<T> {
  readonly list: true
}

type Fields = Readonly<Record<string, Field<unknown>>>

type ListNames<F> = { [K in keyof F]: F[K] extends ListField<unknown> ? K : never }[keyof F]

/** The value of a message: lists are always there, everything else may be missing. */
export type Values<F extends Fields> = {
  readonly [K in ListNames<F>]: F[K] extends Field<infer T> ? readonly T[] : never
} & {
  readonly [K in Exclude<keyof F, ListNames<F>>]?: F[K] extends Field<infer T>
    ? T | undefined
    : never
}

export type ValueOf<M> = M extends Type<infer T> ? T : never

const scalar =
  <T>(type: Type<T>) =>
  (number: number): Field<T> => ({ number, type, list: false })

export const uint = scalar<number>({
  wire: 0,
  write: (to, value) => {
    to.uint(value)
  },
  read: (from) => from.uint(),
})

/** Signed; protobuf writes negative numbers as 64 bits of two's complement. */
export const int = scalar<number>({
  wire: 0,
  write: (to, value) => {
    to.uint64(BigInt(value))
  },
  read: (from) => Number(BigInt.asIntN(64, from.uint64())),
})

/** For ids that use all 64 bits. */
export const uint64 = scalar<bigint>({
  wire: 0,
  write: (to, value) => {
    to.uint64(value)
  },
  read: (from) => from.uint64(),
})

export const bool = scalar<boolean>({
  wire: 0,
  write: (to, value) => {
    to.uint(value ? 1 : 0)
  },
  read: (from) => from.uint() !== 0,
})

export const float = scalar<number>({
  wire: 5,
  write: (to, value) => {
    to.float(value)
  },
  read: (from) => from.float(),
})

export const bytes = scalar<Uint8Array>({
  wire: 2,
  write: (to, value) => {
    to.block(value)
  },
  read: (from) => from.block(),
})

export const string = scalar<string>({
  wire: 2,
  write: (to, value) => {
    to.block(Buffer.from(value))
  },
  read: (from) => from.block().toString(),
})

export const nested = <T>(number: number, type: Type<T>): Field<T> => ({
  number,
  type,
  list: false,
})

export const list = <T>(field: Field<T>): ListField<T> => ({ ...field, list: true })

/** A type that can also stand on its own, as the parameter or the answer of a call. */
export interface Message<T> extends Type<T> {
  /** The bytes, after `headroom` free ones. */
  encode(value: T, headroom?: number): Buffer
  /** Reads the bytes; what it returns are views of them. Throws a RangeError when they are broken. */
  decode(bytes: Uint8Array): T
}

/** A message type from its fields; unknown fields are passed over when reading. */
export function message<F extends Fields>(fields: F): Message<Values<F>> {
  const known = new Map(Object.entries(fields).map(([name, f]) => [f.number, { name, ...f }]))
  const encode = (value: Values<F>, headroom = 0) => {
    const writer = new Writer(headroom)
    writeFields(writer, fields, value)
    return writer.bytes
  }
  return {
    wire: 2,
    write: (to, value) => {
      to.block(encode(value))
    },
    read: (from) => readFields(from.nested(), known) as Values<F>,
    encode,
    decode: (given) => readFields(new Reader(asBuffer(given)), known) as Values<F>,
  }
}

/** The same bytes as a Buffer, without a copy. */
export const asBuffer = (from: Uint8Array): Buffer =>
  Buffer.isBuffer(from) ? from : Buffer.from(from.buffer, from.byteOffset, from.length)

function writeFields(to: Writer, fields: Fields, value: object): void {
  const values = value as Readonly<Record<string, unknown>>
  for (const [name, { number, type, list }] of Object.entries(fields)) {
    const given = values[name]
    if (given === undefined) continue
    for (const item of list ? (given as readonly unknown[]) : [given]) {
      to.uint(number * 8 + type.wire)
      type.write(to, item)
    }
  }
}

type Known = ReadonlyMap<number, Field<unknown> & { readonly name: string }>

function readFields(from: Reader, known: Known): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const { name, list } of known.values()) if (list) values[name] = []
  while (from.more) {
    const tag = from.uint()
    const field = known.get(tag >>> 3)
    if (field === undefined) {
      from.skip(tag & 7)
      continue
    }
    readField(from, tag & 7, field, values)
  }
  return values
}

function readField(
  from: Reader,
  wire: number,
  { name, type, list }: Field<unknown> & { readonly name: string },
  values: Record<string, unknown>,
): void {
  if (wire === type.wire) {
    const value = type.read(from)
    if (list) (values[name] as unknown[]).push(value)
    else values[name] = value
  } else if (list && wire === 2) {
    // Packed numbers: HBase sends them one by one, but either form is legal.
    const packed = from.nested()
    while (packed.more) (values[name] as unknown[]).push(type.read(packed))
  } else {
    throw new RangeError(`field ${name} has wire type ${wire}`)
  }
}
