import type { Place } from '../project.ts'
import { append } from './append.ts'
import type { LogMode } from './mode.ts'

/** How the log of a source is kept. */
export const modeOf: (place: Pick<Place, 'client'>) => LogMode = () => append
