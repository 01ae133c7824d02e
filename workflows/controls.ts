import { log, setHandler } from '@temporalio/workflow'
import type { Control } from './messages.ts'

/** Registers a control under both of its faces. Handlers only change state: no awaits, no interleaving. */
export function onControl<Argument>(
  control: Control<Argument>,
  act: (argument: Argument) => string,
  check: (argument: Argument) => void = () => undefined,
): void {
  setHandler(control.update, act, { validator: check, description: control.description })
  onSignal(control, act, check)
}

/** The signal's face alone, for a control whose Update has an answer of its own. */
export function onSignal<Argument, Answered>(
  { name, description, signal }: Control<Argument, Answered>,
  act: (argument: Argument) => unknown,
  check: (argument: Argument) => void = () => undefined,
): void {
  setHandler(
    signal,
    (argument) => {
      try {
        check(argument)
      } catch (error) {
        log.warn('signal ignored', {
          name,
          why: error instanceof Error ? error.message : 'unknown',
        })
        return
      }
      act(argument)
    },
    { description },
  )
}
