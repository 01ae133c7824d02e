import { createHash } from 'node:crypto'
import type { Certificate, Project } from '../model/project.ts'
import type { ActivityContext } from './context.ts'

export const controlActivities = (context: ActivityContext) => ({
  /** A project that was started by its name alone. */
  async loadProject({ project }: { project: string }): Promise<Project> {
    return context.loadProject(project)
  },

  /** Version of the Temporal server, for the certificate. */
  async greetTemporal(): Promise<{ server: string }> {
    const { serverVersion } = await context.client.workflowService.getSystemInfo({})
    return { server: `Temporal ${serverVersion}` }
  },

  /** Dates a certificate and signs it with a digest of all it says. */
  issueCertificate(content: Omit<Certificate, 'issuedAt' | 'digest'>): Promise<Certificate> {
    const dated = { ...content, issuedAt: new Date().toISOString() }
    return Promise.resolve({ ...dated, digest: digestOf(dated) })
  },
})

/** SHA-256 over the content as JSON with sorted names, in hex; anyone can compute it again. */
export const digestOf = (content: Omit<Certificate, 'digest'>): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(content)))
    .digest('hex')

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  )
}
