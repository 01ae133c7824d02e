import { sourceContract } from '../../contracts/source.ts'
import { LOGS, openBench } from './server.ts'

for (const [server, log] of LOGS)
  sourceContract(`${server}, log: ${log}`, async () => {
    const bench = await openBench(server, log)
    await bench.run(
      'CREATE TABLE goods (id INT PRIMARY KEY, name VARCHAR(40))',
      'CREATE TABLE keyless (a INT)',
    )
    return {
      source: bench.source,
      table: `${bench.database}.goods`,
      sqlTable: `${bench.database}.goods`,
      keyless: `${bench.database}.keyless`,
      async writer() {
        const connection = await bench.connect()
        const run = async (sql: string): Promise<void> => {
          await connection.query(sql)
        }
        return {
          run,
          begin: () => run('START TRANSACTION'),
          commit: () => run('COMMIT'),
          rollback: () => run('ROLLBACK'),
        }
      },
      close: () => bench.close(),
    }
  })
