/** What the command line may say to a project: the one file of workflows/ that it shares (house.md 2). */
// eslint-disable-next-line @typescript-eslint/no-restricted-imports -- the wall means to leave this file open
export {
  ATTRIBUTES,
  answer,
  applyId,
  applyStatus,
  CONTROL_QUEUE,
  loadStatus,
  pause,
  projectId,
  projectStatus,
  release,
  resume,
  switchOverNow,
  verify,
  verifyStatus,
  type Control,
} from '../workflows/messages.ts'
