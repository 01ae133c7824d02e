/** What the command line may say to a project: the one file of workflows/ that it shares (house.md 2). */
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
  reload,
  resume,
  switchOverNow,
  verify,
  verifyStatus,
  type Control,
} from '../workflows/messages.ts'
