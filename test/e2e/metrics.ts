/** What a worker's page for Prometheus says, by the name of a metric and its labels as they are printed; undefined when nothing. */
export async function metric(
  port: number,
  name: string,
  labels: string,
): Promise<number | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`${name}{${labels}} `))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}
