import type { Dice } from './dice.ts'
import type { Pipe, Shape, Weather } from './link.ts'

const pass: Shape = (frame, pipe) => {
  pipe.send(frame)
}

/** With this probability the first, else the frame passes. The header of a connection always passes. */
const sometimes =
  (dice: Dice, probability: number, shape: Shape): Shape =>
  (frame, pipe) => {
    if (pipe.frame > 1 && dice.roll() < probability) shape(frame, pipe)
    else pass(frame, pipe)
  }

/** Sends the frame up to a random byte and nothing more, then cuts the connection. */
const cutInside =
  (dice: Dice): Shape =>
  (frame, { send, link }) => {
    send(frame.subarray(0, dice.between(0, frame.length - 1)))
    link.isSilent = true
    // What was sent shall arrive: a reset would overtake it.
    setTimeout(() => {
      link.cut()
    }, 5)
  }

/** Keeps the order of frames, each after a pause of its own. */
function inTurn(pace: (frame: Buffer, pipe: Pipe) => Promise<void>): Shape {
  const last = new WeakMap<object, Promise<void>>()
  return (frame, pipe) => {
    const before = last.get(pipe.send) ?? Promise.resolve()
    last.set(
      pipe.send,
      before.then(() => pace(frame, pipe)),
    )
  }
}

const delayed = (dice: Dice): Shape =>
  inTurn(async (frame, pipe) => {
    await new Promise((resolve) => setTimeout(resolve, dice.between(0, 30)))
    pipe.send(frame)
  })

const byteByByte = (): Shape =>
  inTurn(async (frame, pipe) => {
    for (const byte of frame) {
      pipe.send(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

const twice: Shape = (frame, { send }) => {
  send(frame)
  send(frame)
}

export interface Storm {
  readonly name: string
  /** Whether every call succeeds nevertheless. */
  readonly passable?: boolean
  /** How many rows the table has; 300 when not said. */
  readonly rows?: number
  weather(dice: Dice, probability: number): Weather
}

/** Everything a network does, as a function of how often it does it. */
export const STORMS: readonly Storm[] = [
  {
    name: 'delays every frame',
    passable: true,
    weather: (dice) => ({ request: delayed(dice), answer: delayed(dice) }),
  },
  {
    name: 'delivers byte by byte',
    passable: true,
    rows: 40,
    weather: () => ({ request: byteByByte(), answer: byteByByte() }),
  },
  {
    name: 'sends requests twice',
    passable: true,
    weather: (dice, often) => ({ request: sometimes(dice, often, twice) }),
  },
  {
    name: 'opens every connection twice',
    passable: true,
    weather: () => ({
      request: (frame, pipe) => {
        if (pipe.frame === 1) pipe.link.mirror(Buffer.from('HBas\x00\x50', 'latin1'))
        pipe.send(frame)
      },
    }),
  },
  {
    name: 'cuts requests',
    weather: (dice, often) => ({ request: sometimes(dice, often, cutInside(dice)) }),
  },
  {
    name: 'cuts answers',
    weather: (dice, often) => ({
      answer: (frame, pipe) => {
        if (dice.roll() < often) cutInside(dice)(frame, pipe)
        else pipe.send(frame)
      },
    }),
  },
  {
    name: 'loses answers, and the connection stays',
    weather: (dice, often) => ({
      answer: (frame, pipe) => {
        if (dice.roll() >= often) pipe.send(frame)
      },
    }),
  },
  {
    name: 'delivers answers after their time',
    weather: (dice, often) => ({
      answer: (frame, pipe) => {
        if (dice.roll() < often) setTimeout(pipe.send, dice.between(450, 900), frame)
        else pipe.send(frame)
      },
    }),
  },
  {
    name: 'closes towards the client, which may still send',
    weather: (dice, often) => ({
      answer: (frame, pipe) => {
        pipe.send(frame)
        if (dice.roll() < often) pipe.end()
      },
    }),
  },
  {
    name: 'closes towards the server, which may still answer',
    weather: (dice, often) => ({
      request: sometimes(dice, often, (frame, pipe) => {
        pipe.send(frame)
        pipe.end()
      }),
    }),
  },
  {
    name: 'accepts connections and swallows everything',
    weather: (dice, often) => ({
      opened: (link) => {
        link.isSilent = dice.roll() < often
        return false
      },
    }),
  },
  {
    name: 'falls silent after some calls',
    weather: (dice, often) => ({
      request: sometimes(dice, often, (frame, pipe) => {
        if (pipe.frame > 2) pipe.link.isSilent = true
        pipe.send(frame)
      }),
    }),
  },
  {
    name: 'refuses connections',
    weather: (dice, often) => ({
      opened: (link) => {
        if (dice.roll() >= often) return false
        link.cut()
        return true
      },
    }),
  },
  {
    name: 'ends connections after an answer',
    weather: (dice, often) => ({
      answer: (frame, pipe) => {
        pipe.send(frame)
        if (dice.roll() < often)
          setTimeout(() => {
            pipe.link.cut()
          }, 1)
      },
    }),
  },
]
