/** The same thing, in parts otherwise. */
export const over = <Thing extends object>(thing: Thing, parts: Partial<Thing>): Thing =>
  Object.assign(Object.create(thing) as Thing, parts)
