import type { Certificate, Project } from '../model/project.ts'
import { chained, sealed } from './certify.ts'
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

  /** Dates a certificate, chains what each table was found to be, and signs it where there is a key. */
  issueCertificate(content: Omit<Certificate, 'issuedAt' | 'digest'>): Promise<Certificate> {
    const tables = content.tables.map(chained)
    return Promise.resolve(
      sealed({ ...content, tables, issuedAt: new Date().toISOString() }, context.signingKey),
    )
  },
})
