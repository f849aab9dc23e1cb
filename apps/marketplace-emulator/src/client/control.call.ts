/** The emulator has refused the call; the message is its own. */
export class ControlRefused extends Error {
  readonly code = 'CONTROL_REFUSED';

  constructor(
    /** 400: wrong input. 404: no such thing. 409: not possible now. */
    readonly status: number,
    message: string,
    /** Field by field, where the input was wrong. */
    readonly problems: { field: string; problem: string }[],
  ) {
    super(message);
  }
}

/** No answer came from the control API, or none of its own: another program may have the port. */
export class ControlUnreachable extends Error {
  readonly code = 'CONTROL_UNREACHABLE';

  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? String(cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
    super(
      `The emulator's control API does not answer at ${url} (${reason}). Is the emulator running, and does the address end in /control?`,
      { cause },
    );
  }
}

type Query = Record<string, string | number | undefined>;

/** One call of the control API. */
export class ControlCall {
  private readonly base: string;

  /** @param controlUrl as the emulator prints it: ends in `/control` */
  constructor(controlUrl: string) {
    this.base = controlUrl.replace(/(?<!\/)\/+$/, '');
  }

  get<A>(path: string, query: Query = {}): Promise<A> {
    const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
    const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
    return this.send<A>('GET', text === '' ? path : `${path}?${text}`);
  }

  /** @throws ControlRefused with the emulator's sentence, or ControlUnreachable */
  async send<A>(method: string, path: string, body?: unknown): Promise<A> {
    const url = `${this.base}${path}`;
    const { response, text } = await this.answer(method, url, body);
    if (response.status === 204) return undefined as A;
    const answer = parsed(text);
    if (response.ok && answer !== undefined) return answer as A;
    const { error, problems } = (answer ?? {}) as { error?: unknown; problems?: { field: string; problem: string }[] };
    if (typeof error === 'string') throw new ControlRefused(response.status, error, problems ?? []);
    throw new ControlUnreachable(url, `status ${response.status}: ${text.slice(0, 200)}`);
  }

  private async answer(method: string, url: string, body: unknown) {
    try {
      const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(url, { method, ...(body === undefined ? {} : json) });
      return { response, text: await response.text() };
    } catch (error) {
      throw new ControlUnreachable(url, error);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not an answer of the control API
  }
}
