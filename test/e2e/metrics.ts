/** What a worker's page for Prometheus says, by the name of a metric and its labels as they are printed; 0 when nothing. */
export async function metric(port: number, name: string, labels: string): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`${name}{${labels}} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}
