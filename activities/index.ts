import { applyActivities } from './apply.ts'
import type { ActivityContext } from './context.ts'
import { controlActivities } from './control.ts'
import { correctActivities } from './correct.ts'
import { loadActivities } from './load.ts'
import { prepareActivities } from './prepare.ts'
import { releaseActivities } from './release.ts'
import { sumActivities } from './sum.ts'
import { sweepActivities } from './sweep.ts'
import { switchActivities } from './switch.ts'
import { verifyActivities } from './verify.ts'
import { verifyListedActivities } from './verify-listed.ts'

/** Everything the workflows may ask for, around what a worker lends. */
export const createActivities = (context: ActivityContext) => ({
  ...controlActivities(context),
  ...prepareActivities(context),
  ...loadActivities(context),
  ...applyActivities(context),
  ...verifyActivities(context),
  ...verifyListedActivities(context),
  ...sumActivities(context),
  ...correctActivities(context),
  ...switchActivities(context),
  ...releaseActivities(context),
  ...sweepActivities(context),
})

export type Activities = ReturnType<typeof createActivities>
