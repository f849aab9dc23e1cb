/** A request to a configured address, bounded in time and size, that follows no redirect. */
export interface FetchBounds {
  timeLimitMs: number;
  bodyLimitBytes: number;
}

/**
 * Reads a JSON document. A redirect is an error: only configured hosts are ever asked.
 * @throws Error saying what the address did instead of answering
 */
export async function fetchJson(url: string, { timeLimitMs, bodyLimitBytes }: FetchBounds): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeLimitMs),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${new URL(url).origin} answered ${response.status}`);
  }
  return JSON.parse(await boundedText(response, bodyLimitBytes));
}

/** The body of an answer. @throws Error where it has more bytes than the limit */
export async function boundedText(response: Response, bodyLimitBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyLimitBytes) throw new Error(`${new URL(response.url).origin} answered with more than ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
