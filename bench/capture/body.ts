/** JSON of about so many bytes, as APIs answer it. No dollars and no single quotes: nginx's configuration and wrk's script hold it. */
export function jsonBody(bytes: number): string {
  const rows: string[] = [];
  const whole = (): string => `{"items":[${rows.join(',')}]}`;
  for (let id = 1; ; id++) {
    rows.push(
      `{"id":${id},"name":"Item number ${id}","price":${id}.95,"stock":{"warehouse":"north","count":${id * 7}},"tags":["new","blue"]}`,
    );
    if (whole().length > bytes) break;
  }
  rows.pop();
  return whole().padEnd(bytes, ' ');
}
